"""A small deck's sources, written to a folder from inline YAML."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path

from tests.public import Note, Project, build, load_project

# What a file says for all its facts, before the first of them.
HEAD = "topic: forums::arf\nlevel: core\nsource: {doc: handbook, at: p. 1}\nfacts:\n"

MINI = {
    "decks.yaml": """
        namespace: mini
        deck: Mini
        tag_root: Mini
        requires: topic
        packages:
          mini: {title: Mini, about: A small deck.}
          mini-core: {title: Mini core, about: Its core., only: "tag:Mini::level::core"}
        """,
    "tags.yaml": """
        topic:
          _: What it is about
          basics: The start
          forums: {_: Forums, arf: The regional forum}
        level: {_: How deep, core: First, detail: Later}
        partner: {_: Partner, india: India}
        """,
    "sources.yaml": """
        handbook: {title: A Handbook, author: A. Writer, year: 2020}
        website: {title: A Website, url: "https://example.org/a?b=1&c=2"}
        """,
    "kinds/event.yaml": """
        about: Something that happened.
        fields:
          event: {type: text, required: true, help: "completes 'When …?'"}
          date: {type: date}
          place: {type: text}
        prompts:
          when: {front: "When {{ event }}?", back: "{{ date }}"}
          where: {front: "Where {{ event }}?", back: "{{ place }}"}
        """,
    "kinds/term.yaml": """
        about: A term.
        fields:
          term: {type: text, required: true}
          meaning: {type: text, required: true}
          clue: {type: text}
        prompts:
          meaning:
            front: "What is {{ term }}?"
            back: "{{ meaning }}"
            reverse: {front: "{{ clue }}", back: "{{ term }}"}
        """,
    "kinds/list.yaml": """
        about: A list.
        fields:
          list: {type: text, required: true}
          items: {type: list, required: true}
        prompts:
          items: {cloze: "{{ list }}: {{ items | cloze }}"}
        """,
    "kinds/cloze.yaml": """
        about: A sentence with gaps.
        fields: {text: {type: cloze, required: true}}
        prompts: {gaps: {cloze: "{{ text }}"}}
        """,
    "card/front.html": "<p>{{Topic}}</p>\n<div>[[ question ]]</div>\n",
    "card/back.html": """
        <p>{{Topic}}</p>
        [% if not cloze %]
        <div>[[ question ]]</div>
        [% endif %]
        <div id="answer">[[ answer ]]</div>
        {{Note}}{{Source}}<small>{{Key}}</small>
        """,
    "card/style.css": ".card { color: black; }\n",
    "facts/a.yaml": """
        topic: forums::arf
        level: core
        source: {doc: handbook, at: p. 1}
        facts:
          - {id: first-meeting, kind: event, event: did the forum first meet, date: 1994-07-25}
        """,
}


# Path from the folder of sources → what the file holds, or None where the small deck has one.
Files = Mapping[str, str | bytes | None]
# The card that the builder has for every deck.
DEFAULT_CARD: Files = {f"card/{name}": None for name in ("front.html", "back.html", "style.css")}


def write_sources(root: Path, files: Files | None = None, **facts: str) -> Path:
    """Writes the small deck to `root`/src, with other `files` or other `facts`/NAME.yaml."""
    texts: dict[str, str | bytes | None] = {**MINI, **(files or {})}
    if facts:
        del texts["facts/a.yaml"]
        texts |= {f"facts/{name}.yaml": text for name, text in facts.items()}
    src = root / "src"
    shutil.rmtree(src, ignore_errors=True)
    for name, text in texts.items():
        if text is None:
            continue
        path = src / name
        path.parent.mkdir(parents=True, exist_ok=True)
        said = textwrap.dedent(text).lstrip("\n").encode() if isinstance(text, str) else text
        path.write_bytes(said)
    return src


def problems_of(root: Path, files: Files | None = None, **facts: str) -> list[str]:
    """The problems of such a deck, sorted, as printed, with paths from the folder of sources."""
    src = write_sources(root, files, **facts)
    _, problems = load_project(src)
    return [str(problem).replace(f"{src}/", "") for problem in sorted(set(problems))]


def project_of(root: Path, files: Files | None = None, **facts: str) -> Project:
    """Such a deck, which must be without problems."""
    project, problems = load_project(write_sources(root, files, **facts))
    assert not problems, "\n".join(map(str, problems))
    assert project is not None
    return project


def notes_of(root: Path, files: Files | None = None, **facts: str) -> dict[str, Note]:
    """The notes of such a deck, by key."""
    return {note.key: note for note in project_of(root, files, **facts).notes}


def package_of(project: Project, root: Path, now: int = 1_700_000_000) -> Path:
    """The complete package of a deck, of all that are built into `root`/decks at `now`."""
    packages = project.deck.packages.values()
    built, _, problems = build(project, packages, root / "decks", now)
    assert not problems, "\n".join(map(str, problems))
    assert built
    return root / "decks" / "mini.apkg"
