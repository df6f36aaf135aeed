"""Cloze deletions that an author writes: what Anki shows of them, and what is refused."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.command import cards
from tests.effort import sample
from tests.engine import cards_of, collection, double_click
from tests.public import build, markdown, with_deletions
from tests.sources import HEAD, problems_of, project_of, write_sources

BARE = {"card/front.html": "[[ question ]]\n", "card/back.html": "[[ answer ]]\n"}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def visible(html: str) -> str:
    """The text that HTML shows."""
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", html, flags=re.DOTALL)).strip()


def shown(root: Path, *texts: str) -> list[list[tuple[str, str]]]:
    """The front and back of each card that Anki makes of each text, without markup."""
    facts = HEAD + "".join(
        f"  - {{id: f-{n}, kind: cloze, text: {quoted(text)}}}\n" for n, text in enumerate(texts)
    )
    project = project_of(root, BARE, a=facts)
    packages = project.deck.packages.values()
    done, _, problems = build(project, packages, root / "decks", 1_700_000_000)
    assert done, problems
    with collection(root / "anki.anki2") as col:
        double_click(col, root / "decks" / "mini.apkg")
        return [
            [
                (visible(card.question()), visible(card.answer()))
                for card in cards_of(col, f"Key:f-{n}/gaps")
            ]
            for n in range(len(texts))
        ]


SHOWN = {
    "An array {{c1::int a[] = {1, 2}}} in C.": [
        ("An array [...] in C.", "An array int a[] = {1, 2} in C.")
    ],
    "The map {{c1::{}}} is empty.": [("The map [...] is empty.", "The map {} is empty.")],
    "{{c1::{{1, 2}, {3, 4}}}} is a table.": [("[...] is a table.", "{{1, 2}, {3, 4}} is a table.")],
    "A set {{{c1::1, 2}}} and {3}.": [("A set {[...]} and {3}.", "A set {1, 2} and {3}.")],
    r"So \(a = {{c1::b^{2}}} + c\) holds.": [
        (r"So \(a = [...] + c\) holds.", r"So \(a = b^{2} + c\) holds.")
    ],
    r"The half \(\frac{{1}}{{2}}\) of {{c1::one}}.": [
        (r"The half \(\frac{{1}}{{2}}\) of [...].", r"The half \(\frac{{1}}{{2}}\) of one.")
    ],
    r"The half is {{c1::\(\frac{{1}}{{2}}\)}}.": [
        ("The half is [...].", r"The half is \(\frac{{1}}{{2}}\).")
    ],
    r"\(\frac{{{c1::1}}}{{{c2::x^{2}}}}\)": [
        (r"\(\frac{[...]}{x^{2}}\)", r"\(\frac{1}{x^{2}}\)"),
        (r"\(\frac{1}{[...]}\)", r"\(\frac{1}{x^{2}}\)"),
    ],
    r"\(S = {{c1::\{1, 2\}}}\), in full.": [
        (r"\(S = [...]\), in full.", r"\(S = \{1, 2\}\), in full.")
    ],
    r"So \(x^{{c1::10}}\) it is.": [(r"So \(x^{[...]}\) it is.", r"So \(x^{10}\) it is.")],
    r"So \(\frac{{c1::12}}{{c2::y}}\) it is.": [
        (r"So \(\frac{[...]}{y}\) it is.", r"So \(\frac{12}{y}\) it is."),
        (r"So \(\frac{12}{[...]}\) it is.", r"So \(\frac{12}{y}\) it is."),
    ],
    r"So \(a {{c1::+}} b\) it is.": [(r"So \(a [...] b\) it is.", r"So \(a + b\) it is.")],
    r"Use {{c1::std\:\:vector}} here.": [("Use [...] here.", "Use std::vector here.")],
    r"The host is {{c1::fe80\:\:1::address}}.": [
        ("The host is [address].", "The host is fe80::1.")
    ],
    r"Any host is {{c1::\:\:}}.": [("Any host is [...].", "Any host is ::.")],
    "Call {{c1::`std::move`::function}} on it.": [
        ("Call [function] on it.", "Call std::move on it.")
    ],
    r"Write `{{c1::std\:\:map}}<int, int>` here.": [
        ("Write [...]<int, int> here.", "Write std::map<int, int> here.")
    ],
    "Braces {{c1::a&#125;&#125;b}} stay.": [
        ("Braces [...] stay.", "Braces a&#125;&#125;b stay."),
    ],
    r"Braces {{c1::a\}\}b}} stay.": [("Braces [...] stay.", "Braces a}}b stay.")],
    "Colons {{c1::a&#58;&colon;b}} stay.": [
        ("Colons [...] stay.", "Colons a&#58;&colon;b stay."),
    ],
    "We have {{c1::2*3}} and {{c2::4*5}} here.": [
        ("We have [...] and 4*5 here.", "We have 2*3 and 4*5 here."),
        ("We have 2*3 and [...] here.", "We have 2*3 and 4*5 here."),
    ],
    "A `tick and {{c1::a `tick}} more.": [("A `tick and [...] more.", "A `tick and a `tick more.")],
    "Files {{c1::_a}} and {{c2::b_}} too.": [
        ("Files [...] and b_ too.", "Files _a and b_ too."),
        ("Files _a and [...] too.", "Files _a and b_ too."),
    ],
    r"Only \{\{c1::x\}\} is no gap, {{c1::y}} is.": [
        ("Only {{c1::x}} is no gap, [...] is.", "Only {{c1::x}} is no gap, y is.")
    ],
    r"One brace {{c1::\{}} and {{c2::\}}} alone.": [
        ("One brace [...] and } alone.", "One brace { and } alone."),
        ("One brace { and [...] alone.", "One brace { and } alone."),
    ],
    r"Text \{c1::x} and \{c2::y\}\} is no gap, {{c1::z}} is.": [
        (
            "Text {c1::x} and {c2::y}} is no gap, [...] is.",
            "Text {c1::x} and {c2::y}} is no gap, z is.",
        )
    ],
    r"Code `{c1::x}}`, \({c1::x}\) and {a{b}}, so {{c1::it}} is.": [
        (
            r"Code {c1::x}}, \({c1::x}\) and {a{b}}, so [...] is.",
            r"Code {c1::x}}, \({c1::x}\) and {a{b}}, so it is.",
        )
    ],
    "Say {{c1::image-occlusion:rect}} aloud.": [
        ("Say [...] aloud.", "Say image-occlusion:rect aloud.")
    ],
    "A [{{c1::site}}](https://example.org/) of it.": [("A [...] of it.", "A site of it.")],
}


def test_anki_hides_what_the_author_means(tmp_path: Path) -> None:
    assert dict(zip(SHOWN, shown(tmp_path, *SHOWN), strict=True)) == SHOWN


def test_a_line_break_in_or_beside_a_deletion_is_one_on_the_card(tmp_path: Path) -> None:
    text = "|\n      Lines {{c1::of a\n      verse}}\n      {{c2::\n      and more}}.\n"
    facts = f"{HEAD}  - id: a\n    kind: cloze\n    text: {text}"
    (note,) = project_of(tmp_path, BARE, a=facts).notes
    assert "Lines {{c1::of a<br>verse}}<br>{{c2::<br>and more}}." in note.fields[0]


def test_a_filter_that_cuts_a_deletion_is_an_error(tmp_path: Path) -> None:
    prompt = "prompts: {gaps: {cloze: \"{{ text | trim('}') }}\"}}\n"
    kind = "about: x\nfields: {text: {type: cloze}}\n" + prompt
    facts = f"{HEAD}  - id: a\n    kind: cloze\n    text: 'The {{{{c1::end}}}}'\n"
    (found,) = problems_of(tmp_path, {"kinds/cloze.yaml": kind}, a=facts)
    assert found.endswith("error: prompt “gaps” of fact “a” has no cloze deletion [prompt]")


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("a {{c1::b", 3, "this cloze deletion is never closed"),
        ("a {{c1::b} c", 3, "this cloze deletion is never closed"),
        ("a {{c1::b { c}} d", 3, "this cloze deletion is never closed"),
        ("a {{c1::b {{c2::c}} d}}", 3, "this cloze deletion is never closed"),
        ("a {{c1::b}} c}}", 14, "“}}” ends no cloze deletion"),
        ("{{c1::b}} and {{1::c}}", 15, "“{{” begins no cloze deletion"),
        ("{{c1::b}} and {{C2::c}}", 15, "“{{” begins no cloze deletion"),
        ("{{c1::b}} and {{c2:c}}", 15, "“{{” begins no cloze deletion"),
        (
            "It is {c1::b}} and {{c2::c}}",
            7,
            "“{c1::” begins no cloze deletion; write {{c1::answer}}",
        ),
        ("It is {C12::b} and {{c2::c}}", 7, "“{C12::” begins no cloze deletion"),
        ("It is {c1::b}", 7, "“{c1::” begins no cloze deletion"),
        ("{{c1::b}} and {2::c}}", 20, "“}}” ends no cloze deletion"),
        ("a {{c0::b}}", 3, "cloze deletions are numbered from 1 to 99"),
        ("a {{c100::b}}", 3, "cloze deletions are numbered from 1 to 99"),
        (r"C:\{{c1::b}}", 3, "a backslash before a cloze deletion"),
        ("a {{c1::::1}}", 9, "nothing before or after “::”"),
        ("a {{c1::fe80::}}", 13, "nothing before or after “::”"),
        ("a {{c1::b::c::d}}", 13, "a second “::” in a cloze deletion"),
        ("a {{c1:: }}", 9, "nothing before or after “::”"),
        (r"a {{c1::\(b}} c\)", 9, "a formula stands in one cloze deletion or around it"),
        (r"\(a {{c1::b\) c}}", 1, "a formula stands in one cloze deletion or around it"),
        ("[a](https://b.org/{{c1::c}})", 19, "a cloze deletion cannot stand in the address"),
        ('[a](https://b.org "{{c1::c}}")', 20, "a cloze deletion cannot stand in the address"),
        ("no deletion", 1, "no cloze deletion; write {{c1::…}}"),
    ],
)
def test_a_deletion_that_cannot_be_told_is_an_error_where_it_is_wrong(
    tmp_path: Path, text: str, column: int, message: str
) -> None:
    facts = f"{HEAD}  - id: a\n    kind: cloze\n    text: {quoted(text)}\n"
    (found,) = problems_of(tmp_path, a=facts)
    assert found.startswith(f"facts/a.yaml:7:{column + 11}: error: {message}")
    assert found.endswith(" [cloze]")


def test_the_place_is_found_in_a_text_over_lines(tmp_path: Path) -> None:
    facts = f"{HEAD}  - id: a\n    kind: cloze\n    text: "
    for text, place in {
        "|\n      One {{c1::b}}\n      and {{1::c}}.\n": "9:11",
        ">-\n      One {{c1::b}}\n      and {{1::c}}.\n": "9:11",
        "One {{c1::b}}\n      and {{1::c}}.\n": "8:11",
        '"One {{c1::b}}\n      \\"and\\" {{1::c}}."\n': "8:15",
    }.items():
        (found,) = problems_of(tmp_path, a=facts + text)
        assert found.startswith(f"facts/a.yaml:{place}: error: “{{{{” begins no cloze deletion")


def escaped(text: str) -> str:
    """A text as it is to be written in a deletion."""
    return re.sub(r"[{}:*_`&<>#|\\]", r"\\\g<0>", text)


HIDDEN = st.text("ac1 {}:*_`&;<>#|\\[](é", min_size=1).map(
    lambda text: f"a{' '.join(text.split())}c"
)


@settings(max_examples=sample(20))
@given(st.lists(st.tuples(HIDDEN, HIDDEN), min_size=10, max_size=30))
def test_whatever_is_escaped_is_hidden_and_shown(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    texts = [f"x {{{{c1::{escaped(a)}}}}} y {{{{c2::{escaped(b)}}}}} z" for a, b in pairs]
    assert shown(tmp_path_factory.mktemp("deck"), *texts) == [
        [(f"x [...] y {b} z", f"x {a} y {b} z"), (f"x {a} y [...] z", f"x {a} y {b} z")]
        for a, b in pairs
    ]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Use {{c1::std::vector}} here.", 14),
        ("Use {{c1::std::vector<int>}} here.", 14),
        ("Use {{c1::HashMap::new}} here.", 18),
        ("Use {{c1::my_space::f}} here.", 19),
        ("Use {{c1::Foo::bar()}} here.", 14),
        ("Use {{c1::the call Foo::bar(x, y)}} here.", 23),
        ("The host is {{c1::fe80::1}}.", 23),
        ("The host is {{c1::2001:db8::ff00:42}}.", 27),
        ("The rule is {{c1::a:::b}}.", 20),
    ],
)
def test_colons_that_may_not_be_meant_for_a_hint_are_a_warning_where_they_stand(
    tmp_path: Path, text: str, column: int
) -> None:
    write_sources(tmp_path, a=f"{HEAD}  - id: a\n    kind: cloze\n    text: {quoted(text)}\n")
    output = cards(tmp_path, "check").output
    assert "warning[hint-meant]: “::” makes " in output
    assert f"facts/a.yaml:7:{column + 11}\n" in output


@pytest.mark.parametrize(
    "text",
    [
        "In {{c1::1967::year}} it began.",
        "A {{c1::mango::fruit}} is sweet.",
        "It is {{c1::Jakarta::Stadt}}.",
        "It is {{c1::42.87 million::amount (USD)}}.",
        "It is {{c1::Paris::city, 5 letters}}.",
        r"Use {{c1::std\:\:vector}} and {{c2::`a::b`}} here.",
    ],
)
def test_colons_before_a_hint_are_no_warning(tmp_path: Path, text: str) -> None:
    write_sources(tmp_path, a=f"{HEAD}  - id: a\n    kind: cloze\n    text: {quoted(text)}\n")
    assert "hint-meant" not in cards(tmp_path, "check").output


def warned(root: Path, text: str, kind: str = "cloze") -> list[str]:
    """The warnings of Markdown in such a text, each with its column in it."""
    more = (
        {
            "kinds/t.yaml": "about: x\nfields: {text: {type: text}}\nprompts: {p: {front: "
            "'{{ text }}?', back: x}}\n"
        }
        if kind == "t"
        else {}
    )
    write_sources(root, more, a=f"{HEAD}  - id: a\n    kind: {kind}\n    text: {quoted(text)}\n")
    found = re.findall(
        r"warning\[(?:unmeant-markdown|html-in-text)\]: (.*)\n *--> src/facts/a.yaml:7:(\d+)",
        cards(root, "check").output,
    )
    return [f"{int(column) - 11}: {message}" for message, column in found]


@pytest.mark.parametrize(
    ("text", "column", "mark"),
    [
        ("So **a {{c1::b** c}} it is.", 4, "**"),
        ("So {{c1::a *b}} c* it is.", 12, "*"),
        ("So {{c1::a `b}} c` it is.", 12, "`"),
        ("So _a {{c1::b}} {{c2::c_}} it is.", 4, "_"),
    ],
)
def test_emphasis_that_crosses_a_deletion_is_a_warning_at_its_mark(
    tmp_path: Path, text: str, column: int, mark: str
) -> None:
    assert warned(tmp_path, text) == [
        f"{column}: “{mark}” is shown as it is written; put all of the emphasis or code inside the"
        " cloze deletion, or outside"
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "So **a {{c1::b}} c** it is.",
            "So {{c1::**a** b}} it is.",
            "{{c1::2*3}} and {{c2::4*5}}",
        ),
        *(
            "The {{c1::code `a_b`}} and *c* too.",
            "The *ISBN*s of {{c1::books}}.",
            r"A \*a {{c1::b}}",
        ),
        *("The *old ISBN*s of {{c1::books}}.", "So **{{c1::a}}** and *{{c2::b}}* are."),
    ],
)
def test_emphasis_around_or_in_a_deletion_is_no_warning(tmp_path: Path, text: str) -> None:
    assert not warned(tmp_path, text)


def test_a_warning_of_markdown_stands_where_the_mark_stands(tmp_path: Path) -> None:
    for text, found in {
        "In {{c1::all}} 5*3*2 of them.": ("16: Markdown changes “5*3*2”; write 5\\*3\\*2"),
        "In {{c1::all}} [of](them).": (
            "16: “[of](them).” is not a link to https://…, so it is shown as it is written;"
            " for a bracket, write \\["
        ),
        "In {{c1::all}} <b>of</b> them.": (
            "16: “<b>” is shown as it is written; for *emphasis*, use Markdown"
        ),
        "In `code` {{c1::all}} $x_1$ of them.": (
            "23: “$x_1$” is shown with its dollars; for a formula, write \\(x_1\\)"
        ),
    }.items():
        assert warned(tmp_path, text) == [found]
    assert warned(tmp_path, "In all 5*3*2 of them", "t") == [
        "8: Markdown changes “5*3*2”; write 5\\*3\\*2, or use a field of type plain"
    ]
    assert not warned(tmp_path, "the *old ISBN*s and *new*s", "t")


@settings(max_examples=sample(5000))
@given(
    st.lists(
        st.one_of(
            st.builds(
                "{{{{c{}::{}{}}}}}".format,
                st.sampled_from(("1", "2", "99", "0", "01", "100")),
                st.sampled_from(
                    ("Ann", " an answer ", " ", "", "é", "10:30", "a\nb", "*x*", "}", "%")
                ),
                st.sampled_from(("", "", "::", ":: ", "::hint", "::a, b", "::10:30", "::x::y")),
            ),
            st.text("aé {}:%\u2028", max_size=5),
            st.sampled_from(
                ("*a*", "\\(x\\)", "`", "<", "&", "[", "image-occlusion:", "{{c1::", "}}")
            ),
        ),
        max_size=4,
    ).map("".join)
)
def test_a_plain_text_with_deletions_is_the_html_that_is_made_of_others(text: str) -> None:
    assert markdown(text, cloze=True) == with_deletions(text.strip(), markdown)
