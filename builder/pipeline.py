"""The whole flow on one screen: a folder of sources → notes → packages and ledger."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from builder.decks import load_deck
from builder.facts import load_facts
from builder.kinds import load_kinds
from builder.ledger import FILE_NAME, format_ledger, load_ledger, reconcile
from builder.model import Deck, Kind, Note, NoteType, Package, Problem, Source, Stamp
from builder.note_types import load_note_types
from builder.order import in_learning_order
from builder.package import write_package
from builder.render import render_notes
from builder.sources import load_sources
from builder.tags import load_tags


@dataclass(frozen=True, slots=True)
class Project:
    """All that the sources say. `notes` are in learning order."""

    deck: Deck
    tags: Mapping[str, str]
    kinds: Mapping[str, Kind | None]
    sources: Mapping[str, Source]
    note_types: tuple[NoteType, ...]
    notes: tuple[Note, ...]

    def notes_of(self, package: Package) -> list[Note]:
        """The notes that a package selects, in learning order."""
        return [note for note in self.notes if package.selects(note.tags)]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build wrote: path → notes of each package, and the ledger before and after."""

    packages: Mapping[Path, list[Note]]
    before: Mapping[str, Stamp]
    after: Mapping[str, Stamp]


def load_project(src: Path) -> tuple[Project | None, list[Problem]]:
    """Everything in `src`, and all that is wrong with it; None where nothing can be rendered."""
    if not src.is_dir():
        return None, [Problem(str(src), 1, 1, "error", "there is no such folder", "file")]
    deck, problems = load_deck(src)
    tags, found = load_tags(src)
    problems += found
    sources, found = load_sources(src)
    problems += found
    kinds, found = load_kinds(src)
    problems += found
    facts, found = load_facts(src, kinds, tags, sources)
    problems += found
    note_types, found = load_note_types(src, deck.name if deck else "")
    problems += found
    if deck is None:
        return None, problems
    notes, found = render_notes(facts, deck)
    problems += found
    project = Project(deck, tags, kinds, sources, note_types, in_learning_order(notes, tags))
    if not any(problem.severity == "error" for problem in problems):
        problems += _empty_packages(project, str(src / "decks.yaml"))
    return project, problems


def _empty_packages(project: Project, path: str) -> list[Problem]:
    """Every package has a note."""
    return [
        Problem(
            path, package.line, package.column, "error", "this package has no note", "empty-package"
        )
        for package in project.deck.packages.values()
        if not project.notes_of(package)
    ]


def build(
    project: Project, packages: Iterable[Package], decks: Path, now: int
) -> tuple[Built | None, list[Problem]]:
    """Writes packages and ledger to the folder `decks`; the time is `now`, seconds since 1970.

    The project must be without errors. All files are written beside their targets first and moved
    into place together.
    """
    ledger_path = decks / FILE_NAME
    before, problems = load_ledger(ledger_path)
    if problems:
        return None, problems
    after = reconcile(before, project.notes, project.note_types, project.deck, now)
    selected = {decks / f"{package.name}.apkg": package for package in packages}
    files = {
        path: write_package(
            package, project.deck, project.notes_of(package), project.note_types, after
        )
        for path, package in selected.items()
    }
    files[ledger_path] = format_ledger(after).encode()
    try:
        _write_files(files)
    except OSError as error:
        message = f"cannot be written: {(error.strerror or 'unknown reason').lower()}"
        return None, [Problem(str(error.filename or decks), 1, 1, "error", message, "file")]
    notes = {path: project.notes_of(package) for path, package in selected.items()}
    return Built(notes, before, after), []


def _write_files(files: Mapping[Path, bytes]) -> None:
    """Each file beside its target, then all moved into place; files that are right stay as is."""
    temporary: dict[Path, str] = {}
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.read_bytes() == data:
                continue
            handle, temporary[path] = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                os.fchmod(handle, 0o644)
        for path in list(temporary):
            Path(temporary[path]).replace(path)
            del temporary[path]
    finally:
        for name in temporary.values():
            Path(name).unlink(missing_ok=True)
