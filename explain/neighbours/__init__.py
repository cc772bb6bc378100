"""The training inputs that are most like an input."""
