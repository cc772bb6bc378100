"""What the parts of a scene really do to the answer, and what the maps make of that."""
