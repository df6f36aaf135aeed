"""Tables of facts: what a row becomes, and what is wrong with it, at its place in the CSV."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft7Validator

from tests.command import cards, said_of
from tests.effort import sample
from tests.public import Note, load_project, plan_schemas
from tests.sources import problems_of, write_sources

HEAD = "kind: element\ntopic: basics\nsource: {doc: handbook, at: p. 1}\ntable: elements.csv\n"
HEAD += "level: core\n"
KIND = {
    "kinds/element.yaml": """
        about: An element.
        fields:
          symbol: {type: text, required: true}
          name: {type: text}
          found: {type: date}
          smiles: {type: plain}
          uses: {type: list}
        prompts:
          name: {front: "What is {{ symbol }}?", back: "{{ name }}"}
          found: {front: "{{ found | when }} was {{ name }} found?", back: "{{ found }}"}
          smiles: {front: "Which molecule is {{ smiles }}?", back: "{{ name }}"}
          uses: {cloze: "{{ symbol }}: {{ uses | cloze }}"}
        """
}


def deck(root: Path, table: str | bytes, head: str = HEAD, more: str = "") -> Path:
    """The small deck, its facts in a table."""
    src = write_sources(root, KIND, elements=head + more)
    data = table.encode() if isinstance(table, str) else table
    (src / "facts" / "elements.csv").write_bytes(data)
    return src


def notes(root: Path, table: str | bytes, head: str = HEAD, more: str = "") -> dict[str, Note]:
    """The notes of such a deck, which must be without problems."""
    project, problems = load_project(deck(root, table, head, more))
    assert not problems, "\n".join(map(str, problems))
    assert project is not None
    return {note.key: note for note in project.notes}


def wrong(root: Path, table: str | bytes, head: str = HEAD, more: str = "") -> list[str]:
    """What is wrong with such a deck, as printed."""
    src = deck(root, table, head, more)
    _, problems = load_project(src)
    return [str(one).replace(f"{src}/facts/", "") for one in sorted(set(problems))]


def shown(notes: dict[str, Note]) -> dict[str, tuple[str, ...]]:
    """The fields and tags of notes, by key."""
    return {key: (*note.fields, *note.tags) for key, note in notes.items()}


def test_a_row_is_a_fact_and_a_column_a_key(tmp_path: Path) -> None:
    found = notes(
        tmp_path,
        "symbol,id,name,found,level,as_of,note,caution\n"
        "H,hydrogen,Hydrogen,1766,core,2020,Lightest.,\n"
        "He,helium,Helium,,,,,Not *Hellium*.\n",
    )
    assert set(found) == {"hydrogen/name", "hydrogen/found", "helium/name"}
    first = found["hydrogen/name"]
    assert first.fields[:2] == ("What is H?", "Hydrogen")
    assert "Lightest." in first.fields[4]
    assert "as of 2020" in first.fields[6]
    assert "Mini::level::core" in first.tags
    assert "Mini::caution" in found["helium/name"].tags
    assert first.fact.place[1:] == (2, 1)
    assert first.fact.places["name"][1:] == (2, 12)


def test_a_table_may_stand_beside_facts_that_are_written_out(tmp_path: Path) -> None:
    more = "facts: [{id: neon, symbol: Ne, name: Neon, note: {name: New.}}]\n"
    assert set(notes(tmp_path, "id,symbol,name\nargon,Ar,Argon\n", HEAD, more)) == {
        "neon/name",
        "argon/name",
    }


def test_lists_and_tags_stand_in_a_cell_with_the_separator_between_them(tmp_path: Path) -> None:
    files = {"tags.yaml": "topic: {basics: x}\ngas: x\nrare: {_: x, noble: x}\nlevel: {core: x}\n"}
    src = write_sources(
        tmp_path, KIND | files, elements=HEAD.replace("kind", 'separator: "; "\nkind', 1)
    )
    table = "id,symbol,uses,tags,source\nhe,He,balloons; 1;2-cooling ; lasers,gas; rare::noble,"
    (src / "facts/elements.csv").write_text(table + "handbook; website\n", "utf-8")
    project, problems = load_project(src)
    assert not problems
    assert project
    (note,) = project.notes
    assert [item.text for item in note.fact.values["uses"]] == ["balloons", "1;2-cooling", "lasers"]  # type: ignore[union-attr]
    assert note.fact.tags == ("gas", "rare::noble")
    assert [citation.source for citation in note.fact.citations] == ["handbook", "website"]
    places = [item.place[1:] for item in note.fact.values["uses"]]  # type: ignore[union-attr]
    assert places == [(2, 7), (2, 17), (2, 31)]


def test_several_values_need_the_separator_that_the_file_names(tmp_path: Path) -> None:
    fields = "fields:\n          say: {type: audio}\n          on: {type: shapes}"
    files = {"kinds/element.yaml": KIND["kinds/element.yaml"].replace("fields:", fields)}

    def said(table: str, separator: str = "") -> list[str]:
        problems = problems_of(
            tmp_path, KIND | files | {"facts/elements.csv": table}, elements=separator + HEAD
        )
        return [one.removeprefix("facts/elements.csv:") for one in problems]

    start = "id,symbol,name,tags,say,on\nh,H,Hydrogen,"
    need = "error: several values in a cell need the separator that the file of facts names"
    none = "; write separator: … beside “table” [table]"
    assert said(start + '"india, level",,\n') == [f"2:14: {need}{none}"]
    assert said(start + "india core,,\n") == [f"2:14: {need}{none}"]
    assert said(start + ",a.mp3;b.mp3,\n") == [f"2:15: {need}{none}"]
    found = said(start + ",a.mp3|b.mp3,\n", 'separator: "; "\n')
    assert found == [f"2:15: {need}, “; ” [table]"]
    assert said(start + ",,Europe\n") == [
        "2:16: error: on cannot stand in a table; write out this fact under “facts” [table]"
    ]
    assert said("id|symbol|name\nh|H|Hydrogen\n") == [
        "1:1: error: only one column; write commas between columns, or what “delimiter” says"
        " [unknown-key]"
    ]


def test_what_is_wrong_with_the_separator_is_said_once(tmp_path: Path) -> None:
    head = "separator: [a]\n" + HEAD
    assert wrong(tmp_path, "id,symbol,name,tags\nh,H,Hydrogen,india core\n", head) == [
        "elements.yaml:1:12: error: separator must be a text, not a list; quote one that begins"
        " with “[” or “- ” [type]"
    ]


def test_a_column_may_be_a_field_of_a_kind_that_cannot_be_read(tmp_path: Path) -> None:
    files = {"kinds/element.yaml": "about: [x\n"}
    files["facts/elements.csv"] = "id,kind,symbol\nh,element,H\n"
    found = problems_of(tmp_path, files, elements=HEAD.partition("\n")[2])
    assert [one.rpartition(" ")[2] for one in found] == ["[yaml]"]


@pytest.mark.parametrize("separator", [r'"\n"', '" "', "'|'", '" / "', "–"])
def test_any_text_can_be_the_separator(tmp_path: Path, separator: str) -> None:
    sign = json.loads(separator) if separator.startswith('"') else separator.strip("'")
    table = f'id,symbol,uses\nhe,He,"a{sign}b{sign}c"\n'
    found = notes(tmp_path, table, f"separator: {separator}\n{HEAD}")
    assert [item.text for item in found["he/uses"].fact.values["uses"]] == ["a", "b", "c"]  # type: ignore[union-attr]


def test_a_row_may_be_of_another_kind_than_the_file(tmp_path: Path) -> None:
    table = "id,kind,symbol,name,list,items\na,,A,Ay,,\nb,list,,,Two,x; y\n"
    head = f'separator: "; "\n{HEAD}'
    assert set(notes(tmp_path, table, head)) == {"a/name", "b/items"}
    head = head.replace("kind: element\n", "")
    assert wrong(tmp_path, table, head) == [
        "elements.csv:2:3: error: a fact needs “kind” [missing-key]"
    ]


def test_at_is_the_locator_in_the_source_of_the_row_or_of_the_file(tmp_path: Path) -> None:
    table = "id,symbol,name,source,at\na,A,Ay,,p. 7\nb,B,Be,website,p. 8\nc,C,Ce,,\n"
    found = notes(tmp_path, table)
    cited = {key: note.fact.citations[0][:2] for key, note in found.items()}
    assert cited == {
        "a/name": ("handbook", "p. 7"),
        "b/name": ("website", "p. 8"),
        "c/name": ("handbook", "p. 1"),
    }
    head = HEAD.replace("source: {doc: handbook, at: p. 1}\n", "")
    assert wrong(tmp_path, "id,symbol,name,at\na,A,Ay,p. 7\n", head) == [
        "elements.csv:2:8: error: “at” needs one source, here or in the file [missing-key]"
    ]


@pytest.mark.parametrize(
    "table",
    [
        "id,symbol,name\nh,H,Hydrogen\n",
        "\ufeffid,symbol,name\r\nh,H,Hydrogen\r\n\r\n\r\n",
        "id;symbol;name\nh;H;Hydrogen",
        "id\tsymbol\tname\nh\tH\tHydrogen\n",
        '"id","symbol","name"\n"h","H","Hydrogen"\n',
        'id , symbol , name\nh , "H" , Hydrogen \n',
        "\nid,symbol,name\n,,\nh,H,Hydrogen\n,,\n  , ,\n\n",
        "name,id,symbol\nHydrogen,h,H\n",
        "id,symbol,name,note,found\nh,H,Hydrogen,,\n",
    ],
)
def test_delimiters_quotes_line_ends_and_empty_lines_do_not_matter(
    tmp_path: Path, table: str
) -> None:
    expected = notes(tmp_path, "id,symbol,name\nh,H,Hydrogen\n")
    assert shown(notes(tmp_path, table)) == shown(expected)


@pytest.mark.parametrize("said", ["semicolon", '";"', "comma", "','", "tab", r'"\t"'])
def test_the_file_may_name_the_delimiter(tmp_path: Path, said: str) -> None:
    sign = {"semicolon": ";", "comma": ",", "tab": "\t"}.get(said) or said[1:-1]
    sign = sign.replace(r"\t", "\t")
    table = "id,symbol,name\nh,H,Hydrogen\n".replace(",", sign)
    assert "h/name" in notes(tmp_path, table, f"delimiter: {said}\n{HEAD}")


def test_a_quoted_cell_holds_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    table = 'id,symbol,name\r\nh,H,"Hydro, ""gen""\r\nthe first"\r\nhe,He,5" pipe\r\n'
    found = notes(tmp_path, table)
    assert found["h/name"].fields[1] == "Hydro, &quot;gen&quot;<br>the first"
    assert found["he/name"].fact.place[1:] == (4, 1)
    assert found["he/name"].fields[1] == "5&quot; pipe"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "'x", "NO"])
def test_a_cell_is_text_and_no_formula(tmp_path: Path, cell: str) -> None:
    table = f"id,symbol,name,smiles\nh,H,x,{cell}\n"
    assert notes(tmp_path, table)["h/smiles"].fact.values["smiles"] == cell


WRONG = (
    ("id,symbol,nme\nh,H,x\n", "1:11: error: unknown column “nme”; did you mean “name”? [un"),
    ("ID,symbol,name\nh,H,x\n", "1:1: error: unknown column “ID”; did you mean “id”? [unknown"),
    ("id,symbol,name,name\nh,H,x,y\n", "1:16: error: duplicate column “name” [duplicate-key]"),
    ("symbol,name\nH,x\n", "1:1: error: the table needs a column “id” [missing-key]"),
    ("id,symbol,name,\nh,H,x,\n", "1:16: error: a column without a name [table]"),
    ("id,symbol,name\nh,H\n", "2:1: error: this row has 2 cells, but the first has 3 [table]"),
    ("id,symbol,name\nh,H,x,y\n", "2:7: error: this row has 4 cells, but the first has 3; quote"),
    ("id,symbol,name\nh;H;x\n", "2:1: error: this row has 1 cell, but the first has 3 [table]"),
    ("id,symbol,name\nh\tH\tx\n", "2:1: error: this row has 1 cell, but the first has 3 [table]"),
    ("id,symbol;name\nh,H,x\n", "1:1: error: the first row has a comma and a semicolon; write d"),
    ('id,symbol,name\nh,H,"x\ny\n', "2:5: error: this quote is never closed [table]"),
    ('id,symbol,name\nh,H,"x" y\n', "2:5: error: text after a closing quote; double the quotes"),
    ('id,symbol,name\nh,H,"x"y"\n', "2:5: error: text after a closing quote; double the quotes"),
    ('id,symbol,name\nh,H,"x\ty"\n', "2:7: error: a tab in a cell; write a space [tab]"),
    (b"id,symbol,name\nh,H,\xe9\n", "2:5: error: byte 0xe9 is not UTF-8 [encoding]"),
    ("id,symbol,name\nh,é,x".encode("utf-16"), "1:1: error: the file is UTF-16; save it as UTF-8"),
    ("id,symbol,name\nh,H,x\0y\n", "2:6: error: character U+0000 is not allowed in a table [enc"),
    ("id,symbol,name\rh,H,x\r", "1:15: error: character U+000D is not allowed in a table [enc"),
    ("id,symbol,name\nh,H,x\x1fy\n", "2:6: error: character U+001F is not allowed in a table ["),
    ("", "1:1: error: the table has no rows after the first [empty]"),
    ("\n\n", "1:1: error: the table has no rows after the first [empty]"),
    ("id,symbol,name\n", "1:1: error: the table has no rows after the first [empty]"),
    ("id,symbol,name\nH 1,H,x\n", "2:1: error: “H 1” is not a valid id; use small letters, digits"),
    ("id,symbol,name\n,H,x\n", "2:1: error: a fact of kind “element” needs “id” [missing-key]"),
    ("id,name,symbol\nh,x,\n", "2:5: error: a fact of kind “element” needs “symbol” [missing-key]"),
    ("id,symbol,found\nh,H,1766-13\n", "2:5: error: “1766-13” is not a real date [date]"),
    ('id,symbol,name,found\nh,H,"a\nb",x\n', "3:4: error: “x” is not a valid date; write 2010"),
    ("id,symbol,name,topic\nh,H,x,basic\n", "2:7: error: unknown topic “basic”; did you mean"),
    ("id,symbol,name,kind\nh,H,x,elemnt\n", "2:7: error: unknown kind “elemnt”; did you mean"),
    ("id,symbol,name,event,kind\nh,H,x,y,element\n", "2:7: error: a fact of kind “element” has no"),
    ("id,symbol,name,waive\nh,H,x,y\n", "2:7: error: waive must be a mapping (key: value) [type]"),
    ("id,symbol,name\nh,H,x\nh,I,y\n", "3:1: error: the id “h” is already taken at"),
    ("id,symbol,uses\nh,H,a; a\n", "2:8: error: duplicate item “a” in uses [duplicate-item]"),
    ("id,symbol,uses\nh,H,a; ; b\n", "2:8: error: an item is empty [empty]"),
    ("id,symbol,uses\nh,H,a; b; \n", "2:10: error: an item is empty [empty]"),
    (
        "id,symbol,name,tags\nh,H,x,partner::india; ba\n",
        "2:23: error: unknown tag “ba”; list it in tags.yaml [unknown-t",
    ),
    ("id,name,symbol\nh,x," + "y" * 10_001, "2:5: error: this text has more than 10,000 chara"),
    ("id,symbol,name\nh,H," + "e" + "\u0301" * 61, "2:6: error: more than 60 combining marks in"),
)


@pytest.mark.parametrize(("table", "problem"), WRONG)
def test_what_is_wrong_is_said_with_line_and_column_of_the_table(
    tmp_path: Path, table: str | bytes, problem: str
) -> None:
    (found,) = wrong(tmp_path, table, f'separator: "; "\n{HEAD}')
    assert found.startswith(f"elements.csv:{problem}")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (
            "../elements.csv",
            "4:8: error: “../elements.csv” is not the name of a table; name a file",
        ),
        (
            "/etc/passwd.csv",
            "4:8: error: “/etc/passwd.csv” is not the name of a table; name a file",
        ),
        (
            "C:\\x.csv",
            "4:8: error: “C:\\x.csv” is not the name of a table; name a file that ends in",
        ),
        ("sub/x.csv", "4:8: error: “sub/x.csv” is not the name of a table; name a file that ends"),
        (".hidden.csv", "4:8: error: “.hidden.csv” is not the name of a table; name a file that"),
        ("elements.xlsx", "4:8: error: “elements.xlsx” is not the name of a table; name a file"),
        ("elements", "4:8: error: “elements” is not the name of a table; name a file that ends in"),
        ("[elements.csv]", "4:8: error: table must be a text, not a list"),
        ("", "4:7: error: table is empty [empty]"),
        ("element.csv", "4:8: error: the table cannot be read: no such file or directory [file]"),
    ],
)
def test_a_table_is_a_file_beside_its_file_of_facts(
    tmp_path: Path, name: str, problem: str
) -> None:
    head = HEAD.replace("elements.csv", name)
    found = [one for one in wrong(tmp_path, "id\nx\n", head) if one.startswith("elements.yaml")]
    assert len(found) == 1
    assert found[0].startswith(f"elements.yaml:{problem}")


def test_a_link_is_no_table(tmp_path: Path) -> None:
    src = deck(tmp_path, "id,symbol,name\nh,H,x\n")
    (src / "facts/elements.csv").rename(tmp_path / "secret.csv")
    (src / "facts/elements.csv").symlink_to(tmp_path / "secret.csv")
    _, problems = load_project(src)
    assert [one.message for one in problems if one.severity == "error"] == [
        "the table cannot be read: it is a symbolic link, which could lead out of the project"
    ]


def test_a_table_that_no_file_names_is_a_warning_and_one_that_two_name_an_error(
    tmp_path: Path,
) -> None:
    src = deck(tmp_path, "id,symbol,name\nh,H,x\n")
    (src / "facts/other.CSV").write_text("id\n")
    (src / "facts/more.yaml").write_text(HEAD.replace("topic: basics", "topic: forums"))
    found = said_of(cards(tmp_path, "check").stdout)
    assert [one for one in found if "[duplicate-id]" not in one] == [
        "src/facts/more.yaml:4:8: error: this table is already read by src/facts/elements.yaml;"
        " a table belongs to one file of facts [table]",
        "src/facts/other.CSV:1:1: warning: this table is not read, since no file of facts names it;"
        " write table: other.CSV in one beside it [file]",
    ]


def test_what_belongs_to_a_table_needs_one(tmp_path: Path) -> None:
    head = HEAD.replace("table: elements.csv\n", "")
    found = wrong(tmp_path, "id\nh\n", f'separator: "; "\ndelimiter: tab\n{head}')
    assert [one for one in found if one.startswith("elements.yaml")] == [
        "elements.yaml:1:1: error: a file of facts needs “facts” or “table” [missing-key]",
        "elements.yaml:1:1: error: “separator” needs “table” [missing-key]",
        "elements.yaml:2:1: error: “delimiter” needs “table” [missing-key]",
    ]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (
            "delimiter: pipe",
            "1:12: error: “pipe” is not a delimiter; write comma, semicolon or tab",
        ),
        ("delimiter: ''", "1:12: error: delimiter is empty"),
        ("separator: ''", "1:12: error: separator is empty"),
        ("separator: [a]", "1:12: error: separator must be a text"),
    ],
)
def test_separator_and_delimiter_are_what_they_can_be(
    tmp_path: Path, said: str, problem: str
) -> None:
    found = wrong(tmp_path, "id,symbol,name\nh,H,x\n", f"{said}\n{HEAD}")
    assert found[0].startswith(f"elements.yaml:{problem}")


def test_a_table_with_another_delimiter_than_its_file_says_has_one_column(tmp_path: Path) -> None:
    assert wrong(tmp_path, "id,symbol,name\nh,H,x\n", f"delimiter: tab\n{HEAD}") == [
        "elements.csv:1:1: error: only one column; write commas between columns, or what"
        " “delimiter” says [unknown-key]"
    ]


def test_a_problem_shows_the_line_of_the_table(tmp_path: Path) -> None:
    deck(tmp_path, "id,symbol,found\nh,H,17x\n")
    assert cards(tmp_path, "check").stdout.splitlines()[:5] == [
        "error[date]: “17x” is not a valid date; write 2010-10-12, 2010-10, 2010, 2010/2011 or 44"
        " BC",
        " --> src/facts/elements.csv:2:5",
        "  |",
        "2 | h,H,17x",
        "  |     ^",
    ]


def test_a_place_within_a_text_is_found_in_a_cell(tmp_path: Path) -> None:
    head = HEAD.replace("element\n", "cloze\n")
    (found,) = wrong(tmp_path, 'id,text\na,"say ""{{c1::a}}""\r\nand {{c1 b"\n', head)
    assert found.startswith("elements.csv:3:5: error:")
    (found,) = wrong(tmp_path, "id,text\na,'say {{c1::a}} and {{c1 b\n", head)
    assert found.startswith("elements.csv:2:22: error:")


def test_reordering_rows_and_columns_changes_nothing_but_the_learning_order(
    tmp_path: Path,
) -> None:
    one = notes(tmp_path, "id,symbol,name\na,A,Ay\nb,B,Be\nc,C,Ce\n")
    other = notes(tmp_path, "name,symbol,id\nCe,C,c\nAy,A,a\nBe,B,b\n")
    assert shown(one) == shown(other)
    assert list(one) == ["a/name", "b/name", "c/name"]
    assert list(other) == ["c/name", "a/name", "b/name"]


def test_a_fact_that_moves_into_a_table_stays_as_it_is(tmp_path: Path) -> None:
    head = HEAD.replace("table: elements.csv\n", "")
    write_sources(tmp_path, KIND, elements=f"{head}facts: [{{id: h, symbol: H, name: Hydrogen}}]\n")
    assert cards(tmp_path, "build").exit_code == 0
    before = (tmp_path / "decks/ledger.jsonl").read_bytes()
    deck(tmp_path, "id,symbol,name\nh,H,Hydrogen\n")
    assert cards(tmp_path, "build").exit_code == 0
    assert (tmp_path / "decks/ledger.jsonl").read_bytes() == before


def test_two_hundred_facts_are_two_hundred_and_one_lines(tmp_path: Path) -> None:
    rows = "".join(f"e{n},E{n},Name {n}\n" for n in range(200))
    assert len(notes(tmp_path, f"id,symbol,name\n{rows}")) == 200


def test_an_edited_table_is_read_anew_and_nothing_else_is(tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    src = deck(tmp_path, "id,symbol,name\nh,H,Hydrogen\n")
    for name in ("Hydrogen", "Wasserstoff", "Hydrogen", "Hydrogène"):
        (src / "facts/elements.csv").write_text(f"id,symbol,name\nh,H,{name}\n", "utf-8")
        for _ in range(2):
            shown = cards(tmp_path, "show", "h", **cache)
            assert f"Back  {name}\n" in shown.stdout
    (src / "facts/elements.csv").unlink()
    assert cards(tmp_path, "check", **cache).exit_code == 1


CELL = st.text("abé\u0301,;\t\"'=|\n \\<&", max_size=6).filter(lambda text: "\t" not in text)


@settings(max_examples=sample(300))
@given(
    rows=st.lists(st.tuples(CELL, CELL, st.lists(CELL, max_size=3)), min_size=1, max_size=4),
    delimiter=st.sampled_from(",;\t"),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_the_same_facts_in_yaml_and_in_a_table_make_the_same_notes(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, list[str]]],
    delimiter: str,
    ends: str,
) -> None:
    root = tmp_path_factory.mktemp("same")
    written = io.StringIO()
    table = csv.writer(written, delimiter=delimiter, lineterminator=ends)
    table.writerow(["id", "symbol", "name", "uses"])
    facts = []
    for number, (symbol, name, uses) in enumerate(rows):
        fact: dict[str, object] = {"id": f"e{number}", "symbol": f"S{symbol}"}
        fact |= {"name": name} if name.strip() else {}
        listed = [unicodedata.normalize("NFC", f"{n} {use}").strip() for n, use in enumerate(uses)]
        fact |= {"uses": listed} if uses else {}
        facts.append(fact)
        table.writerow([fact["id"], f"S{symbol}", name, " ¦ ".join(listed)])
    src = write_sources(root, KIND, elements=HEAD.replace("table: elements.csv\n", "")
                        + f"facts: {json.dumps(facts)}\n")  # fmt: skip
    one, problems = load_project(src)
    deck(root, written.getvalue(), f'separator: " ¦ "\n{HEAD}')
    other, others = load_project(src)
    assert [(p.message, p.rule) for p in problems] == [(p.message, p.rule) for p in others]
    lines = written.getvalue().replace("\r\n", "\n").split("\n")
    for read in other.facts if other else ():
        for key, value in read.values.items():
            first = value.split("\n")[0] if isinstance(value, str) else value[0].text
            _, line, column = read.places[key]
            there = unicodedata.normalize("NFC", lines[line - 1][column - 1 :])
            assert there.startswith(('"', first))
    if one and other:
        assert shown({note.key: note for note in one.notes}) == shown(
            {note.key: note for note in other.notes}
        )


def test_an_editor_takes_a_table_in_place_of_facts(tmp_path: Path) -> None:
    src = deck(tmp_path, "id,symbol,name\nh,H,x\n")
    files, _ = plan_schemas(src)
    validator = Draft7Validator(json.loads(json.dumps(files[src / "schema" / "facts.schema.json"])))
    said = {"kind": "element", "topic": "basics", "table": "x.csv"}
    assert validator.is_valid(said)
    assert validator.is_valid(said | {"separator": "; ", "delimiter": "tab"})
    for wrong_one in ({"table": "../x.csv"}, {"table": "x.xls"}, {"delimiter": "pipe"}):
        assert not validator.is_valid(said | wrong_one)
    assert not validator.is_valid({"kind": "element", "topic": "basics"})


def test_a_broken_file_of_facts_does_not_make_its_table_unread(tmp_path: Path) -> None:
    files = {"facts/b.csv": "id\n", "facts/b.yaml": "table: b.csv\nfacts: [\n"}
    assert not [one for one in problems_of(tmp_path, files) if "not read" in one]
