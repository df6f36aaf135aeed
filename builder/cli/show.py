"""`cards show`: a fact → its notes, as a newcomer reads them in a terminal."""

import re
from itertools import count
from pathlib import Path

import click

from builder.cli import common
from builder.cli.terminal import echo, echo_named, known_or_stop


def _complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The facts that a shell may offer."""
    from builder.project import load
    from builder.speed.reading import reader

    src = Path(ctx.params.get("src") or "cards_src")
    project, _problems = load(src, read=reader(common.open_cache(), lean=True))
    ids = [fact.id for fact in project.facts] if project else []
    return [name for name in ids if name.startswith(incomplete)]


@common.command("show", "cards show admm-plus-inaugural")
@click.argument("facts", nargs=-1, required=True, metavar="FACT...", shell_complete=_complete)
def command(facts: tuple[str, ...], src: Path, decks: Path) -> None:
    """Print the notes of facts, which are named by their ids."""
    from builder.notes.own import left_empty
    from builder.notes.render import not_asked

    common.check_folders(src, decks)
    project = common.load(src, lean=False)
    known = {fact.id: fact for fact in project.facts}
    notes = common.prepare(project, decks).notes
    for fact in (known[name] for name in facts if name in known):
        echo(fact.place.at_line)
        deck = f"{project.deck.name}::{fact.deck}" if fact.deck else ""
        shown = [
            dict(zip(project.fields[note.use], map(_plain, note.fields), strict=True))
            | {"Tags": " ".join(note.tags), "Deck": deck}
            for note in notes
            if note.fact.id == fact.id
        ]
        shared = {
            name: text
            for name, text in shown[0].items()
            if all(note.get(name) == text for note in shown)
        }
        own = [{name: note[name] for name in note if name not in shared} for note in shown]
        for lines in (*own, shared):
            echo(*([""] if any(lines.values()) else []))
            for name, text in lines.items():
                if text:
                    echo_named(name, text)
        silent = [
            f"{one.prompt}: {'reverse ' * one.reverse}not asked: {one.reason}"
            for one in not_asked(fact, project.vocabulary)
        ]
        kind = project.vocabulary.kinds[fact.kind]
        if kind and kind.note_type:
            for note in notes:
                silent += left_empty(note, kind) if note.fact.id == fact.id else ()
        echo(*[""] * bool(silent), *silent)
    known_or_stop("fact", facts, known)


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
