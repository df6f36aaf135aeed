"""Texts without quotes that YAML takes for something else: said in words, at the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources import problems_of

FACT = """\
topic: basics
level: core
facts:
  - id: a
    kind: term
    term: x
    meaning: """


@pytest.mark.parametrize(
    "text",
    [
        *("{{c1::Paris}} is it", "{{c1::Paris}}", "{1} is it", "[Paris] is it", "[a](b.org) is"),
        *("*Hamlet* was", "*Hamlet*", "*Hamlet was", "**Hamlet** was", "* was", "&c was", "& was"),
        *("!was", "! was", "![a] was", "@was", "%was", "`was` it", "- was", "? was", "| was"),
        *("> was", ">5 was", "|x| was", ", was", "] was", "} was", ": was"),
    ],
)
@pytest.mark.parametrize("quoted", ["{}", "{}\n    clue: x"])
def test_a_text_that_is_to_be_quoted_is_named_where_it_begins(
    tmp_path: Path, text: str, quoted: str
) -> None:
    found = problems_of(tmp_path, a=FACT + quoted.format(text) + "\n")
    assert found[0].startswith("facts/a.yaml:7:14: error: ")
    assert "quote" in found[0]
    assert f"“{text[0]}”" in found[0]
    assert all(one.startswith("facts/a.yaml:7:14: ") for one in found)


@pytest.mark.parametrize("text", ["{{c1::P}} is", "*H* was", "@was", "[x] was", "`x` was"])
def test_so_it_is_in_a_mapping_on_one_line_and_in_a_list(tmp_path: Path, text: str) -> None:
    for facts, place in (
        (f"facts:\n  - {{id: a, meaning: {text}, kind: term}}\n", "2:22"),
        (f"facts:\n  - id: a\n    items:\n      - x\n      - {text}\n", "5:9"),
    ):
        (found,) = problems_of(tmp_path, a=facts)
        assert found.startswith(f"facts/a.yaml:{place}: error: ")
        assert f"quote a text that begins with “{text[0]}”" in found


def test_a_comma_in_braces_is_named_as_what_cuts_the_text(tmp_path: Path) -> None:
    head = "topic: basics\nlevel: core\nfacts:\n"
    fact = "  - {id: a, kind: term, term: Who came, saw and won?, meaning: He}\n"
    (found,) = problems_of(tmp_path, a=head + fact)
    assert found == (
        "facts/a.yaml:4:41: error: a fact of kind “term” has no key “saw and won?”; quote a text"
        " that has a comma in it [unknown-key]"
    )


def test_text_after_a_closing_quote_is_said_to_be_that(tmp_path: Path) -> None:
    for text in ('"Hamlet" was', "'Hamlet' was"):
        (found,) = problems_of(tmp_path, a=FACT + text + "\n")
        assert found == (
            "facts/a.yaml:7:14: error: not valid YAML: text after a closing quote; put the whole"
            " text in the other quotes [yaml]"
        )


@pytest.mark.parametrize(
    ("facts", "place", "sign"),
    [
        (
            '  - {id: b, title: T,\n     items: [x, "y",\n     note: {m: n}}\n  - {id: c}\n',
            "3:13",
            "[",
        ),
        ("  - id: b\n    items: [x, y\n    note: n\n  - {id: c, items: [z]}\n", "3:12", "["),
        ("  - {id: b, kind: x\n  - {id: c, kind: 'y}'}\n", "2:5", "{"),
        ("  - {id: b, kind: x,  # [y]\n  - {id: c, kind: y}\n", "2:5", "{"),
        ("  - {id: b, items: [x, y}, kind: z}\n", "2:20", "["),
        ("  - {id: b, kind: 'x', note: [y", "2:30", "["),
    ],
)
def test_a_bracket_that_is_never_closed_is_wrong_where_it_opens(
    tmp_path: Path, facts: str, place: str, sign: str
) -> None:
    (found,) = problems_of(tmp_path, a="facts:\n" + facts)
    assert found == (
        f"facts/a.yaml:{place}: error: not valid YAML: this “{sign}” is never closed; if it belongs"
        " to a text, quote the text [yaml]"
    )


def test_a_comma_that_is_missing_in_brackets_over_lines_is_wrong_where_it_should_be(
    tmp_path: Path,
) -> None:
    facts = (
        "facts:\n  - {id: b,\n     items: ['x]',\n       'y'  # ]\n       'z'],\n     kind: x}\n"
    )
    (found,) = problems_of(tmp_path, a=facts)
    assert found == "facts/a.yaml:5:8: error: not valid YAML: expected “,” or “]” [yaml]"


@pytest.mark.parametrize(
    ("facts", "place", "line"),
    [
        ('  - id: a\n    q: "What is x?\n    a: "y"\n    b: z\n', "3:8", 4),
        ('  - id: a\n    q: "What is x?\n    a: "@y"\n    b: z\n', "3:8", 4),
        ("  - id: a\n    q: 'What is x?\n  - id: b\n    q: 'What is y?'\n", "3:8", 5),
        ('  - {id: a, q: "What is x?, a: y}\n  - {id: b, q: "What?", a: y}\n', "2:16", 3),
    ],
)
def test_a_quote_that_is_closed_too_late_is_wrong_where_it_opens(
    tmp_path: Path, facts: str, place: str, line: int
) -> None:
    (found,) = problems_of(tmp_path, a="facts:\n" + facts)
    assert found == (
        f"facts/a.yaml:{place}: error: not valid YAML: this quote is closed only on line {line},"
        " where more follows; close it where its text ends [yaml]"
    )


@pytest.mark.parametrize("after", ["\n# comment\n  - id: b\n", "    b: z\n", ""])
def test_a_colon_that_is_missing_is_wrong_on_its_line(tmp_path: Path, after: str) -> None:
    (found,) = problems_of(tmp_path, a=f"facts:\n  - id: a\n    q: x\n    a y\n{after}")
    assert found == (
        "facts/a.yaml:4:5: error: not valid YAML: expected “key: value”; if this line continues the"
        " text above, indent it further [yaml]"
    )


@pytest.mark.parametrize(
    ("text", "place", "comment"),
    [
        ("Press #1 on the pad", "7:20", "#1 on the pad"),
        ("A #hashtag", "7:16", "#hashtag"),
        ("Press # on the pad", "7:20", "# on the pad"),
        ("The key #", "7:22", "#"),
        ("Two  #2", "7:19", "#2"),
        ("'Press' #1", "7:22", "#1"),
        ("Press\n      twice #1 and", "8:13", "#1 and"),
        ("Press\n      #1 and #2", "8:7", "#1 and #2"),
    ],
)
def test_a_comment_behind_a_text_is_a_warning(
    tmp_path: Path, text: str, place: str, comment: str
) -> None:
    (found,) = problems_of(tmp_path, a=FACT + text + "\n")
    assert found == (
        f"facts/a.yaml:{place}: warning: YAML takes “{comment}” for a comment; if it is text, quote"
        " the whole text, else write two spaces before “#” and one after it [comment]"
    )


def test_so_it_is_in_lists_kinds_and_on_one_line(tmp_path: Path) -> None:
    files = {
        "facts/a.yaml": "topic: basics\nlevel: core\nfacts:\n  - id: a\n    kind: list\n"
        "    list: x\n    items:\n      - y\n      - Track #4\n",
        "kinds/odd.yaml": "about: Odd #1\nfields: {x: {type: text}}\n"
        "prompts: {p: {front: '{{ x }}', back: '{{ x }}'}}\n",
    }
    assert [problem.partition(": YAML")[0] for problem in problems_of(tmp_path, files)] == [
        "facts/a.yaml:9:15: warning",
        "kinds/odd.yaml:1:12: warning",
    ]
    facts = "topic: basics\nfacts: [{id: a, kind: term, term: Press #1, meaning: x}]\n"
    assert [one.partition(": YAML")[0] for one in problems_of(tmp_path, a=facts)] == [
        "facts/a.yaml:2:9: error: not valid YAML: this “{” is never closed; if it belongs to a"
        " text, quote the text [yaml]",
        "facts/a.yaml:2:41: warning",
    ]


def test_a_text_that_is_all_comment_is_empty_and_says_why(tmp_path: Path) -> None:
    empty, comment = problems_of(tmp_path, a=FACT + "#hashtag\n")
    assert empty == "facts/a.yaml:7:13: error: meaning is empty [empty]"
    assert comment.startswith("facts/a.yaml:7:14: warning: YAML takes “#hashtag” for a comment")


def test_what_is_clearly_a_comment_and_what_is_none_are_no_warning(tmp_path: Path) -> None:
    facts = """\
# first
topic: basics  # behind a value
level: core          # in a column
facts:  # of the start
  # on its own
  - id: a
    kind: term  # a term
    #level: detail
    term: C#, F# and x#1
    meaning: |  # as it stands
      Press #1
    clue: "Who is #1?"
"""
    assert not problems_of(tmp_path, a=facts)
