"""Curated YAML facts → Anki notes → `.apkg` packages that learners can upgrade."""
