"""How far a map can be trusted: its checks, the placebos it is held to, the badge."""
