from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from anki.collection import Collection
from anki.decks import DeckId
from anki.errors import BackendError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.effort import sample, sampled
from tests.engine import collection
from tests.public import Wrong, search_for_tag, selects, wrong_with
from tests.sources import problems_of

TAGS = {
    "charter": ("A::level::core", "A::topic::charter"),
    "admm": ("A::level::detail", "A::partner::india", "A::topic::defence::admm"),
    "admm-plus": ("A::level::core", "A::topic::defence::admm-plus"),
    "bare": (),
}


def found(query: str) -> set[str]:
    assert wrong_with(query) is None
    return {name for name, tags in TAGS.items() if selects(query, tags)}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"charter", "admm", "admm-plus", "bare"}),
        ("tag:A::topic::defence", {"admm", "admm-plus"}),
        ("tag:a::TOPIC::defence", {"admm", "admm-plus"}),
        ("tag:A::topic::defence::admm", {"admm"}),
        ("tag:A::topic::defence::admm*", {"admm", "admm-plus"}),
        ("tag:A::topic::defence::adm_", {"admm"}),
        ("-tag:A::level::core", {"admm", "bare"}),
        ("tag:A::topic::defence tag:A::level::core", {"admm-plus"}),
        ("tag:A::topic::defence and tag:A::level::core", {"admm-plus"}),
        ("tag:A::topic::charter OR tag:A::partner::india", {"charter", "admm"}),
        ("tag:A::level::core (tag:A::topic::charter or tag:A::partner)", {"charter"}),
        ("-(tag:A::topic::charter or tag:A::partner)", {"admm-plus", "bare"}),
        ('"tag:A::topic::charter"', {"charter"}),
        ('tag:"A::topic::charter"', {"charter"}),
        ("tag:none", {"bare"}),
        ("tag:A*", {"charter", "admm", "admm-plus"}),
        ("tag:*", {"charter", "admm", "admm-plus", "bare"}),
        ("tag:**", {"charter", "admm", "admm-plus"}),
        ("tag:", set()),
        ("\u3000tag:none\u3000", {"bare"}),
        ("tag:none or tag:A -tag:A::level::core", {"bare", "admm"}),
    ],
)
def test_a_query_selects_by_tag(query: str, names: set[str]) -> None:
    assert found(query) == names


@pytest.mark.parametrize(
    ("query", "at", "message"),
    [
        ("deck:A", 0, "“deck:A” is not about tags; only tag: is supported here"),
        ("tag:x word", 6, "“word” is not about tags; only tag: is supported here"),
        ("tag:x -is:due", 6, "“-is:due” is not about tags; only tag: is supported here"),
        ('tag:x F:"a b"', 6, '“F:"a b"” is not about tags; only tag: is supported here'),
        ("edited:7", 0, "“edited:7” is not about tags; only tag: is supported here"),
        ("--tag:x", 0, "“--tag:x” is not about tags; only tag: is supported here"),
        ("- tag:x", 0, "“-” is not about tags; only tag: is supported here"),
        ("tag:re:x", 4, "“tag:re:” is not supported here; use the wildcards * and _"),
        ('tag:"nc:x"', 5, "“tag:nc:” is not supported here; use the wildcards * and _"),
        ("(tag:x", 0, "“(” is never closed"),
        ("tag:x -(", 6, "“(” is never closed"),
        ("tag:x ()", 6, "nothing between the brackets"),
        ("tag:x)", 5, "unmatched “)”"),
        (")", 0, "unmatched “)”"),
        ("tag:x or", 6, "expected a term after “or”"),
        ("(tag:x AND )", 7, "expected a term after “and”"),
        ("or tag:x", 0, "expected a term before “or”"),
        ("tag:x and or tag:y", 10, "expected a term before “or”"),
        ("tag:x -and", 6, "expected a term after “-”"),
        ('tag:"x', 4, "this quote is never closed"),
        ('tag:x ""', 6, "nothing between the quotes"),
        ("tag:a\\b", 5, "“\\b” is not a valid escape; write \\\\ for a backslash"),
        ("tag:a\\", 5, "expected a character after the backslash; write \\\\ for a backslash"),
        ("(" * 51 + "tag:x" + ")" * 51, 50, "brackets more than 50 deep"),
        ("tag:x " * 1667, 10000, "more than 10,000 characters"),
        ("-tag:x or " * 901, 9000, "more than 900 terms"),
        ("tag:x tag:" + "*a" * 901, 10, "more than 900 wildcards"),
    ],
)
def test_what_is_no_search_of_tags_is_refused_in_words(query: str, at: int, message: str) -> None:
    assert wrong_with(query) == Wrong(message, at)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("tag:a is:due", "8:17"),
        ("'tag:\"''\" is:due'", "8:21"),
        (r'"tag:\"a\" is:due"', "8:22"),
        (r'"tag:\x61 is:due"', "8:11"),
        ("tag:a\n      is:due", "9:7"),
        (">-\n      tag:a is:due", "9:13"),
        ("is:due # tag:a", "8:11"),
    ],
)
def test_a_problem_stands_at_its_place_in_the_search_where_that_can_be_known(
    tmp_path: Path, written: str, place: str
) -> None:
    deck = "namespace: mini\ndeck: Mini\ntag_root: Mini\npackages:\n"
    deck += f"  x:\n    title: X\n    about: A.\n    only: {written}\n"
    found = [one for one in problems_of(tmp_path, {"decks.yaml": deck}) if "[query]" in one]
    assert found == [
        f"decks.yaml:{place}: error: “is:due” is not about tags; only tag: is supported here"
        " [query]"
    ]


# What notes have for tags, and what searches are made of: letters whose case is special, wildcards,
# escapes, the characters that have a meaning for Anki, and combining ones.
LETTERS = "abAB" + "éÉßẞſKÅσςΣİıǆǅﬅﬆᾳᾼ𐐀𐐨" + "́̈" + "कि्த\u200c\u200d\u0345" + '日-_*\\"():&;.[]+^$?|#'
LETTERS += "'%@{}!=/,😀"
SPACES = " \u3000\xa0\x85\x1c"

TAG = st.lists(
    st.one_of(
        st.text(LETTERS, min_size=1, max_size=4),
        st.sampled_from(
            ["a", "b", "A", "a\xa0b", "none", "None", "re:", "nc:", "and", "a::b", "&amp;"]
        ),
    ),
    min_size=1,
    max_size=3,
).map("::".join)
TAG_SETS = st.lists(TAG.map(lambda tag: unicodedata.normalize("NFC", tag)), max_size=3).map(tuple)

ESCAPED = st.sampled_from([r"\*", r"\_", r"\"", r"\:", r"\\", r"\(", r"\)", r"\-"])
PIECE = st.one_of(
    st.sampled_from(["a", "b", "A", "*", "_", "::", "none", "é", "É", "e\u0301", "ß", "İ", "K"]),
    ESCAPED,
    st.text(LETTERS.translate(dict.fromkeys(map(ord, '\\"()'))), min_size=1, max_size=2),
)
VALUE = st.lists(PIECE, min_size=1, max_size=4).map("".join)
QUOTABLE = st.lists(st.one_of(PIECE, st.sampled_from(" ()\u3000")), min_size=1, max_size=4).map(
    "".join
)
NAME = st.sampled_from(["tag:", "tag:", "TAG:"])
TERM = st.one_of(
    st.tuples(NAME, VALUE).map("".join),
    st.tuples(NAME, QUOTABLE.map('"{}"'.format)).map("".join),
    st.tuples(NAME, QUOTABLE).map('"{0[0]}{0[1]}"'.format),
    st.sampled_from(["tag:none", "tag:*", "tag:", '"tag:"', "tag:a", "tag:A::b", "tag:a::"]),
)
JOIN = st.sampled_from([" ", "\u3000", "\t", " and ", " or ", " OR ", "  AND\u3000"])


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Searches of one to three parts, negated and in brackets here and there."""
    part = st.one_of(parts, parts.map(lambda part: part if part[0] == "-" else f"-{part}"))
    more = st.lists(st.tuples(JOIN, part).map("".join), max_size=2).map("".join)
    return st.tuples(part, more).map("".join)


QUERY = st.recursive(
    TERM, lambda inner: st.one_of(joined(inner), inner.map("({})".format)), max_leaves=6
)
NOISE = st.one_of(
    st.text(LETTERS + SPACES, min_size=1, max_size=2),
    st.sampled_from([" ", '"', "\\", "(", ")", "-", ":", " and ", " or ", "is:due", "word ", "()"]),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A search in which something was put, or from which something was taken."""
    query = draw(QUERY)
    at = draw(st.integers(0, len(query)))
    return query[:at] + draw(st.one_of(NOISE, st.just(""))) + query[at + draw(st.integers(0, 2)) :]


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    with collection(tmp_path_factory.mktemp("anki") / "collection.anki2") as col:
        basic = col.models.by_name("Basic")
        assert basic is not None
        for _ in range(8):
            note = col.new_note(basic)
            note["Front"] = "x"
            col.add_note(note, DeckId(1))
        yield col


def put(col: Collection, tagged: list[tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    """Gives the notes of a collection these tags, as they are: Anki would respell some."""
    db = col.db
    assert db is not None
    notes = dict(zip(db.list("select id from notes order by id"), tagged, strict=False))
    for note, tags in notes.items():
        text = f" {' '.join(tags)} " if tags else ""
        db.execute("update notes set tags = ? where id = ?", text, note)
    return notes


def found_by_anki(col: Collection, query: str) -> set[int] | None:
    """The notes that Anki's engine finds, or None if it takes the text for no search."""
    try:
        return set(col.find_notes(query))
    except BackendError:
        return None


def searched(
    col: Collection, tagged: list[tuple[str, ...]], queries: list[str]
) -> Iterator[tuple[str, Wrong | None, set[int] | None]]:
    """Each query, what we have against it, and what Anki finds; what we take finds the same."""
    notes = put(col, tagged)
    for query in queries:
        wrong = wrong_with(query)
        found = found_by_anki(col, query)
        if not wrong:
            assert {note for note, tags in notes.items() if selects(query, tags)} == found, query
        yield query, wrong, found


EIGHT = st.lists(TAG_SETS, min_size=8, max_size=8)
MANY = settings(
    max_examples=sample(150),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@MANY
@example([(":",), ("a:",), ("a::",)], ["tag:", "tag:a"])
@example([("a",), ("b",)] * 4, ["tag:a " * 1000, "-(" * 50 + "-tag:a " * 900 + ")" * 50])
@given(EIGHT, st.lists(QUERY, min_size=12, max_size=12))
def test_a_search_of_tags_selects_what_it_selects_in_anki(
    learner: Collection, tagged: list[tuple[str, ...]], queries: list[str]
) -> None:
    for query, wrong, found in searched(learner, tagged, queries):
        if wrong:
            assert found is None or "tag:re:" in wrong.message or "tag:nc:" in wrong.message, query


@MANY
@given(EIGHT, st.lists(mutated(), min_size=12, max_size=12))
def test_a_text_that_is_nearly_a_search_is_refused_or_selects_what_it_selects_in_anki(
    learner: Collection, tagged: list[tuple[str, ...]], queries: list[str]
) -> None:
    for query, wrong, found in searched(learner, tagged, queries):
        if wrong:
            assert 0 <= wrong.at < len(query)
            assert found is None or "supported here" in wrong.message, query


@MANY
@given(EIGHT, TAG.map(lambda tag: unicodedata.normalize("NFC", tag.replace("\xa0", ""))))
def test_the_search_for_a_tag_finds_the_notes_with_it_or_with_one_under_it(
    learner: Collection, tagged: list[tuple[str, ...]], tag: str
) -> None:
    notes = put(learner, [*tagged[:6], (tag,), (f"{tag}::x", "y")])
    query = search_for_tag(tag)
    expected = {note for note, tags in notes.items() if selects(query, tags)}
    assert found_by_anki(learner, query) == expected
    assert {*sorted(notes)[6:8]} <= expected
    start = f"{tag}::".casefold()
    for note in expected:
        assert any(f"{one}::".casefold().startswith(start) for one in notes[note])


def test_a_search_takes_no_time_on_any_tag() -> None:
    query = "tag:" + "*a" * 400 + "b"
    assert wrong_with(query) is None
    assert not selects(query, ("a" * 5000,))


def test_letters_that_anki_takes_for_one_whatever_their_case_are_one(tmp_path: Path) -> None:
    letters = [
        char
        for char in map(chr, range(0x21, 0x1F000))
        if char.swapcase() != char and unicodedata.normalize("NFC", char) == char
    ]
    with collection(tmp_path / "collection.anki2") as col:
        db = col.db
        assert db is not None
        row = "insert into notes values (?, ?, 1, 1, 0, ?, 'x', 'x', 0, 0, '')"
        db.executemany(row, [(n, f"g{n}", f" {char} ") for n, char in enumerate(letters)])
        for letter in filter(lambda letter: sampled(ord(letter)), letters):
            query = f"tag:{letter}"
            assert wrong_with(query) is None
            found = {letters[note] for note in col.find_notes(query)}
            alike = {letter, *letter.upper(), *letter.lower(), *letter.casefold(), *found}
            assert {one for one in alike if selects(query, (one,))} == found
