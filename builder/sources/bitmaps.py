"""A PNG, JPEG, GIF or WebP file → why no program shows it whole, or nothing."""

from __future__ import annotations

import io
import re
import zlib
from typing import NamedTuple


class _Format(NamedTuple):
    """A format of pictures: its name, the ending of its files, how they begin."""

    name: str
    ending: str
    start: re.Pattern[bytes]


_FORMATS = [
    _Format("PNG", ".png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    _Format("JPEG", ".jpg", re.compile(rb"\xff\xd8\xff")),
    _Format("GIF", ".gif", re.compile(rb"GIF8[79]a")),
    _Format("WebP", ".webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    _Format("SVG", ".svg", re.compile(rb"[^<]{0,9}(?:<[?!][^>]*>\s*)*<svg\b")),
]


class _DamagedError(Exception):
    """The file is not whole; caught by `wrong_with_bitmap`."""


def other_format(data: bytes, ending: str) -> str:
    """That a file is a picture of another format than its ending says, or nothing.

    To be read after the file's name, as what `wrong_with_bitmap` gives.
    """
    for form in _FORMATS:
        if form.start.match(data) and form.ending != ending:
            return f"is of the format {form.name}; give its name the ending {form.ending}"
    return ""


def wrong_with_bitmap(data: bytes, ending: str) -> str:
    """Why a file with such an ending cannot be shown, or only in part; else nothing."""
    (form,) = (form for form in _FORMATS if form.ending == ending)
    if not form.start.match(data):
        if data.startswith(b"version https://git-lfs"):
            return "is a pointer of Git LFS; fetch the picture itself with `git lfs pull`"
        what = f"is not of the format {form.name}" if data else "is empty"
        return other_format(data, ending) or f"{what}; export it again as {form.name}"
    try:
        _WALKS[ending](io.BytesIO(data))
    except _DamagedError as damage:
        return f"{damage}; copy it again, or export it again as {form.name}"
    return ""


def _take(file: io.BytesIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) < length:
        raise _DamagedError("is cut short")
    return data


def _number(file: io.BytesIO, length: int) -> int:
    return int.from_bytes(_take(file, length))


def _need(has: object, what: str) -> None:
    if not has:
        raise _DamagedError(f"is damaged: it has no {what}")


def _png(file: io.BytesIO) -> None:
    """The chunks of a PNG up to its end."""
    _take(file, 8)
    pixels, name = zlib.decompressobj(), b""
    some = False
    while name != b"IEND":
        first = not name
        length, name = _number(file, 4), _take(file, 4)
        chunk, checksum = _take(file, length), _number(file, 4)
        if first:
            _need(name == b"IHDR" and length == 13, "header")  # noqa: PLR2004
            _need(any(chunk[:4]) and any(chunk[4:8]), "size")
        if name[:1].isupper() and zlib.crc32(name + chunk) != checksum:
            raise _DamagedError("is damaged: a checksum is wrong")
        if name == b"IDAT" and not some:
            try:
                some = bool(pixels.decompress(chunk, 1))
            except zlib.error:
                break
    _need(some, "pixels")


# What ends a stretch of compressed data: no escaped 0xff, no restart.
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_JPEG_END, _JPEG_SCAN = b"\xd9", b"\xda"
_JPEG_FRAMES = re.compile(rb"[\xc0-\xcf](?<![\xc4\xc8\xcc])")


def _jpeg(file: io.BytesIO) -> None:
    """The segments of a JPEG up to its end."""
    data = file.getvalue()
    sized = scanned = False
    at = 2
    while found := (_JPEG_MARKER.search if scanned else _JPEG_MARKER.match)(data, at):
        marker = found[1]
        if marker == _JPEG_END:
            return _need(sized and scanned, "pixels")
        file.seek(found.end())
        segment = _take(file, max(0, _number(file, 2) - 2))
        at = file.tell()
        sized |= bool(_JPEG_FRAMES.match(marker)) and any(segment[3:5])
        scanned |= marker == _JPEG_SCAN
    raise _DamagedError("is damaged" if at < len(data) and not scanned else "is cut short")


def _gif(file: io.BytesIO) -> None:
    """The blocks of a GIF up to its end."""
    _take(file, 6)
    screen = _take(file, 7)
    _skip_colours(file, screen[4])
    some = False
    while (block := _take(file, 1)) != b";":
        if block == b",":
            _skip_colours(file, _take(file, 9)[8])
            some = True
        elif block != b"!":
            raise _DamagedError("is damaged")
        _take(file, 1)
        while length := _number(file, 1):
            _take(file, length)
    _need(some, "pixels")


def _skip_colours(file: io.BytesIO, flags: int) -> None:
    if flags & 0x80:
        _take(file, 3 << ((flags & 7) + 1))


def _webp(file: io.BytesIO) -> None:
    """The chunks of a WebP up to the length that it says."""
    _take(file, 4)
    chunks = io.BytesIO(_take(file, int.from_bytes(_take(file, 4), "little")))
    _take(chunks, 4)
    names = set()
    while name := chunks.read(4):
        length = int.from_bytes(_take(chunks, 4), "little")
        _take(chunks, length)
        chunks.read(length % 2)
        names.add(name)
    _need(names & {b"VP8 ", b"VP8L", b"ANMF"}, "pixels")


_WALKS = {".png": _png, ".jpg": _jpeg, ".gif": _gif, ".webp": _webp}
