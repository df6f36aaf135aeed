"""What must agree with Anki."""
