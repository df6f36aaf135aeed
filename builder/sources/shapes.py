"""A value of type `shapes` → parts of a picture, each with the shapes that cover it.

The numbers of the sources are per cent of the picture; Anki writes fractions of it.
"""

from __future__ import annotations

import re
from decimal import Decimal

from builder.model import Item, Map, Node, Sequence, Text
from builder.problems import Error
from builder.sources.reader import Reader

_FRAME = "[left, top, width, height]"
_FORMS = {"rect": _FRAME, "ellipse": _FRAME, "polygon": "[[left, top], [left, top], …]"}
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?%?")
_WHOLE = 100


def read_shapes(reader: Reader, node: Node, what: str) -> tuple[Item, ...]:
    """The parts that a list of shapes names; those of one name are one part."""
    items: dict[str, Item] = {}
    for each in reader.sequence(node, what):
        entry = reader.entry(each, "a shape")
        texts = reader.texts(entry, "a shape")
        forms = [form for form in _FORMS if form in entry]
        if isinstance(each, Map) and len(forms) != 1:
            reader.error(each, f"a shape needs one of {', '.join(_FORMS)}", Error.SHAPE)
        if len(forms) != 1:
            continue
        item = Item(
            text=texts["name"].strip(),
            formerly=texts["formerly"].strip(),
            new=texts["new"] == "true",
            hint="",
            context="",
            place=each.place,
            shapes=(_shape(reader, entry, forms[0]),),
        )
        first = items.setdefault(item.text, item)
        if first is not item:
            items[item.text] = first._replace(
                formerly=first.formerly or item.formerly,
                new=first.new or item.new,
                shapes=first.shapes + item.shapes,
            )
    return tuple(items.values())


def _shape(reader: Reader, entry: Map, form: str) -> str:
    """A shape as Anki writes it."""
    node = entry[Text(form)]
    listed = [_numbers(each) for each in (node if form == "polygon" else [node])]
    if not listed or any(len(each) != (2 if form == "polygon" else 4) for each in listed):
        message = f"{form} is {_FORMS[form]}, in per cent of the picture"
        reader.error(node, message, Error.SHAPE)
        return ""
    if form == "polygon":
        corners = listed
        pairs = zip(corners, corners[1:] + corners[:1], strict=True)
        area = abs(sum((a[0] * b[1] - b[0] * a[1] for a, b in pairs), Decimal()))
        written = "points=" + " ".join(",".join(map(_fraction, corner)) for corner in corners)
    else:
        left, top, width, height = listed[0]
        corners = [[left, top], [left + width, top + height]]
        area = min(width, height)
        parts = {"left": left, "top": top, "width": width, "height": height}
        if form == "ellipse":
            parts |= {"rx": width / 2, "ry": height / 2}
        written = ":".join(f"{name}={_fraction(number)}" for name, number in parts.items())
    outside = [one for one in corners if not all(0 <= number <= _WHOLE for number in one)]
    if outside:
        where = f"to [{', '.join(map(str, outside[0]))}], in per cent"
        message = f"the shape reaches out of the picture: {where}"
        reader.error(node, message, Error.SHAPE)
    elif area <= 0:
        reader.error(node, "the shape covers nothing, since it has no area", Error.SHAPE)
    return f"{form}:{written}"


def _numbers(node: object) -> list[Decimal]:
    """The numbers in a list; none if there is something else."""
    texts = [str(each) for each in node] if isinstance(node, Sequence) else []
    whole = all(map(_NUMBER.fullmatch, texts))
    return [Decimal(text.rstrip("%")) for text in texts] if whole else []


def _fraction(percent: Decimal) -> str:
    """A number of per cent as Anki writes it: .25 for 25."""
    return f"{(percent / _WHOLE).normalize():f}".removeprefix("0") or "0"
