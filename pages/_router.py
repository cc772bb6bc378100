"""The script that Streamlit runs at every visit: names the pages, and runs the one the URL asks for."""

from __future__ import annotations

import streamlit as st

from data import first_imports
from pages.common import url
from pages.common.page import ASSETS, fail_clearly, follow_theme

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
            st.Page(
                "tree_workbench.py",
                title="Change the model",
                icon=":material/build:",
                url_path="tree-workbench",
            ),
            st.Page("compare.py", title="Compare", icon=":material/compare:"),
        ],
        "Judge": [
            st.Page("importance.py", title="Global importance", icon=":material/bar_chart:"),
            st.Page(
                "second_opinion.py",
                title="Model comparison",
                icon=":material/compare_arrows:",
                url_path="second-opinion",
            ),
            st.Page(
                "methods_against_truth.py",
                title="Method benchmark",
                icon=":material/straighten:",
                url_path="methods-against-truth",
            ),
            st.Page("shortcut.py", title="Planted shortcut", icon=":material/science:"),
        ],
        "Learn": [
            st.Page(
                "how_it_works.py", title="How it works", icon=":material/school:", url_path="how-it-works"
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
# Where every visit begins, and nothing waits for a library.
light = page.url_path == ""
with first_imports.turn(imports=not light), url.heard(page.url_path), fail_clearly():
    page.run()
