"""`vsopgw docs build` and `docs serve`: the pages for those who integrate, as files or on a port of this machine."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NoReturn

import click

from gateway.cli.errors import UsageFailed
from gateway.cli.flow_pages import pages as flow_pages
from gateway.contract import ContractError
from gateway.pages.site import site
from gateway.resources import data_root
from gateway.samples import NoSample
from gateway.vocabulary import CHINA

LOOPBACK = "127.0.0.1"
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


def _pages() -> dict[str, str]:
    drawings = {name: text for name, text in flow_pages().items() if name.endswith(".svg")}
    try:
        return site(data_root(), datetime.now(CHINA), drawings)
    except (ContractError, NoSample, OSError) as error:
        raise UsageFailed(str(error)) from None


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def build(directory: Path) -> None:
    """Write pages about every contract into DIRECTORY: fields, samples, flows, result codes. They need no server."""
    pages = _pages()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (directory / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageFailed(f"{directory}: {error.strerror}") from None
    click.echo(f"{len(pages)} files; begin with {directory / 'index.html'}")


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=7180, show_default=True, help="0 takes any free one.")
def serve(port: int) -> None:
    """Serve the same pages to this machine's browser, until Ctrl-C."""
    pages = {f"/{name}": text.encode() for name, text in _pages().items()}
    pages["/"] = pages["/index.html"]
    try:
        server = ThreadingHTTPServer((LOOPBACK, port), partial(_Answer, pages))
    except OSError as error:
        raise UsageFailed(f"port {port} cannot be used: {error.strerror}") from None
    click.echo(f"http://{LOOPBACK}:{server.server_port}/  Ctrl-C ends it")
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("ended", err=True)
    finally:
        server.server_close()


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


class _Answer(BaseHTTPRequestHandler):
    """Answers from memory; whatever is asked for, no file is opened."""

    server_version = "vsopgw-docs"
    sys_version = ""
    timeout = 10  # seconds for a request: one that never ends must not keep its thread

    def __init__(self, pages: Mapping[str, bytes], *arguments: object) -> None:
        self._pages = pages
        super().__init__(*arguments)  # type: ignore[arg-type]  # as the server hands them over

    def do_GET(self) -> None:  # the name that http.server calls
        path = self.path.partition("?")[0]
        found = self._pages.get(path)
        body = found if found is not None else b"not found\n"
        kind = _KINDS.get(Path(path).suffix, "text/html") if found is not None else "text/plain"
        self.send_response(200 if found is not None else 404)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing: who reads the pages needs no log."""
