"""Sources and packages as a command left them → what it finds the next time, if nothing changed.

Nothing is taken from the time or size of a file: all contents are read and compared by digest.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from builder.files import BUILT, blocks_of, digest_of, list_folder
from builder.speed.cache import Cache

# What is read: these files in the folder of sources itself, and all in these folders.
_FILES = (".yaml", ".md")
_FOLDERS = ("kinds", "card", "media", "schema")


class _Seen(NamedTuple):
    """A file: a digest of its content, and what changes whenever it is written; or a folder."""

    digest: str
    written: tuple[int, ...]


class LastRun:
    """What a command, with these arguments, would find, looked at now."""

    def __init__(self, cache: Cache, src: Path, decks: Path, *arguments: str) -> None:
        self.cache = cache
        self.folders = src, decks
        self.arguments = arguments
        self.files = look(self._paths())

    def found(self) -> Any:  # noqa: ANN401 - JSON
        """What the command found when it ended with all files as they are now, or None."""
        known = self.cache.recall(*self._parts()) if self.files else None
        return json.loads(known) if known else None

    def is_built(self, written: Mapping[Path, str]) -> bool:
        """Whether these files, path → digest, were there."""
        files = self.files or {}
        return written.items() <= {Path(path): seen.digest for path, seen in files.items()}.items()

    def remember(self, written: Mapping[Path, str], found: Any) -> None:  # noqa: ANN401 - JSON
        """Keeps what the command found that wrote these files, path → digest.

        Not if somebody else has changed a file meanwhile.
        """
        before, self.files = self.files, look(self._paths())
        if before and self.files and before.keys() <= self.files.keys() and self.is_built(written):
            others = self.files.items() - before.items()
            if {Path(path) for path, _ in others} <= written.keys():
                self.cache.keep(json.dumps(found).encode(), *self._parts())

    def _paths(self) -> Iterator[Path]:
        src, decks = self.folders
        yield from frame_of(src)
        yield from _all(src / "facts", deep=True)
        yield from (path for path in _all(decks) if path.suffix in BUILT)

    def _parts(self) -> tuple[bytes, ...]:
        files = sorted((path, seen.digest) for path, seen in (self.files or {}).items())
        return b"run", repr((*map(str, self.folders), self.arguments, files)).encode()


def frame_of(src: Path) -> Iterator[Path]:
    """The files and folders of the sources but for the facts."""
    yield from (path for path in _all(src) if path.suffix in _FILES or path.is_symlink())
    for name in _FOLDERS:
        yield from _all(src / name, deep=True)


def _all(folder: Path, *, deep: bool = False) -> list[Path]:
    """What is in a folder; raises OSError unless all of it is known."""
    paths, problems = list_folder(folder, deep=deep)
    if problems:
        raise OSError(str(problems[0]))
    return paths


def look(paths: Iterable[Path]) -> dict[str, _Seen] | None:
    """Path → file or folder; None if something is neither file nor folder, or cannot be read."""
    seen = {}
    try:
        for path in paths:
            found = path.lstat()
            if stat.S_ISREG(found.st_mode):
                written = found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
                seen[str(path)] = _Seen(digest_of(blocks_of(path)), written)
            elif stat.S_ISDIR(found.st_mode):
                seen[str(path)] = _Seen("a folder", ())
            else:
                return None
    except OSError:
        return None
    return seen
