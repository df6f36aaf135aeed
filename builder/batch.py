"""A file of facts → its notes and what is wrong with it, packed into bytes and unpacked again.

Files of facts do not hang on one another until their notes come together. So each is read, checked
and rendered by itself: not at all if the cache has what came of it, by several processes at once if
there is much to do. Whichever way it went, what comes back is the same packed bytes.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, suppress
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from builder.cache import Cache, key_of, no_cache
from builder.checks import Asked, Waiver, check_facts
from builder.facts import Vocabulary, facts_of_file
from builder.files import is_linked_folder, list_folder, size_of
from builder.load import decode, parse, read_bytes
from builder.model import Fact, Gap, Medium, Note, Origin, Problem, Track, untracked
from builder.render import render_notes

# Bytes of facts below which processes would take longer to start than they save.
_MUCH = 300_000


class Batch(NamedTuple):
    """What one file of facts gives. `ids` are all that it claims, `places` their lines and columns.

    `problems` are what the notes cannot be made with, `warnings` what the rules of good cards say.
    """

    path: str
    ids: list[str]
    places: array[int]
    notes: list[Note]
    problems: list[Problem]
    warnings: list[Problem]
    waivers: list[Waiver]
    asked: Asked


def load_batches(
    src: Path, vocabulary: Vocabulary, cache: Cache = no_cache, track: Track = untracked
) -> tuple[list[Batch], list[Problem]]:
    """The batch of every file under `facts/`, by file name, and what is wrong with them."""
    listed, unread = list_folder(src / "facts", deep=True)
    paths = [path for path in listed if path.name.endswith(".yaml")]
    work = _Work(vocabulary, cache)
    missing = [path for path in paths if not work.is_cached(path)]
    cached = sorted({*paths}.difference(missing))
    read: dict[Path, Batch] = {}
    with ExitStack() as stack:
        made = _make_all(work, missing, stack, alone=len(paths) == 1)
        for path in track([*cached, *missing], "reading facts"):
            packed = next(made) if len(read) >= len(cached) else work.make(path)
            read[path] = unpack(packed, vocabulary.media)
    batches = [read[path] for path in paths]
    if missing:
        cache.prune()
    problems = [problem for batch in batches for problem in batch.problems]
    problems += unread + [_not_followed(path) for path in listed if is_linked_folder(path)]
    if not paths and not unread:
        message = "there are no facts; write them to facts/TOPIC.yaml"
        problems.append(Problem(str(src / "facts"), 1, 1, "error", message, "file"))
    return batches, problems + _taken(batches) + _claims(batches)


def _not_followed(path: Path) -> Problem:
    """That the facts behind a link are not part of the deck, which may be a surprise."""
    message = "a symbolic link to a folder, which is not read"
    return Problem(str(path), 1, 1, "warning", message, "file")


class _Work:
    """Makes packed batches, or has them from the cache."""

    def __init__(self, vocabulary: Vocabulary, cache: Cache) -> None:
        self.vocabulary = vocabulary
        self.cache = cache
        # Beside the file's own content, what it says hangs on these alone.
        self.known = repr(_plain(vocabulary)).encode()

    def is_cached(self, path: Path) -> bool:
        data = read_bytes(path)
        return not isinstance(data, Problem) and self.cache.has(self._key(path, data))

    def make(self, path: Path) -> bytes:
        """The packed batch of a file."""
        data = read_bytes(path)
        if isinstance(data, Problem):
            return pack(Batch(str(path), [], array("I"), [], [data], [], [], Asked.nothing()))
        key = self._key(path, data)
        packed = self.cache.get(key)
        if packed is None:
            packed = pack(_batch(str(path), data, self.vocabulary))
            self.cache.put(key, packed)
        return packed

    def _key(self, path: Path, data: bytes) -> str:
        return key_of(self.known, os.fsencode(path), data)


def _make_all(work: _Work, paths: list[Path], stack: ExitStack, *, alone: bool) -> Iterator[bytes]:
    """The packed batches of the files; if that is much, other processes begin with them at once.

    `alone` says that there is nothing else to do meanwhile.
    """
    size = sum(map(size_of, paths))
    # A process that has threads must not be forked.
    if size >= _MUCH and not alone and threading.active_count() == 1:
        with suppress(BrokenExecutor, OSError, NotImplementedError):
            return _or_here(work, paths, _in_processes(work, paths, stack))
    return map(work.make, paths)


def _or_here(work: _Work, paths: list[Path], made: Iterator[bytes]) -> Iterator[bytes]:
    """What others make of the files; not every machine has processes or memory to give."""
    done = 0
    with suppress(BrokenExecutor, OSError):
        for packed in made:
            yield packed
            done += 1
    yield from map(work.make, paths[done:])


def _in_processes(work: _Work, paths: list[Path], stack: ExitStack) -> Iterator[bytes]:
    import multiprocessing  # a small build needs neither
    from concurrent.futures import ProcessPoolExecutor

    way = "fork" if sys.platform == "linux" else "spawn"  # a fork has what we know already
    count = min(len(paths), os.cpu_count() or 1)
    processes = ProcessPoolExecutor(count, multiprocessing.get_context(way), _start_worker, (work,))
    stack.callback(processes.shutdown, cancel_futures=True)
    return processes.map(_work, paths)


def _start_worker(work: _Work) -> None:
    global _made_here  # noqa: PLW0603 - how a process of a pool knows its work
    _made_here = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that waits for us


def _work(path: Path) -> bytes:
    return _made_here.make(path)


_made_here: _Work


def _plain(vocabulary: Vocabulary) -> tuple[object, ...]:
    """All that a vocabulary says, without sets, whose order is by chance."""
    kinds = [
        (
            *(kind.name, kind.path, list(kind.fields.values()), sorted(kind.requires)),
            [
                (prompt.name, prompt.cloze, [(*side[1:],) for side in sides])
                for prompt in kind.prompts
                for sides in (prompt.sides, prompt.reverse)
            ],
        )
        for kind in vocabulary.kinds.values()
        if kind
    ]
    tags = [(name, tag.name, tag.search) for name, tag in vocabulary.tags.items()]
    media = list(vocabulary.media.items())
    sources = list(vocabulary.sources.values())
    return kinds, list(vocabulary.kinds), tags, sources, media, vocabulary.tag_root


def _batch(path: str, data: bytes, vocabulary: Vocabulary) -> Batch:
    ids, facts, problems = _read(path, data, vocabulary)
    notes, found = render_notes(facts, vocabulary.tag_root, vocabulary.tags)
    names = [name for name, _, _ in ids]
    places = array("I", (number for _, *place in ids for number in place))
    return Batch(path, names, places, notes, problems + found, *check_facts(facts, notes))


def _read(
    path: str, data: bytes, vocabulary: Vocabulary
) -> tuple[list[tuple[str, int, int]], list[Fact], list[Problem]]:
    """What `facts_of_file` gives of a file's bytes."""
    text = decode(data, path)
    root, problems = (None, [text]) if isinstance(text, Problem) else parse(text, path)
    if root is None:
        return [], [], problems
    ids, facts, found = facts_of_file(path, root, vocabulary)
    return ids, facts, problems + found


def pack(batch: Batch) -> bytes:
    """A batch as bytes of plain values, pictures by their names."""
    notes = [
        (tuple(fact), [_pack_note(note) for note in of_fact])
        for fact, of_fact in groupby(batch.notes, lambda note: note.fact)
    ]
    tables = (batch.problems, batch.warnings, batch.waivers)
    arrays = [numbers.tobytes() for numbers in (batch.places, *batch.asked)]
    return marshal.dumps((batch.path, batch.ids, notes, [[*map(tuple, t)] for t in tables], arrays))


def _pack_note(note: Note) -> tuple[object, ...]:
    pictures = [medium.path.name for medium in note.media]
    return (note.key, *note[2:7], [*map(tuple, note.gaps)], pictures, note.look)


def unpack(packed: bytes, media: Mapping[str, Medium | None]) -> Batch:
    """The batch that was packed."""
    path, ids, grouped, (problems, warnings, waivers), arrays = marshal.loads(packed)  # noqa: S302 - our own
    places, *asked = (array("I", numbers) for numbers in arrays)
    notes = []
    same: dict[tuple[int, ...], tuple[int, ...]] = {}
    for fact, rows in grouped:
        origin = Origin(*fact)
        for key, prompt, cloze, text, tags, cards, gaps, pictures, look in rows:
            hidden = tuple(Gap(*gap) for gap in gaps) if gaps else ()
            shown = tuple(filter(None, map(media.__getitem__, pictures))) if pictures else ()
            notes.append(
                Note(
                    *(key, origin, prompt, cloze, text, tags, same.setdefault(cards, cards)),
                    *(hidden, shown, look),
                )
            )
    return Batch(
        *(path, ids, places, notes, [Problem(*row) for row in problems]),
        *([Problem(*row) for row in warnings], [Waiver(*row) for row in waivers], Asked(*asked)),
    )


def _taken(batches: Iterable[Batch]) -> list[Problem]:
    """Every fact has an id of its own."""
    problems = []
    seen: dict[str, tuple[str, int]] = {}
    for batch in batches:
        places = zip(batch.places[::2], batch.places[1::2], strict=True)
        for name, (line, column) in zip(batch.ids, places, strict=True):
            first = seen.setdefault(name, (batch.path, line))
            if first != (batch.path, line):
                message = f"the id “{name}” is taken by {first[0]}:{first[1]}"
                problems.append(Problem(batch.path, line, column, "error", message, "duplicate-id"))
    return problems


def _claims(batches: Iterable[Batch]) -> list[Problem]:
    """No two facts claim one former id, and none that another fact has."""
    facts = {note.fact.id: note.fact for batch in batches for note in batch.notes}
    owners = dict(facts)
    problems = []
    for fact in facts.values():
        for name in fact.formerly:
            owner = owners.setdefault(name, fact)
            if owner is not fact:
                message = f"the former id “{name}” is that of {owner.path}:{owner.line} too"
                problems.append(
                    Problem(fact.path, fact.line, fact.column, "error", message, "formerly")
                )
    return problems
