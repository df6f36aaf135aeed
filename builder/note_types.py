"""`card/` → the two Anki note types of a deck.

`front.html` and `back.html` are Anki card templates, in Anki's own language, for every card of
the deck. Where the cards differ they have three words of the builder's in square brackets:
`[[ question ]]`, `[[ answer ]]` and `[% if cloze %]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import jinja2
import jinja2.meta
from jinja2.sandbox import SandboxedEnvironment

from builder.files import list_folder
from builder.load import at_index, decode, nearest, read_bytes
from builder.model import NoteType, Problem
from builder.render import CLOZE_FIELDS, FIELDS, parse_template

# (template name, what is asked, what is answered); frozen, as the fields are.
_TEMPLATES = (
    ("Card", "{{Front}}", "{{Back}}"),
    ("Reverse Card", "{{Reverse Front}}", "{{Reverse Back}}"),
)
# What stands in square brackets.
_WORDS = ("question", "answer", "cloze")
_CLOZE_TEMPLATE = ("Cloze", "{{cloze:Text}}", "{{cloze:Text}}")

# Anki's own tags: a field or a section of one, and what is no field of a note.
_TAG = re.compile(r"\{\{([#^/]?)([^{}]*)\}\}")
_STRAY = re.compile(r"\{\{|\}\}")
_SPECIAL = re.compile(r"FrontSide|Tags|Type|Deck|Subdeck|Card|CardFlag|CardID|c\d+")

# Not escaping: the templates are HTML, filled in by Anki.
_BRACKETS = SandboxedEnvironment(
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    comment_start_string="[#",
    comment_end_string="#]",
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


def load_note_types(src: Path, deck_name: str) -> tuple[tuple[NoteType, ...], list[Problem]]:
    """The deck's note types, `NAME` and `NAME Cloze`; none if a file is missing or broken."""
    _, problems = list_folder(src / "card")
    css = _read(src / "card" / "style.css", problems)
    files = []
    for path in (src / "card" / "front.html", src / "card" / "back.html"):
        source = _read(path, problems)
        try:
            tree = parse_template(_BRACKETS, source)
        except jinja2.TemplateSyntaxError as error:
            problems.append(_broken(path, error.lineno, error.message))
            continue
        problems += _unknown_words(path, tree)
        files.append((path, source, _BRACKETS.from_string(tree)))
    if problems:
        return (), problems

    def note_type(
        name: str, fields: tuple[str, ...], names: Iterable[tuple[str, str, str]]
    ) -> NoteType:
        cloze = fields == CLOZE_FIELDS
        templates = []
        for card, question, answer in names:
            given = dict(zip(_WORDS, (question, answer, cloze), strict=True))
            sides = []
            for path, source, template in files:
                sides.append(_fill(path, template, given, problems))
                problems.extend(_anki_errors(path, source, sides[-1], fields))
            if question not in sides[0]:
                message = "a front must show [[ question ]]"
                problems.append(Problem(str(files[0][0]), 1, 1, "error", message, "template"))
            if card == _TEMPLATES[1][0]:
                # A front that is empty where the field is makes Anki create no card.
                sides[0] = f"{{{{#Reverse Front}}}}{sides[0]}{{{{/Reverse Front}}}}"
            templates.append((card, sides[0], sides[1]))
        return NoteType(name, cloze, fields, tuple(templates), css)

    basic = note_type(deck_name, FIELDS, _TEMPLATES)
    gaps = note_type(f"{deck_name} Cloze", CLOZE_FIELDS, [_CLOZE_TEMPLATE])
    return (() if problems else (basic, gaps)), list(dict.fromkeys(problems))


def _fill(
    path: Path,
    template: jinja2.Template,
    given: Mapping[str, object],
    problems: list[Problem],
) -> str:
    """One side of a card, in Anki's language; adds to `problems`."""
    try:
        return template.render(given).strip()
    # What a template's author can get wrong: a template is a program.
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        problems.append(_broken(path, 1, str(error)))
        return ""


def _anki_errors(path: Path, source: str, html: str, fields: tuple[str, ...]) -> Iterator[Problem]:
    """What Anki would not understand in a side: its tags name fields, its sections close.

    `html` is the side, which `source` gave.
    """

    def wrong(message: str, found: int) -> Problem:
        return at_index(str(path), source, max(found, 0), message, "template")

    opened: list[tuple[str, str]] = []
    for tag in _TAG.finditer(html):
        mark, name = tag.groups()
        field = name.rpartition(":")[2].strip()  # filters stand before it: {{cloze:Text}}
        if mark == "/":
            if not opened or opened.pop()[0] != field:
                yield wrong(f"{tag[0]} closes nothing", source.find(tag[0]))
            continue
        if field not in fields and not _SPECIAL.fullmatch(field):
            message = f"there is no field “{field}” in Anki{nearest(field, fields)}"
            yield wrong(message, source.find(tag[0]))
        if mark:
            opened.append((field, tag[0]))
    if opened:
        yield wrong(f"{opened[-1][1]} is not closed", source.rfind(opened[-1][1]))
    if _STRAY.search(_TAG.sub("", html)):
        found = _STRAY.search(_TAG.sub(lambda tag: " " * len(tag[0]), source))
        yield wrong("a tag is not well formed; write {{Field}}", found.start() if found else 0)


def _unknown_words(path: Path, tree: jinja2.nodes.Template) -> Iterator[Problem]:
    """The names in square brackets that the builder does not know."""
    for name in sorted(jinja2.meta.find_undeclared_variables(tree).difference(_WORDS)):
        line = min(node.lineno for node in tree.find_all(jinja2.nodes.Name) if node.name == name)
        yield _broken(path, line, f"there is no word “{name}”{nearest(name, _WORDS)}")


def _broken(path: Path, line: int, reason: str | None) -> Problem:
    message = f"the template cannot be read: {reason}"
    return Problem(str(path), line, 1, "error", message, "template")


def _read(path: Path, problems: list[Problem]) -> str:
    data = read_bytes(path)
    text = data if isinstance(data, Problem) else decode(data, str(path))
    if isinstance(text, Problem):
        problems.append(text)
        return ""
    return text.replace("\r\n", "\n")
