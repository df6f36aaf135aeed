"""The cache, several processes and the short cut of an unchanged build change nothing but the time.

Whatever a curator edits, and whatever becomes of the cache: the same bytes, the same words.
"""

from __future__ import annotations

import gc
import os
import pickle
import random
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.generate import generate
from tests.command import cards, cards_alone
from tests.effort import sample
from tests.forked import in_fork
from tests.public import (
    MAIN,
    PROCESSES_FROM,
    Cache,
    FactFile,
    Place,
    Text,
    Vocabulary,
    cache,
    check,
    load_project,
    load_vocabulary,
    no_cache,
    packing,
    read_fact_file,
    reader,
    reading,
)
from tests.sources import HEAD, MINI, project_of, write_sources

ROOT = Path(__file__).parent.parent
_SOURCES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("examples/*/cards_src"))

# Facts with few ids and few words, so that files disagree about ids and ask the same.
_FACTS = st.builds(
    "  - {{id: {}, kind: {}, event: {}, date: {}{}}}\n".format,
    st.sampled_from(["a", "b", "c", "d", "e", "f"]),
    st.sampled_from(["event", "event", "event", "event", "evnt"]),
    st.sampled_from(["did it begin", "did Ruritania begin", "did ruritania begin", "was b  held"]),
    st.sampled_from(["1990", "1991", "1990-02-31"]),
    st.sampled_from(["", "", ", formerly: z", ", waive: {same-question: on purpose}", ", x: y"]),
)
_LISTS = st.builds(
    "  - {{id: {}, kind: list, list: Members, items: {}}}\n".format,
    st.sampled_from(["l", "m"]),
    st.sampled_from(["[x, y]", "[y, x]", "[x, y, z]", "[x, {item: w, new: true}]"]),
)
_CONTENTS = st.lists(_FACTS | _LISTS, min_size=1, max_size=4).map(
    lambda facts: HEAD + "".join(facts)
)
_EDITS = st.tuples(st.sampled_from(["facts/a.yaml", "facts/b.yaml", "facts/c.yaml"]), _CONTENTS)
_OTHERS = st.sampled_from(
    [
        ("kinds/event.yaml", MINI["kinds/event.yaml"].replace("When {{", "Since when {{")),
        ("kinds/event.yaml", MINI["kinds/event.yaml"]),
        ("sources.yaml", MINI["sources.yaml"].replace("A Handbook", "The Handbook")),
        ("sources.yaml", MINI["sources.yaml"]),
        ("tags.yaml", MINI["tags.yaml"].replace("core: First", "core: {_: First, _when: tag:x}")),
        ("tags.yaml", MINI["tags.yaml"]),
        ("card/style.css", ".card { color: red; }\n"),
    ]
)
_DAMAGES = st.sampled_from(["", "", "delete", "flip", "cut", "mix"])


def damage(folder: Path, how: str) -> None:
    """Does something to the files of a cache."""
    chance = random.Random(how)  # noqa: S311
    entries = sorted(path for path in folder.rglob("*") if path.is_file())
    if how == "delete":
        shutil.rmtree(folder, ignore_errors=True)
    elif how == "mix" and entries:
        contents = [path.read_bytes() for path in entries]
        for path, data in zip(entries, contents[1:] + contents[:1], strict=True):
            path.write_bytes(data)
    for path in entries if how in ("flip", "cut") else ():
        changed = bytearray(path.read_bytes())
        changed[chance.randrange(len(changed))] ^= 1
        path.write_bytes(changed[: len(changed) // 2] if how == "cut" else changed)


def build(root: Path, moment: int, cached: Path) -> tuple[object, ...]:
    """All that two builds and a check say, and what they leave in `decks`."""
    root.mkdir(exist_ok=True)
    said: list[object] = []
    environment = {"SOURCE_DATE_EPOCH": str(moment), "XDG_CACHE_HOME": str(cached)}
    for command in ("build", "build", "check"):
        done = cards(root, command, "--src", "../src", **environment)
        said.append((done.exit_code, done.stdout, done.stderr))
    files = {path.name: path.read_bytes() for path in sorted(root.glob("decks/*.*l*"))}
    return said, files


@given(st.lists(st.tuples(_EDITS | _OTHERS, _DAMAGES), min_size=1, max_size=6))
@settings(max_examples=sample(80), suppress_health_check=list(HealthCheck))
def test_with_and_without_a_cache_a_build_gives_the_same_bytes_and_words(
    steps: list[tuple[tuple[str, str], str]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "no-folder").touch()
        files: dict[str, str] = {}
        for moment, ((path, text), how) in enumerate(steps, 1_700_000_000):
            files[path] = text
            write_sources(root, files)
            damage(root / "cache", how)
            assert build(root / "one", moment, root / "cache") == build(
                root / "other", moment, root / "no-folder"
            )
        assert list((root / "cache").rglob("*"))


def test_several_processes_give_what_one_gives(tmp_path: Path) -> None:
    in_fork(_several_processes_give_what_one_gives, tmp_path)


def _several_processes_give_what_one_gives(root: Path) -> None:
    generate(400, root)
    project, problems = load_project(root)
    assert not problems
    assert project
    read_here = []

    def read_slowly(path: Path, vocabulary: Vocabulary) -> FactFile:
        read_here.append(path)
        time.sleep(1)
        return read_fact_file(path, vocabulary)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_MUCH", 0)
        patch.setattr(reading, "read_fact_file", read_slowly)
        patch.setattr(reading, "_start", _start_afresh)
        assert load_project(root, read=reader(no_cache)) == (project, [])
    paths = sorted((root / "facts").glob("*.yaml"))
    assert read_here == paths[::-1][: len(read_here)]
    assert 0 < len(read_here) < len(paths)


def _start_afresh(work: reading._Work) -> None:
    reading.read_fact_file = read_fact_file  # type: ignore[attr-defined]
    reading._work_here = work  # noqa: SLF001


def test_what_a_cache_remembers_is_what_the_sources_say(tmp_path: Path) -> None:
    generate(100, tmp_path / "src")
    plain = load_project(tmp_path / "src")
    for _ in range(2):
        cached = Cache(tmp_path / "cache")
        assert load_project(tmp_path / "src", read=reader(cached)) == plain


@pytest.mark.parametrize("src", ["cards_src", *_SOURCES])
def test_what_is_packed_of_a_file_of_facts_is_all_of_it(src: str) -> None:
    vocabulary = load_vocabulary(ROOT / src, None)[0]
    for path in (ROOT / src / "facts").rglob("*.yaml"):
        file = read_fact_file(path, vocabulary)
        again = packing.unpack(*packing.pack(file))
        assert again == file
        assert places_in(again) == places_in(file)


def places_in(thing: object) -> list[Place]:
    """The places of all texts in facts or notes, which are no part of what compares texts."""
    if isinstance(thing, dict):
        return places_in([*thing, *thing.values()])
    if isinstance(thing, (list, tuple)):
        return [place for one in thing for place in places_in(one)]
    return [getattr(thing, "place", Place(""))] if type(thing) is Text else []


def test_no_file_leaves_anything_to_collect_since_a_build_collects_no_garbage(
    tmp_path: Path,
) -> None:
    generate(100, tmp_path)
    vocabulary = load_vocabulary(tmp_path, None)[0]
    first, *others = sorted((tmp_path / "facts").glob("*.yaml"))
    read_fact_file(first, vocabulary)  # what is made once does not count
    gc.collect()
    gc.disable()
    try:
        for path in others:
            packing.unpack(*packing.pack(read_fact_file(path, vocabulary)))
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_build_reads_of_the_facts_only_what_it_needs(tmp_path: Path) -> None:
    generate(100, tmp_path / "src")
    whole, _ = load_project(tmp_path / "src")
    lean, _ = load_project(tmp_path / "src", read=reader(Cache(tmp_path / "cache"), lean=True))
    assert whole
    assert lean
    some = whole.facts[0]
    assert [note._replace(fact=some) for note in whole.notes] == [
        note._replace(fact=some) for note in lean.notes
    ]
    assert [fact._replace(**packing.NOT_BUILT) for fact in whole.facts] == [*lean.facts]
    # What a build remembers serves a check too.
    assert load_project(tmp_path / "src", read=reader(Cache(tmp_path / "cache")))[0] == whole


def test_rules_asked_of_each_file_say_what_they_say_of_all(tmp_path: Path) -> None:
    event = HEAD + "  - {id: a, kind: event, event: did it begin, date: 1990}\n"
    waived = event.replace("id: a", "id: b, waive: {lone-pronoun: on purpose}")
    src = write_sources(tmp_path, a=event, b=waived, c=event.replace("id: a", "id: c"))
    _, _, plain = check(src, tmp_path / "decks", 1_700_000_000)
    assert [problem.rule for problem in plain].count("lone-pronoun") == 2
    cached = Cache(tmp_path / "cache")
    load_project(src, read=reader(cached, lean=True))  # as a build does
    for _ in range(2):
        found = check(src, tmp_path / "decks", 1_700_000_000, read=reader(cached, judged=True))
        assert found.project
        assert found.project.broken
        assert found.problems == plain


def test_a_text_that_is_only_written_otherwise_is_judged_again(tmp_path: Path) -> None:
    fact = HEAD + "  - {{id: a, kind: event, event: did it begin, date: 1990, note: {}}}\n"
    cached = Cache(tmp_path / "cache")
    for note in ("A  b c.", "A  b\n      c.", "A\n      b  c.", '"A  b c."', "'A b  c.'"):
        src = write_sources(
            tmp_path, a=fact.replace("{{", "{").replace("}}", "}").replace("{}", note)
        )
        warm = check(src, tmp_path / "decks", 1_700_000_000, read=reader(cached, judged=True))
        assert warm.problems == check(src, tmp_path / "decks", 1_700_000_000).problems
        assert "spacing" in {problem.rule for problem in warm.problems}


def test_processes_that_die_leave_their_work_to_the_one_that_waits(tmp_path: Path) -> None:
    in_fork(_processes_that_die_leave_their_work_to_the_one_that_waits, tmp_path)


def _processes_that_die_leave_their_work_to_the_one_that_waits(root: Path) -> None:
    generate(100, root)
    alone = load_project(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_MUCH", 0)
        patch.setattr(reading, "_start", lambda _: os._exit(1))
        assert load_project(root, read=reader(no_cache)) == alone


def test_a_process_that_shares_nothing_makes_the_same_of_a_file(tmp_path: Path) -> None:
    when = {"tags.yaml": MINI["tags.yaml"].replace("core: First", "core: {_: First, _when: tag:x}")}
    project = project_of(tmp_path, when)
    sent = pickle.dumps(project.vocabulary)
    path = tmp_path / "src" / "facts" / "a.yaml"
    assert read_fact_file(path, pickle.loads(sent)) == read_fact_file(path, project.vocabulary)  # noqa: S301


def test_neither_the_hash_seed_nor_the_processes_change_a_byte(tmp_path: Path) -> None:
    generate(200, tmp_path / "src")
    code = f"{MAIN}; {PROCESSES_FROM}; main()"
    given = []
    for seed, much in (("0", 0), ("1", 0), ("2", 1 << 30)):
        root = tmp_path / seed
        environment = {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1700000000"}
        environment["XDG_CACHE_HOME"] = str(root / "cache")
        words = ["build", "--decks", root / "decks"]
        done = cards_alone(tmp_path, *words, program=code.format(much), **environment)
        assert done.returncode == 0, done.stderr
        files = [root / "decks" / "benchmark.apkg", root / "decks" / "ledger.jsonl"]
        # What one seed leaves in the cache is what another looks for.
        kept = sorted(path.name for path in (root / "cache" / "asean-flashcards").iterdir())
        given.append(([path.read_bytes() for path in files], len(kept)))
    assert given[0] == given[1] == given[2]


def test_a_file_that_changes_is_the_only_one_that_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fact = HEAD + "  - {id: a, kind: event, event: was a, date: 1990}\n"
    src = write_sources(tmp_path, a=fact, b=fact.replace("id: a", "id: b"))
    read: list[str] = []

    def noted(path: Path, vocabulary: Vocabulary) -> FactFile:
        read.append(path.name)
        return read_fact_file(path, vocabulary)

    monkeypatch.setattr(reading, "read_fact_file", noted)
    for text in (fact, fact, fact.replace("1990", "1992")):
        (src / "facts" / "a.yaml").write_text(text, "utf-8")
        project, problems = load_project(src, read=reader(Cache(tmp_path / "cache")))
        assert project, problems
    assert read == ["a.yaml", "b.yaml", "a.yaml"]


UNCHANGED = f"""
import sys
{MAIN}
read = set()
def note(event, args):
    if event == "open" and isinstance(args[0], str):
        read.add(args[0])
sys.addaudithook(note)
main(standalone_mode=False)
print(*sorted({{"yaml", "jinja2", "genanki"}} & set(sys.modules)))
print(*sorted(path for path in read if path.startswith("src/")))
"""


def run_unchanged(root: Path) -> list[str]:
    """What a build says; then the slow modules that it needed; then what it read of the sources."""
    done = cards_alone(root, "build", program=UNCHANGED, XDG_CACHE_HOME=str(root / "cache"))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_build_with_nothing_to_do_says_so_without_reading_any_yaml(tmp_path: Path) -> None:
    write_sources(tmp_path)
    *_, notice, modules, read = run_unchanged(tmp_path)
    assert (notice, modules) == ("learners will notice: 1 note added", "genanki jinja2 yaml")
    # What a build reads is what an unchanged build compares.
    assert "src/facts/a.yaml" in read.split()
    said, modules, _ = run_unchanged(tmp_path)
    assert (said, modules) == ("Nothing to do: the packages are up to date.", "")


def test_a_check_of_what_was_checked_says_the_same_at_once(tmp_path: Path) -> None:
    write_sources(tmp_path, a=HEAD + "  - {id: a, kind: event, event: was a, date: 1990}\n")
    cards(tmp_path, "schema")
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    cards(tmp_path, "build", **environment)
    first = cards(tmp_path, "check", **environment)
    assert "warning" in first.output
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "load_frame", lambda _: pytest.fail("read again"))
        patch.setattr(reading, "_read", lambda *_: pytest.fail("read again"))
        assert cards(tmp_path, "check", **environment).output == first.output
    for name in ("src/errata.md", "src/schema/facts.schema.json", "decks/ledger.jsonl"):
        with (tmp_path / name).open("a") as file:
            file.write("website\n")
        assert cards(tmp_path, "check", **environment).output != first.output


@pytest.mark.parametrize("name", ["src/facts/a.yaml", "src/card/style.css", "decks/mini.apkg"])
def test_a_file_that_changed_is_noticed_though_its_size_and_time_did_not(
    tmp_path: Path, name: str
) -> None:
    write_sources(tmp_path)
    run_unchanged(tmp_path)
    path = tmp_path / name
    before, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    done = cards(tmp_path, "build", XDG_CACHE_HOME=str(tmp_path / "cache"))
    if name.startswith("decks"):
        assert path.read_bytes() == data
    else:
        assert done.exit_code == 1 or "Nothing to do" not in done.output


@pytest.mark.parametrize("name", ["kinds/x.yaml", "facts/x.yaml", "left-out.yaml"])
def test_a_folder_with_the_name_of_a_file_is_noticed(tmp_path: Path, name: str) -> None:
    src = write_sources(tmp_path)
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    cards(tmp_path, "build", **environment)
    assert cards(tmp_path, "check", **environment).exit_code == 0
    (src / name).mkdir()
    for command in ("build", "check"):
        done = cards(tmp_path, command, **environment)
        assert "not a regular file\n --> src/" + name in done.output


def test_a_folder_into_which_others_can_write_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(0o777)
    kept = Cache(folder)
    kept.keep(b"data", b"key")
    assert kept.recall(b"key") is None
    assert list(folder.iterdir()) == []
    folder.chmod(0o700)
    kept = Cache(folder)
    kept.keep(b"data", b"key")
    assert kept.recall(b"key") == b"data"


def test_what_was_not_used_for_longest_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MAX_BYTES", 3_000)
    kept = Cache(tmp_path / "cache")
    for number in range(5):
        kept.keep(bytes(800), b"%d" % number)
        path = kept.path_of(b"%d" % number)
        assert path
        os.utime(path, (number, number))
    assert kept.recall(b"0")
    kept.prune()
    assert [number for number in range(5) if kept.recall(b"%d" % number)] == [0, 3, 4]
