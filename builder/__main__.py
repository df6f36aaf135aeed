"""`python -m builder` is the command `cards`."""

from builder.cli.main import main

main()
