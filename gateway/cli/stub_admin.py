"""`vsopgw stub journal|ledger|world|settings|act|reset|openapi`: what a running stub set saw and holds, and how it is to behave."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from gateway.cli.errors import UsageFailed
from gateway.cli.stub_api import OUTPUT, URL, StubApi, show, table, values_of


@click.command()
@click.option("--role", default=None, help="Role that received or sent it, such as xplatform.")
@click.option("--operation", default=None, help="Operation, such as serverAction.")
@click.option("--trace", default=None, help="TraceId of the Routing header.")
@click.option("--streaming-no", default=None, help="StreamingNo, or AuthStreamingNo.")
@click.option("--order", default=None, help="OrderId, also of receipts.")
@click.option("--last", type=click.IntRange(1), default=None, help="Only so many, the newest.")
@URL
@OUTPUT
def journal(api: StubApi, last: int | None, output: str, **asked: str | None) -> None:
    """List the messages that came and went, and what users did, oldest first."""
    answer = api.call("GET", "journal", **asked)
    entries = answer["entries"] if last is None else answer["entries"][-last:]
    show(output, {"entries": entries}, lambda: table([brief(entry) for entry in entries], "no message yet"))


@click.command()
@click.argument("name", required=False)
@click.option("--number", default=None, help="Number of the user.")
@click.option("--order", default=None, help="OrderId.")
@URL
@OUTPUT
def ledger(api: StubApi, name: str | None, number: str | None, order: str | None, output: str) -> None:
    """List the rows of a ledger such as activation, or of all: each is something that was done once."""
    if name is None and (number or order):
        raise UsageFailed("--number and --order belong to one ledger: name it")
    answer = api.call("GET", "ledgers") if name is None else api.call("GET", f"ledger/{name}", number=number, order=order)
    show(output, answer, lambda: table(answer["rows"], "no row"))


@click.command()
@URL
@OUTPUT
def world(api: StubApi, output: str) -> None:
    """Show what the set holds: services and users."""
    answer = api.call("GET", "world")
    show(output, answer, lambda: _lists(answer))


@click.command()
@click.argument("changes", nargs=-1, metavar="[NAME=VALUE]...")
@URL
@OUTPUT
def settings(api: StubApi, changes: tuple[str, ...], output: str) -> None:
    """Show modes and gateway, or change them: xplatform.mode=callback. NAME= takes a mode or the gateway away."""
    body = {name: value or None for name, value in values_of(changes, "NAME=VALUE, such as xplatform.mode=callback").items()}
    answer = api.call("POST", "settings", body) if body else api.call("GET", "settings")
    show(output, answer, lambda: table([{"setting": name, "value": value} for name, value in answer.items()], "none"))


@click.command()
@click.argument("role")
@click.argument("act_name", metavar="ACT")
@click.argument("fields", nargs=-1, metavar="[FIELD=TEXT | FIELD:=JSON]...")
@URL
@OUTPUT
def act(api: StubApi, role: str, act_name: str, fields: tuple[str, ...], output: str) -> None:
    """Do what a user or clerk does: act portal order number=18907910001 offer=115000000000000000101 confirm:=false."""
    body = values_of(fields, "FIELD=TEXT, or FIELD:=JSON for true, false, numbers and lists")
    answer = api.call("POST", f"act/{role}/{act_name}", body)
    show(output, answer, lambda: table([{"field": name, "value": value} for name, value in answer.items()], "done"))


@click.command()
@URL
def reset(api: StubApi) -> None:
    """Forget everything; modes are final again, mappings and faults those of the start."""
    api.call("POST", "reset", {})
    click.echo("reset")


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="File; default: standard output.")
@URL
def openapi(api: StubApi, out: Path | None) -> None:
    """Write the OpenAPI 3.1 document of the admin API."""
    text = json.dumps(api.call("GET", "openapi.json"), ensure_ascii=False, indent=1) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageFailed(f"{out}: cannot be written ({error.strerror})") from None


def brief(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Give a message of the journal as a row: who, what, about whom, and how it was answered."""
    fields, answer = entry["fields"], entry["answer"] or {}
    number = next((fields[name] for name in ("ProductNo", "UserID", "DA", "ObjectID", "number") if fields.get(name)), None)
    said = answer.get("error") or answer.get("ResultCode") or answer.get("status")
    by = entry.get("mapping") and f"mapping {entry['mapping']}"
    faults = entry.get("faults") and f"fault {' '.join(entry['faults'])}"
    return {
        "seq": entry["seq"], "at": entry["at"][11:23], "direction": entry["direction"], "role": entry["role"],
        "operation": entry["operation"], "streaming no": fields.get("StreamingNo"), "order": fields.get("OrderId"), "about": number,
        "answer": said if entry["answer"] is None or said is not None else "yes", "by": by or faults or None,
    }  # fmt: skip


def _lists(answer: Mapping[str, Any]) -> Iterator[str]:
    """Draw each list of an answer as a table of its own."""
    for name, rows in answer.items():
        yield f"{name}:"
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            yield from (f"  {line}" for line in table(rows, "none"))
        else:
            yield f"  {json.dumps(rows, ensure_ascii=False)}"


COMMANDS = (journal, ledger, world, settings, act, reset, openapi)
