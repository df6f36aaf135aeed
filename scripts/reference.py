"""The tables of the builder → the generated parts of docs/*.md.

A part stands between `<!-- generated: WHAT NAME -->` and `<!-- end -->`, and `WHAT` is a function
of this file. `python -m scripts.reference` renews all of them.
"""

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from builder.anki.note_types import CLOZE_FIELDS, FIELDS
from builder.cli.main import main as cards
from builder.notes.language import ENGLISH, labels_in
from builder.notes.markdown import plain_text
from builder.notes.templates import _FILTERS
from builder.problems import Error
from builder.project import load
from builder.rules.run import RULES
from builder.sources.card import _WORDS
from builder.sources.tables import ENDINGS, FILE_KEYS, KEYS, TYPES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
LABELS = ROOT / "builder" / "notes" / "labels"
PART = re.compile(r"(<!-- generated: ([a-z]+) ?([^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)

# The form of a key's value → how it is written.
FORMS = {
    "align": "`start` or `center`",
    "card-templates": "mapping",
    "citations": "mapping, slug, or list of them",
    "common-keys": "key, or list of keys",
    "content": "template",
    "contents": "mapping",
    "context": "text with `{item}`",
    "css": "text",
    "date": "date",
    "deck-name": "name of a deck",
    "delimiter": "`comma`, `semicolon` or `tab`",
    "facts": "list of facts",
    "fields": "mapping",
    "flag": "`true` or `false`",
    "frame": "list of four numbers",
    "hide": "`all` or `one`",
    "id": "id",
    "kind": "name of a kind",
    "labels": "mapping",
    "language": "language code",
    "level": "tag",
    "note-type": "mapping",
    "packages": "mapping",
    "picture": "file name, or list of them",
    "points": "list of pairs of numbers",
    "prompts": "mapping",
    "query": "search",
    "reasons": "mapping",
    "remark": "text, or mapping",
    "rest": "`hidden` or `shown`",
    "reverse": "mapping",
    "searches": "mapping",
    "separator": "text",
    "slug": "slug",
    "table-name": "file name",
    "tag-root": "tag",
    "tags": "tag, or list of tags",
    "text": "text",
    "texts": "text, or list of texts",
    "topic": "tag",
    "type": "type",
    "url": "web address",
}

# Filter → what it does, and an example for the fact below.
FILTERS = {
    "capitalize": ("a capital letter at the start, small letters after it", "city | capitalize"),
    "cloze": (
        "in a `cloze` prompt: hides a field, or each item of a list; may be given a hint",
        'city | cloze("a city")',
    ),
    "default": ("another value where a field is missing", 'nickname | default("none")'),
    "escape": ("nothing: everything is escaped anyway", "city | escape"),
    "first": ("the first item of a list", "rivers | first"),
    "join": ("the items of a list as one text", 'rivers | join(" or ")'),
    "last": ("the last item of a list", "rivers | last"),
    "length": ("how many items or characters there are", "rivers | length"),
    "lower": ("small letters", "city | lower"),
    "numbered": ("a list with numbers in place of bullets", "rivers | numbered"),
    "reverse": ("the last item or character first", "rivers | reverse"),
    "sort": ("a list in alphabetical order", "rivers | sort"),
    "title": ("a capital letter at the start of each word", "city | title"),
    "trim": ("no white space, or none of the characters named, at either end", 'city | trim("e")'),
    "unique": ("a list in which nothing stands twice", "[city, city] | unique"),
    "upper": ("capital letters", "city | upper"),
    "when": ("how to ask for a date, as precisely as it is known", "founded | when"),
}
EXAMPLE = {"city": "the Hague", "founded": "1230-05", "rivers": "[Rhine, Maas, Waal]"}

# Field of a note → what it holds.
FIELD_MEANINGS = {
    "Front": "the question, of a prompt that is not a cloze",
    "Back": "its answer",
    "Reverse Front": "the question of the second card; empty if there is none",
    "Reverse Back": "its answer",
    "Text": "the text with cloze deletions, of a cloze prompt",
    "Note": "`note`, `caution` and `picture`",
    "Topic": "the names of the topic",
    "Source": "`source`, `as_of`, `source_note` and credits",
    "Key": "`id/prompt`",
}


# Word in double square brackets → what it stands for.
WORDS = {
    "align": "`align` of `decks.yaml`: `start` or `center`",
    "answer": "the fields of the answer",
    "cloze": "what is for cloze cards only; with `[% else %]`, what is for the others",
    "deck": "the name of the deck",
    "direction": "`ltr` or `rtl`, as the deck's language is written",
    "home": "`home` of `decks.yaml`",
    "labels": "a [label](#languages), as in `[[ labels.caution ]]`",
    "language": "the code of the deck's language",
    "question": "the fields of the question",
    "report": "`report` of `decks.yaml`, with the card's key in it",
}


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


def filters(_: str) -> str:
    """The filters that templates may use, each with what it makes of the example."""
    shown = _shown()
    rows = [
        (f"`{name}`", FILTERS[name][0], f"`{{{{ {FILTERS[name][1]} }}}}`", shown[name])
        for name in sorted(_FILTERS)
    ]
    return _table(("filter", "gives", "example", "shows"), rows)


def fields(_: str) -> str:
    """The fields that `card/` may show."""
    rows = [
        (
            f"`{{{{{name}}}}}`",
            "all cards"
            if name in FIELDS and name in CLOZE_FIELDS
            else "cloze cards"
            if name in CLOZE_FIELDS
            else "other cards",
            FIELD_MEANINGS[name],
        )
        for name in dict.fromkeys((*FIELDS, *CLOZE_FIELDS))
    ]
    return _table(("field", "on", "holds"), rows)


def words(_: str) -> str:
    """The words in double square brackets that `card/` may have."""
    rows = [(f"`[[ {name} ]]`", WORDS[name]) for name in _WORDS if name != "cloze"]
    return _table(("word", "stands for"), [*rows, ("`[% if cloze %]…[% endif %]`", WORDS["cloze"])])


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
    return _table(("rule", "what it says"), [(f"`{name}`", must) for name, must in _sorted(RULES)])


def errors(_: str) -> str:
    """The errors."""
    named = {str(error): error.must for error in Error}
    return _table(
        ("error", "what must hold"), [(f"`{name}`", must) for name, must in _sorted(named)]
    )


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


def _sorted(named: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(named.items())


def _shown() -> dict[str, str]:
    """Filter → what a card shows where it is used as in its example."""
    prompts = {}
    for name, (_, used) in FILTERS.items():
        if name == "cloze":
            prompts[name] = f"{{cloze: 'In {{{{ {used} }}}}'}}"
        else:
            prompts[name] = f"{{front: '{{{{ city }}}}?', back: '{{{{ {used} }}}}'}}"
    kind = "about: Cities.\nfields:\n  city: {type: text}\n  nickname: {type: text}\n"
    kind += "  founded: {type: date}\n  rivers: {type: list}\nprompts:\n"
    kind += "".join(f"  {name}: {prompt}\n" for name, prompt in prompts.items())
    fact = "".join(f", {name}: {value}" for name, value in EXAMPLE.items())
    files = {
        "decks.yaml": "{namespace: n, deck: D, tag_root: T, packages: {d: {title: D, about: A.}}}",
        "kinds/city.yaml": kind,
        "facts/a.yaml": f"facts:\n  - {{id: a, kind: city{fact}}}\n",
        "card/front.html": "[[ question ]]",
        "card/back.html": "[[ answer ]]",
        "card/style.css": "",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        project, problems = load(Path(folder))
    if project is None or problems:
        raise SystemExit("\n".join(map(str, problems)))
    shown = {}
    for note in project.notes:
        html = note.fields[0] if note.prompt == "cloze" else note.fields[1]
        shown[note.prompt] = _plain(html)
    return shown


def _plain(html: str) -> str:
    numbered = "<ol>" in html
    items = re.findall(r"<li>(.*?)</li>", html)
    if items:
        signs = (f"{number}. " if numbered else "• " for number in range(1, len(items) + 1))
        return " ".join(sign + plain_text(item) for sign, item in zip(signs, items, strict=True))
    return f"`{html}`" if "{{" in html else plain_text(html)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def renewed(text: str) -> str:
    """The text of a page with its generated parts made anew."""
    parts = (keys, common, types, endings, filters, fields, words, labels, languages, rules, errors)
    made = {each.__name__: each for each in (*parts, command)}
    return PART.sub(lambda part: f"{part[1]}{made[part[2]](part[3])}{part[4]}", text)


def main() -> None:
    """Renews the pages."""
    for page in sorted(DOCS.glob("*.md")):
        page.write_text(renewed(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
