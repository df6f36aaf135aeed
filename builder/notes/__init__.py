"""Facts → notes."""
