"""Two answers side by side, and what differs between them."""
