"""What is wrong in the sources, as a value: where, how bad, what, and against which rule.

An `Error` is what cannot be built, or would hurt a learner. Warnings are of the rules of good
cards, which are functions in `builder.rules`; their names are not here.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Literal, NamedTuple, Self
from unicodedata import combining, east_asian_width


class Error(StrEnum):
    """The name of an error, as it stands in square brackets after a message."""

    must: str

    def __new__(cls, name: str, must: str) -> Self:
        """An error of that name; `must` is a sentence."""
        error = str.__new__(cls, name)
        error._value_ = name
        error.must = must
        return error

    ANCHOR = "anchor", "A value is written out; YAML's anchors and aliases are not used."
    CLOZE = "cloze", "A cloze deletion is {{c1::answer}} or {{c1::answer::hint}}; its number stays."
    COMMENT = "comment", "A comment after a value has two spaces before “#” and one after it."
    CONFLICT = "conflict", "No file has an unresolved merge conflict."
    DATE = "date", "A date is 2010-10-12, 2010-10, 2010, the years 2010/2011, or one with BC."
    DECK = "deck", "A deck's name is one that Anki keeps; no two differ only in case."
    DECK_NAME = "deck-name", "A deck keeps its name, since Anki matches decks by name."
    DUPLICATE_ID = "duplicate-id", "No two facts have the same id."
    DUPLICATE_ITEM = "duplicate-item", "No two items of a list are the same."
    DUPLICATE_KEY = "duplicate-key", "No key occurs twice in a mapping."
    EMPTY = "empty", "No value is empty."
    EMPTY_PACKAGE = "empty-package", "Every package has a note."
    EMPTY_SEARCH = "empty-search", "Every search that learners are told of matches a note."
    ENCODING = "encoding", "Files are UTF-8 and have no control characters."
    FIELD = "field", "A field of a kind has a valid name and a known type."
    FILE = "file", "Every file of the sources and packages is a regular file, and can be read."
    FORMERLY = "formerly", "A renamed fact names its former id, and no two facts claim one."
    ID = "id", "An id is made of small letters, digits and single hyphens."
    KIND = "kind", "A kind's file name is made of small letters, digits and single hyphens."
    LABEL = "label", "A label keeps its words in braces, and has no others."
    LANGUAGE = "language", "A language is given by its code (BCP 47), such as es, pt-BR or zh-Hant."
    LEDGER = "ledger", "The ledger is as the last build left it, or a merge of two branches."
    LOCATOR = "locator", "A locator begins with a section of its source, if that lists any."
    MEDIA = "media", "A media file is listed, well named, complete, and what its ending says."
    MISSING_KEY = "missing-key", "No required key is missing."
    MOVED_ID = "moved-id", "No id goes to another fact, nor a prompt's name to another prompt."
    NAMESPACE = "namespace", "A deck keeps its namespace, since every GUID is made from it."
    NO_PROMPT = "no-prompt", "A fact has the fields of at least one prompt of its kind."
    NOTE_TYPE = "note-type", "A note keeps its note type, and a note type its fields and templates."
    NUMBER = "number", "A number is made of digits, and commas between thousands."
    PACKAGE = "package", "A package's name is a valid file name on every system."
    PROMPT = "prompt", "A prompt uses fields, and its sides are not empty."
    QUERY = "query", "A search is in Anki's language and speaks of tags."
    RENAMED_FIELD = "renamed-field", "A renamed field that a cloze hides says formerly."
    REUSED_ID = "reused-id", "The id of a removed fact comes back only with that fact."
    REWORDED_ITEM = "reworded-item", "An item that replaces another says if it is the same one."
    SCHEMA = "schema", "The JSON Schemas for editors are up to date."
    SHAPE = "shape", "A shape has a form and a size, and lies within its picture."
    SIZE = "size", "No text, no side of a card and no nesting is too large."
    SOURCE = "source", "A slug has letters, digits and hyphens; no two differ only in case."
    STALE = "stale", "The packages are up to date."
    TAB = "tab", "Indentation and separation are spaces."
    TABLE = "table", "A table is a file beside its file of facts, with a cell for each column."
    TAG = "tag", "A tag has no spaces or quotes; no two of one parent differ only in case."
    TEMPLATE = "template", "A template is valid, and only shows values."
    TYPE = "type", "A value has the form that its key needs: text, list or mapping."
    UNKNOWN_FACT = "unknown-fact", "A fact that left-out.yaml names as a reason exists."
    UNKNOWN_FIELD = "unknown-field", "A template names fields that its kind has."
    UNKNOWN_KEY = "unknown-key", "Every key is one that its mapping may have."
    UNKNOWN_KIND = "unknown-kind", "A fact's kind is a file in kinds/."
    UNKNOWN_MEDIA = "unknown-media", "A picture, sound or video is a file that media/ has."
    UNKNOWN_PROMPT = "unknown-prompt", "A note or caution names prompts that the fact is asked."
    UNKNOWN_SOURCE = "unknown-source", "A cited source is in sources.yaml."
    UNKNOWN_TAG = "unknown-tag", "A tag is in tags.yaml."
    URL = "url", "A web address begins with http:// or https://."
    WAIVER = "waiver", "A waiver names a rule that the fact breaks."
    YAML = "yaml", "A file is one document of valid YAML."
    YAML_TAG = "yaml-tag", "All values are text; YAML's tags are not used."


class Place(NamedTuple):
    """A place in a file that a curator can go to; `line` and `column` count from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.at_line}:{self.column}"

    @property
    def at_line(self) -> str:
        """The same without the column."""
        return f"{self.path}:{self.line}"


class Problem(NamedTuple):
    """Something wrong in the sources; `rule` is the name of an error or of a rule of good cards."""

    place: Place
    severity: Literal["error", "warning"]
    message: str
    rule: str

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} [{self.rule}]"


def error(place: Place, message: str, rule: Error) -> Problem:
    """What cannot be built, or would hurt a learner."""
    return Problem(place=place, severity="error", message=message, rule=rule)


def warning(place: Place, message: str, rule: str) -> Problem:
    """What makes a bad card."""
    return Problem(place=place, severity="warning", message=message, rule=rule)


def any_error(problems: Iterable[Problem]) -> bool:
    """Whether one of the problems is an error."""
    return any(problem.severity == "error" for problem in problems)


class Wrong(NamedTuple):
    """What is wrong with a text, and at which of its characters, from 0."""

    message: str
    at: int


# The nearest of more or longer names than these is not looked for: two names take as long as their
# lengths multiplied.
_MANY_NAMES = 2_000
_LONG_NAME = 80


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint at the name that was probably meant, to end a message with; empty if none is near."""
    from rapidfuzz import fuzz, process  # only needed when something is wrong

    if len(word) > _LONG_NAME:
        return ""
    names = sorted(name for name in words if len(name) <= _LONG_NAME)[:_MANY_NAMES]
    last = word.casefold().rpartition("::")[2]
    if same := [name for name in names if name.casefold().rpartition("::")[2] == last]:
        names = same  # of a tag the part that tells it from others, and letters but for their case
    close = process.extractOne(word, names, scorer=fuzz.ratio, score_cutoff=0 if same else 60)
    return f"; did you mean “{close[0]}”?" if close else ""


# What controls a terminal, ends a line, reverses what follows, or is not a character.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def printable(text: str) -> str:
    """A text as one line that can be shown anywhere."""
    return UNPRINTABLE.sub("\ufffd", text.replace("\n", " "))


def columns(text: str) -> int:
    """How wide a terminal shows a text that can be shown."""
    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )
