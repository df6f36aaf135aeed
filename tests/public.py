"""What the tests need of the builder; no other file of the tests names its modules."""

from __future__ import annotations

from builder.anki.card_templates import card_numbers, wrong_with_template
from builder.anki.edition import Edition, Seen, parse_package, read_package
from builder.anki.note_types import CLOZE_FIELDS, FIELDS
from builder.anki.query import search_for_tag, selects, wrong_with
from builder.build import Build, build, pack, prepare, stale
from builder.changes import compare, search_for
from builder.check import check
from builder.cli.main import main
from builder.examples import folders as example_folders
from builder.ledger.file import load_ledger
from builder.ledger.items import folded
from builder.model import (
    Entry,
    FactFile,
    Kind,
    Map,
    Note,
    Package,
    Sequence,
    Text,
    Vocabulary,
    no_memory,
)
from builder.notes.cloze import WRITTEN as GAP_PATTERN
from builder.notes.cloze import Numbering
from builder.notes.cloze_text import with_deletions
from builder.notes.dates import show_date
from builder.notes.formulas import COMMANDS, ENVIRONMENTS, shield_backslashes
from builder.notes.from_html import canonical, written_as
from builder.notes.jinja import _FILTERS as FILTERS
from builder.notes.language import direction, labels_in, wrong_with_language
from builder.notes.markdown import composed, finished, markdown, plain_text
from builder.notes.templates import FAILURES, NoField, compile_template, simple_parts
from builder.notes.templates import fill as fill_template
from builder.notes.written import makers_of, values_of
from builder.preview.page import make_page, make_preview
from builder.preview.server import changes
from builder.problems import Error, Place, Problem, Wrong, columns
from builder.project import Project, load_vocabulary, read_fact_file
from builder.project import load as load_project
from builder.reports.changes import describe
from builder.reports.coverage import coverage
from builder.reports.definitions import FILES
from builder.reports.markdown import code_span, escape_markdown, one_line
from builder.reports.problems import all_rules, as_text
from builder.reports.schema import out_of_date, plan_schemas
from builder.reports.stale import age_of, before
from builder.reports.study import guide, parts
from builder.rules.run import check_cards
from builder.sources.card import _WORDS as CARD_WORDS
from builder.sources.events import parse_events
from builder.sources.parse import wrong_with_text as wrong_with_characters
from builder.sources.reader import Reader
from builder.sources.simple import parse_simple
from builder.sources.tables import FILE_KEYS, FORMS, KEYS, TYPES, all_marks
from builder.sources.tables import wrong_with as wrong_with_text
from builder.speed import cache, packing, reading
from builder.speed.cache import Cache, no_cache
from builder.speed.reading import reader

# Lines of a program that runs the command: after `MAIN`, `main()` is `cards`. The others take how
# many bytes of facts are work for several processes, and after how many seconds progress is shown.
MAIN = "from builder.cli.main import main"
PROCESSES_FROM = "import builder.speed.reading; builder.speed.reading._MUCH = {}"
PROGRESS_AFTER = "import builder.cli.terminal; builder.cli.terminal._PATIENCE = {}"

__all__ = [
    "CARD_WORDS",
    "CLOZE_FIELDS",
    "COMMANDS",
    "ENVIRONMENTS",
    "FAILURES",
    "FIELDS",
    "FILES",
    "FILE_KEYS",
    "FILTERS",
    "FORMS",
    "GAP_PATTERN",
    "KEYS",
    "MAIN",
    "PROCESSES_FROM",
    "PROGRESS_AFTER",
    "TYPES",
    "Build",
    "Cache",
    "Edition",
    "Entry",
    "Error",
    "FactFile",
    "Kind",
    "Map",
    "NoField",
    "Note",
    "Numbering",
    "Package",
    "Place",
    "Problem",
    "Project",
    "Reader",
    "Seen",
    "Sequence",
    "Text",
    "Vocabulary",
    "Wrong",
    "age_of",
    "all_marks",
    "all_rules",
    "as_text",
    "before",
    "build",
    "cache",
    "canonical",
    "card_numbers",
    "changes",
    "check",
    "check_cards",
    "code_span",
    "columns",
    "compare",
    "compile_template",
    "composed",
    "coverage",
    "describe",
    "direction",
    "escape_markdown",
    "example_folders",
    "fill_template",
    "finished",
    "folded",
    "guide",
    "labels_in",
    "load_ledger",
    "load_project",
    "load_vocabulary",
    "main",
    "make_page",
    "make_preview",
    "makers_of",
    "markdown",
    "no_cache",
    "no_memory",
    "one_line",
    "out_of_date",
    "pack",
    "packing",
    "parse_events",
    "parse_package",
    "parse_simple",
    "parts",
    "plain_text",
    "plan_schemas",
    "prepare",
    "read_fact_file",
    "read_package",
    "reader",
    "reading",
    "search_for",
    "search_for_tag",
    "selects",
    "shield_backslashes",
    "show_date",
    "simple_parts",
    "stale",
    "values_of",
    "with_deletions",
    "written_as",
    "wrong_with",
    "wrong_with_characters",
    "wrong_with_language",
    "wrong_with_template",
    "wrong_with_text",
]
