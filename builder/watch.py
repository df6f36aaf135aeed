"""Files that change → a page that follows them: the files are looked at, the page is served.

A page opened from a file cannot hear of news. So it is served, on this machine alone, and asks for
data of another version than it has; the answer comes when there are some.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from urllib.parse import parse_qs, urlsplit

from builder.files import list_folder
from builder.preview import Data, make_page, to_json

_HOST = "127.0.0.1"

# Seconds between two looks at the files, and until a page that waits hears that nothing is new.
_INTERVAL = 0.05
_PATIENCE = 20.0


def changes(paths: Iterable[Path]) -> Iterator[None]:
    """Comes back whenever a file at or below one of the paths is written, made or removed.

    That is from the call on, also while what came of the last change is still being looked at.
    """
    roots = list(paths)
    return _changes(roots, _look(roots))


def _changes(roots: list[Path], before: dict[str, tuple[int, int]]) -> Iterator[None]:
    while True:
        now = _look(roots)
        if now != before:
            before = now
            yield
        time.sleep(_INTERVAL)


def _look(roots: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """Path → when it was written, and its size."""
    seen = {}
    for root in roots:
        below, _ = list_folder(root, deep=True)
        for path in (root, *below):
            try:
                found = path.lstat()
            except OSError:  # gone since it was listed
                continue
            seen[str(path)] = (found.st_mtime_ns, found.st_size)
    return seen


class Server:
    """Serves the page of some data, which may be exchanged at any time."""

    def __init__(self, data: Data, port: int) -> None:
        """Listens on a port of this machine, 0 for any; raises OSError if it is taken."""
        self._news = Condition()
        self._token = secrets.token_hex(4)  # a page left open by an earlier server has old data
        self._numbers = itertools.count(1)
        self.show(data)

        class Handler(_Handler):
            source = self

        self._server = ThreadingHTTPServer((_HOST, port), Handler)
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.server_port

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{_HOST}:{self.port}/"

    def show(self, data: Data) -> None:
        """Exchanges the data; the pages that wait get them."""
        version = f"{self._token}-{next(self._numbers)}"
        json = to_json(data, version)
        with self._news:
            self.data, self.version, self.json = data, version, json
            self._news.notify_all()

    def page(self) -> bytes:
        """The page with the data of now."""
        with self._news:
            return make_page(self.data, self.version)

    def wait(self, version: str) -> bytes | None:
        """The data as soon as they are of another version; None if they long are not."""
        with self._news:
            newer = self._news.wait_for(lambda: version != self.version, _PATIENCE)
            return self.json if newer else None

    def close(self) -> None:
        """Stops serving."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers `/` with the page and `/data?have=VERSION` with data of another version."""

    source: Server

    def do_GET(self) -> None:
        """Answers a request."""
        port = self.source.port
        # A name that somebody else made to lead here is not ours to answer.
        if self.headers.get("Host") not in {f"{_HOST}:{port}", f"localhost:{port}"}:
            self._answer(403)
            return
        asked = urlsplit(self.path)
        if asked.path == "/":
            self._answer(200, "text/html", self.source.page())
        elif asked.path == "/data":
            json = self.source.wait(parse_qs(asked.query).get("have", [""])[0])
            if json is None:
                self._answer(204)
            else:
                self._answer(200, "application/json", json)
        else:
            self._answer(404)

    def _answer(self, status: int, kind: str = "text/plain", body: bytes = b"") -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            """The page was closed while it waited."""

    def log_message(self, *_: object) -> None:
        """Nothing: the terminal is for what happens to the sources."""
