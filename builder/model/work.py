"""Who may watch the work of a stage, and remember it."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

_Thing = TypeVar("_Thing")


class Track(Protocol):
    """Somebody who may show how far the work is."""

    def __call__(self, things: list[_Thing], label: str, /) -> Iterable[_Thing]:
        """The things one by one; `label` says what is done with them."""


def untracked(things: list[_Thing], _label: str, /) -> Iterable[_Thing]:
    """The things one by one, without showing anything."""
    return things


class Memory(Protocol):
    """What earlier runs of this builder found out."""

    def recall(self, *parts: bytes) -> bytes | None:
        """What was found out of these parts, or None."""

    def keep(self, found: bytes, *parts: bytes) -> None:
        """Keeps what was found out of these parts, if that can be done."""


class _Forgetful:
    def recall(self, *_parts: bytes) -> None:
        pass

    def keep(self, _found: bytes, *_parts: bytes) -> None:
        pass


# Of a run that knows nothing of earlier ones.
no_memory: Memory = _Forgetful()
