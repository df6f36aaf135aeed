"""Sources damaged in every way: each is built or reported, and nothing ever falls over."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.effort import sample
from tests.public import Problem, Project, check_cards, load_project, prepare, read_fact_file

GOLDEN = Path(__file__).parent / "golden" / "src"
SCRAPS = [b"{", b"}", b"[", b"]", b": ", b"- ", b"'", b'"', b"&a ", b"*a ", b"!!int ", b"\t", b"#"]
SCRAPS += [
    b"|",
    b">",
    b"{{",
    b"}}",
    b"{%",
    b"[[",
    b"? ",
    b"---\n",
    b"\xef\xbb\xbf",
    b"\\x00",
    b"\xff",
]


def mutant(text: bytes, chance: random.Random) -> bytes:
    """The text with a line or some bytes deleted, doubled, swapped, moved or garbled."""
    lines = text.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    start, end = sorted((chance.randrange(len(text)), chance.randrange(len(text))))
    way = chance.randrange(8)
    if way == 0:
        del lines[one]
    elif way == 1:
        lines.insert(one, lines[other])
    elif way == 2:
        lines[one], lines[other] = lines[other], lines[one]
    elif way == 3:
        lines[one] = b"    " + lines[one].lstrip()
    elif way == 4:
        return text[:start] + text[start + chance.randrange(1, 40) :]
    elif way == 5:
        return text[:start] + chance.choice(SCRAPS) + text[start:]
    elif way == 6:
        return text[:start] + text[end : end + 30] + text[start:]
    else:
        return text[:end]
    return b"\n".join(lines)


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_source_is_built_or_reported_at_a_place_in_its_files(
    tmp_path: Path, seed: int
) -> None:
    src = tmp_path / "src"
    shutil.copytree(GOLDEN, src)
    originals = {path: path.read_bytes() for path in sorted(src.rglob("*")) if path.is_file()}
    chance = random.Random(seed)  # noqa: S311
    refused = 0
    for _ in range(sample(500)):
        path = chance.choice(list(originals))
        path.write_bytes(mutant(originals[path], chance))
        project, problems = load_project(src)
        errors = [problem for problem in problems if problem.severity == "error"]
        refused += bool(errors)
        for problem in problems:
            path_shown, line, column = problem.place
            place = Path(path_shown)
            lines = place.read_bytes().count(b"\n") if place.is_file() else 0
            assert 1 <= line <= lines + 1, problem
            assert column >= 1, problem
        if not errors:
            assert project
            made, problems = prepare(project, tmp_path / "decks", 1_700_000_000)
            assert made or problems
        path.write_bytes(originals[path])
    assert refused > sample(100)


# The deck's own sources: an entry is a fact, or a value at the margin of another file.
SOURCES = Path(__file__).parent.parent / "cards_src"
ENTRY = re.compile(rb"  - |[^\s#]")


class Damage(NamedTuple):
    """Where a text was changed: whole entries, and the one before, which may have lost its end."""

    first: int
    last: int
    in_head: bool

    @classmethod
    def between(cls, old: bytes, new: bytes) -> Damage:
        were, are = old.split(b"\n"), new.split(b"\n")
        start = _alike(were, are)
        end = max(start, len(are) - 1 - _alike(were[::-1], are[::-1]))
        entries = [number for number, line in enumerate(are) if ENTRY.match(line)]
        first = max((number for number in entries if number < start), default=0)
        last = min((number for number in entries if number > end), default=len(are))
        head = old.partition(b"\nfacts:")[0].count(b"\n") + 1
        return cls(first + 1, last, start <= head)

    def shows(self, problem: Problem) -> bool:
        """Whether the problem stands in the damage or names a line of it."""
        lines = [problem.place.line, *map(int, re.findall(r"\.yaml:(\d+)", problem.message))]
        return any(self.first <= line <= self.last for line in lines)


def _alike(one: list[bytes], other: list[bytes]) -> int:
    """How many first lines two texts share."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _errors(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


@pytest.mark.parametrize("seed", range(4))
def test_damaged_facts_of_the_deck_are_built_or_reported_where_they_are_damaged(
    tmp_path: Path, asean: Project, seed: int
) -> None:
    """Each file is the only one of facts."""
    chance = random.Random(seed)  # noqa: S311
    originals = {path: path.read_bytes() for path in sorted(SOURCES.glob("facts/*.yaml"))}
    refused = 0
    (tmp_path / "facts").mkdir()
    for _ in range(sample(500, each=25)):
        path, old = chance.choice(list(originals.items()))
        new = mutant(old, chance)
        (tmp_path / "facts" / path.name).write_bytes(new)
        file = read_fact_file(tmp_path / "facts" / path.name, asean.vocabulary)
        problems = list(file.problems)
        if not _errors(problems):
            problems += check_cards(asean._replace(facts=file.facts, notes=file.notes))
        (tmp_path / "facts" / path.name).unlink()
        errors = _errors(problems)
        refused += bool(errors)
        damage = Damage.between(old, new)
        if damage.in_head:  # which is about all facts
            continue
        # A quote or bracket that is opened is missed further on, but nothing shows before.
        after = [error for error in errors if error.place.line >= damage.first]
        assert [error for error in errors if damage.shows(error)] or all(
            error.rule in ("yaml", "encoding") for error in after
        ), errors
        assert not [e for e in errors if e not in after and not damage.shows(e)], errors
    assert refused >= sample(20, each=25) // 2


@pytest.mark.parametrize("seed", range(4))
def test_the_rest_of_the_deck_damaged_is_built_or_reported_where_it_is_damaged(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    refused = 0
    src = tmp_path / "src"
    shutil.copytree(SOURCES, src, ignore=shutil.ignore_patterns("schema", "data"))
    originals = {
        path: path.read_bytes()
        for path in sorted(src.rglob("*"))
        if path.suffix in (".yaml", ".html", ".css") and path.parent.name != "facts"
    }
    for _ in range(sample(50, each=25)):
        path, old = chance.choice(list(originals.items()))
        new = mutant(old, chance)
        path.write_bytes(new)
        project, problems = load_project(src)
        path.write_bytes(old)
        errors = _errors(problems)
        refused += bool(errors)
        if project and not errors:
            check_cards(project)
        # Elsewhere is where facts miss what is gone; line 1 where a front shows no question.
        damage = Damage.between(old, new)
        assert not errors or any(
            error.place.path != str(path)
            or error.place.line >= damage.first
            or "must show" in str(error)
            for error in errors
        ), errors
    assert refused >= sample(20, each=25) // 2
