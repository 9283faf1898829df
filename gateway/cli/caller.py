"""`vsopgw partner show|suspend|resume|isolate|limit|rotate|reset`: who may call, changed while the gateway runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import msgspec

from gateway.access.partner import Connections, Day, Mode, Rate
from gateway.admin.callers import LONGEST_OVERLAP, Change
from gateway.cli.admin_client import AdminClient
from gateway.cli.data import TARGET, clients
from gateway.cli.errors import CommandFailed, Unreachable, UsageFailed
from gateway.cli.fallout import WHO, WHY
from gateway.cli.partner import STATES, counted

NAME = click.argument("name", metavar="NAME")
MODE = click.option("--mode", type=click.Choice([str(mode) for mode in Mode]), default=None,
                    help="report: what is above is let in, counted and noted; enforce: it is refused. [default: as it is, else enforce]",
                    )  # fmt: skip


@click.command()
@NAME
@TARGET
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(name: str, files: tuple[Path, ...], as_json: bool) -> None:
    """Show a partner that may call: what it may, how much of it it uses, and what was changed by hand."""
    for target, view in _found(clients(files), name):
        click.echo(json.dumps({**view, "gateway": target.name}, ensure_ascii=False) if as_json else "\n".join(_drawn(target.name, view)))


@click.command()
@NAME
@WHO
@WHY
@TARGET
def suspend(name: str, who: str, why: str, files: tuple[Path, ...]) -> None:
    """Refuse a partner's messages with code 2013, until it is resumed; calls to it go on."""
    _change(files, name, Change("suspend", who, why))


@click.command()
@NAME
@WHO
@WHY
@TARGET
def resume(name: str, who: str, why: str, files: tuple[Path, ...]) -> None:
    """Serve a partner again."""
    _change(files, name, Change("resume", who, why))


@click.command()
@NAME
@WHO
@WHY
@TARGET
def isolate(name: str, who: str, why: str, files: tuple[Path, ...]) -> None:
    """Refuse a partner as a stranger, and do not call it either: its orders wait, and none of their attempts is used up."""
    _change(files, name, Change("isolate", who, why))


@click.command()
@NAME
@click.option("--rate", type=float, default=None, help="Messages a second in the long run.")
@click.option("--burst", type=int, default=None, help="Messages at once; with --rate. [default: as it is, else twice the rate]")
@click.option("--day", type=int, default=None, help="Messages a day.")
@click.option("--connections", type=int, default=None, help="Connections at a time.")
@MODE
@WHO
@WHY
@TARGET
def limit(
    name: str, rate: float | None, burst: int | None, day: int | None, connections: int | None, mode: str | None, who: str, why: str,
    files: tuple[Path, ...],
) -> None:  # fmt: skip
    """Give a partner another quota; what is not named stays as it is."""
    if rate is None and day is None and connections is None:
        raise UsageFailed("give --rate, --day or --connections")
    if burst is not None and rate is None:
        raise UsageFailed("--burst belongs to --rate")
    for target, view in _found(clients(files), name):
        was, was_day = view["rate"] or {}, view["day"] or {}
        change = Change("limit", who, why)
        if rate is not None:
            change.rate = Rate(rate, burst or was.get("burst") or max(1, round(2 * rate)), Mode(mode or was.get("mode", Mode.ENFORCE)))
        if day is not None:
            change.day = Day(day, Mode(mode or was_day.get("mode", Mode.ENFORCE)))
        if connections is not None:
            was_mode = (view["connections"] or {}).get("mode", Mode.ENFORCE)
            change.connections = Connections(connections, Mode(mode or was_mode))
        _post(target, name, change)


@click.command()
@NAME
@click.option("--file", "secret", required=True,
              help="File of the new password on the gateway's machine, relative to the file of partners.")  # fmt: skip
@click.option("--overlap-hours", type=click.FloatRange(0, LONGEST_OVERLAP / 3600), default=24.0, show_default=True,
              help="How long the former password is good as well.")  # fmt: skip
@WHO
@WHY
@TARGET
def rotate(name: str, secret: str, overlap_hours: float, who: str, why: str, files: tuple[Path, ...]) -> None:
    """Give a partner a new password; the former one stays good for a while, so that no message is refused meanwhile."""
    _change(files, name, Change("rotate", who, why, file=secret, overlap=overlap_hours * 3600))


@click.command()
@NAME
@WHO
@WHY
@TARGET
def reset(name: str, who: str, why: str, files: tuple[Path, ...]) -> None:
    """Take back all that was changed by hand: what the file of partners says holds again."""
    _change(files, name, Change("reset", who, why))


ACTS = (show, suspend, resume, isolate, limit, rotate, reset)
"""The commands of the group `vsopgw partner`."""


def _change(files: tuple[Path, ...], name: str, change: Change) -> None:
    """Change a partner at every gateway that has it; exit 1 if none has, 3 if one that may have it does not answer."""
    for target, _ in _found(clients(files), name):
        _post(target, name, change)


def _post(target: AdminClient, name: str, change: Change) -> None:
    click.echo("\n".join(_drawn(target.name, target.post(f"callers/{name}", msgspec.json.encode(change)))))


def _found(targets: list[AdminClient], name: str) -> list[tuple[AdminClient, dict[str, Any]]]:
    unreachable: list[str] = []
    found = []
    for target in targets:
        try:
            view = target.get(f"callers/{name}")
        except Unreachable as error:
            unreachable.append(error.message)
            continue
        if view:
            found.append((target, view))
    if unreachable:
        raise Unreachable("\n".join(unreachable))
    if not found:
        raise CommandFailed(f"no partner {name} may call there: see the file that access.partners names", 1)
    return found


def _drawn(gateway: str, view: dict[str, Any]) -> list[str]:
    provinces, networks = _or_all(view["provinces"]), _or_all(view["networks"] or None)
    lines = [
        f"{gateway} {view['name']}: {STATES[view['state']]}",
        f"  systems {' '.join(view['systems'])}, shows {' + '.join(view['authentication'])}"
        + (", a gateway" if view["gateway"] else ""),
        f"  may call {' '.join(view['operations']) or 'nothing'}, for provinces {provinces}, from {networks}",
        f"  today {counted(view)} messages, {view['above']} above a quota since the start",
    ]
    rate, day = view["rate"], view["day"]
    if rate:
        lines.append(f"  rate {rate['per_second']:g}/s, burst {rate['burst']}, {rate['mode']}")
    if day:
        lines.append(f"  day {day['requests']}, {day['mode']}")
    if view["connections"]:
        lines.append(f"  connections {view['connections']['most']}, {view['connections']['mode']}; open now {view['open']}")
    lines += [f"  changed by hand: {what} {value}" for what, value in sorted(view["changed"].items())]
    return lines


def _or_all(values: list[str] | None) -> str:
    return "all" if values is None else " ".join(values) or "none"
