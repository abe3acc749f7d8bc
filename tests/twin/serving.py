"""A real server on this machine for tests: what each address answers is a list of turns."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from twin.files.web import close_clients

Turn = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers by the plan of its server; the last turn of an address is repeated."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else head and body wait for each other, 40 ms a time
    server: "Served"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        self.server.ports.add(self.client_address[1])
        turns = self.server.plan.get(path)
        if turns is None:
            self.answer(404)
            return
        number = self.server.counts[path]
        self.server.counts[path] += 1
        turns[min(number, len(turns) - 1)](self)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Served(ThreadingHTTPServer):
    """The server, what it was asked, and what it is to answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan: dict[str, list[Turn]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.counts: dict[str, int] = defaultdict(int)
        self.ports: set[int] = set()
        self.ended = threading.Event()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def folder(self, folder: Path) -> None:
        """Serve the files of a folder."""
        for path in folder.rglob("*"):
            if path.is_file():
                name = f"/{path.relative_to(folder).as_posix()}"
                self.plan[name] = [says(path.read_bytes())]


def says(body: bytes, status: int = 200, **headers: str) -> Turn:
    """Answer so."""
    return lambda handler: handler.answer(status, body, **headers)


def ranges(body: bytes, etag: str = '"1"') -> Turn:
    """Answer with the part asked for."""

    def turn(handler: Handler) -> None:
        first, _, last = handler.headers["Range"].removeprefix("bytes=").partition("-")
        part = body[int(first) : int(last) + 1]
        said = f"bytes {first}-{last}/{len(body)}"
        handler.answer(206, part, Content_Range=said, ETag=etag)

    return turn


def cut(handler: Handler) -> None:
    """Declare more than is sent, then hang up."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"short")
    handler.close_connection = True


def silent(handler: Handler) -> None:
    """Never answer while the test runs."""
    handler.server.ended.wait(10)
    handler.close_connection = True


@contextmanager
def serving() -> Iterator[Served]:
    with Served() as server:
        worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        worker.start()
        try:
            yield server
        finally:
            server.ended.set()
            close_clients()
            server.shutdown()
            worker.join()
