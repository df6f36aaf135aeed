"""`sources.yaml` → the documents that facts may cite."""

from pathlib import Path

from builder.model import Node, Source
from builder.problems import Error, Problem, nearest
from builder.sources.reader import Reader
from builder.sources.tags import refuse_alike


def load_sources(src: Path) -> tuple[dict[str, Source], list[Problem]]:
    """Slug → source, in file order; a deck that cites nothing needs no such file."""
    reader = Reader.read_optional(src / "sources.yaml")
    refuse_alike(reader, reader.root or (), (), Error.SOURCE)
    sources = {}
    for slug, node in (reader.root or {}).items():
        reader.check(slug, slug, "source-name")
        entry = reader.entry(node, "a source")
        sources[str(slug)] = Source(
            slug=str(slug),
            sections=reader.some_texts(entry.named("sections"), "a section"),
            place=slug.place,
            **reader.texts(entry, "a source"),
        )
    return sources, reader.problems


def section_of(source: Source, at: str) -> str:
    """The section in which a locator lies; empty if in none that the source lists."""
    return next((name for name in source.sections if at == name or at.startswith(f"{name},")), "")


def check_locator(reader: Reader, source: Source, at: str, node: Node) -> None:
    """A locator, which stands in a node, begins with a section of its source."""
    if at and not section_of(source, at):
        hint = nearest(at.partition(",")[0], source.sections)
        message = f"“{at}” does not begin with a section of “{source.slug}”{hint}"
        reader.error(node, message, Error.LOCATOR)
