"""Who may watch the work of a stage, and remember it."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

# Who may show how far the work is: things, and a label for what is done with them → the things.
Track = Callable[[list[Any], str], Iterable[Any]]


def untracked(things: list[Any], _label: str) -> Iterable[Any]:
    """The things, without showing anything."""
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
