"""The command `cards`: arguments, clock, printing and exit codes; the work is in `pipeline`."""

from __future__ import annotations

import gc
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import ExitStack
from html import unescape
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from builder.model import printable

if TYPE_CHECKING:
    from builder.cache import Cache
    from builder.changes import Changes
    from builder.model import Note, Problem
    from builder.pipeline import Project
    from builder.preview import Data, Preview
    from builder.query import Test
    from builder.tags import Tally
    from builder.watch import Server

# How many keys a search names before it says how many more there are.
_FEW = 8

# Where `preview --watch` is found, if nobody else is there and no port is named.
_PORT = 8765

# Seconds of work before a terminal shows how far it is.
_PATIENCE = 1.0
_STARTED = time.perf_counter()

# Between these a ledger's times and Anki's ids lie: seconds since 1970.
_EARLIEST = 946_684_800  # 1 January 2000
_LATEST = 4_102_444_800  # 1 January 2100

_Command = TypeVar("_Command", bound=Callable[..., None])
_Thing = TypeVar("_Thing")


def _examples(*lines: str) -> str:
    """The end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def _complete_package(
    ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """The packages that a shell may offer."""
    from builder.decks import load_deck

    deck, _ = load_deck(Path(ctx.params.get("src") or "cards_src"))
    return [name for name in (deck.packages if deck else ()) if name.startswith(incomplete)]


def _complete_fact(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The facts that a shell may offer."""
    from builder import pipeline

    src = Path(ctx.params.get("src") or "cards_src")
    project, _ = pipeline.load_project(src, cache=_open_cache())
    facts = dict.fromkeys(note.fact.id for note in (project.notes if project else ()))
    return [name for name in facts if name.startswith(incomplete)]


def _folders(command: _Command) -> _Command:
    """The options that every command has."""
    source = click.option(
        "--src", type=click.Path(path_type=Path), default="cards_src", help="The folder of sources."
    )
    decks = click.option(
        "--decks", type=click.Path(path_type=Path), default="decks", help="The folder of packages."
    )
    return source(decks(command))


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_examples(
        "cards check             every mistake in the sources",
        "cards preview --open    look at the cards",
        "cards build             write the packages",
        "cards COMMAND --help    more about a command",
    ),
)
@click.version_option(package_name="asean-flashcards", prog_name="cards")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Build Anki decks from curated YAML facts.

    Start with `cards check`, then `cards build`.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # not every terminal has every character
            stream.reconfigure(errors="replace")
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        ctx.color = False
    # A build makes millions of objects and no cycles; looking for some takes a third of its time.
    gc.disable()
    ctx.call_on_close(gc.enable)


@main.command(
    epilog=_examples(
        "cards build                  all packages",
        "cards build asean-core       this one alone",
        "cards build --check          are decks/ what the sources give?",
        "cards build --only 'tag:ASEAN::partner::japan' -o japan.apkg",
    )
)
@click.argument("packages", nargs=-1, shell_complete=_complete_package)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if decks are stale.")
@click.option("--only", metavar="QUERY", help="Write one package, of what this search finds.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it, outside of the folders of sources and packages.",
)
@_folders
def build(
    packages: tuple[str, ...],
    *,
    only_check: bool,
    only: str | None,
    output: Path | None,
    src: Path,
    decks: Path,
) -> None:
    """Write the packages (all, or those named).

    Nothing is written while there is an error in the sources. QUERY is a search in Anki's language
    that speaks of tags; its package is not part of the collection of packages, and a learner can
    import it before or after any of them.
    """
    if only is not None or output is not None:
        if only is None or output is None:
            raise click.UsageError("--only and -o belong together")
        if packages or only_check:
            raise click.UsageError("--only goes neither with a PACKAGE nor with --check")
        _build_part(only, output, src, decks)
        return
    _refuse_nested(src, decks)
    _stop_if_wrong(_check_packages(decks))
    from builder.cache import no_cache
    from builder.unchanged import LastBuild

    cache = no_cache if only_check else _open_cache()
    last = LastBuild(cache, src, decks, packages)
    now = _now()
    if said := last.said():
        _print_built(*said, "nothing")
        return
    # What follows takes long to import.
    from builder import pipeline
    from builder.checks import check_cards

    project = _load(src)
    known = project.deck.packages
    for name in packages:
        if name not in known:
            _fail_usage("package", name, known)
    chosen = [known[name] for name in packages or known]
    if only_check:
        _stop_if_wrong(check_cards(project))
        planned, problems = pipeline.plan(project, chosen, decks, now)
        _stop_if_wrong(problems or (pipeline.stale(planned, _track) if planned else ()))
        return
    built, problems = pipeline.build(project, chosen, decks, now, _track, cache)
    _stop_if_wrong(problems)
    assert built is not None  # noqa: S101 - no problems means that it was built
    lines = [
        f"{path}  {_summary(inside)}, {path.stat().st_size / 1000:.0f} kB"
        for path, inside in built.packages.items()
    ]
    warnings = len(set(built.warnings))
    warned = f"{_counted(warnings, 'warning')}: see cards check" if warnings else ""
    _print_built(lines, warned, _notice(built.changes, built.added))
    last.remember(built.files, lines, warned)


def _print_built(packages: list[str], warned: str, notice: str) -> None:
    """What a build says: its packages, what learners will notice, how many warnings there are."""
    for line in packages:
        _echo(line)
    _echo(f"learners will notice: {notice}")
    if warned:
        _echo(warned, err=True)


@main.command(
    epilog=_examples(
        "cards check                   every mistake, with its place",
        "cards check --strict          and let no warning pass",
        "cards check --format github   as annotations of a pull request",
    )
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="For people, for programs, or as annotations of GitHub Actions.",
)
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@click.option("--rules", "list_rules", is_flag=True, help="List the rules, and check nothing.")
@_folders
def check(form: str, *, strict: bool, list_rules: bool, src: Path, decks: Path) -> None:
    """Report every problem in the sources."""
    from builder import pipeline, report
    from builder.checks import check_cards

    if list_rules:
        rules = report.all_rules()
        width = max(map(len, rules))
        for name, statement in rules.items():
            click.echo(f"{name:{width}}  {statement}")
        return
    _refuse_nested(src, decks)
    project, problems = pipeline.load_project(src, cache=_open_cache())
    problems += _check_packages(decks)
    if project and not _count_errors(problems):
        problems += check_cards(project)
        _, found = pipeline.continue_ledger(project, decks, _now())
        problems += found
    problems += pipeline.check_schemas(src)
    if strict:
        problems = [problem._replace(severity="error") for problem in problems]
    problems = sorted(set(problems))
    forms = {
        "text": lambda found: report.as_text(found, _styled),
        "json": report.as_json,
        "github": report.as_github,
    }
    for line in forms[form](problems):
        click.echo(line)
    errors = _count_errors(problems)
    if project and not errors:
        facts = len({note.fact.id for note in project.notes})
        click.echo(
            f"{_counted(facts, 'fact')}, {_summary(project.tally)}{_warned(problems)}", err=True
        )
    else:
        click.echo(_counted(errors, "error") + _warned(problems), err=True)
        sys.exit(1)


@main.command(
    epilog=_examples(
        "cards changes ~/Downloads/asean.apkg",
        "cards changes old.apkg new.apkg --format markdown",
    )
)
@click.argument("old", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("new", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    help="How to print it.",
)
@_folders
def changes(old: Path, new: Path | None, form: str, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print what a learner with package OLD notices on importing NEW.

    NEW is the package of the same name in the folder of packages, unless it is named.
    """
    from builder.changes import compare, describe, read_package
    from builder.model import Problem

    if new is None:
        _stop_if_wrong(_check_packages(decks))
    editions = []
    for path in (old, new or decks / old.name):
        edition = read_package(path)
        if isinstance(edition, Problem):
            _stop_if_wrong([edition])
        else:
            editions.append(edition)
    click.echo(describe(compare(*editions), markdown=form == "markdown"))


@main.command(epilog=_examples("cards show admm-plus-inaugural"))
@click.argument("facts", nargs=-1, required=True, metavar="FACT...", shell_complete=_complete_fact)
@_folders
def show(facts: tuple[str, ...], src: Path, decks: Path) -> None:
    """Print the notes of each FACT, named by its id."""
    from builder import pipeline

    _refuse_nested(src, decks)
    _stop_if_wrong(_check_packages(decks))
    project = _load(src)
    continued, problems = pipeline.continue_ledger(project, decks, _now())
    _stop_if_wrong(problems)
    by_fact: dict[str, list[Note]] = {}
    for note in continued.notes if continued else ():
        by_fact.setdefault(note.fact.id, []).append(note)
    for name in facts:
        if name not in by_fact:
            _fail_usage("fact", name, by_fact)
    for name in facts:
        fact = by_fact[name][0].fact
        click.secho(printable(f"{fact.path}:{fact.line}"), dim=True)
        for note in by_fact[name]:
            _print_note(note, project)


@main.command(
    epilog=_examples(
        "cards tags                                 the whole tree",
        "cards tags 'tag:ASEAN::level::core'        of what this search finds",
        "cards tags --markdown                      the study guide for learners",
    )
)
@click.argument("query", required=False, default="")
@click.option("--markdown", is_flag=True, help="Print the study guide, which is decks/STUDY.md.")
@_folders
def tags(query: str, *, markdown: bool, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print the tag tree, with the search for each tag.

    That is notes, cards, what to search for in Anki, meaning.

    QUERY, a search in Anki's language that speaks of tags, restricts it to the notes that it finds.
    """
    from builder.study import as_text, guide, parts

    if markdown and query:
        raise click.UsageError("the study guide is about all notes, and takes no QUERY")
    selects = _compile(query)
    project = _load(src)
    if markdown:
        _echo(guide(project), nl=False)
        return
    found = project.tally.found_by(selects)
    if not found:
        _fail_empty(query)
    for line in as_text(parts(project, found, query)):
        _echo(line)


@main.command()
@_folders
def coverage(src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print what each section of a document has on cards.

    That is facts, notes, and claims left out.
    """
    from builder.coverage import coverage as count

    project = _load(src)
    for slug, sections in count(project.sources.values(), project.notes, project.left_out).items():
        width = max(len(section.name) for section in sections)
        _echo(f"{slug}: {project.sources[slug].title}")
        click.echo(f"  {'':{width}}  facts  notes  left out")
        for name, facts, notes, left_out in sections:
            _echo(f"  {name:{width}}  {facts:5}  {notes:5}  {left_out:8}")


@main.command(
    epilog=_examples(
        "cards stale                     all facts with as_of, the oldest first",
        "cards stale --older-than 18m    those that were true more than 18 months ago",
    )
)
@click.option(
    "--older-than",
    metavar="AGE",
    help="Only what is older than so many days, months or years: 90d, 18m, 2y.",
)
@_folders
def stale(older_than: str | None, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print facts by the age of their as_of.

    That is place, id, as_of and age. A month, a year or a span of years counts from its last day.
    """
    from datetime import UTC, datetime

    from builder.age import age_of, before, by_age

    today = datetime.fromtimestamp(_now(), UTC).date()
    limit = before(today, older_than) if older_than is not None else None
    if older_than is not None and limit is None:
        raise click.UsageError(f"“{older_than}” is not an age; write 90d, 18m or 2y")
    aged = [one for one in by_age(_load(src).notes) if limit is None or one.until < limit]
    rows = [
        (f"{fact.path}:{fact.line}", fact.id, fact.as_of, age_of(until, today))
        for fact, until in aged
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    click.echo(_counted(len(rows), "fact"), err=True)


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if one is stale.")
@_folders
def schema(*, only_check: bool, src: Path, decks: Path) -> None:  # noqa: ARG001
    """Write JSON Schemas to SRC/schema, for editors.

    They are made from kinds, tags, sources and pictures; mistakes in facts do not matter.
    """
    from builder import pipeline

    files, problems = pipeline.plan_schemas(src)
    _stop_if_wrong(problems)
    stale = pipeline.stale_schemas(files)
    if only_check:
        _stop_if_wrong(stale)
        return
    _stop_if_wrong(pipeline.write_schemas(files))
    for problem in stale:
        _echo(problem.path)


@main.command(
    epilog=_examples(
        "cards preview --open            write preview.html and look at it",
        "cards preview --watch --open    see each change as soon as it is saved",
        "cards preview -o /tmp/all.html",
    )
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default="preview.html",
    show_default=True,
    help="The page to write.",
)
@click.option("--watch", is_flag=True, help="Serve the page too, and renew it on every save.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help=f"Where to serve it; {_PORT} if that is free."
)
@click.option("--open", "opened", is_flag=True, help="Open the page in a browser.")
@_folders
def preview(
    output: Path, *, watch: bool, port: int | None, opened: bool, src: Path, decks: Path
) -> None:
    """Write a page of all cards, as Anki renders them.

    The page is one file: search, filters, phone and desktop, light and dark, what is wrong with a
    card, and where it stands in the sources. Ctrl-C ends --watch.
    """
    from importlib.util import find_spec

    if find_spec("anki") is None:
        message = "the preview needs Anki's engine: pip install 'asean-flashcards[anki]'"
        click.echo(message, err=True)
        sys.exit(1)
    from builder.preview import make_page, make_preview

    _refuse_nested(src, decks)
    _refuse_inside(output, src, decks)
    _stop_if_wrong(_check_packages(decks))
    if watch:
        try:
            _watch(src, decks, output, port, opened=opened)
        except KeyboardInterrupt:
            click.echo(err=True)
        return
    cache = _open_cache()
    made, problems = make_preview(src, decks, _now(), Path.cwd(), track=_track, cache=cache)
    _stop_if_wrong(problems)
    assert made is not None  # noqa: S101 - no error means that it was made
    page = make_page(made.data)
    _write_file(output, page)
    _echo(f"{output}  {_counted(len(made.data['cards']), 'card')}, {len(page) / 1000:.0f} kB")
    if opened:
        click.launch(str(output))


def _serve(made: Preview | None, problems: list[Problem], port: int | None) -> Server:
    """The page, on a port of this machine; ends the program if that cannot be had."""
    from builder.preview import no_cards, with_problems
    from builder.watch import Server

    data = made.data if made else with_problems(no_cards(Path.cwd()), problems, broken=True)
    for number in (port,) if port else (_PORT, 0):
        try:
            return Server(data, number)
        except OSError as error:
            reason = str(error.strerror or error).lower()
    click.echo(f"the page cannot be served on port {port}: {reason}", err=True)
    sys.exit(1)


def _watch(src: Path, decks: Path, output: Path, port: int | None, *, opened: bool) -> None:
    """Serves the page and renews it on every change of a source, until it is interrupted."""
    from builder.ledger_file import FILE_NAME
    from builder.preview import make_page, make_preview, with_problems
    from builder.watch import changes

    gc.enable()  # this goes on for hours
    cache = _open_cache()
    changed = changes([src, decks / FILE_NAME])
    made, problems = make_preview(src, decks, _now(), Path.cwd(), track=_track, cache=cache)
    server = _serve(made, problems, port)
    try:
        click.echo(server.address)
        if opened:
            click.launch(server.address)
        _write_file(output, make_page(server.data))
        _print_state(server.data, problems)
        for _ in changed:
            start = time.perf_counter()
            try:
                newer, problems = make_preview(src, decks, _now(), Path.cwd(), made, cache=cache)
            except FileNotFoundError:  # went away while it was read, which is the next change
                continue
            made = newer or made
            broken = with_problems(server.data, problems, broken=True)
            server.show(newer.data if newer else broken)
            _write_file(output, make_page(server.data))
            _print_state(server.data, problems, time.perf_counter() - start)
    finally:
        server.close()


def _print_state(data: Data, problems: list[Problem], seconds: float | None = None) -> None:
    """The errors, and a line on what the page shows now."""
    from builder.report import as_text

    wrong = [problem for problem in sorted(set(problems)) if problem.severity == "error"]
    for line in as_text(wrong, _styled):
        click.echo(line, err=True)
    errors = len(wrong)
    found = (f", {_counted(errors, 'error')}" if errors else "") + _warned(problems)
    took = f", {seconds:.2f} s" if seconds is not None else ""
    click.echo(f"{_counted(len(data['cards']), 'card')}{found}{took}", err=True)


def _build_part(query: str, output: Path, src: Path, decks: Path) -> None:
    """Writes a package of what a search finds."""
    from builder import pipeline
    from builder.checks import check_cards
    from builder.model import Package

    selects = _compile(query)
    _refuse_nested(src, decks)
    _refuse_inside(output, src, decks)
    if output.suffix != ".apkg":
        _echo(f"Anki takes {output} for a package only if its name ends in .apkg", err=True)
        sys.exit(2)
    _stop_if_wrong(_check_packages(decks))
    project = _load(src)
    _stop_if_wrong(check_cards(project))
    about = f"The part that this search finds: {query}"
    package = Package("part", project.deck.name, about, query, selects, 1, 1)
    inside = project.tally_of(package)
    if not inside:
        _fail_empty(query)
    data, problems = pipeline.pack(project, package, decks, _now(), _track)
    _stop_if_wrong(problems)
    assert data is not None  # noqa: S101 - no problems means that it was made
    _write_file(output, data)
    _echo(f"{output}  {_summary(inside)}, {len(data) / 1000:.0f} kB")


def _compile(query: str) -> Test:
    """The test of a search; ends with 2, and points at the place, where it is none."""
    from builder.query import Wrong, compile_query
    from builder.report import pointed_at

    test = compile_query(query)
    if isinstance(test, Wrong):
        _echo(f"this search cannot be used: {test.message}", err=True)
        for line in pointed_at(query, test.at + 1):
            click.echo(line, err=True)
        sys.exit(2)
    return test


def _fail_empty(query: str) -> NoReturn:
    """Ends with 2: a search on the command line finds nothing."""
    _echo(f"no note has such tags: {query}", err=True)
    sys.exit(2)


def _refuse_inside(output: Path, *folders: Path) -> None:
    """Ends with 2 if a file would be written into one of the folders."""
    for folder in folders:
        if _is_inside(output.parent, folder):
            _echo(f"{output} cannot be written into {folder}/", err=True)
            sys.exit(2)


def _refuse_nested(src: Path, decks: Path) -> None:
    """Ends with 2 if sources and packages would lie among one another, where both were chosen.

    Without a build, nobody has chosen the folder of packages unless it is named.
    """
    context = click.get_current_context()
    named = context.get_parameter_source("decks") is not click.core.ParameterSource.DEFAULT
    if context.command is not build and not named and not decks.is_dir():
        return
    if _is_inside(decks, src) or _is_inside(src, decks):
        _echo(f"the packages in {decks}/ and the sources in {src}/ need folders apart", err=True)
        sys.exit(2)


def _is_inside(inner: Path, outer: Path) -> bool:
    """Whether a folder is another or lies in it, also by way of links."""
    path, folder = Path(os.path.realpath(inner)), Path(os.path.realpath(outer))
    return folder in (path, *path.parents)


def _check_packages(decks: Path) -> list[Problem]:
    """What lies in the folder of packages instead of files of ours."""
    from builder.files import check_packages

    return check_packages(decks)


def _write_file(path: Path, data: bytes) -> None:
    """Writes a file where the user wants it; ends the program if that fails."""
    from builder.files import reason_of, write_files

    try:
        write_files([(path, [data])], over_links=True)
    except OSError as error:
        _echo(f"{path} cannot be written: {reason_of(error)}", err=True)
        sys.exit(1)


def _echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Prints a text of some lines, without anything that a terminal would obey."""
    click.echo("\n".join(map(printable, text.split("\n"))), err=err, nl=nl)


def _track(things: list[_Thing], label: str, /) -> Iterator[_Thing]:
    """The things one by one, with a progress bar on a terminal once the work takes its time."""
    if not sys.stderr.isatty():
        yield from things
        return
    with ExitStack() as stack:
        bar = None
        for done, thing in enumerate(things):
            if bar is None and time.perf_counter() - _STARTED > _PATIENCE:
                shown = click.progressbar(
                    length=len(things), label=f"{label:16}", file=sys.stderr, show_eta=False
                )
                bar = stack.enter_context(shown)
                bar.update(done)
            yield thing
            if bar:
                bar.update(1)


def _styled(problem: Problem) -> str:
    """A problem as a line, with colours where they are seen."""
    place = click.style(f"{problem.path}:{problem.line}:{problem.column}:", bold=True)
    colour = "red" if problem.severity == "error" else "yellow"
    severity = click.style(f"{problem.severity}:", fg=colour, bold=True)
    return f"{place} {severity} {problem.message} {click.style(f'[{problem.rule}]', dim=True)}"


def _load(src: Path) -> Project:
    """The project; ends the program if it has an error."""
    from builder import pipeline

    project, problems = pipeline.load_project(src, _track, _open_cache())
    _stop_if_wrong(problems)
    assert project is not None  # noqa: S101 - a project without errors is there
    return project


def _open_cache() -> Cache:
    """What earlier builds have worked out, in the user's folder for such things."""
    from platformdirs import user_cache_path

    from builder.cache import Cache

    return Cache(user_cache_path("asean-flashcards", appauthor=False))


def _now() -> int:
    """Seconds since 1970; `SOURCE_DATE_EPOCH` where set (reproducible-builds.org).

    Ends with 2 if that is no time at which a deck can have been built.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given and not re.fullmatch(r"-?[0-9]{1,20}", given):
        _echo(f"SOURCE_DATE_EPOCH is no number of seconds since 1970: {given}", err=True)
        sys.exit(2)
    now = int(given or time.time())
    if not _EARLIEST <= now < _LATEST:
        what = "SOURCE_DATE_EPOCH is" if given else "the clock of this computer says"
        _echo(f"{what} {now}, which is not between the years 2000 and 2100", err=True)
        sys.exit(2)
    return now


def _stop_if_wrong(problems: Iterable[Problem]) -> None:
    """Prints problems and ends with 1 if one is an error."""
    found = sorted(set(problems))
    errors = _count_errors(found)
    if errors:
        from builder.report import as_text

        for line in as_text(found, _styled):
            click.echo(line, err=True)
        click.echo(_counted(errors, "error"), err=True)
        sys.exit(1)


def _fail_usage(what: str, name: str, known: Iterable[str]) -> NoReturn:
    """Ends with 2: a name on the command line is not known."""
    from builder.load import nearest

    _echo(f"there is no {what} “{name}”{nearest(name, known)}", err=True)
    sys.exit(2)


def _notice(changes: Changes, added: int) -> str:
    """What learners will notice, in a few lines; `added` is the number of notes that are new."""
    from builder.changes import search_for

    counted = [
        f"{number} {word}"
        for number, word in (
            (added, "added"),
            (len(changes.reworded), "reworded"),
            (len(changes.retagged), "retagged"),
            (len(changes.retired), "retired"),
            (len(changes.emptied), "emptied"),
        )
        if number
    ]
    if changes.redesigned:
        counted.append("a new design")
    lines = [", ".join(counted) or "nothing"]
    if changes.reworded:
        keys = [(after.key, None) for _, after in changes.reworded]
        lines.append(f"  reworded: {search_for(keys[:_FEW])}{_more(keys)}")
    gone = [(seen.key, None) for seen in changes.retired] + changes.emptied
    if gone:
        lines.append(f"  gone, but kept by Anki: {search_for(gone[:_FEW])}{_more(gone)}")
    return "\n".join(lines)


def _more(keys: Sized) -> str:
    return f" and {len(keys) - _FEW} more: see cards changes" if len(keys) > _FEW else ""


def _print_note(note: Note, project: Project) -> None:
    """A note as a newcomer would read it in a terminal."""
    names = next(type_.fields for type_ in project.note_types if type_.cloze == note.cloze)
    click.echo()
    for name, value in (*zip(names, note.fields, strict=True), ("Tags", " ".join(note.tags))):
        if value:
            text = ("\n" + " " * 15).join(map(printable, _plain(value).split("\n")))
            click.echo(f"{click.style(f'{name:>13}', bold=True)}  {text}")


def _plain(html: str) -> str:
    """HTML as text for a terminal, a list item or block a line."""
    text = html.replace('<div class="caution">', "\nCaution: ").replace("<li>", "\n- ")
    text = unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(?:br|div)\b[^>]*>", "\n", text))).strip()
    return re.sub(r"\s*\n\s*", "\n", text)


def _summary(tally: Tally) -> str:
    return f"{_counted(tally.notes, 'note')}, {_counted(tally.cards, 'card')}"


def _count_errors(problems: Iterable[Problem]) -> int:
    return sum(problem.severity == "error" for problem in set(problems))


def _warned(problems: Iterable[Problem]) -> str:
    warnings = sum(problem.severity == "warning" for problem in set(problems))
    return f", {_counted(warnings, 'warning')}" if warnings else ""


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
