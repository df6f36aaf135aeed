"""What a curator gets wrong, and all that the builder says of it.

Each `tests/problems/NAME.yaml` is put into the small deck in `tests/problems/deck`, in place of the
file that its first line names or beside its facts, and `NAME.csv` as the table `x.csv`. `NAME.txt`
is what `cards check` prints then; `pytest --bless` rewrites it.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import Result

from tests.command import cards
from tests.public import Error, Place, Problem, all_rules, as_text, load_project
from tests.sources import problems_of

BUILDER = Path(__file__).parent.parent / "builder"
CASES = Path(__file__).parent / "problems"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))
RULE = re.compile(r"^(?:error|warning)\[([a-z-]+)\]: ", re.MULTILINE)


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small deck, in a folder that is the current one."""
    shutil.copytree(CASES / "deck", tmp_path / "deck")
    monkeypatch.chdir(tmp_path / "deck")
    return tmp_path / "deck"


def run(*words: str) -> Result:
    """`cards check` in the current folder."""
    return cards(Path(), "check", "--src", ".", *words)


def check(*words: str) -> tuple[int, str]:
    """The exit code of `cards check` in the current folder, and all that it prints."""
    done = run(*words)
    return done.exit_code, done.output


def put(deck: Path, name: str) -> None:
    case = (CASES / f"{name}.yaml").read_bytes()
    named = re.search(rb"\bfile: (\S+)", case.split(b"\n", 1)[0])
    path = deck / (named[1].decode() if named else "facts/x.yaml")
    path.write_bytes(case)
    table = CASES / f"{name}.csv"
    if table.is_file():
        shutil.copy(table, deck / "facts" / "x.csv")


def test_the_small_deck_has_no_problems(deck: Path) -> None:
    assert deck.is_dir()
    assert check() == (0, "5 facts, 6 notes, 8 cards\nNo problems.\n")


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_output_is_as_expected(deck: Path, name: str, *, bless: bool) -> None:
    put(deck, name)
    code, output = check()
    expected = CASES / f"{name}.txt"
    if bless:
        expected.write_text(output, "utf-8")
    assert output == expected.read_text("utf-8")
    assert code == (1 if "error[" in output else 0)


def test_every_case_is_about_a_problem_and_every_output_has_its_case() -> None:
    outputs = {path.stem: path.read_text("utf-8") for path in CASES.glob("*.txt")}
    assert sorted(outputs) == NAMES
    assert len(NAMES) >= 60
    fine = {name for name, output in outputs.items() if not RULE.search(output)}
    assert fine <= {"waiver", "waiver-of-a-pair"}


def test_every_rule_has_an_example() -> None:
    outputs = "".join(path.read_text("utf-8") for path in CASES.glob("*.txt"))
    found = set(RULE.findall(outputs))
    # These need a ledger, packages or a broken folder; each has its own test elsewhere.
    elsewhere = {"deck-name", "ledger", "note-type", "reworded-item", "stale", "file"}
    elsewhere |= {"unused-media", "schema", "moved-id", "namespace", "renamed-field", "reused-id"}
    elsewhere |= {"formerly", "shape"}
    assert found - all_rules().keys() == set()
    assert all_rules().keys() - found <= elsewhere


def test_every_rule_in_the_code_is_listed_with_its_statement() -> None:
    named: set[str] = set()
    for path in BUILDER.rglob("*.py"):
        code = path.read_text("utf-8")
        named.update(Error[name] for name in re.findall(r"\bError\.([A-Z_]+)", code))
        functions = re.findall(r"^def ([a-z]\w+)\(.*\) -> Found:$", code, re.MULTILINE)
        named.update(name.replace("_", "-") for name in functions)
    forms = (BUILDER / "sources" / "forms.toml").read_text("utf-8")
    named.update(re.findall(r'^rule = "(.*)"$', forms, re.MULTILINE))
    assert named == all_rules().keys()
    assert all(statement.endswith(".") for statement in all_rules().values())


def test_rules_lists_every_rule_with_what_it_says() -> None:
    code, output = check("--rules")
    assert code == 0
    listed = dict(re.split(r"  +", line, maxsplit=1) for line in output.splitlines())
    assert listed == all_rules()
    assert listed["long-answer"] == "An answer has at most 25 words."


def test_strict_takes_warnings_for_errors(deck: Path) -> None:
    put(deck, "yes-no-question")
    assert check()[0] == 0
    code, output = check("--strict")
    assert code == 1
    assert output.splitlines()[:2] == [
        "error[yes-no-question]: begins like a yes/no question: Is the seat in Jakarta?",
        " --> facts/x.yaml:5:39",
    ]


def test_a_message_is_wrapped_and_an_excerpt_cut_to_the_width_of_the_terminal(deck: Path) -> None:
    text = "Who reigns? " * 10
    path = deck / "facts" / "x.yaml"
    path.write_text(f"facts: [{{answer: {text}}}]\n", "utf-8")
    place = Place("facts/x.yaml", 1, 30)
    problem = Problem(place, "error", f"a question: “{text.strip()}”; one is enough", "empty")
    assert list(as_text([problem], width=50)) == [
        "error[empty]: a question: “Who reigns? Who reigns?",
        "  Who reigns? Who reigns? Who reigns? Who reigns?",
        "  Who reigns? Who reigns? Who reigns? Who",
        "  reigns?”; one is enough",
        " --> facts/x.yaml:1:30",
        "  |",
        "1 | facts: [{answer: Who reigns? Who reigns? Who …",
        "  |                              ^",
        "",
    ]
    assert next(as_text([problem])).endswith(problem.message)


def test_parts_of_a_problem_can_have_colours(deck: Path) -> None:
    path = deck / "facts" / "x.yaml"
    path.write_text("facts: []\n", "utf-8")
    problem = Problem(Place("facts/x.yaml", 1, 8), "warning", "no \x1b[31mfacts", "empty")
    assert list(as_text([problem], style=lambda text, role: f"<{role} {text}>")) == [
        "<warning warning[empty]:> no \ufffd[31mfacts",
        " <place -->> facts/x.yaml:1:8",
        "<place   |>",
        "<place 1 |> facts: []",
        "<place   |> <warning        ^>",
        "",
    ]


def test_json_gives_every_problem_to_programs(deck: Path) -> None:
    put(deck, "nearest-kind")
    done = run("--format", "json")
    assert (done.exit_code, done.stderr) == (1, "1 error\n")
    assert json.loads(done.stdout) == [
        {
            "path": "facts/x.yaml",
            "line": 5,
            "column": 19,
            "severity": "error",
            "message": "unknown kind “evnt”; did you mean “event”?",
            "rule": "unknown-kind",
        }
    ]
    (deck / "facts" / "x.yaml").unlink()
    assert json.loads(run("--format", "json").stdout) == []


def test_github_gives_annotations_that_nothing_can_break_out_of(deck: Path) -> None:
    head = "topic: basics\nlevel: core\nsource: {doc: handbook, at: p. 1}\nfacts:\n"
    fact = '  - {id: a, kind: question, question: "Who?", answer: x, "50%\\n::error::": y}\n'
    (deck / "facts" / "x.yaml").write_text(head + fact, "utf-8")
    assert check("--format", "github")[1].splitlines() == [
        "::error file=facts/x.yaml,line=5,col=58,title=unknown-key::"
        "a fact of kind “question” has no key “50%25 ::error::”",
        "1 error",
    ]


def test_facts_of_a_broken_kind_are_not_blamed_for_it(tmp_path: Path) -> None:
    files = {"kinds/event.yaml": "about: Broken.\nfields: {}\n"}
    assert problems_of(tmp_path, files) == [
        "kinds/event.yaml:1:1: error: a kind needs “prompts” or “note_type” [missing-key]"
    ]


def test_a_template_that_fails_on_a_fact_is_reported_in_the_kind(tmp_path: Path) -> None:
    files = {
        "kinds/odd.yaml": "about: Odd.\nfields: {x: {type: list}}\n"
        "prompts: {p: {front: '{{ x[7] }}', back: '{{ x }}'}}\n"
    }
    facts = "topic: basics\nlevel: core\nfacts:\n  - {id: a, kind: odd, x: [one]}\n"
    assert problems_of(tmp_path, files, a=facts) == [
        "kinds/odd.yaml:3:22: error: the template fails on fact “a”:"
        " there is no element 7 [template]"
    ]


@pytest.mark.parametrize(
    ("asks", "takes"),
    [
        ("{{ x | when }}", "a date field"),
        ("{{ as_of | when }}", "a field and nothing else"),
    ],
)
def test_when_takes_a_date_field(tmp_path: Path, asks: str, takes: str) -> None:
    files = {
        "kinds/odd.yaml": "about: Odd.\nfields: {x: {type: text}, d: {type: date}}\n"
        f"prompts: {{p: {{front: '{asks} was {{{{ x }}}}?', back: '{{{{ d }}}}'}}}}\n"
    }
    facts = "topic: basics\nas_of: 1994\nfacts:\n  - {id: a, kind: odd, x: 1994, d: 1994}\n"
    assert problems_of(tmp_path, files, a=facts) == [
        "kinds/odd.yaml:3:22: error: the template fails on fact “a”:"
        f" the filter “when” takes {takes} [template]"
    ]


def test_all_problems_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    files = {
        "tags.yaml": "topic: {basics: Start}\nlevel: {core: First}\nkind: {x: y}\n",
        "sources.yaml": "handbook: {titel: A}\n",
        "decks.yaml": "namespace: m\ndeck: M\npackages: {m: {title: M, about: M, only: is:due}}\n",
        "card/front.html": "[[ question",
    }
    found = problems_of(tmp_path, files, a="facts: [x]\n")
    assert [problem.partition(": ")[0] for problem in found] == [
        "card/front.html:1:1",
        "decks.yaml:1:1",
        "decks.yaml:3:42",
        "facts/a.yaml:1:9",
        "sources.yaml:1:11",
        "sources.yaml:1:12",
        "tags.yaml:3:1",
    ]


def test_a_mistake_in_what_a_file_says_for_all_its_facts_is_reported_once(tmp_path: Path) -> None:
    facts = "topic: basic\nlevel: core\nsource: {doc: handbook, at: x}\nfacts:\n"
    facts += "  - {id: a, kind: event, event: was it, date: 1994}\n"
    facts += "  - {id: b, kind: event, event: was it, date: 1994}\n"
    assert problems_of(tmp_path, a=facts) == [
        "facts/a.yaml:1:8: error: unknown topic “basic”; did you mean “basics”? [unknown-tag]"
    ]


@pytest.mark.parametrize(
    ("front", "problem"),
    [
        (
            "[[ question ]]\n {{Topik}}",
            "2:2: error: unknown field “Topik”; did you mean “Topic”?",
        ),
        ("[[ question ]]{{#Note}}x", "1:15: error: {{#Note}} is never closed"),
        ("[[ question ]]x{{/Note}}", "1:16: error: {{/Note}} closes nothing"),
        (
            "{{Note}} [[ question ]]{{Topic",
            "1:24: error: not a valid tag; write {{Field}}",
        ),
        (
            "[[ question ]]\n[[ qestion ]]",
            "2:1: error: not a valid template: unknown word “qestion”; did you mean “question”?",
        ),
    ],
)
def test_what_anki_would_not_understand_in_a_card_is_reported(
    tmp_path: Path, front: str, problem: str
) -> None:
    found = problems_of(tmp_path, {"card/front.html": front})
    assert f"card/front.html:{problem} [template]" in found


def test_a_front_that_shows_no_question_is_reported(tmp_path: Path) -> None:
    assert problems_of(tmp_path, {"card/front.html": "<p>{{Topic}}</p>"}) == [
        "card/front.html:1:1: error: a front must show [[ question ]] [template]"
    ]


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    project, problems = load_project(tmp_path / "nowhere")
    assert project is None
    assert [str(problem) for problem in problems] == [
        f"{tmp_path}/nowhere:1:1: error: no such folder; begin a deck with"
        " `cards new DIR`, or name its sources with --src [file]"
    ]


def test_a_folder_with_something_else_lacks_everything(tmp_path: Path) -> None:
    (tmp_path / "errata.md").touch()
    _, problems = load_project(tmp_path)
    assert {problem.place.path.removeprefix(f"{tmp_path}/") for problem in problems} == {
        "decks.yaml",
        "kinds",
        "facts",
    }


def test_a_fact_with_too_few_fields_is_an_error_also_where_something_else_is_amiss(
    tmp_path: Path,
) -> None:
    facts = "topic: basics\nfacts:\n  - {id: a, kind: event, event: was it}\n"
    assert problems_of(tmp_path, a=facts) == [
        "facts/a.yaml:3:5: error: no prompt of kind “event” can be asked of this fact;"
        " “when”: no field “date”; “where”: no field “place” [no-prompt]"
    ]


def test_a_fact_of_an_unknown_kind_is_read_as_far_as_it_can_be(tmp_path: Path) -> None:
    facts = "facts:\n  - {id: A b, kind: evnt, topic: basic, date: x, waive: {time-word: ''}}\n"
    assert problems_of(tmp_path, a=facts) == [
        "facts/a.yaml:2:10: error: “A b” is not a valid id; use small letters, digits and single"
        " hyphens [id]",
        "facts/a.yaml:2:21: error: unknown kind “evnt”; did you mean “event”? [unknown-kind]",
        "facts/a.yaml:2:34: error: unknown topic “basic”; did you mean “basics”? [unknown-tag]",
        "facts/a.yaml:2:69: error: the reason to waive “time-word” is empty [empty]",
    ]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("kinds/odd.yaml", "{}", "1:1: error: a kind needs “about” [missing-key]"),
        ("sources.yaml", "handbook: x", "1:11: error: a source must be a mapping"),
        ("left-out.yaml", "handbook: [x]", "1:12: error: a claim left out must be a mapping"),
        ("tags.yaml", "topic: {a: []}", "1:12: error: a tag's meaning must be a text, not a list"),
    ],
)
def test_what_is_no_mapping_is_said_to_be_none_and_an_empty_one_to_lack_something(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    found = [one for one in problems_of(tmp_path, {name: text}) if one.startswith(f"{name}:")]
    assert found[0].startswith(f"{name}:{problem}")
    assert text == "{}" or not any("[missing-key]" in one for one in found)
