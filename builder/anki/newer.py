"""A collection in the format of Anki 2.1.50 and later → one in the older format, by Anki's engine.

The engine runs in a process of its own: what a stranger's package does to it ends there. As a
program, this file is that process, so it imports nothing of ours.
"""

import importlib.util
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

_COLLECTION, _PACKAGE, _MEDIA = "collection.anki2", "package.colpkg", "media"
# An empty list of media files, as Zstandard has it.
_NO_MEDIA = bytes.fromhex("28b52ffd2000010000")
_SECONDS = 300
_MOMENT = 0.02
_MEMORY = 4 << 30


def as_older(
    collection: bytes, meta: bytes, limit: int, media: Mapping[str, bytes] = MappingProxyType({})
) -> tuple[bytes, dict[str, bytes]]:
    """The SQLite file of a package's `collection.anki21b`, of at most `limit` bytes.

    And its media files by name, if `media` has the members that hold them and their list.

    Raises ModuleNotFoundError without the engine, ValueError for what it does not take.
    """
    import subprocess  # which only newer collections need

    if importlib.util.find_spec("anki") is None:
        raise ModuleNotFoundError("anki")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        members = {"meta": meta, "collection.anki21b": collection, _MEDIA: _NO_MEDIA, **media}
        with zipfile.ZipFile(folder / _PACKAGE, "w") as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        program = [sys.executable, "-P", __file__, name, str(limit)]
        nobody = subprocess.DEVNULL
        with subprocess.Popen(program, stdout=nobody, stderr=nobody) as engine:  # noqa: S603 - this file
            until = time.monotonic() + _SECONDS
            while engine.poll() is None:
                time.sleep(_MOMENT)
                if time.monotonic() > until or _size_of(folder) > 3 * limit:
                    engine.kill()
                    raise ValueError
        written = folder / _COLLECTION
        if engine.returncode or not 0 < written.stat().st_size <= limit:
            raise ValueError
        files = sorted((folder / _MEDIA).glob("*")) if media else []
        regular = [path for path in files if path.is_file() and not path.is_symlink()]
        return written.read_bytes(), {path.name: path.read_bytes() for path in regular}


def _size_of(folder: Path) -> int:
    """How many bytes the files in a folder hold, while somebody else writes and removes them."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            size += path.lstat().st_size
    return size


def _limit(size: int) -> None:
    """No file of this process may be larger; not every system can keep a process to that."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _convert(folder: Path) -> None:
    from anki._backend import RustBackend
    from anki.collection import Collection

    RustBackend(langs=["en"], server=False).import_collection_package(
        col_path=str(folder / _COLLECTION),
        backup_path=str(folder / _PACKAGE),
        media_folder=str(folder / _MEDIA),
        media_db=str(folder / f"{_MEDIA}.db"),
    )
    Collection(str(folder / _COLLECTION)).close(downgrade=True)


if __name__ == "__main__":
    _limit(int(sys.argv[2]))
    _convert(Path(sys.argv[1]))
