"""The bytes of a media file: whether they go on, up to its end, as its format has it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Literal

# What ends a stretch of compressed data in a JPEG: no escaped 0xff, no restart.
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_JPEG_END, _JPEG_SCAN = b"\xd9", b"\xda"
# The chunks in which RIFF has pixels, sound or film.
_CONTENTS = re.compile(b"VP8[ L]|ANMF|data|LISTmovi")
# What a WAV says of its length that was written while nobody knew how long it would become.
_STREAMED = 0x7FFF0000
_TRACK = re.compile(rb"hdlr.{8}(?:soun|vide)", re.DOTALL)
_FILM = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_SEGMENT, _CLUSTER = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"


class DamagedError(Exception):
    """The file is not whole; caught by `formats.wrong_with_file`."""


def _take(file: BytesIO, length: int) -> bytes:
    """The next bytes, as many as there must be."""
    data = file.read(length)
    if len(data) < length:
        raise DamagedError("is cut short")
    return data


def _number(file: BytesIO, length: int, order: Literal["big", "little"] = "big") -> int:
    return int.from_bytes(_take(file, length), order)


def _need(has: object, what: str) -> None:
    if not has:
        raise DamagedError(f"is damaged: it has no {what}")


def png(file: BytesIO) -> None:
    """The chunks of a PNG."""
    _take(file, 8)
    names: list[bytes] = []
    while names[-1:] != [b"IEND"]:
        length, name = _number(file, 4), _take(file, 4)
        if zlib.crc32(name + _take(file, length)) != _number(file, 4) and name[:1].isupper():
            raise DamagedError("is damaged: a checksum is wrong")
        names.append(name)
    _need(names[0] == b"IHDR" and b"IDAT" in names, "pixels")


def jpeg(file: BytesIO) -> None:
    """The segments of a JPEG, and the compressed data after each scan."""
    data = file.getvalue()
    scanned = False
    at = 2
    while found := (_JPEG_MARKER.search if scanned else _JPEG_MARKER.match)(data, at):
        if found[1] == _JPEG_END:
            return _need(scanned, "pixels")
        file.seek(found.end())
        _take(file, max(0, _number(file, 2) - 2))
        at = file.tell()
        scanned |= found[1] == _JPEG_SCAN
    raise DamagedError("is cut short")


def gif(file: BytesIO) -> None:
    """The blocks of a GIF."""

    def colours(flags: int) -> None:
        _take(file, 3 << ((flags & 7) + 1) if flags & 0x80 else 0)

    colours(_take(file, 13)[10])
    some = False
    while (block := _take(file, 1)) != b";":
        if block == b",":
            colours(_take(file, 9)[8])
            some = True
        elif block != b"!":
            raise DamagedError("is damaged")
        _take(file, 1)
        while length := _number(file, 1):
            _take(file, length)
    _need(some, "pixels")


def riff(file: BytesIO) -> None:
    """The chunks of a WebP, WAV or AVI."""
    _take(file, 12)
    some = False
    while len(head := file.read(8)) == 8:  # noqa: PLR2004
        length = int.from_bytes(head[4:], "little")
        content = file.read() if length > _STREAMED else _take(file, length)
        file.read(length % 2)
        some |= bool(content and _CONTENTS.match(head[:4] + content[:4]))
    _need(some, "content")


def ogg(file: BytesIO) -> None:
    """The pages of an Ogg file; sound begins after two pages of headers at the earliest."""
    pages = 0
    while (header := file.read(27)).startswith(b"OggS"):
        _take(file, sum(_take(file, header[26] if len(header) == 27 else 1)))  # noqa: PLR2004
        pages += 1
    _need(pages > 2, "content")  # noqa: PLR2004


def flac(file: BytesIO) -> None:
    """The blocks of a FLAC before its sound, and the beginning of that."""
    _take(file, 4)
    last = False
    while not last:
        last = bool(_number(file, 1) & 0x80)
        _take(file, _number(file, 3))
    _need(file.read(2) in (b"\xff\xf8", b"\xff\xf9"), "content")


def mpeg_audio(file: BytesIO) -> None:
    """More of an MP3 or AAC than the beginning of its first frame."""
    _take(file, 32)


def mpeg4(file: BytesIO) -> None:
    """The boxes of an MPEG-4 or QuickTime file."""
    _need(_TRACK.search(dict(_boxes(file)).get(b"moov", b"")), "content")


def avif(file: BytesIO) -> None:
    """The boxes of an AVIF."""
    boxes = dict(_boxes(file))
    _need(b"mdat" in boxes or b"idat" in boxes.get(b"meta", b""), "pixels")


def _boxes(file: BytesIO) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of a file of ISO's base format, each a name and its content."""
    while head := file.read(4):
        length, name = int.from_bytes(head), _take(file, 4)
        if length == 1:  # the length takes more room
            length = _number(file, 8) - 8
        yield name, file.read() if length == 0 else _take(file, max(0, length - 8))


def has_film(data: bytes) -> bool:
    """Whether an MPEG-4 file is a film; one for sound may have pictures of its chapters."""
    return data[8:11] not in (b"M4A", b"M4B") and bool(_FILM.search(data))


def matroska(file: BytesIO) -> None:
    """The header and the segment of a Matroska or WebM file."""
    _take(file, 4)
    _element(file)
    _need(_take(file, 4) == _SEGMENT and _CLUSTER in _element(file), "content")


def _element(file: BytesIO) -> bytes:
    """The content of an element of Matroska, before which its length stands in one to 8 bytes."""
    first = _number(file, 1)
    more = 8 - first.bit_length()
    bits = 7 * (more + 1)
    length = (first << 8 * more | _number(file, more)) & ((1 << bits) - 1)
    return file.read() if length == (1 << bits) - 1 else _take(file, length)


def web_font(file: BytesIO) -> None:
    """A WOFF or WOFF2 of the length that it says."""
    _take(file, 8)
    length = _number(file, 4)
    _take(file, length - 12 if length > 12 else 1)  # noqa: PLR2004


def font(file: BytesIO) -> None:
    """A TrueType or OpenType font with the tables that it lists."""
    _take(file, 4)
    tables = _number(file, 2)
    _need(tables, "tables")
    _take(file, 6)
    ends = [sum(divmod(_number(file, 16) & (1 << 64) - 1, 1 << 32)) for _ in range(tables)]
    _take(file, max(0, max(ends) - file.tell()))


def anything(_file: BytesIO) -> None:
    """A file whose end cannot be told."""
