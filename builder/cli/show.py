"""`cards show`: a fact → its notes, as a newcomer reads them in a terminal."""

import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import common
from builder.cli.terminal import echo, echo_named, known_or_stop

if TYPE_CHECKING:
    from builder.build import Build


def _complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The facts that a shell may offer."""
    from builder.project import load
    from builder.speed.reading import reader

    src = Path(ctx.params.get("src") or "cards_src")
    project, _problems = load(src, read=reader(common.open_cache(), lean=True))
    ids = [fact.id for fact in project.facts] if project else []
    return [name for name in ids if name.startswith(incomplete)]


@common.command(
    "show",
    "cards show admm-plus-inaugural          all its notes",
    "cards show admm-plus-inaugural/when     one note, by the key on its cards",
)
@click.argument("facts", nargs=-1, required=True, metavar="FACT...", shell_complete=_complete)
def command(facts: tuple[str, ...], src: Path, decks: Path) -> None:
    """Print the notes of facts, which are named by their ids.

    A key, as it stands on a card, names one note. Former ids and keys will do, since learners may
    still have them.
    """
    from builder.notes.own import left_empty
    from builder.notes.render import not_asked

    common.check_folders(src, decks)
    project = common.load(src, lean=False)
    made = common.prepare(project, decks)
    known = _names(made)
    by_id = {fact.id: fact for fact in project.facts}
    for name in (known[name] for name in facts if name in known):
        fact = by_id[name.partition("/")[0]]
        notes = [note for note in made.notes if name in (note.fact.id, note.key)]
        echo(fact.place.at_line)
        deck = f"{project.deck.name}::{fact.deck}" if fact.deck else ""
        shown = [
            dict(zip(project.fields[note.use], map(_plain, note.fields), strict=True))
            | {"Tags": " ".join(note.tags), "Deck": deck}
            for note in notes
        ]
        shared = {
            name: text
            for name, text in shown[0].items()
            if all(note.get(name) == text for note in shown)
        }
        own = [{name: note[name] for name in note if name not in shared} for note in shown]
        for lines in (*own, shared):
            echo(*([""] if any(lines.values()) else []))
            for field, text in lines.items():
                if text:
                    echo_named(field, text)
        silent = [
            f"{one.prompt}: {'reverse ' * one.reverse}not asked: {one.reason}"
            for one in not_asked(fact, project.vocabulary)
            if name == fact.id
        ]
        kind = project.vocabulary.kinds[fact.kind]
        if kind and kind.note_type:
            for note in notes:
                silent += left_empty(note, kind)
        echo(*[""] * bool(silent), *silent)
    keys = [note.key for note in made.notes] if any("/" in name for name in facts) else []
    unknown = (name for name in facts if name not in known)
    known_or_stop("fact", unknown, [*by_id, *keys])


def _names(made: "Build") -> dict[str, str]:
    """All that facts and notes may be called → the id or key by which they are shown."""
    facts = [note.fact for note in made.notes]
    names = {former: entry.key for entry in made.after.values() for former in entry.formerly}
    names |= {name.partition("/")[0]: key.partition("/")[0] for name, key in names.items()}
    names |= {former: fact.id for fact in facts for former in fact.formerly}
    names |= {key: key for key in made.after} | {fact.id: fact.id for fact in facts}
    keys = {note.key for note in made.notes}
    ids = {fact.id for fact in facts}
    shown = ((name, key if key in keys else key.partition("/")[0]) for name, key in names.items())
    return {name: key for name, key in shown if key in keys | ids}


def _numbered(found: re.Match[str]) -> str:
    """A numbered list with its numbers."""
    numbers = count(1)
    return re.sub("<li>", lambda _: f"\n{next(numbers)}. ", found[0])


def _plain(html: str) -> str:
    """HTML as text for a terminal, a list item or block a line."""
    from html import unescape  # which few commands need

    html = re.sub(r"<summary>[^<·]*(?:· )?([^<]*)</summary>", r"\1", html)
    text = re.sub("<ol>.*?</ol>", _numbered, html, flags=re.DOTALL)
    text = text.replace('<div class="caution">', "\nCaution: ").replace("<li>", "\n- ")
    text = re.sub(r'<img src="([^"]*)"[^<>]*>', r"[picture:\1]", text)
    text = re.sub(r"</t[dh]>\s*", " ", text)
    text = re.sub(r"</?(?:br|div|p|ul|ol|tr|pre|hr)\b[^<>]*>", "\n", text)
    text = unescape(re.sub(r"<[^<>]+>", "", text.replace("</li>", "\n"))).strip()
    return re.sub(r"\s*\n\s*", "\n", text)
