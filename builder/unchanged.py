"""Sources and packages as a build left them → what the next build says, which has nothing to do.

Nothing is taken from the time or size of a file: all contents are read and compared by digest.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from builder.cache import Cache, key_of
from builder.files import BUILT, blocks_of, digest_of, list_folder

# What a build reads: these files in the folder of sources itself, and all in these folders.
_FILES = (".yaml", ".md")
_FOLDERS = ("kinds", "card", "facts", "media")


class _Seen(NamedTuple):
    """A file: a digest of its content, and what changes whenever it is written."""

    digest: str
    written: tuple[int, ...]


class LastBuild:
    """What a build of these packages (all if none is named) would find, looked at now."""

    def __init__(self, cache: Cache, src: Path, decks: Path, packages: Iterable[str]) -> None:
        self.cache = cache
        self.src = src
        self.decks = decks
        self.packages = tuple(packages)
        # Without a cache there is nothing to compare with.
        self.sources = _look(_sources(src)) if cache.folder else None
        self.built = _look(_packages(decks)) if self.sources and decks.is_dir() else {}

    def said(self) -> tuple[list[str], str] | None:
        """What a build that finds all as it is now says of its packages, and of warnings."""
        known = self.cache.get(self._key()) if self.sources and self.built else None
        if known is None:
            return None
        packages, warned = json.loads(known)
        return packages, warned

    def remember(self, written: Mapping[Path, str], packages: list[str], warned: str) -> None:
        """Keeps what the next build would say, unless somebody else changed a file meanwhile."""
        if self.sources is None or self.built is None:
            return
        expected = {path: seen.digest for path, seen in self.built.items()}
        expected |= {str(path): digest for path, digest in written.items()}
        self.built = _look(_packages(self.decks))
        now = {path: seen.digest for path, seen in (self.built or {}).items()}
        if now == expected and _look(_sources(self.src)) == self.sources:
            self.cache.put(self._key(), json.dumps([packages, warned]).encode())

    def _key(self) -> str:
        assert self.sources is not None  # noqa: S101 - the callers have looked
        assert self.built is not None  # noqa: S101
        files = {path: seen.digest for path, seen in (self.sources | self.built).items()}
        found = (str(self.src), str(self.decks), self.packages, sorted(files.items()))
        return key_of(b"build", repr(found).encode())


def _sources(src: Path) -> Iterator[Path]:
    yield from (path for path in _all(src) if path.suffix in _FILES or path.is_symlink())
    for name in _FOLDERS:
        yield from _all(src / name, deep=True)


def _packages(decks: Path) -> Iterator[Path]:
    return (path for path in _all(decks) if path.suffix in BUILT)


def _all(folder: Path, *, deep: bool = False) -> list[Path]:
    """What is in a folder; raises OSError unless all of it is known."""
    paths, problems = list_folder(folder, deep=deep)
    if problems:
        raise OSError(str(problems[0]))
    return paths


def _look(paths: Iterable[Path]) -> dict[str, _Seen] | None:
    """Path → file; None if something is neither file nor folder, or cannot be read."""
    seen = {}
    try:
        for path in paths:
            found = path.lstat()
            if stat.S_ISREG(found.st_mode):
                seen[str(path)] = _Seen(digest_of(blocks_of(path)), _written(found))
            elif not stat.S_ISDIR(found.st_mode):
                return None
    except OSError:
        return None
    return seen


def _written(found: os.stat_result) -> tuple[int, ...]:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
