"""What a rule of good cards says is so on the card, in any language."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from textwrap import dedent

import pytest

from tests.command import cards
from tests.public import all_marks, check_cards
from tests.sources import HEAD as HEAD_OF_MINI
from tests.sources import MINI, project_of, write_sources

HEAD = "topic: basics\nlevel: core\nkind: question\nsource: {doc: handbook, at: p. 1}\nfacts:\n"
KINDS = {
    "tags.yaml": "topic: {basics: x}\nlevel: {core: x}\n",
    "sources.yaml": "handbook: {title: A Handbook}\n",
    "decks.yaml": "namespace: m\ndeck: M\ntag_root: M\npackages: {m: {title: M, about: A.}}\n",
    "kinds/question.yaml": """
        about: A question.
        fields: {q: {type: text}, a: {type: text}, text: {type: cloze}, p: {type: picture}}
        prompts:
          question: {front: "{{ q }}", back: "{{ a }}"}
          gaps: {cloze: "{{ text }}"}
          map: {cloze: "{{ p }} {{ text }}"}
        """,
}


def said_of(root: Path, *facts: str, files: dict[str, str] | None = None) -> list[str]:
    """What the rules say of these facts; nothing of what is not used."""
    written = "".join(f"  - {{id: f{at}, {fact}}}\n" for at, fact in enumerate(facts))
    project = project_of(root, KINDS | (files or {}), a=HEAD + written)
    return [
        f"{found.rule}: {found.message}"
        for found in check_cards(project)
        if not found.rule.startswith("unused")
    ]


def asked(front: str, back: str = "No") -> str:
    return f'q: "{front}", a: "{back}"'


QUESTIONS = (
    *(
        "Who came?",
        "谁来了？",
        "من جاء؟",
        "Ո՞վ եկավ",
        "ማን መጣ፧",
        "Τι είναι;",
        "Τι είναι ο ASEAN;",
        "ꕙꕌ꘏",
    ),
    *("Wer⁇", "Who⁈", "Who⁉", "Who?!", "Who??", "¿Quién vino?", "Who wrote “Quo vadis?”?", "誰﹖"),
    *("Who‽", "𑄇𑄬𑅃", "ᤁᤡ᥅", "Who ❓", "Who came; and who stayed?", "Що λόγος; or what?"),
)


@pytest.mark.parametrize("front", QUESTIONS)
def test_a_question_ends_with_the_question_mark_of_its_script(tmp_path: Path, front: str) -> None:
    assert not said_of(tmp_path, asked(front))


@pytest.mark.parametrize(
    "front", ["谁来？谁去？", "من؟ متى؟", "Τι είναι; Πού;", "Who‽ Who⁇", "ማን፧ መቼ፧", "Who? 谁？"]
)
def test_two_questions_are_two_in_any_script(tmp_path: Path, front: str) -> None:
    assert said_of(tmp_path, asked(front)) == [f"two-questions: more than one question: {front}"]


@pytest.mark.parametrize("front", ["誰が来ましたか。", "ใครมา", "ໃຜມາ", "ဘယ်သူလာလဲ။", "谁来了"])
def test_where_a_language_needs_no_question_mark_the_key_language_is_named(
    tmp_path: Path, front: str
) -> None:
    message = f"no-question-mark: no question mark: {front}; if its language needs none, say which"
    assert said_of(tmp_path, asked(front)) == [f"{message} it is: language: th, ja, zh …"]
    waived = asked(front) + ", waive: {no-question-mark: the reason}"
    assert not said_of(tmp_path, waived)


@pytest.mark.parametrize("front", ["Wer kam", "Кто пришёл", "Who came;", "¿Quién vino", "कौन आया।"])
def test_where_a_language_has_a_question_mark_none_is_named(tmp_path: Path, front: str) -> None:
    assert said_of(tmp_path, asked(front)) == [f"no-question-mark: no question mark: {front}"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Who designed C?", "Who designed C++?"),
        ("Who designed C++?", "Who designed C#?"),
        ("What is -5 squared?", "What is 5 squared?"),
        ("What is 2 + 3?", "What is 2 − 3?"),
        ("यह कि क्या?", "यह की क्या?"),
        ("What does 🇮🇳 stand for?", "What does 🇵🇰 stand for?"),
        ("How long is 5′?", "How long is 5″?"),
    ],
)
def test_fronts_that_differ_in_signs_or_marks_are_not_the_same(
    tmp_path: Path, first: str, second: str
) -> None:
    said = said_of(tmp_path, asked(first, "Yes"), asked(second, "Nay"))
    assert not any("another answer" in one for one in said)
    assert not any("asks the same" in one for one in said)


@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("What came after C?", "C++"),
        ("What is C++ made of?", "C"),
        ("What is minus 5?", "-5"),
        ("How much did it grow in 2020 from 10?", "10%"),
        ("यह की क्या?", "का"),
    ],
)
def test_a_question_gives_away_only_what_it_says(tmp_path: Path, front: str, back: str) -> None:
    assert not said_of(tmp_path, asked(front, back))


def test_a_question_that_says_its_answer_gives_it_away(tmp_path: Path) -> None:
    said = said_of(tmp_path, asked("Who made C++, and when?", "C++"))
    assert said == ["answer-in-question: the question gives its answer away: C++"]


@pytest.mark.parametrize("text", ["🇫🇷 {{c1::France}}", "→ {{c1::right}}", "[E] {{c1::energy}}"])
def test_a_cloze_that_shows_a_sign_does_not_hide_everything(tmp_path: Path, text: str) -> None:
    assert not said_of(tmp_path, f'text: "{text}"')


@pytest.mark.parametrize(
    "text", ["{{c1::France::a country}}.", "“{{c1::right}}”", "{{c1::a}} {{c1::b}}"]
)
def test_a_cloze_with_nothing_but_punctuation_hides_everything(tmp_path: Path, text: str) -> None:
    said = said_of(tmp_path, f"text: '{text}'")
    assert said == ["hides-everything: this cloze deletion hides the whole text"]


def test_two_clozes_with_other_pictures_are_not_the_same(tmp_path: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="{}"/></svg>'
    entry = "{{origin: drawn, licence: CC0, alt: A map}}"
    files = {
        "kinds/question.yaml": KINDS["kinds/question.yaml"].replace(
            '          gaps: {cloze: "{{ text }}"}\n', ""
        ),
        "media/sources.yaml": f"a.svg: {entry}\nb.svg: {entry}\n".replace("{{", "{").replace(
            "}}", "}"
        ),
        "media/a.svg": svg.format(1),
        "media/b.svg": svg.format(2),
    }
    facts = ('text: "{{c1::India}}", p: a.svg', 'text: "{{c1::Laos}}", p: b.svg')
    assert not said_of(tmp_path, *facts, files=files)


def test_only_words_are_counted_as_words(tmp_path: Path) -> None:
    items = " and ".join(f"{{{{c1::{number} – x}}}}" for number in range(12))
    assert not said_of(tmp_path, f'text: "Of these: {items}"')


@pytest.mark.parametrize(
    ("back", "figure"),
    [
        ("A share of 10.5%", "10.5%"),
        ("USD 4.25, it is said", "USD 4.25"),
        ("₹1,200 a day", "₹1,200"),
    ],
)
def test_a_figure_is_named_as_it_stands_on_the_card(tmp_path: Path, back: str, figure: str) -> None:
    said = said_of(tmp_path, asked("How much?", back))
    assert said == [f"undated-figure: “{figure}” may go out of date; add as_of, or name the year"]


def test_a_figure_is_warned_of_in_the_field_that_says_it(tmp_path: Path) -> None:
    kind = "about: x\nfields: {ur: {type: text}, en: {type: text}, also: {type: text}}\n"
    kind += "prompts: {ask: {front: 'What is {{ ur }}?', back: '{{ en }}; {{ also }}'}}\n"
    facts = HEAD + "  - {id: a, kind: rate, ur: x, also: much, en: about 50% of all}\n"
    project = project_of(tmp_path, KINDS | {"kinds/rate.yaml": kind}, a=facts)
    (found,) = [each for each in check_cards(project) if each.rule == "undated-figure"]
    at = facts.splitlines()[-1].index("about 50%")
    assert (found.place.line, found.place.column) == (len(facts.splitlines()), at + 1)


def test_a_no_break_space_before_a_question_mark_is_none_too_many(tmp_path: Path) -> None:
    assert not said_of(tmp_path, asked("Qui est venu\xa0?"), asked("Qui\u202f?"))
    (said,) = said_of(tmp_path, asked("Qui est venu ?"))
    assert said == "spacing: extra space: “i est venu ?”"


def test_a_web_address_says_nothing_of_today(tmp_path: Path) -> None:
    assert not said_of(tmp_path, asked("Who came?", "[The king](https://example.org/today/now)"))


def test_of_two_waivers_for_one_pair_one_is_needless(tmp_path: Path) -> None:
    waived = asked("Who came?") + ", waive: {same-question: why}"
    (said,) = said_of(tmp_path, waived, waived)
    assert said.startswith("waiver: “same-question” is not broken here, or is waived elsewhere;")


@pytest.mark.parametrize("where", ["facts/a.yaml", "kinds/cloze.yaml", "decks.yaml"])
def test_a_file_a_kind_and_the_deck_may_waive_a_rule_for_all_their_facts(
    tmp_path: Path, where: str
) -> None:
    texts = {
        "facts/a.yaml": HEAD_OF_MINI + "  - {id: a, kind: cloze, text: 'On {{c1::x}}  one.'}\n"
        "  - {id: b, kind: cloze, text: 'With {{c1::y}}  two.'}\n",
        "kinds/cloze.yaml": dedent(MINI["kinds/cloze.yaml"]),
        "decks.yaml": dedent(MINI["decks.yaml"]),
    }
    for waive, count in (("", 2), ("waive: {spacing: as the poem has it}\n", 0)):
        files = texts | {where: waive + texts[where].lstrip()}
        write_sources(tmp_path, files)
        output = cards(tmp_path, "check").output
        assert output.count("warning[spacing]") == count
        assert "error" not in output


def test_all_marks_are_known() -> None:
    marks = {
        char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char)[0] == "M"
    }
    assert set(all_marks()) == marks
