"""A file or folder from elsewhere → the foreign deck in it, or why there is none."""

from __future__ import annotations

from errno import ENOENT
from pathlib import Path

from builder.anki.edition import UNREAD, unread
from builder.files import MAX_BUILT_BYTES, MAX_BYTES, read_file, reason_of
from builder.importing.collection import read_collection
from builder.importing.crowdanki import read_crowdanki
from builder.importing.foreign import ForeignDeck, json_of
from builder.importing.table import read_table
from builder.problems import Error, Place, Problem, error

_FORMATS = "an import takes .apkg, .colpkg, CrowdAnki's deck.json or its folder, .csv and .tsv"


def read_deck(path: Path, name: str) -> tuple[ForeignDeck | None, list[Problem]]:
    """The deck in a package, in CrowdAnki's folder or `deck.json`, or in a table.

    `name` is that of the deck, if the file says none.
    """
    ending = ".json" if path.is_dir() else path.suffix.lower()
    try:
        if ending == ".json":
            return _crowdanki(path), []
        if ending in (".csv", ".tsv", ".txt"):
            return read_table(read_file(path, MAX_BYTES), name), []
        if ending in (".apkg", ".colpkg", ".zip"):
            return read_collection(read_file(path.resolve(), MAX_BUILT_BYTES)), []
    except UNREAD as failure:
        return None, [unread(path, failure, "it holds no deck, or one that is damaged")]
    return None, [error(Place(str(path)), _FORMATS, Error.PACKAGE)]


def _crowdanki(path: Path) -> ForeignDeck:
    if path.is_dir():
        named = [path / "deck.json", path / f"{path.name}.json", *sorted(path.glob("*.json"))]
        path = next((one for one in named if one.is_file()), path)
    if path.is_dir():
        raise FileNotFoundError(ENOENT, "no deck.json in this folder")
    said = json_of(read_file(path, MAX_BUILT_BYTES).decode("utf-8-sig"))
    lost: list[str] = []
    media: dict[str, bytes] = {}
    folder = path.parent / "media"
    for file in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
        try:
            media[file.name] = read_file(file)
        except OSError as failure:
            lost.append(f"the media file {file.name!r} cannot be read: {reason_of(failure)}")
    return read_crowdanki(said, media, lost)
