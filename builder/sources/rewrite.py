"""Another text in place of one in a YAML file, spelled alike; every other byte stays."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice, product
from os.path import commonprefix

from builder.problems import Place
from builder.sources.events import scalar_at

# How many ways to spell several texts are tried.
_TRIED = 32
# How many characters on each side of those that differ may be needed to find them.
_AROUND = 40


def rewritten(
    path: str, text: str, wanted: Sequence[tuple[Place, Sequence[str], bool]]
) -> Iterator[str]:
    """The text of a file with other texts at some places, in one spelling after another.

    For each place there are the texts to try, and whether it is that of an item of a list, which
    may have to say what it was. Whether a spelling reads as it should is for the caller to see.
    """
    ways = []
    for place, texts, item in wanted:
        found = scalar_at(path, text, place)
        if found is None:
            return
        start, end, value = found
        spelled = [_spellings(new, value, text[start:end], item=item) for new in texts]
        ways.append([(start, end, way) for way in dict.fromkeys(chain(*spelled))])
    for chosen in islice(product(*ways), _TRIED):
        result = text
        for start, end, way in sorted(chosen, reverse=True):
            result = result[:start] + way + result[end:]
        yield result


def _spellings(new: str, value: str, old: str, *, item: bool) -> Iterator[str]:
    """Ways to write a text where `old` is written for another value, the likeliest first."""
    quoted = json.dumps(new, ensure_ascii=False)
    edited = _edited(new, value, old) or quoted
    yield from (edited, quoted)
    if item:
        before = json.dumps(value, ensure_ascii=False)
        for now, former in ((edited, old), (quoted, old), (quoted, before)):
            yield f"{{item: {now}, formerly: {former}}}"


def _edited(new: str, value: str, old: str) -> str:
    """What is written, with only that changed which differs; nothing if that cannot be found."""
    was, now = (_spelled(text, old) for text in (value.rstrip("\n"), new))
    head = len(commonprefix([was, now]))  # noqa: RUF071 - of characters
    tail = len(commonprefix([was[head:][::-1], now[head:][::-1]]))  # noqa: RUF071
    for more in range(_AROUND):
        start, end = max(head - more, 0), max(tail - more, 0)
        before = was[start : len(was) - end]
        if before and old.count(before) == 1:
            return old.replace(before, now[start : len(now) - end])
    return ""


def _spelled(text: str, old: str) -> str:
    """A text as it is written in the quotes, or with the indentation, of another."""
    if old.startswith("'"):
        return text.replace("'", "''")
    if old.startswith('"'):
        return json.dumps(text, ensure_ascii=False)[1:-1]
    line_end = re.search(r"\r?\n *", old) if old.startswith("|") else None
    return text.replace("\n", line_end[0]) if line_end else text
