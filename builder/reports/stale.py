"""Facts → by the age of their `as_of`, so that a curator knows which to look at."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from builder.model import Fact
from builder.notes.dates import Day, days_of


def by_age(facts: Iterable[Fact]) -> list[tuple[Fact, Day]]:
    """The facts that have an `as_of`, each with the last day for which it speaks, oldest first."""
    aged = [(fact, _last_day(fact.as_of)) for fact in facts if fact.as_of]
    return sorted(aged, key=lambda one: (one[1], one[0].place))


def _last_day(as_of: str) -> Day:
    """The last day of a day, a month, a year or a span of years."""
    last = days_of(as_of)[1]
    parts = as_of.rpartition("/")[2].count("-")
    month = last.month if parts else 12
    return Day(last.year, month, last.day if parts > 1 else monthrange(last.year_alike, month)[1])


def before(today: date, age: str) -> Day | None:
    """The day so long before today (`90d`, `18m`, `2y`); None if that is not a valid age."""
    written = re.fullmatch(r"([0-9]{1,6})([dmy])", age)
    if not written:
        return None
    count, unit = int(written[1]), written[2]
    if unit == "d":
        day = today - timedelta(min(count, today.toordinal() - 1))
        return Day(day.year, day.month, day.day)
    months = today.year * 12 + today.month - 1 - count * (12 if unit == "y" else 1)
    return Day(months // 12, months % 12 + 1, today.day)


def age_of(until: Day | date, today: date) -> str:
    """How long ago a day was: `12d`, `5m`, `2y 3m`; `0d` if it is still to come."""
    months = (today.year - until.year) * 12 + today.month - until.month
    months -= today.day < until.day
    if months < 1:
        return f"{max(0, (today - date(until.year, until.month, until.day)).days)}d"
    years, months = divmod(months, 12)
    return " ".join([f"{years}y"] * (years > 0) + [f"{months}m"] * (months > 0))
