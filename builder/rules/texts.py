"""Facts → the texts that they say; rules about a fact, and about such a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from typing import NamedTuple

from builder.model import Fact, Kind, Text, Value
from builder.notes.cloze import revealed
from builder.notes.cloze_text import deletions_of
from builder.notes.formulas import COMMANDS, FORMULA, formulas, not_mathematics
from builder.notes.language import ENGLISH
from builder.notes.markdown import block, markdown
from builder.problems import Place, nearest
from builder.rules import Found
from builder.rules.words import instead_of, number_of_words, pattern, spaced_in
from builder.sources.tables import ENDINGS
from builder.sources.text import place_in

_LONG_NOTE = 70  # words
_LONG_LIST = 7  # items; what one can hold in mind at once
_OF_MEDIA = frozenset(ending for endings in ENDINGS.values() for ending in endings)

_TIME_WORD = r"\b<today>\b"
# A tag, a reference or Anki's way to name a sound, which a card shows as it is written.
_HTML = (
    r"</?([A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*)?/?>|<!--|&(?:[A-Za-z]\w*|#\d+|#[Xx][\dA-Fa-f]+);"
    r"|\[sound:[^\[\]]*\]"
)
# In Markdown, what is not Markdown: code and formulas.
_CODE = re.compile(
    rf"(?<![`\\])(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)|{FORMULA.pattern}", re.DOTALL
)
# Without one of these, no text is changed by Markdown or taken for a formula.
_MARKUP = re.compile(r"[\\`*_\[$]")
# What Markdown might take inside a word: a backtick; marks in a path; all of `__init__`; stars, but
# not in a script that has no spaces between words.
_TICK = r"(?<=[^\W_])`(?=[^\W_])"
_PATH = r"(?<!\\)\\[A-Za-z0-9]|^\\\\\w"
_DUNDER = r"__\w+__"
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_STAR = rf"(?<=[^\W_{_NO_SPACES}]|[)\]])\*+(?=[^\W_{_NO_SPACES}])"
# Emphasis of the beginning of a word, `*ISBN*s`; a mark that can begin or end emphasis or code.
_MEANT = re.compile(r"(?<![\w*\\])(\*{1,3})[^\W\d_](?:[^*\n]*[^\W\d_])?\1(?=[^\W\d_])")
_ONE_SIDED = r"(?<![\w*_`\\])(?:\*{1,3}|_{1,3}|`+)(?=\w)|(?<=\w)(?:\*{1,3}|_{1,3}|`+)(?![\w*_`])"
_PICTURE = r"(?<!\\)!\[[^\[\]]*\]\([^()]*\)?"
_NO_LINK = r"(?i)(?<!\\)\[[^\[\]]+\]\((?!\s*<?https?://)\S*"
_DOLLARS = (
    r"(?<![\\$\w])\${1,2}"
    r"([A-Za-z]|(?=[^$\n]*[\\^_={}+<>*/])[^$\s](?:[^$\n]*[^$\s])?)"
    r"\${1,2}(?![\d$])"
)
# In blocks of Markdown, what a card does not show: where links lead, pictures, numbers of lists.
_NOT_SHOWN = r"(?m)!\[[^\[\]]*\]\([^()]*\)|\]\([^()]*\)|^\s*\d+[.)]"
# Zero-width and direction characters, the soft hyphen.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe00]"
)
# What has no space before it that may break, if a space or nothing follows it; and in any case.
_MARKS, _WIDE = ",;:?!.،؛؟۔", "。、！？，；："
# What has `::` in programs and in addresses: names that are no words, calls, hexadecimal numbers.
_NAME = (
    r"(?:^|\W)(?:std|boost|crate|self|super|core|alloc|this|parent|static|tcl|base)::\w"
    r"|:::|::[^:]*[<(]\S*|[\w$]*_\w*::\w|::\w*_|[a-z][A-Z]\w*::\w|::\w*[a-z][A-Z]"
    r"|^\W*(?:[0-9A-Fa-f]{1,4}:)*[0-9A-Fa-f]{1,4}::(?:[0-9A-Fa-f]{1,4}:)*[0-9A-Fa-f]{1,4}\W*$"
    r"|^\W*[A-Za-z]::[A-Za-z]\W*$"
)


class Said(NamedTuple):
    """A text that a fact says, under which key, of which type, in which language, and where.

    Besides the types of fields there are "remark", of a note or caution, and "locator".
    """

    fact: Fact
    key: str
    type: str
    text: str
    language: str
    place: Place

    def at(self, index: int) -> Place:
        """The place of a character of the text."""
        text = Text(self.text)
        text.place = self.place
        return place_in(text, index)


def texts_of(fact: Fact, kind: Kind, language: str) -> Iterator[Said]:
    """The texts of a fact: fields, list items, locators; and remarks, in that language."""
    for key, value in fact.values.items():
        field = kind.fields[key]
        if field.type in ENDINGS:
            continue
        if isinstance(value, tuple):
            for item in value:
                for text in filter(None, (item.text, item.hint, item.context)):
                    yield Said(fact, key, "list", text, field.language, item.place)
        else:
            yield Said(fact, key, field.type, value, field.language, fact.places[key])
    for key, remarks in fact.remarks.items():
        for place, text in {text.place: text for text in remarks.values()}.items():
            yield Said(fact, key, "remark", text, language, place)
    for citation in fact.citations:
        yield Said(fact, "at", "locator", citation.at, ENGLISH, citation.place)


def time_word(said: Said) -> Found:
    """A text that speaks of today says which day that is, in as_of."""
    if said.fact.as_of:
        return
    text = re.sub(r"https?://[^\s)>]+", " ", said.text) if "http" in said.text else said.text
    if found := pattern(_TIME_WORD, said.language).search(text):
        yield said.place, f"“{found[0]}” will go out of date; add as_of, or leave it out"


def long_note(said: Said) -> Found:
    """A note or a caution has at most 70 words; learners skip more."""
    if (count := number_of_words(said.text)) > _LONG_NOTE:
        yield said.place, f"the {said.key} has {count} words; keep it to {_LONG_NOTE}"


def html_in_text(said: Said) -> Found:
    """A text has no HTML and no [sound:…], which a card would show as it is written."""
    if not ("<" in said.text or "&" in said.text or "[" in said.text):
        return
    for found in re.finditer(_HTML, _blanked(_CODE, said.text)):
        remedy = "for *emphasis*, use Markdown"
        if found[0].startswith("&"):
            if (character := unescape(found[0])) == found[0]:
                continue
            remedy = f"write the character itself{f': {character}' * character.isprintable()}"
            if unmeant_markdown in rules_of(said) and character in r"\`*_[]{}:":
                remedy = f"write \\{character}"
        elif found[0].startswith("["):
            remedy = "use a field of type audio or video, or ![](file) in one of type markdown"
        elif found[1] in ("sup", "sub"):
            remedy = r"for superscript and subscript, write a formula: m\(^2\), CO\(_2\)"
        yield said.at(found.start()), f"“{found[0]}” is shown as it is written; {remedy}"
        return


def unmeant_markdown(said: Said) -> Found:
    """A text has no path, product or name that Markdown would change, and no formula in dollars."""
    if not _MARKUP.search(said.text):
        return
    # A deletion of code is none without it.
    text = _blanked(_MEANT, _blanked(_CODE, said.text, "%"), "%")
    or_plain = ", or use a field of type plain" if said.type == "text" else ""
    if (found := re.search(_PICTURE, text)) and said.type != "markdown":
        remedy = "use “picture”, or a field of type picture or markdown"
        yield said.at(found.start()), f"“{found[0]}” does not show a picture; {remedy}"
    elif (found := re.search(_NO_LINK, text)) and not re.search(_PICTURE, text):
        remedy = rf"for a bracket, write \[{or_plain}"
        message = f"“{found[0]}” is not a link to https://…, so it is shown as it is written"
        yield said.at(found.start()), f"{message}; {remedy}"
    elif found := re.search(_DOLLARS, text):
        remedy = f"for a formula, write \\({found[1]}\\)"
        yield said.at(found.start()), f"“{found[0]}” is shown with its dollars; {remedy}"
    elif found := _crossing(said):
        remedy = "put all of the emphasis or code inside the cloze deletion, or outside"
        yield said.at(found.start()), f"“{found[0]}” is shown as it is written; {remedy}"
    else:
        yield from _changed_words(
            said, said.text, lambda word: re.sub(_TICK, r"\`", word), or_plain
        )
        yield from _changed_words(said, text, _escaped, or_plain)


def _crossing(said: Said) -> re.Match[str] | None:
    """A mark that would begin or end emphasis or code if there were no cloze deletions."""
    deletions = deletions_of(said.text) if said.type == "cloze" else []
    if not isinstance(deletions, list) or not deletions:
        return None
    opened = said.text
    for one in reversed(deletions):
        opened = f"{opened[: one.start]}{one.answer}{opened[one.end :]}"
    shown = _text_of(revealed(markdown(said.text, cloze=True)))
    meant = _text_of(markdown(opened))
    marks = re.finditer(_ONE_SIDED, said.text)
    return next((one for one in marks if shown.count(one[0][0]) > meant.count(one[0][0])), None)


def _blanked(pattern: re.Pattern[str], text: str, blank: str = " ") -> str:
    """The text with as many blanks in place of what a pattern finds."""
    return pattern.sub(lambda found: blank * len(found[0]), text)


def lost_cell(said: Said) -> Found:
    """No row of a table has more cells than the first, since cards do not show them."""
    text = _CODE.sub(" ", said.text)
    shown = _shown(said, text)
    for word in re.findall(r"[^\W_]+", re.sub(_NOT_SHOWN, " ", text)):
        if word not in shown:
            place = said.at(said.text.rfind(word))
            yield place, f"“{word}” is not shown; the first row of the table has fewer cells"
            return


def _changed_words(said: Said, text: str, escape: Callable[[str], str], or_plain: str) -> Found:
    """The first word of a text that Markdown shows otherwise than when it is escaped."""
    for word in dict.fromkeys(re.findall(r"\S+", text)):
        escaped = escape(word)
        if escaped != word and _shown(said, text.replace(word, escaped)) != _shown(said, text):
            message = f"Markdown changes “{word}”; write {escaped}{or_plain}"
            yield said.at(text.find(word)), message
            return


def _escaped(word: str) -> str:
    """A word in which Markdown finds nothing, if it has something that Markdown might take."""
    suspect = r"\S+" if re.search(_PATH, word) else f"{_DUNDER}|{_STAR}"
    return re.sub(suspect, lambda found: re.sub(r"[\\*_]", r"\\\g<0>", found[0]), word)


def _shown(said: Said, text: str) -> str:
    """What a card shows of a text of Markdown."""
    if said.type == "markdown":
        return _text_of(block(text, lambda *_: ""))
    return _text_of(markdown(text, cloze=said.type == "cloze"))


def _text_of(html: str) -> str:
    return unescape(re.sub("<[^<>]*>", "", html))


def invisible_character(said: Said) -> Found:
    """A text has no invisible characters, since no search would find its words."""
    if found := _INVISIBLE.search(said.text):
        yield said.at(found.start()), f"invisible character U+{ord(found[0]):04X}"


def spacing(said: Said) -> Found:
    """A text has one space between words and none before punctuation, unless its language has."""
    if found := _spacing(said.language).search(said.text):
        around = said.text[max(0, found.start() - 10) : found.end() + 10]
        yield said.at(found.start()), f"extra space: “{around.strip()}”"


@cache
def _spacing(language: str) -> re.Pattern[str]:
    marks = re.escape("".join(mark for mark in _MARKS if mark not in spaced_in(language)))
    return re.compile(rf"  |[^\S\xa0\u202f](?:[{marks}](?:\s|$)|[{_WIDE}]|\))|\(\s")


def hint_meant(said: Said) -> Found:
    """A “::” in a cloze deletion begins a hint, and is no part of a name or an address."""
    found = deletions_of(said.text)
    for one in found if isinstance(found, list) else []:
        before, after = one.answer.split()[-1:], one.hint.split(maxsplit=1)[:1]
        if before and after and re.search(_NAME, f"{before[0]}::{after[0]}"):
            at = one.end - len(one.hint) - len("::}}")
            message = rf"“::” makes “{one.hint}” a hint; to show it, write \:\: instead"
            yield said.at(at), message


def formula_command(said: Said) -> Found:
    """A formula has only commands that are mathematics; with others it is shown as written."""
    if message := wrong_formula(said.text):
        yield said.place, message


def wrong_formula(text: str) -> str:
    """What keeps the first formula of a text from being typeset, or nothing."""
    command = next(filter(None, map(not_mathematics, formulas(text))), "") if "\\" in text else ""
    if not command:
        return ""
    instead = instead_of(command)
    hint = f"; {instead}" if instead else nearest(command, (f"\\{name}" for name in COMMANDS))
    return f"“{command}” is not supported in formulas{hint}"


def no_locator(fact: Fact) -> Found:
    """A citation has a locator that leads to the place in the source."""
    for citation in fact.citations:
        if not citation.at:
            message = "no locator; write {doc: …, at: …}, so that the place can be found"
            yield citation.place, message


def long_list(fact: Fact) -> Found:
    """A list has at most seven items; a longer one is split into parts that make sense."""
    for key, value in fact.values.items():
        if _is_list(value) and len(value) > _LONG_LIST:
            yield fact.places[key], f"the list has {len(value)} items; keep it to {_LONG_LIST}"


def short_list(fact: Fact) -> Found:
    """A list has more than one item."""
    for key, value in fact.values.items():
        if _is_list(value) and len(value) == 1:
            yield fact.places[key], "a list of one item; ask for it as a question"


def _is_list(value: Value) -> bool:
    """Whether a value is a list to keep in mind, as media files and parts of a picture are not."""
    return isinstance(value, tuple) and not all(
        item.shapes or item.text.rpartition(".")[2] in _OF_MEDIA for item in value
    )


_EVERY = (time_word, invisible_character)
_PROSE = (*_EVERY, html_in_text, spacing)
_INLINE = (*_PROSE, unmeant_markdown, formula_command)
_BY_TYPE = {
    **dict.fromkeys(("plain", "code", "url", "html"), _EVERY),
    **dict.fromkeys(("text", "list"), _INLINE),
    "remark": (*_INLINE, long_note),
    "cloze": (*_INLINE, hint_meant),
    "markdown": (*_EVERY, html_in_text, unmeant_markdown, lost_cell, formula_command),
    "locator": (formula_command,),
}
FACT_RULES = (no_locator, long_list, short_list)
TEXT_RULES = tuple(dict.fromkeys(rule for rules in _BY_TYPE.values() for rule in rules))


def rules_of(said: Said) -> tuple[Callable[[Said], Found], ...]:
    """The rules about a text of its type."""
    return _BY_TYPE.get(said.type, _PROSE)
