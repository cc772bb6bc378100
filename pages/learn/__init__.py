"""The guides on the page, and their live figures by name in `figures.py`."""
