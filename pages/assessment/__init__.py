"""What is judged over many inputs: importance, second opinions, methods against the truth, the shortcut."""
