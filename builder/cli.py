"""The command `cards`: arguments, clock, printing and exit codes; the work is in `pipeline`."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Sized
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from builder.changes import Changes
    from builder.model import Note, Problem
    from builder.pipeline import Project

# How many keys a search names before it says how many more there are.
_FEW = 8

_Command = TypeVar("_Command", bound=Callable[..., None])


def _folders(command: _Command) -> _Command:
    """The options that every command has."""
    source = click.option(
        "--src", type=click.Path(path_type=Path), default="cards_src", help="The folder of sources."
    )
    decks = click.option(
        "--decks", type=click.Path(path_type=Path), default="decks", help="The folder of packages."
    )
    return source(decks(command))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="asean-flashcards", prog_name="cards")
def main() -> None:
    """Build Anki decks from curated YAML facts.

    Start with `cards check`, then `cards build`.
    """


@main.command()
@click.argument("packages", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if decks are stale.")
@_folders
def build(packages: tuple[str, ...], *, only_check: bool, src: Path, decks: Path) -> None:
    """Write the packages (all, or those named).

    Nothing is written while there is an error in the sources.
    """
    from builder import pipeline
    from builder.changes import compare, edition_of
    from builder.checks import check_cards

    project = _load(src)
    warnings = check_cards(project)
    _stop_if_wrong(warnings)
    known = project.deck.packages
    for name in packages:
        if name not in known:
            _fail_usage("package", name, known)
    chosen = [known[name] for name in packages or known]
    make = pipeline.plan if only_check else pipeline.build
    built, problems = make(project, chosen, decks, _now())
    _stop_if_wrong(problems)
    assert built is not None  # noqa: S101 - no problems means that it was built
    if only_check:
        _stop_if_wrong(pipeline.stale(built))
        return
    for path, notes in built.packages.items():
        size = path.stat().st_size / 1000
        click.echo(f"{path}  {_summary(notes)}, {size:.0f} kB")
    _print_notice(compare(edition_of(built.before.values()), edition_of(built.after.values())))
    if warnings:
        click.echo(f"{_counted(len(set(warnings)), 'warning')}: see cards check", err=True)


@main.command()
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
    project, problems = pipeline.load_project(src)
    if project and not _count_errors(problems):
        problems += check_cards(project)
        _, found = pipeline.continue_ledger(project, decks, _now())
        problems += found
    problems += pipeline.check_schemas(src)
    if strict:
        problems = [problem._replace(severity="error") for problem in problems]
    problems = sorted(set(problems))
    forms = {"text": report.as_text, "json": report.as_json, "github": report.as_github}
    for line in forms[form](problems):
        click.echo(line)
    errors = _count_errors(problems)
    if project and not errors:
        facts = len({note.fact.id for note in project.notes})
        click.echo(
            f"{_counted(facts, 'fact')}, {_summary(project.notes)}{_warned(problems)}", err=True
        )
    else:
        click.echo(_counted(errors, "error") + _warned(problems), err=True)
        sys.exit(1)


@main.command()
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

    editions = []
    for path in (old, new or decks / old.name):
        edition = read_package(path)
        if isinstance(edition, Problem):
            _stop_if_wrong([edition])
        else:
            editions.append(edition)
    click.echo(describe(compare(*editions), markdown=form == "markdown"))


@main.command()
@click.argument("facts", nargs=-1, required=True, metavar="FACT...")
@_folders
def show(facts: tuple[str, ...], src: Path, decks: Path) -> None:
    """Print the notes of each FACT, named by its id."""
    from builder import pipeline

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
        click.secho(f"{fact.path}:{fact.line}", dim=True)
        for note in by_fact[name]:
            _print_note(note, project)


@main.command()
@_folders
def tags(src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print the tag tree: number of notes, tag, meaning."""
    from builder.tags import count_tags

    project = _load(src)
    counts = count_tags({note.key: note.tags for note in project.notes})
    meanings = dict(project.tags)
    meanings.update((f"kind::{kind.name}", kind.about) for kind in project.kinds.values() if kind)
    meanings.update((f"source::{s.slug}", s.title) for s in project.sources.values())
    meanings |= {"kind": "The form of fact", "source": "The document a fact comes from"}
    meanings["caution"] = "The source errs, is outdated, or sources disagree"
    root = project.deck.tag_root
    order = {f"{root}::{tag}": place for place, tag in enumerate(meanings)}
    listed = sorted((tag for tag in counts if tag in order), key=lambda tag: _path(tag, order))
    rows = [(counts[root], root, project.deck.name)] if root in counts else []
    rows += [
        (
            counts[tag],
            "  " * (tag.count("::") - root.count("::")) + tag.rpartition("::")[2],
            meanings[tag.removeprefix(f"{root}::")],
        )
        for tag in listed
    ]
    width = max((len(name) for _, name, _ in rows), default=0)
    for count, name, meaning in rows:
        click.echo(f"{count:6}  {name:{width}}  {meaning}".rstrip())


@main.command()
@_folders
def coverage(src: Path, decks: Path) -> None:  # noqa: ARG001
    """Print what each document's sections have on cards: facts, notes, claims left out."""
    from builder.coverage import coverage as count

    project = _load(src)
    for slug, sections in count(project.sources.values(), project.notes, project.left_out).items():
        width = max(len(section.name) for section in sections)
        click.echo(f"{slug}: {project.sources[slug].title}")
        click.echo(f"  {'':{width}}  facts  notes  left out")
        for name, facts, notes, left_out in sections:
            click.echo(f"  {name:{width}}  {facts:5}  {notes:5}  {left_out:8}")


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
        click.echo(problem.path)


def _path(tag: str, order: dict[str, int]) -> list[int]:
    """Sorts a tag under its parent, children in the order of `order`."""
    parts = tag.split("::")
    return [order.get("::".join(parts[: n + 1]), -1) for n in range(len(parts))]


def _load(src: Path) -> Project:
    """The project; ends the program if it has an error."""
    from builder import pipeline

    project, problems = pipeline.load_project(src)
    _stop_if_wrong(problems)
    assert project is not None  # noqa: S101 - a project without errors is there
    return project


def _now() -> int:
    """Seconds since 1970; `SOURCE_DATE_EPOCH` where set (reproducible-builds.org)."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        return int(time.time())
    if not re.fullmatch(r"\d{1,11}", given) or int(given) == 0:
        click.echo(f"SOURCE_DATE_EPOCH is no number of seconds since 1970: {given}", err=True)
        sys.exit(2)
    return int(given)


def _stop_if_wrong(problems: Iterable[Problem]) -> None:
    """Prints problems and ends with 1 if one is an error."""
    found = sorted(set(problems))
    errors = _count_errors(found)
    if errors:
        from builder.report import as_text

        for line in as_text(found):
            click.echo(line, err=True)
        click.echo(_counted(errors, "error"), err=True)
        sys.exit(1)


def _fail_usage(what: str, name: str, known: Iterable[str]) -> NoReturn:
    """Ends with 2: a name on the command line is not known."""
    from builder.load import nearest

    click.echo(f"there is no {what} “{name}”{nearest(name, known)}", err=True)
    sys.exit(2)


def _print_notice(changes: Changes) -> None:
    """What learners will notice, in a few lines."""
    from builder.changes import search_for

    counted = [
        f"{len(found)} {word}"
        for found, word in (
            (changes.added, "added"),
            (changes.reworded, "reworded"),
            (changes.retagged, "retagged"),
            (changes.retired, "retired"),
            (changes.emptied, "emptied"),
        )
        if found
    ]
    if changes.redesigned:
        counted.append("a new design")
    click.echo("learners will notice: " + (", ".join(counted) or "nothing"))
    if changes.reworded:
        keys = [(after.key, None) for _, after in changes.reworded]
        click.echo(f"  reworded: {search_for(keys[:_FEW])}{_more(keys)}")
    gone = [(seen.key, None) for seen in changes.retired] + changes.emptied
    if gone:
        click.echo(f"  gone, but kept by Anki: {search_for(gone[:_FEW])}{_more(gone)}")


def _more(keys: Sized) -> str:
    return f" and {len(keys) - _FEW} more: see cards changes" if len(keys) > _FEW else ""


def _print_note(note: Note, project: Project) -> None:
    """A note as a newcomer would read it in a terminal."""
    names = next(type_.fields for type_ in project.note_types if type_.cloze == note.cloze)
    click.echo()
    for name, value in (*zip(names, note.fields, strict=True), ("Tags", " ".join(note.tags))):
        if value:
            text = _plain(value).replace("\n", "\n" + " " * 15)
            click.echo(f"{click.style(f'{name:>13}', bold=True)}  {text}")


def _plain(html: str) -> str:
    """HTML as text for a terminal, a list item or block a line."""
    text = html.replace('<div class="caution">', "\nCaution: ").replace("<li>", "\n- ")
    text = unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(?:br|div)>", "\n", text))).strip()
    return re.sub(r"\s*\n\s*", "\n", text)


def _summary(notes: Iterable[Note]) -> str:
    cards = [len(note.cards) for note in notes]
    return f"{_counted(len(cards), 'note')}, {_counted(sum(cards), 'card')}"


def _count_errors(problems: Iterable[Problem]) -> int:
    return sum(problem.severity == "error" for problem in set(problems))


def _warned(problems: Iterable[Problem]) -> str:
    warnings = sum(problem.severity == "warning" for problem in set(problems))
    return f", {_counted(warnings, 'warning')}" if warnings else ""


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
