"""Dates as facts write them → as cards show and ask for them."""

from __future__ import annotations

from typing import NamedTuple

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Day(NamedTuple):
    """A day; the year 0 is 1 BC, and -1 is 2 BC. What the date does not say is 1."""

    year: int
    month: int
    day: int


def days_of(text: str) -> tuple[Day, Day]:
    """The first and the last part of a span of years; the same twice if it is none."""
    first, _, last = text.partition("/")
    if last.endswith(" BC") and not first.endswith(" BC"):
        first += " BC"  # 58/50 BC
    began = _day(first)
    return began, _day(last) if last else began


def _day(text: str) -> Day:
    written = text.removesuffix(" BC")
    year, month, day = (*map(int, written.split("-")), 1, 1)[:3]
    return Day(year=year if written == text else 1 - year, month=month, day=day)


def show_date(text: str) -> str:
    """A date as one reads it: `2010-10-12` → `12 October 2010`, `2010/2011` → `2010–2011`."""
    first, _, last = text.partition("/")
    if last:
        if first.endswith("BC") and last.endswith("BC"):
            first = first.removesuffix(" BC")
        era = "AD " if first.endswith("BC") else ""
        return f"{show_date(first)}–{era}{show_date(last)}"
    year, *rest = first.removesuffix(" BC").split("-")
    era = " BC" if first.endswith(" BC") else ""
    shown = [str(int(part)) for part in rest[1:]] + [_MONTHS[int(part) - 1] for part in rest[:1]]
    return " ".join([*shown, str(int(year))]) + era


def ask_when(text: str) -> str:
    """How to ask for a date: `2010-10-12` → `On what day`, `2010/2011` → `In which years`."""
    if "/" in text:
        return "In which years"
    return ("In what year", "In which month", "On what day")[text.count("-")]
