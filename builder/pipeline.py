"""The whole flow on one screen: a folder of sources → notes → packages and ledger."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from builder.agreement import STUDY_GUIDE, check_ledger
from builder.batch import Batch, load_batches
from builder.cache import Cache, key_of, no_cache
from builder.changes import Changes, compare_ledgers, parse_package, read_package
from builder.checks import check_cards
from builder.coverage import LeftOut, load_left_out
from builder.decks import load_deck
from builder.facts import Vocabulary
from builder.files import (
    LOCK,
    MAX_BUILT_BYTES,
    blocks_of,
    check_folder,
    check_packages,
    check_target,
    digest_of,
    list_folder,
    read_file,
    remove_unfinished,
    unwritten,
    write_files,
)
from builder.kinds import load_kinds
from builder.ledger import reconcile
from builder.ledger_file import FILE_NAME, format_ledger, load_ledger
from builder.media import load_media
from builder.model import (
    Deck,
    Kind,
    Medium,
    Note,
    NoteType,
    Package,
    Problem,
    Severity,
    Source,
    Stamp,
    Tag,
    Track,
    untracked,
)
from builder.note_types import load_note_types
from builder.order import in_learning_order
from builder.package import Contents, contents_of, write_packages, writing_packages
from builder.sources import load_sources
from builder.study import guide
from builder.tags import Tally, load_tags


class Project(NamedTuple):
    """All that the sources say. `notes` are in learning order."""

    deck: Deck
    tags: Mapping[str, Tag]
    kinds: Mapping[str, Kind | None]
    sources: Mapping[str, Source]
    media: Mapping[str, Medium | None]
    left_out: list[LeftOut]
    note_types: tuple[NoteType, ...]
    notes: tuple[Note, ...]
    tally: Tally
    batches: tuple[Batch, ...]

    def notes_of(self, package: Package) -> list[Note]:
        """The notes that a package selects, in learning order."""
        return [note for note in self.notes if package.selects(note.tags)]

    def tally_of(self, package: Package) -> Tally:
        """The same, by their tags."""
        return self.tally.found_by(package.selects) if package.only else self.tally


class Plan(NamedTuple):
    """What a build at this moment gives: the files to write, and the ledger before and after.

    `packages` are path → what is inside. Of those that are not right already, `contents` are to be
    packed; `texts` are the other files, piece by piece, so that they take no memory.
    """

    packages: Mapping[Path, Tally]
    contents: Mapping[Path, Contents]
    texts: Mapping[Path, Iterable[bytes]]
    before: Mapping[str, Stamp]
    after: Mapping[str, Stamp]


class Built(NamedTuple):
    """What a build has found and done. `files` are path → digest, `after` is the ledger now.

    `changes` are what learners will notice, `added` is how many notes they gain, `warnings` are
    those of the rules of good cards.
    """

    packages: Mapping[Path, Tally]
    files: Mapping[Path, str]
    after: Mapping[str, Stamp]
    changes: Changes
    added: int
    warnings: list[Problem]


def load_project(
    src: Path, track: Track = untracked, cache: Cache = no_cache
) -> tuple[Project | None, list[Problem]]:
    """Everything in `src`, and all that is wrong with it; None where nothing can be rendered."""
    problems = _check_sources(src)
    if problems:
        return None, problems
    deck, problems = load_deck(src)
    tags, found = load_tags(src)
    problems += found
    sources, found = load_sources(src)
    problems += found
    left_out, found = load_left_out(src, sources)
    problems += found
    kinds, found = load_kinds(src)
    problems += found
    media, found = load_media(src)
    problems += found
    vocabulary = Vocabulary(kinds, tags, sources, media, deck.tag_root if deck else "")
    batches, found = load_batches(src, vocabulary, cache, track)
    problems += found
    note_types, found = load_note_types(src, deck.name if deck else "")
    problems += found
    if deck is None:
        return None, problems
    notes = in_learning_order((note for batch in batches for note in batch.notes), tags)
    project = Project(
        *(deck, tags, kinds, sources, media, left_out, note_types, notes, Tally.of(notes)),
        tuple(batches),
    )
    if not any(problem.severity == "error" for problem in problems):
        problems += _empty(project, str(src / "decks.yaml"))
    return project, problems


def _check_sources(src: Path) -> list[Problem]:
    """What is wrong with the folder of sources and the names in it, before anything is read."""
    if problems := check_folder(src):
        return problems
    if not src.exists():
        return [Problem(str(src), 1, 1, "error", "there is no such folder", "file")]
    paths, problems = list_folder(src)
    message = "a symbolic link, which could lead out of the project"
    for path in paths:
        if path.is_symlink():
            problems.append(Problem(str(path), 1, 1, "error", message, "file"))
    return problems


def _empty(project: Project, path: str) -> list[Problem]:
    """Every package has a note, and so has every search that learners are told of."""
    return [
        Problem(
            path, package.line, package.column, "error", "this package has no note", "empty-package"
        )
        for package in project.deck.packages.values()
        if not project.tally_of(package)
    ] + [
        Problem(path, search.line, search.column, "error", "this finds no note", "empty-search")
        for search in project.deck.searches
        if not project.tally.found_by(search.selects)
    ]


class Continued(NamedTuple):
    """The ledger before and after, and the notes with the gap numbers that learners have."""

    before: Mapping[str, Stamp]
    after: Mapping[str, Stamp]
    notes: list[Note]

    def contents_of(self, package: Package, project: Project) -> Contents:
        """What goes into a package, each note with its place in the learning order."""
        notes: Sequence[Note] = self.notes
        dues: Sequence[int] = range(1, len(notes) + 1)
        if package.only:
            dues = [due for due, note in enumerate(notes, 1) if package.selects(note.tags)]
            notes = [notes[due - 1] for due in dues]
        tally, note_types = project.tally_of(package), project.note_types
        return contents_of(package, project.deck, notes, dues, tally, note_types, self.after)


def continue_ledger(
    project: Project, decks: Path, now: int, cache: Cache = no_cache
) -> tuple[Continued | None, list[Problem]]:
    """How a build at `now` (seconds since 1970) goes on from the ledger in the folder `decks`."""
    before, problems = load_ledger(decks / FILE_NAME)
    problems = problems or check_ledger(before, project.deck, decks, now, cache)
    if problems:
        return None, problems
    after, notes, problems = reconcile(
        before, project.notes, project.note_types, project.deck, project.kinds, now
    )
    return (None if problems else Continued(before, after, notes)), problems


def plan(
    project: Project,
    packages: Collection[Package],
    decks: Path,
    now: int,
    cache: Cache = no_cache,
) -> tuple[Plan | None, list[Problem]]:
    """What a build would write to the folder `decks`; the project must be without errors.

    The study guide belongs to a build of all packages.
    """
    continued, problems = continue_ledger(project, decks, now, cache)
    if continued is None:
        return None, problems
    before, after = continued.before, continued.after
    chosen = {decks / f"{package.name}.apkg": package for package in packages}
    contents = {path: continued.contents_of(package, project) for path, package in chosen.items()}
    texts: dict[Path, Iterable[bytes]] = {decks / FILE_NAME: format_ledger(after)}
    if len(packages) == len(project.deck.packages):
        texts[decks / STUDY_GUIDE] = _study_guide(project)
    inside = {path: project.tally_of(package) for path, package in chosen.items()}
    return Plan(inside, contents, texts, before, after), []


def _study_guide(project: Project) -> Iterator[bytes]:
    """The study guide, made when it is asked for."""
    yield guide(project).encode()


def build(
    project: Project,
    packages: Collection[Package],
    decks: Path,
    now: int,
    track: Track = untracked,
    cache: Cache = no_cache,
) -> tuple[Built | None, list[Problem]]:
    """Writes what `plan` gives, if the cards have no error. A second build waits for the first.

    A package that is as this builder wrote it from the same contents is not written again.
    """
    if problems := check_packages(decks):
        return None, problems
    try:
        decks.mkdir(parents=True, exist_ok=True)
        with _locked(decks):
            planned, problems = plan(project, packages, decks, now, cache)
            if planned is None:
                return None, problems
            right = {
                path: digest
                for path, contents in planned.contents.items()
                if path.is_file() and not path.is_symlink()
                for digest in [digest_of(blocks_of(path))]
                if cache.get(_key_of(contents)) == digest.encode()
            }
            stale = {path: c for path, c in planned.contents.items() if path not in right}
            with writing_packages(stale) as written:
                # While zlib is at work, there is time for the rest.
                warnings = check_cards(project)
                if any(problem.severity == "error" for problem in warnings):
                    return None, warnings
                changes = compare_ledgers(planned.before, planned.after)
                files = _files(planned, written, track)
                digests = write_files(files, lasting=(decks / FILE_NAME,))
            for path, contents in stale.items():
                cache.put(_key_of(contents), digests[path].encode())
            digests |= right
            return Built(planned.packages, digests, planned.after, *changes, warnings), []
    except (OSError, sqlite3.OperationalError) as error:
        return None, [_unwritten(decks, error)]


def _key_of(contents: Contents) -> str:
    """Where the cache keeps the digest of the package that was written from these contents."""
    return key_of(b"package", contents.mark)


def _files(
    planned: Plan, written: Mapping[Path, Future[Path]], track: Track
) -> Iterator[tuple[Path, Iterable[bytes]]]:
    """All files of a plan; the packages once they are written elsewhere."""
    yield from planned.texts.items()
    for path in track(list(written), "writing packages"):
        yield path, blocks_of(written[path].result())


def pack(
    project: Project, package: Package, decks: Path, now: int, track: Track = untracked
) -> tuple[bytes | None, list[Problem]]:
    """The `.apkg` of one package, with the ledger as it stands; writes nothing."""
    continued, problems = continue_ledger(project, decks, now)
    if continued is None:
        return None, problems
    if continued.after != continued.before:
        message = "the sources have changed since the last build: run cards build first"
        return None, [Problem(str(decks / FILE_NAME), 1, 1, "error", message, "stale")]
    path = decks / f"{package.name}.apkg"
    contents = continued.contents_of(package, project)
    return write_packages({path: contents}, track)[path], []


def _unwritten(folder: Path, error: OSError | sqlite3.OperationalError) -> Problem:
    if isinstance(error, OSError):
        return unwritten(Path(error.filename or folder), error)
    message = f"cannot be written: {str(error).lower()}"
    return Problem(str(folder), 1, 1, "error", message, "file")


def stale(planned: Plan, track: Track = untracked) -> list[Problem]:
    """The files of a plan that do not hold what a build would give now.

    Contents count and not bytes, since another SQLite or zlib writes others.
    """
    message = "is not what the sources give: run cards build"
    with writing_packages(planned.contents) as written:
        return [
            Problem(str(path), 1, 1, "error", message, "stale")
            for path, pieces in _files(planned, written, track)
            if not _holds(path, b"".join(pieces))
        ]


def plan_schemas(src: Path) -> tuple[dict[Path, bytes], list[Problem]]:
    """The JSON Schemas that belong into `src`/schema; the facts are not read, and may be broken."""
    from builder.schema import schemas  # a build does not need it

    problems = _check_sources(src)
    if problems:
        return {}, problems
    kinds, problems = load_kinds(src)
    tags, found = load_tags(src)
    problems += found
    sources, found = load_sources(src)
    problems += found
    media, found = load_media(src)
    problems += found
    if any(problem.severity == "error" for problem in problems):
        return {}, problems
    texts = schemas(kinds, tags, sources, media)
    return {src / "schema" / name: text.encode() for name, text in texts.items()}, problems


def stale_schemas(files: Mapping[Path, bytes], severity: Severity = "error") -> list[Problem]:
    """The files of such a plan that are missing or hold something else."""
    message = "is not what the sources give: run cards schema"
    return [
        Problem(str(path), 1, 1, severity, message, "schema")
        for path, data in files.items()
        if not _holds(path, data)
    ]


def check_schemas(src: Path) -> list[Problem]:
    """Warnings of stale schemas, if the sources have a folder for them."""
    if not os.path.isdir(src / "schema"):  # noqa: PTH112 - which minds no error
        return []
    files, _ = plan_schemas(src)  # what is wrong with the sources `load_project` tells
    return _check_schemas(files) or stale_schemas(files, "warning")


def write_schemas(files: Mapping[Path, bytes]) -> list[Problem]:
    """Writes the files of such a plan that are stale."""
    if problems := _check_schemas(files):
        return problems
    folder = next(iter(files)).parent
    try:
        folder.mkdir(exist_ok=True)
        write_files((path, [data]) for path, data in files.items())
    except OSError as error:
        return [_unwritten(folder, error)]
    return []


def _check_schemas(files: Iterable[Path]) -> list[Problem]:
    """What is wrong with their folder, and what lies there instead of files."""
    paths = list(files)
    folder = paths[0].parent if paths else None
    problems = check_folder(folder) or list_folder(folder)[1] if folder else []
    return problems or [problem for path in paths for problem in check_target(path)]


def _holds(path: Path, data: bytes) -> bool:
    """Whether a file's content is that of `data`."""
    try:
        found = read_file(path, MAX_BUILT_BYTES)
    except OSError:
        return False
    if found == data or path.suffix != ".apkg":
        return found == data
    edition = read_package(path)
    return not isinstance(edition, Problem) and edition == parse_package(data)


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
