"""`python -m builder` is the command `cards`."""

from builder.cli import main

main()
