"""The script that Streamlit runs at every visit: names the pages, and runs the one the URL asks for."""

from __future__ import annotations

import streamlit as st

from pages._kit import ASSETS, follow_theme

# Before the navigation: otherwise the browser takes a page's icon for its own, from a host of fonts.
st.set_page_config(page_title="Crumbtrail", page_icon=ASSETS / "icon.svg", layout="wide")
st.logo(ASSETS / "logo.svg", size="large", icon_image=ASSETS / "icon.svg")

page = st.navigation(
    {
        "": [st.Page("catalogue.py", title="Catalogue", icon=":material/grid_view:", default=True)],
        "Explore": [
            st.Page("what_if.py", title="Tabular what-if", icon=":material/tune:", url_path="what-if"),
            st.Page(
                "image_what_if.py", title="Image what-if", icon=":material/image:", url_path="image-what-if"
            ),
        ],
        "Govern": [
            st.Page("lineage.py", title="Lineage", icon=":material/account_tree:"),
            st.Page("records.py", title="Records", icon=":material/receipt_long:"),
        ],
    }
)
if page.url_path:
    st.set_page_config(page_title=f"{page.title} · Crumbtrail")
with st.sidebar:
    follow_theme()
page.run()
