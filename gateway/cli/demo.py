"""`vsopgw demo`: group, two provinces and all partners on loopback; one order of each section, placed with Zeep, drawn as ladders."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.admin_client import AdminClient
from gateway.cli.data import upload
from gateway.cli.datafiles import read_catalogue, read_subscribers
from gateway.cli.errors import CommandFailed, UsageFailed
from gateway.cli.lab import STATE, Lab, LabGateway, Process, default_lab, load_lab, serve_arguments, start
from gateway.cli.ladder import draw, missing
from gateway.cli.stub_client import StubClient, witness
from gateway.vocabulary import CHINA, write_time


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order of the demo."""

    section: str
    gateway: str
    number: str
    offer: str


PURCHASES = (
    Purchase("4.1.1", "jiangxi", "18907910001", "115000000000000000101"),
    Purchase("4.1.2", "jiangxi", "18907910002", "115000000000000000201"),
    Purchase("4.1.3", "guangxi", "18907710001", "135000000000000000301"),
    Purchase("4.1.4", "jiangxi", "18907910004", "135000000000000000401"),
)


@click.command()
@click.argument("sections", nargs=-1, type=click.Choice([p.section for p in PURCHASES]))
@click.option("--once", is_flag=True, help="End after the orders: exit 0 only if all ended as the seed says.")
@click.option(
    "--lab", "file", type=click.Path(path_type=Path), default=None, help="Lab file; default: the shipped etc/lab.toml."
)
def demo(sections: tuple[str, ...], once: bool, file: Path | None) -> None:
    """Start the whole lab, place one order of each section of seed 4.1 (or of SECTIONS), and draw what happened."""
    try:
        import zeep  # noqa: F401, PLC0415  only the demo and the tests need it
    except ImportError:
        raise UsageFailed("the demo speaks through Zeep: pip install 'vsop-gateway[lab]'") from None
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell script starts us with SIGINT ignored
        signal.signal(number, _interrupt)
    lab = load_lab(file or default_lab())
    wanted = [p for p in PURCHASES if not sections or p.section in sections]
    with running(lab):
        _seed(lab)
        click.echo(_endpoints(lab))
        problems = [problem for purchase in wanted for problem in _purchase(lab, purchase)]
        for problem in problems:
            click.echo(problem, err=True)
        if once:
            raise click.exceptions.Exit(1 if problems else 0)
        command = f"{Path(sys.argv[0]).parent / 'vsopgw'}"
        click.echo(
            f"Serving until Ctrl-C. Try: {command} order place --number 18907910005 --offer 115000000000000000101"
        )
        _until_interrupted()


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


def _purchase(lab: Lab, purchase: Purchase) -> list[str]:
    """Play one order from the user's first request to the archive; gives what did not go as the seed says."""
    gateway = next(g for g in lab.gateways if g.name == purchase.gateway)
    stubs = next(s for s in lab.stubs if s.name == purchase.gateway)
    portal = StubClient.of(stubs)
    # Step (1): the user orders, the portal asks again, the user confirms.
    confirmed = portal.act(
        "portal", "confirm-only", {"number": purchase.number, "offer": purchase.offer, "action": "0", "offer_type": "0"}
    )
    service = _zeep(gateway)
    answer = service.subscribeToVSOP(
        StreamingNo=confirmed["streaming_no"], TimeStamp=write_time(datetime.now(CHINA)), SystemId="211", ActionType="0",
        OrderId=confirmed["order_id"], ProdSpecCode="003", ProductNo=purchase.number,
        ProductOfferInfo=[{"ProductOfferType": "0", "ProductOfferID": purchase.offer}],
    )  # fmt: skip
    if answer.ResultCode != "0":
        return [f"{purchase.section}: refused: {answer.ResultCode} {answer.ResultDesc}"]
    legs = _settled(lab, gateway, confirmed["order_id"])
    seen = witness(portal, purchase.number)
    click.echo(draw(legs, seen) + "\n")
    problems = missing(legs, seen)
    archived = portal.ledger("archive", order=legs[0]["trace_id"])
    if len(archived) != 1:
        problems.append(f"billing has {len(archived)} archive records instead of one")
    return [f"{purchase.section}: {problem}" for problem in problems]


def _zeep(gateway: LabGateway) -> Any:
    import zeep  # noqa: PLC0415

    url = f"{gateway.config.gateway.public_url}/services/vsop?wsdl"
    connect: Any = zeep.Client  # Zeep publishes no types
    return connect(url, settings=zeep.Settings(strict=True)).service


def _settled(lab: Lab, gateway: LabGateway, order_id: str, seconds: float = 15.0) -> list[dict[str, Any]]:
    """Wait until every leg of an order has ended."""
    own = AdminClient.of(gateway.config)
    others = [AdminClient.of(g.config) for g in lab.gateways]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        begun = own.get(f"orders/{order_id}")
        if begun is not None and begun["run"] in ("ended", "stuck"):
            legs = [leg for other in others for leg in other.get(f"traces/{begun['trace_id']}")]
            if all(leg["run"] in ("ended", "stuck") for leg in legs):
                return legs
        time.sleep(0.05)
    raise CommandFailed(f"order {order_id} did not end within {seconds:.0f} s; see {STATE}/*.log", 1)


def _until_interrupted() -> None:
    sys.stdout.flush()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("stopping")
