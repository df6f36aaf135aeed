"""`card/` → the two Anki note types of a deck.

`front.html` and `back.html` are Anki card templates, in Anki's own language, for every card of
the deck. Where the cards differ they have three words of the builder's in square brackets:
`[[ question ]]`, `[[ answer ]]` and `[% if cloze %]`.
"""

from __future__ import annotations

from pathlib import Path

import jinja2

from builder.model import NoteType, Problem
from builder.render import CLOZE_FIELDS, FIELDS

# (template name, what is asked, what is answered); frozen, as the fields are.
_TEMPLATES = (
    ("Card", "{{Front}}", "{{Back}}"),
    ("Reverse Card", "{{Reverse Front}}", "{{Reverse Back}}"),
)
_CLOZE_TEMPLATE = ("Cloze", "{{cloze:Text}}", "{{cloze:Text}}")

_BRACKETS = jinja2.Environment(  # noqa: S701 - the templates are Anki's, filled in by Anki
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
            files.append((path, _BRACKETS.from_string(source)))
        except jinja2.TemplateSyntaxError as error:
            problems.append(_broken(path, error.lineno, error))

    def template(name: str, question: str, answer: str, *, cloze: bool) -> tuple[str, str, str]:
        sides = []
        for path, file in files:
            try:
                sides.append(file.render(question=question, answer=answer, cloze=cloze).strip())
            except jinja2.TemplateError as error:
                problems.append(_broken(path, 1, error))
        if len(sides) < 2:  # noqa: PLR2004 - front and back
            return name, "", ""
        if name == _TEMPLATES[1][0]:
            # A front that is empty where the field is makes Anki create no card.
            sides[0] = f"{{{{#Reverse Front}}}}{sides[0]}{{{{/Reverse Front}}}}"
        return name, sides[0], sides[1]

    basic = tuple(template(*names, cloze=False) for names in _TEMPLATES)
    gaps = (template(*_CLOZE_TEMPLATE, cloze=True),)
    if problems:
        return (), list(dict.fromkeys(problems))
    return (
        NoteType(deck_name, cloze=False, fields=FIELDS, templates=basic, css=css),
        NoteType(f"{deck_name} Cloze", cloze=True, fields=CLOZE_FIELDS, templates=gaps, css=css),
    ), []


def _broken(path: Path, line: int, error: jinja2.TemplateError) -> Problem:
    message = f"the template cannot be read: {error.message}"
    return Problem(str(path), line, 1, "error", message, "template")


def _read(path: Path, problems: list[Problem]) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        message = f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
    except UnicodeDecodeError:
        message = "is not UTF-8"
    problems.append(Problem(str(path), 1, 1, "error", message, "file"))
    return ""
