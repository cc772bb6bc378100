"""The image what-if: what is asked about, its three columns, maps and how far each can be trusted."""
