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
    """Name → folder of each example, sorted."""
    found = [path.parent for folder in _FOLDERS for path in folder.glob("*/cards_src")]
    return {path.name: path for path in sorted(found, key=lambda path: path.name)}


def wrong_name(name: str) -> str:
    """Why a deck cannot have this name, or nothing."""
    return wrong_with(unicodedata.normalize("NFC", name), "deck-name")


def new_identity(name: str) -> Identity:
    """That of a new deck of this name; no two decks have the same namespace."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    package = "-".join(re.findall("[a-z0-9]+", plain.lower()))[:40].strip("-")
    if wrong_with(package, "package-name"):
        package = f"deck-{package}".strip("-")
    root = "-".join(re.sub(rf"[^\w{all_marks()}]|_", " ", name).split())
    root = package if wrong_with(root, "tag-root") else root
    return Identity(f"{package}-{secrets.token_hex(4)}", name, root, package)


def home() -> Home:
    """Where this builder was installed from, if that was a repository on GitHub (PEP 610)."""
    try:
        said = json.loads(distribution("asean-flashcards").read_text("direct_url.json") or "{}")
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
    for path, data in _read(_HERE / "folder").items():
        text = re.sub("|".join(words), lambda word: words[word[0]], data.decode())
        files[path.replace("dot-", ".")] = text.encode()
    files |= _read(folders()[example]) | {"README.md": files["README.md"]}
    if card:
        files |= {f"cards_src/card/{name}": data for name, data in _read(DEFAULT_CARD).items()}
    files["cards_src/decks.yaml"], root = _renamed(files["cards_src/decks.yaml"], identity)
    search = re.compile(rf"\btag:{re.escape(root)}\b")
    for path in files.keys() & {"cards_src/decks.yaml", "cards_src/tags.yaml"}:
        files[path] = search.sub(f"tag:{identity.tag_root}", files[path].decode()).encode()
    return files


def _renamed(data: bytes, identity: Identity) -> tuple[bytes, str]:
    """The `decks.yaml` of an example with another identity, and the tag root that it had."""
    text, old = data.decode(), ""
    quoted = json.dumps(identity.name, ensure_ascii=False)
    for written, meant in {
        r"^namespace: (\S+)": identity.namespace,
        r"^deck: (.+?)(?:  #.*)?$": quoted,
        r"^packages:.*\n  (\S+):": identity.package,
        "^    title: (.+)$": quoted,  # the first is that of the first package
        r"^tag_root: (\S+)": identity.tag_root,
    }.items():
        if found := re.search(written, text, re.MULTILINE):
            old = found[1]
            text = text[: found.start(1)] + meant + text[found.end(1) :]
    return text.encode(), old


def _read(folder: Path) -> dict[str, bytes]:
    paths, _ = list_folder(folder, deep=True)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.is_file()
    }
