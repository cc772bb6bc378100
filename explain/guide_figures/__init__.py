"""The small live figures of the guides: values in, values out. Pages draw them."""
