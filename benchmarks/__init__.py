"""How fast a build is, against a script that one would write by hand for the same notes."""
