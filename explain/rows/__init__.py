"""What happens to the answer when a row of a table changes."""
