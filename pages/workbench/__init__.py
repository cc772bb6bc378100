"""A tree's own parameters as what-ifs: controls, the tree that comes of them, and keeping it."""
