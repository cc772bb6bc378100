"""The pages, one file each, and what they are made of in rooms beside them. `_router.py` is what Streamlit runs."""
