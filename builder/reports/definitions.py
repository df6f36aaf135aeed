"""The vocabulary of a deck → JSON Schemas, with which editors complete and check its sources.

Keys, forms and meanings are those of the reader. The schemas are of draft 7, which the YAML
language server knows best, and use its `errorMessage`, `enumDescriptions` and `defaultSnippets`;
other readers skip these. To the builder every scalar is text; to an editor `2010` is a number and
`~` is nothing. What an editor takes for something else than text is therefore left to the builder,
so that nothing it accepts is marked as wrong.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from builder.model import Kind, Source, Vocabulary
from builder.notes.cloze import WRITTEN
from builder.notes.language import ENGLISH, labels_in
from builder.sources.tables import ENDINGS, FILE_KEYS, FORMS, KEYS, TYPES, Form, Key, Keys, keys_of
from builder.sources.tags import AUTOMATIC, tags_below

Schema = dict[str, Any]

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
# What has a meaning in a pattern.
_SYNTAX = re.compile(r"[\^$\\.*+?()\[\]{}|/]")


def definitions_of(vocabulary: Vocabulary) -> dict[str, Schema]:
    """All schemas by name: of files, of mappings, and of the forms of values."""
    kinds = [kind for kind in vocabulary.kinds.values() if kind]
    tags = {name: tag.meaning for name, tag in vocabulary.tags.items()}
    constant = json.loads(Path(__file__).with_name("definitions.json").read_text("utf-8"))
    objects = {what.replace(" ", "-"): _object(keys) for what, keys in KEYS.items()}
    objects = {name: one | constant.get(name, {}) for name, one in objects.items()}
    titles = {
        slug: ", ".join(filter(None, (source.title, source.author, source.year)))
        for slug, source in vocabulary.sources.items()
    }
    cited: list[Schema] = [{}]
    left_out: dict[str, Schema] = {}
    for source in (source for source in vocabulary.sources.values() if source.sections):
        at = {"properties": {"at": _locator(source)}}
        cites = {"properties": {"doc": {"const": source.slug}}, "required": ["doc"]}
        cited.append({"if": cites, "then": at})
        claim = {"allOf": [_ref("a-claim-left-out"), at]}
        left_out[source.slug] = {"description": source.title, "type": "array", "items": claim}
    return {
        **constant,
        **{name: _text(form) for name, form in FORMS.items() if name not in constant},
        **objects,
        # Which words there are depends on the vocabulary.
        "date": _text(FORMS["date"]) | {"minimum": 1, "maximum": 9999},  # years
        "kind": _one_of({kind.name: kind.about for kind in kinds}, "kind"),
        "topic": _one_of(tags_below("topic", tags), "topic"),
        "level": _one_of(tags_below("level", tags), "level"),
        "tag": _one_of(tags, "tag"),
        "slug": _one_of(titles, "source"),
        **{f"{type_}-file": _file(type_, vocabulary) for type_ in ENDINGS},
        **{type_: _one_or_several(f"{type_}-file") for type_ in ENDINGS},
        "type": _one_of({name: form.meaning for name, form in TYPES.items()}, "type"),
        "common-key": _one_of({name: key.meaning for name, key in KEYS["a fact"].items()}, "key"),
        # Mappings whose keys are names.
        "packages": _names("package-name", "a-package"),
        "fields": _names("field-name", "a-field", _none_of(KEYS["a fact"])),
        "prompts": _names("prompt-name", "prompt"),
        "labels": _object({name: Key(label) for name, label in labels_in(ENGLISH).items()}),
        "tags-below": _names("tag-name", "tag-or-meaning", f"{'|'.join(KEYS['a tag'])}|")
        | {"properties": objects["a-tag"]["properties"]},
        # Facts are as their kinds are, and locators as their sources.
        "located": objects["a-citation"] | {"allOf": cited},
        "fact": _fact(kinds),
        **{f"kind-{kind.name}": _fact_of_kind(kind) for kind in kinds},
        # The files.
        "facts.schema.json": objects["a-file-of-facts"] | {"allOf": _rules_of_file(kinds)},
        "kind.schema.json": objects["a-kind"],
        "decks.schema.json": objects["decks.yaml"],
        "tags.schema.json": _names(
            "tag-name",
            "tag-or-meaning",
            f"_|{_none_of(AUTOMATIC if vocabulary.automatic_tags else ())}",
        ),
        "sources.schema.json": _names("source-name", "a-source"),
        "media.schema.json": _names("any-media-name", "a-media-file"),
        "left-out.schema.json": {
            "type": "object",
            "properties": left_out,
            "additionalProperties": False,
        },
    }


def _file(type_: str, vocabulary: Vocabulary) -> Schema:
    """The name of a media file of a type."""
    files = filter(None, vocabulary.media.values())
    media = {medium.path.name: medium for medium in files}
    names = {name: one.alt or one.origin for name, one in media.items() if type_ in one.types}
    return _one_of(names, type_)


def _one_or_several(form: str) -> Schema:
    """A text of a form, or a list of them."""
    several = {"anyOf": [_ref(form), _ref("an-item")]}
    return {"anyOf": [_ref(form), {"type": "array", "items": several, "minItems": 1}]}


def _ref(definition: str) -> Schema:
    return {"$ref": f"#/definitions/{definition}"}


def _scalar(**rules: object) -> Schema:
    """A scalar, to which `rules` apply if an editor takes it for text."""
    # Were the two alike but for these rules, the language server would show both on hovering.
    no_text: Schema = {"not": {"type": ["string", "array", "object"]}, "properties": {}}
    return {"anyOf": [{"type": "string", **rules}, no_text]}


def _whole(pattern: str) -> str:
    """A pattern as one for the whole of a text."""
    return f"^(?:{pattern})$"


def _none_of(words: Iterable[str]) -> str:
    """The beginning of a pattern that does not match these words."""
    return f"(?!(?:{'|'.join(words)})$)"


def _text(form: Form) -> Schema:
    """A text of a form."""
    message = f"not {form.name}"
    if form is FORMS["cloze"]:
        message = "no valid cloze deletion; write {{c1::answer}} or {{c1::answer::hint}}"
        return {"type": "string", "pattern": WRITTEN.pattern, "errorMessage": message}
    if not form.pattern:
        return _scalar(minLength=1, errorMessage="expected a text")
    if not form.json:
        return _scalar(pattern=_whole(form.pattern), errorMessage=message)
    pattern = _whole(rf"\s*(?:{form.pattern})\s*")  # a field's text is stripped first
    return {"type": list(form.json), "pattern": pattern, "errorMessage": message}


def _names(form: str, values: str, also: str = "") -> Schema:
    """A mapping from names of a form to values; `also` is the beginning of their pattern."""
    names = {
        "title": form.removesuffix("-name"),
        "pattern": _whole(also + FORMS[form].pattern),
        "errorMessage": f"not {FORMS[form].name}",
    }
    return {"type": "object", "propertyNames": names, "additionalProperties": _ref(values)}


def _object(keys: Keys) -> Schema:
    """A mapping with these keys and no others."""
    return {
        "type": "object",
        "properties": {
            name: _ref(key.form) | {"description": key.meaning} for name, key in keys.items()
        },
        "required": [name for name, key in keys.items() if key.required],
        "additionalProperties": False,
    }


def _one_of(meanings: Mapping[str, str], what: str) -> Schema:
    """One of some words, each with its meaning."""
    rules: Schema = {
        "enum": list(meanings),
        "enumDescriptions": list(meanings.values()),
        "errorMessage": f"unknown {what}",
    }
    if any(_NO_TEXT.fullmatch(word) for word in meanings):
        return _scalar(**rules)
    return {"type": "string", **rules}


def _locator(source: Source) -> Schema:
    """A place in a source that lists its sections: it begins with one."""
    names = "|".join(_SYNTAX.sub(r"\\\g<0>", name) for name in source.sections)
    message = f"does not begin with a section of “{source.slug}”"
    return {
        "anyOf": [
            {"type": "string", "enum": list(source.sections), "errorMessage": message},
            _scalar(pattern=f"^(?:{names}),", errorMessage=message),
        ]
    }


# Without the type, a fact that is still empty would pass, and be completed as one of every kind.
_HAS_KIND: Schema = {"type": "object", "required": ["kind"]}


def _is(kind: Kind) -> Schema:
    """Whether a fact, or a file for all its facts, is of a kind."""
    return _HAS_KIND | {"properties": {"kind": {"const": kind.name}}}


def _fact(kinds: list[Kind]) -> Schema:
    """A fact, which is checked by its own kind's definition, if it names one."""
    # With an empty allOf the language server offers them as keys, not as a value.
    no_kind = {"allOf": [{}], "defaultSnippets": [_snippet(kind) for kind in kinds]}
    return {
        "title": "fact",
        "type": "object",
        "properties": _object(KEYS["a fact"])["properties"],
        "required": ["id"],
        "allOf": [
            {"if": _HAS_KIND, "else": no_kind},
            *({"if": _is(kind), "then": _ref(f"kind-{kind.name}")} for kind in kinds),
        ],
    }


def _snippet(kind: Kind) -> Schema:
    """A new fact of a kind, to be filled in."""
    body: Schema = {"id": "$1", "kind": kind.name}
    names = [name for name, field in kind.fields.items() if field.required]
    for number, name in enumerate([*names, *sorted(kind.requires)], 2):
        is_list = name in kind.fields and kind.fields[name].type == "list"
        body[name] = [f"${number}"] if is_list else f"${number}"
    return {"label": f"new {kind.name}", "description": kind.about, "body": body}


def _fact_of_kind(kind: Kind) -> Schema:
    """A fact of a kind: its fields, and no keys but these and the common ones."""
    keys = keys_of(kind)
    required = [
        name for name, key in keys.items() if key.required and name not in ("id", *FILE_KEYS)
    ]
    prompts: Schema = {
        "properties": {name: _ref("text") for name in kind.prompt_names},
        "additionalProperties": False,
    }
    schema = _object(keys) | {"title": kind.name, "required": required}
    for name, key in KEYS["a fact"].items():
        schema["properties"][name] = prompts if key.form == "remark" else True
    asked = [
        [name for name in kind.fields if name in prompt.needs and name not in required]
        for prompt in kind.prompts
    ]
    if asked and all(asked):  # one prompt at least must have all that it uses
        message = "too few fields; add " + ", or ".join(" and ".join(one) for one in asked)
        schema["if"] = {"anyOf": [{"required": names} for names in asked]}
        schema["else"] = {"required": asked[0], "errorMessage": message}
    return schema


def _rules_of_file(kinds: list[Kind]) -> list[Schema]:
    """What a file says for all its facts, a fact need not say; it is checked nevertheless."""
    needs: Schema
    rules = []
    # What all kinds require, the deck does.
    common = set(FILE_KEYS).intersection(*(kind.requires for kind in kinds))
    for key in (key for key in FILE_KEYS if key == "kind" or (kinds and key in common)):
        needs = {"required": [key]}
        rules.append({"if": needs, "else": _each_fact(needs)})
    for kind in kinds:
        for key in sorted(set(kind.requires) & set(FILE_KEYS) - common):
            needs = {"required": [key]}
            rules.append({"if": needs, "else": _each_fact({"if": _is(kind), "then": needs})})
            lacks = {"allOf": [_is(kind), {"not": needs}]}
            rules.append({"if": lacks, "then": _each_fact({"if": _HAS_KIND, "else": needs})})
        of_kind = {"if": _HAS_KIND, "else": _ref(f"kind-{kind.name}")}
        rules.append({"if": _is(kind), "then": _each_fact(of_kind)})
    return rules


def _each_fact(rule: Schema) -> Schema:
    return {"properties": {"facts": {"items": rule, "doNotSuggest": True}}}
