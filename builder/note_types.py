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
from jinja2.sandbox import SandboxedEnvironment

from builder.load import nearest, read_bytes
from builder.model import NoteType, Problem
from builder.render import CLOZE_FIELDS, FIELDS, parse_template

# (template name, what is asked, what is answered); frozen, as the fields are.
_TEMPLATES = (
    ("Card", "{{Front}}", "{{Back}}"),
    ("Reverse Card", "{{Reverse Front}}", "{{Reverse Back}}"),
)
_CLOZE_TEMPLATE = ("Cloze", "{{cloze:Text}}", "{{cloze:Text}}")

# Anki's own tags: a field or a section of one, and what is no field of a note.
_TAG = re.compile(r"\{\{([#^/]?)([^{}]*)\}\}")
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
    problems: list[Problem] = []
    css = _read(src / "card" / "style.css", problems)
    files = []
    for path in (src / "card" / "front.html", src / "card" / "back.html"):
        source = _read(path, problems)
        try:
            files.append((path, _BRACKETS.from_string(parse_template(_BRACKETS, source))))
        except jinja2.TemplateSyntaxError as error:
            problems.append(_broken(path, error.lineno, error.message))
    if problems:
        return (), problems

    def note_type(
        name: str, fields: tuple[str, ...], names: Iterable[tuple[str, str, str]]
    ) -> NoteType:
        cloze = fields == CLOZE_FIELDS
        templates = []
        for card, question, answer in names:
            given = {"question": question, "answer": answer, "cloze": cloze}
            sides = [_fill(path, file, given, fields, problems) for path, file in files]
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
    fields: tuple[str, ...],
    problems: list[Problem],
) -> str:
    """One side of a card, in Anki's language; adds to `problems`."""
    try:
        html = template.render(given).strip()
    # What a template's author can get wrong: a template is a program.
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        problems.append(_broken(path, 1, str(error)))
        return ""
    problems += [_broken(path, 1, message) for message in _anki_errors(html, fields)]
    return html


def _anki_errors(html: str, fields: tuple[str, ...]) -> Iterator[str]:
    """What Anki would not understand in a template: its tags name fields, its sections close."""
    opened: list[str] = []
    for mark, name in _TAG.findall(html):
        field = name.rpartition(":")[2].strip()  # filters stand before it: {{cloze:Text}}
        if mark == "/":
            if not opened or opened.pop() != field:
                yield f"{{{{/{field}}}}} closes nothing"
            continue
        if field not in fields and not _SPECIAL.fullmatch(field):
            yield f"there is no field “{field}” in Anki{nearest(field, fields)}"
        if mark:
            opened.append(field)
    if opened:
        yield f"{{{{#{opened[-1]}}}}} is not closed"
    rest = _TAG.sub("", html)
    if "{{" in rest or "}}" in rest:
        yield "a tag is not well formed; write {{Field}}"


def _broken(path: Path, line: int, reason: str | None) -> Problem:
    message = f"the template cannot be read: {reason}"
    return Problem(str(path), line, 1, "error", message, "template")


def _read(path: Path, problems: list[Problem]) -> str:
    data = read_bytes(path)
    try:
        if not isinstance(data, Problem):
            return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        data = Problem(str(path), 1, 1, "error", "is not UTF-8", "encoding")
    problems.append(data)
    return ""
