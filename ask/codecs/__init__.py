"""A question as an address, as words on a command line and as JSON, and back; nothing else is known of front ends."""
