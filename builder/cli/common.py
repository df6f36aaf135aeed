"""What the commands have in common: folders, project, cache, time, searches, files to write."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli.terminal import fail, stop_if_wrong, track, value_or_stop, wrong_call
from builder.files import check_packages, unwritten, write_files
from builder.problems import UNPRINTABLE, Wrong, nearest

if TYPE_CHECKING:
    from builder.build import Build
    from builder.check import Checked
    from builder.model import Track
    from builder.notes.tally import Tally
    from builder.project import Project
    from builder.speed.cache import Cache

# The type of an argument that names a file.
FILE = click.Path(path_type=Path, dir_okay=False)

_FOLDER = click.Path(path_type=Path)
_SRC = click.option("--src", type=_FOLDER, default="cards_src", help="Folder of the sources.")
_DECKS = click.option("--decks", type=_FOLDER, default="decks", help="Folder of the packages.")

# Between these a ledger's times and Anki's ids lie: seconds since 1970.
_EARLIEST = 946_684_800  # 1 January 2000
_LATEST = 4_102_444_800  # 1 January 2100


def command(
    name: str, *examples: str, folders: bool = True, cls: type[click.Command] = click.Command
) -> Callable[[Callable[..., None]], click.Command]:
    """Makes a command of a function; the examples end its help.

    With `folders` it takes `src` and `decks`.
    """
    lines = ["\b", "Examples:", *(f"  {line}" for line in examples)] if examples else []
    made = click.command(name, cls, epilog="\n".join(lines))
    return lambda function: _DECKS(_SRC(made(function))) if folders else made(function)


def demand_engine(what: str) -> None:
    """Ends the command if Anki's engine is not in this environment, and says how it gets there."""
    if not find_spec("anki"):
        from builder.anki.edition import engine_install

        fail(f"{what} needs Anki's engine, the package “anki”: {engine_install()}")


def complete_packages(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The packages that a shell may offer."""
    from builder.sources.decks import load_deck

    deck, _problems = load_deck(Path(ctx.params.get("src") or "cards_src"))
    return [name for name in (deck.packages if deck else ()) if name.startswith(incomplete)]


def check_folders(src: Path, decks: Path, output: Path | None = None) -> None:
    """Ends the command if sources and packages lie among one another, or the output among them.

    The folder of packages counts only if it is named, is there, or is to be built.
    """
    context = click.get_current_context()
    named = context.get_parameter_source("decks") is not click.core.ParameterSource.DEFAULT
    chosen = named or context.command.name == "build" or os.path.lexists(decks)
    if chosen and (_is_inside(decks, src) or _is_inside(src, decks)):
        wrong_call(f"{src}/ and {decks}/ must be separate folders")
    for folder in (src, decks):
        if output and _is_inside(output.parent, folder):
            wrong_call(f"{output} cannot be written into {folder}/; choose another folder")


def _is_inside(inner: Path, outer: Path) -> bool:
    """Whether a folder is the other or lies in it, once links are followed."""
    return Path(os.path.realpath(inner)).is_relative_to(os.path.realpath(outer))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Ends the command if what is written there, or below it, cannot be."""
    try:
        yield
    except OSError as failure:
        stop_if_wrong([unwritten(Path(failure.filename or path), failure)])


def write_output(path: Path, data: bytes) -> None:
    """Writes a file where the user wants it; ends the command if that fails."""
    with writing(path):
        write_files([(path, [data])])


def load(src: Path, *consequences: str, lean: bool = True) -> Project:
    """The project; ends the command if it has an error, and says what follows.

    Its facts have their texts unless they are to be `lean`.
    """
    from builder import project
    from builder.speed.reading import reader

    loaded = project.load(src, read=reader(open_cache(), lean=lean), track=track)
    return value_or_stop(loaded, *consequences)


def prepare(project: Project, decks: Path) -> Build:
    """What a build to `decks` would make now; ends the command if that is an error."""
    from builder import build

    stop_if_wrong(check_packages(decks))
    return value_or_stop(build.prepare(project, decks, build_time(), open_cache()))


def check(
    src: Path, decks: Path, track: Track, ready: Callable[[Checked], None] = lambda _: None
) -> Checked:
    """All that is wrong with the sources, also against what was built before."""
    from builder import check
    from builder.speed.reading import reader

    cache = open_cache()
    return check.check(
        src,
        decks,
        build_time(),
        read=reader(cache, judged=True),
        track=track,
        memory=cache,
        ready=ready,
    )


def matching(project: Project, query: str) -> Tally:
    """The notes that a search matches; ends the command, and names the nearest tags, if none do."""
    from builder.anki.query import search_for_tag, terms_of

    tally = project.tally.selected(query)
    if not tally:
        known = [search_for_tag(tag) for tag in project.tally.by_tag]
        hints = (nearest(term, known) for term, _ in terms_of(query) if term not in known)
        wrong_call(f"this search matches no notes: {query}{next(filter(None, hints), '')}")
    return tally


def open_cache() -> Cache:
    """What earlier builds have worked out, in the user's folder for such things."""
    from platformdirs import user_cache_path

    from builder.speed.cache import Cache

    return Cache(user_cache_path("asean-flashcards", appauthor=False))


def build_time() -> int:
    """Seconds since 1970; `SOURCE_DATE_EPOCH` where set (reproducible-builds.org).

    Ends the command if no deck can have been built then.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    said = given or str(int(time.time()))
    seconds = int(said) if said.isdecimal() and len(said) <= len(str(_LATEST)) else 0
    if not _EARLIEST <= seconds < _LATEST:
        clock = "SOURCE_DATE_EPOCH" if given else "the clock of this computer"
        needed = "a time between the years 2000 and 2100, in seconds since 1970"
        wrong_call(f"{clock} is not {needed}: {said}")
    return seconds


def check_query(query: str) -> None:
    """Ends the command, and points at the place, if this is not a search."""
    from builder.anki.query import wrong_with
    from builder.reports.problems import pointed_at

    wrong = wrong_with(query)
    if found := UNPRINTABLE.search(query):  # Anki could not read it in a package's description
        wrong = Wrong("it has a character that cannot be shown", found.start())
    if wrong:
        excerpt = (f"    {line}" for line in pointed_at(query, wrong.at + 1))
        wrong_call(f"this search is not valid: {wrong.message}", *excerpt)
