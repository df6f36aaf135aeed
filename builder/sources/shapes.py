"""A value of type `shapes` → parts of a picture, each with the shapes that cover it.

The numbers of the sources are per cent of the picture; Anki writes fractions of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from builder.model import Item, Map, Node, Sequence
from builder.problems import Error
from builder.sources.reader import Reader

if TYPE_CHECKING:
    from decimal import Decimal

_FORMS = ("rect", "ellipse", "polygon")
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?%?")
_WHOLE = 100
_MIN_POINTS = 3


def read_shapes(reader: Reader, node: Node, what: str) -> tuple[Item, ...]:
    """The parts that a list of shapes names; those of one name are one part."""
    items: dict[str, Item] = {}
    for each in reader.sequence(node, what):
        entry = reader.entry(each, "a shape")
        texts = reader.texts(entry, "a shape")
        given = [form for form in _FORMS if form in entry]
        if not isinstance(each, Map):
            continue
        if len(given) != 1:
            reader.error(each, f"a shape needs one of {', '.join(_FORMS)}", Error.SHAPE)
            continue
        shape = (
            _polygon(reader, entry) if given == ["polygon"] else _framed(reader, entry, given[0])
        )
        name = texts["name"].strip()
        item = Item(
            text=name,
            formerly=texts["formerly"].strip(),
            new=texts["new"] == "true",
            hint="",
            context="",
            place=each.place,
            shapes=(shape,),
        )
        if first := items.get(name):
            item = first._replace(
                formerly=first.formerly or item.formerly,
                new=first.new or item.new,
                shapes=(*first.shapes, shape),
            )
        items[name] = item
    return tuple(items.values())


def _framed(reader: Reader, entry: Map, form: str) -> str:
    """A rectangle or ellipse, by the rectangle around it."""
    node = entry.named(form)
    assert node is not None  # noqa: S101 - it is the form that was given
    numbers = _numbers(node)
    if len(numbers) != 4:  # noqa: PLR2004 - left, top, width and height
        message = f"{form} is [left, top, width, height], in per cent of the picture"
        reader.error(node, message, Error.SHAPE)
        return ""
    left, top, width, height = numbers
    for at, size, name in ((left, width, "width"), (top, height, "height")):
        if size <= 0:
            reader.error(node, f"the shape has no {name}", Error.SHAPE)
        elif at < 0 or at + size > _WHOLE:
            sides = f"from {at} to {at + size}, in per cent of its {name}"
            reader.error(node, f"the shape reaches out of the picture: {sides}", Error.SHAPE)
    parts = {"left": left, "top": top, "width": width, "height": height}
    if form == "ellipse":
        parts |= {"rx": width / 2, "ry": height / 2}
    return ":".join((form, *(f"{name}={_fraction(number)}" for name, number in parts.items())))


def _polygon(reader: Reader, entry: Map) -> str:
    """A polygon, by its points."""
    node = entry.named("polygon")
    assert node is not None  # noqa: S101 - it is the form that was given
    listed = node if isinstance(node, Sequence) else []
    points = [_numbers(point) for point in listed]
    if not all(len(point) == 2 for point in points) or not points:  # noqa: PLR2004 - left and top
        message = "polygon is [[left, top], [left, top], …], in per cent of the picture"
        reader.error(node, message, Error.SHAPE)
        return ""
    for point in points:
        if not all(0 <= number <= _WHOLE for number in point):
            where = f"at [{', '.join(map(str, point))}], in per cent"
            reader.error(node, f"the shape reaches out of the picture: {where}", Error.SHAPE)
            return ""
    pairs = zip(points, points[1:] + points[:1], strict=True)
    area = sum(left * lower - right * top for (left, top), (right, lower) in pairs)
    if len(points) < _MIN_POINTS or not area:
        reader.error(
            node, "a polygon needs three points at least, not all on one line", Error.SHAPE
        )
    return "polygon:points=" + " ".join(",".join(map(_fraction, point)) for point in points)


def _numbers(node: Node) -> list[Decimal]:
    """The numbers in a list; none if there is something else."""
    from decimal import Decimal  # few decks have shapes

    texts = [each for each in node if isinstance(each, str) and _NUMBER.fullmatch(each)]
    whole = isinstance(node, Sequence) and len(texts) == len(node)
    return [Decimal(text.rstrip("%")) for text in texts] if whole else []


def _fraction(percent: Decimal) -> str:
    """A number of per cent as Anki writes it: .25 for 25."""
    text = f"{percent / _WHOLE:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).removeprefix("0") or "0"
