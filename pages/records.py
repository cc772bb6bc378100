"""Coming in a few minutes."""

import streamlit as st

st.title("records", anchor=False)
