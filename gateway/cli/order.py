"""`vsopgw order place|show` and `vsopgw ladder`: send an order as a channel would, and see what became of it."""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.admin_client import AdminClient
from gateway.cli.data import TARGET, clients
from gateway.cli.errors import CommandFailed, Unreachable, UsageFailed
from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.ladders.cases import draw
from gateway.ladders.showing import plain
from gateway.resources import contracts_dir
from gateway.soap.envelope import parse_envelope
from gateway.soap.faults import SOAP11, SoapFault
from gateway.vocabulary import CHINA, write_time

FOLLOW_SECONDS = 1.0
"""Between two looks at an order that is followed."""


@click.group()
def order() -> None:
    """Orders."""


@order.command()
@click.option("--number", required=True, help="The user's number, such as 18907910001.")
@click.option("--offer", "offers", multiple=True, required=True, help="Offer to order; may be repeated.")
@click.option(
    "--type",
    "offer_type",
    type=click.Choice(["0", "1", "2"]),
    default="0",
    show_default=True,
    help="ProductOfferType of the offers.",
)
@click.option("--unsubscribe", is_flag=True, help="End the offers instead of ordering them.")
@click.option(
    "--channel", default="211", show_default=True, help="SystemId of the ordering channel: 211 portal ... 215 WAP hall."
)
@click.option("--spec", default="003", show_default=True, help="ProdSpecCode: 003 mobile, 001 fixed line.")
@click.option(
    "--gateway", default="http://127.0.0.1:7001", show_default=True, help="Base address of the provincial VSOP."
)
def place(
    number: str, offers: tuple[str, ...], offer_type: str, unsubscribe: bool, channel: str, spec: str, gateway: str
) -> None:
    """Send one order by subscribeToVSOP, as a channel does, and print the answer; exit 1 if it is refused."""
    if not gateway.startswith(("http://", "https://")):
        raise UsageFailed(f"--gateway {gateway}: expected an address such as http://127.0.0.1:7001")
    codec = Codec(load_contract(contracts_dir() / "vsop.wsdl"))
    now = datetime.now(CHINA)
    streaming_no = f"{channel}{write_time(now)}{now.microsecond:06d}000"
    request = codec["subscribeToVSOP"](
        StreamingNo=streaming_no, TimeStamp=write_time(now), SystemId=channel, ActionType="1" if unsubscribe else "0",
        OrderId=f"CLI{streaming_no}", ProdSpecCode=spec, ProductNo=number,
        ProductOfferInfo=[codec["OfferInfo"](ProductOfferType=offer_type, ProductOfferID=offer) for offer in offers],
    )  # fmt: skip
    answer = call(f"{gateway}/services/vsop", codec, "subscribeToVSOP", request)
    click.echo(f"{answer.ResultCode} {answer.ResultDesc}")
    for item in answer.ResultInfo:
        click.echo(f"  {item.ProductOfferID}: {item.OPResult} {item.OPDesc}")
    if answer.ResultCode != "0":
        raise click.exceptions.Exit(1)
    click.echo(f"OrderId {request.OrderId} of channel {channel}: see `vsopgw order show {request.OrderId}`")


def call(url: str, codec: Codec, operation: str, request: Message) -> Message:
    """Send one SOAP 1.1 request and wait for its answer; a fault ends the command with its text."""
    described = codec.contract.operations[operation]
    body = (
        f'<s:Envelope xmlns:s="{SOAP11}"{codec.namespace_declarations()}><s:Body>'
        f"{codec.by_element[described.request].encode(request)}</s:Body></s:Envelope>"
    )
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{described.action}"'}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers), timeout=15) as answer:
            envelope = parse_envelope(answer.read(), None, frozenset())
    except urllib.error.HTTPError as error:
        raise CommandFailed(_fault(error.read()) or f"{url}: HTTP {error.code}", 1) from None
    except (OSError, SoapFault) as error:
        raise Unreachable(f"no answer from {url} ({getattr(error, 'reason', error)})") from None
    return codec.by_element[described.response].decode(envelope.body)


def _fault(body: bytes) -> str:
    try:
        fault = parse_envelope(body, None, frozenset()).body
    except SoapFault:
        return ""
    return fault.findtext("faultstring") or ""


@order.command()
@click.argument("order_id")
@TARGET
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
def show(order_id: str, files: tuple[Path, ...], output: str) -> None:
    """Show an order, by our id or by the channel's OrderId, with every leg at every tier."""
    legs = find_legs(clients(files), order_id)
    click.echo(json.dumps(legs, ensure_ascii=False, indent=2) if output == "json" else draw(legs))


@click.command()
@click.argument("order_id")
@click.option("--follow", is_flag=True, help="Draw it anew at each change, until the order ends.")
@TARGET
def ladder(order_id: str, follow: bool, files: tuple[Path, ...]) -> None:
    """Draw the ladder of an order: who told whom what, at both tiers, under the seed's step numbers."""
    targets, shown = clients(files), ""
    while True:
        legs = find_legs(targets, order_id)
        drawn = draw(legs)
        if drawn != shown:
            if shown and sys.stdout.isatty():
                click.clear()
            click.echo(plain(drawn) if sys.stdout.isatty() else drawn)
            shown = drawn
        if not follow or all(leg["run"] == "ended" for leg in legs):
            return
        time.sleep(FOLLOW_SECONDS)


@click.command()
@click.argument("text")
@TARGET
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
def find(text: str, files: tuple[Path, ...], output: str) -> None:
    """Find orders by number, StreamingNo or any id, and products, offers and partners by id or name; exit 1 if there is nothing."""
    found, away = [], []
    for target in clients(files):
        try:
            found.append((target.name, target.get("find", q=text)))
        except Unreachable as error:
            away.append(error.message)
    for line in away:
        click.echo(line, err=True)
    if not found:
        raise Unreachable("nobody answered")
    if output == "json":
        click.echo(json.dumps([{"gateway": name, **told} for name, told in found], ensure_ascii=False, indent=2))
    else:
        click.echo("".join(f"{plain(line)}\n" for name, told in found for line in _found_lines(name, told)), nl=False)
    if not any(told["orders"] or told["objects"] or told["partners"] for _, told in found):
        raise CommandFailed(f"nothing of {text[:60]} at {', '.join(name for name, _ in found)}", 1)


def _found_lines(name: str, told: dict[str, Any]) -> list[str]:
    orders = [
        f"{order['at'][:19]}  {order['order']}  {order['section']}  {order['action']}  {order['about']}  {order['state']}"
        f"{_code(order['code'])}  {name}"
        for order in told["orders"]
    ]
    objects = [f"{held['kind']} {held['id']}  {held['name_zh']} / {held['name_en']}  {held['status']}  {name}" for held in told["objects"]]
    return [*orders, *objects, *(f"partner {partner}  {name}" for partner in told["partners"])]


def _code(code: int) -> str:
    return f" [{code}]" if code else ""


def find_legs(targets: list[AdminClient], order_id: str) -> list[dict[str, Any]]:
    """Ask every tier for its legs of an order and join them; exit 1 if nobody knows it, 3 if nobody answers."""
    unreachable: list[str] = []
    trace = None
    reached: list[AdminClient] = []
    for target in targets:
        try:
            found = target.get(f"orders/{order_id}")
        except Unreachable as error:
            unreachable.append(error.message)
            continue
        reached.append(target)
        trace = trace or (found and found["trace_id"])
    if not reached:
        raise Unreachable("\n".join(unreachable))
    if trace is None:
        raise CommandFailed(f"no order {order_id} at {', '.join(t.name for t in reached)}", 1)
    for line in unreachable:
        click.echo(line, err=True)
    return [leg for target in reached for leg in target.get(f"traces/{trace}")]
