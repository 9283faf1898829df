"""`vsopgw stub snapshot FILE` and `restore FILE`: all that a running stub set holds, into a file and back."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from gateway.cli.errors import CommandFailed, Unreachable, UsageFailed, no_answer

SECONDS = 60.0
"""A world of a hundred megabytes takes some."""
_URL = click.option("--url", default="http://127.0.0.1:7115", show_default=True, help="Address of the stub set.")
_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_FILE
@_URL
def snapshot(file: Path, url: str) -> None:
    """Write all that a stub set holds to FILE: users, catalogue, services, ledgers, journal, answered numbers, modes."""
    document = _call(url, "snapshot", b"{}")
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageFailed(f"{file}: cannot be written: {error.strerror}") from None
    state = document.get("state", {})
    users, rows, messages = (len(state.get(name, ())) for name in ("subscribers", "ledgers", "journal"))
    click.echo(f"{file}: {users} users, {rows} rows in ledgers, {messages} messages")


@click.command()
@_FILE
@_URL
def restore(file: Path, url: str) -> None:
    """Put what FILE says in place of all that a stub set holds."""
    try:
        data = file.read_bytes()
        json.loads(data)
    except OSError as error:
        raise UsageFailed(f"{file}:1: cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise UsageFailed(f"{file}:{error.lineno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise UsageFailed(f"{file}:1: not JSON in UTF-8") from None
    _call(url, "restore", data, file)
    click.echo(f"{url}: restored from {file}")


COMMANDS = (snapshot, restore)


def _call(url: str, path: str, body: bytes, file: Path | None = None) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UsageFailed(f"--url {url}: expected an address such as http://127.0.0.1:7115")
    address = f"{parts.scheme}://{parts.netloc}/_stub/{path}"
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return _read(answer.read(), address)
    except urllib.error.HTTPError as error:
        told = _read(error.read(), address).get("error", f"HTTP {error.code}")
        raise UsageFailed(f"{'' if file is None else f'{file}:1: '}{told}") from None
    except OSError as error:
        raise Unreachable(f"{url}: no answer ({no_answer(error)}); is `vsopgw stub up` running?") from None


def _read(data: bytes, address: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise CommandFailed(f"{address}: what answers here is no stub set", 3)
    return found
