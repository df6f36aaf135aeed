"""The two note types of every deck, and Anki's own for image occlusion.

Their fields and templates are frozen: a learner's notes of a type that gains, loses or renames a
field can never be updated again (Anki calls it a conflict).
"""

from __future__ import annotations

from pathlib import Path

from builder.model import CardTemplate

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

# The style of a note type that is new in Anki.
NEW_CSS = Path(__file__).with_name("new_note_type.css")

# How Anki's own note type for image occlusion is made, but for its name.
_OCCLUSION = Path(__file__).with_name("image_occlusion")
OCCLUSION_FIELDS = ("Occlusion", "Image", "Header", "Back Extra", "Comments")


def occlusion_side(name: str) -> str:
    """A side of Anki's card template for image occlusion, or its style: front, back or css."""
    files = {"front": ["front.html"], "back": ["front.html", "back.html"], "css": ["style.css"]}
    return "".join((_OCCLUSION / file).read_text("utf-8") for file in files[name])
