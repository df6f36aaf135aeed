"""Facts by the age of what they say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.command import cards
from tests.public import age_of, before
from tests.sources import write_sources

FACTS = """
    topic: basics
    level: core
    as_of: 2018
    facts:
      - {id: year, kind: event, event: x, date: 1994, place: Rome}
      - {id: day, kind: event, event: y, date: 1994, as_of: 2020-02-29}
      - {id: span, kind: event, event: z, date: 1994, as_of: 2016/2017}
      - {id: month, kind: event, event: v, date: 1994, as_of: 2026-10}
      - {id: later, kind: event, event: w, date: 1994, as_of: 2026}
    """
NOVEMBER_2026 = "1795651200"  # 26 November 2026, 0:00 UTC


def test_stale_lists_facts_by_the_age_of_their_as_of_the_oldest_first(tmp_path: Path) -> None:
    undated = "topic: basics\nfacts: [{id: undated, kind: event, event: u, date: 1994}]\n"
    write_sources(tmp_path, a=FACTS, b=undated)
    done = cards(tmp_path, "stale", SOURCE_DATE_EPOCH=NOVEMBER_2026)
    assert (done.exit_code, done.stderr) == (0, "5 facts\n")
    assert done.stdout.splitlines() == [
        "2016/2017   8y 10m  span   src/facts/a.yaml:7",
        "2018        7y 10m  year   src/facts/a.yaml:5",
        "2020-02-29  6y 8m   day    src/facts/a.yaml:6",
        "2026-10     26d     month  src/facts/a.yaml:8",
        "2026        0d      later  src/facts/a.yaml:9",
    ]


@pytest.mark.parametrize(
    ("age", "ids"),
    [
        ("25d", ["span", "year", "day", "month"]),
        ("26d", ["span", "year", "day"]),
        ("80m", ["span", "year", "day"]),
        ("81m", ["span", "year"]),
        ("8y", ["span"]),
        ("9y", []),
        ("999999y", []),
        ("999999d", []),
    ],
)
def test_stale_takes_an_age_in_days_months_or_years(
    tmp_path: Path, age: str, ids: list[str]
) -> None:
    write_sources(tmp_path, a=FACTS)
    done = cards(tmp_path, "stale", "--older-than", age, SOURCE_DATE_EPOCH=NOVEMBER_2026)
    assert done.exit_code == 0
    assert [line.split()[-2] for line in done.stdout.splitlines()] == ids


@pytest.mark.parametrize("age", ["", "18", "18 m", "1.5y", "-3d", "eighteen", "١٨m"])
def test_what_is_no_age_is_wrong_usage(tmp_path: Path, age: str) -> None:
    write_sources(tmp_path, a=FACTS)
    done = cards(tmp_path, "stale", "--older-than", age)
    assert done.exit_code == 2
    assert done.stderr.endswith(f"Error: “{age}” is not an age; write 90d, 18m or 2y\n")


def test_stale_says_what_is_wrong_with_the_sources(tmp_path: Path) -> None:
    write_sources(tmp_path, a=FACTS.replace("2016/2017", "2016/2015"))
    done = cards(tmp_path, "stale")
    assert done.exit_code == 1
    assert "“2016/2015” ends before it starts" in done.stdout + done.stderr


DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(DAYS, DAYS, st.integers(0, 500))
def test_what_is_listed_as_older_is_shown_as_old(one: date, other: date, months: int) -> None:
    until, today = sorted((one, other))
    years, _, rest = age_of(until, today).rpartition("y")
    shown = int(years or 0) * 12 + int(rest.strip(" m") or 0) if "d" not in rest else 0
    limit = before(today, f"{months}m")
    assert limit is not None
    day = (until.year, until.month, until.day)
    if day < limit:
        assert shown >= months
    if shown > months:
        assert day < limit


def test_facts_as_of_a_day_before_christ_come_first(tmp_path: Path) -> None:
    facts = """
        topic: basics
        level: core
        facts:
          - {id: year, kind: event, event: x, date: 1994, as_of: 0044}
          - {id: war, kind: event, event: x, date: 1994, as_of: 58/50 BC}
          - {id: ides, kind: event, event: x, date: 1994, as_of: 44-03-15 BC}
          - {id: month, kind: event, event: x, date: 1994, as_of: 44-02 BC}
          - {id: reign, kind: event, event: x, date: 1994, as_of: 27 BC/0014}
        """
    write_sources(tmp_path, a=facts)
    done = cards(tmp_path, "stale", "--older-than", "1y", SOURCE_DATE_EPOCH=NOVEMBER_2026)
    assert [line.rpartition("  ")[0].rstrip() for line in done.stdout.splitlines()] == [
        "58/50 BC     2074y 10m  war",
        "44-02 BC     2069y 8m   month",
        "44-03-15 BC  2069y 8m   ides",
        "27 BC/0014   2011y 10m  reign",
        "0044         1981y 10m  year",
    ]
