"""The tabular what-if: its three columns, and the training rows like the one that is shown."""
