"""Dates as facts write them → as cards show and ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from builder.notes.language import ENGLISH, locale_of

if TYPE_CHECKING:
    from babel.core import Locale

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Day(NamedTuple):
    """A day; the year 0 is 1 BC, and -1 is 2 BC. What the date does not say is 1."""

    year: int
    month: int
    day: int

    @property
    def year_alike(self) -> int:
        """Its year, or of one before Christ a later one whose days are the same."""
        # 1 BC is a leap year, and so is every fourth before it.
        return self.year if self.year > 0 else self.year % 4 + 4


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


def show_date(text: str, language: str = ENGLISH) -> str:
    """A date as one reads it: `2010-10-12` → `12 October 2010`, `2010/2011` → `2010–2011`."""
    return _in_english(text) if language == ENGLISH else _by_babel(text, language)


def _in_english(text: str) -> str:
    first, _, last = text.partition("/")
    if last:
        if first.endswith("BC") and last.endswith("BC"):
            first = first.removesuffix(" BC")
        era = "AD " if first.endswith("BC") else ""
        return f"{_in_english(first)}–{era}{_in_english(last)}"
    year, *rest = first.removesuffix(" BC").split("-")
    era = " BC" if first.endswith(" BC") else ""
    shown = [str(int(part)) for part in rest[1:]] + [_MONTHS[int(part) - 1] for part in rest[:1]]
    return " ".join([*shown, str(int(year))]) + era


def _by_babel(text: str, language: str) -> str:
    """A date in another language; Babel's own functions know neither months alone nor years BC."""
    locale = locale_of(language)
    first, last = days_of(text)
    patterns, skeletons = locale.interval_formats, locale.datetime_skeletons
    if last is not first:
        eras = (first.year < 1) + (last.year < 1)
        began, ended = patterns["Gy"]["yG"[eras == 1]] if eras else patterns["y"]["y"]
        return _filled(began, first, locale) + _filled(ended, last, locale)
    pattern = (skeletons["y"], skeletons["yMMMM"], locale.date_formats["long"])[text.count("-")]
    return _filled(str(pattern), first, locale, era=str(skeletons["Gy"]))


def _filled(pattern: str, day: Day, locale: Locale, era: str = "") -> str:
    """A pattern of Unicode's with a day in it; `era` is that of a year with its era."""
    from babel.dates import tokenize_pattern

    tokens: list[Any] = tokenize_pattern(pattern)
    if day.year < 1 and era and ("field", ("G", 1)) not in tokens:
        before = era.index("G") < era.index("y")
        gap = ("chars", " " if " " in era else "")
        if before:
            year = next(at for at, token in enumerate(tokens) if token[1][0] == "y")
            tokens[year:year] = [("field", ("G", 1)), gap]
        else:
            tokens += [gap, ("field", ("G", 1))]

    def shown(letter: str, width: int) -> str:
        if letter == "G":
            return str(locale.eras["abbreviated"][int(day.year > 0)])
        if letter in "ML" and width > 2:  # noqa: PLR2004 - MMM and MMMM are names
            use = "format" if letter == "M" else "stand-alone"
            return str(locale.months[use]["wide"][day.month])
        number = {"y": day.year if day.year > 0 else 1 - day.year, "d": day.day}
        return str(number.get(letter, day.month)).zfill(width)

    return "".join(shown(*found) if kind == "field" else found for kind, found in tokens)


def ask_when(text: str, labels: Mapping[str, str]) -> str:
    """How to ask for a date: `2010-10-12` → `On what day`, `2010/2011` → `In which years`."""
    asked = ("when_year", "when_month", "when_day")[text.count("-")]
    return labels["when_years" if "/" in text else asked]
