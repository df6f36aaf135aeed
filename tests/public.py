"""What the tests need of the builder; no other file of the tests names its modules."""

from __future__ import annotations

from builder.anki.query import Wrong, compile_query, search_for_tag
from builder.build import (
    Project,
    build,
    continue_ledger,
    load_project,
    plan,
    plan_schemas,
    stale,
    stale_schemas,
)
from builder.changes import Edition, compare, describe, parse_package, read_package, search_for
from builder.cli.main import main
from builder.ledger.file import load_ledger
from builder.ledger.items import same_but_for_punctuation
from builder.model import SEPARATOR, Kind, Map, Note, Problem, Sequence, Stamp, Text
from builder.notes.formulas import COMMANDS, ENVIRONMENTS
from builder.notes.render import (
    CLOZE_FIELDS,
    FIELD_TYPES,
    FIELDS,
    finished,
    markdown,
    plain_text,
    show_date,
)
from builder.preview.page import make_page, make_preview, with_problems
from builder.preview.server import changes
from builder.reports.age import age_of, before
from builder.reports.markdown import code_span, escape_markdown, one_line
from builder.reports.problems import all_rules
from builder.reports.schema import FILES
from builder.reports.study import guide, parts
from builder.rules.checks import check_cards, check_facts
from builder.sources.facts import COMMON_KEYS, FILE_KEYS, Vocabulary
from builder.sources.facts import GAP as GAP_PATTERN
from builder.sources.facts import NUMBER as NUMBER_PATTERN
from builder.sources.kinds import load_kinds
from builder.sources.left_out import coverage
from builder.sources.reader import SLUG, URL, parse, read
from builder.speed import cache
from builder.speed import processes as batch
from builder.speed.cache import Cache, no_cache
from builder.speed.last_build import _sources as files_of_sources
from builder.speed.processes import _Work as Work
from builder.speed.processes import load_batches

# Lines of a program that runs the command: after `MAIN`, `main()` is `cards`. The others take how
# many bytes of facts are work for several processes, and after how many seconds progress is shown.
MAIN = "from builder.cli.main import main"
PROCESSES_FROM = "import builder.speed.processes as b; b._MUCH = {}"
PROGRESS_AFTER = "import builder.cli.main as c; c._PATIENCE = {}"

__all__ = [
    "CLOZE_FIELDS",
    "COMMANDS",
    "COMMON_KEYS",
    "ENVIRONMENTS",
    "FIELDS",
    "FIELD_TYPES",
    "FILES",
    "FILE_KEYS",
    "GAP_PATTERN",
    "MAIN",
    "NUMBER_PATTERN",
    "PROCESSES_FROM",
    "PROGRESS_AFTER",
    "SEPARATOR",
    "SLUG",
    "URL",
    "Cache",
    "Edition",
    "Kind",
    "Map",
    "Note",
    "Problem",
    "Project",
    "Sequence",
    "Stamp",
    "Text",
    "Work",
    "Wrong",
    "age_of",
    "all_rules",
    "batch",
    "before",
    "build",
    "cache",
    "changes",
    "check_cards",
    "check_facts",
    "code_span",
    "compare",
    "compile_query",
    "continue_ledger",
    "coverage",
    "describe",
    "escape_markdown",
    "files_of_sources",
    "finished",
    "guide",
    "load_batches",
    "load_kinds",
    "load_ledger",
    "load_project",
    "main",
    "make_page",
    "make_preview",
    "markdown",
    "no_cache",
    "one_line",
    "parse",
    "parse_package",
    "parts",
    "plain_text",
    "plan",
    "plan_schemas",
    "read",
    "read_package",
    "same_but_for_punctuation",
    "search_for",
    "search_for_tag",
    "show_date",
    "stale",
    "stale_schemas",
    "vocabulary_of",
    "with_problems",
]


def vocabulary_of(project: Project) -> Vocabulary:
    """What the facts of a project are read with."""
    return Vocabulary(
        *(project.kinds, project.tags, project.sources, project.media, project.deck.tag_root)
    )
