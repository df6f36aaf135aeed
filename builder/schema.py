"""Kinds, tags, sources and pictures → JSON Schemas, with which editors complete and check sources.

To the builder every scalar is text; to an editor `2010` is a number and `~` is nothing. What an
editor takes for something else than text is therefore left to the builder, so that nothing it
accepts is marked as wrong. The schemas are of draft 7, which the YAML language server knows best,
and use its `errorMessage`, `enumDescriptions` and `defaultSnippets`; other readers skip these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping

from builder import coverage, decks, facts, kinds, media, sources
from builder.facts import COMMON_KEYS, FILE_KEYS
from builder.load import SLUG, URL
from builder.model import Kind, Medium, Source, Tag
from builder.render import FIELD_TYPES
from builder.tags import AUTOMATIC, KEYS, NAME

Schema = dict[str, object]

# Schema → the files it is for, from the folder of sources.
FILES = {
    "facts.schema.json": "facts/**/*.yaml",
    "kind.schema.json": "kinds/*.yaml",
    "decks.schema.json": "decks.yaml",
    "tags.schema.json": "tags.yaml",
    "sources.schema.json": "sources.yaml",
    "media.schema.json": "media/sources.yaml",
    "left-out.schema.json": "left-out.yaml",
}

# Words that an editor may take for a number, a date, true, false or nothing.
_NO_TEXT = re.compile(r"[0-9].*|null|true|false|yes|no|on|off|y|n", re.IGNORECASE)

_SYNTAX = re.compile(r"[\^$\\.*+?()\[\]{}|/]")


def schemas(
    known: Mapping[str, Kind | None],
    tags: Mapping[str, Tag],
    documents: Mapping[str, Source],
    pictures: Mapping[str, Medium | None],
) -> dict[str, str]:
    """File name → the JSON of each schema; given are kinds, tags, sources and pictures by name."""
    roots = (
        _facts([kind for kind in known.values() if kind], tags, documents, pictures),
        _kind(),
        _decks(),
        _tags(),
        _sources(),
        _media(),
        _left_out(documents),
    )
    head: Schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Written by `cards schema`, which also says when it is out of date.",
    }
    return {
        name: json.dumps(head | root, ensure_ascii=False, indent=2) + "\n"
        for name, root in zip(FILES, roots, strict=True)
    }


# What a fact may say whatever its kind: key → what it means, and the definition of its form.
_COMMON = {
    "id": (
        "small letters, digits, hyphens; unique in the deck; chosen by a person, never changed",
        "id",
    ),
    "kind": ("the name of a file in kinds/", "kind"),
    "topic": ("a tag below topic in tags.yaml", "topic"),
    "level": ("a tag below level in tags.yaml", "level"),
    "tags": ("a list of further tags, beside those that the file gives to all its facts", "tags"),
    "source": ("{doc: slug, at: locator}, or a list of them", "citations"),
    "as_of": ("the date for which a figure, rank or office holds; shown on the card", "date"),
    "note": (
        "one or two sentences of context for the back; or {prompt: text}, for the notes of some"
        " prompts",
        "remark",
    ),
    "picture": ("a file in media/, shown on the back", "picture"),
    "formerly": ("the id it had before it was renamed, or a list of them", "texts"),
    "caution": (
        "one sentence for the back: an error that learners will meet elsewhere, and what is right;"
        " or {prompt: text}",
        "remark",
    ),
    "source_note": (
        "a quiet line after the source, for those who check it; or {prompt: text}",
        "remark",
    ),
    "waive": ("{rule: reason} for each rule that the fact breaks on purpose", "reasons"),
}


def _ref(definition: str) -> Schema:
    return {"$ref": f"#/definitions/{definition}"}


def _scalar(**rules: object) -> Schema:
    """A scalar, to which `rules` apply if an editor takes it for text."""
    # Were the two alike but for these rules, the language server would show both on hovering.
    no_text: Schema = {"not": {"type": ["string", "array", "object"]}, "properties": {}}
    return {"anyOf": [{"type": "string", **rules}, no_text]}


def _one_of(meanings: Mapping[str, str], message: str) -> Schema:
    """One of some words, each with its meaning."""
    rules: Schema = {"enum": list(meanings), "enumDescriptions": list(meanings.values())}
    if any(_NO_TEXT.fullmatch(word) for word in meanings):
        return _scalar(**rules, errorMessage=message)
    return {"type": "string", **rules, "errorMessage": message}


def _some(schema: Schema) -> Schema:
    """One such value, or a list of them."""
    return {"anyOf": [schema, {"type": "array", "items": schema}]}


def _whole(pattern: str) -> str:
    """A Python pattern as one for the whole of a text in JSON Schema's dialect, ECMAScript's."""
    return f"^(?:{pattern})$".replace(r"[^\W_]", r"[\p{L}\p{N}]")


def _object(
    keys: Iterable[str], of: Mapping[str, tuple[str, Schema]], required: Collection[str]
) -> Schema:
    """A mapping with these `keys` and no others; `of` tells what each means, and its form."""
    return {
        "type": "object",
        "properties": {key: of[key][1] | {"description": of[key][0]} for key in keys},
        "required": list(required),
        "additionalProperties": False,
    }


def _named(name: str, pattern: str, message: str, values: Schema) -> Schema:
    """A mapping from names of a certain form to values; `name` says what they name."""
    names = {"title": name, "pattern": _whole(pattern), "errorMessage": message}
    return {"type": "object", "propertyNames": names, "additionalProperties": values}


def _none_of(words: Iterable[str]) -> str:
    """The beginning of a pattern that does not match these words."""
    return f"(?!(?:{'|'.join(words)})$)"


_NO_SLUG = "use small letters, digits and single hyphens"

_TEXT = _scalar(minLength=1, errorMessage="a single text is expected")
_FLAG: Schema = {
    "type": ["boolean", "string"],
    "pattern": "^(?:true|false)$",
    "errorMessage": "true or false",
}

# The types of fields: how a value is written, and its form. A field's text is stripped first.
_TYPES: Mapping[str, tuple[str, Schema]] = {
    "text": ("A text, as inline Markdown; MathJax passes through.", _TEXT),
    "date": (
        "A date: 2010-10-12, 2010-10, 2010, or 2010/2011 for a span of years.",
        {
            "type": ["string", "integer"],
            "pattern": _whole(rf"\s*(?:{facts.DATE.pattern}|{facts.YEARS.pattern})\s*"),
            "minimum": 1,
            "maximum": 9999,
            "errorMessage": "no date; write 2010-10-12, 2010-10, 2010 or 2010/2011",
        },
    ),
    "number": (
        "A number in digits.",
        {
            "type": ["string", "number"],
            "pattern": _whole(rf"\s*{facts.NUMBER.pattern}\s*"),
            "errorMessage": "no number",
        },
    ),
    "list": (
        "A list of short texts. A reworded one is {item: new text, formerly: old text}, one that"
        " takes another's place {item: text, new: true}.",
        {
            "type": "array",
            "items": {
                "anyOf": [
                    _TEXT,
                    _object(
                        facts.ITEM_KEYS,
                        {
                            "item": ("the text", _TEXT),
                            "formerly": ("the text before it was reworded", _TEXT),
                            "new": ("whether it is no rewording of an item taken out", _FLAG),
                        },
                        ["item"],
                    ),
                ]
            },
            "minItems": 1,
        },
    ),
    "url": (
        "A web address.",
        {
            "type": "string",
            "pattern": _whole(rf"\s*{URL.pattern}\s*"),
            "errorMessage": "no web address (https://…)",
        },
    ),
    "picture": ("A file in media/.", _ref("picture")),
    "cloze": (
        "A text with gaps: {{c1::answer}} or {{c1::answer::hint}}.",
        {
            "type": "string",
            "pattern": facts.GAP.pattern,
            "errorMessage": "no well-formed gap; write {{c1::answer}} or {{c1::answer::hint}}",
        },
    ),
}


def _facts(
    known: list[Kind],
    tags: Mapping[str, Tag],
    documents: Mapping[str, Source],
    pictures: Mapping[str, Medium | None],
) -> Schema:
    """A file of facts.

    A fact is checked by its own kind's definition or, where it names none, by that of the kind
    that the file gives to all its facts. What the file says for all, a fact need not say.
    """
    common = {
        key: _ref(definition) | {"description": meaning}
        for key in COMMON_KEYS
        for meaning, definition in [_COMMON[key]]
    }
    for_all = {
        key: common[key] | {"description": f"{_COMMON[key][0]} (for all facts of this file)"}
        for key in FILE_KEYS
    }
    return {
        "title": "facts",
        "type": "object",
        "properties": for_all
        | {
            "facts": {
                "description": "the facts",
                "type": "array",
                "items": _ref("fact"),
                "minItems": 1,
            }
        },
        "required": ["facts"],
        "additionalProperties": False,
        "allOf": [
            *(_unless_for_all(key, {"required": [key]}) for key in ("kind", "topic")),
            *(rule for kind in known for rule in _rules_of_file(kind)),
        ],
        "definitions": {
            **{name: form for name, (_, form) in _TYPES.items() if name != "picture"},
            "id": _scalar(
                pattern=_whole(SLUG.pattern),
                errorMessage=f"no id; {_NO_SLUG}",
            ),
            "texts": _some(_TEXT),
            "remark": {
                "anyOf": [
                    _ref("text"),
                    {"type": "object", "additionalProperties": _ref("text"), "minProperties": 1},
                ]
            },
            "reasons": {"type": "object", "additionalProperties": _TEXT},
            "kind": _one_of({kind.name: kind.about for kind in known}, "there is no such kind"),
            **{group: _group(group, tags) for group in ("topic", "level")},
            "tag": _one_of(
                {name: tag.meaning for name, tag in tags.items()},
                "there is no such tag in tags.yaml",
            ),
            "tags": _some(_ref("tag")),
            "picture": _one_of(
                {name: medium.alt if medium else "" for name, medium in pictures.items()},
                "there is no such picture in media/sources.yaml",
            ),
            "slug": _one_of(
                {slug: _title(document) for slug, document in documents.items()},
                "there is no such source in sources.yaml",
            ),
            "citation": _citation(documents),
            "citations": _some({"anyOf": [_ref("slug"), _ref("citation")]}),
            "fact": {
                "title": "fact",
                "type": "object",
                "properties": common,
                "required": ["id"],
                "allOf": [
                    # With an empty allOf the language server offers them as keys, not as a value.
                    {
                        "if": _HAS_KIND,
                        "else": {"allOf": [{}], "defaultSnippets": _snippets(known)},
                    },
                    *({"if": _is(kind), "then": _of_kind(kind)} for kind in known),
                ],
            },
            **{f"kind-{kind.name}": _kind_of_fact(kind) for kind in known},
        },
    }


# Without the type, a fact that is still empty would pass, and be completed as one of every kind.
_HAS_KIND: Schema = {"type": "object", "required": ["kind"]}


def _is(kind: Kind) -> Schema:
    """Whether a fact, or a file for all its facts, is of a kind."""
    return _HAS_KIND | {"properties": {"kind": {"const": kind.name}}}


def _of_kind(kind: Kind) -> Schema:
    return _ref(f"kind-{kind.name}")


def _each_fact(rule: Schema) -> Schema:
    return {"properties": {"facts": {"items": rule, "doNotSuggest": True}}}


def _each_unnamed(rule: Schema) -> Schema:
    """A rule for each fact that names no kind of its own."""
    return _each_fact({"if": _HAS_KIND, "else": rule})


def _unless_for_all(key: str, rule: Schema) -> Schema:
    """A rule for each fact of a file that does not say `key` for all of them."""
    return {"if": {"required": [key]}, "else": _each_fact(rule)}


def _rules_of_file(kind: Kind) -> list[Schema]:
    """What a kind asks of the facts of a file that says this or that for all of them."""
    rules = []
    its = _is(kind)
    for key in sorted(kind.requires.intersection(FILE_KEYS)):
        needs: Schema = {"required": [key]}
        rules.append(_unless_for_all(key, {"if": its, "then": needs}))
        rules.append({"if": {"allOf": [its, {"not": needs}]}, "then": _each_unnamed(needs)})
    return [*rules, {"if": its, "then": _each_unnamed(_of_kind(kind))}]


def _kind_of_fact(kind: Kind) -> Schema:
    """A fact of a kind: its fields, and no keys but these and the common ones."""
    fields = {}
    for name, field in kind.fields.items():
        words = "\n\n".join(filter(None, (field.help, _TYPES[field.type][0])))
        fields[name] = _ref(field.type) | {"description": words}
    required = [name for name, field in kind.fields.items() if field.required]
    prompts: Schema = {
        "properties": {prompt.name: _ref("text") for prompt in kind.prompts},
        "additionalProperties": False,
    }
    schema: Schema = {
        "title": kind.name,
        "properties": {
            **dict.fromkeys(COMMON_KEYS, True),
            **dict.fromkeys(facts.REMARK_KEYS, prompts),
            **fields,
        },
        "required": [*required, *sorted(kind.requires.difference(FILE_KEYS))],
        "additionalProperties": False,
    }
    asked = [
        [name for name in kind.fields if name in prompt.uses and name not in required]
        for prompt in kind.prompts
    ]
    if asked and all(asked):  # one prompt at least must have all that it uses
        message = "too little to ask; give " + ", or ".join(" and ".join(one) for one in asked)
        schema["if"] = {"anyOf": [{"required": names} for names in asked]}
        schema["else"] = {"required": asked[0], "errorMessage": message}
    return schema


def _snippets(known: list[Kind]) -> list[Schema]:
    """A new fact of each kind, to be filled in."""
    snippets: list[Schema] = []
    for kind in known:
        body: Schema = {"id": "$1", "kind": kind.name}
        names = [name for name, field in kind.fields.items() if field.required]
        for place, name in enumerate([*names, *sorted(kind.requires)], 2):
            is_list = name in kind.fields and kind.fields[name].type == "list"
            body[name] = [f"${place}"] if is_list else f"${place}"
        snippets.append({"label": f"new {kind.name}", "description": kind.about, "body": body})
    return snippets


def _group(group: str, tags: Mapping[str, Tag]) -> Schema:
    """A tag below `group`."""
    prefix = f"{group}::"
    below = {tag.removeprefix(prefix): tags[tag].meaning for tag in tags if tag.startswith(prefix)}
    return _one_of(below, f"there is no such {group} in tags.yaml")


def _title(document: Source) -> str:
    return ", ".join(filter(None, (document.title, document.author, document.year)))


def _citation(documents: Mapping[str, Source]) -> Schema:
    """A place in a document, `{doc: slug, at: locator}`."""
    citation = _object(
        facts.CITATION_KEYS,
        {
            "doc": ("a slug of sources.yaml", _ref("slug")),
            "at": ("the locator: where in the document, down to the paragraph", _TEXT),
        },
        ["doc"],
    )
    rules = [
        {
            "if": {"properties": {"doc": {"const": document.slug}}, "required": ["doc"]},
            "then": {"properties": {"at": _locator(document)}},
        }
        for document in documents.values()
        if document.sections
    ]
    return citation | ({"allOf": rules} if rules else {})


def _locator(document: Source) -> Schema:
    """A place in a document that lists its sections."""
    names = "|".join(_SYNTAX.sub(r"\\\g<0>", name) for name in document.sections)
    message = f"does not begin with a section of “{document.slug}”"
    return {
        "anyOf": [
            {"type": "string", "enum": list(document.sections), "errorMessage": message},
            _scalar(pattern=f"^(?:{names}),", errorMessage=message),
        ]
    }


def _kind() -> Schema:
    """A kind of fact."""
    template = (
        "a Jinja2 template; it may use the kind's fields and as_of; {{ date | when }} gives"
        " On what day, In which month, In what year or In which years",
        _TEXT,
    )
    sides = {"front": template, "back": template}
    both = tuple(sides)
    of_prompt: Mapping[str, tuple[str, Schema]] = {
        **sides,
        "reverse": ("a second card of the same note", _object(both, sides, both)),
        "cloze": (
            "a Jinja2 template in which {{ field | cloze }} hides a value, or each item of a list",
            _TEXT,
        ),
    }
    prompt: Schema = {
        "if": {"required": ["cloze"]},
        "then": _object(["cloze"], of_prompt, ["cloze"]),
        "else": _object(kinds.PROMPT_KEYS, of_prompt, both),
    }
    types = {name: _TYPES[name][0] for name in FIELD_TYPES}
    field = _object(
        kinds.FIELD_KEYS,
        {
            "type": ("how its values are written", _one_of(types, "there is no such type")),
            "required": ("whether every fact of this kind must have it", _FLAG),
            "help": ("what belongs into it; editors show it", _TEXT),
            "formerly": ("the name that it had before it was renamed", _TEXT),
        },
        ["type"],
    )
    common = {key: _COMMON[key][0] for key in COMMON_KEYS}
    of_kind: Mapping[str, tuple[str, Schema]] = {
        "about": ("what facts of this kind are", _TEXT),
        "fields": (
            "what a fact of this kind may say, beside what every fact may",
            _named(
                "field",
                _none_of(COMMON_KEYS) + kinds.FIELD_NAME.pattern,
                "no name for a field; use a-z, 0-9 and _, and no key that every fact has",
                field,
            ),
        ),
        "prompts": (
            "the questions asked of a fact that has every field they use",
            _named("prompt", SLUG.pattern, _NO_SLUG, prompt),
        ),
        "requires": (
            "keys that are optional elsewhere and required here",
            _some(_one_of(common, "no fact has such a key")),
        ),
    }
    return {"title": "kind"} | _object(kinds.KEYS, of_kind, kinds.KEYS[:3])


def _decks() -> Schema:
    """The deck and its packages."""
    package = _object(
        decks.PACKAGE_KEYS,
        {
            "title": ("how it is called", _TEXT),
            "about": ("what is inside; learners see it as the description of the deck", _TEXT),
            "only": (
                "what it holds, as a search in Anki's language: tag:, and, or, -, brackets,"
                " quotes, * and _; without it, everything",
                _TEXT,
            ),
        },
        decks.PACKAGE_KEYS[:2],
    )
    of_decks: Mapping[str, tuple[str, Schema]] = {
        "namespace": ("every GUID hangs on it: never change it", _TEXT),
        "deck": ("the deck's name in Anki, which matches decks by it: never change it", _TEXT),
        "tag_root": (
            "all tags of the deck lie under it",
            _scalar(
                pattern=_whole(decks.TAG_ROOT.pattern),
                errorMessage="a tag root is made of letters, digits and hyphens",
            ),
        ),
        "packages": ("file name → package", _named("package", SLUG.pattern, _NO_SLUG, package)),
        "licence": ("the licence of the cards, as learners see it", _TEXT),
        "searches": (
            "the main searches for studying a part, what it is → a search in Anki's language; the"
            " study guide and the descriptions of the packages name them",
            {"type": "object", "additionalProperties": _TEXT},
        ),
    }
    return {"title": "decks"} | _object(decks.KEYS, of_decks, decks.KEYS[:4])


def _tags() -> Schema:
    """The tree of tags."""
    tag: Schema = {
        "description": "the tag's meaning; or _: its meaning, perhaps _name and _when, and the tags"
        " below it",
        "anyOf": [_TEXT, _ref("tags")],
    }
    message = "no tag name; use letters, digits and hyphens"
    below = _named("tag", f"{'|'.join(KEYS)}|{NAME.pattern}", message, tag)
    below["properties"] = {
        "_": _TEXT | {"description": "the meaning of the tag itself"},
        "_name": _TEXT | {"description": "how cards name it, if it is a topic"},
        "_when": _TEXT
        | {
            "description": "a search in Anki's language, such as tag:ROOT::topic::forums: the facts"
            " that it finds carry the tag without naming it"
        },
    }
    message += f"; {', '.join(AUTOMATIC)} come by themselves"
    top = _named("tag", f"_|{_none_of(AUTOMATIC)}{NAME.pattern}", message, tag)
    return {"title": "tags"} | top | {"definitions": {"tags": below}}


def _sources() -> Schema:
    """The documents that may be cited."""
    source = _object(
        sources.KEYS,
        {
            "title": ("its title", _TEXT),
            "author": ("who wrote it", _TEXT),
            "form": ("paper, treaty, web page, news item …", _TEXT),
            "year": ("the year it came out", _TEXT),
            "url": ("where it can be read", _TEXT),
            "sections": (
                "its parts, if its coverage is to be counted; every locator begins with one",
                _some(_TEXT),
            ),
        },
        ["title"],
    )
    message = "no slug; use letters, digits and hyphens"
    return {"title": "sources"} | _named("slug", NAME.pattern, message, source)


def _media() -> Schema:
    """The pictures, with their origin."""
    picture = _object(
        media.KEYS,
        {
            "origin": ("where it comes from, and who made it", _TEXT),
            "licence": ("under which licence it is", _TEXT),
            "alt": ("the words for those who cannot see it", _TEXT),
        },
        media.KEYS[:2],
    )
    message = "no name for a picture: small letters, digits, hyphens, .svg .png …"
    return {"title": "pictures"} | _named("file", media.FILE_NAME.pattern, message, picture)


def _left_out(documents: Mapping[str, Source]) -> Schema:
    """What is left out of the documents that list their sections."""
    of_source = {}
    for document in documents.values():
        if document.sections:
            claim = _object(
                coverage.CLAIM_KEYS,
                {
                    "at": ("the locator; it begins with a section", _locator(document)),
                    "claim": ("what the document says", _TEXT),
                    "why": ("why no card teaches it", _TEXT),
                },
                coverage.CLAIM_KEYS,
            )
            of_source[document.slug] = {
                "description": document.title,
                "type": "array",
                "items": claim,
            }
    return {
        "title": "left out",
        "type": "object",
        "properties": of_source,
        "additionalProperties": False,
    }
