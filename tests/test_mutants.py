"""Sources damaged in every way: each is built or reported, and nothing ever falls over."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from builder.pipeline import load_project, plan

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
    for _ in range(500):
        path = chance.choice(list(originals))
        path.write_bytes(mutant(originals[path], chance))
        project, problems = load_project(src)
        errors = [problem for problem in problems if problem.severity == "error"]
        refused += bool(errors)
        for problem in problems:
            place = Path(problem.path)
            lines = place.read_bytes().count(b"\n") if place.is_file() else 0
            assert 1 <= problem.line <= lines + 1, problem
            assert problem.column >= 1, problem
        if not errors:
            assert project
            packages = project.deck.packages.values()
            planned, problems = plan(project, packages, tmp_path / "decks", 1_700_000_000)
            assert planned or problems
        path.write_bytes(originals[path])
    assert refused > 100
