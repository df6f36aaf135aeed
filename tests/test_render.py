from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.public import CLOZE_FIELDS, FIELDS, finished, markdown, show_date
from tests.sources import HEAD, Files, notes_of, problems_of, project_of


def test_a_note_is_made_of_each_prompt_whose_fields_the_fact_has(tmp_path: Path) -> None:
    notes = notes_of(
        tmp_path,
        a=HEAD + "  - {id: a, kind: event, event: was it, date: 1994-07-25, place: Bangkok}\n"
        "  - {id: b, kind: event, event: was that, date: 2005-12}\n",
    )
    assert {key: note.fields[:2] for key, note in notes.items()} == {
        "a/when": ("When was it?", "25 July 1994"),
        "a/where": ("Where was it?", "Bangkok"),
        "b/when": ("When was that?", "December 2005"),
    }


def test_a_reverse_is_a_second_card_of_the_same_note(tmp_path: Path) -> None:
    notes = notes_of(
        tmp_path,
        a=HEAD + "  - {id: a, kind: term, term: ARF, meaning: A forum, clue: Which forum?}\n"
        "  - {id: b, kind: term, term: EAS, meaning: A summit}\n",
    )
    assert notes["a/meaning"].fields[:4] == ("What is ARF?", "A forum", "Which forum?", "ARF")
    assert notes["b/meaning"].fields[:4] == ("What is EAS?", "A summit", "", "")
    assert [notes[key].cards for key in ("a/meaning", "b/meaning")] == [(1, 2), (1,)]


def test_a_list_is_asked_one_item_a_card(tmp_path: Path) -> None:
    notes = notes_of(tmp_path, a=HEAD + "  - {id: a, kind: list, list: Some, items: [x, y, z]}\n")
    assert notes["a/items"].fields[0] == (
        "Some: <ul><li>{{c1::x}}</li><li>{{c2::y}}</li><li>{{c3::z}}</li></ul>"
    )
    assert notes["a/items"].cards == (1, 2, 3)


def test_a_text_may_have_cloze_deletions_of_its_own(tmp_path: Path) -> None:
    text = "{{c2::*One*::which}} and {{c1::two}}, and {{c2::three}}."
    notes = notes_of(tmp_path, a=HEAD + f'  - {{id: a, kind: cloze, text: "{text}"}}\n')
    assert notes["a/gaps"].fields[0] == (
        "{{c2::<em>One</em>::which}} and {{c1::two}}, and {{c2::three}}."
    )
    assert notes["a/gaps"].cards == (1, 2)


def test_the_frozen_fields_hold_what_they_are_called(tmp_path: Path) -> None:
    notes = notes_of(
        tmp_path,
        a=HEAD + "  - id: a\n    kind: event\n    event: was it\n    date: 1994\n"
        "    as_of: 2020-05\n    note: Some context.\n    caution: The handbook errs.\n"
        "    source: [{doc: handbook, at: p. 1}, {doc: website, at: page <2>}]\n",
    )
    assert dict(zip(FIELDS, notes["a/when"].fields, strict=True)) == {
        "Front": "When was it?",
        "Back": "1994",
        "Reverse Front": "",
        "Reverse Back": "",
        "Note": '<div>Some context.</div><div class="caution">The handbook errs.</div>',
        "Topic": "Forums › Arf",
        "Source": "<details><summary>Sources · as of May 2020</summary>"
        "<div>A. Writer, <i>A Handbook</i> (2020), p. 1</div>"
        '<div><a href="https://example.org/a?b=1&amp;c=2"><i>A Website</i></a>, page &lt;2&gt;'
        "</div></details>",
        "Key": "a/when",
    }
    assert notes["a/when"].tags == (
        "Mini::caution",
        "Mini::kind::event",
        "Mini::level::core",
        "Mini::source::handbook",
        "Mini::source::website",
        "Mini::topic::forums::arf",
    )


def test_a_note_a_caution_and_a_source_note_may_each_be_for_some_prompts(tmp_path: Path) -> None:
    notes = notes_of(
        tmp_path,
        a=HEAD + "  - id: a\n    kind: event\n    event: was it\n    date: 1994\n    place: Rome\n"
        "    note: {when: In the *morning*., where: In the Forum.}\n"
        "    caution: {where: Some books say Milan.}\n"
        "    source_note: {when: 'The translation drops a *word* [sound:x.mp3].'}\n",
    )
    fields = {key: dict(zip(FIELDS, note.fields, strict=True)) for key, note in notes.items()}
    assert fields["a/when"]["Note"] == "<div>In the <em>morning</em>.</div>"
    assert fields["a/where"]["Note"] == (
        '<div>In the Forum.</div><div class="caution">Some books say Milan.</div>'
    )
    source = "<summary>Source</summary><div>A. Writer, <i>A Handbook</i> (2020), p. 1</div>"
    assert fields["a/where"]["Source"] == f"<details>{source}</details>"
    assert fields["a/when"]["Source"] == (
        f'<details>{source}<div class="source-note">'
        "The translation drops a <em>word</em> &#91;sound:x.mp3].</div></details>"
    )
    assert [key for key, note in notes.items() if "Mini::caution" in note.tags] == ["a/where"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("", ""),
        ("as_of: 2023", "As of 2023"),
        ("source_note: x", "<details><summary>Source</summary>{}</details>"),
        (
            "as_of: 2023, source_note: x",
            "<details><summary>Source · as of 2023</summary>{}</details>",
        ),
    ],
)
def test_the_source_is_folded_only_if_there_is_something_to_unfold(
    tmp_path: Path, said: str, shown: str
) -> None:
    fact = "topic: basics\nlevel: core\nfacts:\n"
    fact += f"  - {{id: a, kind: event, event: b, date: 1994, {said}}}\n"
    note = '<div class="source-note">x</div>'
    assert notes_of(tmp_path, a=fact)["a/when"].fields[6] == shown.format(note)


BLOCKS: Files = {
    "sources.yaml": """
        handbook:
          title: >
            A
            Handbook
          author: |
            A. Writer
          url: >
            https://example.org/a
          sections:
            - >
              p. 1
        """,
    "decks.yaml": """
        namespace: mini
        deck: >
          Mini
        tag_root: >
          Mini
        labels:
          source: >
            Origin
        packages:
          mini:
            title: >
              Mini
            about: |
              A small deck.
            only: >
              tag:Mini::kind::event
        searches:
          Events: >
            tag:Mini::kind::event
        """,
    "media/sources.yaml": """
        m.svg:
          origin: >
            Jane Doe
          licence: |+
            CC BY 4.0

          alt: >
            A map
        """,
    "media/m.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
}


def test_what_is_written_as_a_block_has_no_line_break_at_its_end(tmp_path: Path) -> None:
    facts = HEAD.replace("{doc: handbook, at: p. 1}", "\n  doc: handbook\n  at: >\n    p. 1")
    facts += "  - {id: a, kind: event, event: was it, date: 1994, picture: m.svg}\n"
    project = project_of(tmp_path, BLOCKS, a=facts)
    (note,) = project.notes
    assert note.fields[6] == (
        "<details><summary>Origin</summary><div>A. Writer, "
        '<a href="https://example.org/a"><i>A Handbook</i></a>, p. 1</div>'
        '<div class="credit">m.svg: Jane Doe, CC BY 4.0</div></details>'
    )
    assert 'alt="A map"' in note.fields[4]
    assert project.deck.name == "Mini"
    (package,), (search,) = project.deck.packages.values(), project.deck.searches
    assert [package.title, package.about, package.query, search.query] == [
        "Mini",
        "A small deck.",
        "tag:Mini::kind::event",
        "tag:Mini::kind::event",
    ]


def test_one_text_is_for_all_notes_of_a_fact(tmp_path: Path) -> None:
    notes = notes_of(
        tmp_path,
        a=HEAD + "  - {id: a, kind: event, event: was it, date: 1994, place: Rome, note: 1,"
        " caution: 2, source_note: 3}\n",
    )
    assert len(notes) == 2
    for note in notes.values():
        fields = dict(zip(FIELDS, note.fields, strict=True))
        assert fields["Note"] == '<div>1</div><div class="caution">2</div>'
        assert fields["Source"].endswith('<div class="source-note">3</div></details>')
        assert "Mini::caution" in note.tags


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("admm-plus: {_: The meeting, _name: ADMM-Plus}", "ADMM-Plus"),
        ("admm-plus: The meeting", "Admm plus"),
        ("ADMM-plus: The meeting", "ADMM plus"),
        (
            "admm-plus: {_: The meeting, _name: ' R&D <b> {{x}} [sound:y.mp3] '}",
            "R&amp;D &lt;b&gt; {&#123;x}} &#91;sound:y.mp3]",
        ),
    ],
)
def test_a_card_names_its_topic_by_the_names_of_the_tags(
    tmp_path: Path, tag: str, shown: str
) -> None:
    tags = f"topic:\n  _: What\n  defence:\n    _: Defence\n    _name: Defence policy\n    {tag}\n"
    topic = f"defence::{tag.partition(':')[0]}"
    notes = notes_of(
        tmp_path,
        {"tags.yaml": f"{tags}level: {{_: How deep, core: First}}\n"},
        a=HEAD.replace("forums::arf", topic) + "  - {id: a, kind: event, event: x, date: 1994}\n",
    )
    assert notes["a/when"].fields[FIELDS.index("Topic")] == f"Defence policy › {shown}"


def test_the_note_types_never_change() -> None:
    """A learner's notes of a type that changed its fields can never be updated again."""
    assert FIELDS == (
        "Front",
        "Back",
        "Reverse Front",
        "Reverse Back",
        "Note",
        "Topic",
        "Source",
        "Key",
    )
    assert CLOZE_FIELDS == ("Text", "Note", "Topic", "Source", "Key")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("*stressed* and **bold**", "<em>stressed</em> and <strong>bold</strong>"),
        ("<b>x</b> & y", "&lt;b&gt;x&lt;/b&gt; &amp; y"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("![x](https://example.org/x.png)", '!<a href="https://example.org/x.png">x</a>'),
        ("[x](javascript:alert)", "&#91;x](javascript:alert)"),
        (r"\(a_1 < b_2\)", r"\(a_1 &lt; b_2\)"),
        (r"\[a *b* c\]", r"\&#91;a *b* c\]"),
        (r"\(a \\[2pt] b\)", r"\(a \\&#91;2pt] b\)"),
        (r"\\(a\\)", r"\<span></span>(a\)"),
        (r"\\[a\\]", r"\<span></span>&#91;a\]"),
        ("&#92;(a&#92;) &lt;", "&amp;#92;(a&amp;#92;) &amp;lt;"),
        (r"`\(a\)`", r"<code>\<span></span>(a\)</code>"),
        (
            r"\(\href{javascript:alert(1)}{a}\)",
            r"\<span></span>(\<span></span>href{javascript:alert(1)}{a}\<span></span>)",
        ),
        (r"\(\defeq\)", r"\<span></span>(\<span></span>defeq\<span></span>)"),
        (r"\(a\) and \(b", r"\(a\) and (b"),
        (r"C:\href", r"C:\<span></span>href"),
        (r"\alpha \n", r"\alpha \<span></span>n"),
        (r"`\n \href`", r"<code>\n \href</code>"),
        ("[x](data:text/html,x)", "&#91;x](data:text/html,x)"),
        ("{{c1::x}}", "{&#123;c1::x}}"),
        ("{{{x}}}", "{&#123;{x}}}"),
        ("[sound:x.mp3]", "&#91;sound:x.mp3]"),
        ("[latex]x[/latex]", "&#91;latex]x&#91;/latex]"),
    ],
)
def test_a_text_is_inline_markdown_that_can_do_no_harm(text: str, html: str) -> None:
    assert finished(markdown(text)) == html


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=30))
def test_texts_without_markup_are_rendered_as_markdown_renders_them(text: str) -> None:
    parser = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline"])
    if "\\(" not in text and "\\[" not in text:
        expected = parser.renderInline(text.strip()).replace("[", "&#91;")
        assert markdown(text) == expected.replace("{{", "{&#123;")


@pytest.mark.parametrize(
    ("date", "asks"),
    [
        ("1994-07-25", "On what day"),
        ("1994-07", "In which month"),
        ("1994", "In what year"),
        ("1994/1996", "In which years"),
    ],
)
def test_when_asks_for_as_much_as_a_date_says(tmp_path: Path, date: str, asks: str) -> None:
    kind = """
        about: Something that happened.
        fields: {event: {type: text}, ended: {type: date}, date: {type: date}}
        prompts: {when: {front: "{{ date | when }} {{ event }}?", back: "{{ date }}, {{ ended }}"}}
        """
    fact = f"  - {{id: a, kind: event, event: was it, date: {date}, ended: 1994-07-25}}\n"
    notes = notes_of(tmp_path, {"kinds/event.yaml": kind}, a=HEAD + fact)
    assert notes["a/when"].fields[0] == f"{asks} was it?"


def test_what_a_cloze_deletion_hides_cannot_end_it(tmp_path: Path) -> None:
    notes = notes_of(
        tmp_path, a=HEAD + '  - {id: a, kind: list, list: Some, items: ["a::b", "c}}d", "{{x"]}\n'
    )
    assert notes["a/items"].fields[0] == (
        "Some: <ul><li>{{c1::a&#58;:b}}</li><li>{{c2::c&#125;&#125;d}}</li>"
        "<li>{{c3::{&#123;x}}</li></ul>"
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2010-10-02", "2 October 2010"),
        ("2010-10", "October 2010"),
        ("2010", "2010"),
        ("2017/2018", "2017–2018"),
        ("0800-12-25", "25 December 800"),
        ("0079-08", "August 79"),
        ("0476", "476"),
        ("0800/0814", "800–814"),
        ("44-03-15 BC", "15 March 44 BC"),
        ("0044-03 BC", "March 44 BC"),
        ("753 BC", "753 BC"),
        ("58/50 BC", "58–50 BC"),
        ("58 BC/50 BC", "58–50 BC"),
        ("27 BC/0014", "27 BC–AD 14"),
    ],
)
def test_a_date_is_shown_as_one_reads_it(written: str, shown: str) -> None:
    assert show_date(written) == shown


def test_a_date_before_christ_is_asked_for_and_shown(tmp_path: Path) -> None:
    kind = """
        about: Something that happened.
        fields: {event: {type: text}, date: {type: date}}
        prompts: {when: {front: "{{ date | when }} {{ event }}?", back: "{{ date }}"}}
        """
    facts = (
        "  - {id: a, kind: event, event: was Caesar killed, date: 44-03-15 BC, as_of: 44 BC}\n"
        "  - {id: b, kind: event, event: was the war in Gaul, date: 58/50 BC}\n"
        "  - {id: c, kind: event, event: was Rome founded, date: 753 BC}\n"
    )
    notes = notes_of(tmp_path, {"kinds/event.yaml": kind}, a=HEAD + facts)
    assert notes["a/when"].fields[:2] == ("On what day was Caesar killed?", "15 March 44 BC")
    assert notes["b/when"].fields[:2] == ("In which years was the war in Gaul?", "58–50 BC")
    assert notes["c/when"].fields[:2] == ("In what year was Rome founded?", "753 BC")
    assert "Source · as of 44 BC<" in notes["a/when"].fields[6]


@pytest.mark.parametrize(
    ("date", "wrong"),
    [
        ("0 BC", "is not a real date"),
        ("0000", "is not a real date"),
        ("44-02-30 BC", "is not a real date"),
        ("44-02-29 BC", "is not a real date"),
        ("44-13 BC", "is not a real date"),
        ("50/58 BC", "ends before it starts"),
        ("58/58 BC", "ends before it starts"),
        ("-0044-03-15", "is not a valid date; write 2010-10-12, 2010-10, 2010, 2010/2011 or 44 BC"),
        ("800", "is not a valid date; write 2010-10-12, 2010-10, 2010, 2010/2011 or 44 BC"),
    ],
)
def test_what_is_no_date_is_an_error(tmp_path: Path, date: str, wrong: str) -> None:
    facts = f"{HEAD}  - {{id: a, kind: event, event: was it, date: {date}}}\n"
    (found,) = problems_of(tmp_path, a=facts)
    assert found == f"facts/a.yaml:5:47: error: “{date}” {wrong} [date]"


def test_1_bc_was_a_leap_year(tmp_path: Path) -> None:
    facts = f"{HEAD}  - {{id: a, kind: event, event: was it, date: 1-02-29 BC}}\n"
    assert not problems_of(tmp_path, a=facts)
