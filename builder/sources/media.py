"""`media/` → the pictures that facts may show, named in Anki by their content.

Anki keeps the first file that it gets under a name. A changed picture needs another one, so a
digest of the bytes is part of it.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from builder.files import list_folder, misnamed
from builder.model import Medium, Text
from builder.problems import Error, Place, Problem, error, nearest
from builder.sources.bitmaps import other_format, wrong_with_bitmap
from builder.sources.reader import Reader
from builder.sources.svg import more_than_a_picture
from builder.sources.tables import wrong_with
from builder.sources.text import read_bytes

_MAX_BYTES = 16 << 20  # more would make a deck that nobody downloads


def load_media(src: Path) -> tuple[dict[str, Medium | None], list[Problem]]:
    """File name → picture, for each file that `media/sources.yaml` lists; None for a bad one."""
    folder = src / "media"
    paths, problems = list_folder(folder)
    if not paths:
        return {}, problems
    index = folder / "sources.yaml"
    if wrong := misnamed(path for path in paths if path.stem.lower() == "sources"):
        return {}, problems + wrong
    reader = Reader.read(index)
    media: dict[str, Medium | None] = {}
    for name, node in (reader.root or {}).items():
        texts = reader.texts(reader.entry(node, "a media file"), "a media file")
        media[str(name)] = _medium(reader, folder, name, texts["alt"])
    for path in paths:
        if path != index and path.name not in media:
            message = wrong_with(path.name, "media-name")
            message = message or f"not listed in media/sources.yaml{nearest(path.name, media)}"
            problems.append(error(Place(str(path)), message, Error.MEDIA))
    return media, problems + reader.problems


def _medium(reader: Reader, folder: Path, name: Text, alt: str) -> Medium | None:
    if not reader.check(name, name, "media-name"):
        return None
    path = folder / name
    data = read_bytes(path, _MAX_BYTES)
    if isinstance(data, Problem):
        reader.error(name, f"media/{name} {data.message}", Error.MEDIA)
        return None
    if reason := _wrong_with_picture(data, path.suffix):
        reader.error(name, f"media/{name} {reason}", Error.MEDIA)
    digest = sha256(data).hexdigest()[:12]
    return Medium(
        path=path, name=f"{path.stem}-{digest}{path.suffix}", alt=str(alt), place=name.place
    )


def _wrong_with_picture(data: bytes, ending: str) -> str:
    """Why a file is not a picture of that ending, or more than one; to be read after its name."""
    if ending == ".svg":
        return other_format(data, ending) or more_than_a_picture(data)
    return wrong_with_bitmap(data, ending)
