"""`vsopgw console`: the web console over running gateways; `vsopgw console passwd NAME`: who may log in."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.admin_client import AdminClient
from gateway.cli.data import TARGET, clients
from gateway.cli.errors import UsageFailed
from gateway.console import passwords
from gateway.runtime import reactor as reactors
from gateway.vocabulary import CHINA

if TYPE_CHECKING:
    from gateway.console.diary import Diary
    from gateway.console.site import Console

LOOPBACK = "127.0.0.1"
PORT = 7080
"""Beside the gateways' admin APIs, which in the lab stand on 7090 to 7092; see docs/decisions/0042-console.md."""
STATE = Path("var/console")
FILE = click.option(
    "--passwords", "file", type=click.Path(path_type=Path), default=STATE / "passwords", show_default=True, help="Who may log in."
)


@click.group(invoke_without_command=True)
@TARGET
@FILE
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes any free one.")
@click.option("--audit", type=click.Path(path_type=Path), default=STATE / "audit.jsonl", show_default=True, help="Logins and acts go here.")
@click.option("--host-name", "hosts", multiple=True, help="A name under which a proxy reaches it; loopback's names always do.")
@click.pass_context
def console(context: click.Context, files: tuple[Path, ...], file: Path, port: int, audit: Path, hosts: tuple[str, ...]) -> None:
    """Serve the web console on loopback: search, ladders, fall-out desk. Its gateways are those of -c, or the lab's."""
    if context.invoked_subcommand is None:
        _serve(clients(files), file, port, audit, frozenset(host.lower() for host in hosts))


@console.command()
@click.argument("name")
@FILE
@click.option("--stdin", is_flag=True, help="Read the password from standard input, one line.")
@click.option("--remove", is_flag=True, help="Take the name out.")
def passwd(name: str, file: Path, stdin: bool, remove: bool) -> None:
    """Set the password of NAME, or take NAME out; the console reads the file at each login."""
    kept = _lines(file, name)
    if not remove:
        password = sys.stdin.readline().rstrip("\n") if stdin else click.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            kept.append(passwords.line(name, password, secrets.token_bytes(16)))
        except ValueError as error:
            raise UsageFailed(str(error)) from None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{file.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        raise UsageFailed(f"{file}: {error.strerror}") from None
    click.echo(f"{file}: {len(kept)} may log in")


def _lines(file: Path, name: str) -> list[str]:
    """Give the file's lines but that of a name; a file that is not there yet has none."""
    if not file.exists():
        return []
    try:
        return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip() and line.split(":")[0] != name]
    except (OSError, ValueError) as error:
        raise UsageFailed(f"{file}: {error}") from None


def _serve(targets: list[AdminClient], file: Path, port: int, audit: Path, hosts: frozenset[str]) -> None:
    try:
        passwords.read(file)
    except passwords.PasswordFileUnfit as unfit:
        raise UsageFailed(str(unfit)) from None
    reactor: Any = reactors.install()  # before anything imports twisted.internet.reactor

    from twisted.internet.error import CannotListenError  # noqa: PLC0415

    from gateway.console.diary import Diary  # noqa: PLC0415
    from gateway.console.site import site  # noqa: PLC0415

    try:
        diary = Diary(audit, _now)
    except OSError as error:
        raise UsageFailed(f"{audit}: {error.strerror}") from None
    try:
        listening = reactor.listenTCP(port, site(_composed(targets, file, hosts, reactor, diary)), interface=LOOPBACK)
    except CannotListenError:
        raise UsageFailed(f"port {port} is in use by another process; give another with --port") from None
    port = listening.getHost().port
    click.echo(json.dumps({"ready": True, "name": "console", "port": port, "url": f"http://{LOOPBACK}:{port}/", "pid": os.getpid()}))
    sys.stdout.flush()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: reactor.callFromThread(reactor.stop))
    reactor.run(installSignalHandlers=False)
    diary.close()


def _composed(targets: list[AdminClient], file: Path, hosts: frozenset[str], reactor: Any, diary: Diary) -> Console:
    from gateway.console.frame import Frame  # noqa: PLC0415
    from gateway.console.gateways import Gateway, HttpExchange  # noqa: PLC0415
    from gateway.console.login import Login  # noqa: PLC0415
    from gateway.console.pages import entries, pages  # noqa: PLC0415
    from gateway.console.sessions import Pauses, Sessions  # noqa: PLC0415
    from gateway.console.site import Console  # noqa: PLC0415

    gateways = [Gateway(each.name, HttpExchange(reactor, each.name, each.url, each.token_file)) for each in targets]
    sessions = Sessions(_now, lambda: secrets.token_urlsafe(24))
    login = Login(lambda: passwords.read(file), sessions, Pauses(_now), diary, Frame(entries()), gateways, _now)
    return Console(login, pages(), hosts)


def _now() -> datetime:
    return datetime.now(CHINA)
