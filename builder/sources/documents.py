"""`sources.yaml` → the documents that facts may cite."""

from __future__ import annotations

from pathlib import Path

from builder.model import Map, Node, Source, Text
from builder.problems import Error, Problem, nearest
from builder.sources.reader import Reader
from builder.sources.tags import refuse_alike


def load_sources(src: Path) -> tuple[dict[str, Source], list[Problem]]:
    """Slug → source, in file order."""
    reader = Reader.read(src / "sources.yaml")
    root = reader.root or Map()
    refuse_alike(reader, root, (), Error.SOURCE)
    return {str(slug): _source(reader, slug, node) for slug, node in root.items()}, reader.problems


def _source(reader: Reader, slug: Text, node: Node) -> Source:
    reader.check(slug, slug, "source-name")
    entry = reader.entry(node, "a source")
    texts = reader.texts(entry, "a source")
    return Source(
        slug=str(slug),
        title=texts["title"],
        author=texts["author"],
        form=texts["form"],
        year=texts["year"],
        url=texts["url"],
        sections=reader.some_texts(entry.named("sections"), "a section"),
        place=slug.place,
    )


def section_of(source: Source, at: str) -> str:
    """The section in which a locator lies; empty if in none that the source lists."""
    return next((name for name in source.sections if at == name or at.startswith(f"{name},")), "")


def check_locator(reader: Reader, source: Source, at: str, node: Node) -> None:
    """A locator, which stands in a node, begins with a section of its source."""
    if at and not section_of(source, at):
        hint = nearest(at.partition(",")[0], source.sections)
        message = f"“{at}” does not begin with a section of “{source.slug}”{hint}"
        reader.error(node, message, Error.LOCATOR)
