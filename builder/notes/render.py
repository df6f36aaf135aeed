"""Facts → notes: what the templates of their kinds make of them, and what every card shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from markupsafe import Markup, escape

from builder.anki.ids import digest
from builder.anki.note_types import REST_HIDDEN
from builder.model import (
    OWN_PROMPT,
    Fact,
    Kind,
    Media,
    Note,
    Prompt,
    Source,
    Tag,
    Template,
    Vocabulary,
)
from builder.notes.cloze import NO_DELETION, Numbering, card_numbers, wrong_with_html
from builder.notes.dates import show_date
from builder.notes.language import attributes, direction, filled, labels_in, sentence
from builder.notes.markdown import finished, harmless, inert, markdown
from builder.notes.own import own_note, wrong_with_side
from builder.notes.tags import complete, with_parents
from builder.notes.templates import FAILURES, Filling, NoField
from builder.notes.written import file_of, html_of, remarks_of, values_of, with_files
from builder.problems import Error, Problem, error

# A media file in HTML, but for the digest in its name.
_FILE = re.compile(r'(?:<img src="|\[sound:)([a-z0-9-]+)-[0-9a-f]{12}(\.[a-z0-9]+)')
# Without what ends a sentence, or closes a bracket that the address does not open.
_ADDRESS = re.compile(r"https?://(?:\([^\s<>()]*\)|[^\s<>()])*(?:\([^\s<>()]*\)|[^\s<>().,;:])")
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
        self.vocabulary = vocabulary
        root, tags = vocabulary.tag_root, vocabulary.tags
        self.tags_of = cache(lambda named: complete(named, root, tags))
        self.topic_of = cache(lambda topic: finished(_topic(topic, tags)))
        self.named = cache(_named)
        self.uses = cache(_uses)

    def notes_of(self, fact: Fact) -> Iterator[Note | NotAsked | Problem]:
        """A note of each prompt that is asked of a fact, or why there is none."""
        vocabulary = self.vocabulary
        kind = vocabulary.kinds[fact.kind]
        assert kind  # noqa: S101 - a fact of a broken kind is not read
        values = values_of(fact, kind, vocabulary.media)
        around = attributes(kind.language, vocabulary.language)
        labels = labels_in(kind.language) if around else vocabulary.labels
        if kind.note_type:
            yield self.own_note(fact, kind, values, labels, around)
            return
        pictures = (harmless(file_of(name, vocabulary.media)) for name in fact.picture)
        shown = "".join(f"<div>{picture}</div>" for picture in pictures)
        topic = self.topic_of(fact.topic)
        files = _files_in_html(fact, kind, vocabulary.media)
        automatic = vocabulary.automatic_tags
        silent = []
        for prompt in kind.prompts:
            filling = Filling(values, Numbering(fact, kind, labels))
            sides = _sides(prompt, prompt.sides, values, filling, around)
            reverse = _sides(prompt, prompt.reverse, values, filling, around)
            if isinstance(sides, NotAsked):
                silent.append(sides)
                continue
            if isinstance(sides, Problem) or isinstance(reverse, Problem):
                yield from (side for side in (sides, reverse) if isinstance(side, Problem))
                continue
            if isinstance(reverse, NotAsked):
                silent.append(reverse)
            if not prompt.cloze:
                sides += ("", "") if isinstance(reverse, NotAsked) or not reverse else reverse
            note = _div(fact.note.get(prompt.name))
            caution = _div(fact.caution.get(prompt.name), ' class="caution"')
            source_note = _div(fact.source_note.get(prompt.name), ' class="source-note"')
            beside = finished(shown + note + caution)
            media = _media((*sides, beside), vocabulary.media, files)
            credit = _credit(media, vocabulary.media)
            look = (
                *sides,
                beside,
                topic,
                finished(_source(fact, vocabulary, source_note + credit)),
            )
            key = f"{fact.id}/{prompt.name}"
            yield Note(
                key=key,
                fact=fact,
                prompt=prompt.name,
                cloze=prompt.cloze,
                fields=(*look, key),
                tags=self.tags_of(
                    _named_tags(fact, prompt.tags, caution=bool(caution), automatic=automatic)
                ),
                cards=_cards(prompt, sides),
                deletions=tuple(filling.numbering.numbers),
                media=(*media, *self.named((*prompt.sides, *prompt.reverse))),
                look=digest(look),
                uses=self.uses(prompt.sides),
            )
        yield from silent
        if silent or not kind.prompts:
            yield from _unheard(fact, kind, silent)

    def own_note(
        self,
        fact: Fact,
        kind: Kind,
        values: dict[str, object],
        labels: Mapping[str, str],
        around: str,
    ) -> Note | Problem:
        """The note of a fact whose kind has a note type of its own."""
        known = self.vocabulary.media
        automatic = self.vocabulary.automatic_tags
        cautious = OWN_PROMPT in fact.caution
        tags = self.tags_of(_named_tags(fact, kind.tags, caution=cautious, automatic=automatic))
        files = _files_in_html(fact, kind, known)
        credit = _credit(_media(map(html_of, values.values()), known, files), known)
        source = _source(fact, self.vocabulary, credit)
        topic = self.topic_of(fact.topic)
        shown_by_all = {"topic": Markup(topic), "source": Markup(source)}  # noqa: S704 - inert
        values |= shown_by_all | remarks_of(fact, OWN_PROMPT, known)
        own = own_note(fact, kind, values, tags, labels, around)
        if isinstance(own, Problem):
            return own
        media = _media(own.fields, known, files)
        return own._replace(media=(*media, *_named(kind.contents.values())))


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
    filling: Filling,
    around: str,
) -> tuple[str, ...] | NotAsked | Problem:
    """The HTML of a prompt's sides or its reverse; or why it is not asked, or what is wrong.

    `around` are attributes of what is around each side, if there are any.
    """
    numbering = filling.numbering
    fact, is_reverse = numbering.fact, templates is prompt.reverse
    lacking = [name for side in templates for name in side.needs if name not in values]
    if lacking:
        return NotAsked(prompt.name, is_reverse, f"no field “{lacking[0]}”")
    sides = []
    for name, template in zip(("front", "back"), templates, strict=False):
        try:
            html = finished(filling.fill(template))
            html = f'<div class="{REST_HIDDEN}">{html}</div>' if prompt.rest_hidden else html
        except NoField as missing:
            return NotAsked(prompt.name, is_reverse, f"no field “{missing}”")
        except FAILURES as failure:
            message = f"the template fails on fact “{fact.id}”: {failure}"
            return error(template.place, message, Error.TEMPLATE)
        message = wrong_with_html(html, numbering.hidden) if prompt.cloze else ""
        is_empty = message == NO_DELETION if prompt.cloze else not _SHOWN.search(html)
        if is_empty and template.uses != template.needs:
            reason = message or f"the {name} comes out empty"
            return NotAsked(prompt.name, is_reverse, reason)
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


def _named_tags(
    fact: Fact, more: tuple[str, ...], *, caution: bool, automatic: bool
) -> frozenset[str]:
    """The tags that a note has by what its fact says, `more`, and perhaps our `automatic` ones."""
    sources = [f"source::{citation.source}" for citation in fact.citations]
    about = "caution" if caution else ""
    named = (fact.topic, fact.level, *fact.tags, *more)
    ours = (f"kind::{fact.kind}", *sources, about) if automatic else ()
    return frozenset(filter(None, (*named, *ours)))


def _media(html: Iterable[str], media: Media, more: Iterable[str]) -> tuple[str, ...]:
    """The names of the media files that fields show and play, and `more` of them."""
    shown = [f"{stem}{ending}" for stem, ending in _FILE.findall("\x1f".join(html))]
    return tuple(name for name in dict.fromkeys((*shown, *more)) if name in media)


def _files_in_html(fact: Fact, kind: Kind, media: Media) -> list[str]:
    """The names of the media files in fields of HTML."""
    texts = [
        value
        for name, value in fact.values.items()
        if kind.fields[name].type == "html" and isinstance(value, str)
    ]
    return [name for text in texts for name in with_files(text, media)[1]]


def _named(templates: Iterable[Template]) -> tuple[str, ...]:
    """The names of the media files that templates themselves name."""
    return tuple(dict.fromkeys(name for template in templates for name in template.media))


def _uses(templates: Iterable[Template]) -> tuple[str, ...]:
    """The fields that templates may show."""
    return tuple(sorted({name for template in templates for name in template.uses}))


def _credit(names: Iterable[str], media: Media) -> str:
    """What the field Source says of the files whose licence asks for it."""
    lines = [
        f"{name}: " + _ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', str(escape(medium.credit)))
        for name in names
        if (medium := media[name]) and medium.credit
    ]
    return f'<div class="credit">{inert("<br>".join(lines))}</div>' if lines else ""


def _div(text: str | None, attribute: str = "") -> str:
    return f"<div{attribute}>{markdown(text)}</div>" if text else ""


def _topic(topic: str, tags: Mapping[str, Tag]) -> str:
    """The field Topic, a path of names: `topic::defence::admm-plus` → `Defence › ADMM-Plus`."""
    names = (tags[tag].name for tag in with_parents(topic)[1:] if tag in tags)
    return inert(" › ".join(map(escape, names)))


def _source(fact: Fact, vocabulary: Vocabulary, more: str) -> str:
    """The field Source: as of when, then folded each citation and `more`, which is HTML."""
    as_of = ""
    if fact.as_of:
        date = show_date(fact.as_of, vocabulary.language)
        as_of = filled(vocabulary.labels["as_of"], date=date)
    parts: list[str] = []
    for citation in fact.citations:
        at = f", {escape(citation.at)}" if citation.at else ""
        cited = _document(vocabulary.sources[citation.source]) + at
        # Most titles are written from left to right; their signs stay with them.
        turned = direction(vocabulary.language) == "rtl"
        parts.append(f"<div><bdi>{cited}</bdi></div>" if turned else f"<div>{cited}</div>")
    folded = inert("".join(parts)) + more
    if not folded:
        return inert(escape(sentence(as_of)))
    title = vocabulary.labels["sources" if len(parts) > 1 else "source"]
    summary = inert(escape(" · ".join(filter(None, (title, as_of)))))
    return f"<details><summary>{summary}</summary>{folded}</details>"


@cache
def _document(source: Source) -> str:
    """How a card names a document: author, title (year)."""
    title = f"<i>{escape(source.title)}</i>"
    if source.url:
        title = f'<a href="{escape(source.url)}">{title}</a>'
    author = f"{escape(source.author)}, " if source.author else ""
    year = f" ({escape(source.year)})" if source.year else ""
    return f"{author}{title}{year}"
