"""Looks: further questions about an input or a whole model, as values and sentences, for the command line."""
