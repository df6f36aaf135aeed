"""A stand-in for a running Anki with AnkiConnect: its protocol, with Anki's real engine behind."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from anki.collection import Collection
from anki.errors import NotFoundError

# What AnkiConnect takes, and Anki has kept for it.
from anki.importing import AnkiPackageImporter  # type: ignore[attr-defined]

Answer = Callable[[bytes], tuple[int, bytes]]


@contextmanager
def listening(answer: Answer) -> Iterator[str]:
    """A server at the address given, that answers each request's body with a status and a body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://example.invalid/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def connected(col: Collection, key: str = "", *, mod: bool = True) -> Answer:
    """AnkiConnect's answers from a collection; older versions do not tell a note's `mod`."""
    lock = threading.Lock()

    def answer(body: bytes) -> tuple[int, bytes]:
        question = json.loads(body)
        with lock:
            try:
                action = question["action"] if question.get("key", "") == key else "locked"
                result = _done(col, action, question["params"], mod=mod)
                said = {"result": result, "error": None}
            except Exception as failure:  # noqa: BLE001 - as AnkiConnect does
                said = {"result": None, "error": str(failure)}
        return 200, json.dumps(said).encode()

    return answer


def _done(col: Collection, action: str, params: dict[str, Any], *, mod: bool) -> object:
    match action:
        case "locked":
            raise ValueError("valid api key must be provided")
        case "version":
            return 6
        case "importPackage":
            AnkiPackageImporter(col, params["path"]).run()
            return True
        case "notesInfo":
            return [_info(col, id_, mod=mod) for id_ in params["notes"]]
    raise ValueError("unsupported action")


def _info(col: Collection, id_: int, *, mod: bool) -> dict[str, Any]:
    try:
        note = col.get_note(id_)  # type: ignore[arg-type]
    except NotFoundError:
        return {}
    fields = {name: {"value": text, "order": at} for at, (name, text) in enumerate(note.items())}
    info = {"noteId": note.id, "tags": note.tags, "fields": fields, "cards": note.card_ids()}
    return info | ({"mod": note.mod} if mod else {})
