from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.effort import sample
from tests.public import Map, Reader, Sequence, Text


def read(text: str) -> Reader:
    return Reader.of(Path("x.yaml"), text)


def parsed(text: str) -> Map:
    reader = read(text)
    assert not reader.problems, "\n".join(map(str, reader.problems))
    assert reader.root is not None
    return reader.root


def problems_of(text: str) -> list[str]:
    return [str(problem) for problem in read(text).problems]


def test_every_scalar_is_text() -> None:
    root = parsed("a: NO\nb: 3.10\nc: 12:30\nd: 010\ne: 2010-10-12\nf: ~\ng: null\n")
    assert root == {
        "a": "NO",
        "b": "3.10",
        "c": "12:30",
        "d": "010",
        "e": "2010-10-12",
        "f": "~",
        "g": "null",
    }


def test_values_and_keys_know_their_places() -> None:
    root = parsed("a: 1\nlist:\n  - x\n  - {é: y, deep: z}\n")
    items = root.named("list")
    assert isinstance(items, Sequence)
    entry = items[1]
    assert isinstance(entry, Map)
    deep = entry.named("deep")
    assert isinstance(deep, Text)
    assert entry.place[1:] == (4, 5)
    assert deep.place[1:] == (4, 18)
    assert [key.place[1:] for key in entry] == [(4, 6), (4, 12)]


def test_text_is_read_in_the_form_in_which_anki_stores_it() -> None:
    assert parsed("e\u0301: Vie\u0323\u0302t Nam\n") == {"\u00e9": "Vi\u1ec7t Nam"}


def test_windows_line_ends_and_a_byte_order_mark_do_not_move_places(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    _, root, problems = Reader.read(path)
    assert not problems
    assert root == {"a": "1", "b": "2"}
    assert [key.place[1:] for key in root or ()] == [(1, 1), (2, 1)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2\n", "x.yaml:2:1: error: duplicate key “a” [duplicate-key]"),
        (
            "a: &x 1\n",
            "x.yaml:1:4: error: YAML anchor; write the value out, or quote a text that begins with"
            " “&” [anchor]",
        ),
        (
            "a: !!int 1\n",
            "x.yaml:1:4: error: YAML tag; leave it out, or quote a text that begins with “!”"
            " [yaml-tag]",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "x.yaml:2:1: error: a second YAML document; a file can hold only one [yaml]",
        ),
        ("a:\t1\n", "x.yaml:1:3: error: tab character; use spaces [tab]"),
        ("- a\n", "x.yaml:1:1: error: expected a mapping (key: value) [type]"),
        ("", "x.yaml:1:1: error: the file is empty [empty]"),
        (
            "? [a]\n: b\n",
            "x.yaml:1:3: error: a key must be text; quote a text that begins with “{” or “["
            "” [type]",
        ),
        (
            "a: 1\nb: c: d\n",
            "x.yaml:2:5: error: not valid YAML: a second “: ” in one line, or a line indented too"
            " far; quote a text that contains “: ” [yaml]",
        ),
        ("a: \x07\n", "x.yaml:1:4: error: character U+0007 is not allowed in YAML [encoding]"),
        (
            'a: "\\x1f"\n',
            "x.yaml:1:4: error: character U+001F is not allowed in a text [encoding]",
        ),
    ],
)
def test_what_is_not_plain_yaml_is_a_problem_at_its_place(text: str, problem: str) -> None:
    assert problems_of(text) == [problem]


# YAML 1.1, 5.1, what ends lines in YAML but in no editor, and the byte order mark.
NOT_IN_YAML = "".join(
    map(
        chr,
        (
            *range(9),
            0xB,
            0xC,
            *range(0xE, 0x20),
            *range(0x7F, 0xA0),
            0x2028,
            0x2029,
            0xFEFF,
            0xFFFE,
            0xFFFF,
        ),
    )
)


@pytest.mark.parametrize("char", [*NOT_IN_YAML, "\r"])
def test_no_character_that_yaml_does_not_allow_is_taken(char: str) -> None:
    message = f"character U+{ord(char):04X} is not allowed in YAML [encoding]"
    assert problems_of(f"a: x\nb: y{char}z\n") == [f"x.yaml:2:5: error: {message}"]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=NOT_IN_YAML)))
def test_every_other_character_is_taken(text: str) -> None:
    assert not [found for found in problems_of(f"a: 'x{text}'\n") if "is not allowed" in found]


def test_an_alias_is_a_problem_of_its_own() -> None:
    assert problems_of("a: &x 1\nb: *x\n") == [
        "x.yaml:1:4: error: YAML anchor; write the value out, or quote a text that begins with"
        " “&” [anchor]",
        "x.yaml:2:4: error: YAML alias; write the value out, or quote a text that begins with"
        " “*” [anchor]",
    ]


def test_bytes_that_are_not_utf_8_are_a_problem_at_their_place(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("a: é\nb: ".encode() + b"\xe9\n")
    assert [str(problem) for problem in Reader.read(path).problems] == [
        f"{path}:2:4: error: byte 0xe9 is not UTF-8 [encoding]"
    ]


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    assert [str(problem) for problem in Reader.read(path).problems] == [
        f"{path}:1:1: error: cannot be read: no such file or directory [file]"
    ]


VALUES = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.text("abcdef", min_size=1, max_size=3), children, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), VALUES, min_size=1))
def test_what_pyyaml_writes_is_read_as_it_was(value: dict[str, object]) -> None:
    written = unicodedata.normalize("NFC", yaml.dump(value, allow_unicode=True))
    assert parsed(written) == yaml.load(written, yaml.BaseLoader)  # noqa: S506 - gives text only


YAML_ISH = st.lists(
    st.sampled_from(
        [
            *"ab:-[]{},#&*!|>'\"%@`?\\ \n\t\r~=.0",
            ": ",
            "- ",
            "\n  ",
            "\n- ",
            "a: ",
            "<<",
            "\ufeff",
            "\x85",
            "\u2028",
            "é",
            "é",
            "😀",
            "---",
            "...",
            "!!int ",
            "\x07",
            "\\x41",
        ]
    )
    | st.characters(exclude_categories=["Cs"]),
    max_size=40,
).map("".join)


def plain(value: object) -> object:
    """A value as BaseLoader gives it, with its texts in the form in which Anki stores them."""
    if isinstance(value, dict):
        return {plain(key): plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return unicodedata.normalize("NFC", str(value))


@settings(max_examples=sample(2000))
@example("---")
@example("a:\n  - ? b")
@example("0: |#")
@given(st.text() | YAML_ISH | YAML_ISH.map("a: ".__add__) | YAML_ISH.map("a:\n  - ".__add__))
def test_any_text_is_read_as_pyyaml_reads_it_or_reported_at_a_place_in_it(text: str) -> None:
    _, root, problems = read(text)
    if not problems:
        # libyaml takes some texts that PyYAML's own parser refuses, such as `0: |#`.
        assert root == plain(yaml.load(text, yaml.CBaseLoader))  # noqa: S506 - gives text only
    for problem in problems:
        assert 1 <= problem.place.line <= text.count("\n") + 1
        assert 1 <= problem.place.column <= len(text.split("\n")[problem.place.line - 1]) + 1


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    _, root, problems = Reader.read(path)
    assert root is not None or problems


@pytest.mark.parametrize(
    "unit",
    [
        "\t",
        "[",
        "{a: ",
        "- ",
        "a: &x [*x]\n",
        "'",
        "? ",
        "a" * 50 + ": b\n",
        "\n",
        "# x\n",
        "  - a\n",
    ],
)
def test_the_time_to_read_grows_no_faster_than_the_text(unit: str) -> None:
    def steps(count: int) -> int:
        """How many Python calls and lines it takes: a measure that no busy machine disturbs."""
        taken = 0

        def tick(*_: object) -> object:
            nonlocal taken
            taken += 1
            return tick

        before = sys.gettrace()
        sys.settrace(tick)  # type: ignore[arg-type]
        try:
            read("facts: " + unit * count)
        finally:
            sys.settrace(before)
        return taken

    read("facts: " + unit)  # what the first reading imports does not count
    assert steps(2000) <= 5 * steps(500) + 1000
