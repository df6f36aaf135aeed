"""What the builder tells people and programs."""
