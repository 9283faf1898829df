"""`vsopgw stub record`: stand between a caller and a real partner, and keep what passes as mappings for `stub up --mappings`."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from gateway.cli.errors import Unreachable, UsageFailed, no_answer
from gateway.resources import contracts_dir
from gateway.runtime import reactor as reactors
from stubs.roles import ROLES

CONNECT_SECONDS = 3.0
MOST_BYTES = 4 << 20
"""Of one answer of the target."""


@click.command()
@click.option("--role", type=click.Choice(sorted(ROLES)), required=True, help="Role that the target plays: its contract.")
@click.option("--target", required=True, metavar="URL", help="The partner's endpoint, such as http://10.0.0.8:8080/services/ocs.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="JSON file of the mappings; written at once.")
@click.option("--port", type=click.IntRange(0, 65535), default=7199, show_default=True, help="Port on loopback for callers; 0: any.")
@click.option("--mask", is_flag=True, help="Keep other numbers in place of subscribers' numbers, and no texts and secrets.")
@click.option("--mask-key", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Mask with the key of a gateway's capture.")
@click.option("--ca", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None, help="CA of an https target.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=30.0, show_default=True, help="Seconds for an answer of the target.")
def record(
    role: str, target: str, out: Path, port: int, mask: bool, mask_key: Path | None, ca: Path | None, timeout: float
) -> None:
    """Pass requests on to a partner and keep request and answer as mappings; Ctrl-C ends it.

    A request is matched on its fields, without StreamingNo and TimeStamp; the same request with another answer becomes a scenario.
    """
    _check_target(target, ca)
    if out.suffix != ".json":
        raise UsageFailed(f"--out {out}: expected a name that ends in .json")
    masked = _masking(role, mask_key) if mask or mask_key is not None else None
    _write(out, [])
    _run(role, target, out, port, masked, ca, timeout)


def _check_target(target: str, ca: Path | None) -> None:
    """Refuse what is no address; exit 3 where nobody listens, before a caller finds out."""
    parts = urlsplit(target)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or not port or parts.path in ("", "/"):
        raise UsageFailed(f"--target {target}: expected the address of an endpoint, with its path, such as http://10.0.0.8:8080/services/ocs")
    if parts.scheme == "https" and ca is None:
        raise UsageFailed("--target is https: name the CA of its certificate by --ca")
    try:
        socket.create_connection((parts.hostname, port), CONNECT_SECONDS).close()
    except OSError as error:
        raise Unreachable(f"{target}: nobody answers ({no_answer(error)})") from None


def _masking(role: str, key: Path | None) -> Callable[[str], str]:
    from gateway.capture.masking import Masking, fields_of  # noqa: PLC0415  only where it is asked for
    from gateway.capture.pseudonyms import Pseudonyms  # noqa: PLC0415
    from gateway.contract import load_contract  # noqa: PLC0415
    from gateway.runtime.capturing import read_key  # noqa: PLC0415

    try:
        made = secrets.token_bytes(32) if key is None else read_key(key)
    except OSError as error:
        raise UsageFailed(f"--mask-key {key}: {(error.strerror or 'cannot be read').lower()}") from None
    except ValueError as error:  # the words are read_key's, and name the file
        raise UsageFailed(f"--mask-key {error}") from None
    return Masking(Pseudonyms(made), fields_of([load_contract(contracts_dir() / f"{ROLES[role].contract}.wsdl")])).text


def _run(
    role: str, target: str, out: Path, port: int, mask: Callable[[str], str] | None, ca: Path | None, timeout: float
) -> None:
    reactor = reactors.install()

    from twisted.internet.error import CannotListenError  # noqa: PLC0415  after the reactor is chosen

    from gateway.contract import Codec, load_contract  # noqa: PLC0415
    from gateway.soap.http import HttpFactory  # noqa: PLC0415
    from gateway.soap.http_client import HttpPool  # noqa: PLC0415
    from gateway.soap.tls_files import TlsUnusable, calling  # noqa: PLC0415
    from stubs.mapping.recorder import Recorder  # noqa: PLC0415
    from stubs.mapping.recording import RecordingFront  # noqa: PLC0415

    codec = Codec(load_contract(contracts_dir() / f"{ROLES[role].contract}.wsdl"))
    recorder = Recorder(role, codec, mask)
    try:
        trust = None if ca is None else calling(ca, None)
        door = _Door()
        listening: Any = reactor.listenTCP(port, HttpFactory(door, clock=reactor, server_name="vsopgw-record"), interface="127.0.0.1")
    except CannotListenError:
        raise UsageFailed(f"--port {port} is in use by another process") from None
    except TlsUnusable as error:
        raise UsageFailed(str(error)) from None
    base = f"http://127.0.0.1:{listening.getHost().port}"
    door.front = RecordingFront(
        codec, recorder, HttpPool(reactor, answer_bytes=MOST_BYTES, tls=trust), target=target, deadline=timeout, public_url=base,
        told=_told, kept=lambda: _keep(out, recorder.mappings),
    )  # fmt: skip
    ready = {"ready": True, "pid": os.getpid(), "url": f"{base}/services/{codec.contract.name}", "target": target, "out": str(out)}
    reactor.callWhenRunning(_told, json.dumps(ready))
    reactor.run()
    click.echo(f"{out}: {len(recorder.mappings)} mappings; play them back by: vsopgw stub up {role} --mappings {out}")


class _Door:
    """Stands before the front, which can be made only when the port is known."""

    front: Any

    def check_head(self, *head: Any) -> Any:
        return self.front.check_head(*head)

    def handle(self, request: Any) -> Any:
        return self.front.handle(request)


def _told(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()


def _keep(out: Path, mappings: list[dict[str, Any]]) -> None:
    """Write while requests pass: a disk that is full ends no recording, the next exchange tries again."""
    try:
        _write(out, mappings)
    except UsageFailed as failed:
        _told(failed.format_message())


def _write(out: Path, mappings: list[dict[str, Any]]) -> None:
    """Write the file whole, or leave it as it was."""
    try:
        beside = out.with_name(f".{out.name}.new")
        beside.write_text(json.dumps({"mappings": mappings}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        beside.replace(out)
    except OSError as error:
        raise UsageFailed(f"{out}: cannot be written ({error.strerror})") from None


COMMANDS = (record,)
