"""The pages. `_router.py` is the script that Streamlit runs; `_kit.py` is what the pages share."""
