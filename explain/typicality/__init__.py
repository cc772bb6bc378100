"""How usual an input is among what a model learned from."""
