"""Sources → what they say, by several processes, or as the cache remembers it.

Files of facts do not depend on one another. What comes back is what reading them plainly gives.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from builder.files import read_file, size_of
from builder.model import FactFile, Track, Vocabulary
from builder.project import Frame, Read, load_frame, read_fact_file
from builder.speed.cache import Cache
from builder.speed.last_run import frame_of, look
from builder.speed.packing import pack, unpack

if TYPE_CHECKING:
    from concurrent.futures import Future

# Bytes of facts below which processes would take longer to start than they save.
_MUCH = 200_000
# What is packed of a file: what a build needs, and the rest.
_FORMS = (b"built", b"rest")


def reader(cache: Cache, *, lean: bool = False, judged: bool = False) -> Read:
    """How to read sources fast.

    A `lean` fact has only what a build needs of it; of a file that is `judged`, it is known where
    its facts break the rules of good cards.
    """

    def facts(paths: list[Path], vocabulary: Vocabulary, track: Track) -> Iterable[FactFile]:
        return _read(paths, _Work(vocabulary, cache, lean=lean, judged=judged), track)

    return Read(frame=lambda src: _frame(src, cache), facts=facts)


def _frame(src: Path, cache: Cache) -> Frame:
    """What the files beside those of facts say; what it says depends on their contents alone."""
    files = look(frame_of(src)) if cache.folder else None
    if not files:
        return load_frame(src)
    parts = b"frame", repr([(path, seen.digest) for path, seen in files.items()]).encode()
    made = cache.recall(*parts)
    if made is not None:
        return pickle.loads(made)  # type: ignore[no-any-return]  # noqa: S301 - our own
    frame = load_frame(src)
    if look(frame_of(src)) == files:
        cache.keep(pickle.dumps(frame), *parts)
    return frame


class _Work:
    """Makes what a file of facts says, as bytes, or has it from the cache.

    That is what a build needs of it; after it comes the rest, if it is wanted.
    """

    def __init__(self, vocabulary: Vocabulary, cache: Cache, *, lean: bool, judged: bool) -> None:
        self.vocabulary = vocabulary
        self.judged = judged
        self.forms = _FORMS[:1] if lean else _FORMS
        self.cache = cache
        # Beside the file's own content, what it says depends on this alone.
        self.known = sha256(repr(vocabulary).encode()).digest()

    def is_kept(self, path: Path) -> bool:
        """Whether the cache has what is wanted of a file."""
        parts = self._parts(path)
        return all(self.cache.path_of(form, *parts).is_file() for form in self.forms)

    def make(self, path: Path) -> list[bytes]:
        """What is wanted of a file."""
        parts = self._parts(path)
        made = [self.cache.recall(form, *parts) for form in self.forms]
        if None not in made:
            return made  # type: ignore[return-value]
        file = read_fact_file(path, self.vocabulary)
        if file.table is not None:
            self.cache.keep(os.fsencode(file.table), b"table", *parts[2:4])
        forms = dict(zip(_FORMS, pack(file), strict=True))
        now = self._parts(path)
        if now[: len(parts)] == parts:  # nobody has written it meanwhile
            for form, data in forms.items():
                self.cache.keep(data, form, *now)
        return [forms[form] for form in self.forms]

    def file_of(self, path: Path, packed: list[bytes]) -> FactFile:
        """A file of which that was made."""
        file = unpack(*packed)
        if not self.judged:
            return file
        # Where in a text a rule is broken depends on how the text is written.
        written = self._parts(path)
        parts = b"broken", *packed, *written
        known = self.cache.recall(*parts)
        if known:
            return file._replace(broken=pickle.loads(known))  # noqa: S301 - our own
        from builder.rules.run import broken_by_each  # a build needs no rules

        broken = tuple(broken_by_each(file.facts, file.notes, self.vocabulary))
        if self._parts(path) == written:  # nobody has written it meanwhile
            self.cache.keep(pickle.dumps(broken), *parts)
        return file._replace(broken=broken)

    def _parts(self, path: Path) -> tuple[bytes, ...]:
        named = b"facts", self.known, os.fsencode(path), _content_of(path)
        # Which table a file has, only reading it tells.
        table = self.cache.recall(b"table", *named[2:4])
        return named if table is None else (*named, _content_of(Path(os.fsdecode(table))))


def _content_of(path: Path) -> bytes:
    """Stands for what is read of a file, or for why it cannot be read."""
    try:
        return sha256(read_file(path)).digest()
    except OSError as failure:
        return b"not read" + repr(failure).encode()


# A file of facts with what is wanted of it.
_Made = tuple[Path, list[bytes]]


def _read(paths: list[Path], work: _Work, track: Track) -> list[FactFile]:
    missing = [path for path in paths if not work.is_kept(path)]
    kept = [path for path in paths if path not in set(missing)]
    files = {}
    with ExitStack() as stack:
        # While others begin with the missing ones, the kept ones are unpacked here.
        others = _begun(work, missing, stack) if len(paths) > 1 else {}
        made = chain(_made(work, kept), _finished(work, others) if others else _made(work, missing))
        for _ in track(paths, "reading facts"):
            path, packed = next(made)
            files[path] = work.file_of(path, packed)
    if missing:
        work.cache.prune()
    return [files[path] for path in paths]


def _made(work: _Work, paths: list[Path]) -> Iterator[_Made]:
    return ((path, work.make(path)) for path in paths)


def _begun(work: _Work, paths: list[Path], stack: ExitStack) -> dict[Path, Future[list[bytes]]]:
    """The files that other processes are to make, if these are much work."""
    count = min(len(paths), max(1, (os.cpu_count() or 1) - 1))
    # A process that has threads must not be forked.
    if sum(map(size_of, paths)) < _MUCH or threading.active_count() > 1:
        return {}
    import multiprocessing  # a small build needs neither
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

    way = "fork" if sys.platform == "linux" else "spawn"  # a fork has what we know already
    # Not every machine has processes or memory to give.
    with suppress(BrokenExecutor, OSError, NotImplementedError):
        context = multiprocessing.get_context(way)
        processes = ProcessPoolExecutor(count, context, _start, (work,))
        stack.callback(processes.shutdown, cancel_futures=True)
        return {path: processes.submit(_make_here, path) for path in paths}
    return {}


def _finished(work: _Work, begun: dict[Path, Future[list[bytes]]]) -> Iterator[_Made]:
    """The same files made: by others from the first on, by this process from the last on."""
    from concurrent.futures import BrokenExecutor

    while begun:
        first, last = next(iter(begun)), next(reversed(begun))
        if not begun[first].done() and begun[last].cancel():
            del begun[last]
            yield last, work.make(last)
            continue
        try:
            packed = begun.pop(first).result()
        except (BrokenExecutor, OSError):  # the other process died
            packed = work.make(first)
        yield first, packed


def _start(work: _Work) -> None:
    global _work_here  # noqa: PLW0603 - how a process of a pool knows its work
    _work_here = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that waits for us


def _make_here(path: Path) -> list[bytes]:
    return _work_here.make(path)


_work_here: _Work
