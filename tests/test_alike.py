"""Cards that ask nearly the same are found, though only a few are compared word by word."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.effort import sample
from tests.public import check_cards, load_project
from tests.sources import HEAD, write_sources

WORD = st.text("abdegiklmnoprstuvz", min_size=5, max_size=12)
# Names and small words, so that the sentences differ in more than one way.
SENTENCE = st.lists(WORD.map(str.capitalize) | WORD, min_size=2, max_size=7, unique_by=str.lower)


def finds(root: Path, first: list[str], second: list[str], answers: tuple[str, str]) -> bool:
    """Whether two questions of these words count as one."""
    facts = "".join(
        f"  - {{id: f{number}, kind: event, event: did {' '.join(words)} meet, date: {answer}}}\n"
        for number, (words, answer) in enumerate(zip((first, second), answers, strict=True))
    )
    project, problems = load_project(write_sources(root, a=HEAD + facts))
    assert project, problems
    return any(problem.rule == "same-question" for problem in check_cards(project))


slowly = settings(
    max_examples=sample(100), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@slowly
@given(SENTENCE, st.data())
def test_the_same_words_in_another_order_are_found(
    tmp_path: Path, words: list[str], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(words))
    assert finds(tmp_path, words, other, ("1994", "1994"))


@slowly
@given(SENTENCE, st.data())
def test_a_word_with_one_letter_more_is_found(
    tmp_path: Path, words: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    word = words[place]
    at = data.draw(st.integers(1, len(word)))
    letter = data.draw(st.sampled_from("aeioust"))
    other = [*words]
    other[place] = word[:at] + letter + word[at:]
    assume(other[place].lower() not in map(str.lower, words))
    # Names that are alike may be two, and are one only with the same answer.
    assert finds(tmp_path, words, other, ("1994", "1995" if word.islower() else "1994"))


@slowly
@given(SENTENCE, WORD, WORD, st.data())
def test_another_small_word_is_found_if_the_answer_is_the_same(
    tmp_path: Path, words: list[str], one: str, another: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(words)))
    assume(one != another and {one, another}.isdisjoint(map(str.lower, words)))
    first, second = ([*words[:place], word, *words[place:]] for word in (one, another))
    assert finds(tmp_path, first, second, ("1994", "1994"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("the Lorem forum", "the Ipsum forum"), ("summit 9", "summit 10"), ("the AMM", "the ADMM")],
)
def test_other_names_and_numbers_make_another_question(
    tmp_path: Path, one: str, other: str
) -> None:
    assert not finds(tmp_path, one.split(), other.split(), ("1994", "1994"))


ALIKE = (
    *("Iran", "Iraq", "Niger", "Nigeria", "Bern", "Berlin", "Guinea", "Guinea-Bissau", "Mali"),
    *("Malawi", "Slovakia", "Slovenia", "Dominica", "Dominican Republic", "Austria", "Australia"),
    *("Republic of the Congo", "Democratic Republic of the Congo", "Mauritania", "Mauritius"),
    *("North Korea", "South Korea", "Zambia", "Gambia", "Paraguay", "Uruguay", "Samoa"),
    *("hafnium", "hassium", "rhodium", "rubidium", "methanol", "ethanol", "cysteine", "cystine"),
    *("hypoparathyroidism", "hyperparathyroidism", "afferent", "efferent"),
    *("hypochlorite", "hypochlorate", "carbon dioxide", "carbon monoxide", "إيران", "العراق"),
)
OF_NAMES = """
    about: A thing with a name.
    fields: {name: {type: text, required: true}, value: {type: text, required: true}}
    prompts:
      value: {front: "What is the value of {{ name }}?", back: "{{ value }}"}
      sort: {front: "Is {{ name }} new or old?", back: "old"}
      hidden: {cloze: "{{ name | cloze }} has the value {{ value | cloze }}."}
      shown: {cloze: "The value of {{ name }} is {{ value | cloze }}."}
"""


def of_names(root: Path, *values: tuple[str, str]) -> list[str]:
    """What is said of pairs of cards, of a kind that asks for the values of names."""
    facts = [
        f"  - {{id: f{n}, kind: thing, name: {name}, value: {value}}}\n"
        for n, (name, value) in enumerate(values)
    ]
    src = write_sources(root, {"kinds/thing.yaml": OF_NAMES}, a=HEAD + "".join(facts))
    project, problems = load_project(src)
    assert project, problems
    pairs = [one for one in check_cards(project) if one.rule in ("same-question", "two-answers")]
    return [problem.message for problem in pairs]


def test_names_that_are_alike_are_not_the_same(tmp_path: Path) -> None:
    assert not of_names(tmp_path, *((name, f"w{n}") for n, name in enumerate(ALIKE)))


def test_the_same_name_twice_is_found(tmp_path: Path) -> None:
    said = of_names(tmp_path, ("Niger", "w1"), ("niger", "w1"))
    assert sorted(message.partition(":")[0] for message in said) == [
        "asks the same as f0/hidden",
        "asks the same as f0/shown",
        "asks the same as f0/sort",
        "asks the same as f0/value",
    ]


def test_alike_names_in_questions_of_their_own_are_two(tmp_path: Path) -> None:
    write_sources(
        tmp_path,
        {
            "kinds/q.yaml": "about: x\nfields: {q: {type: text}, a: {type: text}}\n"
            'prompts: {q: {front: "{{ q }}", back: "{{ a }}"}}\n'
        },
        a=HEAD + "  - {id: a, kind: q, q: What is the capital of Dominica now?, a: Roseau}\n"
        "  - {id: b, kind: q, q: What is the capital of Dominican now?, a: Santo Domingo}\n"
        "  - {id: e, kind: q, q: How does one treat methanol badly?, a: so}\n"
        "  - {id: f, kind: q, q: How does one treat ethanol badly?, a: thus}\n"
        "  - {id: g, kind: q, q: What causes hypoparathyroidism in dogs?, a: a loss}\n"
        "  - {id: h, kind: q, q: What causes hyperparathyroidism in dogs?, a: a tumour}\n"
        "  - {id: c, kind: q, q: Where did the harbor begin?, a: here}\n"
        "  - {id: d, kind: q, q: Where did the harbour begin?, a: there}\n",
    )
    project, _ = load_project(tmp_path / "src")
    assert project
    pairs = {one.message for one in check_cards(project) if one.rule == "same-question"}
    assert pairs == {"asks nearly the same as c/q: Where did the harbor begin?"}


def test_clozes_that_hide_different_parts_of_one_sentence_are_not_the_same(tmp_path: Path) -> None:
    cities = {"Canberra": 1913, "Ottawa": 1826, "Paris": 250}
    text = "{{{{c1::{}}}}} was founded in {{{{c2::{}}}}}."
    facts = [
        f'  - {{id: f{n}, kind: cloze, text: "{text.format(city, year)}"}}\n'
        for n, (city, year) in enumerate(cities.items())
    ]
    project, _ = load_project(write_sources(tmp_path, a=HEAD + "".join(facts)))
    assert project
    assert "same-question" not in {problem.rule for problem in check_cards(project)}


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("plain", "c1ccccc1", "C1CCCCC1"),
        ("plain", "CC(=O)O", "CC=(O)O"),
        ("plain", "/etc/Hosts", "/etc/hosts"),
        ("code", "print(a)", "print a"),
        ("code", "a = 1\\nA = 2\\n", "A = 1\\na = 2\\n"),
        ("text", r"\\(\\ce{Co}\\)", r"\\(\\ce{CO}\\)"),
        ("text", r"\\(f(x)\\)", r"\\(F(x)\\)"),
    ],
)
def test_what_is_shown_just_as_it_is_written_is_the_same_only_if_each_sign_is(
    tmp_path: Path, type_: str, one: str, other: str
) -> None:
    kind = f"""
        about: A thing as it is written.
        fields: {{it: {{type: {type_}}}, name: {{type: text}}}}
        prompts: {{what: {{front: "What is {{{{ it }}}}?", back: "{{{{ name }}}}"}}}}
        """
    facts = f'  - {{id: a, kind: it, it: "{one}", name: this}}\n'
    facts += f'  - {{id: b, kind: it, it: "{other}", name: that}}\n'
    src = write_sources(tmp_path, {"kinds/it.yaml": kind}, a=HEAD + facts)
    project, problems = load_project(src)
    assert project, problems
    rules = {problem.rule for problem in check_cards(project)}
    assert rules.isdisjoint({"same-question", "two-answers"})
