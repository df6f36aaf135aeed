"""A number and a seed → the sources of a deck with so many invented facts.

    python -m benchmarks.generate 10000 /tmp/deck
    python -m benchmarks.generate 10000 /tmp/deck plain    one kind, one prompt, no lists

Its sentences keep the rules of good cards, so that the checks have work but nothing to say.
"""

from __future__ import annotations

import random
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

FILES = 20

_SYLLABLES = [consonant + vowel for consonant in "bdfghklmnprstvz" for vowel in "aeiou"]
_GOALS = (
    *("coastal trade", "clean rivers", "shared power grids", "student exchange", "flood relief"),
    *("open ports", "rural roads", "fair fishing", "quiet borders", "old-growth forests"),
)
_BODIES = ("Council", "Assembly", "Commission", "Secretariat", "Tribunal", "Academy", "Bank")
_LEVELS = ("core", "detail", "detail", "reference")
_PARTNERS = ("north", "south", "east", "west")

_FILES = {
    "decks.yaml": """
        namespace: benchmark
        deck: Benchmark
        tag_root: Benchmark
        packages:
          benchmark: {title: A benchmark, about: Invented facts.}
        """,
    "kinds/event.yaml": """
        about: Something that happened.
        fields:
          event: {type: text, required: true}
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
        about: A list, learned one item at a time.
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
    "kinds/agreement.yaml": """
        about: A treaty or agreement.
        fields:
          name: {type: text, required: true}
          signed: {type: date}
          place: {type: text}
          in_force: {type: date}
          does: {type: text}
        prompts:
          signed: {front: "When was {{ name }} signed?", back: "{{ signed }}"}
          place: {front: "Where was {{ name }} signed?", back: "{{ place }}"}
          in-force: {front: "When did {{ name }} enter into force?", back: "{{ in_force }}"}
          does: {front: "What does {{ name }} do?", back: "{{ does }}"}
        """,
    "kinds/question.yaml": """
        about: A question.
        fields:
          question: {type: text, required: true}
          answer: {type: text, required: true}
        prompts:
          answer: {front: "{{ question }}", back: "{{ answer }}"}
        """,
    "card/front.html": "<p>[[ question ]]</p>\n",
    "card/back.html": """
        [% if not cloze %]
        <p>[[ question ]]</p>
        [% endif %]
        <p id="answer">[[ answer ]]</p>
        {{Note}}{{Topic}}{{Source}}<small>{{Key}}</small>
        """,
    "card/style.css": ".card { font-size: 1.2em; }\n",
}


class _Words:
    """Invented words, none of them twice where that matters, dates and places."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - chance that repeats itself is meant
        self.used: set[str] = set()

    def word(self) -> str:
        return "".join(self.random.choices(_SYLLABLES, k=3)).capitalize()

    def name(self) -> str:
        """Two words that no other name has together."""
        while (name := f"{self.word()} {self.word()}") in self.used:
            pass
        self.used.add(name)
        return name

    def date(self) -> str:
        year, month = self.random.randint(1900, 2019), self.random.randint(1, 12)
        return f"{year}-{month:02}-{self.random.randint(1, 28):02}"

    def one_of(self, things: tuple[str, ...]) -> str:
        return self.random.choice(things)


def _event(words: _Words, name: str) -> Iterator[str]:
    yield f"event: did the {name} {words.one_of(_BODIES)} first meet"
    yield f"date: {words.date()}"
    if words.random.random() < 0.5:
        yield f"place: {words.word()}, {words.word()}"


def _term(words: _Words, name: str) -> Iterator[str]:
    goal, year = words.one_of(_GOALS), words.random.randint(1900, 2019)
    yield f"term: the {name} {words.one_of(_BODIES)}"
    yield f"meaning: A body for {goal}, seated in {words.word()} since {year}"
    yield f"clue: Which body for {goal} was founded by {words.name()}?"


def _list(words: _Words, name: str) -> Iterator[str]:
    yield f"list: Founding members of the {name} {words.one_of(_BODIES)}"
    yield "items:"
    for _ in range(words.random.randint(3, 5)):
        yield f"  - {words.name()}"


def _cloze(words: _Words, name: str) -> Iterator[str]:
    year = words.random.randint(1900, 2019)
    yield (
        f"text: The {name} {words.one_of(_BODIES)} was founded in {{{{c1::{year}}}}} to work for"
        f" {{{{c2::{words.one_of(_GOALS)}}}}} along the {words.word()} coast."
    )


def _agreement(words: _Words, name: str) -> Iterator[str]:
    yield f"name: the {name} Agreement"
    yield f"signed: {words.date()}"
    yield f"place: {words.word()}, {words.word()}"
    if words.random.random() < 0.5:
        yield f"in_force: {words.date()}"
    yield f"does: It commits its parties to {words.one_of(_GOALS)} in {words.word()}"


def _question(words: _Words, name: str) -> Iterator[str]:
    goal, year = words.one_of(_GOALS), words.random.randint(1900, 2019)
    yield f"question: What did the {name} {words.one_of(_BODIES)} found for {goal} in {year}?"
    yield f"answer: The {words.name()} Fund of {words.word()}"


_WRITE: dict[str, Callable[[_Words, str], Iterator[str]]] = {
    "event": _event,
    "term": _term,
    "list": _list,
    "cloze": _cloze,
    "agreement": _agreement,
    "question": _question,
}
# The kinds of a deck, with their shares in a hundred.
_MIXED = {"event": 30, "term": 25, "list": 15, "cloze": 15, "agreement": 15}
_PLAIN = {"question": 100}


def _fact(words: _Words, number: int, kinds: Mapping[str, int]) -> str:
    """A fact, as an entry of the list of facts in its file."""
    (kind,) = words.random.choices(list(kinds), list(kinds.values()))
    lines = [f"- id: {kind}-{number}", f"kind: {kind}"]
    lines += _WRITE[kind](words, words.name())
    lines.append(f"level: {words.one_of(_LEVELS)}")
    document, page = words.random.randint(1, 50), words.random.randint(1, 400)
    lines.append(f"source: {{doc: report-{document}, at: p. {page}}}")
    if words.random.random() < 0.3:
        lines.append(f"tags: [partner::{words.one_of(_PARTNERS)}]")
    if words.random.random() < 0.3:
        lines.append(
            f"note: The hosts came from {words.word()}; the chair was {words.name()} of"
            f" {words.word()}, who wrote the minutes."
        )
    return "\n    ".join(lines)


def generate(count: int, src: Path, seed: int = 1, *, plain: bool = False) -> None:
    """Writes the sources of a deck with `count` facts to the folder `src`.

    They are of several kinds, some with lists; or `plain`, all questions with one answer.
    """
    words = _Words(seed)
    kinds = _PLAIN if plain else _MIXED
    topics = "".join(f"\n  part-{number}: Part {number}" for number in range(FILES))
    partners = "".join(f"\n  {name}: Partners in the {name}" for name in _PARTNERS)
    files = {name: textwrap.dedent(text).lstrip("\n") for name, text in _FILES.items()}
    files["tags.yaml"] = (
        f"topic:{topics}\nlevel:\n  core: First\n  detail: Later\n  reference: Last\n"
        f"partner:{partners}\n"
    )
    files["sources.yaml"] = "".join(
        f"report-{number}: {{title: Report {number}, author: {words.name()}, year: 2020}}\n"
        for number in range(1, 51)
    )
    for name in _WRITE.keys() - kinds.keys():
        del files[f"kinds/{name}.yaml"]
    for name, text in files.items():
        path = src / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (src / "facts").mkdir(exist_ok=True)
    for number in range(FILES):
        with (src / "facts" / f"part-{number:02}.yaml").open("w", encoding="utf-8") as file:
            file.write(f"topic: part-{number}\nfacts:\n")
            for fact in range(count * number // FILES, count * (number + 1) // FILES):
                file.write(f"  {_fact(words, fact, kinds)}\n")


if __name__ == "__main__":
    generate(int(sys.argv[1]), Path(sys.argv[2]), plain="plain" in sys.argv)
