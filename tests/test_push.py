"""A package goes into a running Anki, and what it changed there is said."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest
from click.testing import Result

from tests.ankiconnect import Answer, connected, listening
from tests.command import cards, said_of
from tests.engine import collection
from tests.sources import HEAD, write_sources

NOON = "1790000000"
A = "  - {id: a, kind: event, event: was a, date: 1994, place: Here}\n"
B = "  - {id: b, kind: list, list: Some, items: [x, y]}\n"


def build(root: Path, facts: str = A + B, at: str = NOON) -> None:
    write_sources(root, a=HEAD + facts)
    done = cards(root, "build", SOURCE_DATE_EPOCH=at)
    assert done.exit_code == 0, done.output


def push(root: Path, answer: Answer, *words: str, **environment: str) -> Result:
    with listening(answer) as address:
        return cards(root, "push", *words, "--address", address, **environment)


def test_what_is_new_updated_and_skipped_is_said(tmp_path: Path) -> None:
    build(tmp_path)
    with collection(tmp_path / "learner.anki2") as col:
        done = push(tmp_path, connected(col))
        assert (done.exit_code, done.output) == (
            0,
            "decks/mini.apkg  3 new, 0 updated, 0 skipped\n",
        )
        assert push(tmp_path, connected(col)).output == (
            "decks/mini.apkg  0 new, 0 updated, 3 skipped\n"
        )
        more = (
            A.replace("Here", "There") + B + A.replace("id: a", "id: c").replace("was a", "was c")
        )
        build(tmp_path, more, str(int(NOON) + 60))
        assert push(tmp_path, connected(col)).output == (
            "decks/mini.apkg  2 new, 1 updated, 2 skipped\n"
        )


@pytest.mark.parametrize("mod", [True, False])
def test_a_note_that_its_learner_edited_is_skipped_and_that_is_said(
    tmp_path: Path, *, mod: bool
) -> None:
    build(tmp_path)
    with collection(tmp_path / "learner.anki2") as col:
        push(tmp_path, connected(col, mod=mod))
        note = col.get_note(col.find_notes("Key:a/where")[0])
        note["Back"] = "Mine"
        col.update_note(note)
        assert push(tmp_path, connected(col, mod=mod)).output == (
            "decks/mini.apkg  0 new, 0 updated, 3 skipped\n"
            "  1 note skipped with other contents: edited in Anki, or of a newer edition\n"
        )
        assert col.get_note(note.id)["Back"] == "Mine"


def test_notes_under_other_ids_are_said_to_be_unknown(tmp_path: Path) -> None:
    build(tmp_path)
    with collection(tmp_path / "learner.anki2") as col:
        push(tmp_path, connected(col))
        col.db.execute("update notes set id = id + 7")  # type: ignore[union-attr]
        col.db.execute("update cards set nid = nid + 7")  # type: ignore[union-attr]
        assert push(tmp_path, connected(col)).output.endswith(
            "  3 notes not found under the id in the package: what became of them is unknown\n"
        )


def test_a_package_is_a_name_or_a_file(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "decks" / "mini.apkg").rename(tmp_path / "mine.apkg")
    with collection(tmp_path / "learner.anki2") as col:
        assert push(tmp_path, connected(col), "mini-core").exit_code == 0
        assert push(tmp_path, connected(col), "mine.apkg").exit_code == 0
        wrong = push(tmp_path, connected(col), "mini-cor")
        assert wrong.exit_code == 2
        assert "unknown package “mini-cor”; did you mean “mini-core”?" in wrong.stderr
        unbuilt = push(tmp_path, connected(col), "mini")
        assert unbuilt.exit_code == 1
        assert "decks/mini.apkg has not been built; run `cards build` first" in unbuilt.stderr
        missing = push(tmp_path, connected(col), "none.apkg")
        assert said_of(missing.stderr)[0].startswith(
            "none.apkg:1:1: error: cannot be read: no such"
        )
    (tmp_path / "elsewhere").mkdir()
    none = cards(tmp_path / "elsewhere", "push")
    assert "begin a deck with `cards new DIR`" in none.stderr


def test_the_key_comes_from_an_option_or_the_environment(tmp_path: Path) -> None:
    build(tmp_path)
    with collection(tmp_path / "learner.anki2") as col:
        locked = connected(col, "secret")
        assert push(tmp_path, locked, "--key", "secret").exit_code == 0
        assert push(tmp_path, locked, ANKICONNECT_KEY="secret").exit_code == 0
        with listening(locked) as address:
            done = cards(tmp_path, "push", ANKICONNECT_ADDRESS=address, ANKICONNECT_KEY="secret")
            assert done.exit_code == 0
        for words in ((), ("--key", "sesame")):
            wrong = push(tmp_path, locked, *words)
            assert wrong.exit_code == 1
            assert wrong.stderr == (
                "Error: AnkiConnect says: valid api key must be provided; give its key with --key,"
                " or as ANKICONNECT_KEY in the environment\n"
            )


def test_where_no_anki_runs_that_is_said(tmp_path: Path) -> None:
    build(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = cards(tmp_path, "push", "--address", address)
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: no answer from Anki at {address} (connection refused): start Anki, with the"
        " add-on AnkiConnect (2055492159)\n"
    )


def test_an_anki_that_does_not_answer_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    build(tmp_path)

    def asleep(_body: bytes) -> tuple[int, bytes]:
        time.sleep(1.2)
        return 200, b""

    done = push(tmp_path, asleep, "--timeout", "1")
    assert done.exit_code == 1
    assert "no answer from Anki at http://" in done.stderr
    assert "(timed out): start Anki" in done.stderr
    assert "if it runs, look whether a window in it waits for you before you try" in done.stderr


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"AnkiConnect v.6",
        b"<html>",
        b"null",
        b"[]",
        b"6",
        b"{}",
        b'{"result": 6}',
        b"[" * 10**5,
        b'"\xff"',
        b'{"result": "6", "error": null}',
    ],
)
def test_what_is_not_ankiconnect_is_named_so(tmp_path: Path, body: bytes) -> None:
    build(tmp_path)
    done = push(tmp_path, lambda _body: (200, body))
    assert done.exit_code == 1
    assert done.stderr.endswith(" is not AnkiConnect\n")


@pytest.mark.parametrize("status", [302, 403, 404, 500])
def test_a_refusal_by_http_is_said_and_no_redirect_followed(tmp_path: Path, status: int) -> None:
    build(tmp_path)
    done = push(tmp_path, lambda _body: (status, b""))
    assert done.exit_code == 1
    assert f"refuses, with the HTTP status {status}" in done.stderr
    assert ("webCorsOriginList" in done.stderr) == (status == 403)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        ("collection is not available", "is not available; open a profile in Anki"),
        ("unsupported action", "unsupported action; update the add-on in Anki"),
        ("[Errno 2] No such file or directory: '/x'", "Anki reads the file itself"),
        ("500: Failed to read '/x': No such file or directory (os error 2)", "itself"),
        ("odd\x1b[31m\nthing", "AnkiConnect says: odd\ufffd[31m thing\n"),
    ],
)
def test_what_ankiconnect_says_is_passed_on(tmp_path: Path, failure: str, said: str) -> None:
    build(tmp_path)

    def answer(body: bytes) -> tuple[int, bytes]:
        action = json.loads(body)["action"]
        known = {"version": 6, "notesInfo": [{}, {}, {}]}
        error = None if action in known else failure
        return 200, json.dumps({"result": known.get(action), "error": error}).encode()

    done = push(tmp_path, answer)
    assert done.exit_code == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "address",
    ["localhost:8765", "127.0.0.1", "file:///etc/passwd", "http://", "http://[", "http://a:b"],
)
def test_an_address_that_is_none_is_a_wrong_call(tmp_path: Path, address: str) -> None:
    build(tmp_path)
    done = cards(tmp_path, "push", "--address", address)
    assert done.exit_code == 2
    assert f"“{address}” is not the address of AnkiConnect, such as http://127" in done.stderr


def test_no_proxy_of_the_environment_is_asked(tmp_path: Path) -> None:
    build(tmp_path)
    with collection(tmp_path / "learner.anki2") as col:
        proxies = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        assert push(tmp_path, connected(col), **proxies).exit_code == 0


def test_a_note_that_anki_did_not_update_though_it_is_older_is_said(tmp_path: Path) -> None:
    build(tmp_path)

    def answer(body: bytes) -> tuple[int, bytes]:
        question = json.loads(body)
        old = [{"noteId": id_, "mod": 1} for id_ in question["params"].get("notes", [])]
        result = old if question["action"] == "notesInfo" else True
        return 200, json.dumps({"result": result, "error": None}).encode()

    assert "  3 notes skipped though older: was a field" in push(tmp_path, answer).output


def test_a_package_that_is_older_than_the_sources_is_pushed_with_a_warning(tmp_path: Path) -> None:
    build(tmp_path)
    write_sources(tmp_path, a=HEAD + A.replace("Here", "There"))
    with collection(tmp_path / "learner.anki2") as col:
        done = push(tmp_path, connected(col))
        assert (done.exit_code, done.stderr) == (
            0,
            "decks/mini.apkg may be older than the sources; `cards build` brings it up to date\n",
        )
        assert cards(tmp_path, "build", "mini").exit_code == 0
        assert push(tmp_path, connected(col)).stderr == ""


def test_several_packages_are_pushed_one_after_another(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "part.APKG").write_bytes((tmp_path / "decks" / "mini-core.apkg").read_bytes())
    with collection(tmp_path / "learner.anki2") as col:
        done = push(tmp_path, connected(col), "mini", "mini-core", "part.APKG")
        assert done.stdout.splitlines() == [
            "decks/mini.apkg  3 new, 0 updated, 0 skipped",
            "decks/mini-core.apkg  0 new, 0 updated, 3 skipped",
            "part.APKG  0 new, 0 updated, 3 skipped",
        ]
        unknown = push(tmp_path, connected(col), "mini", "other")
        assert (unknown.exit_code, unknown.stdout) == (2, "")
        assert "unknown package “other”; there are: mini, mini-core" in unknown.stderr
