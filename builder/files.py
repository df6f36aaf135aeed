"""Paths → what lies there, and back: how files are read, listed and written.

A folder may come from a stranger. In it a link can lead to any file of the machine, a pipe or a
device can go on for ever, a name can be no text at all. So nothing here follows a link, what is no
regular file is not opened, and what is written is new until it is moved into place.
"""

import errno
import os
import re
import stat
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from builder.problems import UNPRINTABLE, Error, Place, Problem, error

# What no person's file needs, and what no package or ledger does.
MAX_BYTES = 64 << 20
MAX_BUILT_BYTES = 2 << 30

# What a build writes.
BUILT = (".apkg", ".jsonl", ".md")
LOCK = ".lock"
STUDY_GUIDE = "STUDY.md"

_BLOCK = 1 << 20

_LINK = "it is a symbolic link, which could lead out of the project"

# What systems and editors leave in folders: hidden files, backups, files that are being edited.
_NO_SOURCE = re.compile(
    r"\..*|.*~|~.*|#.*#|.*\.(?:sw[a-p]|swx|bak|orig|rej|save|tmp|temp|part|crdownload)|.*___jb_\w+___"
    r"|4913|icon\r|(?:eh)?thumbs(?:_vista)?\.db|desktop\.ini|__macosx|__pycache__|@eadir|cvs"
    r"|\$recycle\.bin|system volume information|lost\+found",
    re.IGNORECASE,
)
# How files of YAML are named, but for `.yaml` itself; Windows hides what it adds.
_YAML = re.compile(r"\.ya?ml(?:\.txt)?$", re.IGNORECASE)

# A file of ours before it is moved into place is named so, with what cannot be guessed.
_UNFINISHED = ".cards-{}.new"


def reason_of(failure: OSError) -> str:
    """Why a file could not be read or written, as the end of a sentence."""
    reason = failure.strerror or str(failure) or "unknown reason"
    return reason[0].lower() + reason[1:]


@contextmanager
def open_file(path: Path, limit: int = MAX_BUILT_BYTES) -> Iterator[BinaryIO]:
    """A regular file of at most `limit` bytes, opened to be read; OSError for all else."""
    _demand_regular(path, path.lstat(), limit)  # a pipe waits and a device acts when it is opened
    with open(path, "rb", opener=_open) as file:
        _demand_regular(path, os.fstat(file.fileno()), limit)
        yield file


def blocks_of(path: Path, limit: int = MAX_BUILT_BYTES) -> Iterator[bytes]:
    """What such a file holds, piece by piece."""
    with open_file(path, limit) as file:
        while block := file.read(_BLOCK):
            yield block


def _open(path: str, flags: int) -> int:
    # Windows has neither.
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of such a file."""
    return b"".join(blocks_of(path, limit))


def digest_of(blocks: Iterable[bytes]) -> str:
    """A digest of the content of a file."""
    digest = sha256()  # the fastest where processors have it built in
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def _demand_regular(path: Path, found: os.stat_result, limit: int) -> None:
    if stat.S_ISLNK(found.st_mode):
        reason = _LINK
    elif not stat.S_ISREG(found.st_mode):
        reason = "not a regular file"
    elif found.st_size > limit:
        reason = f"it has more than {limit >> 20:,} MiB"
    else:
        return
    raise OSError(errno.EINVAL, reason, str(path))


def list_folder(folder: Path, *, deep: bool = False) -> tuple[list[Path], list[Problem]]:
    """What is in a folder, sorted by path; empty if there is no such folder.

    With `deep`, also what is in the folders below it, but not what links lead to. What systems and
    editors leave there is not listed. The problems are folders that cannot be read, and names that
    no editor shows; these are left out.
    """
    if is_link(folder):
        return [], [_wrong(folder, f"cannot be read: {_LINK}")]
    listed: list[Path] = []
    problems: list[Problem] = []
    failures: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=failures.append):
        folders[:] = [name for name in folders if not _NO_SOURCE.fullmatch(name)]
        for name in folders + [name for name in files if not _NO_SOURCE.fullmatch(name)]:
            path = Path(parent, name)
            if UNPRINTABLE.search(name):
                message = "its name has characters that cannot be shown; rename it"
                problems.append(_wrong(path, message))
            else:
                listed.append(path)
        folders[:] = [name for name in folders if deep and not UNPRINTABLE.search(name)]
    return sorted(listed), problems + [
        unread(Path(failure.filename or folder), failure)
        for failure in failures
        if not isinstance(failure, FileNotFoundError)  # not there, or not any more
    ]


def misnamed(paths: Iterable[Path]) -> list[Problem]:
    """Which of these are YAML by their names, but would not be read."""
    return [
        _wrong(path, f"not read; name it {_YAML.sub('', path.name)}.yaml")
        for path in paths
        if _YAML.search(path.name) and path.suffix != ".yaml"
    ]


def is_link(path: Path, *, to_folder: bool = False) -> bool:
    """Whether this is a symbolic link, or one to a folder."""
    return os.path.islink(path) and (not to_folder or os.path.isdir(path))  # noqa: PTH112, PTH114 - raise nothing


def size_of(path: Path) -> int:
    """The size of a file in bytes; 0 if it is not there any more."""
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def check_folder(folder: Path) -> list[Problem]:
    """What is wrong with a folder that the user names; nothing if it is not there."""
    try:
        str(folder).encode()
        mode = folder.lstat().st_mode
    except UnicodeEncodeError:
        return [_wrong(folder, "its path is not in UTF-8")]
    except FileNotFoundError:
        return []
    except OSError as failure:
        return [unread(folder, failure)]
    if stat.S_ISLNK(mode):
        return [_wrong(folder, f"{_LINK}; name the folder that it leads to")]
    return [] if stat.S_ISDIR(mode) else [_wrong(folder, "not a folder")]


def check_packages(decks: Path) -> list[Problem]:
    """What lies in a folder of packages in place of what a build reads and writes there."""
    if problems := check_folder(decks):
        return problems
    paths, problems = list_folder(decks)
    lock = decks / LOCK  # is hidden
    for path in (*(path for path in paths if path.suffix in BUILT), lock):
        try:
            _demand_regular(path, path.lstat(), MAX_BUILT_BYTES)
        except FileNotFoundError:
            continue
        except OSError as failure:
            problems.append(unread(path, failure))
    if size_of(lock):
        problems.append(_wrong(lock, "not a lock, since it is not empty; delete it"))
    return problems


def unread(path: Path, failure: OSError) -> Problem:
    """That something cannot be read."""
    return _wrong(path, f"cannot be read: {reason_of(failure)}")


def unwritten(path: Path, failure: OSError) -> Problem:
    """That something cannot be written."""
    return _wrong(path, f"cannot be written: {reason_of(failure)}")


def _wrong(path: Path, message: str) -> Problem:
    return error(Place(str(path)), message, Error.FILE)


def write_files(
    files: Iterable[tuple[Path, Iterable[bytes]]], *, lasting: Collection[Path] = ()
) -> dict[Path, str]:
    """Each file beside its target, then all moved into place; returns path → digest.

    Files that are right stay as they are. They are moved in the order in which they come, those in
    `lasting` once the disk has them. A target that is a link is replaced; the file that it leads to
    is not touched. Raises OSError.
    """
    digests: dict[Path, str] = {}
    unfinished: dict[Path, Path] = {}
    try:
        for path, pieces in files:
            with suppress(FileNotFoundError):  # /dev/stdout is a link too, and not to be replaced
                _demand_regular(path, path.stat(), sys.maxsize)
            new, digest = path.with_name(_UNFINISHED.format(os.urandom(8).hex())), sha256()
            with _about(path), new.open("xb") as file:
                unfinished[path] = new
                for piece in pieces:
                    file.write(piece)
                    digest.update(piece)
                if path in lasting:
                    file.flush()
                    os.fsync(file.fileno())
            digests[path] = digest.hexdigest()
            if holds(path, digests[path]):
                unfinished.pop(path).unlink()
        for path, written in unfinished.items():
            with _about(path):
                written.replace(path)
    finally:
        for written in unfinished.values():
            written.unlink(missing_ok=True)
    return digests


def remove_unfinished(folder: Path) -> None:
    """Removes what was left in a folder by one that was killed while it wrote to it."""
    for path in folder.glob(_UNFINISHED.format("[0-9a-f]" * 16)):
        if stat.S_ISREG(path.lstat().st_mode):
            path.unlink(missing_ok=True)


@contextmanager
def _about(path: Path) -> Iterator[None]:
    """Errors are about this path, whichever file was in use."""
    try:
        yield
    except OSError as failure:
        raise OSError(failure.errno, failure.strerror, str(path)) from failure


def holds(path: Path, digest: str) -> bool:
    """Whether a regular file with that content is there."""
    try:
        return digest_of(blocks_of(path)) == digest
    except OSError:
        return False
