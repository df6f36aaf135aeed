"""The command `cards`."""
