"""`vsopgw demo`: group, two provinces and all partners on loopback; one case of each section, sent with Zeep, drawn as ladders."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from gateway.cli.admin_client import AdminClient
from gateway.cli.cases import CASES, PORTAL
from gateway.cli.data import upload
from gateway.cli.datafiles import read_catalogue, read_subscribers
from gateway.cli.errors import CommandFailed, UsageFailed
from gateway.cli.lab import STATE, Lab, Process, default_lab, load_lab, serve_arguments, start
from gateway.cli.play import Door, Player
from gateway.cli.stub_client import StubClient
from gateway.ladders.cases import draw


@click.command()
@click.argument("sections", nargs=-1, type=click.Choice(list(CASES)))
@click.option("--all", "every", is_flag=True, help="One case of every section of the document.")
@click.option("--once", is_flag=True, help="End after the cases: exit 0 only if all ended as the seed says.")
@click.option(
    "--lab", "file", type=click.Path(path_type=Path), default=None, help="Lab file; default: the shipped etc/lab.toml."
)
def demo(sections: tuple[str, ...], every: bool, once: bool, file: Path | None) -> None:
    """Start the whole lab, play one case of each section of seed 4.1 (or of SECTIONS), and draw what happened."""
    try:
        import zeep  # noqa: F401, PLC0415  only the demo and the tests need it
    except ImportError:
        raise UsageFailed("the demo speaks through Zeep: pip install 'vsop-gateway[lab]'") from None
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell script starts us with SIGINT ignored
        signal.signal(number, _interrupt)
    lab = load_lab(file or default_lab())
    wanted = list(CASES) if every else list(sections) or PORTAL
    with running(lab):
        _seed(lab)
        click.echo(_endpoints(lab))
        player = Player(doors(lab))
        problems = [problem for section in wanted for problem in _play(player, section)]
        for problem in problems:
            click.echo(problem, err=True)
        if once:
            raise click.exceptions.Exit(1 if problems else 0)
        command = f"{Path(sys.argv[0]).parent / 'vsopgw'}"
        click.echo(
            f"Serving until Ctrl-C. Try: {command} order place --number 18907910005 --offer 115000000000000000101"
        )
        _until_interrupted()


def doors(lab: Lab) -> dict[str, Door]:
    """Pair each gateway of a lab with the stub set that speaks to it."""
    beside = {stubs.gateway: stubs for stubs in lab.stubs}
    return {
        gateway.name: Door(
            gateway.name,
            gateway.config.gateway.public_url,
            AdminClient.of(gateway.config),
            StubClient.of(beside[gateway.config.gateway.public_url]),
        )
        for gateway in lab.gateways
    }


@contextmanager
def running(lab: Lab) -> Iterator[None]:
    """Run all processes of a lab, with fresh state; they are drained and stopped on the way out."""
    STATE.parent.mkdir(exist_ok=True)
    with ExitStack() as stack:
        # The stubs first: if their ports are taken, another demo runs here, and its state must stay.
        processes = [start("stubs", ["stub", "up", "--lab", str(lab.file)], log=STATE.with_suffix(".stubs.log"))]
        stack.callback(_stop, processes)
        shutil.rmtree(STATE, ignore_errors=True)
        STATE.mkdir()
        for gateway in lab.gateways:
            processes.append(start(gateway.name, serve_arguments(gateway), log=STATE / f"{gateway.name}.log"))
        yield


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _stop(processes: list[Process]) -> None:
    for process in reversed(processes):
        process.stop()


def _seed(lab: Lab) -> None:
    targets = [AdminClient.of(g.config) for g in lab.gateways]
    upload(targets, "catalogue", read_catalogue, lab.catalogue)
    upload(targets, "subscribers", read_subscribers, lab.subscribers)


def _endpoints(lab: Lab) -> str:
    rows = [("system", "endpoint", "admin")]
    for gateway in lab.gateways:
        config = gateway.config
        endpoint = f"{config.gateway.public_url}/services/vsop?wsdl"
        rows.append((f"VSOP {gateway.name}", endpoint, f"http://{config.admin.host}:{config.admin.port}/v1/"))
    for stubs in lab.stubs:
        base = f"http://127.0.0.1:{stubs.port}"
        for count, role in enumerate(stubs.roles):
            admin = f"{base}/_stub/" if count == 0 else ""
            rows.append((f"stubs {stubs.name}" if count == 0 else "", f"{base}/services/{role}?wsdl", admin))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(["", *(f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip() for a, b, c in rows), ""])


def _play(player: Player, section: str) -> list[str]:
    """Play a case to its end and draw it; gives what did not go as the seed says."""
    played = CASES[section](player)
    if played.refused is not None:
        return [f"{section}: refused: {played.refused.ResultCode} {played.refused.ResultDesc}"]
    try:
        player.settled(played)
    except CommandFailed as failed:
        return [failed.message]
    problems = player.missing(played)
    click.echo(draw(played.legs, player.witness(played)) + "\n")
    problems += [f"{leg['order_id']} ended with {leg['state']} {leg['code']}" for leg in played.legs if leg["code"]]
    if section in PORTAL:
        archived = played.door.stubs.ledger("archive", order=played.legs[0]["trace_id"])
        if len(archived) != 1:
            problems.append(f"billing has {len(archived)} archive records instead of one")
    return [f"{section}: {problem}" for problem in problems]


def _until_interrupted() -> None:
    sys.stdout.flush()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("stopping")
