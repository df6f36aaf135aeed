"""A media file's bytes and the ending of its name → why it is not shown or played, or nothing.

Of pictures, those formats are taken that every Anki shows: TIFF, HEIC and BMP are not. Of sounds
and videos, those that Anki's own editor takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

from builder.sources import whole
from builder.sources.svg import more_than_a_picture


class _Format(NamedTuple):
    """A format: its name, the endings of its files, usual one first; how they begin, go on."""

    name: str
    endings: tuple[str, ...]
    start: bytes
    walk: Callable[[BytesIO], None]


# The first that fits is that of a file.
_FORMATS = [
    _Format("PNG", (".png",), rb"\x89PNG\r\n\x1a\n", whole.png),
    _Format("JPEG", (".jpg",), rb"\xff\xd8\xff", whole.jpeg),
    _Format("GIF", (".gif",), rb"GIF8[79]a", whole.gif),
    _Format("WebP", (".webp",), rb"RIFF....WEBP", whole.riff),
    _Format("AVIF", (".avif",), rb".{4}ftyp.{0,60}avi[fs]", whole.avif),
    _Format("HEIC", (), rb".{4}ftyp(?:hei|hev|mif1|msf1)", whole.anything),
    _Format("TIFF", (), rb"II\*\0|MM\0\*", whole.anything),
    _Format("BMP", (), rb"BM.{12}[\x0c\x28\x6c\x7c]\0\0\0", whole.anything),
    _Format("SVG", (".svg",), rb"[^<]{0,9}(?:<[?!][^>]*>\s*)*<svg\b", whole.anything),
    _Format("WAV", (".wav",), rb"RIFF....WAVE", whole.riff),
    _Format("AVI", (".avi",), rb"RIFF....AVI ", whole.riff),
    _Format("Opus", (".opus", ".ogg", ".oga", ".ogx"), rb"OggS.{23,90}OpusHead", whole.ogg),
    _Format("Speex", (".spx", ".ogg", ".oga", ".ogx"), rb"OggS.{23,90}Speex   ", whole.ogg),
    _Format("Ogg Theora", (".ogv", ".ogx"), rb"OggS.{23,90}(?:\x80theora|fishead)", whole.ogg),
    _Format("Ogg", (".ogg", ".oga", ".ogx"), rb"OggS", whole.ogg),
    _Format("FLAC", (".flac",), rb"fLaC", whole.flac),
    _Format("MP3", (".mp3",), rb"\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd]", whole.mpeg_audio),
    _Format("AAC", (".aac",), rb"\xff[\xf0\xf1\xf8\xf9]|ADIF", whole.mpeg_audio),
    _Format(
        "MPEG-4",
        (".mp4", ".m4a", ".m4v", ".mov", ".3gp"),
        rb".{4}(?:ftyp|moov|mdat|wide|free)",
        whole.mpeg4,
    ),
    _Format("WebM", (".webm", ".mkv"), rb"\x1aE\xdf\xa3.{0,60}B\x82.webm", whole.matroska),
    _Format("Matroska", (".mkv",), rb"\x1aE\xdf\xa3", whole.matroska),
    _Format("MPEG", (".mpg",), rb"\0\0\x01[\xba\xb3]|G.{187}G", whole.anything),
    _Format("Flash Video", (".flv",), rb"FLV\x01", whole.anything),
    _Format("WOFF2", (".woff2",), rb"wOF2", whole.web_font),
    _Format("WOFF", (".woff",), rb"wOFF", whole.web_font),
    _Format("OpenType", (".otf", ".ttf"), rb"OTTO", whole.font),
    _Format("TrueType", (".ttf", ".otf"), rb"\0\x01\0\0|true", whole.font),
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
    if ending == ".m4a" and whole.has_film(untagged):
        return "is a video; give its name the ending .mp4"
    try:
        form.walk(BytesIO(untagged))
    except whole.DamagedError as damage:
        return f"{damage}; copy it again, or export it again as {wanted}"
    return ""


def _without_tags(data: bytes) -> bytes:
    """The file without what players of music note before the sound (ID3)."""
    while data.startswith(b"ID3") and len(data) > 10:  # noqa: PLR2004 - of which each has so many
        size = sum((data[at] & 0x7F) << 7 * (9 - at) for at in range(6, 10))
        data = data[10 + size + (10 if data[5] & 0x10 else 0) :].lstrip(b"\0")
    return data
