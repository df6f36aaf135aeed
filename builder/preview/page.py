"""The sources → one page of all their cards, each as Anki's own engine renders it.

The notes go through a package into a collection, as they do on a learner's machine. The page has
what comes out, the pictures, what the sources say of each fact, and what is wrong with them; it
needs no other file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import re
import tempfile
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from builder.anki.package import media_of, package_of
from builder.build import Build
from builder.check import Checked
from builder.model import Entry, Medium, Note, Package, Track, untracked
from builder.preview.facts import facts_of
from builder.problems import Problem
from builder.reports.problems import as_row
from builder.sources.tables import ENDINGS

if TYPE_CHECKING:
    from anki.cards import Card

_HERE = Path(__file__).parent

# What Anki puts where an answer is to be typed: the field that has it, and how they are compared.
_TYPED = re.compile(r"\[\[type:(.+?)\]\]")
_FORMULA = re.compile(r"\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL)
# What Anki puts where a sound or video is to be played: its number among those of the side.
_PLAY = re.compile(r"\[anki:play:[qa]:(\d+)\]")
_VIDEO = tuple(f".{ending}" for ending in ENDINGS["video"])

# What the page is made of, as JSON has it.
Data = dict[str, Any]

# All that a note's cards are rendered from → the number (from 1), front and back of each.
Rendered = Mapping[tuple[object, ...], list[Data]]


class Preview(NamedTuple):
    """What a page shows, what its cards were rendered from, and what is wrong with the sources.

    If the sources are `broken`, the cards are older than the problems.
    """

    data: Data
    rendered: Rendered
    problems: list[Problem]
    broken: bool


_NOTHING: Data = {
    "deck": "", "css": "", "tags": [], "packages": [], "media": {}, "facts": {}, "cards": [],
    "formulas": False,
}  # fmt: skip


def make_preview(
    checked: Checked, before: Preview | None = None, track: Track = untracked
) -> Preview:
    """The preview of sources, with all that `cards check` says of them.

    The cards have the numbers that a build would give them; nothing is written. If nothing can be
    built, they are those that were there `before`, and what is as it was then is not rendered
    again.
    """
    _, build, problems = checked
    data, rendered = (before.data, before.rendered) if before else (_NOTHING, {})
    if build:
        notes = {_made_of(build, note): note for note in build.notes}
        new = [note for made_of, note in notes.items() if made_of not in rendered]
        by_key = _render(build, tuple(new), track) if new else {}
        rendered = {
            made_of: by_key[note.key] if note.key in by_key else rendered[made_of]
            for made_of, note in notes.items()
        }
        data = _data(build, rendered)
    data = data | {"folder": Path.cwd().as_posix(), "broken": build is None}
    return Preview(_with_problems(data, problems), rendered, problems, broken=build is None)


def _made_of(build: Build, note: Note) -> tuple[object, ...]:
    return build.project.deck.name, build.project.note_types, note.fields, note.tags


def _render(build: Build, notes: tuple[Note, ...], track: Track) -> dict[str, list[Data]]:
    """The cards of these notes, by the notes' keys, from a collection that had none before."""
    from anki.collection import Collection
    from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest

    everything = Package("preview", "", "", "", build.project.deck.place)
    contents = build._replace(notes=notes).contents_of(everything)
    rendered: dict[str, list[Data]] = {note.key: [] for note in notes}
    keys = {build.after[note.key].guid: note.key for note in notes}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "preview.apkg"
        # What is rendered does not depend on the pictures.
        path.write_bytes(package_of(contents._replace(media=())))
        with closing(Collection(str(path.with_suffix(".anki2")))) as collection:
            collection.import_anki_package(
                ImportAnkiPackageRequest(package_path=str(path), options=ImportAnkiPackageOptions())
            )
            ids = list(collection.find_cards("", order="c.nid, c.ord"))
            for card in map(collection.get_card, track(ids, "rendering cards")):
                shown = card.render_output()
                front = _side(card, shown.question_text, shown.question_av_tags, answered=False)
                back = _side(card, shown.answer_text, shown.answer_av_tags, answered=True)
                one = {"number": card.ord + 1, "front": front, "back": back}
                rendered[keys[card.note().guid]].append(one)
    return rendered


def _side(card: Card, html: str, played: list[Any], *, answered: bool) -> str:
    """A side with players in place of Anki's buttons, and a field to type into where it has one.

    On the back stands what was to be typed.
    """

    def player(found: re.Match[str]) -> str:
        name = getattr(played[int(found[1])], "filename", "")  # a text read aloud has none
        element = "video" if name.endswith(_VIDEO) else "audio"
        return f'<{element} controls src="{name}"></{element}>' if name else ""

    def typed(found: re.Match[str]) -> str:
        *how, name = found[1].split(":")
        right = dict(card.note().items()).get(name, "")
        if "cloze" in how:
            right = card.col.extract_cloze_for_typing(right, card.ord + 1)
        if right and answered:
            return card.col.compare_answer(right, "", combining="nc" not in how)
        return '<input type="text" id="typeans" aria-label="Type the answer">' if right else ""

    return _TYPED.sub(typed, _PLAY.sub(player, html))


def _data(build: Build, rendered: Rendered) -> Data:
    """All but the problems. Tags and packages of a card are their numbers in the lists."""
    project = build.project
    listed = sorted({tag for note in build.notes for tag in note.tags})
    tags = {tag: number for number, tag in enumerate(listed)}
    packages = project.deck.packages.values()
    tallies = [project.tally_of(package) for package in packages]
    shown = media_of((*project.note_types, *build.notes), project.vocabulary.media)
    before = {entry.guid: entry for entry in build.before.values()}
    cards: list[Data] = []
    for note in build.notes:
        shared = {
            "key": note.key,
            "type": note.own_type,
            "tags": [tags[tag] for tag in note.tags],
            "packages": [n for n, tally in enumerate(tallies) if note.tags in tally],
            "fact": note.fact.id,
            "since": _since(build.after[note.key], before),
        }
        cards += [shared | card for card in rendered[_made_of(build, note)]]
    return {
        "deck": project.deck.name,
        "css": project.note_types[0].css,
        "styles": {each.name: each.css for each in project.note_types if each.place},
        "tags": listed,
        "packages": [(package.name, package.title) for package in packages],
        "media": {medium.name: _data_uri(medium) for medium in shown},
        "facts": facts_of(project),
        "cards": cards,
        "formulas": any(_FORMULA.search(card["front"] + card["back"]) for card in cards),
    }


def _since(entry: Entry, before: Mapping[str, Entry]) -> str:
    """What a note is since the last build, if there was one: its entries are these, by GUID."""
    old = before.get(entry.guid)
    if old is None or old.retired:
        return "new" if before else ""
    return "" if (old.fields, old.tags) == (entry.fields, entry.tags) else "changed"


@lru_cache(maxsize=10_000)  # a digest of what the file holds is part of its name
def _data_uri(medium: Medium) -> str:
    kind = mimetypes.guess_type(medium.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(medium.path.read_bytes()).decode()}"


def _with_problems(data: Data, problems: list[Problem]) -> Data:
    """The data with these problems, each also at the cards of the fact that it lies in."""
    facts = sorted((fact["path"], fact["line"], name) for name, fact in data["facts"].items())
    starts = [(path, line) for path, line, _ in facts]
    numbers: dict[str, list[int]] = {}
    for number, (place, *_) in enumerate(problems):
        at = bisect_right(starts, (place.path, place.line)) - 1
        if at >= 0 and facts[at][0] == place.path:
            numbers.setdefault(facts[at][2], []).append(number)
    return data | {
        "problems": [as_row(problem) for problem in problems],
        "cards": [card | {"problems": numbers.get(card["fact"], [])} for card in data["cards"]],
    }


def to_json(data: Data, version: str = "") -> bytes:
    """The data as the page reads them."""
    versioned = data | {"version": version}
    text = json.dumps(versioned, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace")  # a folder's name need not be a text


def news(before: Data, now: Data) -> Data:
    """What a page must hear that has the data of `before`, to have those of `now`.

    That is each value that changed; of a mapping, what is new or other in it; and of the cards, in
    place of one that is as it was, its number in the list before.
    """
    cards = {(card["key"], card["number"]): n for n, card in enumerate(before["cards"])}
    told: Data = {}
    for name, value in now.items():
        if name == "cards":
            places = ((cards.get((card["key"], card["number"]), -1), card) for card in value)
            told[name] = [
                n if n >= 0 and before["cards"][n] == card else card for n, card in places
            ]
        elif isinstance(value, dict):
            old = before.get(name, {})
            told[name] = {key: one for key, one in value.items() if old.get(key) != one}
        elif value != before.get(name):
            told[name] = value
    return told


def make_page(data: Data, version: str = "") -> bytes:
    """The page, which needs no other file.

    With a `version`, it asks the server it comes from for data of another one.
    """
    formulas = ("formulas.js", "mathjax/tex-svg-full.js") if data["formulas"] else ()
    names = (*formulas, "search.js", "card.js", "page.js", "keys.js")
    scripts = [(_HERE / name).read_text("utf-8") for name in names]
    connect = "'self'" if version else "'none'"
    # Nothing on a card may run or be fetched, whatever a template has.
    policy = (
        "default-src 'none'; img-src data:; media-src data:; font-src data:; "
        "style-src 'unsafe-inline'; form-action 'none'; "
        f"script-src {' '.join(map(_hash_of, scripts))}; connect-src {connect}"
    )
    parts = {
        "POLICY": policy,
        "STYLE": (_HERE / "page.css").read_text("utf-8"),
        "SCRIPTS": "\n".join(f"<script>{script}</script>" for script in scripts),
        # Written so, HTML sees neither the end of a script nor a comment in it.
        "DATA": to_json(data, version).decode().replace("<", "\\u003c"),
    }
    page = (_HERE / "page.html").read_text("utf-8")
    return re.sub(r"%([A-Z]+)%", lambda mark: parts[mark[1]], page).encode()


def _hash_of(script: str) -> str:
    """How a page's policy names a script that may run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
