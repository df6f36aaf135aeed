"""Another text in place of one in a YAML file, spelled alike; every other byte stays."""

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import product

from builder.problems import Place
from builder.sources.parse import scalar_at

# How many ways to spell several texts are tried.
_TRIED = 32


def rewritten(
    path: str, text: str, wanted: Sequence[tuple[Place, Sequence[str], bool]]
) -> Iterator[str]:
    """The text of a file with other texts at some places, in one spelling after another.

    For each place there are the texts to try, and whether it is that of an item of a list, which
    may have to say what it was. Whether a spelling reads as it should is for the caller to see.
    """
    spans = [span for place, _, _ in wanted if (span := scalar_at(path, text, place))]
    if len(spans) < len(wanted):
        return
    spelled = [
        dict.fromkeys(way for new in texts for way in _spellings(new, text[start:end], item=item))
        for (start, end), (_, texts, item) in zip(spans, wanted, strict=True)
    ]
    for tried, ways in enumerate(product(*spelled)):
        if tried == _TRIED:
            return
        result = text
        for (start, end), way in sorted(zip(spans, ways, strict=True), reverse=True):
            result = result[:start] + way + result[end:]
        yield result


def _spellings(new: str, old: str, *, item: bool) -> Iterator[str]:
    """Ways to write a text where another is written, the likeliest first."""
    quoted = json.dumps(new, ensure_ascii=False)
    alike = {"'": "'" + new.replace("'", "''") + "'", '"': quoted}.get(old[:1], new)
    if old[:1] in ("|", ">"):
        yield _as_block(new, old)
    elif "\n" in old:
        first, *more = old.splitlines()
        indent = more[0][: len(more[0]) - len(more[0].lstrip())]
        width = max(map(len, more), default=len(first))
        yield f"\n{indent}".join(_folded(alike, width))
    elif "\n" not in new:
        yield alike
    yield quoted
    if item:
        yield f"{{item: {alike}, formerly: {old}}}"
        yield f"{{item: {quoted}, formerly: {old}}}"
        yield f"{{item: {quoted}, formerly: {json.dumps(old, ensure_ascii=False)}}}"


def _folded(text: str, width: int) -> list[str]:
    """The lines of a text; YAML puts a space between two, so that none ends within a word."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _as_block(new: str, old: str) -> str:
    """A text as a block scalar with the head and indentation of another."""
    head, *body = old.splitlines(keepends=True)
    indent = re.match(" *", next(filter(str.strip, body), ""))
    spaces = indent[0] if indent else "  "
    end = "\r\n" if head.endswith("\r\n") else "\n"
    lines = new.split("\n")
    if head.startswith(">"):
        width = max(len(line.strip()) for line in body) if body else 100
        wrapped = ("\n".join(_folded(line, width)) for line in lines)
        lines = "\n\n".join(wrapped).split("\n")
    return head + end.join(f"{spaces}{line}" if line else "" for line in lines)
