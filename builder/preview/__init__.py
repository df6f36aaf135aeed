"""A page of all cards as Anki renders them, and a server that renews it."""
