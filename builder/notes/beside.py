"""What a note has beside its sides: remarks, pictures, topic and source; its tags and media."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, partial

from markupsafe import escape

from builder.model import Citation, Fact, Tag, Vocabulary
from builder.notes.dates import show_date
from builder.notes.language import direction, filled, sentence
from builder.notes.markdown import finished, harmless, inert, markdown
from builder.notes.tags import complete, with_parents
from builder.notes.written import file_of, with_files

# A media file in HTML, but for the digest in its name.
_FILE = re.compile(r'(?:<img src="|\[sound:)([a-z0-9-]+)-[0-9a-f]{12}(\.[a-z0-9]+)')
# Without what ends a sentence, or closes a bracket that the address does not open.
_ADDRESS = re.compile(r"https?://(?:\([^\s<>()]*\)|[^\s<>()])*(?:\([^\s<>()]*\)|[^\s<>().,;:])")


class Beside:
    """Says it of any fact; what many facts have in common, once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.remark = cache(_remark)
        self.topic = cache(partial(_topic, vocabulary))
        self._document = cache(partial(_document, vocabulary))
        self._summary = cache(partial(_summary, vocabulary))
        queried = {name: tag for name, tag in vocabulary.tags.items() if tag.query}
        self._tags = cache(partial(_tags, vocabulary.tag_root, queried))
        self._turned = direction(vocabulary.language) == "rtl"

    def pictures(self, fact: Fact) -> str:
        """The HTML of the pictures of all notes of a fact."""
        shown = (harmless(file_of(name, self.vocabulary.media)) for name in fact.picture)
        return "".join(f"<div>{picture}</div>" for picture in shown)

    def source(self, fact: Fact, more: str, media: Iterable[str]) -> str:
        """The field Source: as of when, then folded each citation, `more` HTML, and credits."""
        folded = "".join(map(self._cited, fact.citations)) + more + self._credits(media)
        if not folded:
            return finished(self._summary(fact.as_of, ""))
        summary = self._summary(fact.as_of, "sources" if len(fact.citations) > 1 else "source")
        return finished(f"<details><summary>{summary}</summary>{folded}</details>")

    def _cited(self, citation: Citation) -> str:
        at = f", {escape(citation.at)}" if citation.at else ""
        cited = self._document(citation.source) + at
        # Most titles are written from left to right; their signs stay with them.
        return inert(f"<div><bdi>{cited}</bdi></div>" if self._turned else f"<div>{cited}</div>")

    def _credits(self, names: Iterable[str]) -> str:
        """What is said of the files whose licence asks for it."""
        media = self.vocabulary.media
        lines = [
            f"{name}: " + _ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', str(escape(medium.credit)))
            for name in names
            if (medium := media[name]) and medium.credit
        ]
        return f'<div class="credit">{inert("<br>".join(lines))}</div>' if lines else ""

    def media(self, html: Iterable[str], fact: Fact, verbatim: Iterable[str]) -> tuple[str, ...]:
        """The names of the files of `media/` in fields, and in values that are HTML `verbatim`."""
        known = self.vocabulary.media
        if not known:
            return ()
        text = "\x1f".join(html)
        looked = _FILE.findall(text) if '<img src="' in text or "[sound:" in text else ()
        names = [f"{stem}{ending}" for stem, ending in looked]
        for field in verbatim:
            names += with_files(str(fact.values.get(field, "")), known)[1]
        return tuple(name for name in dict.fromkeys(names) if name in known)

    def tags(self, fact: Fact, more: tuple[str, ...], *, caution: bool) -> tuple[str, ...]:
        """The tags of a note in full: its fact's, `more`, and those that the builder gives."""
        named = (fact.topic, fact.level, *fact.tags, *more)
        if self.vocabulary.automatic_tags:
            sources = [f"source::{citation.source}" for citation in fact.citations]
            about = "caution" if caution else ""
            named = (*named, f"kind::{fact.kind}", *sources, about)
        return self._tags(named)


def _remark(text: str | None, of: str) -> str:
    """The HTML of a remark `of` a class, if it has one."""
    attribute = f' class="{of}"' if of else ""
    return f"<div{attribute}>{markdown(text)}</div>" if text else ""


def _topic(vocabulary: Vocabulary, topic: str) -> str:
    """The field Topic, a path of names: `topic::defence::admm-plus` → `Defence › ADMM-Plus`."""
    tags = vocabulary.tags
    names = (tags[tag].name for tag in with_parents(topic)[1:] if tag in tags)
    return finished(inert(" › ".join(map(escape, names))))


def _summary(vocabulary: Vocabulary, as_of: str, label: str) -> str:
    """As of when, after a label if there is one."""
    labels, language = vocabulary.labels, vocabulary.language
    said = filled(labels["as_of"], date=show_date(as_of, language)) if as_of else ""
    title = " · ".join(filter(None, (labels[label], said))) if label else sentence(said)
    return inert(str(escape(title)))


def _document(vocabulary: Vocabulary, slug: str) -> str:
    """How a card names a document: author, title (year)."""
    source = vocabulary.sources[slug]
    title = f"<i>{escape(source.title)}</i>"
    if source.url:
        title = f'<a href="{escape(source.url)}">{title}</a>'
    author = f"{escape(source.author)}, " if source.author else ""
    year = f" ({escape(source.year)})" if source.year else ""
    return f"{author}{title}{year}"


def _tags(root: str, queried: Mapping[str, Tag], named: tuple[str, ...]) -> tuple[str, ...]:
    return complete(filter(None, named), root, queried)
