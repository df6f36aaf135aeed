"""A media file's bytes and the ending of its name → why it is not shown or played, or nothing.

Of pictures, those formats are taken that every Anki shows: TIFF, HEIC and BMP are not. Of sounds
and videos, those that Anki's own editor takes. A file must go on, up to its end, as its format has
it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Literal, NamedTuple

from builder.sources.svg import more_than_a_picture

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


class _DamagedError(Exception):
    """The file is not whole; caught by `wrong_with_file`."""


def _take(file: BytesIO, length: int) -> bytes:
    """The next bytes, as many as there must be."""
    data = file.read(length)
    if len(data) < length:
        raise _DamagedError("is cut short")
    return data


def _number(file: BytesIO, length: int, order: Literal["big", "little"] = "big") -> int:
    return int.from_bytes(_take(file, length), order)


def _need(has: object, what: str) -> None:
    if not has:
        raise _DamagedError(f"is damaged: it has no {what}")


def _png(file: BytesIO) -> None:
    """The chunks of a PNG."""
    _take(file, 8)
    names: list[bytes] = []
    while names[-1:] != [b"IEND"]:
        length, name = _number(file, 4), _take(file, 4)
        if zlib.crc32(name + _take(file, length)) != _number(file, 4) and name[:1].isupper():
            raise _DamagedError("is damaged: a checksum is wrong")
        names.append(name)
    _need(names[0] == b"IHDR" and b"IDAT" in names, "pixels")


def _jpeg(file: BytesIO) -> None:
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
    raise _DamagedError("is cut short")


def _gif(file: BytesIO) -> None:
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
            raise _DamagedError("is damaged")
        _take(file, 1)
        while length := _number(file, 1):
            _take(file, length)
    _need(some, "pixels")


def _riff(file: BytesIO) -> None:
    """The chunks of a WebP, WAV or AVI, behind which may stand something else."""
    end = 8 + int.from_bytes(_take(file, 12)[4:8], "little")
    some = False
    while not (some and file.tell() >= end) and len(head := file.read(8)) == 8:  # noqa: PLR2004
        length = int.from_bytes(head[4:], "little")
        content = file.read() if length > _STREAMED else _take(file, length)
        file.read(length % 2)
        some |= bool(content and _CONTENTS.match(head[:4] + content[:4]))
    _need(some, "content")


def _ogg(file: BytesIO) -> None:
    """The pages of an Ogg file; sound begins after two pages of headers at the earliest."""
    pages = 0
    while (header := file.read(27)).startswith(b"OggS"):
        _take(file, sum(_take(file, header[26] if len(header) == 27 else 1)))  # noqa: PLR2004
        pages += 1
    _need(pages > 2, "content")  # noqa: PLR2004


def _flac(file: BytesIO) -> None:
    """The blocks of a FLAC before its sound, and the beginning of that."""
    _take(file, 4)
    last = False
    while not last:
        last = bool(_number(file, 1) & 0x80)
        _take(file, _number(file, 3))
    _need(file.read(2) in (b"\xff\xf8", b"\xff\xf9"), "content")


def _mpeg4(file: BytesIO) -> None:
    """The boxes of an MPEG-4 or QuickTime file."""
    _need(_TRACK.search(dict(_boxes(file)).get(b"moov", b"")), "content")


def _avif(file: BytesIO) -> None:
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


def _has_film(data: bytes) -> bool:
    """Whether an MPEG-4 file is a film; one for sound may have pictures of its chapters."""
    return data[8:11] not in (b"M4A", b"M4B") and bool(_FILM.search(data))


def _matroska(file: BytesIO) -> None:
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


def _web_font(file: BytesIO) -> None:
    """A WOFF or WOFF2 of the length that it says."""
    _take(file, 8)
    length = _number(file, 4)
    _take(file, length - 12 if length > 12 else 1)  # noqa: PLR2004


def _font(file: BytesIO) -> None:
    """A TrueType or OpenType font with the tables that it lists."""
    _take(file, 4)
    tables = _number(file, 2)
    _need(tables, "tables")
    _take(file, 6)
    ends = [sum(divmod(_number(file, 16) & (1 << 64) - 1, 1 << 32)) for _ in range(tables)]
    _take(file, max(0, max(ends) - file.tell()))


def _anything(_file: BytesIO) -> None:
    """A file whose end cannot be told."""


class _Format(NamedTuple):
    """A format: its name, the endings of its files, usual one first; how they begin, go on."""

    name: str
    endings: tuple[str, ...]
    start: bytes
    walk: Callable[[BytesIO], None]


# The first that fits is that of a file.
_FORMATS = [
    _Format("PNG", (".png",), rb"\x89PNG\r\n\x1a\n", _png),
    _Format("JPEG", (".jpg",), rb"\xff\xd8\xff", _jpeg),
    _Format("GIF", (".gif",), rb"GIF8[79]a", _gif),
    _Format("WebP", (".webp",), rb"RIFF....WEBP", _riff),
    _Format("AVIF", (".avif",), rb".{4}ftyp.{0,60}avi[fs]", _avif),
    _Format("HEIC", (), rb".{4}ftyp(?:hei|hev|mif1|msf1)", _anything),
    _Format("TIFF", (), rb"II\*\0|MM\0\*", _anything),
    _Format("BMP", (), rb"BM.{12}[\x0c\x28\x6c\x7c]\0\0\0", _anything),
    _Format("SVG", (".svg",), rb"[^<]{0,9}(?:<[?!][^>]*>\s*)*<svg\b", _anything),
    _Format("WAV", (".wav",), rb"RIFF....WAVE", _riff),
    _Format("AVI", (".avi",), rb"RIFF....AVI ", _riff),
    _Format("Opus", (".opus", ".ogg", ".oga", ".ogx"), rb"OggS.{23,90}OpusHead", _ogg),
    _Format("Speex", (".spx", ".ogg", ".oga", ".ogx"), rb"OggS.{23,90}Speex   ", _ogg),
    _Format("Ogg Theora", (".ogv", ".ogx"), rb"OggS.{23,90}(?:\x80theora|fishead)", _ogg),
    _Format("Ogg", (".ogg", ".oga", ".ogx"), rb"OggS", _ogg),
    _Format("FLAC", (".flac",), rb"fLaC", _flac),
    _Format("MP3", (".mp3",), rb"\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd].{30}", _anything),
    _Format("AAC", (".aac",), rb"(?:\xff[\xf0\xf1\xf8\xf9]..|ADIF).{28}", _anything),
    _Format(
        "MPEG-4",
        (".mp4", ".m4a", ".m4v", ".mov", ".3gp"),
        rb".{4}(?:ftyp|moov|mdat|wide|free)",
        _mpeg4,
    ),
    _Format("WebM", (".webm", ".mkv"), rb"\x1aE\xdf\xa3.{0,60}B\x82.webm", _matroska),
    _Format("Matroska", (".mkv",), rb"\x1aE\xdf\xa3", _matroska),
    _Format("MPEG", (".mpg",), rb"\0\0\x01[\xba\xb3]|G.{187}G", _anything),
    _Format("Flash Video", (".flv",), rb"FLV\x01", _anything),
    _Format("WOFF2", (".woff2",), rb"wOF2", _web_font),
    _Format("WOFF", (".woff",), rb"wOFF", _web_font),
    _Format("OpenType", (".otf", ".ttf"), rb"OTTO", _font),
    _Format("TrueType", (".ttf", ".otf"), rb"\0\x01\0\0|true", _font),
]
# Ending → the name of the format that it stands for, most of all of one that has it first.
_WANTED = {ending: form.name for form in _FORMATS for ending in form.endings}
_WANTED |= {form.endings[0]: form.name for form in _FORMATS if form.endings}


def wrong_with_file(data: bytes, ending: str) -> str:
    """Why a file with such an ending is not shown or played, or only in part; else nothing.

    To be read after the file's name.
    """
    if ending == ".svg" and not more_than_a_picture(data):
        return ""
    wanted = _WANTED[ending]
    if data.startswith(b"version https://git-lfs"):
        return "is a pointer of Git LFS; fetch the file itself with `git lfs pull`"
    untagged = _without_tags(data)
    form = next((form for form in _FORMATS if re.match(form.start, untagged, re.DOTALL)), None)
    if form and ending not in form.endings:
        remedy = f", which not every Anki shows; export it as {wanted}"
        if form.endings:
            remedy = f"; give its name the ending {form.endings[0]}"
        return f"is of the format {form.name}{remedy}"
    if ending == ".svg":  # expat knows best what is wrong
        return more_than_a_picture(data)
    if not form:
        what = f"is not of the format {wanted}" if data else "is empty"
        return f"{what}; export it again as {wanted}"
    if ending == ".m4a" and _has_film(untagged):
        return "is a video; give its name the ending .mp4"
    try:
        form.walk(BytesIO(untagged))
    except _DamagedError as damage:
        return f"{damage}; copy it again, or export it again as {wanted}"
    return ""


def _without_tags(data: bytes) -> bytes:
    """The file without what players of music note before the sound (ID3)."""
    while data.startswith(b"ID3") and len(data) > 10:  # noqa: PLR2004 - of which each has so many
        size = sum((data[at] & 0x7F) << 7 * (9 - at) for at in range(6, 10))
        data = data[10 + size + (10 if data[5] & 0x10 else 0) :].lstrip(b"\0")
    return data
