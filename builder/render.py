"""Facts and their kinds' templates → the HTML of notes.

The only place that knows Jinja2 and Markdown. A kind's template is HTML written by the deck's
author; what a fact says is inline Markdown with HTML switched off, so it can put neither markup nor
script on a card.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import unescape
from sys import intern

import jinja2
import jinja2.meta
from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from builder.formulas import FORMULA, SHIELDED, shield_backslashes
from builder.load import CONTROL, nearest, problem
from builder.model import (
    SEPARATOR,
    Fact,
    Gap,
    Item,
    Medium,
    Node,
    Note,
    Origin,
    Problem,
    Prompt,
    Source,
    Tag,
    Template,
    Value,
    digest,
)
from builder.tags import complete, with_parents

# The types a field may have; `builder.facts` checks their form, `_value` shows them.
FIELD_TYPES = ("text", "date", "number", "list", "url", "picture", "cloze")

# What a template may use beside its kind's fields.
TEMPLATE_NAMES = ("as_of",)

# The two note types are frozen: a learner's notes of a type that gains, loses or renames a field
# can never be updated again (Anki calls it a conflict).
FIELDS = (
    "Front",
    "Back",
    "Reverse Front",
    "Reverse Back",
    "Note",
    "Topic",
    "Source",
    "Key",
)
CLOZE_FIELDS = ("Text", "Note", "Topic", "Source", "Key")

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# A text without these comes out of Markdown as it goes in, but for < > & and quotes.
_MARKDOWN = re.compile(r"[\\`*_\[\]<\n]|&(?=[#\w])")
# A text without these is HTML as it is.
_SPECIAL = re.compile(r"[\\`*_\[\]<>&\"{\n]")
_TAG = re.compile(r"<[^>]+>")
# Stands for a backslash in a formula while a text is rendered; no text has it.
_FORMULA = "\0"
# Markup and what marks may stand behind it; of all marks only U+0338 makes another character of it.
_MARKED = re.compile("[<=>][^\x00-\x7f]+")
_COMBINES = "\u0338"
# Cannot be seen, and keeps what stands on its two sides from becoming one character.
_JOINER = "\u034f"
# Only a template puts so many marks in a row; it takes ever longer to bring more into order.
_MANY_MARKS = re.compile(f"[^\\w\x00-\x7f]{{100}}(?!{_JOINER})")
_NO_FORMULA = re.compile(r"\\(?=&#91;|[(])")
_BREAK = re.compile(r"<(?:br|div|li)\b[^>]*>")
_COLON = re.compile(r":(?=:)|^:|:$")
# A gap in a rendered text: its number, what it hides, its hint.
GAP = re.compile(
    r"\{\{c([0-9]+)::((?:[^{}:]++|(?!\{\{|\}\}|::)[{}:])*)(?:::((?:[^{}]++|(?!\{\{|\}\})[{}])*))?\}\}"
)
_CLOZE_NUMBER = re.compile(r"\{\{c([0-9]+)::")
# Anki makes no card of a gap with a higher number. A card's id is its note's and this number, so
# it must also stay below the distance of two notes' ids.
MAX_CARDS = 500
_NO_CARD = re.compile(r"\{\{c(?!0*(?:[1-9][0-9]?|[1-4][0-9][0-9]|500)::)[0-9]+::")


class _Gaps:
    """Numbers the gaps of one note from 1, in the order of the `cloze` filter's calls."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        self.gaps: list[Gap] = []
        self.calls = 0

    def hide(self, value: object, field: str, item: Item | None = None) -> Markup:
        """A value as a gap; the same value again is the same gap."""
        former_field = self.fact.kind.fields[field].formerly
        former: tuple[str, ...] = (former_field,) if former_field else ()
        gap = Gap(field, field, former, new=False, line=0, column=0)
        if item:
            former = tuple(
                f"{name}: {text}"
                for name in (field, former_field)
                for text in (item.formerly, item.text)
                if name and text and (name, text) != (field, item.text)
            )
            gap = Gap(field, f"{field}: {item.text}", former, *item[2:])
        if gap not in self.gaps:
            self.gaps.append(gap)
        self.calls += 1
        # In a gap, `::` starts a hint and `}}` ends it.
        text = _COLON.sub("&#58;", str(value)).replace("}", "&#125;")
        number = self.gaps.index(gap) + 1
        return Markup(f"{{{{c{number}::{text}}}}}")  # noqa: S704 - made of escaped text


def _field_of(context: Context, value: object) -> str | None:
    """The field of the fact that a template shows as it is."""
    gaps: _Gaps = context["_gaps"]
    return next((name for name in gaps.fact.values if context[name] is value), None)


@jinja2.pass_context
def _cloze_filter(context: Context, value: object) -> Markup:
    """A field's value as a gap; a list as a bullet list with one gap per item."""
    gaps: _Gaps = context["_gaps"]
    field = _field_of(context, value)
    if field is None:
        raise jinja2.TemplateRuntimeError("the filter “cloze” takes a field as it is")
    items = gaps.fact.values[field]
    if isinstance(items, tuple) and isinstance(value, list):
        hidden = "".join(
            f"<li>{gaps.hide(text, field, item)}</li>"
            for text, item in zip(value, items, strict=True)
        )
        return Markup(f"<ul>{hidden}</ul>")  # noqa: S704 - made of escaped text
    return gaps.hide(value, field)


@jinja2.pass_context
def _when_filter(context: Context, value: object) -> str:
    """How to ask for a date: for as much as it says."""
    fact: Fact = context["_gaps"].fact
    field = _field_of(context, value)
    if field is None or fact.kind.fields[field].type != "date":
        raise jinja2.TemplateRuntimeError("the filter “when” takes a date field as it is")
    return ask_when(str(fact.values[field]))


_ENVIRONMENT = SandboxedEnvironment(
    autoescape=True, undefined=jinja2.StrictUndefined, auto_reload=False
)
_ENVIRONMENT.globals.clear()  # no range, lipsum and the like: a card needs none of them
_ENVIRONMENT.filters["cloze"] = _cloze_filter
_ENVIRONMENT.filters["when"] = _when_filter


# What a template may be made of: enough to show a fact. It cannot call, compute, reach into a value
# or repeat a repetition, so that a stranger's template can neither reach out nor go on for ever.
_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.List),
    *(nodes.Tuple, nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare),
    *(nodes.Operand, nodes.Concat, nodes.Test, nodes.Filter, nodes.Getitem, nodes.For),
)
_FILTERS = (
    *("capitalize", "cloze", "default", "escape", "first", "join", "last", "length", "lower"),
    *("reverse", "sort", "title", "trim", "unique", "upper", "when"),
)
_MAX_NODES = 300
# Of a side of a card, in characters; far more than anybody can look at.
_MAX_SIDE = 100_000


def parse_template(environment: jinja2.Environment, source: str) -> nodes.Template:
    """The tree of a template that shows values and does nothing else.

    Raises TemplateSyntaxError for what cannot be read or is not allowed.
    """
    try:
        tree = environment.parse(source)
        listed = list(tree.find_all(nodes.Node))
    except RecursionError:
        raise jinja2.TemplateSyntaxError("it is too deeply nested", 1) from None
    if len(listed) > _MAX_NODES:
        raise jinja2.TemplateSyntaxError("it is too long", 1)
    for node in listed:
        if message := _not_allowed(node):
            raise jinja2.TemplateSyntaxError(message, node.lineno)
    return tree


def _not_allowed(node: nodes.Node) -> str:
    """Why a template may not have this node, or nothing."""
    name = getattr(node, "name", "")
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        if node.node.name == "loop":
            return ""
    elif isinstance(node, nodes.Filter) and name not in _FILTERS:
        return f"there is no filter “{name}”{nearest(name, _FILTERS)}"
    elif isinstance(node, nodes.Filter) and (node.kwargs or node.dyn_args or node.dyn_kwargs):
        return f"the filter “{name}” takes no named values"
    elif isinstance(node, nodes.For) and (list(node.find_all(nodes.For)) or node.recursive):
        return "a loop may not stand in a loop"
    if isinstance(node, _NODES):
        return ""
    what = {"Getattr": "an attribute of a value", "Call": "a call"}.get(type(node).__name__)
    if isinstance(node, (nodes.BinExpr, nodes.UnaryExpr)):
        what = "arithmetic"
    return f"{what or type(node).__name__} has no place in a template: it shows values only"


def compile_template(
    source: str, path: str, place: Node, names: Iterable[str]
) -> tuple[Template | None, list[Problem]]:
    """A template ready to be filled in, or what is wrong with it, unknown names included.

    `place` is where it stands in the file `path`, `names` what it may use.
    """
    try:
        used, _ = _compile(source)
    except jinja2.TemplateSyntaxError as error:
        message = f"the template cannot be read: {error.message}"
        return None, [problem(path, place, message, "template")]
    problems = []
    for name in sorted(used.difference(names)):
        message = f"the template names an unknown field “{name}”{nearest(name, names)}"
        problems.append(problem(path, place, message, "unknown-field"))
    return Template(used, source, path, place.line, place.column), problems


@cache
def _compile(source: str) -> tuple[frozenset[str], Callable[[Context], Iterator[str]]]:
    """The names that a template uses, and the function that fills it in, piece by piece."""
    tree = parse_template(_ENVIRONMENT, source)
    used = jinja2.meta.find_undeclared_variables(tree)
    return frozenset(used), _ENVIRONMENT.from_string(tree).root_render_func


def render_notes(
    facts: Iterable[Fact], tag_root: str, known: Mapping[str, Tag]
) -> tuple[list[Note], list[Problem]]:
    """Every note of every fact, in the order of the facts, and the templates that failed.

    `known` are the tags of `tags.yaml`, which have names, and some of which come by themselves.
    """
    by_search = {name: tag for name, tag in known.items() if tag.search}
    tags_of = cache(lambda named: complete(_full_tags(named, tag_root), tag_root, by_search))
    topic_of = cache(lambda topic: finished(_topic_html(topic, known)))
    # Template.render would make one anew for each side, which takes longer than filling it in.
    context = Context(_ENVIRONMENT, {}, None, {})
    notes: list[Note] = []
    problems: list[Problem] = []
    for fact in facts:
        context.parent = values = {
            name: _value(value, fact.kind.fields[name].type) for name, value in fact.values.items()
        }
        if fact.as_of:
            values["as_of"] = show_date(fact.as_of)
        origin = _origin(fact)
        topic, source, named = topic_of(fact.topic), _source_html(fact), _named_tags(fact)
        for prompt in fact.kind.prompts:
            if prompt.uses <= values.keys():
                sides, gaps = _render(prompt, context, fact, problems)
                if sides:
                    shared = (
                        finished(_context_html(fact, prompt.name)),
                        topic,
                        finished(source + _source_note_html(fact, prompt.name)),
                    )
                    tags = tags_of(named | {"caution"} if prompt.name in fact.caution else named)
                    notes.append(_note(fact, origin, prompt, sides, gaps, shared, tags))
    return notes, problems


def _origin(fact: Fact) -> Origin:
    return Origin(
        *(fact.id, fact.formerly, fact.kind.name, fact.topic, fact.tags, fact.level, fact.as_of),
        tuple((source.slug, at) for source, at, *_ in fact.citations if source.sections),
        *(fact.path, fact.line, fact.column),
    )


def _render(
    prompt: Prompt, context: Context, fact: Fact, problems: list[Problem]
) -> tuple[list[str], tuple[Gap, ...]]:
    """The filled-in sides of a prompt, the reverse ones too, and its gaps; none if one failed."""
    templates = prompt.sides
    if prompt.reverse and prompt.reverse_uses <= context.parent.keys():
        templates += prompt.reverse
    sides = []
    gaps = context.parent["_gaps"] = _Gaps(fact)
    message = ""
    for template in templates:
        try:
            html = finished("".join(_compile(template.source)[1](context)).strip())
        # What a template's author can get wrong: a template is a program.
        except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            message = f"the template fails on fact “{fact.id}”: {error}"
            problems.append(
                Problem(template.path, template.line, template.column, "error", message, "template")
            )
            return [], ()
        if not html:
            message = "comes out empty"
        elif SEPARATOR in html:
            message = "comes out with the character U+001F"
        elif len(html) > _MAX_SIDE:
            message = f"comes out longer than {_MAX_SIDE:,} characters"
        sides.append(html)
    if prompt.cloze:
        found = len(_CLOZE_NUMBER.findall(sides[0]))
        if not found:
            message = "has no gap"
        elif _NO_CARD.search(sides[0]):
            message = f"has a gap that is not numbered from 1 to {MAX_CARDS}"
        elif gaps.calls not in (0, found):
            message = "has gaps numbered by hand and by the filter “cloze”"
        elif not gaps.calls and len(GAP.findall(sides[0])) != found:
            message = "has a gap that is not well formed"
    if message:
        message = f"prompt “{prompt.name}” of fact “{fact.id}” {message}"
        problems.append(Problem(fact.path, fact.line, fact.column, "error", message, "prompt"))
        return [], ()
    return sides, tuple(gaps.gaps)


def _note(
    fact: Fact,
    origin: Origin,
    prompt: Prompt,
    sides: list[str],
    gaps: tuple[Gap, ...],
    shared: tuple[str, str, str],
    tags: tuple[str, ...],
) -> Note:
    key = f"{fact.id}/{prompt.name}"
    seen: tuple[str, ...]
    if prompt.cloze:
        cards = cloze_numbers(sides[0])
        seen = (sides[0], *shared)
    else:
        cards = (1, 2)[: len(sides) // 2]
        seen = (*sides, *[""] * (4 - len(sides)), *shared)
    pictures = [value for value in fact.values.values() if isinstance(value, Medium)]
    media = (*pictures, fact.picture) if fact.picture else tuple(pictures)
    text, look, name = SEPARATOR.join((*seen, key)), digest(seen), prompt.name
    return Note(key, origin, name, prompt.cloze, text, tags, cards, gaps, media, look)


def cloze_numbers(html: str) -> tuple[int, ...]:
    """The numbers of the gaps in a text, sorted, each once: Anki makes a card of each."""
    return tuple(sorted({int(number) for number in _CLOZE_NUMBER.findall(html)}))


def renumber(html: str, numbers: Sequence[int]) -> str:
    """The text with its gaps 1, 2, 3 … numbered `numbers` instead."""
    return _CLOZE_NUMBER.sub(lambda gap: f"{{{{c{numbers[int(gap[1]) - 1]}::", html)


def finished(html: str) -> str:
    """A field as Anki stores it: in NFC, where nothing combines with markup or with a formula.

    Anki composes what it imports: `<div>` and U+0338, which makes ≯ of `>`, would be another tag.
    """
    if "\\" in html:
        html = shield_backslashes(html, GAP.sub(r"\2", html) if "{{c" in html else "")
    if html.isascii():
        return html
    html = _MANY_MARKS.sub(_broken_up, html)
    if _COMBINES in html:
        html = _MARKED.sub(_shielded_mark, html)
    return unicodedata.normalize("NFC", html)


def _broken_up(found: re.Match[str]) -> str:
    return found[0] + _JOINER if all(map(unicodedata.combining, found[0])) else found[0]


def _shielded_mark(found: re.Match[str]) -> str:
    markup, marks = found[0][0], found[0][1:]
    composed = not unicodedata.normalize("NFC", found[0]).startswith(markup)
    return f"{markup}{_JOINER}{marks}" if composed else found[0]


def _named_tags(fact: Fact) -> frozenset[str]:
    """The tags that all notes of a fact have: those it names, its kind's and its sources'."""
    tags = {fact.topic, fact.level, *fact.tags, f"kind::{fact.kind.name}"}
    tags.update(f"source::{citation.source.slug}" for citation in fact.citations)
    return frozenset(tags)


def _full_tags(tags: Iterable[str], tag_root: str) -> tuple[str, ...]:
    """The same as Anki has them, sorted."""
    return tuple(sorted(intern(f"{tag_root}::{tag}") for tag in tags if tag))


def _value(value: Value, type_: str) -> object:
    """A field's value as templates get it: safe HTML, or a list of it."""
    if isinstance(value, tuple):
        return [markdown(item.text) for item in value]
    if isinstance(value, Medium):
        return _picture_html(value)
    if type_ == "date":
        return Markup(show_date(value))  # noqa: S704 - made of digits and month names
    if type_ == "cloze":
        return markdown(value, gaps=True)
    if type_ == "url":
        return Markup('<a href="{0}">{0}</a>').format(value)
    return markdown(value)


def _picture_html(medium: Medium) -> Markup:
    alt = _inert(escape(medium.alt))
    return Markup(f'<img src="{medium.name}" alt="{alt}">')  # noqa: S704 - a name is a slug


def show_date(text: str) -> str:
    """A date as one reads it: `2010-10-12` → `12 October 2010`, `2010/2011` → `2010–2011`."""
    year, *rest = text.split("-")
    if not rest:
        return year.replace("/", "–")
    month = _MONTHS[int(rest[0]) - 1]
    return f"{month} {year}" if len(rest) == 1 else f"{int(rest[1])} {month} {year}"


def ask_when(text: str) -> str:
    """How to ask for a date: `2010-10-12` → `On what day`, `2010/2011` → `In which years`."""
    if "/" in text:
        return "In which years"
    return ("In what year", "In which month", "On what day")[text.count("-")]


def markdown(text: str, *, gaps: bool = False) -> Markup:
    r"""Inline Markdown as HTML, without raw HTML and images; MathJax `\( … \)` passes through.

    What Anki would act upon in a field is made harmless: braces, unless the text has `gaps` of its
    own, and brackets. What a formula says is looked at when the field is `finished`.
    """
    text = text.strip()
    if not _SPECIAL.search(text):
        return Markup(text)  # noqa: S704 - it has no markup
    html = _markdown_parser().renderInline(text) if _MARKDOWN.search(text) else _escape(text)
    html = _inert(html, gaps=gaps)
    # A bracket after a backslash that is no formula's: MathJax takes no tag for a part of one.
    html = _NO_FORMULA.sub(lambda _: SHIELDED, html).replace(_FORMULA, "\\")
    return Markup(html)  # noqa: S704 - made by an escaping renderer


def _inert(html: str, *, gaps: bool = False) -> str:
    """HTML without `[sound:…]`, `[latex]` and, unless they are meant, gaps."""
    html = html.replace("[", "&#91;")
    return html if gaps else html.replace("{{", "{&#123;")


def _escape(text: str) -> str:
    """What Markdown makes of a text that has no markup."""
    return text.replace("&", "&amp;").replace(">", "&gt;").replace('"', "&quot;")


def plain_text(html: str) -> str:
    """HTML on one line of plain text, which cannot give orders to a terminal."""
    if html.isprintable() and not ("<" in html or "&" in html or "  " in html):
        return html.strip(" ·")  # as most are
    if "<" in html:
        html = _TAG.sub("", _BREAK.sub(" · ", html))
    text = unescape(html)
    if not text.isprintable():
        text = CONTROL.sub(" ", text)
    return " ".join(text.split()).strip(" ·")


@cache
def _markdown_parser():  # type: ignore[no-untyped-def]  # noqa: ANN202 - a late import's type
    from markdown_it import MarkdownIt  # slow to import; most texts have no markup
    from markdown_it.rules_inline import StateInline

    def math(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
        found = FORMULA.match(state.src, state.pos)
        if found is None or state.src[state.pos + 1] == "&":
            return False
        if not silent:
            state.push("text", "", 0).content = found[0].replace("\\", _FORMULA)
        state.pos = found.end()
        return True

    parser = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline"])
    parser.inline.ruler.before("escape", "math", math)
    return parser


def _context_html(fact: Fact, prompt: str) -> str:
    """The Note field: a picture, what helps to understand, then the caution, marked."""
    html = f"<div>{_picture_html(fact.picture)}</div>" if fact.picture else ""
    if note := fact.note.get(prompt):
        html += f"<div>{markdown(note)}</div>"
    if caution := fact.caution.get(prompt):
        html += f'<div class="caution">{markdown(caution)}</div>'
    return html


def _topic_html(topic: str, known: Mapping[str, Tag]) -> str:
    """The Topic field, a path of names: `topic::defence::admm-plus` → `Defence › ADMM-Plus`."""
    names = (known[tag].name for tag in with_parents(topic)[1:] if tag in known)
    return _inert(" › ".join(map(escape, names)))


def _source_html(fact: Fact) -> str:
    """The Source field: as of when, then each citation."""
    parts = [f"As of {show_date(fact.as_of)}"] if fact.as_of else []
    for citation in fact.citations:
        at = f", {escape(citation.at)}" if citation.at else ""
        parts.append(_document_html(citation.source) + at)
    return _inert("<br>".join(parts))


def _source_note_html(fact: Fact, prompt: str) -> str:
    """The end of the Source field: what is of interest to those who check the source."""
    note = fact.source_note.get(prompt)
    return f'<div class="source-note">{markdown(note)}</div>' if note else ""


@cache
def _document_html(source: Source) -> str:
    """How a card names a document: author, title (year)."""
    title = f"<i>{escape(source.title)}</i>"
    if source.url:
        title = f'<a href="{escape(source.url)}">{title}</a>'
    author = f"{escape(source.author)}, " if source.author else ""
    year = f" ({escape(source.year)})" if source.year else ""
    return f"{author}{title}{year}"
