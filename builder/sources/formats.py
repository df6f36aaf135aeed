"""A media file's bytes and the ending of its name → why it is not shown or played, or nothing.

Of pictures, those formats are taken that every Anki shows: TIFF, HEIC and BMP are not. Of sounds
and videos, those that Anki's own editor takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

from builder.sources import bitmaps, recordings
from builder.sources.chunks import DamagedError
from builder.sources.svg import more_than_a_picture


class _Format(NamedTuple):
    """A format: its name, the endings of its files, usual one first; how they begin, go on."""

    name: str
    endings: str
    start: bytes
    walk: Callable[[BytesIO], None]


# The first that fits is that of a file.
_FORMATS = [
    _Format("PNG", ".png", rb"\x89PNG\r\n\x1a\n", bitmaps.png),
    _Format("JPEG", ".jpg", rb"\xff\xd8\xff", bitmaps.jpeg),
    _Format("GIF", ".gif", rb"GIF8[79]a", bitmaps.gif),
    _Format("WebP", ".webp", rb"RIFF....WEBP", bitmaps.webp),
    _Format("AVIF", ".avif", rb".{4}ftyp.{0,60}avi[fs]", recordings.avif),
    _Format("HEIC", "", rb".{4}ftyp(?:hei|hev|mif1|msf1)", recordings.anything),
    _Format("TIFF", "", rb"II\*\0|MM\0\*", recordings.anything),
    _Format("BMP", "", rb"BM.{12}[\x0c\x28\x6c\x7c]\0\0\0", recordings.anything),
    _Format("SVG", ".svg", rb"[^<]{0,9}(?:<[?!][^>]*>\s*)*<svg\b", recordings.anything),
    _Format("WAV", ".wav", rb"RIFF....WAVE", recordings.riff),
    _Format("AVI", ".avi", rb"RIFF....AVI ", recordings.riff),
    _Format("Opus", ".opus .ogg .oga .ogx", rb"OggS.{23,90}OpusHead", recordings.ogg),
    _Format("Speex", ".spx .ogg .oga .ogx", rb"OggS.{23,90}Speex   ", recordings.ogg),
    _Format("Ogg Theora", ".ogv .ogx", rb"OggS.{23,90}(?:\x80theora|fishead)", recordings.ogg),
    _Format("Ogg", ".ogg .oga .ogx", rb"OggS", recordings.ogg),
    _Format("FLAC", ".flac", rb"fLaC", recordings.flac),
    _Format("MP3", ".mp3", rb"\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd]", recordings.mpeg_audio),
    _Format("AAC", ".aac", rb"\xff[\xf0\xf1\xf8\xf9]|ADIF", recordings.mpeg_audio),
    _Format(
        "MPEG-4", ".mp4 .m4a .m4v .mov .3gp", rb".{4}(?:ftyp|moov|mdat|wide|free)", recordings.mpeg4
    ),
    _Format("WebM", ".webm .mkv", rb"\x1aE\xdf\xa3.{0,60}B\x82.webm", recordings.matroska),
    _Format("Matroska", ".mkv", rb"\x1aE\xdf\xa3", recordings.matroska),
    _Format("MPEG", ".mpg", rb"\0\0\x01[\xba\xb3]|G.{187}G", recordings.anything),
    _Format("Flash Video", ".flv", rb"FLV\x01", recordings.anything),
    _Format("WOFF2", ".woff2", rb"wOF2", recordings.web_font),
    _Format("WOFF", ".woff", rb"wOFF", recordings.web_font),
    _Format("OpenType", ".otf .ttf", rb"OTTO", recordings.font),
    _Format("TrueType", ".ttf .otf", rb"\0\x01\0\0|true", recordings.font),
]


def wrong_with_file(data: bytes, ending: str) -> str:
    """Why a file with such an ending is not shown or played, or only in part; else nothing.

    To be read after the file's name.
    """
    wanted = _wanted(ending)
    if data.startswith(b"version https://git-lfs"):
        return "is a pointer of Git LFS; fetch the file itself with `git lfs pull`"
    whole = data
    data = _without_tags(data)
    for form in _FORMATS:
        if re.match(form.start, data, re.DOTALL):
            if ending not in form.endings.split():
                return _other_format(form, wanted)
            if ending == ".m4a" and recordings.has_video(data):
                return "is a video; give its name the ending .mp4"
            break
    else:
        if ending != ".svg":  # of which expat knows better what is wrong
            what = f"is not of the format {wanted}" if whole else "is empty"
            return f"{what}; export it again as {wanted}"
    if ending == ".svg":
        return more_than_a_picture(data)
    try:
        form.walk(BytesIO(data))
    except DamagedError as damage:
        return f"{damage}; copy it again, or export it again as {wanted}"
    return ""


def _wanted(ending: str) -> str:
    """The name of the format that an ending stands for."""
    usual = [form.name for form in _FORMATS if form.endings.split()[:1] == [ending]]
    return (usual or [form.name for form in _FORMATS if ending in form.endings.split()][-1:])[0]


def _other_format(form: _Format, wanted: str) -> str:
    if not form.endings:
        return f"is of the format {form.name}, which not every Anki shows; export it as {wanted}"
    return f"is of the format {form.name}; give its name the ending {form.endings.split()[0]}"


def _without_tags(data: bytes) -> bytes:
    """The file without what players of music note before the sound (ID3)."""
    while data.startswith(b"ID3") and len(data) > 10:  # noqa: PLR2004 - of which each has so many
        size = sum((data[at] & 0x7F) << 7 * (9 - at) for at in range(6, 10))
        data = data[10 + size + (10 if data[5] & 0x10 else 0) :].lstrip(b"\0")
    return data
