"""`vsopgw stub snapshot FILE` and `restore FILE`: all that a running stub set holds, into a file and back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from gateway.cli.errors import UsageFailed
from gateway.cli.stub_api import URL, StubApi

SECONDS = 60.0
"""A world of a hundred megabytes takes some."""
_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_FILE
@URL
def snapshot(file: Path, api: StubApi) -> None:
    """Write all that a stub set holds to FILE: users, catalogue, services, ledgers, journal, answered numbers, modes."""
    document = replace(api, seconds=SECONDS).call("POST", "snapshot", {})
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
@URL
def restore(file: Path, api: StubApi) -> None:
    """Put what FILE says in place of all that a stub set holds."""
    try:
        document = json.loads(file.read_bytes())
    except OSError as error:
        raise UsageFailed(f"{file}:1: cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise UsageFailed(f"{file}:{error.lineno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise UsageFailed(f"{file}:1: not JSON in UTF-8") from None
    try:
        replace(api, seconds=SECONDS).call("POST", "restore", document)
    except UsageFailed as wrong:
        raise UsageFailed(f"{file}:1: {wrong}") from None
    click.echo(f"{api.url.removesuffix('/_stub')}: restored from {file}")


COMMANDS = (snapshot, restore)
