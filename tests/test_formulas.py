"""What a text can say to MathJax: mathematics, and nothing that acts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.command import cards
from tests.engine import cards_of, collection, double_click
from tests.public import COMMANDS, ENVIRONMENTS, check_cards, finished
from tests.sources import HEAD, notes_of, project_of, write_sources
from tests.test_hostile import facts_that_say


class Runs(HTMLParser):
    """The texts in which MathJax looks for formulas: not over a tag, and not in code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.runs = [""]
        self.code = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.code += tag in ("code", "pre")
        self.runs += [] if tag in ("br", "wbr") else [""]

    def handle_endtag(self, tag: str) -> None:
        self.code -= tag in ("code", "pre")
        self.runs.append("")

    def handle_data(self, data: str) -> None:
        self.runs[-1] += "" if self.code else data


def typeset(html: str) -> Iterator[str]:
    """The formulas that MathJax would typeset, found as its FindTeX does."""
    for run in Runs(html).runs:
        at = 0
        while opening := re.compile(r"\\[(\[]").search(run, at):
            closing = {"\\(": "\\)", "\\[": "\\]"}[opening[0]]
            braces = 0
            for token in re.compile(r"\\[\s\S]|[{}]").finditer(run, opening.end()):
                if token[0] == closing and not braces:
                    yield run[opening.start() : token.end()]
                    at = token.end()
                    break
                braces = max(0, braces + {"{": 1, "}": -1}.get(token[0], 0))
            else:
                at = opening.end()


def commands(formula: str) -> set[str]:
    return set(re.findall(r"\\([A-Za-z]+)", re.sub(r"\\[^A-Za-z]", " ", formula)))


ACTING = [
    r"\(\href{javascript:alert(1)}{x}\)",
    r"\[\bbox[background-image:url(https://example.org);position:fixed]{x}\]",
    r"\(a \\(\href{javascript:x}{y}\)",
    r"\(\frac{1}{2} { \) \(\href{javascript:x}{y}\) } \)",
    r"\\(\style{position:fixed}{x}\) \\\(\cssId{a}{x}\)",
    r"\(a \] \href{x}{y}\) \[ \) \class{x}{y} \]",
    r"\(\text{\(\href{x}{y}\)}\) \(\unicode[font]{65}\)",
    r"\(\def\a{\a\a}\a\) \(\let\f\href\f{x}{y}\) \(\require{html}\) \(\mmlToken{mi}[class=x]{y}\)",
    r"\(\begin{html}x\end{html}\) \(\begin {bbox}x\end{bbox}\)",
]


@pytest.mark.parametrize("text", ACTING)
def test_no_text_anywhere_makes_a_formula_that_acts(tmp_path: Path, text: str) -> None:
    src = write_sources(tmp_path, facts_that_say(text))
    done = cards(tmp_path, "build", "--src", src, "--decks", tmp_path / "decks")
    assert done.exit_code == 0, done.output
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        for card in cards_of(col):
            output = card.render_output()
            for html in (output.question_text, output.answer_text):
                for formula in typeset(html):
                    assert commands(formula) <= COMMANDS | {"begin", "end"}, formula


@pytest.mark.parametrize(
    "deletion",
    [
        r"\(\hr{{c1::ef}}{javascript:x}{y}\)",
        r"\(\le{{c1::t}}\f\alpha\)",
        r"\({{c1::\hr}}ef{x}{y}\)",
        r"\({{c1::\hr::hint}}ef{x}{y}\) {{c2::z}}",
        r"\(\alpha {{c1::x::\href{y}}}\)",
        r"\\{{c1::(}} \href{x}{y} \)",
        r"\({{c1::x}}\\{{c2::(}}\href{x}{y}\)",
    ],
)
def test_no_cloze_deletion_puts_a_command_together(tmp_path: Path, deletion: str) -> None:
    facts = f"{HEAD}  - {{id: a, kind: cloze, text: '{deletion}'}}\n"
    src = write_sources(tmp_path, a=facts)
    done = cards(tmp_path, "build", "--src", src, "--decks", tmp_path / "decks")
    assert done.exit_code == 0, done.output
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        for card in cards_of(col):
            output = card.render_output()
            for html in (output.question_text, output.answer_text):
                # Old engines have no tag around a cloze deletion that is not asked.
                kept = html.replace("<span></span>", "<b></b>")
                for said in (html, re.sub(r"</?span[^>]*>", "", kept)):
                    for formula in typeset(said):
                        assert commands(formula) <= COMMANDS, formula


def test_a_formula_around_a_field_in_a_template_says_mathematics_only(tmp_path: Path) -> None:
    files = {
        "kinds/k.yaml": "about: A kind.\nfields: {a: {type: text}}\n"
        "prompts: {p: {front: 'What is \\({{ a }}\\)?', back: '{{ a }}'}}\n"
    }
    facts = "  - {id: a, kind: k, a: '\\frac{1}{2}'}\n  - {id: b, kind: k, a: '\\href{x}{2}'}\n"
    notes = notes_of(tmp_path, files, a=HEAD + facts)
    assert notes["a/p"].fields[:2] == ("What is \\(\\frac{1}{2}\\)?", "\\frac{1}{2}")
    assert list(typeset(notes["b/p"].fields[0])) == []
    assert notes["b/p"].fields[1] == "\\<span></span>href{x}{2}"


@pytest.mark.parametrize(
    "formula",
    [
        r"\(\frac{-b \pm \sqrt{b^2-4ac}}{2a}\)",
        r"\(\begin{pmatrix} a &amp; b \\ c &amp; d \end{pmatrix}\)",
        r"\(\ce{2H2 + O2 -> 2H2O}\)",
        r"\&#91;\int_0^\infty e^{-x}\,\mathrm{d}x = 1\]",
        r"\(\text{if } x \in \mathbb{R}, \operatorname{sgn} x\)",
        r"\(\left\{ x \mid x &gt; 0 \right\}\)",
        r"\(a \\&#91;2pt] b\) and \(\vec{c}\)",
        r"\(\frac{ {{c1::a}} }{b} = {{c2::\alpha}} + \beta\)",
        r"\(\begin{align*} a \end{align*}\)",
    ],
)
def test_mathematics_stays_as_it_is(formula: str) -> None:
    assert finished(formula) == formula


def test_what_is_shown_as_it_is_written_is_said_wherever_it_stands(tmp_path: Path) -> None:
    said = r"\(\href{x}{y}\)"
    files = facts_that_say(said) | {
        "kinds/more.yaml": "about: A kind.\nfields: {a: {type: text}}\n"
        f"prompts: {{p: {{front: '{{{{ a }}}} {said}?', back: x}}}}\n"
    }
    found = [one for one in check_cards(project_of(tmp_path, files)) if "formula-" in one.rule]
    places = sorted((Path(one.place.path).name, one.place.line, one.rule) for one in found)
    assert {name for name, *_ in places} == {"a.yaml", "sources.yaml", "more.yaml"}
    assert {rule for *_, rule in places} == {"formula-command", "formula-in-source"}
    assert all("[words](https://…)" in one.message for one in found)


def test_the_names_are_those_of_mathematics() -> None:
    acting = {
        *("href", "url", "class", "style", "cssId", "data", "bbox", "require", "def", "let"),
        *("newcommand", "renewcommand", "newenvironment", "mmlToken", "unicode", "verb", "label"),
        *("ref", "eqref", "toggle", "mathtip", "texttip", "fcolorbox", "colorbox", "enclose"),
        *("Rule", "rule", "Space", "raise", "lower", "DeclareMathOperator", "definecolor"),
        *("DeclarePairedDelimiter", "mathtoolsset", "newtagform", "Newextarrow", "includegraphics"),
    }
    assert not acting & COMMANDS
    assert {"alpha", "frac", "sum", "ce", "xrightarrow", "text", "cancel"} <= COMMANDS
    assert {"align*", "cases", "bmatrix", "array"} <= ENVIRONMENTS
