"""The tables of the builder → the generated parts of docs/*.md.

A part stands between `<!-- generated: WHAT NAME -->` and `<!-- end -->`, and `WHAT` is a function
of this file. `python -m scripts.reference` renews all of them.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import click

from builder.cli.main import main as cards
from builder.notes.language import ENGLISH, labels_in
from builder.problems import Error
from builder.rules.run import RULES
from builder.sources.tables import ENDINGS, FILE_KEYS, KEYS, TYPES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
LABELS = ROOT / "builder" / "notes" / "labels"
PART = re.compile(r"(<!-- generated: ([a-z]+) ?([^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)

# How the value of a key is written → the forms for which it is said so; others have their own name.
WRITTEN = {
    "`comma`, `semicolon` or `tab`": ["delimiter"],
    "`hidden` or `shown`": ["rest"],
    "`all` or `one`": ["hide"],
    "`start` or `center`": ["align"],
    "`true` or `false`": ["flag"],
    "file name": ["table-name"],
    "file name, or list of them": ["picture"],
    "key, or list of keys": ["common-keys"],
    "language code": ["language"],
    "list of facts": ["facts"],
    "list of four numbers": ["frame"],
    "list of pairs of numbers": ["points"],
    "mapping": [
        *("card-templates", "contents", "fields", "labels", "note-type"),
        *("packages", "prompts", "reasons", "reverse", "searches"),
    ],
    "mapping, slug, or list of them": ["citations"],
    "name of a deck": ["deck-name"],
    "name of a kind": ["kind"],
    "search": ["query"],
    "tag": ["level", "tag-root", "topic"],
    "tag, or list of tags": ["tags"],
    "template": ["content"],
    "text": ["css", "separator"],
    "text with `{item}`": ["context"],
    "text, or list of texts": ["texts"],
    "text, or mapping": ["remark"],
    "web address": ["report", "url"],
}
FORMS = {form: written for written, forms in WRITTEN.items() for form in forms}


def keys(what: str) -> str:
    """The keys of a mapping."""
    table = KEYS[what]
    own = {name: key for name, key in table.items() if what != "a file of facts" or not key.for_all}
    rows = [
        (f"`{name}`{' *' * key.required}", FORMS.get(key.form, key.form), key.meaning)
        for name, key in own.items()
    ]
    return _table(("key", "value", "meaning"), rows)


def common(_: str) -> str:
    """The keys that a file of facts may say for all its facts."""
    return ", ".join(f"`{name}`" for name in FILE_KEYS) + "\n"


def types(_: str) -> str:
    """The types of fields."""
    rows = [(f"`{name}`", form.meaning) for name, form in TYPES.items()]
    return _table(("type", "what its values are"), rows)


def endings(_: str) -> str:
    """The endings that media files may have."""
    rows = [(f"`{name}`", " ".join(f"`.{end}`" for end in ends)) for name, ends in ENDINGS.items()]
    return _table(("for", "endings"), rows)


def labels(_: str) -> str:
    """The names of the builder's own words, and the words in English."""
    rows = [
        (f"`{name}`", text.strip().replace("\n", " "))
        for name, text in labels_in(ENGLISH).items()
        if not name.startswith(("study_", "column_"))
    ]
    return _table(("label", "in English"), rows)


def languages(_: str) -> str:
    """The languages in which the builder has words, and those that have a study guide."""
    texts = {path.stem: path.read_text("utf-8") for path in LABELS.glob("*.toml")}
    guides = [name for name, text in texts.items() if "study_title" in text]
    known, long = (", ".join(f"`{name}`" for name in sorted(names)) for names in (texts, guides))
    return f"{known}; the study guide in {long}.\n"


def rules(_: str) -> str:
    """The rules of good cards."""
    return _table(("rule", "what it says"), ((f"`{rule}`", RULES[rule]) for rule in sorted(RULES)))


def errors(_: str) -> str:
    """The errors."""
    rows = ((f"`{error}`", error.must) for error in sorted(Error))
    return _table(("error", "what must hold"), rows)


def command(name: str) -> str:
    """A command: its usage, options and examples, as its help has them."""
    found: click.Command | None = cards
    for word in name.split():
        assert isinstance(found, click.Group)  # noqa: S101 - for the type
        found = found.get_command(click.Context(found), word)
    assert found  # noqa: S101 - for the type
    context = click.Context(found, info_name=f"cards {name}", show_default=True)
    usage = " ".join([f"cards {name}", *found.collect_usage_pieces(context)])
    options = [
        record
        for option in found.params
        if isinstance(option, click.Option) and option.name not in ("src", "decks")
        if (record := option.get_help_record(context))
    ]
    rows = [(f"`{name}`", re.sub(r"  \[(.*)\]$", _in_brackets, said)) for name, said in options]
    shown = [f"```\n{usage}\n```\n"]
    if rows:
        shown.append(_table(("option", "meaning"), rows))
    examples = (found.epilog or "").partition("Examples:\n")[2].splitlines()
    if examples:
        lines = [re.sub(r"(  +)", r"\1# ", line.strip(), count=1) for line in examples]
        shown.append("```sh\n" + "\n".join(lines) + "\n```\n")
    return "\n".join(shown)


def _in_brackets(found: re.Match[str]) -> str:
    """What click's help says after an option, as `default: text`, in Markdown."""
    kept = [part for part in found[1].split("; ") if "<=" not in part and ">=" not in part]
    parts = [re.sub(r"^(default|env var): (?!made)(.+)$", r"\1: `\2`", part) for part in kept]
    return f" ({'; '.join(parts)})" if parts else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    cells = ((cell.replace("|", "\\|") for cell in line) for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def renewed(text: str) -> str:
    """The text of a page with its generated parts made anew."""
    parts = (keys, common, types, endings, labels, languages, rules, errors, command)
    made = {each.__name__: each for each in parts}
    return PART.sub(lambda part: f"{part[1]}{made[part[2]](part[3])}{part[4]}", text)


def main() -> None:
    """Renews the pages."""
    for page in sorted(DOCS.glob("*.md")):
        page.write_text(renewed(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
