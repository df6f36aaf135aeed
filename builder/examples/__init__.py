"""Example decks → the files of a new deck's folder.

An example is a folder with `cards_src` and what else its authors gave it: in `examples/` of the
repository, which a wheel puts beside this file, or here. Its README is for those who look at the
example. What every new deck gets besides is in `folder`, with names that begin with `dot-` in place
of a dot, since git and other programs would obey them here.
"""

import json
import re
import secrets
import unicodedata
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from builder.files import list_folder
from builder.sources.card import DEFAULT_CARD
from builder.sources.tables import all_marks, wrong_with

_HERE = Path(__file__).parent
_FOLDERS = (_HERE, _HERE.parent.parent / "examples")
_EVERY_DECK = "folder"
_README = "README.md"
_DISTRIBUTION = "asean-flashcards"
_LONGEST = 40


class Identity(NamedTuple):
    """What makes a deck another than the one it began as: `namespace` is it to Anki, for ever."""

    namespace: str
    name: str
    tag_root: str
    package: str


class Home(NamedTuple):
    """Where this builder can be had: its repository on GitHub, `owner/name`, and the version."""

    repository: str
    version: str


NO_HOME = Home("OWNER/REPOSITORY", "main")


def folders() -> dict[str, Path]:
    """Name → folder of each example."""
    found = [path.parent for folder in _FOLDERS for path in folder.glob("*/cards_src")]
    return {path.name: path for path in sorted(found, key=lambda path: path.name)}


def names() -> list[str]:
    """The examples."""
    return list(folders())


def wrong_name(name: str) -> str:
    """Why a deck cannot have this name, or nothing."""
    return wrong_with(unicodedata.normalize("NFC", name), "deck-name")


def new_identity(name: str) -> Identity:
    """That of a new deck of this name; no two decks have the same namespace."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.findall("[a-z0-9]+", plain.lower())
    package = "-".join(words)[:_LONGEST].strip("-")
    if wrong_with(package, "package-name"):
        package = f"deck-{package}".strip("-")
    root = "-".join(re.sub(rf"[^\w{all_marks()}]|_", " ", name).split())
    return Identity(
        namespace=f"{package}-{secrets.token_hex(4)}",
        name=name,
        tag_root=package if wrong_with(root, "tag-root") else root,
        package=package,
    )


def home() -> Home:
    """Where this builder was installed from, if that was a repository on GitHub (PEP 610)."""
    try:
        said = json.loads(distribution(_DISTRIBUTION).read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return NO_HOME
    found = re.fullmatch(r".*github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?", said.get("url", ""))
    commit = said.get("vcs_info", {}).get("commit_id", "")
    return Home(found[1], commit) if found and commit else NO_HOME


def files_of(example: str, identity: Identity, origin: Home, *, card: bool) -> dict[str, bytes]:
    """Path → content of each file of a new deck's folder; with `card`, a card of its own too."""
    words = {
        "DECK_NAME": identity.name,
        "PACKAGE_NAME": identity.package,
        "BUILDER_REPOSITORY": origin.repository,
        "BUILDER_VERSION": origin.version,
    }
    files = {}
    for path, data in _read(_HERE / _EVERY_DECK).items():
        text = data.decode()
        for word, meant in words.items():
            text = text.replace(word, meant)
        files[path.replace("dot-", ".")] = text.encode()
    given = _read(folders()[example])
    files |= {path: data for path, data in given.items() if path != _README}
    if card:
        files |= {f"cards_src/card/{name}": data for name, data in _read(DEFAULT_CARD).items()}
    decks = files["cards_src/decks.yaml"].decode()
    root = re.search(r"^tag_root: *(\S+)", decks, re.MULTILINE)
    for path in files.keys() & {"cards_src/decks.yaml", "cards_src/tags.yaml"}:
        text = files[path].decode()
        if root:
            text = re.sub(rf"\btag:{re.escape(root[1])}\b", f"tag:{identity.tag_root}", text)
        files[path] = _renamed(text, identity).encode()
    return files


def _read(folder: Path) -> dict[str, bytes]:
    paths, _ = list_folder(folder, deep=True)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.is_file()
    }


def _renamed(text: str, identity: Identity) -> str:
    """A text of `decks.yaml` with another identity; the first package bears the deck's name."""
    quoted = json.dumps(identity.name, ensure_ascii=False)
    value = r"(\"[^\"\n]*\"|'[^'\n]*'|[^\s,}#][^,}#\n]*?)(?= *[,}#\n])"
    meant = {
        rf"^namespace: *{value}": identity.namespace,
        rf"^deck: *{value}": quoted,
        rf"^tag_root: *{value}": identity.tag_root,
        r"^packages:[^\n]*\n *([\w-]+)(?=:)": identity.package,
        rf"^packages:.*?\btitle: *{value}": quoted,
    }
    for key, new in meant.items():
        found = re.search(key, text, re.MULTILINE | re.DOTALL)
        if found:
            text = text[: found.start(1)] + new + text[found.end(1) :]
    return text
