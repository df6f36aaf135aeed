"""The claims of the documents that no card of its own teaches, and the reasons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

SRC = Path(__file__).parent.parent / "cards_src"
REASON = re.compile(r"trivial|opinion|outdated|unverifiable|duplicate of (.+)")
FACT = re.compile(r"([a-z0-9-]+)(?: \((note|caution)\))?")


def _load(path: Path) -> dict[str, list[dict[str, object]]]:
    loaded: dict[str, list[dict[str, object]]] = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506
    return loaded


@pytest.fixture(scope="module")
def facts() -> dict[str, dict[str, object]]:
    """Id → fact."""
    return {
        str(fact["id"]): fact
        for path in sorted((SRC / "facts").rglob("*.yaml"))
        for fact in _load(path)["facts"]
    }


def test_a_claim_is_left_out_for_a_known_reason_and_duplicates_only_facts_that_exist(
    facts: dict[str, dict[str, object]],
) -> None:
    wrong = []
    for document, claims in _load(SRC / "left-out.yaml").items():
        for claim in claims:
            why = str(claim["why"])
            reason = REASON.fullmatch(why)
            named = re.split(r", | and ", reason[1]) if reason and reason[1] else []
            found = [FACT.fullmatch(name) for name in named]
            if not reason or not all(
                fact and fact[1] in facts and (not fact[2] or fact[2] in facts[fact[1]])
                for fact in found
            ):
                wrong.append(f"{document}, {claim['at']}: {why}")
    assert not wrong
