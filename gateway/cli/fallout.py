"""`vsopgw fallout list|show|retry|skip|cancel`: orders that are parked for a person; `vsopgw audit list`: what was done by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import msgspec

from gateway.admin.fallout import MOST_LISTED, BulkRetry, Handling
from gateway.cli.admin_client import AdminClient
from gateway.cli.data import TARGET, clients
from gateway.cli.errors import CommandFailed, Unreachable, UsageFailed
from gateway.cli.operator import operator
from gateway.engine.fallout import Act
from gateway.engine.ports import RunState
from gateway.errors import OK, PLATFORM_REFUSED, RESULTS
from gateway.ladders.cases import draw

BULK_SECONDS = 120.0
"""How long one answer of a bulk retry may take."""

OUTPUT = click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
JSON = click.option("--json", "output", flag_value="json", help="The same as -o json.")
WHO = click.option("--who", default=operator, show_default="the user of this system", help="Who acts; the audit log keeps it.")


def _reason(context: click.Context, option: click.Parameter, why: str) -> str:
    """Take a reason that says something; raises UsageFailed."""
    if not why.strip():
        raise UsageFailed("--why is empty: the audit log keeps it")
    return why


WHY = click.option("--why", required=True, callback=_reason, help="Why; the audit log keeps it.")


@click.group()
def fallout() -> None:
    """Orders that are parked: their attempts are used up, or their flow failed. Nothing of them is lost; a person decides."""


@fallout.command("list")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=200, show_default=True, help="Most orders of each gateway.")
@TARGET
@OUTPUT
@JSON
def list_parked(limit: int, files: tuple[Path, ...], output: str) -> None:
    """List what is parked, by cause, the oldest first."""
    found = [(client, rows) for client, rows in _asked(clients(files), lambda client: client.get("fallout", limit=limit))]
    if output == "json":
        _print([{**row, "gateway": client.name} for client, rows in found for row in rows])
        return
    lines = [line for client, rows in found for line in _by_cause(client.name, rows)]
    click.echo("\n".join(lines) or "nothing is parked")
    for client, rows in found:
        more = _parked_count(client) - limit if len(rows) == limit else 0
        if more > 0:
            click.echo(f"{client.name}: {more} more are parked: give a higher --limit")


@fallout.command()
@click.argument("order_id", metavar="ORDER")
@TARGET
@OUTPUT
@JSON
def show(order_id: str, files: tuple[Path, ...], output: str) -> None:
    """Show a parked order, by our id or its caller's: its ladder, why it is parked, and what each act would lead to."""
    client, shown = _parked(clients(files), order_id)
    if output == "json":
        _print({**shown, "gateway": client.name})
        return
    click.echo(draw([shown["leg"]]))
    click.echo(f"parked at {client.name}: {shown['cause']} {_code(shown['code'])}")
    for choice in shown["choices"]:
        click.echo(f"  {choice['act']:<16} {'->' if choice['possible'] else 'no:'} {choice['text']}")


@fallout.command()
@click.argument("order_ids", metavar="[ORDER]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that are parked and fit the filters below; needs --why.")
@click.option("--cause", default="", help="With --all: those whose cause contains this text.")
@click.option("--party", default="", help="With --all: those that were asking this party, such as xplatform:303.")
@click.option("--section", default="", help="With --all: those of this section, such as 4.1.3.")
@WHO
@click.option("--why", default="", help="Why; the audit log keeps it.")
@TARGET
def retry(
    order_ids: tuple[str, ...], every: bool, cause: str, party: str, section: str, who: str, why: str, files: tuple[Path, ...]
) -> None:
    """Let parked orders go on: the step under way is sent again, under its number; exit 1 if one of them could not."""
    if every is bool(order_ids):
        raise UsageFailed("name orders, or give --all")
    if every and not why.strip():
        raise UsageFailed("--all needs --why: the audit log keeps it for each order")
    if not every and (cause or party or section):
        raise UsageFailed("--cause, --party and --section belong to --all")
    if every:
        _retry_all(clients(files), BulkRetry("retry", who, why, cause, party, section))
        return
    _each(clients(files), order_ids, Handling(Act.RETRY, who, why))


@fallout.command()
@click.argument("order_id", metavar="ORDER")
@click.option("--as", "result", type=click.Choice(["done", "refused"]), required=True, help="What the other side did, as you found out.")
@click.option(
    "--code", type=int, default=None, show_default=str(PLATFORM_REFUSED.code), help="With --as refused: the code of the result table."
)
@WHO
@WHY
@TARGET
def skip(order_id: str, result: str, code: int | None, who: str, why: str, files: tuple[Path, ...]) -> None:
    """Decide the step under way by hand: the order goes on as if the other side had answered so."""
    if result == "done" and code is not None:
        raise UsageFailed("--code belongs to --as refused")
    if code == OK.code:
        raise UsageFailed(f"{code} is no refusal: say --as done, or give a code of docs/errors.md")
    decided = OK.code if result == "done" else PLATFORM_REFUSED.code if code is None else code
    _each(clients(files), (order_id,), Handling(Act.SKIP, who, why, decided))


@fallout.command()
@click.argument("order_id", metavar="ORDER")
@click.option("--force", is_flag=True, help="The flow cannot go on: end the order as it is, tell nobody; then reconcile.")
@WHO
@WHY
@TARGET
def cancel(order_id: str, force: bool, who: str, why: str, files: tuple[Path, ...]) -> None:
    """Cancel an order: what a platform may have done is taken back, then the order fails and its channel is told."""
    _each(clients(files), (order_id,), Handling(Act.CANCEL, who, why, force=force))
    if force:
        click.echo("warning: ended by force; its platform may hold what it ordered: reconcile", err=True)


@click.group()
def audit() -> None:
    """The log of what was done by hand; append-only."""


@audit.command("list")
@click.option("--order", "subject", default="", help="Only what was done to this order, application, object or partner, by its id.")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=100, show_default=True, help="Most lines of each gateway.")
@TARGET
@OUTPUT
@JSON
def list_audit(subject: str, limit: int, files: tuple[Path, ...], output: str) -> None:
    """List who did what, when and why, the newest first."""
    asked = _asked(clients(files), lambda client: client.get("audit", subject=subject, limit=limit))
    rows = sorted(({**row, "gateway": client.name} for client, found in asked for row in found), key=lambda r: r["at"], reverse=True)
    if output == "json":
        _print(rows)
        return
    click.echo("\n".join(_audited(row) for row in rows) or "nothing was done by hand")


# ---- asking the gateways -----------------------------------------------------------------------------------------------


def _asked(targets: list[AdminClient], ask: Callable[[AdminClient], Any]) -> list[tuple[AdminClient, Any]]:
    """Ask every gateway; those that give no answer are told, and it is exit 3 if none does."""
    found, unreachable = [], []
    for client in targets:
        try:
            found.append((client, ask(client)))
        except Unreachable as error:
            unreachable.append(error.message)
    if not found:
        raise Unreachable("\n".join(unreachable))
    for line in unreachable:
        click.echo(line, err=True)
    return found


def _parked(targets: list[AdminClient], order_id: str) -> tuple[AdminClient, dict[str, Any]]:
    """Find the one gateway at which an order is parked; exit 1 if there is none, or more than one."""
    asked = _asked(targets, lambda client: client.get(f"fallout/{order_id}"))
    reached = [client for client, _ in asked]
    found = [(client, shown) for client, shown in asked if shown] or _legs(reached, order_id)
    if not found:
        raise CommandFailed(f"no order {order_id} is parked at {', '.join(client.name for client in reached)}", 1)
    if len(found) > 1:
        ids = ", ".join(f"{shown['order']} at {client.name}" for client, shown in found)
        raise CommandFailed(f"several parked orders are called {order_id}: {ids}", 1)
    return found[0]


def _legs(reached: list[AdminClient], order_id: str) -> list[tuple[AdminClient, dict[str, Any]]]:
    """Find the parked legs of an order that itself waits for them: those that another tier carries out."""
    trace = next((found["trace_id"] for client in reached if (found := client.get(f"orders/{order_id}"))), None)
    legs = [(client, leg) for client in reached if trace for leg in client.get(f"traces/{trace}") if leg["run"] == "stuck"]
    shown = [(client, client.get(f"fallout/{leg['order_id']}")) for client, leg in legs]
    return [(client, each) for client, each in shown if each]


def _each(targets: list[AdminClient], order_ids: tuple[str, ...], handling: Handling) -> None:
    """Act on orders one by one; exit 1 if one of them refuses."""
    refused = 0
    for order_id in order_ids:
        try:
            client, shown = _parked(targets, order_id)
            client.post(f"fallout/{shown['order']}", msgspec.json.encode(handling))
            click.echo(f"{client.name}: {shown['order']}: {_ENDED if handling.force else _WORDS[handling.act]}")
        except CommandFailed as failed:
            if isinstance(failed, Unreachable):
                raise
            click.echo(failed.message, err=True)
            refused += 1
    if refused:
        raise click.exceptions.Exit(1)


_WORDS = {
    Act.RETRY: "goes on",
    Act.SKIP: "goes on, the step is decided by hand",
    Act.CANCEL: "is being cancelled: what may have been done is taken back",
}
_ENDED = "ended as it is"


def _retry_all(targets: list[AdminClient], wanted: BulkRetry) -> None:
    """Retry at every gateway all that was parked when it was first asked; says how many, and it is exit 1 if there was none."""
    total = sum(count for _, count in _asked([replace(client, deadline=BULK_SECONDS) for client in targets], lambda c: _bulk(c, wanted)))
    if not total:
        filtered = wanted.cause or wanted.party or wanted.section
        raise CommandFailed(f"no parked order {'fits the filters' if filtered else 'is there to retry'}", 1)
    click.echo(f"{total} retried")


def _bulk(client: AdminClient, wanted: BulkRetry) -> int:
    count, more, before = 0, True, None
    while more:
        body = {**msgspec.to_builtins(wanted), "before": before}
        answer = client.post("fallout", msgspec.json.encode(body))
        count, more, before = count + answer["retried"], answer["more"], answer["before"]
    click.echo(f"{client.name}: {count} retried")
    return count


def _parked_count(client: AdminClient) -> int:
    count: int = client.get("status")["runs"].get(RunState.STUCK, 0)
    return count


# ---- words for people ----------------------------------------------------------------------------------------------------


def _by_cause(gateway: str, rows: list[dict[str, Any]]) -> list[str]:
    counts = Counter(row["cause"] for row in rows)
    lines = []
    for cause, count in counts.most_common():
        lines.append(f"{gateway}: {count} x {cause}")
        lines += [
            f"  {row['order']}  {row['since'][:19]}  {row['section']}  {row['action']} {row['about']}  ({row['channel_order']})"
            for row in rows
            if row["cause"] == cause
        ]
    return lines


def _audited(row: dict[str, Any]) -> str:
    why = f": {row['why']}" if row["why"] else ""
    return f"{row['at'][:19]}  {row['gateway']}  {row['who'] or 'unknown'}  {row['act']}  {row['subject']}  {row['outcome']}{why}"


def _code(code: int) -> str:
    known = RESULTS.get(code)
    return f"[{code}] {known.en}" if known else f"[{code}]"


def _print(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
