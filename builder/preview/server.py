"""Files that change → a page that follows them: the files are looked at, the page is served.

A page opened from a file cannot hear of news. So it is served, on this machine alone, and asks for
data of another version than it has; the answer comes when there are some.
"""

import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread

from builder.files import list_folder
from builder.preview.page import Data, make_page, news, to_json

_HOST = "127.0.0.1"

# How many versions back a page may be to hear only of what changed since.
_KEPT = 8

# Seconds between two looks at the files, and until a page that waits hears that nothing is new.
_INTERVAL = 0.03
_PATIENCE = 20.0


def changes(paths: list[Path]) -> Iterator[None]:
    """Comes back at once, then whenever a file at or below one of the paths has changed.

    That is also if it changed while the caller was still at work on the last change.
    """
    before = None
    while True:
        now = _look(paths)
        if now != before:
            before = now
            yield
        time.sleep(_INTERVAL)


def _look(roots: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """Path → when it was written, and its size."""
    seen = {}
    for path in (path for root in roots for path in (root, *list_folder(root, deep=True)[0])):
        with suppress(OSError):  # gone since it was listed
            found = path.lstat()
            seen[path] = (found.st_mtime_ns, found.st_size)
    return seen


class Server(ThreadingHTTPServer):
    """Serves the page of some data, which may be exchanged at any time."""

    def __init__(self, data: Data, port: int) -> None:
        """Listens on a port of this machine, 0 for any; raises OSError if it is taken."""
        super().__init__((_HOST, port), _Handler)
        self.address = f"http://{_HOST}:{self.server_port}/"
        self._news = Condition()
        self._shown: dict[str, Data] = {}  # by version
        self.show(data)
        Thread(target=self.serve_forever, daemon=True).start()

    def show(self, data: Data) -> None:
        """Exchanges the data; the pages that wait hear what is other."""
        version = secrets.token_hex(8)  # a page left open by an earlier server has another
        with self._news:
            self._shown = dict([*self._shown.items(), (version, data)][-_KEPT:])
            self._news.notify_all()

    @property
    def now(self) -> tuple[str, Data]:
        """The version of now, and its data."""
        return next(reversed(self._shown.items()))

    def wait(self, known: str) -> bytes:
        """What is other than in a known version, as soon as something is; empty if it long is not.

        If that version is not known any more, it is all there is.
        """
        with self._news:
            newer = self._news.wait_for(lambda: known != self.now[0], _PATIENCE)
            before, (version, data) = self._shown.get(known), self.now
        return to_json(news(before, data) if before else data, version) if newer else b""


class _Handler(BaseHTTPRequestHandler):
    """Answers `/` with the page and `/data?have=VERSION` with what is other."""

    server: Server

    def do_GET(self) -> None:
        """Answers a request."""
        port = self.server.server_port
        path, _, query = self.path.partition("?")
        # A stranger's domain can be made to lead here (DNS rebinding).
        if self.headers.get("Host") not in {f"{_HOST}:{port}", f"localhost:{port}"}:
            self._answer(403)
        elif path == "/":
            version, data = self.server.now
            self._answer(200, "text/html", make_page(data, version))
        elif path == "/data":
            json = self.server.wait(query.removeprefix("have="))
            self._answer(200 if json else 204, "application/json", json)
        else:
            self._answer(404)

    def _answer(self, status: int, kind: str = "text/plain", body: bytes = b"") -> None:
        with suppress(ConnectionError):  # the page was closed while it waited
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the terminal is for what happens to the sources."""
