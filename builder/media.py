"""`media/` → the pictures that facts may show, named in Anki by their content.

Anki keeps the first file it gets under a name. A changed picture needs a new one, so a digest of
the bytes is part of it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from builder.load import check_keys, mapping_of, nearest, problem, read, text_of
from builder.model import Medium, Problem, Text

# Names that every file system and WebView takes.
FILE_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.(?:svg|png|jpg|webp|gif)")

KEYS = ("origin", "licence", "alt")


def load_media(src: Path) -> tuple[dict[str, Medium], list[Problem]]:
    """File name → picture, for every file that `media/sources.yaml` lists."""
    folder = src / "media"
    index = folder / "sources.yaml"
    if not folder.is_dir():
        return {}, []
    root, problems = read(index)
    shown = str(index)
    media = {}
    for key, node in (root or {}).items():
        entry = mapping_of(shown, node, "a picture", problems)
        problems += check_keys(shown, entry, "a picture", KEYS, KEYS[:2])
        *_, alt = (text_of(shown, entry.named(name), name, problems) for name in KEYS)
        medium = _medium(folder, key, alt, shown, problems)
        if medium:
            media[str(key)] = medium
    for path in sorted(folder.iterdir()):
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
    path = folder / key
    # A link could lead out of the folder.
    if path.is_symlink() or not path.is_file():
        problems.append(problem(shown, key, f"there is no file “{key}” in media/", "media"))
        return None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return Medium(path, f"{path.stem}-{digest}{path.suffix}", alt)
