"""What makes a good card: a rule is a function."""
