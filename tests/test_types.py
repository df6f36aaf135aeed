"""What a field's type makes of a text: on the card stands what the author wrote."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import sample
from tests.engine import cards_of, collection, double_click
from tests.public import TYPES
from tests.sources import HEAD, MINI, notes_of, package_of, problems_of, project_of

if TYPE_CHECKING:
    from anki.cards import Card

FIELDS = """
  n: {type: text}
  xs: {type: list}
  day: {type: date}
  site: {type: url}
  path: {type: plain}
  code: {type: code}
  blocks: {type: markdown}
  word: {type: furigana}
  map: {type: picture}
"""
MEDIA = {
    "media/sources.yaml": """
        map.svg: {origin: drawn, licence: CC0, alt: 'A map [sound:x.mp3] of "x"'}
        """,
    "media/map.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
}


def kind(*sides: str) -> dict[str, str]:
    """A kind of fact with a field of every type, and what stands on front and back."""
    front, back = json.dumps(sides[0]), json.dumps(sides[-1])
    prompt = f"  p: {{front: {front}, back: {back}}}\n"
    return {"kinds/every.yaml": f"about: x\nfields:{FIELDS}prompts:\n{prompt}"} | MEDIA


def back(root: Path, template: str, **values: str | list[str]) -> str:
    """The back of a note, by a template, of a fact with such values."""
    said = {"id": "a", "kind": "every", "n": "n"} | values
    notes = notes_of(root, kind("{{ n }}?", template), a=HEAD + f"  - {json.dumps(said)}\n")
    return notes["a/p"].fields[1]


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ n | capitalize }}", "R&amp;d &lt;by&gt; <em>él</em>, ßx"),
        ("{{ n | title }}", "R&amp;d &lt;By&gt; <em>Él</em>, Ssx"),
        ("{{ n | lower }}", "r&amp;d &lt;by&gt; <em>él</em>, ßx"),
        ("{{ n | upper }}", "R&amp;D &lt;BY&gt; <em>ÉL</em>, SSX"),
        ("{{ n | trim('rx') }}", "&amp;D &lt;by&gt; <em>éL</em>, ß"),
        ("{{ n | reverse }}", "xß ,<em>Lé</em> &gt;yb&lt; D&amp;r"),
        ("{{ n | length }}", "17"),
        ("{{ n | first }}{{ n | last }}", "rx"),
        ("{{ n | escape | upper }}", "R&amp;D &lt;BY&gt; <em>ÉL</em>, SSX"),
        ("{{ n | default('x') }}", "r&amp;D &lt;by&gt; <em>éL</em>, ßx"),
        (
            "{{ n ~ ' & ' ~ n | upper }}",
            "r&amp;D &lt;by&gt; <em>éL</em>, ßx &amp; R&amp;D &lt;BY&gt; <em>ÉL</em>, SSX",
        ),
        ("{{ (n ~ ' &') | upper }}", "R&amp;D &lt;BY&gt; <em>ÉL</em>, SSX &amp;"),
        ("{% if n == 'r&D <by> *éL*, ßx' %}same{% endif %}", "same"),
        ("{% if '<by>' in n %}in{% endif %}", "in"),
        ("{{ n[1] }}", "&amp;"),
    ],
)
def test_filters_and_comparisons_see_a_text_as_its_author_wrote_it(
    tmp_path: Path, template: str, shown: str
) -> None:
    assert back(tmp_path, template, n="r&D <by> *éL*, ßx") == shown


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ xs }}", "• *Él* • R&D • <b>"),
        ("{{ xs | capitalize }}", "• *Él* • R&d • <B>"),
        ("{{ xs | title }}", "• *Él* • R&d • <B>"),
        ("{{ xs | lower }}", "• *él* • r&d • <b>"),
        ("{{ xs | upper }}", "• *ÉL* • R&D • <B>"),
        ("{{ xs | trim('>') }}", "• *Él* • R&D • <b"),
        ("{{ xs | reverse }}", "• <b> • R&D • *Él*"),
        ("{{ xs | sort(true) }}", "• R&D • <b> • *Él*"),
        ("{{ xs | unique }}{{ xs | unique | length }}", "• *Él* • R&D • <b>3"),
        ("{{ xs | reverse | length }}{{ xs | length }}", "33"),
        ("{{ xs | first }}{{ xs | last }}{{ xs[1] }}", "*Él*<b>R&D"),
        ("{{ xs | escape }}", "• *Él* • R&D • <b>"),
        ("{{ xs | default('x') }}", "• *Él* • R&D • <b>"),
        ("{{ xs | join }}", "*Él*R&D<b>"),
        ("{{ xs | join(' & ') | upper }}", "*ÉL* & R&D & <B>"),
        ("{{ n ~ xs }}", "n• *Él* • R&D • <b>"),
        ("{% for x in xs %}{{ loop.index }} {{ x }} {% endfor %}", "1 *Él* 2 R&D 3 <b>"),
        ("{% if xs == ['*Él*', 'R&D', '<b>'] and 'R&D' in xs %}same{% endif %}", "same"),
    ],
)
def test_a_list_is_a_list_of_texts_and_shown_as_bullets(
    tmp_path: Path, template: str, shown: str
) -> None:
    html = back(tmp_path, template, xs=["*Él*", "R&D", "<b>"])
    html = re.sub(r"</?em>", "*", html).replace("</li><li>", " • ")
    assert unescape(html.replace("<ul><li>", "• ").replace("</li></ul>", "")) == shown


def test_a_list_has_bullets_on_every_side_of_every_prompt(tmp_path: Path) -> None:
    files = {
        "kinds/every.yaml": """
            about: x
            fields: {xs: {type: list}}
            prompts:
              p:
                front: "F {{ xs }}"
                back: "B {{ xs }}"
                reverse: {front: "R {{ xs }}", back: "S {{ xs }}"}
              q: {cloze: "{{ xs }} {{ xs | cloze }} {{ xs | cloze | join(', ') }}"}
            """
    }
    notes = notes_of(tmp_path, files, a=HEAD + "  - {id: a, kind: every, xs: [Spain, Portugal]}\n")
    bullets = "<ul><li>Spain</li><li>Portugal</li></ul>"
    assert notes["a/p"].fields[:4] == tuple(f"{side} {bullets}" for side in "FBRS")
    assert notes["a/q"].fields[0] == (
        f"{bullets} <ul><li>{{{{c1::Spain}}}}</li><li>{{{{c2::Portugal}}}}</li></ul>"
        " {{c1::Spain}}, {{c2::Portugal}}"
    )


def test_letters_change_their_case_but_formulas_and_addresses_do_not(tmp_path: Path) -> None:
    text = r"see \(\pi\) at [home](https://example.org/a), <https://example.org/b>"
    assert back(tmp_path, "{{ n | upper }}", n=text) == (
        r'SEE \(\pi\) AT <a href="https://example.org/a">HOME</a>, '
        '<a href="https://example.org/b">https://example.org/b</a>'
    )


def test_a_changed_text_may_be_hidden(tmp_path: Path) -> None:
    files = {
        "kinds/every.yaml": f"about: x\nfields:{FIELDS}prompts:\n"
        '  p: {cloze: "A {{ n | upper | cloze }}"}\n'
    }
    notes = notes_of(tmp_path, files, a=HEAD + "  - {id: a, kind: every, n: r&*d*}\n")
    assert notes["a/p"].fields[0] == "A {{c1::R&amp;<em>D</em>}}"


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        ("n", "1 Main St\n2nd floor\n\nRome", "1 Main St<br>2nd floor<br><br>Rome"),
        ("n", "C[C@@H](C(=O)O)N", "C&#91;C@@H](C(=O)O)N"),
        ("n", "[x](page) [y]() <a:b> <a@b.c>", "&#91;x](page) &#91;y]() &lt;a:b&gt; &lt;a@b.c&gt;"),
        ("n", "![map](map.svg)", "!&#91;map](map.svg)"),
        ("n", "&lt; &#65; &copy;", "&amp;lt; &amp;#65; &amp;copy;"),
        ("n", r"m\(^2\)", r"m\(^2\)"),
        ("path", "*a* & `b`\n[c](https://d)", "*a* &amp; `b`<br>&#91;c](https://d)"),
        ("path", r"C:\(a\)\b {{c1::x}}", r"C:\<span></span>(a\)\<span></span>b {&#123;c1::x}}"),
        ("code", "a  <b> *c*", "<code>a  &lt;b&gt; *c*</code>"),
        ("code", "  if x:\n    y\n\nz", "<pre><code>  if x:\n    y\n\nz</code></pre>"),
        (
            "word",
            "食[た]べ 物[もの] & x",
            "<ruby>食<rt>た</rt></ruby>べ<ruby>物<rt>もの</rt></ruby> &amp; x",
        ),
        ("word", "漢字[かんじ]", "<ruby>漢字<rt>かんじ</rt></ruby>"),
        ("blocks", "a *b*\nc\n\nd", "<p>a <em>b</em><br>\nc</p>\n<p>d</p>"),
        (
            "blocks",
            "- a\n  1. b\n- c",
            "<ul>\n<li>a\n<ol>\n<li>b</li>\n</ol>\n</li>\n<li>c</li>\n</ul>",
        ),
        ("blocks", "```\na\n  <b>\n```", "<pre><code>a\n  &lt;b&gt;\n</code></pre>"),
        (
            "blocks",
            "# a\n\n> b\n\n***\n\n[c]: d",
            "<p># a</p>\n<p>&gt; b</p>\n<p>***</p>\n<p>&#91;c]: d</p>",
        ),
    ],
)
def test_each_type_shows_what_it_says(tmp_path: Path, field: str, text: str, shown: str) -> None:
    html = back(tmp_path, f"{{{{ {field} }}}}", **{field: text})
    assert html.removeprefix('<span class="plain">').removesuffix("</span>") == shown


def test_a_table_is_a_table(tmp_path: Path) -> None:
    html = back(tmp_path, "{{ blocks }}", blocks="| a | b |\n|---|---|\n| 1 | 2 |")
    assert re.findall(r"<t[hd]>(.)</t[hd]>", html) == ["a", "b", "1", "2"]


def test_markdown_shows_pictures_of_the_deck(tmp_path: Path) -> None:
    said = {"id": "a", "kind": "every", "n": "n", "blocks": "See ![](map.svg)!"}
    notes = notes_of(
        tmp_path, kind("{{ n }}?", "{{ blocks }}"), a=HEAD + f"  - {json.dumps(said)}\n"
    )
    assert notes["a/p"].media == ("map.svg",)
    assert re.sub("-[0-9a-f]+", "", notes["a/p"].fields[1]) == (
        '<p>See <img src="map.svg" alt="A map &#91;sound:x.mp3] of &#34;x&#34;">!</p>'
    )


def test_a_picture_of_markdown_must_be_there(tmp_path: Path) -> None:
    said = {"id": "a", "kind": "every", "n": "n", "blocks": "![a map](mop.svg) and `![x](y)`"}
    files = kind("{{ n }}?", "{{ blocks }}")
    (problem,) = problems_of(tmp_path, files, a=HEAD + f"  - {json.dumps(said)}\n")
    assert "unknown file “mop.svg”" in problem
    assert "map.svg" in problem


@pytest.mark.parametrize("field", ["n", "site", "path", "code", "blocks", "word", "xs"])
@pytest.mark.parametrize(
    "evil", ["[sound:evil.mp3]", "[latex]x[/latex]", "[$]x[/$]", r"\(x\)a\[y\]", "{{c1::x}}"]
)
def test_no_type_lets_a_text_act_in_anki(tmp_path: Path, field: str, evil: str) -> None:
    text = f"https://example.org/{evil}" if field == "site" else evil
    html = back(tmp_path, f"{{{{ {field} }}}}", **{field: [text] if field == "xs" else text})
    assert not re.search(r"\[(?:sound|latex|\$)|\{\{", html)
    if field in ("site", "path", "code", "word"):
        assert not re.search(r"\\[(\[]|\\&#91;", re.sub(r'href="[^"]*"', "", html))


def test_two_texts_side_by_side_make_no_command(tmp_path: Path) -> None:
    html = back(
        tmp_path, "{{ n }}{{ path }}{{ n ~ path }}{{ (n ~ path) | join }}", n="{", path="{c1::x}}"
    )
    assert "{{" not in html
    assert "\\(" not in back(tmp_path, "{{ n }}{{ xs | join }}", n="\\", xs=["(x\\)"])


# Whatever a fact says

PIECE = (
    st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])
    | st.sampled_from("{}[]():\\*_&<>|#`$^~!-+=\"'\n 12ab")
    | st.sampled_from("\u0301\u0338\u093f\u05d0\u0645\u200d\u200f漢か👩🏽")
    | st.sampled_from(["{{c1::", "}}", "::", "[sound:", "\\(", "\\)", "&lt;", "<b>", "</span>"])
)
TEXT = st.lists(PIECE, max_size=12).map("".join)
# What each type documents as markup, and a card does not show.
MARKUP = {
    "text": "\\*_`<>[]()",
    "list": "\\*_`<>[]()",
    "markdown": "\\*_`<>[]()-+|~:.1234567890",
    "furigana": "[]",
}
FORMS = """
    about: x
    fields: {{v: {{type: {type}}}}}
    prompts:
      ask:
        front: "A {{{{ v }}}}."
        back: "B {{{{ v }}}}."
        reverse: {{front: "C {{{{ v }}}}.", back: "D {{{{ v }}}}."}}
      hide: {{cloze: "E {{{{ v | cloze }}}} F {{{{ v }}}}."}}
    """
ASKED = ("plain", "code", "url", "text", "list", "markdown", "furigana")


def visible(html: str) -> str:
    """The characters of HTML that a reader sees, in order, without white space."""
    return spelled(unescape(re.sub(r"<[^<>]*>", "", html)))


def spelled(text: str) -> str:
    """A text without white space, however its characters are composed."""
    return normalize("NFD", re.sub(r"[\s\u034f]+", "", text))


def without(text: str, markup: str) -> str:
    return "".join(char for char in text if char not in markup)


def said(type_: str, text: str) -> str:
    """A text that may stand in a field of a type."""
    text = normalize("NFC", text).strip()
    if type_ == "url":
        return "https://example.org/" + re.sub(r"[\s<>\"]", "", text)
    if type_ == "markdown":
        text = re.sub(r"`|~~|\||!\[", "", text).strip()  # what is not shown at all, or in part
    return text


@settings(max_examples=sample(60))
@given(st.lists(TEXT, min_size=1, max_size=8))
def test_a_card_shows_every_character_that_its_type_does_not_document_as_markup(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    root = tmp_path_factory.mktemp("any")
    facts = HEAD
    expected: dict[str, tuple[str, str]] = {}
    for type_ in ASKED:
        for text in filter(spelled, dict.fromkeys(said(type_, text) for text in texts)):
            key = f"{type_}-{len(expected)}"
            expected[key] = type_, text
            value = json.dumps([text] if type_ == "list" else text, ensure_ascii=False)
            facts += f"  - {{id: {key}, kind: {type_}, v: {value}}}\n"
    if not expected:
        return
    files = {f"kinds/{type_}.yaml": FORMS.format(type=type_) for type_ in ASKED}
    removed = {name for name in MINI if name.startswith("kinds/")} - {"kinds/list.yaml"}
    project = project_of(root, {name: MINI[name] for name in removed} | files, a=facts)
    with collection(root / "anki.anki2") as col:
        double_click(col, package_of(project, root))
        for key, (type_, text) in expected.items():
            markup = MARKUP.get(type_, "")
            word = without(spelled(text), markup)
            asked, turned = cards_of(col, f"Key:{key}/ask")
            (hidden,) = cards_of(col, f"Key:{key}/hide")
            shown = {
                f"A{word}.": question(asked),
                f"B{word}.": answer(asked),
                f"C{word}.": question(turned),
                f"D{word}.": answer(turned),
                f"E{word}F{word}.": answer(hidden),
            }
            for expects, shows in shown.items():
                assert without(shows, markup) == without(expects, markup), (key, text)


def question(card: Card) -> str:
    """What the small deck shows as a card's question."""
    return visible(card.render_output().question_text.partition("<div>")[2].partition("</div>")[0])


def answer(card: Card) -> str:
    """What the small deck shows as a card's answer."""
    _, _, html = card.render_output().answer_text.partition('<div id="answer">')
    return visible(html.partition("</div>")[0])


def test_every_type_is_tried() -> None:
    files = {"picture", "audio", "video"}
    others = {"cloze", "date", "number", "shapes", "html"}
    assert {*ASKED, *files, *others} == TYPES.keys()
