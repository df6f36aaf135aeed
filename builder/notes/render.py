"""Facts → notes: what the templates of their kinds make of them, and what every card shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import NamedTuple

from markupsafe import Markup, escape

from builder.anki.ids import digest
from builder.anki.note_types import REST_HIDDEN
from builder.model import (
    OWN_PROMPT,
    Citation,
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
from builder.notes.templates import FAILURES, NoField, fill
from builder.notes.written import (
    ToHtml,
    file_of,
    html_of,
    makers_of,
    remarks_of,
    values_of,
    with_files,
)
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
        self.kind = cache(partial(_of_kind, vocabulary))
        queried = {name: tag for name, tag in vocabulary.tags.items() if tag.query}
        self.tags = cache(partial(_tags, vocabulary, queried))
        self.topic = cache(partial(_topic, vocabulary.tags))
        self.document = cache(partial(_document, vocabulary.sources))
        self.turned = direction(vocabulary.language) == "rtl"
        self.summary = cache(partial(_summary, vocabulary))
        self.remark = cache(_remark)

    def notes_of(self, fact: Fact) -> Iterator[Note | NotAsked | Problem]:
        """A note of each prompt that is asked of a fact, or why there is none."""
        known = self.vocabulary.media
        said = self.kind(fact.kind)
        kind = said.kind
        values = values_of(fact, kind, said.makers)
        files = _files_in_html(fact, kind, known) if said.has_html else []
        if kind.note_type:
            yield self.own_note(fact, said, values, files)
            return
        pictures = "".join(
            [f"<div>{harmless(file_of(name, known))}</div>" for name in fact.picture]
        )
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
            caution = self.remark(fact.caution.get(prompt.name), "caution")
            beside = finished(pictures + self.remark(fact.note.get(prompt.name), "") + caution)
            media = _media((*sides, beside), known, files)
            source_note = self.remark(fact.source_note.get(prompt.name), "source-note")
            source = self.source(fact, source_note + _credit(media, known))
            look = (*sides, beside, self.topic(fact.topic), source)
            key = f"{fact.id}/{prompt.name}"
            yield Note(
                key=key,
                fact=fact,
                prompt=prompt.name,
                cloze=prompt.cloze,
                fields=(*look, key),
                tags=self.tags_of(fact, prompt.tags, caution=bool(caution)),
                cards=_cards(prompt, sides),
                deletions=tuple(numbering.numbers),
                media=(*media, *named),
                look=digest(look),
                uses=uses,
            )
        yield from silent
        if silent or not kind.prompts:
            yield from _unheard(fact, kind, silent)

    def own_note(
        self, fact: Fact, said: _OfKind, values: dict[str, object], files: list[str]
    ) -> Note | Problem:
        """The note of a fact whose kind has a note type of its own."""
        known, kind = self.vocabulary.media, said.kind
        tags = self.tags_of(fact, kind.tags, caution=OWN_PROMPT in fact.caution)
        shown = _media(map(html_of, values.values()), known, files)
        shown_by_all = {
            "topic": Markup(self.topic(fact.topic)),  # noqa: S704 - inert
            "source": Markup(self.source(fact, _credit(shown, known))),  # noqa: S704 - inert
        }
        values |= shown_by_all | remarks_of(fact, OWN_PROMPT, known)
        own = own_note(fact, kind, values, tags, said.labels, said.around)
        if isinstance(own, Problem):
            return own
        media = _media(own.fields, known, files)
        return own._replace(media=(*media, *_named(kind.contents.values())))

    def tags_of(self, fact: Fact, more: tuple[str, ...], *, caution: bool) -> tuple[str, ...]:
        """The tags of a note: its fact's, `more`, and those that the builder gives."""
        sources = tuple([citation.source for citation in fact.citations])
        return self.tags(
            (fact.topic, fact.level, *fact.tags, *more), fact.kind, sources, caution=caution
        )

    def source(self, fact: Fact, more: str) -> str:
        """The field Source: as of when, then folded each citation and `more`, which is HTML."""
        folded = "".join(map(self.cited, fact.citations)) + more
        summary = self.summary(fact.as_of, len(fact.citations), folded=bool(folded))
        if folded:
            summary = f"<details><summary>{summary}</summary>{folded}</details>"
        return finished(summary)

    def cited(self, citation: Citation) -> str:
        """The HTML of a place in a document."""
        at = f", {escape(citation.at)}" if citation.at else ""
        cited = self.document(citation.source) + at
        # Most titles are written from left to right; their signs stay with them.
        return inert(f"<div><bdi>{cited}</bdi></div>" if self.turned else f"<div>{cited}</div>")


class _OfKind(NamedTuple):
    """What notes of a kind have in common.

    `makers` make HTML of its fields, `around` are the attributes of what is around each side.
    `prompts` each have the fields that their notes may show, and the media files they name.
    """

    kind: Kind
    makers: Mapping[str, ToHtml]
    labels: Mapping[str, str]
    around: str
    has_html: bool
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
        has_html=any(field.type == "html" for field in kind.fields.values()),
        prompts=[
            (prompt, _uses(prompt.sides), _named((*prompt.sides, *prompt.reverse)))
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


def _tags(
    vocabulary: Vocabulary,
    queried: Mapping[str, Tag],
    named: tuple[str, ...],
    kind: str,
    sources: tuple[str, ...],
    *,
    caution: bool,
) -> tuple[str, ...]:
    """The tags of a note in full: those named, those by the builder, those whose query selects."""
    if vocabulary.automatic_tags:
        about = "caution" if caution else ""
        named = (*named, f"kind::{kind}", *(f"source::{source}" for source in sources), about)
    return complete(filter(None, named), vocabulary.tag_root, queried)


def _media(html: Iterable[str], media: Media, more: Iterable[str]) -> tuple[str, ...]:
    """The names of the media files that fields show and play, and `more` of them."""
    if not media:
        return ()
    text = "\x1f".join(html)
    looked = _FILE.findall(text) if '<img src="' in text or "[sound:" in text else ()
    shown = [f"{stem}{ending}" for stem, ending in looked]
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


def _remark(text: str | None, of: str) -> str:
    """The HTML of a remark `of` a class, if it has one."""
    attribute = f' class="{of}"' if of else ""
    return f"<div{attribute}>{markdown(text)}</div>" if text else ""


def _topic(tags: Mapping[str, Tag], topic: str) -> str:
    """The field Topic, a path of names: `topic::defence::admm-plus` → `Defence › ADMM-Plus`."""
    names = (tags[tag].name for tag in with_parents(topic)[1:] if tag in tags)
    return finished(inert(" › ".join(map(escape, names))))


def _summary(vocabulary: Vocabulary, as_of: str, citations: int, *, folded: bool) -> str:
    """What the field Source says first: as of when, after a title of what is `folded` below it."""
    labels = vocabulary.labels
    date = show_date(as_of, vocabulary.language) if as_of else ""
    said = filled(labels["as_of"], date=date) if date else ""
    if not folded:
        return inert(str(escape(sentence(said))))
    title = labels["sources" if citations > 1 else "source"]
    return inert(str(escape(" · ".join(filter(None, (title, said))))))


def _document(sources: Mapping[str, Source], slug: str) -> str:
    """How a card names a document: author, title (year)."""
    source = sources[slug]
    title = f"<i>{escape(source.title)}</i>"
    if source.url:
        title = f'<a href="{escape(source.url)}">{title}</a>'
    author = f"{escape(source.author)}, " if source.author else ""
    year = f" ({escape(source.year)})" if source.year else ""
    return f"{author}{title}{year}"
