"""How a PNG, JPEG, GIF or WebP file goes on after its beginning, up to its end."""

from __future__ import annotations

import re
import zlib
from io import BytesIO

from builder.sources.chunks import DamagedError, need, number, take


def png(file: BytesIO) -> None:
    """The chunks of a PNG up to its end."""
    take(file, 8)
    pixels, name = zlib.decompressobj(), b""
    some = False
    while name != b"IEND":
        first = not name
        length, name = number(file, 4), take(file, 4)
        chunk, checksum = take(file, length), number(file, 4)
        if first:
            need(name == b"IHDR" and length == 13, "header")  # noqa: PLR2004
            need(any(chunk[:4]) and any(chunk[4:8]), "size")
        if name[:1].isupper() and zlib.crc32(name + chunk) != checksum:
            raise DamagedError("is damaged: a checksum is wrong")
        if name == b"IDAT" and not some:
            try:
                some = bool(pixels.decompress(chunk, 1))
            except zlib.error:
                break
    need(some, "pixels")


# What ends a stretch of compressed data: no escaped 0xff, no restart.
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_JPEG_END, _JPEG_SCAN = b"\xd9", b"\xda"
_JPEG_FRAMES = re.compile(rb"[\xc0-\xcf](?<![\xc4\xc8\xcc])")


def jpeg(file: BytesIO) -> None:
    """The segments of a JPEG up to its end."""
    data = file.getvalue()
    sized = scanned = False
    at = 2
    while found := (_JPEG_MARKER.search if scanned else _JPEG_MARKER.match)(data, at):
        marker = found[1]
        if marker == _JPEG_END:
            return need(sized and scanned, "pixels")
        file.seek(found.end())
        segment = take(file, max(0, number(file, 2) - 2))
        at = file.tell()
        sized |= bool(_JPEG_FRAMES.match(marker)) and any(segment[3:5])
        scanned |= marker == _JPEG_SCAN
    raise DamagedError("is damaged" if at < len(data) and not scanned else "is cut short")


def gif(file: BytesIO) -> None:
    """The blocks of a GIF up to its end."""
    take(file, 6)
    screen = take(file, 7)
    _skip_colours(file, screen[4])
    some = False
    while (block := take(file, 1)) != b";":
        if block == b",":
            _skip_colours(file, take(file, 9)[8])
            some = True
        elif block != b"!":
            raise DamagedError("is damaged")
        take(file, 1)
        while length := number(file, 1):
            take(file, length)
    need(some, "pixels")


def _skip_colours(file: BytesIO, flags: int) -> None:
    if flags & 0x80:
        take(file, 3 << ((flags & 7) + 1))


def webp(file: BytesIO) -> None:
    """The chunks of a WebP up to the length that it says."""
    take(file, 4)
    chunks = BytesIO(take(file, number(file, 4, "little")))
    take(chunks, 4)
    names = set()
    while name := chunks.read(4):
        length = number(chunks, 4, "little")
        take(chunks, length)
        chunks.read(length % 2)
        names.add(name)
    need(names & {b"VP8 ", b"VP8L", b"ANMF"}, "pixels")
