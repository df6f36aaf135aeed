"""The sources → one page of all their cards, each as Anki's own engine renders it.

The notes go through a package into a collection, as they do on a learner's machine. The page has
what comes out, the pictures, and what is wrong with the sources; it needs no other file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import re
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from builder.anki.package import contents_of, write_packages
from builder.build import Continued, Project, continue_ledger, load_project
from builder.model import Medium, Note, Package, Problem, Track, untracked
from builder.sources.tags import Tally
from builder.speed.cache import Cache, no_cache

_HERE = Path(__file__).parent

# What the page is made of, as JSON has it.
Data = dict[str, Any]


class Card(NamedTuple):
    """A card as Anki renders it; `number` counts from 1, as the numbers of gaps do."""

    number: int
    front: str
    back: str


# All that a note's cards are rendered from → the cards.
Rendered = Mapping[tuple[object, ...], list[Card]]


class Preview(NamedTuple):
    """What a page shows, and what its cards were rendered from."""

    data: Data
    rendered: Rendered


def make_preview(
    src: Path,
    decks: Path,
    now: int,
    folder: Path,
    before: Preview | None = None,
    track: Track = untracked,
    cache: Cache = no_cache,
) -> tuple[Preview | None, list[Problem]]:
    """The preview of the sources in `src`, and all that is wrong with them; None if an error is.

    The gaps have the numbers that a build to `decks` at `now` would give them; nothing is written.
    Paths begin at the absolute `folder`. What is as it was `before` is not rendered again.
    """
    project, problems = load_project(src, track, cache)
    continued = None
    if project and not any(problem.severity == "error" for problem in problems):
        continued, found = continue_ledger(project, decks, now)
        problems += found
    if project is None or continued is None:
        return None, problems
    known = before.rendered if before else {}
    rendered = _render_new(project, continued, known, track)
    data = _data(project, continued.notes, rendered) | {"folder": folder.as_posix()}
    return Preview(with_problems(data, problems, broken=False), rendered), problems


def _render_new(
    project: Project, continued: Continued, known: Rendered, track: Track
) -> dict[tuple[object, ...], list[Card]]:
    """The cards of every note, those in `known` as they are there."""
    notes = {_made_of(project, note): note for note in continued.notes}
    wanted = {made_of: note for made_of, note in notes.items() if made_of not in known}
    by_key = _render(project, continued, list(wanted.values()), track) if wanted else {}
    return {
        made_of: by_key[note.key] if made_of in wanted else known[made_of]
        for made_of, note in notes.items()
    }


def _made_of(project: Project, note: Note) -> tuple[object, ...]:
    return (project.deck.name, project.note_types, note.text, note.tags)


def _render(
    project: Project, continued: Continued, notes: list[Note], track: Track
) -> dict[str, list[Card]]:
    """The cards of these notes, by the notes' keys, from a collection that had none before."""
    from anki.collection import Collection
    from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest

    package = Package("preview", "", "", "", lambda _: True, 1, 1)
    contents = contents_of(
        *(package, project.deck, notes, range(len(notes)), Tally()),
        *(project.note_types, continued.after),
    )._replace(media=())  # what is rendered does not hang on the pictures
    rendered: dict[str, list[Card]] = {note.key: [] for note in notes}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "preview.apkg"
        path.write_bytes(write_packages({path: contents})[path])
        collection = Collection(str(path.with_suffix(".anki2")))
        try:
            collection.import_anki_package(
                ImportAnkiPackageRequest(package_path=str(path), options=ImportAnkiPackageOptions())
            )
            ids = list(collection.find_cards("", order="c.nid, c.ord"))
            for card in map(collection.get_card, track(ids, "rendering cards")):
                output = card.render_output()
                rendered[card.note()["Key"]].append(
                    Card(card.ord + 1, output.question_text, output.answer_text)
                )
        finally:
            collection.close()
    return rendered


def _data(project: Project, notes: Iterable[Note], rendered: Rendered) -> Data:
    """All but the problems. Tags and packages of a card are numbers of theirs in the lists."""
    listed = list(notes)
    tags = {tag: number for number, tag in enumerate(sorted({t for n in listed for t in n.tags}))}
    packages = list(project.deck.packages.values())
    return {
        "deck": project.deck.name,
        "css": project.note_types[0].css,
        "tags": list(tags),
        "packages": [(package.name, package.title) for package in packages],
        "media": {m.name: _data_uri(m) for m in {m for note in listed for m in note.media}},
        "cards": [
            {
                "key": note.key,
                "number": card.number,
                "front": card.front,
                "back": card.back,
                "tags": [tags[tag] for tag in note.tags],
                "packages": [n for n, package in enumerate(packages) if package.selects(note.tags)],
                "path": note.fact.path,
                "line": note.fact.line,
            }
            for note in listed
            for card in rendered[_made_of(project, note)]
        ],
    }


def _data_uri(medium: Medium) -> str:
    kind = mimetypes.guess_type(medium.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(medium.path.read_bytes()).decode()}"


def no_cards(folder: Path) -> Data:
    """The data of a page before there are any cards."""
    return {
        "deck": "",
        "css": "",
        "tags": [],
        "packages": [],
        "media": {},
        "cards": [],
        "folder": folder.as_posix(),
    }


def with_problems(data: Data, problems: Iterable[Problem], *, broken: bool) -> Data:
    """The data with these problems, each also at the cards of the fact that it lies in.

    If the sources are `broken`, the cards are older than the problems.
    """
    found = sorted(set(problems))
    starts: dict[str, list[int]] = {}
    for path, line in sorted({(card["path"], card["line"]) for card in data["cards"]}):
        starts.setdefault(path, []).append(line)
    of_fact: dict[tuple[str, int], list[int]] = {}
    for number, problem in enumerate(found):
        lines = starts.get(problem.path, [])
        if place := bisect_right(lines, problem.line):
            of_fact.setdefault((problem.path, lines[place - 1]), []).append(number)
    return data | {
        "problems": [problem._asdict() for problem in found],
        "broken": broken,
        "cards": [
            card | {"problems": of_fact.get((card["path"], card["line"]), [])}
            for card in data["cards"]
        ],
    }


def to_json(data: Data, version: str = "") -> bytes:
    """The data as the page reads them."""
    versioned = data | {"version": version}
    text = json.dumps(versioned, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace")  # a folder's name need not be a text


def make_page(data: Data, version: str = "") -> bytes:
    """The page, which needs no other file.

    With a `version`, it asks the server it comes from for data of another one.
    """
    script = (_HERE / "page.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    connect = "'self'" if version else "'none'"
    # Nothing on a card may run or be fetched, whatever a template has.
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; "
        f"script-src 'sha256-{digest}'; connect-src {connect}"
    )
    parts = {
        "POLICY": policy,
        "STYLE": (_HERE / "page.css").read_text("utf-8"),
        "SCRIPT": script,
        # Written so, HTML sees neither the end of a script nor a comment in it.
        "DATA": to_json(data, version).decode().replace("<", "\\u003c"),
    }
    page = (_HERE / "page.html").read_text("utf-8")
    return re.sub(r"%([A-Z]+)%", lambda mark: parts[mark[1]], page).encode()
