"""`vsopgw stub up`: partners to integrate against, each bound to its contract."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from gateway.cli.errors import UsageFailed
from gateway.cli.lab import default_lab
from gateway.cli.stub_fault import fault
from gateway.runtime import reactor as reactors
from stubs.kit.settings import LabError, StubSettings, read_lab


@click.group()
def stub() -> None:
    """Stub servers that stand in for partners."""


stub.add_command(fault)


@stub.command()
@click.argument("roles", nargs=-1)
@click.option(
    "--lab", "file", type=click.Path(path_type=Path), default=None, help="Lab file; default: the shipped etc/lab.toml."
)
@click.option(
    "--stubs", "names", multiple=True, help="Stub set of the lab; default: all, or the first if ROLES are named."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=None, help="Port instead of the lab's; 0 takes any free one."
)
@click.option("--gateway", default=None, help="Where callbacks and orders go, such as http://127.0.0.1:7001.")
def up(
    roles: tuple[str, ...], file: Path | None, names: tuple[str, ...], port: int | None, gateway: str | None
) -> None:
    """Serve the stub sets of the lab, or only ROLES such as ocs and xplatform. One JSON line per set when all are ready."""
    chosen = _chosen(roles, file or default_lab(), names)
    if port is not None or gateway is not None:
        chosen = [replace(s, port=s.port if port is None else port, gateway=gateway or s.gateway) for s in chosen]
    _run(chosen)


def _chosen(roles: tuple[str, ...], file: Path, names: tuple[str, ...]) -> list[StubSettings]:
    try:
        sets = read_lab(file)
    except LabError as error:
        raise UsageFailed(str(error)) from None
    known = {s.name: s for s in sets}
    for name in names:
        if name not in known:
            raise UsageFailed(f"{file}: no stub set {name}; there are {', '.join(known)}")
    chosen = [known[name] for name in names] if names else (sets[:1] if roles else sets)
    return [replace(s, roles=roles) for s in chosen] if roles else chosen


def _run(chosen: Sequence[StubSettings]) -> None:
    reactor = reactors.install()

    from twisted.internet.defer import gatherResults  # noqa: PLC0415  after the reactor is chosen
    from twisted.internet.error import CannotListenError  # noqa: PLC0415

    from gateway.contract import ContractError  # noqa: PLC0415
    from gateway.soap.tls_files import TlsUnusable  # noqa: PLC0415
    from stubs.kit.host import StubHost  # noqa: PLC0415

    try:
        hosts = [StubHost(settings, reactor) for settings in chosen]
        ports = [host.listen() for host in hosts]
    except CannotListenError as error:
        raise UsageFailed(
            f"stubs: port {error.port} on {error.interface or '*'} is in use by another process"
        ) from None
    except (ContractError, TlsUnusable, ValueError) as error:
        raise UsageFailed(str(error)) from None

    def announce() -> None:
        sets = [
            {
                "name": s.name, "province": s.province, "port": port, "roles": list(s.roles),
                **({} if host.tls_port is None else {"tls_port": host.tls_port}),
            }
            for s, host, port in zip(chosen, hosts, ports, strict=True)
        ]
        click.echo(json.dumps({"ready": True, "pid": os.getpid(), "stubs": sets}))
        sys.stdout.flush()

    reactor.callWhenRunning(announce)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: gatherResults([host.close() for host in hosts]))
    reactor.run()
