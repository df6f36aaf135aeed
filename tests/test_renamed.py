"""A fact that was renamed without `formerly` and reworded is warned of before its history goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import cards
from tests.sources import HEAD, write_sources

FACT = "  - {id: arf, kind: event, event: was the ARF held for the first time, date: 1994}\n"
TERM = "  - {id: zopfan, kind: term, term: ZOPFAN, meaning: A zone of peace}\n"
WARNING = (
    "warning[formerly]: “arf-first” is much like “arf”, which is gone; if it is the same fact,"
    " write formerly: arf (if it is built already, bring back decks/ as it was before)"
)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The folder of a deck with two facts."""
    write_sources(tmp_path, a=HEAD + FACT + TERM)
    assert cards(tmp_path, "build").exit_code == 0
    return tmp_path


def warned(root: Path, command: str = "check") -> bool:
    done = cards(root, command)
    assert done.exit_code == 0, done.stderr
    return WARNING in " ".join(done.output.split())


@pytest.mark.parametrize(
    "edit",
    [
        ("was the ARF held", "was the ARF convened"),
        ("1994}", "1993}"),
        ("1994}", "1994, note: In Bangkok}"),
    ],
)
def test_a_reworded_fact_under_another_id_is_warned_of(built: Path, edit: tuple[str, str]) -> None:
    new = FACT.replace("id: arf", "id: arf-first").replace(*edit)
    write_sources(built, a=HEAD + new + TERM)
    assert warned(built)
    write_sources(
        built, a=HEAD + new.replace("id: arf-first", "id: arf-first, formerly: arf") + TERM
    )
    assert not warned(built)
    write_sources(built, a=HEAD + new + TERM)
    assert warned(built, "build")
    assert not warned(built)  # it is done


@pytest.mark.parametrize(
    "facts",
    [
        FACT + TERM + FACT.replace("id: arf", "id: arf-first").replace("first", "third"),
        TERM + "  - {id: arf-first, kind: event, event: did Malaysia join, date: 1967}\n",
        TERM + "  - {id: arf-first, kind: term, term: ARF, meaning: The ARF of 1994}\n",
        TERM + FACT.replace("id: arf", "id: arf-first").replace("ARF", "ARF of 2"),
        TERM,
    ],
)
def test_what_is_no_rename_is_not_warned_of(built: Path, facts: str) -> None:
    write_sources(built, a=HEAD + facts)
    assert not warned(built)
