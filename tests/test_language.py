"""Decks, kinds and fields in other languages than English, up to the card that Anki renders."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.command import cards
from tests.engine import answer_of, cards_of, collection, double_click, question_of
from tests.public import check_cards, direction, guide, labels_in, show_date, wrong_with_language
from tests.sources import HEAD, MINI, notes_of, problems_of, project_of, write_sources

WORD = """
    about: A word.
    fields:
      en: {type: text, required: true}
      ar: {type: text, language: ar}
      born: {type: date, language: ar}
      forms: {type: list, language: fa}
      gap: {type: cloze, language: he}
      table: {type: markdown, language: ar}
    prompts:
      word: {front: "How do you say {{ en }}?", back: "{{ ar }}"}
      born: {front: "{{ born | when }} did {{ en }} begin?", back: "{{ born }}"}
      forms: {cloze: "{{ en }}: {{ forms | cloze }}"}
      gap: {cloze: "{{ gap }}"}
      table: {front: "Which forms has {{ en }}?", back: "{{ table }}"}
    """
FACT = """  - id: book
    kind: word
    en: book
    ar: "كتاب"
    born: 2010-10-12
    forms: ["کتاب", "کتاب‌ها"]
    gap: "{{c1::ספר::what}} הוא {{c2::book}}"
    table: "| أ | ب |\\n| - | - |\\n| ١ | ٢ |"
"""


def deck(**keys: str) -> dict[str, str]:
    """The small deck's `decks.yaml` with more keys."""
    lines = [f"        {key}: {value}\n" for key, value in keys.items()]
    return {"decks.yaml": "".join([MINI["decks.yaml"].rstrip(), "\n", *lines])}


def said_of(root: Path, files: dict[str, str], facts: str) -> list[str]:
    """What the rules say of some facts, without what is unused and without sources."""
    found = check_cards(project_of(root, files, a=HEAD + facts))
    return [f"{one.rule}: {one.message}" for one in found if not one.rule.startswith("unused")]


def test_a_field_in_another_language_says_so_on_the_card(tmp_path: Path) -> None:
    notes = notes_of(tmp_path, {"kinds/word.yaml": WORD}, a=HEAD + FACT)
    assert notes["book/word"].fields[0] == "How do you say book?"
    assert notes["book/word"].fields[1] == '<span lang="ar" dir="rtl">كتاب</span>'
    assert notes["book/born"].fields[:2] == (
        "On what day did book begin?",
        '<span lang="ar" dir="rtl">12 أكتوبر 2010</span>',
    )
    assert notes["book/table"].fields[1].startswith('<div lang="ar" dir="rtl"><table>')


def test_cloze_deletions_in_another_language_are_those_that_anki_makes_cards_of(
    tmp_path: Path,
) -> None:
    write_sources(tmp_path, {"kinds/word.yaml": WORD}, a=HEAD + FACT)
    assert cards(tmp_path, "build").exit_code == 0
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        (first, second) = cards_of(col, "Key:book/forms")
        assert "[...] کتاب‌ها" in question_of(first)
        assert "کتاب [...]" in question_of(second)
        for card in (first, second):
            assert card.render_output().answer_text.count('<span lang="fa" dir="rtl">') == 2
        (first, second) = cards_of(col, "Key:book/gap")
        assert "[what] הוא book" in question_of(first)
        assert "ספר הוא [...]" in question_of(second)
        assert second.render_output().question_text.count('lang="he" dir="rtl"') == 1


def test_a_kind_in_another_language_asks_in_it(tmp_path: Path) -> None:
    kind = """
        about: Ein Ereignis.
        language: de
        fields:
          event: {type: text, required: true}
          date: {type: date}
          name: {type: text, language: en}
        prompts:
          when: {front: "{{ date | when }} {{ event }}?", back: "{{ date }}"}
          name: {front: "Wie heißt {{ event }} auf Englisch?", back: "{{ name }}"}
        """
    fact = "  - {id: a, kind: event, event: war es, date: 2010-10-12, name: A, as_of: 2010-05}\n"
    notes = notes_of(tmp_path, {"kinds/event.yaml": kind}, a=HEAD + fact)
    assert notes["a/when"].fields[:2] == (
        '<div lang="de">An welchem Tag war es?</div>',
        '<div lang="de">12. Oktober 2010</div>',
    )
    assert notes["a/name"].fields[1] == '<div lang="de"><span lang="en">A</span></div>'
    # In the deck's language.
    assert "<summary>Source · as of May 2010</summary>" in notes["a/when"].fields[-2]


# in the deck's language


def test_a_note_in_the_language_of_its_deck_says_nothing_of_it(tmp_path: Path) -> None:
    words = {
        key: notes_of(tmp_path, files)
        for key, files in {
            "plain": {},
            "named": deck(language="en"),
            "field": {
                "kinds/event.yaml": MINI["kinds/event.yaml"].replace(
                    "{type: date}", "{type: date, language: en}"
                )
            },
        }.items()
    }
    looks = [{note.look for note in notes.values()} for notes in words.values()]
    assert looks[0] == looks[1] == looks[2]


LABELS = {
    "de": ("Stand: 5. Januar 2020", "Vorsicht", "An welchem Tag"),
    "fr": ("État : 5 janvier 2020", "Attention", "Quel jour"),
    "es-MX": ("Datos de: 5 de enero de 2020", "Atención", "Qué día"),
    "pt-BR": ("Dados de: 5 de janeiro de 2020", "Atenção", "Em que dia"),
    "ru": ("По состоянию на: 5 января 2020 г.", "Осторожно", "В какой день"),
    "ar": ("حتى: 5 يناير 2020", "تنبيه", "في أي يوم"),
    "zh-TW": ("截至：2020年1月5日", "注意", "在哪一天"),
    "ja": ("2020年1月5日現在", "注意", "何年何月何日に"),
}


@pytest.mark.parametrize("language", LABELS)
def test_cards_speak_the_language_of_the_deck(tmp_path: Path, language: str) -> None:
    as_of, caution, when = LABELS[language]
    files = deck(language=language) | {
        "kinds/event.yaml": MINI["kinds/event.yaml"].replace("When {{", "{{ date | when }} {{"),
        "card/style.css": '.caution::before { content: "[[ labels.caution ]]"; }\n',
        "card/front.html": '<p lang="[[ language ]]" dir="[[ direction ]]">[[ question ]]</p>\n',
    }
    fact = "  - {id: a, kind: event, event: b, date: 2020-01-05, as_of: 2020-01-05, caution: c}\n"
    write_sources(tmp_path, files, a=HEAD + fact)
    done = cards(tmp_path, "build")
    assert done.exit_code == 0, done.output
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        (card,) = cards_of(col)
        assert as_of in answer_of(card)
        assert f"{when} b?" in question_of(card)
        html = card.render_output().question_text
        assert f'lang="{language}" dir="{direction(language)}"' in html
        shown = re.sub(
            r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), card.note_type()["css"]
        )
        assert f'content: "{caution}"' in shown
        description = col.decks.by_name("Mini")
        assert description is not None
        english = labels_in("en")
        words = re.findall(r"[A-Za-z]{4,}", re.sub("<[^<>]*>", "", description["desc"]))
        if direction(language) == "rtl":
            assert description["desc"].startswith(f'<div lang="{language}" dir="rtl">')
        if language in ("ar", "ru", "ja"):
            assert set(words) <= {"Mini", "small", "deck"}
        assert english["mistake"] not in description["desc"]


def test_citations_keep_their_direction_in_a_deck_written_from_right_to_left(
    tmp_path: Path,
) -> None:
    source = notes_of(tmp_path, deck(language="he"))["first-meeting/when"].fields[-2]
    assert "<div><bdi>A. Writer, <i>A Handbook</i> (2020), p. 1</bdi></div>" in source


def test_every_label_that_we_have_is_filled_in_as_ours_are() -> None:
    english = labels_in("en")
    for path in (Path(__file__).parent.parent / "builder/notes/labels").glob("*.toml"):
        labels = labels_in(path.stem)
        assert labels.keys() == english.keys(), path.stem
        for name, label in labels.items():
            places = [set(re.findall(r"\{\w+\}", one)) for one in (label, english[name])]
            assert places[0] == places[1], (path.stem, name)
            assert label.strip()


def test_a_deck_may_have_labels_of_its_own(tmp_path: Path) -> None:
    files = deck(language="sw", labels='{as_of: "Hadi <b>{date}", amount: "{cards}/{new}/{days}"}')
    fact = "  - {id: a, kind: event, event: b, date: 2020, as_of: 2020-01}\n"
    project = project_of(tmp_path, files, a=HEAD + fact)
    assert (
        project.notes[0]
        .fields[-2]
        .startswith("<details><summary>Source · Hadi &lt;b&gt;Januari 2020<")
    )
    (said,) = [one.message for one in check_cards(project) if one.rule == "english-label"]
    assert said.endswith("translate under “labels”: mistake")


def test_words_that_the_builder_lacks_for_asking_when_are_said(tmp_path: Path) -> None:
    fact = HEAD + "  - {id: a, kind: event, event: b, date: 2020}\n"

    def said(**files: str) -> list[str]:
        project = project_of(tmp_path, {f"{n}.yaml": text for n, text in files.items()}, a=fact)
        return [one.message for one in check_cards(project) if one.rule == "english-label"]

    asks = MINI["kinds/event.yaml"].replace("When {{ event", "{{ date | when }} {{ event")
    here = {"kinds/event": asks}
    assert said(**here, decks=deck(language="sw")["decks.yaml"])[0].endswith(
        "amount, mistake, when_day, when_month, when_year, when_years"
    )
    labels = '{amount: "{cards}/{new}/{days}", mistake: x, when_day: a, when_month: b, '
    labels += "when_year: c, when_years: d}"
    assert said(**here, decks=deck(language="sw", labels=labels)["decks.yaml"]) == []
    assert said(**{"kinds/event": asks.replace("fields:", "language: he\n        fields:")}) == [
        "the filter “when” has no words in “he” and asks in English; write the question out"
    ]
    assert said(**{"kinds/event": asks.replace("fields:", "language: de\n        fields:")}) == []


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("de", "2010-10-12", "12. Oktober 2010"),
        ("de", "2010-10", "Oktober 2010"),
        ("de", "2010", "2010"),
        ("de", "2010/2011", "2010–2011"),
        ("de", "44-03-15 BC", "15. März 44 v. Chr."),
        ("de", "58/50 BC", "58–50 v. Chr."),
        ("de", "27 BC/0014", "27 v. Chr. – 14 n. Chr."),
        ("de", "0050", "50"),
        ("es", "1492-10", "octubre de 1492"),
        ("es", "44 BC", "44 a. C."),
        ("fr", "44-03 BC", "mars 44 av. J.-C."),
        ("ja", "2010-10-12", "2010年10月12日"),
        ("ja", "2010-10", "2010年10月"),
        ("ja", "2010/2011", "2010年～2011年"),
        ("ja", "44-03-15 BC", "紀元前44年3月15日"),
        ("ru", "2010-10", "октябрь 2010 г."),
        ("pl", "2010-10", "październik 2010"),
        ("hu", "44-03-15 BC", "i. e. 44. március 15."),
        ("en-US", "2010-10-12", "October 12, 2010"),
        ("grc", "2010-10", "October 2010"),  # Babel knows nothing of how it writes dates
        ("qaa", "2010", "2010"),
    ],
)
def test_dates_are_written_as_the_language_does(language: str, text: str, shown: str) -> None:
    spaces = str.maketrans("\xa0\u202f\u2009", "   ")
    assert show_date(text, language).translate(spaces) == shown


DATES = st.one_of(
    st.dates().map(lambda day: day.isoformat()),
    st.dates().map(lambda day: day.isoformat()[:7]),
    st.integers(1, 9999).map(lambda year: f"{year:04}"),
    st.integers(2, 9999).map(lambda year: f"{year} BC"),
)


@given(st.sampled_from(["de", "fr", "es", "ar", "zh", "ja", "ko", "hi", "th", "eu", "fa"]), DATES)
def test_every_date_shows_its_year_in_every_language(language: str, text: str) -> None:
    year = str(int(text.removesuffix(" BC").split("-")[0]))
    assert year in show_date(text, language)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("en", ""),
        ("EN-gb", ""),
        ("zh-Hant-TW", ""),
        ("es-419", ""),
        ("ca-valencia", ""),
        ("de-CH-1996", ""),
        ("grc", ""),
        ("aii", ""),
        ("qaa", ""),
        ("en-x-simple", ""),
        ("no", ""),
        ("spanish", "; did you mean “es”?"),
        ("Deutsch", "; did you mean “de”?"),
        ("zh_Hant", "; did you mean “zh-Hant”?"),
        ("spa", "; did you mean “es”?"),
        ("cz", "; did you mean “cs”?"),
        ("../../x", ""),
        ("x", ""),
        ("e" * 10_000, ""),
    ],
)
def test_a_code_is_known_or_answered_with_what_was_meant(code: str, message: str) -> None:
    said = wrong_with_language(code)
    if message or len(code) > 100 or code in ("x", "../../x"):
        assert said.startswith("“")
        assert "is not a valid language code" in said
        assert message in said
    else:
        assert not said


def test_a_right_to_left_script_counts_and_not_the_language_alone() -> None:
    right_to_left = (
        "ar",
        "he",
        "fa",
        "ur",
        "yi",
        "dv",
        "pa-PK",
        "ku-Arab",
        "az-Arab",
        "arc",
        "ckb",
    )
    left_to_right = ("en", "pa", "ku", "az", "ru", "ja", "mul", "ar-Latn")
    assert {direction(code) for code in right_to_left} == {"rtl"}
    assert {direction(code) for code in left_to_right} == {"ltr"}


ASK = """
    about: A question.
    fields: {question: {type: text, required: true}, answer: {type: text, required: true}}
    prompts: {ask: {front: "{{ question }}", back: "{{ answer }}"}}
    """


def asked(question: str, answer: str = "So", more: str = "") -> str:
    return f'  - {{id: a, kind: ask, question: "{question}", answer: "{answer}"{more}}}\n'


@pytest.mark.parametrize(
    ("language", "question", "answer", "rules"),
    [
        ("de", "Was bedeutet das Wort?", "So", []),
        ("en", "Was the word known?", "So", ["yes-no-question"]),
        ("de", "War das Wort bekannt?", "So", ["yes-no-question"]),
        ("de", "Ist das ein Fluss oder ein See?", "Fluss", []),
        ("de", "Wann wurde er gegründet?", "So", ["lone-pronoun"]),
        ("de", "Wo wird derzeit Kohle abgebaut?", "So", ["time-word"]),
        ("de", "Wie viele wohnen am Rhein?", "5 Millionen", ["undated-figure"]),
        ("de", "May do that?", "So", []),
        ("fr", "Que veut dire ce mot ?", "Ainsi !", []),
        ("fr", "Que veut dire ce mot\u202f?", "Ainsi\u00a0!", []),
        ("en", "What is there ?", "Thus", ["spacing"]),
        ("fr", "Que veut dire ce mot , alors ?", "Ainsi", ["spacing"]),
        ("fr", "Est-ce qu’il pleut ?", "Non", ["yes-no-question"]),
        ("fr", "Quelle est sa capitale ?", "Paris", ["lone-pronoun"]),
        ("es", "¿Es un río?", "Sí", ["yes-no-question"]),
        ("es", "¿Cuál es su capital?", "Madrid", ["lone-pronoun"]),
        ("es", "¿Dónde está actualmente?", "Allí", ["time-word"]),
        ("it", "Is currently it ?", "Can", ["spacing"]),
        ("ar", "ما هي العاصمة؟", "هناك", []),
        ("hy", "Ո՞վ է նա", "Ես", []),
        ("ja", "首都はどこですか", "東京", []),
        ("ja", "首都はどこ？国はどこ？", "東京", ["two-questions"]),
        ("el", "Ποια είναι η πρωτεύουσα;", "Αθήνα", []),
        ("ar", "العاصمة", "هناك", ["no-question-mark"]),
    ],
)
def test_a_rule_knows_the_language_or_is_silent(
    tmp_path: Path, language: str, question: str, answer: str, rules: list[str]
) -> None:
    files = deck(language=language) | {"kinds/ask.yaml": ASK}
    said = said_of(tmp_path, files, asked(question, answer))
    found = {one.partition(":")[0] for one in said} - {"english-label"}
    assert found == set(rules)


def test_the_language_of_a_field_counts_for_the_side_that_shows_it_alone(tmp_path: Path) -> None:
    field = ASK.replace("question: {type: text", "question: {language: de, type: text")
    assert not said_of(tmp_path, {"kinds/ask.yaml": field}, asked("Was bedeutet das Wort?"))
    kind = field.replace('"{{ question }}"', '"Was {{ question }} known?"')
    said = said_of(tmp_path, {"kinds/ask.yaml": kind}, asked("Wort"))
    assert [one.partition(":")[0] for one in said] == ["yes-no-question"]


def test_the_language_of_a_kind_counts_for_its_questions_and_the_decks_for_notes(
    tmp_path: Path,
) -> None:
    kind = "    language: de" + ASK
    more = ", note: It is currently so., caution: Derzeit nicht."
    said = said_of(tmp_path, {"kinds/ask.yaml": kind}, asked("Was bedeutet das?", more=more))
    assert said == ["time-word: “currently” will go out of date; add as_of, or leave it out"]


def test_the_guide_and_the_description_are_in_the_language_of_the_deck(tmp_path: Path) -> None:
    for language in ("de", "fr", "es"):
        files = deck(language=language, searches="{Kern: 'tag:Mini::level::core'}")
        text = guide(project_of(tmp_path, files))
        english = [label for label in labels_in("en").values() if len(label) > 12]
        assert not [label for label in english if label.strip() in text]
        assert "Study Now" not in text
        assert "`tag:Mini::level::core is:new`" in text


def test_a_guide_for_which_there_are_no_texts_is_in_english_as_a_whole(tmp_path: Path) -> None:
    text = guide(project_of(tmp_path, deck(language="it")))
    assert "*Study Now*. Cards: 1. Days at 20 new cards a day: 1." in text
    own = guide(project_of(tmp_path, deck(language="it", labels="{study_part: Una parte}")))
    assert "## Una parte" in own
    assert "Carte: 1." in own


def test_large_numbers_are_written_as_the_language_does(tmp_path: Path) -> None:
    facts = [f"  - {{id: a{at}, kind: event, event: was {at}, date: 1994}}\n" for at in range(1234)]
    for language, number in (("en", "1,234"), ("de", "1.234"), ("fr", "1\u202f234")):
        text = guide(project_of(tmp_path, deck(language=language), a=HEAD + "".join(facts)))
        assert number in text


KEYED = {
    "card/back.html": """
        [[ answer ]]<p>{{Topic}}{{Note}}{{Source}}</p>
        [% if home %]<a class="home" href="[[ home ]]">[[ deck ]]</a>[% endif %]
        [% if report %]<a class="key" href="[[ report ]]">{{Key}}</a>[% else %]{{Key}}[% endif %]
        """
}


def test_the_key_at_the_foot_of_a_card_opens_a_report_that_names_it(tmp_path: Path) -> None:
    files = KEYED | deck(
        home="https://example.org/mini?a=1&b=2",
        report="'https://example.org/mini/issues/new?labels=card&title={key}&body=At%20{key}'",
    )
    write_sources(tmp_path, files)
    assert cards(tmp_path, "build").exit_code == 0
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        for card in cards_of(col):
            html = card.render_output().answer_text
            assert '<a class="home" href="https://example.org/mini?a=1&amp;b=2">Mini</a>' in html
            (link,) = re.findall('<a class="key" href="([^"]*)">', html)
            query = parse_qs(urlsplit(link.replace("&amp;", "&")).query)
            key = card.note()["Key"]
            assert query == {"labels": ["card"], "title": [key], "body": [f"At {key}"]}
        desc = (col.decks.by_name("Mini") or {})["desc"]
        assert '<a href="https://example.org/mini?a=1&amp;b=2">' in desc
        assert "tap the key" in desc
    assert "<https://example.org/mini?a=1&b=2>" in (tmp_path / "decks/STUDY.md").read_text("utf-8")


def test_a_new_address_for_reports_changes_no_note(tmp_path: Path) -> None:
    write_sources(tmp_path, KEYED)
    assert cards(tmp_path, "build").exit_code == 0
    write_sources(tmp_path, KEYED | deck(report="'https://example.org/new?title={key}'"))
    done = cards(tmp_path, "build")
    assert done.stdout.splitlines()[-1] == "learners will notice: a new design"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("https://example.org/new", "is not a web address with {key}"),
        ("https://example.org/{key}", "is not a web address with {key}"),
        ("https://example.org/?a={key}&b={Key}", "is not a web address with {key}"),
        ("https://example.org/?a={{Key}}", "is not a web address with {key}"),
        ("https://example.org/?a={{key}}", "is not a web address with {key}"),
        ("javascript:alert({key})", "is not a web address"),
        ("", "report is empty"),
    ],
)
def test_an_address_for_reports_is_checked(tmp_path: Path, address: str, message: str) -> None:
    (said,) = problems_of(tmp_path, deck(report=f'"{address}"'))
    assert message in said


def test_a_label_can_neither_end_a_string_of_css_nor_make_markup(tmp_path: Path) -> None:
    files = deck(labels="""{caution: '"; } * { display: none } <b>\\\\'}""") | {
        "card/style.css": '.a::before { content: "[[ labels.caution ]]"; }\n',
        "card/front.html": "<i>[[ labels.caution ]]</i>[[ question ]]",
    }
    (basic, _) = project_of(tmp_path, files).note_types
    (inside,) = re.findall('content: "(.*)"; }\n', basic.css)
    assert not re.search(r'["{}<>]', inside)
    assert basic.templates[0].front.startswith("<i>&quot;; } * { display: none } &lt;b&gt;\\")


def test_a_broken_deck_hides_no_problem_of_its_facts(tmp_path: Path) -> None:
    fact = "  - {id: a, kind: event, event: b, date: 2020, as_of: 2020-13}\n"
    files = deck(language="xx")
    assert [one.rpartition("[")[2] for one in problems_of(tmp_path, files, a=HEAD + fact)] == [
        "language]",
        "date]",
    ]
    fact = fact.replace("2020-13", "2020-12")
    assert len(problems_of(tmp_path, files, a=HEAD + fact)) == 1
