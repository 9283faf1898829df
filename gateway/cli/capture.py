"""`vsopgw capture start|stop|status`: record what passes running gateways; `capture mask`: pseudonyms for files that go with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gateway.capture.masking import Fields, Masking
from gateway.capture.pseudonyms import Pseudonyms
from gateway.cli.admin_client import AdminClient
from gateway.cli.data import TARGET, clients
from gateway.cli.errors import Unreachable, UsageFailed
from gateway.cli.operator import operator
from gateway.runtime.capturing import read_key

WHY = click.option("--why", required=True, help="The reason, for the audit log.")


@click.group()
def capture() -> None:
    """Record what passes a gateway, masked, for `vsopgw replay`."""


@capture.command()
@TARGET
@WHY
@click.option("--contract", "contracts", multiple=True, help="Only exchanges of this contract; may be repeated.")
@click.option("--partner", "partners", multiple=True, help="Only with this SystemId or partner's name; may be repeated.")
@click.option("--number", "numbers", multiple=True, help="Only about this subscriber; may be repeated.")
def start(files: tuple[Path, ...], why: str, contracts: tuple[str, ...], partners: tuple[str, ...], numbers: tuple[str, ...]) -> None:
    """Begin to record, until `capture stop` or the end of the process."""
    chosen = {"contracts": list(contracts), "partners": list(partners), "numbers": list(numbers)}
    _each(clients(files), {"act": "start", "who": operator(), "why": why, **chosen})


@capture.command()
@TARGET
@WHY
def stop(files: tuple[Path, ...], why: str) -> None:
    """End it; all that has passed is in the file then."""
    _each(clients(files), {"act": "stop", "who": operator(), "why": why})


@capture.command()
@TARGET
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def status(files: tuple[Path, ...], output: str) -> None:
    """Show what is recorded, where, and how much of it was lost; exit 3 if no gateway answers."""
    _each(clients(files), None, output)


@capture.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--key", type=click.Path(path_type=Path), required=True, help="The key file of the capture: capture.key_file.")
def mask(source: Path, target: Path, key: Path) -> None:
    """Write SOURCE to TARGET with the pseudonyms of a capture: subscribers, ported numbers, whatever a replay's target needs to know."""
    try:
        masking = Masking(Pseudonyms(read_key(key)), Fields())
        text = source.read_text(encoding="utf-8")
        target.write_text(masking.text(text), encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageFailed(f"{source}: is not UTF-8") from None
    except ValueError as error:
        raise UsageFailed(str(error)) from None
    except OSError as error:
        raise UsageFailed(f"{error.filename}: {error.strerror}") from None
    click.echo(f"{target}: written with the pseudonyms of key {masking.pseudonyms.mark}")


def _each(targets: list[AdminClient], act: dict[str, object] | None, output: str = "table") -> None:
    """Act on all gateways, or ask them; each tells how its capture stands."""
    unreachable = []
    for target in targets:
        try:
            shown = target.get("capture") if act is None else target.post("capture", json.dumps(act).encode())
        except Unreachable as error:
            unreachable.append(error.message)
            continue
        click.echo(json.dumps({"gateway": target.name, **shown}) if output == "json" else _drawn(target.name, shown))
    if unreachable:
        raise Unreachable("\n".join(unreachable))


def _drawn(name: str, shown: dict[str, Any]) -> str:
    state = "recording 正在抓包" if shown["running"] else "off 未抓包"
    lines = [f"{name}: {state}"]
    if shown["file"]:
        masked = "masked" if shown["masked"] else "NOT MASKED"
        lines.append(f"  {shown['file']}  since {shown['since']}  {masked}  {shown['written']} written, {shown['lost']} lost")
    if shown["failure"]:
        lines.append(f"  ended by itself: {shown['failure']}")
    named = [f"{what} {', '.join(shown[what])}" for what in ("contracts", "partners") if shown[what]]
    named += [f"{shown['numbers']} numbers"] if shown["numbers"] else []
    return "\n".join([*lines, *([f"  only {'; '.join(named)}"] if named else [])])
