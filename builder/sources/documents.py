"""`sources.yaml` → the documents that facts may cite."""

from __future__ import annotations

from pathlib import Path

from builder.model import Problem, Sequence, Source
from builder.sources.reader import URL, check_keys, mapping_of, problem, read, text_of
from builder.sources.tags import NAME

KEYS = ("title", "author", "form", "year", "url", "sections")


def load_sources(src: Path) -> tuple[dict[str, Source], list[Problem]]:
    """Slug → source, in file order."""
    path = src / "sources.yaml"
    root, problems = read(path)
    shown = str(path)
    sources = {}
    for slug, node in (root or {}).items():
        if not NAME.fullmatch(slug):
            message = f"“{slug}” is no slug; use letters, digits and hyphens"
            problems.append(problem(shown, slug, message, "source"))
        entry = mapping_of(shown, node, "a source", problems)
        problems += check_keys(shown, entry, "a source", KEYS, required=("title",))
        texts = [text_of(shown, entry.named(key), key, problems) for key in KEYS[:-1]]
        listed = entry.named("sections")
        sections = tuple(
            text_of(shown, name, "a section", problems)
            for name in (listed if isinstance(listed, Sequence) else [listed] if listed else [])
        )
        title, author, form, year, url = texts
        if url and not URL.fullmatch(url):
            message = f"“{url}” is no web address (https://…)"
            problems.append(problem(shown, entry.named("url") or entry, message, "url"))
        sources[str(slug)] = Source(
            str(slug), title, author, form, year, url, sections, shown, slug.line, slug.column
        )
    return sources, problems
