"""Notes and what was built before → what Anki knows them by."""
