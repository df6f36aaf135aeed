"""Dates as facts write them → as cards show and ask for them."""

from __future__ import annotations

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def show_date(text: str) -> str:
    """A date as one reads it: `2010-10-12` → `12 October 2010`, `2010/2011` → `2010–2011`."""
    year, *rest = text.split("-")
    if not rest:
        return year.replace("/", "–")
    month = _MONTHS[int(rest[0]) - 1]
    return f"{month} {year}" if len(rest) == 1 else f"{int(rest[1])} {month} {year}"


def ask_when(text: str) -> str:
    """How to ask for a date: `2010-10-12` → `On what day`, `2010/2011` → `In which years`."""
    if "/" in text:
        return "In which years"
    return ("In what year", "In which month", "On what day")[text.count("-")]
