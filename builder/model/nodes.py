"""Values of the sources, which know their places."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

from builder.problems import Place


class Text(str):
    """A scalar, which knows its place."""

    __slots__ = ("place",)
    place: Place

    @classmethod
    def at(cls, place: Place, said: str = "") -> Self:
        """A text at a place."""
        text = cls(said)
        text.place = place
        return text


class Sequence(list["Node"]):
    """A sequence, which knows where it starts."""

    place: Place


class Map(dict[Text, "Node"]):
    """A mapping, which knows where it starts; its keys know their places too.

    `blank` has the places of keys without a value, which a row of a table can have.
    """

    place: Place
    blank: Mapping[str, Place] = MappingProxyType({})

    def named(self, name: str) -> "Node | None":
        """The value under a key, or None."""
        return self.get(name)  # type: ignore[call-overload, no-any-return]


Node = Text | Sequence | Map
