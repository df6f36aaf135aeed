"""An `.apkg` or `.colpkg` of any version of Anki, from anywhere → the whole deck in it."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

from builder.anki.edition import NEWEST, OLDER, guarded, limit_of
from builder.anki.foreign import ForeignCard, ForeignDeck, ForeignNote, ForeignType, amount
from builder.anki.newer import as_older

_NUMBER = re.compile(r"\d{1,9}")
_OCCLUSION = 6  # Anki's number of its own note type for image occlusion
_CLOZE = 1
# Note types as Anki makes them have these; other values are said to be lost.
_USUAL = {
    "latexPre": re.compile(
        r"\s*\\documentclass\[12pt\]\{article\}.*\\begin\{document\}\s*", re.DOTALL
    ),
    "latexPost": re.compile(r"\s*\\end\{document\}\s*"),
}
_TAG = re.compile(r"<[^<>]*>")


def read_collection(data: bytes) -> ForeignDeck:
    """The deck in the bytes of a package; raises one of many errors if they are none."""
    lost: list[str] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        found = next((name for name in (NEWEST, *OLDER) if sizes.get(name)), "")
        wanted = [name for name in sizes if name in (found, "meta", "media") or _is_number(name)]
        limit = limit_of(data)
        if not found or sum(sizes.values()) > limit or len(sizes) != len(archive.infolist()):
            raise ValueError
        members = {name: archive.read(name) for name in wanted}
    known = (*wanted, NEWEST, *OLDER)
    lost += [f"{name!r} in the package is no part of a deck" for name in sizes.keys() - {*known}]
    collection, meta = members.pop(found), members.pop("meta", b"")
    if found == NEWEST:
        collection, media = as_older(collection, meta, limit, members)
    else:
        media = _older_media(members, lost)
    with guarded(collection) as connection:
        return _deck(connection, media, lost)


def _is_number(name: str) -> bool:
    return _NUMBER.fullmatch(name) is not None


def _older_media(members: Mapping[str, bytes], lost: list[str]) -> dict[str, bytes]:
    """The media files by the names that the list of an older package gives them."""
    listed = json.loads(members.get("media") or b"{}")
    media: dict[str, bytes] = {}
    for number, name in listed.items():
        if not isinstance(name, str) or re.search(r"[/\\\0]", name) or name in ("", ".", ".."):
            lost.append(f"the media file {name!r} has a name that is no file's")
        elif number not in members:
            lost.append(f"the media file {name!r} is listed, but is not in the package")
        elif unicodedata.normalize("NFC", name) in media:
            lost.append(f"the media file {name!r} is there twice; the first is kept")
        else:
            media[unicodedata.normalize("NFC", name)] = members[number]
    nameless = members.keys() - listed.keys() - {"media"}
    lost += [f"the media file with the number {number} has no name" for number in sorted(nameless)]
    return media


def _deck(
    connection: sqlite3.Connection, media: Mapping[str, bytes], lost: list[str]
) -> ForeignDeck:
    damaged: Counter[str] = Counter()

    def text_of(data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            damaged["texts"] += 1
            return data.decode("utf-8", "replace")

    connection.text_factory = text_of
    models, listed = connection.execute("select models, decks from col").fetchone()
    note_types = {key: note_type_of(model) for key, model in json.loads(models).items()}
    decks = {str(key): deck for key, deck in json.loads(listed).items()}
    cards: dict[int, list[ForeignCard]] = {}
    for id_, note_id, deck_id, home_id, ord_ in connection.execute(
        "select id, nid, did, odid, ord from cards order by nid, ord, id"
    ):
        deck = decks.get(str(home_id or deck_id), {}).get("name", "Default")
        cards.setdefault(note_id, []).append(ForeignCard(ord_ + 1, id_, str(deck)))
    notes = []
    for id_, guid, type_, mod, tags, fields in connection.execute(
        "select id, guid, mid, mod, tags, flds from notes order by id"
    ):
        note = ForeignNote(
            guid=str(guid),
            id=int(id_),
            mod=int(mod),
            note_type=str(type_),
            fields=tuple(str(fields).split("\x1f")),
            tags=tuple(str(tags or "").split()),
            cards=tuple(cards.pop(id_, ())),
        )
        notes.append(note)
    if cards:
        lost.append(f"{amount(len(cards), 'card')} of no note")
    if damaged:
        lost.append(
            f"{amount(damaged['texts'], 'text')} not in UTF-8; the wrong bytes became “\ufffd”"
        )
    used = {note.note_type for note in notes}
    lost += [
        f"the note type “{note_type.name}” has no notes"
        for key, note_type in note_types.items()
        if key not in used
    ]
    filtered = [deck["name"] for deck in decks.values() if deck.get("dyn")]
    lost += [f"“{name}” is a filtered deck; its cards are in their own" for name in filtered]
    name = _root([card.deck for note in notes for card in note.cards])
    described = [deck.get("desc", "") for deck in decks.values() if deck.get("name") == name]
    return ForeignDeck(
        name=name,
        about=" ".join(unescape(_TAG.sub(" ", described[0] if described else "")).split()),
        note_types={key: note_types[key] for key in note_types if key in used},
        notes=tuple(notes),
        media=media,
        lost=tuple(lost),
    )


def _root(decks: Iterable[str]) -> str:
    """The deck in or under which all cards are, or else most of them."""
    counted = Counter(decks)
    if not counted:
        return "Imported"
    tops = Counter[str]()
    for name, count in counted.items():
        tops[name.partition("::")[0]] += count
    top = tops.most_common(1)[0][0]
    parts = [name.split("::") for name in counted if name.partition("::")[0] == top]
    shared = parts[0]
    for one in parts[1:]:
        same = [a == b for a, b in zip(shared, one, strict=False)]
        shared = shared[: [*same, False].index(False)]
    return "::".join(shared)


def note_type_of(model: Mapping[str, Any]) -> ForeignType:
    """A note type as Anki writes it in JSON."""
    fields = sorted(model["flds"], key=lambda field: field.get("ord") or 0)
    templates = sorted(model["tmpls"], key=lambda template: template.get("ord") or 0)
    return ForeignType(
        name=str(model["name"]),
        id=int(model["id"]),
        mod=int(model.get("mod") or 0),
        fields=tuple(str(field["name"]) for field in fields),
        field_ids=tuple(int(field.get("id") or 0) for field in fields),
        templates=tuple(
            (str(one["name"]), str(one["qfmt"]), str(one["afmt"])) for one in templates
        ),
        template_ids=tuple(int(template.get("id") or 0) for template in templates),
        css=str(model.get("css", "")),
        cloze=model.get("type") == _CLOZE,
        occlusion=model.get("originalStockKind") == _OCCLUSION,
        sort_field=int(model.get("sortf") or 0),
        extra=tuple(_extra(model, fields, templates)),
    )


def _extra(
    model: Mapping[str, Any], fields: list[dict[str, Any]], templates: list[dict[str, Any]]
) -> Iterable[str]:
    """What a note type has that the sources cannot say."""
    for key, what in {"latexPre": "LaTeX header", "latexPost": "LaTeX footer"}.items():
        if model.get(key) and not _USUAL[key].fullmatch(model[key]):
            yield f"its {what}"
    if model.get("latexsvg"):
        yield "LaTeX as SVG"
    if model.get("sortf"):
        yield "its sort field"
    for field in fields:
        if field.get("rtl"):
            yield f"the writing from right to left of “{field['name']}”"
        if field.get("font", "Arial") not in ("Arial", "Liberation Sans"):
            yield f"the editor's font of “{field['name']}”"
        if field.get("description"):
            yield f"the editor's description of “{field['name']}”"
    for template in templates:
        if template.get("bqfmt") or template.get("bafmt"):
            yield f"the browser's appearance of “{template['name']}”"
        if template.get("did"):
            yield f"the deck override of “{template['name']}”"
