"""Closer looks at an image what-if, one at a time; `sections.py` lists them."""
