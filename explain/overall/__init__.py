"""What a model does over many inputs, and how much of that is chance."""
