"""An `.apkg` or `.colpkg` of any version of Anki, from anywhere → the whole deck in it."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from builder.anki.edition import NEWEST, OLDER, guarded, limit_of, sizes_of
from builder.anki.newer import as_older
from builder.importing.foreign import (
    ForeignCard,
    ForeignDeck,
    ForeignNote,
    ForeignType,
    amount,
    json_of,
)
from builder.notes.markdown import plain_text

_NUMBER = re.compile(r"\d{1,9}")
_OCCLUSION = 6  # Anki's number of its own note type for image occlusion
_CLOZE = 1

# What the sources cannot say of a note type, its fields and its templates, and what Anki gives all.
_OF_TYPE = {"latexPre": "LaTeX header", "latexPost": "LaTeX footer", "latexsvg": "LaTeX as SVG"}
_OF_TYPE |= {"sortf": "sort field"}
_OF_FIELD = {"rtl": "writing from right to left", "font": "editor's font"}
_OF_FIELD |= {"description": "editor's description"}
_OF_TEMPLATE = {"bqfmt": "browser's front", "bafmt": "browser's back", "did": "deck override"}
_USUAL = re.compile(
    r"Arial|Liberation Sans|\s*\\end\{document\}\s*"
    r"|\s*\\documentclass\[12pt\]\{article\}.*\\begin\{document\}\s*",
    re.DOTALL,
)


def read_collection(data: bytes) -> ForeignDeck:
    """The deck in the bytes of a package; raises one of many errors if they are none."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = sizes_of(archive, limit := limit_of(len(data)))
        found = next((name for name in (NEWEST, *OLDER) if sizes.get(name)), "")
        if not found:
            raise ValueError
        known = {name for name in sizes if name in ("meta", "media") or _NUMBER.fullmatch(name)}
        members = {name: archive.read(name) for name in known | {found}}
    others = sizes.keys() - known - {NEWEST, *OLDER}
    lost = [f"{name!r} in the package is no part of a deck" for name in sorted(others)]
    collection, meta = members.pop(found), members.pop("meta", b"")
    if found == NEWEST:
        collection, media = as_older(collection, meta, limit, members)
    else:
        media = _older_media(members, lost)
    with guarded(collection) as connection:
        return _deck(connection, media, lost)


def _older_media(members: dict[str, bytes], lost: list[str]) -> dict[str, bytes]:
    """The media files by the names that the list of an older package gives them."""
    listed = json_of(members.pop("media", b"") or b"{}")
    media: dict[str, bytes] = {}
    for number, name in listed.items():
        if number not in members:
            lost.append(f"the media file {name!r} is listed, but is not in the package")
        elif name not in media:
            media[str(name)] = members.pop(number)
    lost += [f"the media file with the number {number} has no name" for number in sorted(members)]
    return media


def _deck(
    connection: sqlite3.Connection, media: Mapping[str, bytes], lost: list[str]
) -> ForeignDeck:
    damaged: list[bytes] = []

    def text_of(data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            damaged.append(data)
            return data.decode("utf-8", "replace")

    connection.text_factory = text_of
    models, listed = connection.execute("select models, decks from col").fetchone()
    decks: dict[str, dict[str, Any]] = json_of(listed)
    cards: dict[int, list[ForeignCard]] = {}
    for id_, note_id, deck_id, home_id, ord_ in connection.execute(
        "select id, nid, did, odid, ord from cards order by nid, ord, id"
    ):
        deck = decks.get(str(home_id or deck_id), {}).get("name", "Default")
        cards.setdefault(note_id, []).append(ForeignCard(ord_ + 1, id_, str(deck)))
    notes = [
        ForeignNote(
            guid=str(guid),
            note_type=str(type_),
            fields=tuple(str(fields).split("\x1f")),
            tags=tuple(str(tags or "").split()),
            cards=tuple(cards.pop(id_, ())),
            id=int(id_),
            mod=int(mod),
        )
        for id_, guid, type_, mod, tags, fields in connection.execute(
            "select id, guid, mid, mod, tags, flds from notes order by id"
        )
    ]
    if cards:
        lost.append(f"{amount(len(cards), 'card')} of no note")
    if damaged:
        lost.append(f"{amount(len(damaged), 'text')} not in UTF-8; the wrong bytes became “\ufffd”")
    filtered = [deck["name"] for deck in decks.values() if deck.get("dyn")]
    lost += [f"“{name}” is a filtered deck; its cards are in their own" for name in filtered]
    name = _root([card.deck for note in notes for card in note.cards])
    described = [deck.get("desc", "") for deck in decks.values() if deck.get("name") == name]
    return ForeignDeck(
        name=name,
        about=plain_text(described[0] if described else ""),
        note_types={key: note_type_of(one) for key, one in sorted(json_of(models).items())},
        notes=tuple(notes),
        media=media,
        lost=tuple(lost),
    )


def _root(decks: Sequence[str]) -> str:
    """The deck in or under which all cards are, or else most of them."""
    tops = Counter(name.partition("::")[0] for name in decks)
    top = max(tops, key=lambda name: tops[name], default="Imported")
    names = [name.split("::") for name in {*decks} if name.partition("::")[0] == top]
    levels = takewhile(lambda level: len({*level}) == 1, zip(*names, strict=False))
    return "::".join(level[0] for level in levels) or top


def note_type_of(model: Mapping[str, Any]) -> ForeignType:
    """A note type as Anki writes it in JSON."""
    fields = sorted(model["flds"], key=lambda field: field.get("ord") or 0)
    templates = sorted(model["tmpls"], key=lambda template: template.get("ord") or 0)
    named = [(model, "", _OF_TYPE)]
    named += [(field, f" of “{field['name']}”", _OF_FIELD) for field in fields]
    named += [(template, f" of “{template['name']}”", _OF_TEMPLATE) for template in templates]
    return ForeignType(
        name=str(model["name"]),
        fields=tuple(str(field["name"]) for field in fields),
        cloze=model.get("type") == _CLOZE,
        sort_field=int(model.get("sortf") or 0),
        templates=tuple(
            (str(one["name"]), str(one["qfmt"]), str(one["afmt"])) for one in templates
        ),
        css=str(model.get("css", "")),
        id=int(model["id"]),
        mod=int(model.get("mod") or 0),
        field_ids=tuple(int(field.get("id") or 0) for field in fields),
        template_ids=tuple(int(template.get("id") or 0) for template in templates),
        occlusion=model.get("originalStockKind") == _OCCLUSION,
        extra=tuple(
            f"{what}{of}"
            for thing, of, names in named
            for key, what in names.items()
            if thing.get(key) and not _USUAL.fullmatch(str(thing[key]))
        ),
    )
