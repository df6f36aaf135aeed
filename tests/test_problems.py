"""What a curator gets wrong, and what the builder says of it: everything, each at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from builder.pipeline import load_project
from tests.sources import problems_of

FINE = "topic: basics\nlevel: core\nsource: {doc: handbook, at: p. 1}\nfacts:\n"
EVENT = "  - {id: a, kind: event, event: was it, date: 1994}\n"


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (
            "  - {id: a, kind: event, date: 1994}\n",
            "5:5: error: kind “event” needs “event” [missing-key]",
        ),
        (
            "  - {id: a, kind: evnt, event: was it}\n",
            "5:19: error: there is no kind “evnt”; did you mean “event”? [unknown-kind]",
        ),
        (
            "  - {id: a, kind: event, event: was it, date: 1994, tags: [partner::indai]}\n",
            "5:60: error: there is no tag “partner::indai” in tags.yaml;"
            " did you mean “partner::india”? [unknown-tag]",
        ),
        (
            "  - {id: a, kind: event, event: was it, date: 1994, topic: forums::raf}\n",
            "5:60: error: there is no topic “forums::raf” in tags.yaml;"
            " did you mean “forums::arf”? [unknown-tag]",
        ),
        (
            "  - {id: a, kind: event, event: was it, date: 1994, level: cor}\n",
            "5:60: error: there is no level “cor” in tags.yaml; did you mean “core”? [unknown-tag]",
        ),
        (
            "  - {id: a, kind: event, event: was it, date: 1994, source: {doc: handbok, at: x}}\n",
            "5:67: error: there is no source “handbok” in sources.yaml;"
            " did you mean “handbook”? [unknown-source]",
        ),
        (
            EVENT + EVENT,
            "6:10: error: the id “a” is taken by facts/a.yaml:5 [duplicate-id]",
        ),
        (
            "  - {id: a, kind: event, event: was it, dat: 1994}\n",
            "5:41: error: kind “event” has no field “dat”; did you mean “date”? [unknown-key]",
        ),
        (
            "  - {id: a, kind: event, event: was it, date: 1994-13-01}\n",
            "5:47: error: there is no such day as “1994-13-01” [date]",
        ),
        (
            "  - {id: a, kind: event, event: was it, date: last year}\n",
            "5:47: error: “last year” is no date; write 2010-10-12, 2010-10, 2010 or 2010/2011"
            " [date]",
        ),
        (
            "  - {id: A one, kind: event, event: was it, date: 1994}\n",
            "5:10: error: “A one” is no id; use small letters, digits and single hyphens [id]",
        ),
        (
            "  - {id: a, kind: event, event: was it}\n",
            "5:5: error: kind “event” can ask nothing of this fact: it has too few fields"
            " [no-prompt]",
        ),
        (
            "  - {id: a, kind: event, event: , date: 1994}\n",
            "5:33: error: event is empty [empty]",
        ),
        (
            "  - {id: a, kind: list, list: Some, items: x}\n",
            "5:44: error: items must be a list (- …) [type]",
        ),
        (
            "  - {id: a, kind: list, list: Some, items: [x, x]}\n",
            "5:48: error: “x” stands twice in items [duplicate-item]",
        ),
        (
            "  - {id: a, kind: cloze, text: no gap}\n",
            "5:32: error: no gap; write {{c1::answer}} around what is to be asked [cloze]",
        ),
        (
            '  - {id: a, kind: cloze, text: "a {{c1::b"}\n',
            "5:32: error: a gap is not well formed; write {{c1::answer}} or {{c1::answer::hint}}"
            " [cloze]",
        ),
        (
            "  - just text\n",
            "5:5: error: a fact must be a mapping (key: value) [type]",
        ),
        ("  []\n", "5:3: error: the list of facts is empty [empty]"),
        ("", "4:7: error: the list of facts is empty [empty]"),
        ("  - a: b: c\n", "5:9: error: not valid YAML: mapping values are not allowed in this"
         " context [yaml]"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_fact_is_reported_at_its_place(
    tmp_path: Path, facts: str, problem: str
) -> None:
    assert problems_of(tmp_path, a=FINE + facts) == [f"facts/a.yaml:{problem}"]


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (
            "fields: {date: {type: text}}\nprompts: {p: {front: '{{ dat }}', back: '{{ date }}'}}",
            "3:22: error: the template names an unknown field “dat”; did you mean “date”?"
            " [unknown-field]",
        ),
        (
            "fields: {x: {type: text}}\nprompts: {p: {front: '{{ x ', back: '{{ x }}'}}",
            "3:22: error: the template cannot be read: unexpected end of template, expected"
            " 'end of print statement'. [template]",
        ),
        (
            "fields: {x: {type: text}}\nprompts: {p: {front: '{{ x | nope }}', back: '{{ x }}'}}",
            "3:22: error: the template cannot be read: No filter named 'nope'. [template]",
        ),
        (
            "fields: {x: {type: txt}}\nprompts: {p: {front: '{{ x }}', back: '{{ x }}'}}",
            "2:20: error: there is no type “txt”; did you mean “text”? [field]",
        ),
        (
            "fields: {id: {type: text}}\nprompts: {p: {front: '{{ id }}', back: '{{ id }}'}}",
            "2:10: error: a field cannot be called “id”: every fact has it [field]",
        ),
        (
            "fields: {x: {type: text}}\nprompts: {p: {front: '{{ x }}'}}",
            "3:14: error: a prompt needs “back” [missing-key]",
        ),
        (
            "fields: {x: {type: text}}\nprompts: {p: {front: What?, back: That}}",
            "3:14: error: prompt “p” asks the same of every fact: it uses no field [prompt]",
        ),
        (
            "fields: {x: {type: text}}\nprompts: {p: {cloze: '{{ x | cloze }}'}}\nrequires: as_off",
            "4:11: error: no fact has a key “as_off”; did you mean “as_of”? [unknown-key]",
        ),
    ],
)
def test_a_mistake_in_a_kind_is_reported_at_its_place(
    tmp_path: Path, kind: str, problem: str
) -> None:
    files = {"kinds/odd.yaml": f"about: Odd.\n{kind}\n"}
    assert problems_of(tmp_path, files) == [f"kinds/odd.yaml:{problem}"]


def test_facts_of_a_broken_kind_are_not_blamed_for_it(tmp_path: Path) -> None:
    files = {"kinds/event.yaml": "about: Broken.\nfields: {}\n"}
    assert problems_of(tmp_path, files) == [
        "kinds/event.yaml:1:1: error: a kind needs “prompts” [missing-key]"
    ]


def test_a_template_that_fails_on_a_fact_is_reported_in_the_kind(tmp_path: Path) -> None:
    files = {
        "kinds/odd.yaml": "about: Odd.\nfields: {x: {type: text}}\n"
        "prompts: {p: {front: '{{ x / 2 }}', back: '{{ x }}'}}\n"
    }
    assert problems_of(tmp_path, files, a=FINE + "  - {id: a, kind: odd, x: one}\n") == [
        "kinds/odd.yaml:3:22: error: the template fails on fact “a”:"
        " unsupported operand type(s) for /: 'Markup' and 'int' [template]"
    ]


def test_the_sandbox_keeps_templates_from_reaching_out(tmp_path: Path) -> None:
    front = "{{ x.__class__.__mro__ }}"
    files = {
        "kinds/odd.yaml": "about: Odd.\nfields: {x: {type: text}}\n"
        f"prompts: {{p: {{front: '{front}', back: '{{{{ x }}}}'}}}}\n"
    }
    (problem,) = problems_of(tmp_path, files, a=FINE + "  - {id: a, kind: odd, x: one}\n")
    assert "access to attribute '__class__' of 'Markup' object is unsafe" in problem


def test_all_problems_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    files = {
        "tags.yaml": "topic: {basics: Start}\nlevel: {core: First}\nkind: {x: y}\n",
        "sources.yaml": "handbook: {titel: A}\n",
        "decks.yaml": "namespace: m\ndeck: M\npackages: {m: {title: M, about: M, only: is:due}}\n",
        "card/front.html": "[[ question",
    }
    assert problems_of(tmp_path, files, a=FINE + EVENT, b="facts: [x]\n") == [
        "card/front.html:1:1: error: the template cannot be read: unexpected end of template,"
        " expected 'end of print statement'. [template]",
        "decks.yaml:1:1: error: decks.yaml needs “tag_root” [missing-key]",
        "decks.yaml:3:42: error: “is:due” is not about tags; only tag: is understood here [query]",
        "facts/b.yaml:1:9: error: a fact must be a mapping (key: value) [type]",
        "sources.yaml:1:11: error: a source needs “title” [missing-key]",
        "sources.yaml:1:12: error: a source has no key “titel”; did you mean “title”?"
        " [unknown-key]",
        "tags.yaml:3:1: error: “kind” tags come by themselves; name this tag otherwise [tag]",
    ]


def test_a_mistake_in_what_a_file_says_for_all_its_facts_is_reported_once(tmp_path: Path) -> None:
    facts = "topic: basic\nlevel: core\nsource: {doc: handbook, at: x}\nfacts:\n" + EVENT
    facts += EVENT.replace("id: a", "id: b")
    assert problems_of(tmp_path, a=facts) == [
        "facts/a.yaml:1:8: error: there is no topic “basic” in tags.yaml; did you mean “basics”?"
        " [unknown-tag]"
    ]


def test_a_broken_card_template_is_reported(tmp_path: Path) -> None:
    files = {"card/front.html": "<p>\n[[ question\n"}
    (problem,) = problems_of(tmp_path, files)
    assert problem.startswith("card/front.html:2:1: error: the template cannot be read: ")


@pytest.mark.parametrize(
    ("front", "problem"),
    [
        ("[[ question ]]{{Topik}}", "there is no field “Topik” in Anki; did you mean “Topic”?"),
        ("[[ question ]]{{#Note}}x", "{{#Note}} is not closed"),
        ("[[ question ]]x{{/Note}}", "{{/Note}} closes nothing"),
        ("[[ question ]]{{Topic", "a tag is not well formed; write {{Field}}"),
        ("[[ question / 2 ]]", "unsupported operand type(s) for /: 'str' and 'int'"),
        ("[[ qestion ]]", "'qestion' is undefined"),
        ("[[ question.__class__.__mro__ ]]", "access to attribute '__class__' of 'str' object is"
         " unsafe."),
    ],
)  # fmt: skip
def test_what_anki_would_not_understand_in_a_card_is_reported(
    tmp_path: Path, front: str, problem: str
) -> None:
    found = problems_of(tmp_path, {"card/front.html": front})
    assert f"card/front.html:1:1: error: the template cannot be read: {problem} [template]" in found


def test_a_front_that_shows_no_question_is_reported(tmp_path: Path) -> None:
    assert problems_of(tmp_path, {"card/front.html": "<p>{{Topic}}</p>"}) == [
        "card/front.html:1:1: error: a front must show [[ question ]] [template]"
    ]


def test_a_missing_card_file_is_reported(tmp_path: Path) -> None:
    problems_of(tmp_path)
    (tmp_path / "src" / "card" / "style.css").unlink()
    _, problems = load_project(tmp_path / "src")
    assert [problem.message for problem in problems] == [
        "cannot be read: no such file or directory"
    ]


def test_a_package_that_selects_nothing_is_reported(tmp_path: Path) -> None:
    files = {
        "decks.yaml": "namespace: m\ndeck: M\ntag_root: M\n"
        "packages: {m: {title: M, about: M, only: 'tag:nothing'}}\n"
    }
    assert problems_of(tmp_path, files) == [
        "decks.yaml:4:15: error: this package has no note [empty-package]"
    ]


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    project, problems = load_project(tmp_path / "nowhere")
    assert project is None
    assert [str(problem) for problem in problems] == [
        f"{tmp_path}/nowhere:1:1: error: there is no such folder [file]"
    ]


def test_an_empty_folder_lacks_everything(tmp_path: Path) -> None:
    _, problems = load_project(tmp_path)
    assert {problem.path.removeprefix(f"{tmp_path}/") for problem in problems} == {
        "decks.yaml",
        "tags.yaml",
        "sources.yaml",
        "kinds",
        "facts",
        "card/front.html",
        "card/back.html",
        "card/style.css",
    }


def test_a_fact_without_source_or_locator_is_only_a_warning(tmp_path: Path) -> None:
    facts = "topic: basics\nlevel: core\nfacts:\n" + EVENT
    facts += "  - {id: b, kind: event, event: was it, date: 1994, source: handbook}\n"
    assert problems_of(tmp_path, a=facts) == [
        "facts/a.yaml:4:5: warning: no source: say where the fact comes from [no-source]",
        "facts/a.yaml:5:61: warning: no locator: write {doc: …, at: …}, so that the place can be"
        " found [no-locator]",
    ]


def test_a_warning_does_not_hide_that_a_fact_has_too_few_fields(tmp_path: Path) -> None:
    facts = "topic: basics\nfacts:\n  - {id: a, kind: event, event: was it}\n"
    assert problems_of(tmp_path, a=facts) == [
        "facts/a.yaml:3:5: error: kind “event” can ask nothing of this fact: it has too few fields"
        " [no-prompt]",
        "facts/a.yaml:3:5: warning: no source: say where the fact comes from [no-source]",
    ]
