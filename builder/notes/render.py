"""Facts → notes: what the templates of their kinds make of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import NamedTuple

from markupsafe import Markup

from builder.anki.ids import digest
from builder.anki.note_types import REST_HIDDEN
from builder.model import OWN_PROMPT, Fact, Kind, Note, Prompt, Template, Vocabulary
from builder.notes.beside import Beside
from builder.notes.cloze import NO_DELETION, Numbering, card_numbers, wrong_with_html
from builder.notes.language import attributes, labels_in
from builder.notes.markdown import finished
from builder.notes.own import own_note, wrong_with_side
from builder.notes.templates import FAILURES, NoField, fill
from builder.notes.written import ToHtml, html_of, makers_of, remarks_of, values_of
from builder.problems import Error, Problem, error

# Something to see or to hear on a side of a card: a text that is not all space, or media.
_SHOWN = re.compile(
    r"(?:^|>)(?:\s|&nbsp;)*(?!&nbsp;)[^\s<]|<(?:img|audio|video|svg|object|input)\b", re.IGNORECASE
)


class NotAsked(NamedTuple):
    """A prompt, or the reverse of one, which is not asked of a fact for a reason."""

    prompt: str
    reverse: bool
    reason: str


def render_notes(facts: Iterable[Fact], vocabulary: Vocabulary) -> tuple[list[Note], list[Problem]]:
    """Every note of every fact, in the order of the facts, and what is wrong with the others."""
    rendering = _Rendering(vocabulary)
    rendered = [note for fact in facts for note in rendering.notes_of(fact)]
    return (
        [note for note in rendered if isinstance(note, Note)],
        [problem for problem in rendered if isinstance(problem, Problem)],
    )


def not_asked(fact: Fact, vocabulary: Vocabulary) -> list[NotAsked]:
    """What the kind of a fact does not ask of it."""
    return [one for one in _Rendering(vocabulary).notes_of(fact) if isinstance(one, NotAsked)]


class _Rendering:
    """Makes notes of facts, and what many of them have in common once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.beside = Beside(vocabulary)
        self.kind = cache(partial(_of_kind, vocabulary))

    def notes_of(self, fact: Fact) -> Iterator[Note | NotAsked | Problem]:
        """A note of each prompt that is asked of a fact, or why there is none."""
        said = self.kind(fact.kind)
        kind = said.kind
        values = values_of(fact, kind, said.makers)
        if kind.note_type:
            yield self.own_note(fact, said, values)
            return
        beside = self.beside
        pictures = beside.pictures(fact) if fact.picture else ""
        silent = []
        for prompt, uses, named in said.prompts:
            numbering = Numbering(fact, kind, said.labels)
            sides = _sides(prompt, prompt.sides, values, numbering, said.around)
            if isinstance(sides, NotAsked):
                silent.append(sides)
                continue
            reverse: tuple[str, ...] | NotAsked | Problem = ()
            if prompt.reverse:
                reverse = _sides(prompt, prompt.reverse, values, numbering, said.around)
            if isinstance(sides, Problem) or isinstance(reverse, Problem):
                yield from (side for side in (sides, reverse) if isinstance(side, Problem))
                continue
            if isinstance(reverse, NotAsked):
                silent.append(reverse)
                reverse = ()
            if not prompt.cloze:
                sides += reverse or ("", "")
            caution = beside.remark(fact.caution.get(prompt.name), "caution")
            more = finished(pictures + beside.remark(fact.note.get(prompt.name), "") + caution)
            media = beside.media((*sides, more), fact, said.verbatim)
            source_note = beside.remark(fact.source_note.get(prompt.name), "source-note")
            source = beside.source(fact, source_note, media)
            look = (*sides, more, beside.topic(fact.topic), source)
            key = f"{fact.id}/{prompt.name}"
            yield Note(
                key=key,
                fact=fact,
                prompt=prompt.name,
                cloze=prompt.cloze,
                fields=(*look, key),
                tags=beside.tags(fact, prompt.tags, caution=bool(caution)),
                cards=_cards(prompt, sides),
                deletions=tuple(numbering.numbers),
                media=(*media, *named),
                look=digest(look),
                uses=uses,
            )
        yield from silent
        if silent or not kind.prompts:
            yield from _unheard(fact, kind, silent)

    def own_note(self, fact: Fact, said: _OfKind, values: dict[str, object]) -> Note | Problem:
        """The note of a fact whose kind has a note type of its own."""
        kind, beside = said.kind, self.beside
        tags = beside.tags(fact, kind.tags, caution=OWN_PROMPT in fact.caution)
        shown = beside.media(map(html_of, values.values()), fact, said.verbatim)
        values |= {
            "topic": Markup(beside.topic(fact.topic)),  # noqa: S704 - inert
            "source": Markup(beside.source(fact, "", shown)),  # noqa: S704 - inert
        } | remarks_of(fact, OWN_PROMPT, beside.vocabulary.media)
        own = own_note(fact, kind, values, tags, said.labels, said.around)
        if isinstance(own, Problem):
            return own
        media = beside.media(own.fields, fact, said.verbatim)
        return own._replace(media=(*media, *_named(kind.contents.values())))


class _OfKind(NamedTuple):
    """What notes of a kind have in common.

    `makers` make HTML of its fields, of which some are HTML `verbatim`; `around` are the attributes
    of what is around each side. `prompts` each have the fields that they may show, and the media
    files that they name.
    """

    kind: Kind
    makers: Mapping[str, ToHtml]
    labels: Mapping[str, str]
    around: str
    verbatim: list[str]
    prompts: list[tuple[Prompt, tuple[str, ...], tuple[str, ...]]]


def _of_kind(vocabulary: Vocabulary, name: str) -> _OfKind:
    kind = vocabulary.kinds[name]
    assert kind  # noqa: S101 - a fact of a broken kind is not read
    around = attributes(kind.language, vocabulary.language)
    return _OfKind(
        kind=kind,
        makers=makers_of(kind, vocabulary.media),
        labels=labels_in(kind.language) if around else vocabulary.labels,
        around=around,
        verbatim=[name for name, field in kind.fields.items() if field.type == "html"],
        prompts=[
            (
                prompt,
                tuple(sorted({name for side in prompt.sides for name in side.uses})),
                _named((*prompt.sides, *prompt.reverse)),
            )
            for prompt in kind.prompts
        ],
    )


def _unheard(fact: Fact, kind: Kind, silent: list[NotAsked]) -> Iterator[Problem]:
    """No fact is without a note, and no remark is for a prompt that is not asked of its fact."""
    reasons = {one.prompt: one.reason for one in silent if not one.reverse}
    if len(reasons) == len(kind.prompts):
        why = "; ".join(f"“{name}”: {reason}" for name, reason in reasons.items())
        message = f"no prompt of kind “{kind.name}” can be asked of this fact; {why}"
        yield error(fact.place, message, Error.NO_PROMPT)
        return
    for remarks in fact.remarks.values():
        heard = {text.place for name, text in remarks.items() if name not in reasons}
        for name, reason in reasons.items():
            # A remark for all prompts has one place.
            if name in remarks and remarks[name].place not in heard:
                message = f"prompt “{name}” is not asked of this fact: {reason}"
                yield error(remarks[name].place, message, Error.UNKNOWN_PROMPT)


def _sides(
    prompt: Prompt,
    templates: tuple[Template, ...],
    values: Mapping[str, object],
    numbering: Numbering,
    around: str,
) -> tuple[str, ...] | NotAsked | Problem:
    """The HTML of a prompt's sides or its reverse; or why it is not asked, or what is wrong.

    `around` are attributes of what is around each side, if there are any.
    """
    fact, is_reverse = numbering.fact, templates is prompt.reverse
    for template in templates:
        for name in template.needs:
            if name not in values:
                return NotAsked(prompt.name, is_reverse, f"no field “{name}”")
    sides: list[str] = []
    for template in templates:
        try:
            html = finished(fill(template, values, numbering))
        except NoField as missing:
            return NotAsked(prompt.name, is_reverse, f"no field “{missing}”")
        except FAILURES as failure:
            message = f"the template fails on fact “{fact.id}”: {failure}"
            return error(template.place, message, Error.TEMPLATE)
        if prompt.rest_hidden:
            html = f'<div class="{REST_HIDDEN}">{html}</div>'
        message = wrong_with_html(html, numbering.hidden) if prompt.cloze else ""
        is_empty = message == NO_DELETION if prompt.cloze else not _SHOWN.search(html)
        if is_empty and template.uses != template.needs:
            name = "back" if sides else "front"
            return NotAsked(prompt.name, is_reverse, message or f"the {name} comes out empty")
        if message := message or wrong_with_side(html):
            message = f"prompt “{prompt.name}” of fact “{fact.id}” {message}"
            return error(fact.place, message, Error.PROMPT)
        sides.append(f"<div{around}>{html}</div>" if around else html)
    return tuple(sides)


def _cards(prompt: Prompt, sides: tuple[str, ...]) -> tuple[int, ...]:
    """The numbers of the cards that Anki makes of these sides."""
    if prompt.cloze:
        return card_numbers(sides[0])
    return (1, 2) if sides[2] else (1,)


def _named(templates: Iterable[Template]) -> tuple[str, ...]:
    """The names of the media files that templates themselves name."""
    return tuple(dict.fromkeys(name for template in templates for name in template.media))
