"""What the JSON Schemas say of sources, next to what the builder says of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft7Validator, meta

from tests.command import cards
from tests.effort import sample
from tests.public import (
    FILE_KEYS,
    FILES,
    FORMS,
    GAP_PATTERN,
    KEYS,
    TYPES,
    Kind,
    load_project,
    load_vocabulary,
    out_of_date,
    plan_schemas,
)
from tests.recordings import mpeg4, wav
from tests.sources import HEAD, problems_of, write_sources

ROOT = Path(__file__).parent.parent
DECK = ROOT / "cards_src"
GOLDEN = ROOT / "tests" / "golden" / "src"


class Core(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as an editor reads it: the core schema of YAML 1.2, which knows no dates."""

    yaml_implicit_resolvers: dict[str, list[object]] = {}  # noqa: RUF012 - PyYAML copies it


CORE: list[tuple[str, Callable[[str], object]]] = [
    (r"~|null|Null|NULL|", lambda _: None),
    (r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    (r"[-+]?[0-9]+", int),
    (r"0o[0-7]+|0x[0-9a-fA-F]+", lambda text: int(text, 0)),
    (r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", float),
]
for number, (pattern, read) in enumerate(CORE):
    Core.add_implicit_resolver(f"!{number}", re.compile(f"(?:{pattern})$"), None)
    Core.add_constructor(f"!{number}", lambda _, node, read=read: read(node.value))

READERS = [yaml.BaseLoader, Core]


def as_json(text: str, reader: type[yaml.BaseLoader]) -> object:
    """A YAML text as a validator gets it, read by the builder's rules or by an editor's."""
    return json.loads(json.dumps(yaml.load(text, reader)))  # noqa: S506 - both make plain values


def validator_of(schema: dict[str, Any]) -> Draft7Validator:
    return Draft7Validator(json.loads(json.dumps(schema)))


def validators(src: Path) -> dict[str, Draft7Validator]:
    """File name → the schema made from these sources, ready to validate with."""
    files, problems = plan_schemas(src)
    assert not problems, "\n".join(map(str, problems))
    return {path.name: validator_of(schema) for path, schema in files.items()}


def complaints(validator: Draft7Validator, text: str) -> list[list[str]]:
    """What a schema has against a YAML text, by reader."""
    return [
        [error.message for error in validator.iter_errors(as_json(text, reader))]
        for reader in READERS
    ]


def errors_of(root: Path, facts: str) -> list[str]:
    """What the builder finds wrong with a file of facts."""
    found = problems_of(root, EVERY, a=facts)
    return [one for one in found if one.startswith("facts/a.yaml:") and ": error: " in one]


def test_an_editor_reads_numbers_truth_and_nothing_where_the_builder_reads_text() -> None:
    text = "[1, 010, 0x1F, 1e3, 3.10, true, ~, NO, 2010-10-12, 12:30, '1']"
    assert as_json(text, Core) == [
        *(1, 10, 31, 1000.0, 3.1, True, None),
        *("NO", "2010-10-12", "12:30", "1"),
    ]


def test_the_committed_schemas_are_current_and_are_json_schemas() -> None:
    files, problems = plan_schemas(DECK)
    assert not problems
    assert not out_of_date(files), "run `cards schema` and commit cards_src/schema/"
    for path in files:
        meta.validate(json.loads(path.read_text("utf-8")))


def test_every_file_of_the_deck_names_its_schema_for_editors() -> None:
    for name, pattern in FILES.items():
        for path in DECK.glob(pattern):
            up = "../" * (len(path.relative_to(DECK).parts) - 1)
            first, _, _ = path.read_text("utf-8").partition("\n")
            assert first == f"# yaml-language-server: $schema={up}schema/{name}", path


@pytest.mark.parametrize("src", [DECK, GOLDEN])
def test_what_the_builder_accepts_has_no_mark_in_an_editor(src: Path) -> None:
    checked = 0
    for name, validator in validators(src).items():
        for path in sorted(src.glob(FILES[name])):
            assert complaints(validator, path.read_text("utf-8")) == [[], []], path
            checked += 1
    assert checked >= 5


MEDIA: dict[str, str | bytes] = {
    "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0, alt: A map}\n"
    "s.wav: {origin: recorded, licence: CC0}\nv.mp4: {origin: drawn, licence: CC0}\n",
    "media/m.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
    "media/s.wav": wav(),
    "media/v.mp4": mpeg4(b"vide"),
}
EVERY: dict[str, str | bytes] = {
    "sources.yaml": """
        handbook: {title: A Handbook, author: A. Writer, year: 2020}
        report: {title: A Report, sections: ["Part 1 (a/b)", Part 2]}
        """,
    "kinds/every.yaml": """
        about: Has a field of every type.
        fields:
          text: {type: text, required: true, help: whatever there is to say}
          date: {type: date}
          number: {type: number}
          list: {type: list}
          url: {type: url}
          picture_of_it: {type: picture}
          sound: {type: audio}
          cloze: {type: cloze}
        prompts:
          p: {front: "{{ text }}", back: "{{ date }} {{ number }}"}
          q: {front: "{{ text }}", back: "{{ url }}"}
          r: {cloze: "{{ list | cloze }}"}
          s: {cloze: "{{ cloze }}"}
          t: {front: "{{ text }} ({{ as_of }})", back: "{{ picture_of_it }}"}
          u: {front: "{{ text }}", back: "{{ sound }}"}
        """,
    "kinds/figure.yaml": """
        about: A figure.
        requires: [as_of, note]
        fields: {question: {type: text, required: true}, value: {type: text, required: true}}
        prompts: {value: {front: "{{ question }} ({{ as_of }})", back: "{{ value }}"}}
        """,
    "kinds/own.yaml": """
        about: Has fields of the other types, and a note type of its own.
        language: ja
        fields:
          plain: {type: plain, required: true, language: en}
          code: {type: code}
          markdown: {type: markdown}
          furigana: {type: furigana}
          film: {type: video}
          hidden: {type: list}
        note_type:
          name: Own
          cloze: true
          fields:
            Text: "{{ plain }} {{ hidden | cloze }}"
            Rest: "{{ code }}{{ markdown }}{{ furigana }}{{ film }}"
          templates: {Card: {front: "{{cloze:Text}}", back: "{{cloze:Text}}{{Rest}}"}}
        """,
    "kinds/map.yaml": """
        about: A map.
        fields: {map: {type: picture, required: true}, places: {type: shapes, required: true}}
        note_type:
          name: Maps
          image_occlusion: true
          fields: {Occlusion: "{{ places | cloze }}", Image: "{{ map }}"}
        """,
    **MEDIA,
}
FINE = [
    "- {id: 2010, kind: event, event: 3.10, date: 2010, place: NO}",
    "- {id: null, kind: event, event: null, place: ~}",
    "- {id: 'true', kind: event, event: true, date: 2010/2011, place: 0x1F}",
    "- {id: a, kind: event, event: x, date: ' 2010-10-12 ', tags: [], formerly: [], source: []}",
    "- {id: a, kind: event, event: x, date: 0001, tags: partner::india, source: handbook}",
    "- {id: a, kind: event, event: x, date: 2010-10, as_of: 2010, picture: m.svg, formerly: 3}",
    "- {id: a, kind: event, event: x, date: 2010, source: [handbook, {doc: report, at: Part 2}]}",
    '- {id: a, kind: event, event: x, date: 2010, source: {doc: report, at: "Part 1 (a/b), 3"}}',
    "- {id: a, kind: list, list: Some, items: [1, 1.0, {item: ~, formerly: 2, new: true}]}",
    '- {id: a, kind: cloze, text: "{ {{c1::a\\LB}} and {{{c12::b::hint}} }"}',
    "- {id: a, kind: every, text: x, number: '-1,025.5', date: 2010}",
    "- {id: a, kind: every, text: x, picture: [m.svg], picture_of_it: [m.svg], as_of: 2010}",
    "- {id: a, kind: every, text: x, sound: s.wav}",
    "- {id: a, kind: every, text: x, sound: [s.wav]}",
    "- {id: a, kind: every, text: x, number: ' 12 ', date: 2010, url: ' https://example.org/?a=b'}",
    "- {id: a, kind: every, text: x, picture_of_it: m.svg, as_of: 2010}",
    "- {id: a, kind: figure, question: x, value: 3, as_of: 2010, note: 4}",
    "- {id: a, kind: figure, question: x, value: 3, as_of: 2010, note: {value: 4}}",
    "- {id: a, kind: event, event: x, date: 2010, place: y, note: {when: 1, where: ~}}",
    "- {id: a, kind: event, event: x, date: 2010, caution: {when: x}, source_note: {when: x}}",
    "- {id: a, kind: event, event: x, date: 2010, source_note: 2010}",
]
BROKEN = [
    "- {id: a, kind: event, event: x, dat: 1994}",
    "- {id: a, kind: event, event: x, date: 1994, stands_for: x}",
    "- {id: a, kind: event, event: x, date: 1994, meaning: a field of another kind}",
    "- {id: a, kind: evnt, event: x, date: 1994}",
    "- {id: a, event: x, date: 1994}",
    "- {kind: event, event: x, date: 1994}",
    "- {id: A one, kind: event, event: x, date: 1994}",
    "- {id: [a], kind: event, event: x, date: 1994}",
    "- {id: a, kind: [event], event: x, date: 1994}",
    "- {id: a, kind: event, date: 1994}",
    "- {id: a, kind: event, event: x}",
    "- {id: a, kind: event, event: '', date: 1994}",
    "- {id: a, kind: event, event: [x], date: 1994}",
    "- {id: a, kind: event, event: {x: y}, date: 1994}",
    "- {id: a, kind: event, event: x, date: last year}",
    "- {id: a, kind: event, event: x, date: 1994-7-25}",
    "- {id: a, kind: event, event: x, date: 19940725}",
    "- {id: a, kind: event, event: x, date: true}",
    "- {id: a, kind: event, event: x, date: [1994]}",
    "- {id: a, kind: event, event: x, date: 1994, as_of: soon}",
    "- {id: a, kind: event, event: x, date: 1994, topic: forums::raf}",
    "- {id: a, kind: event, event: x, date: 1994, topic: topic::basics}",
    "- {id: a, kind: event, event: x, date: 1994, level: cor}",
    "- {id: a, kind: event, event: x, date: 1994, level: 1}",
    "- {id: a, kind: event, event: x, date: 1994, tags: [partner::indai]}",
    "- {id: a, kind: event, event: x, date: 1994, tags: india}",
    "- {id: a, kind: event, event: x, date: 1994, tags: {partner: india}}",
    "- {id: a, kind: event, event: x, date: 1994, source: handbok}",
    "- {id: a, kind: event, event: x, date: 1994, source: {doc: handbok, at: x}}",
    "- {id: a, kind: event, event: x, date: 1994, source: {at: x}}",
    "- {id: a, kind: event, event: x, date: 1994, source: {doc: handbook, page: 3}}",
    "- {id: a, kind: event, event: x, date: 1994, source: [[handbook]]}",
    "- {id: a, kind: event, event: x, date: 1994, source: {doc: report, at: Part 3}}",
    "- {id: a, kind: event, event: x, date: 1994, source: {doc: report, at: Part 23}}",
    "- {id: a, kind: event, event: x, date: 1994, source: {doc: report, at: Part 1 xa/b)}}",
    "- {id: a, kind: event, event: x, date: 1994, picture: n.svg}",
    "- {id: a, kind: event, event: x, date: 1994, formerly: {a: b}}",
    "- {id: a, kind: event, event: x, date: 1994, note: [x, y]}",
    "- {id: a, kind: event, event: x, date: 1994, caution: {x: y}}",
    "- {id: a, kind: event, event: x, date: 1994, note: {}}",
    "- {id: a, kind: event, event: x, date: 1994, note: {when: [x]}}",
    "- {id: a, kind: event, event: x, date: 1994, note: {when: ''}}",
    "- {id: a, kind: event, event: x, date: 1994, source_note: {meaning: x}}",
    "- {id: a, kind: event, event: x, date: 1994, source_note: ''}",
    "- {id: a, kind: list, list: Some, items: x}",
    "- {id: a, kind: list, list: Some, items: []}",
    "- {id: a, kind: list, list: Some, items: [[x]]}",
    "- {id: a, kind: list, list: Some, items: [{itm: x}]}",
    "- {id: a, kind: list, list: Some, items: [{item: x, former: y}]}",
    "- {id: a, kind: list, list: Some, items: [{item: x, new: perhaps}]}",
    "- {id: a, kind: cloze, text: no gap}",
    '- {id: a, kind: cloze, text: "a {{c1::b"}',
    '- {id: a, kind: cloze, text: "a {{c0::b}}"}',
    "- {id: a, kind: every, text: x, date: 2010, number: some}",
    "- {id: a, kind: every, text: x, date: 2010, number: true}",
    "- {id: a, kind: every, text: x, date: 2010, number: \u0661\u0662}",
    "- {id: a, kind: every, text: x, url: example.org}",
    "- {id: a, kind: every, text: x, url: [https://example.org]}",
    "- {id: a, kind: every, text: x, as_of: 2010, picture_of_it: n.svg}",
    "- {id: a, kind: every, text: x, date: 2010}",
    "- {id: a, kind: figure, question: x, value: 3, note: x}",
    "- {id: a, kind: figure, question: x, value: 3, as_of: 2010}",
    "- just text",
    "- [a]",
    " []",
    " {id: a}",
]


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Draft7Validator:
    src = write_sources(tmp_path_factory.mktemp("every"), EVERY)
    return validators(src)["facts.schema.json"]


@pytest.mark.parametrize("fact", FINE)
def test_a_sound_fact_passes_however_its_values_are_read(
    tmp_path: Path, validator: Draft7Validator, fact: str
) -> None:
    assert errors_of(tmp_path, HEAD + fact) == []
    assert complaints(validator, HEAD + fact) == [[], []]


@pytest.mark.parametrize("fact", BROKEN)
def test_what_is_wrong_with_a_fact_is_wrong_to_the_schema_and_to_the_builder(
    tmp_path: Path, validator: Draft7Validator, fact: str
) -> None:
    assert errors_of(tmp_path, HEAD + fact)
    assert all(complaints(validator, HEAD + fact))


EVENT = "facts: [{id: a, event: x, date: 1994}]"
MAP = "facts: [{id: a, kind: every, text: x, picture_of_it: m.svg}]"
FIGURE = "facts: [{id: a, question: x, value: 3, note: y}]"


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        (f"topic: basics\nkind: event\n{EVENT}", True),
        (f"topic: basics\nkind: term\n{EVENT}", False),
        (f"topic: basics\nkind: evnt\n{EVENT}", False),
        (f"topic: basics\n{EVENT}", False),
        (f"kind: event\n{EVENT}", False),
        (f"topic: basics\nkind: event\n{EVENT.replace('date', 'dat')}", False),
        ("topic: basics\nkind: event\nfacts: [{id: a, kind: term, term: x, meaning: y}]", True),
        ("topic: basics\nkind: term\nfacts: [{id: a, kind: event, term: x, meaning: y}]", False),
        (f"topic: basics\nkind: figure\nas_of: 2010\n{FIGURE}", True),
        (f"topic: basics\nkind: figure\n{FIGURE}", False),
        (f"topic: basics\nas_of: 2010\n{FIGURE.replace('id: a', 'id: a, kind: figure')}", True),
        (f"topic: basics\n{FIGURE.replace('id: a', 'id: a, kind: figure')}", False),
        (f"topic: basics\nas_of: 2010\n{MAP}", True),
        (f"topic: basics\nkind: event\nnote: x\n{EVENT}", False),
        (f"topic: basics\nkind: event\nfact: x\n{EVENT}", False),
        ("topic: basics\nkind: event", False),
        ("topic: basics\nkind: event\nfacts: x", False),
    ],
)
def test_what_a_file_says_for_all_its_facts_counts_for_each(
    tmp_path: Path, validator: Draft7Validator, text: str, *, fine: bool
) -> None:
    assert (errors_of(tmp_path, text) == []) == fine
    assert [not found for found in complaints(validator, text)] == [fine, fine]


OTHER_FILES = [
    ("kinds/odd.yaml", "fields: {x: {type: text}}\nprompts: {}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {x: {type: txt}}\nprompts: {}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {x: {typ: text, type: text}}\nprompts: {}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {x: {type: text, required: yes}}\nprompts: {}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {A b: {type: text}}\nprompts: {}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {note: {type: text}}\nprompts: {}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {}\nprompts: {A b: {cloze: x}}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {}\nprompts: {p: {front: x}}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {}\nprompts: {p: {cloze: x, back: x}}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {}\nprompts: {p: {front: x, back: x, revers: {}}}\n"),
    ("kinds/odd.yaml", "about: x\nfields: {}\nprompts: {}\nrequires: [as_off]\n"),
    ("decks.yaml", "namespace: x\ndeck: x\npackages: {}\n"),
    ("decks.yaml", "namespace: x\ndeck: x\ntag_root: a b\npackages: {}\n"),
    ("decks.yaml", "namespace: x\ndeck: x\ntag_root: x\npackages: {A: {title: x, about: x}}\n"),
    ("decks.yaml", "namespace: x\ndeck: x\ntag_root: x\npackages: {a: {title: x}}\n"),
    ("decks.yaml", "namespace: x\ndeck: [x]\ntag_root: x\npackages: {}\n"),
    ("decks.yaml", "namespace: x\ndeck: x\ntag_root: x\npackages: {}\nsearches: {x: [tag:x]}\n"),
    ("tags.yaml", "topic: {a b: x}\n"),
    ("tags.yaml", "topic: {a: [x]}\n"),
    ("tags.yaml", "topic: {a: {_: x, _when: [x]}}\n"),
    ("tags.yaml", "topic: {a: {_: x, _wen: tag:x}}\n"),
    ("tags.yaml", "topic: {a: x}\n_when: tag:x\n"),
    ("tags.yaml", "topic: {a: {_: x, _name: [x]}}\n"),
    ("tags.yaml", "topic: {a: x}\n_name: x\n"),
    ("tags.yaml", "kind: {a: x}\n"),
    ("sources.yaml", "handbook: {titel: x}\n"),
    ("sources.yaml", "handbook: {title: x, sections: {a: b}}\n"),
    ("sources.yaml", "hand_book: {title: x}\n"),
    ("media/sources.yaml", "m.svg: {origin: x}\n"),
    ("media/sources.yaml", "../m.svg: {origin: x, licence: y}\n"),
    ("left-out.yaml", "report: [{at: Part 3, claim: x, why: y}]\n"),
    ("left-out.yaml", "report: [{at: Part 2, claim: x}]\n"),
    ("left-out.yaml", "reprt: []\n"),
]


@pytest.mark.parametrize(("name", "text"), OTHER_FILES)
def test_what_is_wrong_with_another_file_is_wrong_to_its_schema_and_to_the_builder(
    tmp_path: Path, name: str, text: str
) -> None:
    schema = validators(write_sources(tmp_path, EVERY))[
        next(schema for schema, pattern in FILES.items() if Path(name).match(pattern))
    ]
    assert any(f"{name}:" in problem for problem in problems_of(tmp_path, {**EVERY, name: text}))
    assert all(complaints(schema, text))


def test_names_that_an_editor_takes_for_numbers_or_truth_are_names(tmp_path: Path) -> None:
    kind = "about: x\nfields: {x: {type: text, required: true}}\n"
    files = {
        **EVERY,
        "tags.yaml": "topic: {basics: x, 2010: x, true: x}\nlevel: {1: First, 2: Second}\n",
        "sources.yaml": "0x1F: {title: x}\nđông-á: {title: x}\n",
        "decks.yaml": "namespace: 1\ndeck: 2\ntag_root: 3\npackages: {4: {title: 5, about: 6}}\n",
        "kinds/2020.yaml": kind + "prompts: {1: {front: '{{ x }}', back: 2}}\n",
        "kinds/null.yaml": kind + "prompts: {1: {front: '{{ x }}', back: 2}}\n",
    }
    text = """
        topic: 2010
        level: 1
        source: {doc: 0x1F, at: 5}
        facts:
          - {id: a, kind: 2020, x: y}
          - {id: b, kind: null, x: y, topic: true, level: 2, source: {doc: đông-á, at: x}}
        """
    assert not problems_of(tmp_path, files, a=text)
    made = validators(tmp_path / "src")
    assert complaints(made["facts.schema.json"], text) == [[], []]
    for name, pattern in FILES.items():
        for path in (tmp_path / "src").glob(pattern):
            assert complaints(made[name], path.read_text("utf-8")) == [[], []], path


# What an editor takes for something else than text, and what only looks like that.
ODD = st.sampled_from(
    [
        *("null", "~", "true", "False", "NO", "y", "0", "010", "3.10", "1e3", "0x1F", "0o17", "-1"),
        *("+1", "2010", "2010-10", "12:30", "1_000", "1,000", ".5", "5.", "<<", "=", "- a", "#"),
    ]
)
CHARACTERS = st.characters(codec="utf-8", exclude_categories=["C"])
TEXT = ODD | st.text(CHARACTERS, min_size=1, max_size=9)
YEAR = st.integers(1, 9998)
DATE = (
    st.dates().flatmap(lambda day: st.sampled_from([str(day)[:size] for size in (4, 7, 10)]))
    | YEAR.map(lambda year: f"{year:04}/{year + 1:04}")
)  # fmt: skip
CONTEXT = st.lists(TEXT | st.just("{item}"), min_size=1, max_size=3).map(" ".join)
ITEM = (
    TEXT
    | st.fixed_dictionaries({"item": TEXT}, optional={"hint": TEXT, "context": CONTEXT})
    | st.fixed_dictionaries({"item": TEXT}, optional={"formerly": TEXT})
    | st.fixed_dictionaries({"item": TEXT, "new": st.sampled_from(["true", "false"])})
)
LOCATOR = st.sampled_from(["Part 2", "Part 2, 3", "Part 1 (a/b)", "Part 1 (a/b), x"])
SOURCE = (
    st.sampled_from(["handbook", "report"])
    | st.fixed_dictionaries({"doc": st.just("handbook")}, optional={"at": TEXT})
    | st.fixed_dictionaries({"doc": st.just("report"), "at": LOCATOR})
)
TAG = st.sampled_from(["partner::india", "topic::forums", "level"])
REMARK = TEXT | st.dictionaries(
    st.sampled_from(["when", "p", "s", "value", "note"]), TEXT, min_size=1
)
PICTURES = st.just("m.svg") | st.lists(st.just("m.svg"), min_size=1, max_size=2)
COMMON: dict[str, st.SearchStrategy[object]] = {
    "formerly": TEXT | st.lists(TEXT, max_size=2),
    "topic": st.sampled_from(["basics", "forums", "forums::arf"]),
    "tags": TAG | st.lists(TAG, max_size=3),
    "level": st.sampled_from(["core", "detail"]),
    "source": SOURCE | st.lists(SOURCE, max_size=3),
    "as_of": DATE,
    "note": REMARK,
    "caution": REMARK,
    "source_note": REMARK,
    "picture": PICTURES,
    "deck": TEXT | st.lists(TEXT, min_size=1, max_size=2).map("::".join),
    "waive": st.dictionaries(st.sampled_from(["long-list", "spacing", "no-such"]), TEXT),
}
PER_CENT = st.integers(0, 60).map(str) | st.sampled_from(["2.5", "0.25%", "7%", "101", "-1"])
FRAME = st.lists(PER_CENT, min_size=3, max_size=5) | TEXT
SHAPE = st.one_of(
    [
        st.fixed_dictionaries({"name": TEXT, form: value}, optional={"formerly": TEXT})
        for form, value in {
            "rect": FRAME,
            "ellipse": FRAME,
            "polygon": st.lists(st.lists(PER_CENT, min_size=2, max_size=2), max_size=4),
        }.items()
    ]
)
GAP = st.from_regex(GAP_PATTERN, fullmatch=True, alphabet=CHARACTERS)
BY_TYPE: dict[str, st.SearchStrategy[object]] = {
    "text": TEXT,
    "date": DATE | DATE.map(" {} ".format),
    "number": st.from_regex(FORMS["number"].pattern, fullmatch=True) | st.integers().map(str),
    "list": st.lists(ITEM, min_size=1, max_size=3),
    "url": st.from_regex(FORMS["url"].pattern, fullmatch=True, alphabet=CHARACTERS),
    "picture": PICTURES,
    "audio": st.just("s.wav") | st.lists(st.just("s.wav"), min_size=1, max_size=2),
    "cloze": st.lists(TEXT | GAP, min_size=1, max_size=3).map(" ".join),
    "video": st.just("v.mp4") | st.lists(st.just("v.mp4"), min_size=1, max_size=2),
    "shapes": st.lists(SHAPE, min_size=1, max_size=3),
    "markdown": TEXT | st.just("![](m.svg)\n\n- a"),
    **dict.fromkeys(("plain", "code", "furigana"), TEXT | st.just(" 日[に]\n")),
}


@st.composite
def files_of_a_fact(draw: st.DrawFn, kinds: Mapping[str, Kind]) -> str:
    """A file with one fact of one of the kinds, mostly a sound one."""

    def some(keys: Iterable[str], needed: Collection[str] = ()) -> list[str]:
        return [key for key in keys if key in needed or draw(st.booleans())]

    kind = draw(st.sampled_from(list(kinds.values())))
    file = {key: draw(COMMON[key]) for key in some(key for key in FILE_KEYS if key in COMMON)}
    fact: dict[str, object] = {
        "id": draw(st.from_regex(FORMS["id"].pattern, fullmatch=True)),
        "kind": kind.name,
    }
    if draw(st.booleans()):
        file["kind"] = fact.pop("kind")
    needed = {"topic", *kind.requires} - file.keys()
    fact |= {key: draw(COMMON[key]) for key in some(COMMON, needed)}
    for name in some(kind.fields, [field.name for field in kind.fields.values() if field.required]):
        fact[name] = draw(BY_TYPE[kind.fields[name].type])
    if draw(st.integers(0, 9)) == 0:
        fact[draw(st.sampled_from(list(fact)))] = draw(TEXT | st.lists(ITEM))
    return written(file | {"facts": [fact]})


def written(value: object) -> str:
    """YAML that the builder reads as this value; scalars without quotes where they can be."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    try:
        bare = yaml.load(f"[{value}]", yaml.BaseLoader) == [value]  # noqa: S506 - gives text only
    except yaml.YAMLError:
        bare = False
    return str(value) if bare else json.dumps(value, ensure_ascii=False)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sources(tmp_path_factory.mktemp("every"), EVERY)


@settings(max_examples=sample(300, each=20))
@given(st.data())
def test_whatever_the_builder_accepts_the_schema_accepts(
    every: Path, validator: Draft7Validator, data: st.DataObject
) -> None:
    kinds = load_vocabulary(every, None)[0].kinds
    text = data.draw(files_of_a_fact({name: kind for name, kind in kinds.items() if kind}))
    (every / "facts" / "a.yaml").write_text(text, "utf-8")
    _, problems = load_project(every)
    assume(not any(p.severity == "error" and "facts" in Path(p.place.path).parts for p in problems))
    assert complaints(validator, text) == [[], []]


SAID = {
    "language": st.sampled_from(["es", "ar", "zh-Hant", "pt-BR", "ES", "en-GB", "xx"]),
    "waive": COMMON["waive"],
    "requires": st.lists(st.sampled_from(["topic", "note", "deck", "source"]), max_size=2),
    "tags": TAG | st.lists(TAG, max_size=2),
    "flag": st.sampled_from(["true", "false"]),
    "formerly": TEXT | st.lists(TEXT, max_size=2),
}
FIELD = {
    "language": SAID["language"],
    "help": TEXT,
    "formerly": SAID["formerly"],
    "hide": st.sampled_from(["all", "one"]),
}
FIELDS = st.fixed_dictionaries(
    {
        "a": st.fixed_dictionaries({"type": st.just("text")}, optional=FIELD),
        "b": st.fixed_dictionaries(
            {"type": st.sampled_from(list(TYPES))}, optional=FIELD | {"required": SAID["flag"]}
        ),
    }
)
SIDE = st.sampled_from(["{{ a }}", "{{ a }}{% if b %}{{ b }}{% endif %}", "{{ b }} {{ a }}"])
REVERSE = st.fixed_dictionaries({"front": SIDE, "back": SIDE})
PROMPT = st.fixed_dictionaries(
    {"front": SIDE, "back": SIDE}, optional={"reverse": REVERSE, "tags": SAID["tags"]}
) | st.fixed_dictionaries(
    {"cloze": st.just("{{ a | cloze }} {{ b }}")},
    optional={"rest": st.sampled_from(["hidden", "shown"]), "tags": SAID["tags"]},
)
CONTENT = SIDE | st.just("") | st.fixed_dictionaries(
    {"value": SIDE}, optional={"formerly": SAID["formerly"]}
)  # fmt: skip
STYLE = {"css": TEXT | st.just(""), "tags": SAID["tags"]}
CARD = st.fixed_dictionaries({"front": st.just("{{A}}"), "back": TEXT}, optional={
    "formerly": SAID["formerly"]
})  # fmt: skip
NOTE_TYPE = (
    st.fixed_dictionaries(
        {
            "name": TEXT,
            "fields": st.fixed_dictionaries({"A": SIDE, "B": CONTENT}),
            "templates": st.dictionaries(TEXT, CARD, min_size=1, max_size=1),
        },
        optional=STYLE | {"cloze": st.just("false")},
    )
    | st.fixed_dictionaries(
        {
            "name": TEXT,
            "image_occlusion": st.just("true"),
            "fields": st.fixed_dictionaries(
                {"Occlusion": st.just("{{ b | cloze }}"), "Header": CONTENT}
            ),
        },
        optional=STYLE,
    )
)  # fmt: skip
KIND_SAYS = {
    "language": SAID["language"],
    "waive": SAID["waive"],
    "requires": SAID["requires"],
}
KINDS_SAY = st.fixed_dictionaries(
    {
        "about": TEXT,
        "fields": FIELDS,
        "prompts": st.dictionaries(st.sampled_from(["p", "p-2", "3"]), PROMPT, min_size=1),
    },
    optional=KIND_SAYS,
) | st.fixed_dictionaries(
    {"about": TEXT, "fields": FIELDS, "note_type": NOTE_TYPE}, optional=KIND_SAYS
)
DECKS = st.fixed_dictionaries(
    {
        "namespace": TEXT,
        "deck": COMMON["deck"],
        "tag_root": st.just("Mini") | TEXT,
        "packages": st.just({"mini": {"title": "x", "about": "y"}}),
    },
    optional={
        "licence": TEXT,
        "language": SAID["language"],
        "labels": st.dictionaries(st.sampled_from(["as_of", "caution", "at"]), TEXT | CONTEXT),
        "home": BY_TYPE["url"],
        "as_of": DATE,
        "requires": SAID["requires"],
        "waive": SAID["waive"],
        "searches": st.dictionaries(TEXT, st.just("tag:Mini") | TEXT, max_size=1),
    },
)


@settings(max_examples=sample(300, each=20))
@given(kind=KINDS_SAY, decks=DECKS)
def test_whatever_the_builder_accepts_of_kinds_and_the_deck_their_schemas_accept(
    every: Path, tmp_path_factory: pytest.TempPathFactory, kind: object, decks: object
) -> None:
    made = validators(every)
    for name, path, value in (
        ("kind.schema.json", "kinds/new.yaml", kind),
        ("decks.schema.json", "decks.yaml", decks),
    ):
        text = written(value) + "\n"
        found = problems_of(tmp_path_factory.mktemp("one"), EVERY | {path: text})
        if not any(f"{path}:" in one and ": error: " in one for one in found):
            assert complaints(made[name], text) == [[], []], text


def schema_of(src: Path, name: str) -> dict[str, Any]:
    return plan_schemas(src)[0][src / "schema" / name]


def test_every_key_of_a_fact_is_explained_in_the_words_of_the_documentation() -> None:
    schema = schema_of(DECK, "facts.schema.json")
    page = (ROOT / "docs" / "format.md").read_text("utf-8")
    table = page.partition("<!-- generated: keys a fact -->")[2].partition("<!-- end -->")[0]
    rows = dict(re.findall(r"^\| `(\w+)`.*? \| .*? \| (.*) \|$", table, re.MULTILINE))
    explained = schema["definitions"]["fact"]["properties"]
    assert list(explained) == list(KEYS["a fact"])
    for key, value in explained.items():
        assert rows[key] == value["description"], key
        assert value["$ref"].removeprefix("#/definitions/") in schema["definitions"]
    for key in FILE_KEYS:
        assert schema["properties"][key]["description"].startswith(explained[key]["description"])


def test_every_type_of_field_has_a_form_and_shows_the_help_of_its_field(tmp_path: Path) -> None:
    fields = "".join(f"  {name}_x: {{type: {name}, help: of {name}}}\n" for name in TYPES)
    files = {"kinds/odd.yaml": f"about: Odd.\nfields:\n{fields}prompts: {{}}\n"}
    schema = schema_of(write_sources(tmp_path, files), "facts.schema.json")
    for name in TYPES:
        field = schema["definitions"]["kind-odd"]["properties"][f"{name}_x"]
        assert field["description"].startswith(f"of {name}\n\n")
        assert schema["definitions"][field["$ref"].removeprefix("#/definitions/")]


def test_words_that_may_be_said_come_with_their_meaning(tmp_path: Path) -> None:
    forms = schema_of(write_sources(tmp_path, EVERY), "facts.schema.json")["definitions"]
    meanings = {
        name: dict(zip(forms[name]["enum"], forms[name]["enumDescriptions"], strict=True))
        for name in ("kind", "topic", "level", "tag", "slug", "picture-file")
    }
    assert meanings["kind"]["event"] == "Something that happened."
    assert meanings["topic"]["forums::arf"] == "The regional forum"
    assert meanings["level"] == {"core": "First", "detail": "Later"}
    assert meanings["tag"]["partner::india"] == "India"
    assert meanings["slug"] == {
        "handbook": "A Handbook, A. Writer, 2020",
        "report": "A Report",
    }
    assert meanings["picture-file"] == {"m.svg": "A map"}


def test_the_command_writes_what_is_stale_and_says_what_it_wrote(tmp_path: Path) -> None:
    write_sources(tmp_path)
    done = cards(tmp_path, "schema")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"src/schema/{name}" for name in FILES]
    (tmp_path / "src" / "schema" / "tags.schema.json").write_text("{}", "utf-8")
    assert cards(tmp_path, "schema").stdout == "src/schema/tags.schema.json\n"
    assert cards(tmp_path, "schema").stdout == ""
    assert sorted(path.name for path in (tmp_path / "src" / "schema").iterdir()) == sorted(FILES)


def test_the_command_can_check_without_writing(tmp_path: Path) -> None:
    src = write_sources(tmp_path)
    done = cards(tmp_path, "schema", "--check")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == f"{len(FILES)} errors"
    assert not (src / "schema").exists()
    cards(tmp_path, "schema")
    assert cards(tmp_path, "schema", "--check").exit_code == 0
    (src / "sources.yaml").write_text("handbook: {title: Another Handbook}\n", "utf-8")
    done = cards(tmp_path, "schema", "--check")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "error[schema]: is out of date; run `cards schema`\n"
        " --> src/schema/facts.schema.json:1:1\n\n1 error\n"
    )


def test_broken_facts_do_not_keep_schemas_from_being_made(tmp_path: Path) -> None:
    src = write_sources(tmp_path, {"decks.yaml": "x", "left-out.yaml": "["}, a="facts: [")
    assert cards(tmp_path, "schema").exit_code == 0
    assert cards(tmp_path, "schema", "--check").exit_code == 0
    assert (src / "schema" / "facts.schema.json").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kinds/event.yaml", "about: x\n"),
        ("tags.yaml", "topic: [x]\n"),
        ("sources.yaml", "handbook: {}\n"),
        ("media/sources.yaml", "m.svg: {origin: x, licence: y}\n"),
    ],
)
def test_schemas_are_not_made_from_a_broken_vocabulary(
    tmp_path: Path, name: str, text: str
) -> None:
    src = write_sources(tmp_path, {name: text})
    done = cards(tmp_path, "schema")
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"\n --> src/{name}:1:" in done.stderr
    assert not (src / "schema").exists()


def test_no_sources_or_no_place_for_schemas_is_a_problem(tmp_path: Path) -> None:
    done = cards(tmp_path, "schema")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error[file]: no such folder; begin a deck with `cards new")
    (write_sources(tmp_path) / "schema").write_text("in the way", "utf-8")
    done = cards(tmp_path, "schema")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error[file]: not a folder\n --> src/schema:1:1\n")


def test_check_warns_of_stale_schemas_where_a_deck_has_any(tmp_path: Path) -> None:
    src = write_sources(tmp_path)
    before = cards(tmp_path, "check").stdout
    cards(tmp_path, "schema")
    assert cards(tmp_path, "check").stdout == before
    (src / "schema" / "tags.schema.json").unlink()
    done = cards(tmp_path, "check")
    assert done.exit_code == 0
    assert set(done.stdout.splitlines()) - set(before.splitlines()) == {
        "warning[schema]: is out of date; run `cards schema`",
        " --> src/schema/tags.schema.json:1:1",
    }


OWN = """\
about: A map.
fields:
  map: {type: picture, required: true}
  places: {type: shapes, required: true, hide: one}
note_type:
  name: Maps
  image_occlusion: true
  fields:
    Occlusion: "{{ places | cloze }}"
    Image: {value: "{{ map }}", formerly: [Picture, Map]}
    Comments: ""
  css: ""
"""
SIDES = "  templates:\n    Card: {front: '{{cloze:Occlusion}}', back: back.html, formerly: Old}\n"


@pytest.mark.parametrize(
    ("kind", "fine"),
    [
        (OWN, True),
        (OWN + SIDES, True),
        (OWN.replace("image_occlusion", "image-occlusion"), False),
        (OWN.replace("value:", "valeu:"), False),
        (OWN.replace("hide: one", "hide: some"), False),
        (OWN + "prompts: {p: {front: a, back: b}}\n", False),
        (OWN[: OWN.index("note_type")], False),
        (OWN + SIDES.replace("back:", "bakc:"), False),
        (OWN + "  templates: {}\n", False),
    ],
)
def test_a_note_type_is_checked_as_the_builder_does(
    tmp_path: Path, kind: str, *, fine: bool
) -> None:
    files = {"kinds/map.yaml": OWN, "kinds/back.html": "{{cloze:Occlusion}}"}
    validator = validators(write_sources(tmp_path, files))["kind.schema.json"]
    assert [not found for found in complaints(validator, kind)] == [fine, fine]
    found = problems_of(tmp_path, files | {"kinds/map.yaml": kind})
    assert (not any("error" in problem for problem in found)) == fine


@pytest.mark.parametrize(
    ("shape", "fine"),
    [
        ("{name: A, rect: [1, 2.5, 3, 4%]}", True),
        ("{name: A, polygon: [[1, 2], [3, 4], [5, 60]], new: true}", True),
        ("{name: A, ellipse: [1, 2, 3]}", False),
        ("{name: A, polygon: [1, 2, 3]}", False),
        ("{name: A}", False),
        ("{name: A, rect: [1, 2, 3, 4], ellipse: [1, 2, 3, 4]}", False),
        ("A", False),
    ],
)
def test_shapes_are_checked_as_the_builder_does(tmp_path: Path, shape: str, *, fine: bool) -> None:
    files = {
        "kinds/map.yaml": OWN,
        "media/sources.yaml": "m.svg: {origin: drawn, licence: CC0}\n",
        "media/m.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    facts = HEAD + f"  - {{id: m, kind: map, map: m.svg, places: [{shape}]}}\n"
    validator = validators(write_sources(tmp_path, files))["facts.schema.json"]
    assert [not found for found in complaints(validator, facts)] == [fine, fine]
    assert (not problems_of(tmp_path, files, a=facts)) == fine
