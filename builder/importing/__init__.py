"""A deck from elsewhere → sources that build it again, and a ledger with its identities."""
