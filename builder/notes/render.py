"""Facts → notes: what the templates of their kinds make of them, and what every card shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from markupsafe import Markup, escape

from builder.anki.ids import digest
from builder.model import OWN_PROMPT, Fact, Kind, Note, Prompt, Source, Tag, Vocabulary
from builder.notes.cloze import Numbering, card_numbers, wrong_with_html
from builder.notes.dates import show_date
from builder.notes.markdown import finished, harmless, inert, markdown, pictures_in
from builder.notes.own import own_note, wrong_with_side
from builder.notes.tags import complete, with_parents
from builder.notes.templates import FAILURES, fill
from builder.notes.written import picture, remarks_of, values_of
from builder.problems import Error, Problem, error


def render_notes(facts: Iterable[Fact], vocabulary: Vocabulary) -> tuple[list[Note], list[Problem]]:
    """Every note of every fact, in the order of the facts, and what is wrong with the others."""
    tags_of = cache(lambda named: complete(named, vocabulary.tag_root, vocabulary.tags))
    rendered = [note for fact in facts for note in _notes_of(fact, vocabulary, tags_of)]
    return (
        [note for note in rendered if isinstance(note, Note)],
        [problem for problem in rendered if isinstance(problem, Problem)],
    )


def _notes_of(
    fact: Fact, vocabulary: Vocabulary, tags_of: Callable[[frozenset[str]], tuple[str, ...]]
) -> Iterator[Note | Problem]:
    """A note of each prompt that is asked of a fact, or why there is none."""
    kind = vocabulary.kinds[fact.kind]
    assert kind  # noqa: S101 - a fact of a broken kind is not read
    values = values_of(fact, kind, vocabulary.media)
    shown = (
        f"<div>{harmless(picture(fact.picture, vocabulary.media))}</div>" if fact.picture else ""
    )
    topic = finished(_topic(fact.topic, vocabulary.tags))
    source = _source(fact, vocabulary.sources)
    if kind.note_type:
        tags = tags_of(_named_tags(fact, caution=OWN_PROMPT in fact.caution))
        shown_by_all = {"topic": Markup(topic), "source": Markup(source)}  # noqa: S704 - inert
        values |= shown_by_all | remarks_of(fact, OWN_PROMPT, vocabulary.media)
        yield own_note(fact, kind, values, tags, _media(fact, kind))
    for prompt in kind.prompts:
        if not prompt.uses <= values.keys():
            continue
        numbering = Numbering(fact, kind)
        sides = _sides(prompt, values, numbering)
        if isinstance(sides, Problem):
            yield sides
            continue
        note = _div(fact.note.get(prompt.name))
        caution = _div(fact.caution.get(prompt.name), ' class="caution"')
        source_note = _div(fact.source_note.get(prompt.name), ' class="source-note"')
        look = (*sides, finished(shown + note + caution), topic, finished(source + source_note))
        key = f"{fact.id}/{prompt.name}"
        yield Note(
            key=key,
            fact=fact,
            prompt=prompt.name,
            cloze=prompt.cloze,
            fields=(*look, key),
            tags=tags_of(_named_tags(fact, caution=bool(caution))),
            cards=_cards(prompt, sides),
            deletions=tuple(numbering.numbers),
            media=_media(fact, kind),
            look=digest(look),
        )


def _sides(
    prompt: Prompt, values: Mapping[str, object], numbering: Numbering
) -> tuple[str, ...] | Problem:
    """The HTML of a prompt's sides, with those of an empty reverse; or why there is no note."""
    fact = numbering.fact
    reverse = prompt.reverse if prompt.reverse_uses <= values.keys() else ()
    sides = []
    for template in (*prompt.sides, *reverse):
        try:
            sides.append(finished(fill(template, values, numbering)))
        except FAILURES as failure:
            message = f"the template fails on fact “{fact.id}”: {failure}"
            return error(template.place, message, Error.TEMPLATE)
    message = wrong_with_html(sides[0], numbering.hidden) if prompt.cloze else ""
    message = message or next(filter(None, map(wrong_with_side, sides)), "")
    if message:
        message = f"prompt “{prompt.name}” of fact “{fact.id}” {message}"
        return error(fact.place, message, Error.PROMPT)
    return tuple(sides) if prompt.cloze else (*sides, *[""] * (4 - len(sides)))


def _cards(prompt: Prompt, sides: tuple[str, ...]) -> tuple[int, ...]:
    """The numbers of the cards that Anki makes of these sides."""
    if prompt.cloze:
        return card_numbers(sides[0])
    return (1, 2) if sides[2] else (1,)


def _named_tags(fact: Fact, *, caution: bool) -> frozenset[str]:
    """The tags that a note has by what its fact says."""
    sources = [f"source::{citation.source}" for citation in fact.citations]
    about = "caution" if caution else ""
    tags = [fact.topic, fact.level, *fact.tags, f"kind::{fact.kind}", *sources, about]
    return frozenset(filter(None, tags))


def _media(fact: Fact, kind: Kind) -> tuple[str, ...]:
    """The names of all pictures of a fact."""
    pictures = [fact.picture]
    for name, value in fact.values.items():
        if isinstance(value, str) and kind.fields[name].type == "picture":
            pictures.append(value)
        elif isinstance(value, str) and kind.fields[name].type == "markdown":
            pictures += pictures_in(value)
    return tuple(filter(None, pictures))


def _div(text: str | None, attribute: str = "") -> str:
    return f"<div{attribute}>{markdown(text)}</div>" if text else ""


def _topic(topic: str, tags: Mapping[str, Tag]) -> str:
    """The field Topic, a path of names: `topic::defence::admm-plus` → `Defence › ADMM-Plus`."""
    names = (tags[tag].name for tag in with_parents(topic)[1:] if tag in tags)
    return inert(" › ".join(map(escape, names)))


def _source(fact: Fact, sources: Mapping[str, Source]) -> str:
    """The field Source, but for the source note: as of when, then each citation."""
    parts = [f"As of {show_date(fact.as_of)}"] if fact.as_of else []
    for citation in fact.citations:
        at = f", {escape(citation.at)}" if citation.at else ""
        parts.append(_document(sources[citation.source]) + at)
    return inert("<br>".join(parts))


@cache
def _document(source: Source) -> str:
    """How a card names a document: author, title (year)."""
    title = f"<i>{escape(source.title)}</i>"
    if source.url:
        title = f'<a href="{escape(source.url)}">{title}</a>'
    author = f"{escape(source.author)}, " if source.author else ""
    year = f" ({escape(source.year)})" if source.year else ""
    return f"{author}{title}{year}"
