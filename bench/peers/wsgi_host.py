"""Host a WSGI application over keep-alive HTTP/1.1, one thread for each connection.

It must not know what it hosts. The peers get this host because it costs them less than waitress or twisted.web do
(README.md): the comparison is then with what Spyne itself takes. Parsing is httptools, as in the fastest servers.
"""

import contextlib
import json
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIApplication

import httptools

RECEIVE_BYTES = 65536
BACKLOG = 256


class _Request:
    """What httptools found in one connection's bytes so far."""

    def __init__(self) -> None:
        self.complete = False
        self.url = b""
        self.headers: list[tuple[str, str]] = []
        self.body: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        self.complete = True


def serve(application: WSGIApplication, *, port: int) -> None:
    """Serve on the loopback until SIGTERM; print one JSON line with the port when ready (port 0: any free one)."""
    listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    bound = int(listener.getsockname()[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(json.dumps({"port": bound}), flush=True)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_serve_connection, args=(application, connection, bound), daemon=True).start()


def _serve_connection(application: WSGIApplication, connection: socket.socket, port: int) -> None:
    # A load driver that stops leaves in the middle of an answer; that is no mistake of the peer's.
    with connection, contextlib.suppress(ConnectionError):
        while True:
            request = _Request()
            parser = httptools.HttpRequestParser(request)
            while not request.complete:
                received = connection.recv(RECEIVE_BYTES)
                if not received:
                    return
                parser.feed_data(received)
            connection.sendall(_answer(application, _environment(request, parser.get_method().decode(), port)))


def _environment(request: _Request, method: str, port: int) -> dict[str, Any]:
    path, _, query = request.url.decode("latin-1").partition("?")
    body = b"".join(request.body)
    environment: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        environment["HTTP_" + name.upper().replace("-", "_")] = value
    environment["CONTENT_TYPE"] = environment.pop("HTTP_CONTENT_TYPE", "")
    environment["CONTENT_LENGTH"] = str(len(body))
    return environment


def _answer(application: WSGIApplication, environment: dict[str, Any]) -> bytes:
    head: list[str] = []
    names: set[str] = set()

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        names.update(name.lower() for name, _ in headers)
        head[:] = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        return _refuse_write

    chunks: Iterable[bytes] = application(environment, start_response)
    body = b"".join(chunks)
    close = getattr(chunks, "close", None)
    if close is not None:
        close()
    if "content-length" not in names:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def _refuse_write(_: bytes) -> object:
    raise NotImplementedError("the peers return their bodies")
