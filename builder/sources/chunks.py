"""The bytes of a media file, piece by piece; where one is missing, the file is damaged."""

from __future__ import annotations

from io import BytesIO
from typing import Literal


class DamagedError(Exception):
    """The file is not whole; caught by `formats.wrong_with_file`."""


def take(file: BytesIO, length: int) -> bytes:
    """The next bytes, as many as there must be."""
    data = file.read(length)
    if len(data) < length:
        raise DamagedError("is cut short")
    return data


def number(file: BytesIO, length: int, order: Literal["big", "little"] = "big") -> int:
    """The next bytes as a number."""
    return int.from_bytes(take(file, length), order)


def need(has: object, what: str) -> None:
    """A whole file has this."""
    if not has:
        raise DamagedError(f"is damaged: it has no {what}")
