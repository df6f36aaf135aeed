"""`media/` → the pictures, sounds, videos and fonts of a deck, named in Anki by their content.

Anki keeps the first file that it gets under a name. A changed file needs another one, so a digest
of the bytes is part of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path

from builder.files import list_folder, misnamed
from builder.model import Media, Medium, Text
from builder.problems import Error, Place, Problem, error, nearest, warning
from builder.sources.reader import Reader
from builder.sources.tables import ENDINGS, better_name, wrong_with
from builder.sources.text import read_bytes

# In MiB; with more a deck would be one that nobody downloads, and with 100 AnkiWeb takes no file.
_MAX_SIZE, _MAX_SIZE_PLAYED = 16, 64

# What an import writes in place of an origin and a licence that it cannot know.
TO_FILL_IN = "to fill in"

_CALLED = {"picture": "a picture", "audio": "a sound", "video": "a video", "font": "a font"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*\.[a-z0-9]+")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)

# Licences that ask for credit, those that ask for none, and origins that are the deck itself.
_ATTRIBUTION = re.compile(
    r"\bby\b|attribution|atribu|namensnennung|\bg?fdl\b|documentation licen|free art|art libre"
    r"|\bogl\b|government licen|\bodbl\b|licence ouverte",
    re.IGNORECASE,
)
_FREE = re.compile(r"public domain|\bcc[ -]?0\b|creative commons zero|\bpdm\b", re.IGNORECASE)
_OWN = re.compile(
    r"\bown work\b|\bself-made\b|\bthis deck\b|^(?:drawn|made|recorded|spoken|taken|filmed)$",
    re.IGNORECASE,
)


def load_media(src: Path) -> tuple[dict[str, Medium | None], list[Problem]]:
    """File name → file, for each one that `media/sources.yaml` lists; None for a bad one.

    One that was imported has also the name that it had in Anki.
    """
    folder = src / "media"
    paths, problems = list_folder(folder)
    if not paths:
        return {}, problems
    index = folder / "sources.yaml"
    if wrong := misnamed(path for path in paths if path.stem.lower() == "sources"):
        return {}, problems + wrong
    reader = Reader.read(index)
    media: dict[str, Medium | None] = {}
    former: dict[str, Medium | None] = {}
    for name, node in (reader.root or {}).items():
        texts = reader.texts(reader.entry(node, "a media file"), "a media file")
        medium = media[str(name)] = _medium(reader, folder, name, texts)
        in_anki = texts["name"]
        if in_anki and former.setdefault(in_anki, medium) is not medium:
            message = f"another file has the name “{in_anki}” in Anki too"
            reader.error(in_anki, message, Error.MEDIA)
    listed = former | media
    missing = media.keys() - {path.name for path in paths}
    for path in paths:
        if path == index or path.name in media:
            continue
        message = wrong_with(path.name, "media-name")
        if os.path.isdir(path):  # noqa: PTH112 - raises nothing
            message = "a folder, which is not read; put its files into media/ itself"
        elif not message:
            hint = nearest(path.name, missing) or "; write its origin and licence there"
            message = f"not listed in media/sources.yaml{hint}"
            listed[path.name] = None  # which is enough to say of it
        problems.append(error(Place(str(path)), message, Error.MEDIA))
    return listed, problems + reader.problems


def _medium(reader: Reader, folder: Path, name: Text, texts: Mapping[str, Text]) -> Medium | None:
    from builder.sources.formats import wrong_with_file  # takes long, and a cache may spare it

    if not reader.check(name, name, "any-media-name" if texts["name"] else "media-name"):
        return None
    path = folder / name
    types = tuple(type_ for type_, endings in ENDINGS.items() if path.suffix[1:] in endings)
    is_played = "audio" in types or "video" in types
    data = read_bytes(path, (_MAX_SIZE_PLAYED if is_played else _MAX_SIZE) << 20)
    if isinstance(data, Problem):
        hint = "; make it smaller" if "MiB" in data.message else ""
        reader.error(name, f"media/{name} {data.message}{hint}", Error.MEDIA)
        return None
    digest = sha256(data).hexdigest()
    adopted = bool(texts["name"]) and texts["sha256"] == digest
    if not adopted and not reader.check(name, name, "media-name"):
        return None
    if reason := wrong_with_file(data, path.suffix) if types else "":
        wrong = warning if adopted else error  # learners have it already
        reader.problems.append(wrong(name.place, f"media/{name} {reason}", Error.MEDIA))
    return Medium(
        path=path,
        name=str(texts["name"]) if adopted else f"{path.stem}-{digest[:12]}{path.suffix}",
        types=types,
        alt=str(texts["alt"]),
        origin=str(texts["origin"]),
        licence=str(texts["licence"]),
        credit=_credit(texts["origin"], texts["licence"], texts["credit"]),
        adopted=adopted,
        place=name.place,
    )


def _credit(origin: str, licence: str, credit: str) -> str:
    """What cards say of a file: who made it and its licence, if that asks for it."""
    if credit:
        return "" if credit == "none" else str(credit)
    asks = _ATTRIBUTION.search(licence) and not _FREE.search(licence) and not _OWN.search(origin)
    return f"{origin}, {licence}" if asks else ""


def wrong_with_reference(name: str, types: Collection[str], media: Media) -> str:
    """Why this is no name of a file of one of these types, or nothing."""
    what = " or ".join(_CALLED[type_] for type_ in types)
    if name in media:
        medium = media[name]
        if medium is None or medium.adopted or set(types) & set(medium.types):
            return ""
        return f"“{name}” is {' or '.join(_CALLED[one] for one in medium.types)}, not {what}"
    if _ADDRESS.match(name):
        reason = "is not loaded, since a card shows only what its package holds"
        return f"“{name}” {reason}; put the file into media/, and write its name"
    if (better := better_name(re.split(r"[/\\]", name)[-1])) in media:
        return f"unknown file “{name}”; write “{better}”"
    if within := [one for one in _NAME.findall(name) if one in media]:
        meant = f"the list [{', '.join(within)}]" if len(within) > 1 else f"“{within[0]}”"
        return f"“{name}” is not the name of a file; write {meant}"
    stems = [one for one in media if one.partition(".")[0] == name]
    if (message := wrong_with(name, "media-name")) and not stems:
        return message
    near = f"; did you mean “{stems[0]}”?" if stems else nearest(name, media)
    what = what.removeprefix("a ") if len(types) == 1 else "file"
    return f"unknown {what} “{name}”{near or '; put it into media/, and list it in sources.yaml'}"
