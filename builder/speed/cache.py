"""What a build has worked out → a folder of files, so that the next one need not.

A file's name stands for all that its content was made from, the builder included, so what is found
is never out of date; whatever is damaged counts as missing. The folder may be deleted at any time.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from functools import cache
from hashlib import blake2b
from pathlib import Path

_MAX_BYTES = 1 << 30
_CHECKSUM = 16


class Cache:
    """Files of bytes under keys, in a folder of the user's own; without a folder, always empty."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder if folder and _is_ours(folder) else None

    def has(self, key: str) -> bool:
        """Whether there is something under a key; it may be damaged, though."""
        return self.folder is not None and (self.folder / key).is_file()

    def get(self, key: str) -> bytes | None:
        """What was put under a key, or None."""
        if self.folder is None:
            return None
        path = self.folder / key
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        found, data = data[:_CHECKSUM], data[_CHECKSUM:]
        return data if _checksum(key, data) == found else None

    def put(self, key: str, data: bytes) -> None:
        """Keeps bytes under a key, if that can be done."""
        if self.folder is None:
            return
        try:
            handle, name = tempfile.mkstemp(prefix=".", dir=self.folder)
            try:
                with open(handle, "wb") as file:  # noqa: PTH123 - a handle
                    file.write(_checksum(key, data) + data)
                Path(name).replace(self.folder / key)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError:
            """The next build works it out again."""

    def prune(self) -> None:
        """Removes what was not used for longest, until the folder is not too large."""
        if self.folder is None:
            return
        try:
            found = [(path.stat(), path) for path in self.folder.iterdir()]
            total = sum(entry.st_size for entry, _ in found)
            for entry, path in sorted(found, key=lambda pair: pair[0].st_mtime_ns):
                if total <= _MAX_BYTES:
                    break
                path.unlink()
                total -= entry.st_size
        except OSError:
            """Another build is at it too."""


no_cache = Cache(None)


def _is_ours(folder: Path) -> bool:
    """Makes the folder if need be; whether nobody else can have put anything into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if sys.platform == "win32":  # which keeps a user's folders to the user
        return stat.S_ISDIR(found.st_mode)
    others = stat.S_IWGRP | stat.S_IWOTH
    return (
        stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & others
    )


def _checksum(key: str, data: bytes) -> bytes:
    return blake2b(data, digest_size=_CHECKSUM, key=key.encode()[:64]).digest()


def key_of(*parts: bytes) -> str:
    """The key of what is made from these parts by this builder."""
    key = blake2b(_builder(), digest_size=20)
    for part in parts:
        key.update(b"%d:" % len(part))
        key.update(part)
    return key.hexdigest()


@cache
def _builder() -> bytes:
    """Stands for this builder, what it is built upon, and the Python that runs it."""
    builder = blake2b(sys.version.encode())
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        builder.update(path.read_bytes())
    # The folders *.dist-info have names and versions of all that is installed.
    for folder in filter(os.path.isdir, sys.path):
        names = (name for name in os.listdir(folder) if name.endswith("-info"))  # noqa: PTH208
        builder.update("\n".join(sorted(names)).encode())
    return builder.digest()
