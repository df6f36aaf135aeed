"""`tags.yaml` → the tags that facts may carry, each with its meaning, in learning order."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from builder.model import Map, Tag, Text
from builder.problems import Error, Problem, nearest
from builder.sources.reader import Reader
from builder.sources.tables import KEYS, wrong_with

# Tags that the builder gives: from kinds/ and sources.yaml, and to facts with a caution.
AUTOMATIC = ("kind", "source", "caution")


def load_tags(src: Path, *, automatic: bool = True) -> tuple[dict[str, Tag], list[Problem]]:
    """Tag path (`topic::defence::admm`) → tag, parents before children, in file order.

    A deck without the file has no tags of its own; `automatic` says whether it has ours.
    """
    reader = Reader.read_optional(src / "tags.yaml")
    root = reader.root or Map()
    for key in root:
        if automatic and key in AUTOMATIC:
            message = f"“{key}” tags are added automatically; choose another name"
            reader.error(key, message, Error.TAG)
    taken = AUTOMATIC if automatic else ()
    return _read_tags(reader, root, "", taken), reader.problems


def _read_tags(
    reader: Reader, node: Map, prefix: str, taken: tuple[str, ...] = ()
) -> dict[str, Tag]:
    """The tags of a mapping, whose own path is `prefix`, with all that lie below them.

    `taken` are tags that the builder gives beside them.
    """
    tags: dict[str, Tag] = {}
    about_itself = KEYS["a tag"] if prefix else ("_",)
    names = [key for key in node if not key.startswith("_")]
    refuse_alike(reader, names, taken, Error.TAG)
    for key, child in node.items():
        if key in about_itself:
            continue
        if message := wrong_with(key, "tag-name"):
            hint = nearest(key, about_itself) if key.startswith("_") else ""
            reader.error(key, f"{message}{hint}", Error.TAG)
            continue
        below = child if isinstance(child, Map) else Map({Text("_"): child})
        tags[f"{prefix}{key}"] = Tag(
            meaning=reader.text(below.named("_"), "a tag's meaning"),
            name=reader.text(below.named("_name"), "_name").strip() or _in_words(key),
            query=reader.text(below.named("_when"), "_when", "query"),
            place=key.place,
        )
        tags |= _read_tags(reader, below, f"{prefix}{key}::")
    return tags


def tags_below(group: str, tags: Mapping[str, str]) -> dict[str, str]:
    """What is given for the tags below a group, by their names there."""
    return {
        tag.removeprefix(f"{group}::"): given
        for tag, given in tags.items()
        if tag.startswith(f"{group}::")
    }


def refuse_alike(reader: Reader, names: Iterable[Text], taken: Iterable[str], rule: Error) -> None:
    """No two names of tags below one parent are one tag to Anki, nor one with those `taken`.

    Anki keeps one spelling of all whose full case folding is the same: EU and eu, Maß and MASS.
    """
    seen = {name.casefold(): name for name in taken}
    for name in names:
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            which = (
                f"on line {first.place.line}" if isinstance(first, Text) else "added automatically"
            )
            message = f"to Anki “{name}” and “{first}”, which is {which}, are one tag; rename one"
            reader.error(name, message, rule)


def _in_words(key: str) -> str:
    """How cards name a tag that has no name: `security-motives` → `Security motives`."""
    words = re.sub("(?<=[^-_])[-_](?=[^-_])", " ", key)
    words = words[:1].title() + words[1:]
    return unicodedata.normalize("NFC", words)  # a capital letter may be made of several
