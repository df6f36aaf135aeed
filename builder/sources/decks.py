"""`decks.yaml` → the deck's identity and its packages."""

from __future__ import annotations

import re
from pathlib import Path

from builder.anki.query import read_search
from builder.model import Deck, Node, Package, Problem, Search
from builder.sources.reader import (
    SLUG,
    check_keys,
    mapping_of,
    problem,
    read,
    text_of,
    unsafe_name,
)

TAG_ROOT = re.compile(r"[^\W_]+(?:[-:][^\W_]+)*")

KEYS = ("namespace", "deck", "tag_root", "packages", "licence", "searches")
PACKAGE_KEYS = ("title", "about", "only")


def load_deck(src: Path) -> tuple[Deck | None, list[Problem]]:
    """What `decks.yaml` says; None if it says too little to build from."""
    path = src / "decks.yaml"
    shown = str(path)
    root, problems = read(path)
    if root is None:
        return None, problems
    problems += check_keys(shown, root, "decks.yaml", KEYS, KEYS[:4])
    namespace, name, tag_root, licence = (
        text_of(shown, root.named(key), key, problems)
        for key in ("namespace", "deck", "tag_root", "licence")
    )
    tag_root_node = root.named("tag_root")
    if tag_root_node is not None and not TAG_ROOT.fullmatch(tag_root):
        message = "a tag root is made of letters, digits and hyphens"
        problems.append(problem(shown, tag_root_node, message, "tag"))
    packages = {}
    for key, node in mapping_of(shown, root.named("packages"), "packages", problems).items():
        if not SLUG.fullmatch(key):
            message = f"“{key}” is no file name; use small letters, digits and hyphens"
            problems.append(problem(shown, key, message, "package"))
        elif message := unsafe_name(key):
            problems.append(problem(shown, key, message, "package"))
        packages[str(key)] = _package(shown, str(key), node, problems)
    searches = []
    for key, node in mapping_of(shown, root.named("searches"), "searches", problems).items():
        query, selects = read_search(shown, node, "a search", problems)
        searches.append(Search(str(key), query, selects, node.line, node.column))
    if problems:
        return None, problems
    return Deck(namespace, name, tag_root, licence, packages, tuple(searches), shown), problems


def _package(path: str, name: str, node: Node, problems: list[Problem]) -> Package:
    entry = mapping_of(path, node, "a package", problems)
    problems += check_keys(path, entry, "a package", PACKAGE_KEYS, PACKAGE_KEYS[:2])
    title, about = (text_of(path, entry.named(key), key, problems) for key in PACKAGE_KEYS[:2])
    only, selects = read_search(path, entry.named("only"), "only", problems)
    return Package(name, title, about, only, selects, node.line, node.column)
