"""Fields that a prompt can do without: what is asked of which fact, and what `cards show` says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command import cards
from tests.engine import cards_of, collection, double_click
from tests.sources import HEAD, notes_of, problems_of, write_sources

KIND = """
    about: A word.
    fields:
      a: {type: text, required: true}
      b: {type: text}
      c: {type: text}
      items: {type: list}
    prompts:
"""


def asked(root: Path, prompt: str, **facts: str) -> dict[str, str]:
    """What a prompt of a kind with optional fields shows of facts, by their ids; `-` of none.

    The prompt stands beside another, which asks for `a`.
    """
    kind = f"{KIND}      other: {{front: '{{{{ a }}}}??', back: x}}\n      word: {prompt}\n"
    said = [f"  - {{id: {name}, kind: word, {text}}}\n" for name, text in facts.items()]
    notes = notes_of(root, {"kinds/word.yaml": kind}, a=HEAD + "".join(said))
    shown = {key: " | ".join(filter(None, note.fields[:4])) for key, note in notes.items()}
    clozes = {key for key, note in notes.items() if note.cloze}
    shown |= {key: notes[key].fields[0] for key in clozes}
    return {name: shown.get(f"{name}/word", "-") for name in facts}


ABC = {"one": "a: A", "two": "a: A, b: B", "three": "a: A, c: C", "all": "a: A, b: B, c: C"}


@pytest.mark.parametrize(
    ("back", "shown"),
    [
        ("{{ b }}", ("-", "B", "-", "B")),
        ("x{% if b %}, {{ b }}{% endif %}", ("x", "x, B", "x", "x, B")),
        ("x{{ b if b }}", ("x", "xB", "x", "xB")),
        ("{{ b if b else c }}", ("-", "B", "C", "B")),
        ("{{ b or c }}", ("-", "B", "C", "B")),
        ("{{ b or c or a }}", ("A", "B", "C", "B")),
        ("{{ b and c }}", ("-", "-", "-", "C")),
        ("x{% if b is defined %}{{ b }}{% endif %}", ("x", "xB", "x", "xB")),
        ("x{% if b is not defined %}y{% endif %}", ("xy", "x", "xy", "x")),
        ("{{ b | default('none') }}", ("none", "B", "none", "B")),
        ("{{ b | default(c) }}", ("-", "B", "C", "B")),
        ("{{ b | default(c) | default(a) | upper }}", ("A", "B", "C", "B")),
        ("x{% if b and c %}{{ b }}{{ c }}{% endif %}", ("x", "x", "x", "xBC")),
        ("x{% if b or c %}{{ b or c }}{% endif %}", ("x", "xB", "xC", "xB")),
        ("x{% if not b %}{{ c }}{% endif %}", ("-", "x", "xC", "x")),
        ("x{% if b %}{{ c }}{% endif %}", ("x", "-", "x", "xC")),
        ("x{% if b %}{% if c %}{{ c }}{% endif %}{% endif %}", ("x", "x", "x", "xC")),
        (
            "{% if b %}{{ b }}{% elif c %}{{ c }}{% else %}{{ a }}{% endif %}",
            ("A", "B", "C", "B"),
        ),
        ("x{% if b == 'B' %}!{% elif b != 'D' %}?{% endif %}", ("x?", "x!", "x?", "x!")),
        ("x{% if b in 'AB' %}!{% endif %}", ("x", "x!", "x", "x!")),
        ("x{% if b not in a %}!{% endif %}", ("x!", "x!", "x!", "x!")),
        ("x{% if b is in a %}!{% endif %}", ("x", "x", "x", "x")),
        ("x{% if a in b %}!{% endif %}", ("x", "x", "x", "x")),
        ("{{ b ~ c }}", ("-", "-", "-", "BC")),
        ("{{ a ~ (' ' ~ b if b) }}", ("A", "A B", "A", "A B")),
        ("{{ b | upper }}", ("-", "B", "-", "B")),
        ("x{% if b | upper == 'B' %}!{% endif %}", ("x", "x!", "x", "x!")),
        (
            "x{% if b | length < 1 %}!{% elif b | trim | first == 'B' %}?{% endif %}",
            ("x!", "x?") * 2,
        ),
        ("{{ '!' if b | first != 'B' else b | default('-') }}", ("!", "B", "!", "B")),
        ("{{ [b, c] | join }}", ("-", "-", "-", "BC")),
        ("{% if b is not none %}{{ b }}{% else %}{{ a }}{% endif %}", ("A", "B", "A", "B")),
        ("{{ a if b is none else b }}", ("A", "B", "A", "B")),
        ("{% if b %}{{ b }}{% endif %}", ("-", "B", "-", "B")),
        (
            "<b>{% if b %}{{ b }}{% endif %}</b>&nbsp;",
            ("-", "<b>B</b>&nbsp;", "-", "<b>B</b>&nbsp;"),
        ),
    ],
)
def test_a_prompt_needs_what_its_templates_come_to_show(
    tmp_path: Path, back: str, shown: tuple[str, ...]
) -> None:
    made = asked(tmp_path, f'{{front: "Q?", back: "{back}"}}'.replace("Q", "{{ a }}"), **ABC)
    assert [text.removeprefix("A? | ") for text in made.values()] == list(shown)


@pytest.mark.parametrize(
    ("back", "message"),
    [
        ("{% set c = a %}{{ c }}", "{% set %} is not allowed; a template only shows values"),
        ("{% macro m() %}{% endmacro %}{{ a }}", "{% macro %} is not allowed;"),
        ("{% include 'x' %}{{ a }}", "{% include %} is not allowed;"),
        ("{% with %}{{ a }}{% endwith %}", "{% with %} is not allowed;"),
        ("{% autoescape false %}{{ a }}{% endautoescape %}", "{% autoescape %} is not allowed;"),
        ("{{ {'x': a} }}", "a mapping is not allowed;"),
        ("{{ a | wordcount }}", "unknown filter “wordcount”; the filters are capitalize, cloze,"),
        ("{{ a | uper }}", "unknown filter “uper”; did you mean “upper”?"),
    ],
)
def test_what_a_template_may_not_have_is_called_as_its_author_does(
    tmp_path: Path, back: str, message: str
) -> None:
    kind = KIND + f'      word: {{front: "{{{{ a }}}}?", back: "{back}"}}\n'
    (problem,) = problems_of(tmp_path, {"kinds/word.yaml": kind})
    assert f"not a valid template: {message}" in problem


@pytest.mark.parametrize("name", ["self", "super", "loop", "true_"])
def test_no_name_is_a_field_that_the_kind_does_not_have(tmp_path: Path, name: str) -> None:
    for back in (f"{{{{ {name} }}}}", f"{{{{ a }}}} {{% if {name} %}}x{{% endif %}}"):
        kind = KIND + f'      word: {{front: "{{{{ a }}}}?", back: "{back}"}}\n'
        (problem,) = problems_of(tmp_path, {"kinds/word.yaml": kind})
        assert f"unknown field “{name}”" in problem


def test_a_loop_needs_its_list_unless_it_has_an_else(tmp_path: Path) -> None:
    facts = {"no": "a: A", "yes": "a: A, items: [x, y]"}
    for loop, shown in {
        "{% for i in items %}{{ i }}{% endfor %}": "-",
        "{% for i in items %}{{ i }}{% else %}none{% endfor %}": "A? | none",
        "!{% if items %}{% for i in items %}{{ i }}{% endfor %}{% endif %}": "A? | !",
        "!{% for i in items if items %}{{ i }}{% endfor %}": "-",
        "!{{ items | join if items }}": "A? | !",
        "{{ items | first }}": "-",
        "{{ items | length }}": "-",
        "{{ items[0] }}": "-",
        "{{ items }}": "-",
    }.items():
        made = asked(tmp_path, f'{{front: "{{{{ a }}}}?", back: "{loop}"}}', **facts)
        assert made["no"] == shown, loop
        assert made["yes"] != "-"


def test_as_of_may_be_missing_too(tmp_path: Path) -> None:
    prompt = '{front: "{% if as_of %}In {{ as_of }}, {% endif %}{{ a }}?", back: y}'
    facts = {"no": "a: A", "yes": 'a: A, as_of: "2020"'}
    assert asked(tmp_path, prompt, **facts) == {"no": "A? | y", "yes": "In 2020, A? | y"}


def test_no_card_has_an_empty_side(tmp_path: Path) -> None:
    front = "front: '{% if b %}{{ b }}?{% endif %}', back: '{{ a }}'"
    prompt = f"{{{front}, reverse: {{{front.replace('b', 'c').replace('cack', 'back')}}}}}"
    assert asked(tmp_path, prompt, **ABC) == {
        "one": "-",
        "two": "B? | A",
        "three": "-",
        "all": "B? | A | C? | A",
    }


def test_a_cloze_without_a_deletion_is_not_asked(tmp_path: Path) -> None:
    b, c = "{% if b %}: {{ b | cloze }}{% endif %}", "{% if c %}, {{ c | cloze }}{% endif %}"
    prompt = f"{{cloze: '{{{{ a }}}}{b}{c}'}}"
    assert asked(tmp_path, prompt, **ABC) == {
        "one": "-",
        "two": "A: {{c1::B}}",
        "three": "A, {{c1::C}}",
        "all": "A: {{c1::B}}, {{c2::C}}",
    }


def test_show_says_what_is_not_asked_and_why(tmp_path: Path) -> None:
    kind = (
        KIND
        + """
      word: {front: "{{ a }}?", back: "{{ a }}", reverse: {front: "{{ b }}", back: x}}
      loose: {front: "{% if b %}{{ b }}{% endif %}", back: "{{ a }}"}
      gap: {cloze: "{% if c %}{{ c | cloze }}{% endif %}"}
      deep: {front: "{% if a %}{{ c }}{% endif %}", back: "{{ a }}"}
    """
    )
    facts = HEAD + "  - {id: one, kind: word, a: A}\n  - {id: two, kind: word, a: A, b: B, c: C}\n"
    write_sources(tmp_path, {"kinds/word.yaml": kind}, a=facts)
    assert cards(tmp_path, "show", "one").output.endswith(
        "\n\n"
        "word: reverse not asked: no field “b”\n"
        "loose: not asked: the front comes out empty\n"
        "gap: not asked: has no cloze deletion\n"
        "deep: not asked: no field “c”\n"
    )
    assert "not asked" not in cards(tmp_path, "show", "two").output


def test_a_fact_of_which_nothing_is_asked_is_an_error_that_says_why(tmp_path: Path) -> None:
    kind = KIND + "      word: {front: '{% if b %}{{ b }}{% endif %}', back: '{{ a }}'}\n"
    facts = HEAD + "  - {id: one, kind: word, a: A}\n"
    assert problems_of(tmp_path, {"kinds/word.yaml": kind}, a=facts) == [
        "facts/a.yaml:5:5: error: no prompt of kind “word” can be asked of this fact;"
        " “word”: the front comes out empty [no-prompt]"
    ]


def test_a_template_that_always_comes_out_empty_is_an_error(tmp_path: Path) -> None:
    kind = KIND + "      word: {front: \"{{ a | trim('A') }}\", back: x}\n"
    facts = HEAD + "  - {id: one, kind: word, a: A}\n"
    (found,) = problems_of(tmp_path, {"kinds/word.yaml": kind}, a=facts)
    assert found.endswith("error: prompt “word” of fact “one” comes out empty [prompt]")


SPANISH = """
    about: A word.
    fields: {es: {type: text, required: true}, en: {type: text}, plural: {type: text}}
    prompts:
      word:
        front: "¿{{ es }}?"
        back: "{{ es }}{% if plural %}, pl. {{ plural }}{% endif %}"
        reverse: {front: "{{ en }}?", back: "{{ es }}"}
      parts:
        cloze: >-
          {{ es | cloze }}{% if plural %} – {{ plural | cloze }}{% endif %}
          {% if en %} – {{ en | cloze }}{% endif %}
      number: {front: "{% if plural %}Plural of {{ es }}?{% endif %}", back: "{{ plural }}"}
"""


def test_fields_filled_and_emptied_later_lose_no_history(tmp_path: Path) -> None:
    steps = (
        *("", "plural: aguas", "en: water", "plural: aguas, en: water", "en: waters"),
        *("", "plural: las aguas, en: water", "plural: las aguas"),
    )
    hides: dict[int, str] = {}
    with collection(tmp_path / "anki.anki2") as col:
        for said in steps:
            facts = f"{HEAD}  - {{id: agua, kind: word, es: agua, {said}}}\n"
            write_sources(tmp_path, {"kinds/word.yaml": SPANISH}, a=facts)
            built = cards(tmp_path, "build")
            assert built.exit_code == 0, built.output
            assert not double_click(col, tmp_path / "decks" / "mini.apkg").conflicting
            for card in cards_of(col, "Key:agua/parts"):
                gap = re.search('class="cloze"[^>]*>(.*?)</span>', card.render_output().answer_text)
                hidden = gap[1].removeprefix("las ").removesuffix("s") if gap else ""
                hidden = "plural" if gap and "aguas" in gap[1] else hidden
                assert not hidden or hides.setdefault(card.id, hidden) == hidden
        assert sorted(hides.values()) == ["agua", "plural", "water"]
        assert [card.ord for card in cards_of(col, "Key:agua/word")] == [0, 1]
        assert len(cards_of(col)) == 6
