"""Problems → what people, editors and CI services read of them."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from textwrap import wrap

from builder.files import MAX_BYTES, read_file
from builder.problems import Error, Problem, columns, printable

# What people write, and the ledger, which they merge.
_SHOWN = (".yaml", ".csv", ".tsv", ".html", ".css", ".jsonl")

# How much of a source line is shown, in columns of a terminal.
_LEAST, _EXCERPT = 20, 100

Style = Callable[[str, str], str]


def all_rules() -> dict[str, str]:
    """Every rule's name, sorted, with its statement."""
    from builder.rules.run import RULES  # takes long, and only the list needs them

    return dict(sorted(({str(rule): rule.must for rule in Error} | RULES).items()))


def as_text(
    problems: Iterable[Problem], *, width: int = 1_000_000, style: Style = lambda text, _role: text
) -> Iterator[str]:
    """Lines for a terminal: each problem, its place, the source line with a caret under the place.

    Messages are wrapped to `width`. `style` colours a part of a line by its role: `error`,
    `warning` or `place`. Nothing gives orders to the terminal but what it adds.
    """
    lines_of = cache(_lines_of)
    for problem in problems:
        place, severity, message, rule = _safe(problem)
        head = f"{severity}[{rule}]:"
        text = f"{head} {message}"
        first, *more = wrap(
            text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
        yield style(head, severity) + first.removeprefix(head)
        yield from more
        number = str(place.line)
        margin = " " * len(number)
        yield f"{margin}{style('-->', 'place')} {place}"
        line = "".join(lines_of(problem.place.path)[place.line - 1 : place.line])
        if line.strip():
            room = min(max(width - len(f"{number} | "), _LEAST), _EXCERPT)
            excerpt, caret = pointed_at(line, place.column, room)
            for left, right in ((margin, ""), (number, excerpt), (margin, style(caret, severity))):
                yield f"{style(f'{left} |', 'place')} {right}".rstrip()
        yield ""


def as_row(problem: Problem) -> dict[str, object]:
    """A problem as JSON has it: path, line, column, severity, message, rule."""
    place, severity, message, rule = problem
    return {**place._asdict(), "severity": severity, "message": message, "rule": rule}


def as_json(problems: Iterable[Problem]) -> Iterator[str]:
    """The problems as a JSON list of objects, one a line."""
    rows = [json.dumps(as_row(_safe(problem)), ensure_ascii=False) for problem in problems]
    yield "[\n" + ",\n".join(rows) + "\n]" if rows else "[]"


def as_github(problems: Iterable[Problem]) -> Iterator[str]:
    """Each problem as an annotation, in the workflow commands of GitHub Actions."""
    for place, severity, message, rule in map(_safe, problems):
        path = place.path.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
        where = f"file={path},line={place.line},col={place.column},title={rule}"
        yield f"::{severity} {where}::{message.replace('%', '%25')}"


def _safe(problem: Problem) -> Problem:
    """A problem that cannot give orders to a terminal."""
    place = problem.place._replace(path=printable(problem.place.path))
    return problem._replace(place=place, message=printable(problem.message))


def _lines_of(path: str) -> list[str]:
    """The lines of a file as editors count them; none of one that nobody reads or that is not."""
    try:
        data = read_file(Path(path), MAX_BYTES) if path.endswith(_SHOWN) else b""
    except OSError:
        return []
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")


def pointed_at(line: str, column: int, width: int = _EXCERPT) -> tuple[str, str]:
    """A line, or `width` of a longer one around `column`, and a caret for the line under it."""
    before, after = (printable(part) for part in (line[: column - 1], line[column - 1 :]))
    room = width * 2 // 3 if len(line) > width else width
    if len(before) > room:
        before = "…" + before[len(before) - room + 1 :]
    if len(before + after) > width:
        after = after[: width - len(before) - 1] + "…"
    excerpt = (before + after).rstrip().replace("\t", "→")
    return excerpt, " " * columns(before) + "^"
