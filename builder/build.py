"""A project, the ledger and the clock → packages, study guide and ledger in `decks/`."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from builder.anki.edition import Seen, parse_package, read_package
from builder.anki.ids import deck_ids
from builder.anki.package import Contents, media_of, package_of, writing_packages
from builder.changes import exchanged
from builder.files import (
    LOCK,
    MAX_BUILT_BYTES,
    STUDY_GUIDE,
    blocks_of,
    check_packages,
    holds,
    read_file,
    remove_unfinished,
    unwritten,
    write_files,
)
from builder.ledger.agreement import check_ledger, remember_right
from builder.ledger.entries import reconcile
from builder.ledger.file import FILE_NAME, format_ledger, load_ledger
from builder.ledger.merging import renamed_fields, with_own_ids
from builder.ledger.renamed import forgotten_renames
from builder.model import Entry, Memory, Note, Package, Track, no_memory, untracked
from builder.problems import Error, Place, Problem, any_error, error
from builder.project import Project
from builder.reports.description import description

if TYPE_CHECKING:
    from concurrent.futures import Future


class Build(NamedTuple):
    """What a build at this moment gives: the ledger before and after, and the notes.

    They are in learning order, and their cloze deletions have the numbers that learners know.
    `exchanged` are the keys of notes that exchanged backs, if the packages were at hand that
    were built before.
    """

    project: Project
    before: Mapping[str, Entry]
    after: Mapping[str, Entry]
    notes: tuple[Note, ...]
    exchanged: tuple[tuple[str, ...], ...] = ()

    def contents_of(self, package: Package) -> Contents:
        """What goes into a package, each note with its position in the learning order of all.

        So packages imported one after another fall into one order.
        """
        project, tally = self.project, self.project.tally_of(package)
        notes = tuple(
            (note, self.after[note.key], due)
            for due, note in enumerate(self.notes, 1)
            if note.tags in tally
        )
        used = {note.use for note, _, _ in notes}
        # A learner gets the note types of the deck itself only with a note of one of them.
        standard = any(not name for name, _ in used)
        note_types = [
            each for each in project.note_types if each.use in used or (standard and not each.place)
        ]
        shown = media_of((*note_types, *(note for note, _, _ in notes)), project.vocabulary.media)
        return Contents(
            deck_ids=deck_ids(project.deck, {note.fact.deck for note, _, _ in notes}),
            deck_name=project.deck.name,
            description=description(package, project.deck, tally),
            note_types=tuple((each, self.after[each.key]) for each in note_types),
            media=tuple(sorted(shown, key=attrgetter("name"))),
            notes=notes,
        )


def prepare(
    project: Project, decks: Path, now: int, memory: Memory = no_memory
) -> tuple[Build | None, list[Problem]]:
    """How a build at `now` (seconds since 1970) goes on from the ledger in the folder `decks`.

    The project must be without errors. The warnings say what was settled after a merge,
    and what may be a rename.
    """
    path = decks / FILE_NAME
    before, problems = load_ledger(path, renamed_fields(project.vocabulary.kinds.values()))
    if any_error(problems):
        return None, problems
    merged = bool(problems)
    problems += check_ledger(before, project.deck, decks, now, memory, merged=merged)
    if any_error(problems):
        return None, problems
    own, found = with_own_ids(before, path)
    problems += found
    after, notes, found = reconcile(own, project.notes, project.note_types, project.deck, now)
    if found:
        return None, problems + found
    problems += forgotten_renames(before, after, notes, project.fields, decks)
    return Build(project, before, after, notes), problems


def build(
    project: Project,
    packages: Collection[Package],
    decks: Path,
    now: int,
    track: Track = untracked,
    memory: Memory = no_memory,
) -> tuple[Build | None, dict[Path, str], list[Problem]]:
    """Builds these packages into the folder `decks`; a second build waits for the first.

    What was built, path → digest of all files that are right now, and problems: warnings, if
    something was built. A package that is as this builder wrote it from the same contents is not
    written again.
    """
    if problems := check_packages(decks):
        return None, {}, problems
    try:
        decks.mkdir(parents=True, exist_ok=True)
        with _locked(decks):
            made, problems = prepare(project, decks, now, memory)
            if made is None:
                return None, {}, problems
            contents = _contents(made, packages, decks)
            marks = {path: each.mark() for path, each in contents.items()}
            known = {path: memory.recall(b"package", mark) for path, mark in marks.items()}
            right = {path: digest.decode() for path, digest in known.items() if digest}
            digests = {path: each for path, each in right.items() if holds(path, each)}
            stale = {path: contents[path] for path in contents if path not in digests}
            with writing_packages(stale) as written:
                made = made._replace(exchanged=tuple(exchanged(_reworded(made, decks))))
                files = _files(made, packages, decks, written, track, memory)
                digests |= write_files(files, lasting=(decks / FILE_NAME,))
            for path in stale:
                memory.keep(digests[path].encode(), b"package", marks[path])
            if set(decks.glob("*.apkg")) == set(contents):  # all of them from this ledger
                kept = {path: digests[path] for path in (decks / FILE_NAME, *contents)}
                remember_right(project.deck, kept, memory)
            return made, digests, problems
    except (OSError, sqlite3.OperationalError) as failure:
        if isinstance(failure, OSError):
            return None, {}, [unwritten(Path(failure.filename or decks), failure)]
        message = f"cannot be written: {str(failure).lower()}"
        return None, {}, [error(Place(str(decks)), message, Error.FILE)]


def _reworded(made: Build, decks: Path) -> list[tuple[Seen, Seen]]:
    """The notes that a build changes, before and after, if there are several.

    The ledger has digests only, so those before are in the packages that still lie in `decks`.
    """
    before = {entry.guid: entry for entry in made.before.values()}
    after = {}
    for note in made.notes:
        entry = made.after[note.key]
        if entry.guid in before and entry.fields != before[entry.guid].fields:
            after[entry.guid] = note
    pairs: dict[str, tuple[Seen, Seen]] = {}
    for name in made.project.deck.packages if len(after) > 1 else ():
        edition, _ = read_package(decks / f"{name}.apkg", after.keys())
        for guid, seen in edition.notes.items() if edition else ():
            if seen.mod == before[guid].mod:
                note = after[guid]
                fields = tuple(zip(made.project.fields[note.use], note.shown, strict=False))
                pairs[guid] = seen, seen._replace(key=note.key, fields=fields)
        if len(pairs) == len(after):
            break
    return [pairs[guid] for guid in after if guid in pairs]


def _contents(made: Build, packages: Iterable[Package], decks: Path) -> dict[Path, Contents]:
    return {decks / f"{package.name}.apkg": made.contents_of(package) for package in packages}


def _files(
    made: Build,
    packages: Collection[Package],
    decks: Path,
    written: Mapping[Path, Future[Path]],
    track: Track,
    memory: Memory = no_memory,
) -> Iterator[tuple[Path, Iterable[bytes]]]:
    """All files of a build, the ledger first: no package ever knows more than the ledger.

    The study guide belongs to a build of all packages.
    """
    yield decks / FILE_NAME, format_ledger(made.after)
    if len(packages) == len(made.project.deck.packages):
        yield decks / STUDY_GUIDE, [_guide(made.project, memory)]
    for path in track(list(written), "writing packages"):
        yield path, blocks_of(written[path].result())


def _guide(project: Project, memory: Memory) -> bytes:
    """The study guide, which facts and notes change only by their tally."""
    parts = b"guide", repr((project._replace(facts=(), notes=()), project.tally)).encode()
    made = memory.recall(*parts)
    if made is None:
        from builder.reports.study import guide  # takes long

        made = guide(project).encode()
        memory.keep(made, *parts)
    return made


def stale(
    made: Build, packages: Collection[Package], decks: Path, track: Track = untracked
) -> list[Problem]:
    """The files of a build that do not hold what it would give now.

    Contents count and not bytes, since another SQLite or zlib writes others.
    """
    message = "is out of date; run `cards build`"
    with writing_packages(_contents(made, packages, decks)) as written:
        return [
            error(Place(str(path)), message, Error.STALE)
            for path, pieces in _files(made, packages, decks, written, track)
            if not _holds(path, b"".join(pieces))
        ]


def pack(made: Build, package: Package, decks: Path) -> tuple[bytes | None, list[Problem]]:
    """The `.apkg` of one package, with the ledger as it stands; writes nothing."""
    if made.after != made.before:
        message = "the sources have changed since the last build; run `cards build` first"
        return None, [error(Place(str(decks / FILE_NAME)), message, Error.STALE)]
    return package_of(made.contents_of(package)), []


def _holds(path: Path, data: bytes) -> bool:
    """Whether a file's content is that of `data`."""
    try:
        found = read_file(path, MAX_BUILT_BYTES)
    except OSError:
        return False
    if found == data or path.suffix != ".apkg":
        return found == data
    edition, _ = read_package(path)
    return edition == parse_package(data)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the folder against other builds; SQLite's lock works everywhere and dies with us."""
    connection = sqlite3.connect(folder / LOCK, timeout=600, isolation_level=None)
    try:
        connection.execute("begin exclusive")
        remove_unfinished(folder)
        yield
    finally:
        connection.close()
