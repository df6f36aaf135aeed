"""What the tests need of the builder; no other file of the tests names its modules."""

from __future__ import annotations

from builder import batch, cache
from builder.anki.note_types import CLOZE_FIELDS, FIELDS
from builder.anki.query import Wrong, search_for_tag, selects, wrong_with
from builder.notes.cloze import WRITTEN as GAP_PATTERN
from builder.notes.dates import show_date
from builder.notes.formulas import COMMANDS, ENVIRONMENTS, shield_backslashes
from builder.notes.markdown import composed, finished, markdown, plain_text
from builder.age import age_of, before
from builder.batch import _Work as Work
from builder.batch import load_batches
from builder.cache import Cache, no_cache
from builder.changes import Edition, compare, describe, parse_package, read_package, search_for
from builder.checks import check_cards, check_facts
from builder.cli import main
from builder.coverage import coverage
from builder.facts import COMMON_KEYS, FILE_KEYS, Vocabulary
from builder.facts import NUMBER as NUMBER_PATTERN
from builder.items import same_but_for_punctuation
from builder.kinds import load_kinds
from builder.ledger_file import load_ledger
from builder.load import SLUG, URL, parse, read
from builder.markdown import code_span, escape_markdown, one_line
from builder.model import Kind, Map, Note, Problem, Sequence, Stamp, Text
from builder.pipeline import (
    Project,
    build,
    continue_ledger,
    load_project,
    plan,
    plan_schemas,
    stale,
    stale_schemas,
)
from builder.preview import make_page, make_preview, with_problems
from builder.report import all_rules
from builder.schema import FILES
from builder.study import guide, parts
from builder.unchanged import _sources as files_of_sources
from builder.watch import changes

# Lines of a program that runs the command: after `MAIN`, `main()` is `cards`. The others take how
# many bytes of facts are work for several processes, and after how many seconds progress is shown.
MAIN = "from builder.cli import main"
PROCESSES_FROM = "import builder.batch; builder.batch._MUCH = {}"
PROGRESS_AFTER = "import builder.cli; builder.cli._PATIENCE = {}"

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
    "Vocabulary",
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
    "composed",
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
    "selects",
    "shield_backslashes",
    "show_date",
    "stale",
    "stale_schemas",
    "with_problems",
    "wrong_with",
]
