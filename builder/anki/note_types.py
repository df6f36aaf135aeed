"""The two note types of every deck, and what Anki understands in their card templates.

Their fields and templates are frozen: a learner's notes of a type that gains, loses or renames a
field can never be updated again (Anki calls it a conflict).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from builder.anki.query import Wrong
from builder.model import CardTemplate
from builder.problems import nearest

FIELDS = ("Front", "Back", "Reverse Front", "Reverse Back", "Note", "Topic", "Source", "Key")
CLOZE_FIELDS = ("Text", "Note", "Topic", "Source", "Key")

# What the card templates show; `card/` says what is around it.
CARD = CardTemplate(name="Card", front="{{Front}}", back="{{Back}}")
REVERSE_CARD = CardTemplate(name="Reverse Card", front="{{Reverse Front}}", back="{{Reverse Back}}")
# What hides the rest of a cloze while one deletion is asked. Anki 2.1.56 and later mark the others;
# earlier ones show them.
REST_HIDDEN = "rest-hidden"
HIDING_FRONT = '<div class="asked">{{cloze:Text}}</div>'
HIDING_CSS = f"""
.asked .{REST_HIDDEN} .cloze-inactive {{
  display: inline-block; overflow: hidden; width: 1.5em; height: 1.3em;
  vertical-align: bottom; white-space: nowrap; visibility: hidden;
}}
.asked .{REST_HIDDEN} .cloze-inactive::before {{ content: "[…]"; visibility: visible; }}
"""
CLOZE_CARD = CardTemplate(name="Cloze", front="{{cloze:Text}}", back="{{cloze:Text}}")

# What opens or closes a section, or shows a field; and what is no field of a note.
_TAG = re.compile(r"\{\{([#^/]?)([^{}]*)\}\}")
_STRAY = re.compile(r"\{\{|\}\}")
_SPECIAL = re.compile(r"FrontSide|Tags|Type|Deck|Subdeck|Card|CardFlag|CardID|c\d+")


def wrong_with_side(side: str, source: str, fields: Collection[str]) -> Iterator[Wrong]:
    """What Anki would not understand in a side of a card template; `at` is a place in `source`.

    `source` is the text from which the side was made.
    """
    opened: list[tuple[str, str]] = []
    for tag in _TAG.finditer(side):
        mark, name = tag.groups()
        field = name.rpartition(":")[2].strip()  # filters stand before it: {{cloze:Text}}
        at = max(0, source.find(tag[0]))
        if mark == "/":
            if not opened or opened.pop()[0] != field:
                yield Wrong(f"{tag[0]} closes nothing", at)
            continue
        if field not in fields and not _SPECIAL.fullmatch(field):
            yield Wrong(f"unknown field “{field}”{nearest(field, fields)}", at)
        if mark:
            opened.append((field, tag[0]))
    if opened:
        tag_text = opened[-1][1]
        yield Wrong(f"{tag_text} is never closed", max(0, source.rfind(tag_text)))
    if _STRAY.search(_TAG.sub("", side)):
        found = _STRAY.search(_TAG.sub(lambda tag: " " * len(tag[0]), source))
        yield Wrong("not a valid tag; write {{Field}}", found.start() if found else 0)
