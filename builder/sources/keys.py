"""The keys that each mapping of the sources may have: one table, for the reader and JSON Schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Key(NamedTuple):
    """What a key means, the form of its value, and whether it must be there.

    The form is one of `builder.sources.forms`, or has a definition in the JSON Schemas.
    """

    meaning: str
    form: str = "text"
    required: bool = False


Keys = Mapping[str, Key]

DECK: Keys = {
    "namespace": Key("every GUID is made from it: never change it", required=True),
    "deck": Key(
        "the deck's name in Anki, which matches decks by it: never change it", required=True
    ),
    "tag_root": Key("all tags of the deck lie under it", "tag_root", required=True),
    "packages": Key("file name → package", "packages", required=True),
    "licence": Key("the licence of the cards, as learners see it"),
    "searches": Key(
        "the main searches for studying a part: title → search in Anki's language; the study guide"
        " and the descriptions of the packages name them",
        "searches",
    ),
}
PACKAGE: Keys = {
    "title": Key("its title", required=True),
    "about": Key("its contents; learners see it as the deck's description", required=True),
    "only": Key(
        "which notes it holds, as a search in Anki's language: tag:, and, or, -, brackets, quotes,"
        " * and _; without it, all notes",
        "query",
    ),
}

# A tag has these beside the tags below it.
TAG: Keys = {
    "_": Key("the meaning of the tag itself", required=True),
    "_name": Key("its name on cards, if it is a topic"),
    "_when": Key(
        "a search in Anki's language, such as tag:ROOT::topic::forums: the facts that it matches"
        " have the tag without naming it",
        "query",
    ),
}

SOURCE: Keys = {
    "title": Key("its title", required=True),
    "author": Key("who wrote it"),
    "form": Key("paper, treaty, web page, news item …"),
    "year": Key("the year in which it was published"),
    "url": Key("where it can be read", "url"),
    "sections": Key(
        "its parts, if its coverage is to be counted; every locator begins with one", "texts"
    ),
}
CLAIM: Keys = {
    "at": Key("the locator; it begins with a section", required=True),
    "claim": Key("what the document says", required=True),
    "why": Key("why no card teaches it; “duplicate of” and the ids of facts", required=True),
}
MEDIUM: Keys = {
    "origin": Key("where it comes from, and who made it", required=True),
    "licence": Key("its licence", required=True),
    "alt": Key("a description for those who cannot see it"),
}

KIND: Keys = {
    "about": Key("what facts of this kind are about", required=True),
    "fields": Key(
        "the keys of a fact of this kind, besides the common ones", "fields", required=True
    ),
    "prompts": Key(
        "the questions asked of a fact that has every field they use", "prompts", required=True
    ),
    "requires": Key("common keys that are optional elsewhere and required here", "common-keys"),
}
FIELD: Keys = {
    "type": Key("how its values are written", "type", required=True),
    "required": Key("whether every fact of this kind must have it", "flag"),
    "help": Key("what to write in it; editors show it"),
    "formerly": Key("its name before it was renamed"),
}
_TEMPLATE = Key(
    "a Jinja2 template; it may use the kind's fields and as_of; {{ date | when }} shows On what"
    " day, In which month, In what year or In which years",
    required=True,
)
REVERSE: Keys = {"front": _TEMPLATE, "back": _TEMPLATE}
PROMPT: Keys = {**REVERSE, "reverse": Key("a second card of the same note", "reverse")}
CLOZE_PROMPT: Keys = {
    "cloze": Key(
        "a Jinja2 template in which {{ field | cloze }} hides a value, or each item of a list",
        required=True,
    )
}

# What every fact may say, whatever its kind. The form of a remark is a text for all notes of the
# fact, or a text for each of some prompts.
FACT: Keys = {
    "id": Key(
        "small letters, digits, hyphens; unique in the deck; chosen by a person, never changed",
        "id",
        required=True,
    ),
    "formerly": Key("its id before it was renamed, or a list of them", "texts"),
    "kind": Key("the name of a file in kinds/", "kind", required=True),
    "topic": Key("a tag below topic in tags.yaml", "topic", required=True),
    "tags": Key(
        "a list of further tags, besides those that the file gives to all its facts", "tags"
    ),
    "level": Key("a tag below level in tags.yaml", "level"),
    "source": Key("{doc: slug, at: locator}, or a list of them", "citations"),
    "as_of": Key("the date for which a figure, rank or office holds; shown on the card", "date"),
    "note": Key(
        "one or two sentences of context for the back; or {prompt: text}, for the notes of some"
        " prompts",
        "remark",
    ),
    "caution": Key(
        "one sentence for the back: an error that learners will meet elsewhere, and the correction;"
        " or {prompt: text}",
        "remark",
    ),
    "source_note": Key(
        "a quiet line after the source, for those who check it; or {prompt: text}", "remark"
    ),
    "picture": Key("a file in media/, shown on the back", "picture"),
    "waive": Key("{rule: reason} for each rule that the fact breaks on purpose", "reasons"),
}
CITATION: Keys = {
    "doc": Key("a slug of sources.yaml", "slug", required=True),
    "at": Key("the locator: where in the document, down to the paragraph"),
}
ITEM: Keys = {
    "item": Key("the text", required=True),
    "formerly": Key("the text before it was reworded"),
    "new": Key("whether it is not a rewording of an item taken out", "flag"),
}

# What a file of facts may say for all its facts.
FILE_KEYS = ("kind", "topic", "tags", "level", "source", "as_of")
FACT_FILE: Keys = {
    "facts": Key("the facts", "facts", required=True),
    **{
        name: FACT[name]._replace(
            meaning=f"{FACT[name].meaning} (for all facts of this file)", required=False
        )
        for name in FILE_KEYS
    },
}
