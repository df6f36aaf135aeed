"""`media/` → the pictures that facts may show, named in Anki by their content.

Anki keeps the first file it gets under a name. A changed picture needs a new one, so a digest of
the bytes is part of it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from builder.files import list_folder
from builder.load import (
    check_keys,
    mapping_of,
    nearest,
    problem,
    read,
    read_bytes,
    text_of,
    unsafe_name,
)
from builder.model import Medium, Problem, Text
from builder.svg import more_than_a_picture

# Names that every file system and WebView takes.
FILE_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.(?:svg|png|jpg|webp|gif)")

KEYS = ("origin", "licence", "alt")


# More would make a deck that nobody downloads.
_MAX_BYTES = 16 << 20


def load_media(src: Path) -> tuple[dict[str, Medium | None], list[Problem]]:
    """File name → picture, for every file that `media/sources.yaml` lists; None for a bad one."""
    folder = src / "media"
    index = folder / "sources.yaml"
    paths, problems = list_folder(folder)
    if not paths:
        return {}, problems
    root, found = read(index)
    problems += found
    shown = str(index)
    media: dict[str, Medium | None] = {}
    for key, node in (root or {}).items():
        entry = mapping_of(shown, node, "a picture", problems)
        problems += check_keys(shown, entry, "a picture", KEYS, KEYS[:2])
        *_, alt = (text_of(shown, entry.named(name), name, problems) for name in KEYS)
        media[str(key)] = _medium(folder, key, alt, shown, problems)
    for path in paths:
        if path != index and path.name not in media:
            hint = nearest(path.name, media)
            message = f"this file is not listed in media/sources.yaml{hint}"
            problems.append(Problem(str(path), 1, 1, "error", message, "media"))
    return media, problems


def _medium(
    folder: Path, key: Text, alt: str, shown: str, problems: list[Problem]
) -> Medium | None:
    if not FILE_NAME.fullmatch(key):
        message = f"“{key}” is no name for a picture: small letters, digits, hyphens, .svg .png …"
        problems.append(problem(shown, key, message, "media"))
        return None
    if message := unsafe_name(key):
        problems.append(problem(shown, key, message, "media"))
        return None
    path = folder / key
    data = read_bytes(path, _MAX_BYTES)
    if isinstance(data, Problem):
        problems.append(problem(shown, key, f"media/{key} {data.message}", "media"))
        return None
    if path.suffix == ".svg" and (reason := more_than_a_picture(data)):
        problems.append(problem(shown, key, f"media/{key} {reason}", "media"))
    digest = hashlib.sha256(data).hexdigest()[:12]
    return Medium(path, f"{path.stem}-{digest}{path.suffix}", alt, key.line, key.column)
