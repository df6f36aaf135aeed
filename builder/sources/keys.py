"""The keys that mappings of the sources may have: one table for the reader and JSON Schemas."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from builder.model import Kind
from builder.sources.forms import TYPES


class Key(NamedTuple):
    """A key: its meaning, the form of its value, and more that `keys.toml` explains."""

    meaning: str
    form: str = "text"
    required: bool = False
    for_all: bool = False


Keys = Mapping[str, Key]

_TABLE = Path(__file__).with_name("keys.toml").read_text("utf-8")

# What messages call the mapping → its keys.
KEYS: dict[str, Keys] = {
    what: {name: Key(**key) for name, key in keys.items()}
    for what, keys in tomllib.loads(_TABLE).items()
}

# Those of a fact that its file may say for all its facts.
FILE_KEYS = tuple(name for name, key in KEYS["a fact"].items() if key.for_all)

KEYS["a file of facts"] = {
    **KEYS["a file of facts"],
    **{name: KEYS["a fact"][name]._replace(required=False) for name in FILE_KEYS},
}


def keys_of(kind: Kind) -> Keys:
    """The keys that a fact of a kind may have: the kind's fields and the common ones."""
    fields = {
        name: Key(
            meaning="\n\n".join(filter(None, (field.help, TYPES[field.type].meaning))),
            form=field.type,
            required=field.required,
        )
        for name, field in kind.fields.items()
    }
    common = {
        name: key._replace(required=key.required or name in kind.requires)
        for name, key in KEYS["a fact"].items()
    }
    return fields | common
