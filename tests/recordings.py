"""Tiny media files, made here: each as short as its format allows."""

from __future__ import annotations

import io
import struct
import wave


def wav() -> bytes:
    """A hundredth of a second of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 1, 8000, 0, "NONE", "not compressed"))
        sound.writeframes(bytes([128] * 80))
    return file.getvalue()


def ogg(first: bytes) -> bytes:
    """Three pages of an Ogg file, the first with that header of a codec."""
    packets = (first, b"comment", b"content")
    return b"".join(b"OggS" + bytes(22) + bytes([1, len(packet)]) + packet for packet in packets)


def box(name: bytes, *content: bytes) -> bytes:
    """A box of ISO's base format, as MPEG-4 and AVIF have them."""
    data = b"".join(content)
    return struct.pack(">I4s", 8 + len(data), name) + data


def mpeg4(track: bytes, brand: bytes = b"isom") -> bytes:
    """A file with one track, of sound (`soun`) or of pictures (`vide`)."""
    handler = box(b"hdlr", bytes(8), track, bytes(12))
    moov = box(b"moov", box(b"trak", box(b"mdia", handler)))
    return box(b"ftyp", brand, bytes(4)) + moov + box(b"mdat", b"content")


def matroska(name: bytes) -> bytes:
    """A file with one cluster, of a document type."""
    head = b"B\x82" + bytes([0x80 | len(name)]) + name
    cluster = b"\x1f\x43\xb6\x75\x81x"
    segment = b"\x18\x53\x80\x67" + bytes([0x80 | len(cluster)]) + cluster
    return b"\x1aE\xdf\xa3" + bytes([0x80 | len(head)]) + head + segment


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a RIFF file."""
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def font(kind: bytes) -> bytes:
    """A font with one table of four bytes."""
    table = b"name" + bytes(4) + struct.pack(">II", 28, 4)
    return kind + struct.pack(">H", 1) + bytes(6) + table + b"name"


AVI = b"RIFF" + struct.pack("<I", 4) + b"AVI " + chunk(b"LIST", b"movicontent")
OPUS = ogg(b"OpusHead\x01\x01")
VORBIS = ogg(b"\x01vorbis")
MP3 = b"ID3\x04\0\0\0\0\0\x05title" + b"\xff\xfb\x10\xc4" + bytes(100)
FLAC = b"fLaC\x80\0\0\x22" + bytes(34) + b"\xff\xf8content"

# Ending → a file of that ending.
SOUNDS = {
    "mp3": MP3,
    "ogg": VORBIS,
    "oga": VORBIS,
    "ogx": VORBIS,
    "opus": OPUS,
    "wav": wav(),
    "m4a": mpeg4(b"soun", b"M4A "),
    "flac": FLAC,
    "aac": b"\xff\xf1\x50\x80" + bytes(100),
    "spx": ogg(b"Speex   1.2"),
    "3gp": mpeg4(b"soun", b"3gp5"),
    "webm": matroska(b"webm"),
}
VIDEOS = {
    "mp4": mpeg4(b"vide"),
    "m4v": mpeg4(b"vide"),
    "mov": mpeg4(b"vide", b"qt  "),
    "3gp": mpeg4(b"vide", b"3gp5"),
    "webm": matroska(b"webm"),
    "mkv": matroska(b"matroska"),
    "avi": AVI,
    "mpg": b"\0\0\x01\xba" + bytes(100),
    "ogv": ogg(b"\x80theora"),
    "ogx": ogg(b"\x80theora"),
    "flv": b"FLV\x01\x05" + bytes(100),
}
FONTS = {
    "woff2": b"wOF2" + bytes(4) + struct.pack(">I", 16) + bytes(4),
    "woff": b"wOFF" + bytes(4) + struct.pack(">I", 16) + bytes(4),
    "ttf": font(b"\0\x01\0\0"),
    "otf": font(b"OTTO"),
}
AVIF = box(b"ftyp", b"avif", bytes(4)) + box(b"meta", bytes(4)) + box(b"mdat", b"content")
