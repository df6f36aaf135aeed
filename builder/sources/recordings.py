"""How a file of sound, of video or of a font goes on after its beginning, up to its end."""

from __future__ import annotations

import re
from io import BytesIO

from builder.sources.chunks import DamagedError, need, number, take

_OGG_PAGE = 27  # bytes, before the sizes of what is in it
# What a WAV says of its length that was written while nobody knew how long it would become.
_STREAMED = 0x7FFF0000
_TRACK = re.compile(rb"hdlr.{8}(?:soun|vide)", re.DOTALL)
_VIDEO = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_CLUSTER = b"\x1f\x43\xb6\x75"


def ogg(file: BytesIO) -> None:
    """The pages of an Ogg file; sound begins after two pages of headers at the earliest."""
    pages = 0
    while header := file.read(_OGG_PAGE):
        if not header.startswith(b"OggS"):
            break
        sizes = take(file, number(BytesIO(header[26:]), 1))
        take(file, sum(sizes))
        pages += 1
    need(pages > 2, "content")  # noqa: PLR2004


def riff(file: BytesIO) -> None:
    """The chunks of a WAV or AVI."""
    take(file, 12)
    names = set()
    while len(name := file.read(4)) == 4:  # noqa: PLR2004
        length = number(file, 4, "little")
        names.add(name)
        if length > _STREAMED:
            need(file.read(1), "content")
            break
        content = take(file, length)
        names |= {content[:4]} if name == b"LIST" else set()
        file.read(length % 2)
        if name == b"data":
            need(length, "content")
    need({b"fmt ", b"data"} <= names or b"movi" in names, "content")


def flac(file: BytesIO) -> None:
    """The blocks of a FLAC before its sound, and the beginning of that."""
    take(file, 4)
    last = False
    while not last:
        last = bool(number(file, 1) & 0x80)
        take(file, number(file, 3))
    need(file.read(2) in (b"\xff\xf8", b"\xff\xf9"), "content")


def mpeg_audio(file: BytesIO) -> None:
    """More of an MP3 or AAC than the beginning of its first frame."""
    take(file, 32)


def avif(file: BytesIO) -> None:
    """The boxes of an AVIF."""
    boxes = _boxes(file)
    need(b"meta" in boxes and (b"mdat" in boxes or b"idat" in boxes[b"meta"]), "pixels")


def mpeg4(file: BytesIO) -> None:
    """The boxes of an MPEG-4 or QuickTime file."""
    need(_TRACK.search(_boxes(file).get(b"moov", b"")), "content")


def has_video(data: bytes) -> bool:
    """Whether an MPEG-4 file is a film; one for sound may have pictures of its chapters."""
    return data[8:11] not in (b"M4A", b"M4B") and bool(_VIDEO.search(data))


def _boxes(file: BytesIO) -> dict[bytes, bytes]:
    """The boxes of a file of ISO's base format by type."""
    boxes = {}
    while head := file.read(4):
        need(len(head) == 4, "end")  # noqa: PLR2004
        length, name = int.from_bytes(head), take(file, 4)
        if length == 1:  # the length takes more room
            boxes[name] = take(file, max(0, number(file, 8) - 16))
        elif length == 0:  # up to the end
            boxes[name] = file.read()
        else:
            boxes[name] = take(file, max(0, length - 8))
    return boxes


def matroska(file: BytesIO) -> None:
    """The header and the segment of a Matroska or WebM file."""
    take(file, 4)
    take(file, _length(file) or 0)
    need(take(file, 4) == b"\x18\x53\x80\x67", "content")
    length = _length(file)
    content = file.read() if length is None else take(file, length)
    need(_CLUSTER in content, "content")


def _length(file: BytesIO) -> int | None:
    """A length as Matroska writes it, or None if it was not known."""
    first = number(file, 1)
    if not first:
        raise DamagedError("is damaged")
    more = 8 - first.bit_length()
    value = int.from_bytes(bytes([first & (0x7F >> more)]) + take(file, more))
    return None if value == (1 << 7 * (more + 1)) - 1 else value


def web_font(file: BytesIO) -> None:
    """A WOFF or WOFF2 of the length that it says."""
    take(file, 8)
    file.seek(max(12, number(file, 4)) - 1)
    take(file, 1)


def font(file: BytesIO) -> None:
    """A TrueType or OpenType font with the tables that it lists."""
    take(file, 4)
    count = number(file, 2)
    need(count, "tables")
    take(file, 6)
    ends = []
    for _ in range(count):
        take(file, 8)
        ends.append(number(file, 4) + number(file, 4))
    file.seek(max(0, max(ends) - 1))
    take(file, 1)


def anything(_file: BytesIO) -> None:
    """A file whose end cannot be told."""
