"""Lists on cards of a cloze: hints, contexts, steps, and the rest hidden, as Anki shows them."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import ANKI_PAGE, PHONE, quiet_page
from tests.command import cards
from tests.engine import cards_of, collection, double_click, text_of
from tests.public import no_memory, prepare
from tests.sources import HEAD, notes_of, package_of, problems_of, project_of, write_sources

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BARE = {"card/front.html": "[[ question ]]\n", "card/back.html": "[[ answer ]]\n"}
KIND = """
    about: A list.
    fields:
      list: {type: text, required: true}
      items: {type: list}
      capital: {type: text}
      clue: {type: text}
      others: {type: list}
    prompts: {items: PROMPT}
"""


def kind(cloze: str, **more: str) -> dict[str, str]:
    """The kind of these tests with a cloze of its own."""
    said = "".join(f", {name}: {value}" for name, value in more.items())
    quoted = "'" + cloze.replace("'", "''") + "'"
    return BARE | {"kinds/list.yaml": KIND.replace("PROMPT", f"{{cloze: {quoted}{said}}}")}


def shown(root: Path, files: dict[str, str], fact: str) -> list[tuple[str, str]]:
    """The front and back of each card that Anki makes of a fact, without markup."""
    facts = f"{HEAD}  - id: a\n    kind: list\n    list: Cities\n{fact}"
    write_sources(root, files, a=facts)
    built = cards(root, "build")
    assert built.exit_code == 0, built.output
    with collection(root / "anki.anki2") as col:
        double_click(col, root / "decks" / "mini.apkg")
        return [(bare(card.question()), bare(card.answer())) for card in cards_of(col)]


def bare(html: str) -> str:
    return text_of(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))


def test_an_item_that_is_empty_is_not_also_a_duplicate(tmp_path: Path) -> None:
    fact = HEAD + "  - {id: a, kind: list, list: L, items: ['', '', x]}\n"
    assert [one.rpartition("[")[2] for one in problems_of(tmp_path, a=fact)] == ["empty]", "empty]"]


def test_a_hint_stands_in_the_gap(tmp_path: Path) -> None:
    fact = '    capital: Jakarta\n    clue: "::a *city*}}"\n'
    for prompt, hint in {
        '{{ list }}: {{ capital | cloze("city") }}': "city",
        "{{ list }}: {{ capital | cloze(clue) }}": "&#58;:a city &#125;&#125;",
        "{{ list }}: {{ capital | cloze(others) }}": "...",
        '{{ list }}: {{ capital | cloze("") }}': "...",
        '{{ list }}: {{ capital | cloze("a::b}}<i>[c]{{c1::") }}': "",
    }.items():
        ((front, back),) = shown(tmp_path / hint[:3], kind(prompt), fact)
        assert back == "Cities: Jakarta"
        assert front.startswith("Cities: [")
        assert front.endswith("]")
        assert not hint or front == f"Cities: [{hint}]"


def test_items_have_hints_of_their_own_or_that_of_the_filter(tmp_path: Path) -> None:
    fact = "    items:\n      - {item: Bonn, hint: 'river: *Rhine*'}\n      - Rome\n"
    cards = shown(tmp_path, kind('{{ list }}: {{ items | cloze("city") }}'), fact)
    assert [front for front, _ in cards] == [
        "Cities: [river: Rhine ] Rome",
        "Cities: Bonn [city]",
    ]
    assert {back for _, back in cards} == {"Cities: Bonn Rome"}


def test_an_item_stands_in_its_context(tmp_path: Path) -> None:
    fact = (
        "    items:\n"
        "      - {item: Bonn, context: 'the *old {item}* on the Rhine', hint: which}\n"
        "      - {item: 'a::b}}', context: '`x {item}` and {{c9::x}}'}\n"
        "      - {item: '10', context: '{item} is \\(x^{item}\\)'}\n"
    )
    cards = shown(tmp_path, kind("{{ list }}: {{ items | cloze }}"), fact)
    rest = "x a&#58;:b&#125;&#125; and {&#123;c9::x}} 10 is \\(x^{10}\\)"
    assert [front for front, _ in cards] == [
        f"Cities: the old [which] on the Rhine {rest}",
        "Cities: the old Bonn on the Rhine x [...] and {&#123;c9::x}} 10 is \\(x^{10}\\)",
        "Cities: the old Bonn on the Rhine x a&#58;:b&#125;&#125; and {&#123;c9::x}}"
        " [...] is \\(x^{[...]}\\)",
    ]
    assert cards[0][1] == f"Cities: the old Bonn on the Rhine {rest}"


def test_a_list_that_is_not_hidden_shows_items_in_their_contexts(tmp_path: Path) -> None:
    files = {
        "kinds/list.yaml": KIND.replace(
            "PROMPT", "{front: '{{ list }}?', back: '{{ items | numbered }}'}"
        )
    }
    fact = "  - {id: a, kind: list, list: L, items: [{item: B, context: 'in *{item}*'}, C]}\n"
    (note,) = notes_of(tmp_path, files, a=HEAD + fact).values()
    assert note.fields[1] == "<ol><li>in <em>B</em></li><li>C</li></ol>"


def test_steps_are_numbered(tmp_path: Path) -> None:
    files = kind("{{ list }}: {{ items | cloze | numbered }}")
    facts = HEAD + "  - {id: a, kind: list, list: L, items: [one, two]}\n"
    (note,) = notes_of(tmp_path, files, a=facts).values()
    assert note.fields[0] == "L: <ol><li>{{c1::one}}</li><li>{{c2::two}}</li></ol>"
    (found,) = problems_of(tmp_path, kind("{{ list | numbered }} {{ items | cloze }}"), a=facts)
    assert "the template fails on fact “a”: the filter “numbered” takes a list" in found


def test_the_rest_is_hidden_on_the_front_alone(tmp_path: Path) -> None:
    """Anki marks the other deletions, and CSS hides them where the front shows the text."""
    fact = "    items: [Bonn, Rome]\n"
    files = kind("{{ list }}: {{ items | cloze }}", rest="hidden")
    shown(tmp_path, files, fact)
    with collection(tmp_path / "anki.anki2") as col:
        front, back = next((card.question(), card.answer()) for card in cards_of(col))
    assert '<div class="asked"><div class="rest-hidden">Cities' in front
    assert re.search(r'<span class="cloze-inactive"[^>]*>Rome</span>', front)
    assert ".asked .rest-hidden .cloze-inactive {" in front
    assert '<div class="rest-hidden">Cities' in back
    assert '"asked"' not in back


def test_what_is_hidden_is_not_to_be_seen(tmp_path: Path, browser: Browser) -> None:
    fact = "    items: [Bonn, '**Rome** and a long road that leads to it \\(x^2\\)', Oslo]\n"
    shown(tmp_path, kind("{{ list }}: {{ items | cloze | numbered }}", rest="hidden"), fact)
    with collection(tmp_path / "anki.anki2") as col:
        card = cards_of(col)[0]
        sides = card.question(), card.answer()
    with quiet_page(browser, PHONE) as page:
        seen = []
        for side in sides:
            page.set_content(ANKI_PAGE)
            page.evaluate("html => { document.getElementById('qa').innerHTML = html }", side)
            seen.append(" ".join(page.inner_text("#qa").split()))
            items = "[...document.querySelectorAll('li')]"
            heights = page.evaluate(f"{items}.map(item => item.clientHeight)")
            assert min(heights) > 15
            assert side == sides[1] or max(heights) < 30
    assert seen[0] == "Cities: [...]"
    assert seen[1].startswith("Cities: Bonn Rome and a long road")


def test_a_ledger_and_its_packages_agree_whatever_stands_around_an_item(tmp_path: Path) -> None:
    contexts = ("", "so {item}", "`{item}`", r"\(a = {item}\)", "*{item}*", "{item} {item}")
    texts = (
        "*x*",
        "`a`",
        "a_b_",
        r"\*",
        r"\{",
        "}}",
        "::",
        "<b>",
        "&amp;",
        r"\(x\)",
        "[a](b)",
        "a  b",
    )
    said = "".join(
        f"  - {{id: f{n}, kind: list, list: L, items: [{{item: '{text}', hint: '{text}'"
        + (f", context: '{context}'" if context else "")
        + "}, rest]}\n"
        for n, (text, context) in enumerate(product(texts, contexts))
    )
    project = project_of(tmp_path, kind("{{ list }}: {{ items | cloze }}"), a=HEAD + said)
    package_of(project, tmp_path)
    _, problems = prepare(project, tmp_path / "decks", 1_700_000_001, no_memory)
    assert not problems, "\n".join(map(str, problems))


def test_the_preview_hides_the_rest_too(tmp_path: Path) -> None:
    files = kind("{{ list }}: {{ items | cloze }}", rest="hidden")
    shown(tmp_path, files, "    items: [Bonn, Rome]\n")
    assert cards(tmp_path, "preview").exit_code == 0
    assert ".asked .rest-hidden" in (tmp_path / "preview.html").read_text("utf-8")


def test_a_deck_that_hides_no_rest_has_the_styling_of_its_author(tmp_path: Path) -> None:
    fact = "    items: [Bonn, Rome]\n"
    shown(tmp_path, kind("{{ list }}: {{ items | cloze }}", rest="shown"), fact)
    with collection(tmp_path / "anki.anki2") as col:
        assert "asked" not in cards_of(col)[0].question()


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("{item: x, context: no place}", "no “{item}” in this context; write it where"),
        ("{item: x, context: '[a](https://b.org/{item})'}", "a cloze deletion cannot stand in"),
        ("{item: x, context: ''}", "context is empty"),
        ("{item: x, hint: ' '}", "hint is empty"),
        ("{item: x, hint: [a]}", "hint must be a text, not a list"),
        ("{item: x, hnt: a}", "an item has no key “hnt”; did you mean “hint”?"),
    ],
)
def test_what_is_wrong_with_an_item_is_an_error_at_its_place(
    tmp_path: Path, item: str, message: str
) -> None:
    facts = f"{HEAD}  - id: a\n    kind: list\n    list: L\n    items: [y, {item}]\n"
    (found,) = problems_of(tmp_path, a=facts)
    assert found.startswith("facts/a.yaml:8:")
    assert message in found


def test_the_hint_of_a_filter_is_no_list(tmp_path: Path) -> None:
    facts = HEAD + "  - {id: a, kind: list, list: L, items: [x, y]}\n"
    (found,) = problems_of(tmp_path, kind("{{ list | cloze(items) }}"), a=facts)
    assert "the hint of the filter “cloze” must be a text" in found


def test_the_rest_is_shown_or_hidden_and_nothing_else(tmp_path: Path) -> None:
    facts = HEAD + "  - {id: a, kind: list, list: L, items: [x, y]}\n"
    found = problems_of(tmp_path, kind("{{ items | cloze }}", rest="gone"), a=facts)
    assert any("“gone” is not valid here; write shown or hidden [cloze]" in one for one in found)


def test_hints_contexts_and_the_order_of_steps_change_nothing_but_looks(tmp_path: Path) -> None:
    lists = (
        "[Bonn, Rome, Oslo]",
        "[{item: Bonn, hint: Rhine}, Rome, {item: Oslo, context: 'far {item}'}]",
        "[{item: Oslo, context: '{item}, far'}, {item: Bonn, hint: a river}, Rome]",
        "[{item: Oslo, context: '`{item}`', hint: x}, {item: Rom, formerly: Rome, hint: y}, Bonn]",
        "[{item: Oslo, context: '\\(\\text{{item}}\\)'}, Rom, Bonn]",
        "[Oslo, Rom, Bonn]",
    )
    asks: dict[int, str] = {}
    with collection(tmp_path / "anki.anki2") as col:
        for number, items in enumerate(lists):
            facts = f"{HEAD}  - {{id: a, kind: list, list: L, items: {items}}}\n"
            rest = "hidden" if number % 2 else "shown"
            files = kind("{{ list }}: {{ items | cloze | numbered }}", rest=rest)
            write_sources(tmp_path, files, a=facts)
            built = cards(tmp_path, "build")
            assert built.exit_code == 0, built.output
            imported = double_click(col, tmp_path / "decks" / "mini.apkg")
            assert imported.updated == (number > 0)
            assert not imported.conflicting
            for card in cards_of(col):
                found = re.search('class="cloze"[^>]*>(.*?)</span>', card.answer())
                # Anki marks no deletion in a formula.
                assert found or r"\(\text{Oslo}\)" in card.answer()
                hidden = found[1][:3] if found else "Osl"
                assert asks.setdefault(card.id, hidden) == hidden
    assert sorted(asks.values()) == ["Bon", "Osl", "Rom"]
