"""What earlier runs have found out → a folder of files, so that the next one need not.

A file's name stands for all that its content was made from, the builder included, so what is found
is never out of date; whatever is damaged counts as missing. The folder may be deleted at any time.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

_MAX_BYTES = 1 << 30
_CHECKSUM = 16

# A folder that cannot be.
_NOWHERE = Path(os.devnull)

# Folders of this builder's in which nothing is that makes what is kept.
_NOT_KEPT = ("__pycache__", "examples", "preview")


class Cache:
    """The memory in a folder of the user's own; without one, always empty."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder if folder and _is_ours(folder) else None

    def path_of(self, *parts: bytes) -> Path:
        """Where is kept what was found out of these parts; nowhere if nothing is kept."""
        key = blake2b(_builder(), digest_size=20)
        for part in parts:
            key.update(b"%d:" % len(part))
            key.update(part)
        return (self.folder or _NOWHERE) / key.hexdigest()

    def recall(self, *parts: bytes) -> bytes | None:
        """What was found out of these parts, or None."""
        path = self.path_of(*parts)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        checksum, found = data[:_CHECKSUM], data[_CHECKSUM:]
        return found if _checksum(path, found) == checksum else None

    def keep(self, found: bytes, *parts: bytes) -> None:
        """Keeps what was found out of these parts, if that can be done."""
        path = self.path_of(*parts)
        with suppress(OSError):  # the next run finds it out again
            new = path.with_name(f".{os.urandom(8).hex()}")
            try:
                new.write_bytes(_checksum(path, found) + found)
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)

    def prune(self) -> None:
        """Removes what was not used for longest, until the folder is not too large."""
        with suppress(OSError):  # another run is at it too
            files = [(path.stat(), path) for path in (self.folder or _NOWHERE).iterdir()]
            total = sum(found.st_size for found, _ in files)
            for found, path in sorted(files, key=lambda file: file[0].st_mtime_ns):
                if total <= _MAX_BYTES:
                    break
                path.unlink()
                total -= found.st_size


no_cache = Cache(None)


def _is_ours(folder: Path) -> bool:
    """Makes the folder if need be; whether nobody else can have put anything into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if sys.platform != "win32" and (found.st_uid != os.getuid() or found.st_mode & 0o022):
        return False  # Windows keeps a user's folders to the user
    return stat.S_ISDIR(found.st_mode)


def _checksum(path: Path, found: bytes) -> bytes:
    return blake2b(found, digest_size=_CHECKSUM, key=path.name.encode()).digest()


@cache
def _builder() -> bytes:
    """Stands for this builder, what it is built upon, and the Python that runs it."""
    builder = blake2b(sys.version.encode())
    for folder, folders, names in os.walk(Path(__file__).parent.parent):
        folders[:] = sorted(set(folders).difference(_NOT_KEPT))
        for name in sorted(names):
            with open(f"{folder}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 - the fastest
                builder.update(file.readall())
    # The folders *.dist-info have names and versions of all that is installed.
    for place in filter(os.path.isdir, sys.path):
        infos = (name for name in os.listdir(place) if name.endswith("-info"))  # noqa: PTH208
        builder.update("\n".join(sorted(infos)).encode())
    return builder.digest()
