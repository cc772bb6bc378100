"""Methods, one a file: which pixel or which feature made the answer what it is; and how their maps are drawn."""
