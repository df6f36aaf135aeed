"""A folder of sources → a project: all that they say, and all that is wrong with it.

The one place that puts the readers of the sources together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from builder.files import check_folder, is_link, list_folder, misnamed
from builder.model import (
    Broken,
    Deck,
    Fact,
    FactFile,
    LeftOut,
    Note,
    NoteType,
    Package,
    Track,
    Vocabulary,
    untracked,
)
from builder.notes.order import in_learning_order
from builder.notes.tags import with_parents
from builder.notes.tally import Tally
from builder.problems import Error, Place, Problem, any_error, error, warning

if TYPE_CHECKING:
    from builder.sources.reader import Reader


class _Said(NamedTuple):
    deck: Deck
    vocabulary: Vocabulary
    left_out: list[LeftOut]
    note_types: tuple[NoteType, ...]
    facts: tuple[Fact, ...]
    notes: tuple[Note, ...]
    broken: tuple[Broken, ...] | None = None  # as in FactFile


class Project(_Said):
    """All that the sources say: facts in the order of the files, notes in learning order."""

    @cached_property
    def tally(self) -> Tally:
        """How many notes and cards have which tags."""
        return Tally.of(self.notes)

    @cached_property
    def fields(self) -> dict[tuple[str, bool], tuple[str, ...]]:
        """The names of the fields of notes, by their use."""
        return {note_type.use: note_type.fields for note_type in self.note_types}

    @cached_property
    def media(self) -> frozenset[str]:
        """The names of the media files that cards show and play."""
        shown = {name for note in self.notes for name in note.media}
        shown |= {name for note_type in self.note_types for name in note_type.media}
        return frozenset(name.removeprefix("_") for name in shown)

    def tally_of(self, package: Package) -> Tally:
        """The same of the notes that a package selects."""
        return self.tally.selected(package.query)


class Frame(NamedTuple):
    """All that the sources say beside facts, and what is wrong with it."""

    deck: Deck | None
    vocabulary: Vocabulary
    left_out: list[LeftOut]
    note_types: tuple[NoteType, ...]
    problems: list[Problem]


def load_frame(src: Path) -> Frame:
    """What the files in `src` say beside those of facts."""
    from builder.sources.card import load_note_types  # takes long, as do the others
    from builder.sources.decks import load_deck
    from builder.sources.left_out import load_left_out
    from builder.sources.note_types import taken_names

    deck, problems = load_deck(src)
    vocabulary, found = load_vocabulary(src, deck)
    problems += found
    left_out, found = load_left_out(src, vocabulary.sources)
    problems += found
    kinds = list(filter(None, vocabulary.kinds.values()))
    rest_hidden = any(prompt.rest_hidden for kind in kinds for prompt in kind.prompts)
    name = deck.name if deck else ""
    note_types, found = load_note_types(src, deck, vocabulary.media, rest_hidden=rest_hidden)
    own = dict.fromkeys(kind.note_type for kind in kinds if kind.note_type)
    taken = taken_names(own, name)
    if taken and not any(kind.prompts for kind in kinds):
        # A deck that was taken over may have a note type of its name, and needs no other.
        names = {note_type.name.casefold() for note_type in own}
        note_types = tuple(each for each in note_types if each.name.casefold() not in names)
        taken = []
    problems += found + taken
    note_types += tuple(own)
    return Frame(deck, vocabulary, left_out, note_types, problems)


def read_fact_files(
    paths: list[Path], vocabulary: Vocabulary, track: Track = untracked
) -> Iterable[FactFile]:
    """What each of these files of facts says, one after another."""
    return [read_fact_file(path, vocabulary) for path in track(paths, "reading facts")]


def read_fact_file(path: Path, vocabulary: Vocabulary) -> FactFile:
    """What a file of facts says, and the notes of its facts."""
    from builder.sources.reader import Reader

    return fact_file_of(Reader.read(path), vocabulary)


def fact_file_of(reader: Reader, vocabulary: Vocabulary) -> FactFile:
    """The same of a file that is read already."""
    from builder.notes.render import render_notes
    from builder.sources.facts import read_facts
    from builder.sources.rows import table_of

    ids, facts = read_facts(reader, vocabulary)
    table = table_of(reader)
    reader = reader._replace(root=None)  # which takes as much memory as the facts
    notes, problems = render_notes(facts, vocabulary)
    return FactFile(
        path=reader.path,
        ids=tuple(ids),
        facts=tuple(facts),
        notes=tuple(notes),
        problems=(*reader.problems, *problems),
        table=table,
    )


class Read(NamedTuple):
    """How sources are read: all that is no fact, and the files of facts, in their order."""

    frame: Callable[[Path], Frame] = load_frame
    facts: Callable[[list[Path], Vocabulary, Track], Iterable[FactFile]] = read_fact_files


plainly = Read()


def load(
    src: Path, *, read: Read = plainly, track: Track = untracked
) -> tuple[Project | None, list[Problem]]:
    """Everything in `src`, and all that is wrong with it; None where nothing can be built."""
    from builder.sources.left_out import unknown_reasons

    if problems := check_sources(src):
        return None, problems
    deck, vocabulary, left_out, note_types, problems = read.frame(src)
    paths, tables, found = _fact_paths(src)
    problems = problems + found
    files = list(read.facts(paths, vocabulary, track))
    problems += [problem for file in files for problem in file.problems]
    problems += _taken(files)
    problems += _wrong_decks(files, deck.name if deck else "")
    if all(file.ids for file in files):  # one without any could not be read
        ids = {name for file in files for name in file.ids}
        problems += unknown_reasons(left_out, ids) + _unread(tables, files)
    if deck is None:
        return None, problems
    notes = in_learning_order((note for file in files for note in file.notes), vocabulary.tags)
    facts = tuple(fact for file in files for fact in file.facts)
    asked = all(file.broken is not None for file in files)
    broken = tuple(one for file in files for one in file.broken or ()) if asked else None
    project = Project(deck, vocabulary, left_out, note_types, facts, notes, broken)
    if not any_error(problems):
        problems += _empty(project)
    return project, problems


def load_vocabulary(src: Path, deck: Deck | None) -> tuple[Vocabulary, list[Problem]]:
    """What facts may refer to, and all that is wrong with it."""
    from builder.notes.language import ENGLISH, labels_in
    from builder.sources.documents import load_sources
    from builder.sources.kinds import load_kinds
    from builder.sources.media import load_media
    from builder.sources.tags import load_tags

    automatic_tags = deck is None or deck.automatic_tags
    tags, problems = load_tags(src, automatic=automatic_tags)
    sources, found = load_sources(src)
    problems += found
    media, found = load_media(src)
    problems += found
    language = deck.language if deck else ENGLISH
    kinds, found = load_kinds(src, media, tags, deck.requires if deck else (), language)
    problems += found
    return Vocabulary(
        kinds=kinds,
        tags=tags,
        sources=sources,
        media=media,
        tag_root=deck.tag_root if deck else "",
        language=language,
        labels=deck.labels if deck else labels_in(ENGLISH),
        automatic_tags=automatic_tags,
    ), problems


def check_sources(src: Path) -> list[Problem]:
    """What is wrong with the folder of sources and the names in it, before anything is read."""
    if problems := check_folder(src):
        return problems
    paths, problems = list_folder(src)
    if not paths and not problems:
        what = "no sources here" if src.exists() else "no such folder"
        message = f"{what}; begin a deck with `cards new DIR`, or name its sources with --src"
        return [error(Place(str(src)), message, Error.FILE)]
    message = "a symbolic link, which could lead out of the project"
    problems += misnamed(paths)
    return problems + [
        error(Place(str(path)), message, Error.FILE) for path in paths if is_link(path)
    ]


def _fact_paths(src: Path) -> tuple[list[Path], list[Path], list[Problem]]:
    """The files of facts and the tables, sorted, and what is wrong with their folders."""
    listed, problems = list_folder(src / "facts", deep=True)
    paths = [path for path in listed if path.name.endswith(".yaml")]
    problems += misnamed(listed)
    if not paths and not problems:
        message = "no facts; write them to facts/TOPIC.yaml"
        problems.append(error(Place(str(src / "facts")), message, Error.FILE))
    message = "a symbolic link to a folder, which is not read"
    problems += [
        warning(Place(str(path)), message, Error.FILE)
        for path in listed
        if is_link(path, to_folder=True)
    ]
    tables = [path for path in listed if path.suffix.lower() in (".csv", ".tsv")]
    return paths, tables, problems


def _unread(tables: Iterable[Path], files: Iterable[FactFile]) -> list[Problem]:
    """Warnings of tables that no file of facts names."""
    named = {file.table for file in files}
    message = (
        "this table is not read, since no file of facts names it; write table: {} in one beside it"
    )
    return [
        warning(Place(str(path)), message.format(path.name), Error.FILE)
        for path in tables
        if str(path) not in named
    ]


def _taken(files: Iterable[FactFile]) -> Iterator[Problem]:
    """Every fact has an id of its own, also a former one, and every file a table."""
    ids = [(str(name), name.place) for file in files for name in file.ids]
    for name, place, first in _again(ids):
        message = f"the id “{name}” is already taken at {first.at_line}"
        yield error(place, message, Error.DUPLICATE_ID)
    facts = {fact.id: fact for file in files for fact in file.facts}
    ids = [(name, fact.place) for name, fact in facts.items()]
    former = [(name, fact.place) for fact in facts.values() for name in fact.formerly]
    for name, place, first in _again(ids + former):
        message = f"the former id “{name}” is already taken at {first.at_line}"
        yield error(place, message, Error.FORMERLY)
    for _, place, first in _again((str(t), t.place) for file in files if (t := file.table)):
        message = (
            f"this table is already read by {first.path}; a table belongs to one file of facts"
        )
        yield error(place, message, Error.TABLE)


def _again(named: Iterable[tuple[str, Place]]) -> Iterator[tuple[str, Place, Place]]:
    """The names that come again elsewhere, each with that place and the first one."""
    seen: dict[str, Place] = {}
    for name, place in named:
        first = seen.setdefault(name, place)
        if first is not place:
            yield name, place, first


def _wrong_decks(files: Iterable[FactFile], name: str) -> Iterator[Problem]:
    """A subdeck is named from the deck on, and no two names of decks are one to Anki."""
    seen: dict[str, tuple[str, Place]] = {}
    for deck in {fact.deck: None for file in files for fact in file.facts if fact.deck}:
        if f"{deck}::".casefold().startswith(f"{name}::".casefold()):
            message = f"“{deck}” would be “{name}::{deck}”; name only what comes after “{name}”"
            yield error(deck.place, message, Error.DECK)
        for part in with_parents(deck):
            first, place = seen.setdefault(part.casefold(), (part, deck.place))
            if first != part:
                at = place.at_line
                message = f"Anki takes “{part}” and “{first}” ({at}) for one deck; write both alike"
                yield error(deck.place, message, Error.DECK)
                break


def _empty(project: Project) -> Iterator[Problem]:
    """Every package has a note, and so has every search that learners are told of."""
    for package in project.deck.packages.values():
        if not project.tally_of(package):
            searched = f": its search “{package.query}” matches none" if package.query else ""
            message = f"this package has no notes{searched}"
            yield error(package.place, message, Error.EMPTY_PACKAGE)
    for search in project.deck.searches:
        if not project.tally.selected(search.query):
            message = "this search matches no notes; change it, or leave it out"
            yield error(search.place, message, Error.EMPTY_SEARCH)
