"""The files of the sources → nouns."""
