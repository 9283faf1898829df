"""`vsopgw stub up`: partners to integrate against, each bound to its contract."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.errors import UsageFailed
from gateway.cli.stub_choice import ALL_PORT, Wanted, chosen
from gateway.cli.stub_fault import fault
from gateway.cli.stub_table import show
from gateway.runtime import reactor as reactors
from stubs.kit.settings import StubSettings

if TYPE_CHECKING:
    from stubs.kit.host import StubHost


@click.group()
def stub() -> None:
    """Stub servers that stand in for partners."""


stub.add_command(fault)


@stub.command()
@click.argument("roles", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help=f"Every party there is, in one set on port {ALL_PORT}.")
@click.option("--lab", type=click.Path(path_type=Path), default=None, help="Lab file; default: the shipped etc/lab.toml.")
@click.option("--stubs", "sets", multiple=True, help="Stub set of the lab; default: all, or the first if ROLES are named.")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port instead of the lab's; 0 takes any free one.")
@click.option("--gateway", default=None, help="Where callbacks and orders go, such as http://127.0.0.1:7001.")
@click.option("--world", multiple=True, type=click.Path(path_type=Path), help="TOML file of the world, instead of the lab's.")
@click.option("--call", "calls", multiple=True, metavar="CONTRACT=URL", help="Where a party is called that this set does not play.")
@click.option("--journal", type=click.IntRange(1), default=None, help="Newest messages that the journal keeps; default 10000.")
@click.option(
    "--mappings", type=click.Path(path_type=Path), default=None, help="File or directory of StubMappings (TOML, JSON): they answer first."
)
def up(mappings: Path | None, **options: Any) -> None:
    """Serve the stub sets of the lab, only ROLES such as ocs and xplatform, or --all. One JSON line when all are ready."""
    _run(chosen(Wanted(**options)), mappings)


def _run(sets: Sequence[StubSettings], mappings: Path | None) -> None:
    reactor = reactors.install()

    from twisted.internet.defer import gatherResults  # noqa: PLC0415  after the reactor is chosen
    from twisted.internet.error import CannotListenError  # noqa: PLC0415

    from gateway.contract import ContractError  # noqa: PLC0415
    from gateway.soap.tls_files import TlsUnusable  # noqa: PLC0415
    from stubs.kit.host import Fittings, StubHost, read_codec  # noqa: PLC0415
    from stubs.kit.world_file import read_world  # noqa: PLC0415

    fittings = Fittings(codec=cache(read_codec), world=cache(read_world))  # sets share what does not change
    try:
        hosts = [StubHost(settings, reactor, fittings) for settings in sets]
        if mappings is not None:
            _load(hosts, mappings)
        ports = [host.listen() for host in hosts]
    except CannotListenError as error:
        raise UsageFailed(
            f"stubs: port {error.port} on {error.interface or '*'} is in use by another process"
        ) from None
    except (ContractError, TlsUnusable, ValueError) as error:
        raise UsageFailed(str(error)) from None

    def announce() -> None:
        told = [
            {
                "name": s.name, "province": s.province, "port": port, "roles": list(s.roles),
                **({} if host.tls_port is None else {"tls_port": host.tls_port}),
            }
            for s, host, port in zip(sets, hosts, ports, strict=True)
        ]
        click.echo(json.dumps({"ready": True, "pid": os.getpid(), "stubs": told}))
        if sys.stdout.isatty():
            show(hosts)
        sys.stdout.flush()

    reactor.callWhenRunning(announce)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: gatherResults([host.close() for host in hosts]))
    reactor.run()


def _load(hosts: Sequence[StubHost], place: Path) -> None:
    """Give each set the mappings of the roles that it plays."""
    from stubs.mapping.files import MappingFileError, read_files  # noqa: PLC0415  after the reactor is chosen

    try:
        found = read_files(place, {name: role.codec for host in hosts for name, role in host.roles.items()})
    except MappingFileError as error:
        raise UsageFailed(str(error)) from None
    for host in hosts:
        host.stage.mappings.load(mapping for mapping in found if mapping.request.role in host.roles)
