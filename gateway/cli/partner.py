"""`vsopgw partner list`: how each gateway gets on with those it calls, and who may call it. The acts are in caller.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from gateway.cli.data import TARGET, clients
from gateway.cli.errors import Unreachable

STATES = {"running": "running 正常", "suspended": "SUSPENDED 暂停", "isolated": "ISOLATED 隔离"}
POSITIONS = {"closed": "ok", "open": "OPEN 熔断", "probing": "probing 试探"}


@click.group()
def partner() -> None:
    """Partners: those that are called, with their breakers, and those that may call."""


@partner.command("list")
@TARGET
def list_partners(files: tuple[Path, ...]) -> None:
    """Show each partner with what is under way, and each operation whose breaker is not closed; exit 3 if no gateway answers."""
    found = unreachable = 0
    for target in clients(files):
        try:
            partners, callers = target.get("partners"), target.get("callers")
        except Unreachable as error:
            click.echo(error.message, err=True)
            unreachable += 1
            continue
        found += 1
        click.echo("\n".join([target.name, *(line for each in partners for line in draw(each)), *map(draw_caller, callers or ())]))
    if unreachable and not found:
        raise click.exceptions.Exit(3)


def counted(view: dict[str, Any]) -> str:
    """Tell how many messages of a partner were let in today; they are counted only against a quota."""
    return str(view["today"]) if view["rate"] or view["day"] else "(no quota, not counted)"


def draw_caller(view: dict[str, Any]) -> str:
    """Write a partner that may call as one line."""
    shows = "+".join(view["authentication"])
    return f"  <- {view['name']:<13}{' '.join(view['systems'])[:23]:<24}{STATES[view['state']]:<22}{shows}, today {counted(view)}"


def draw(view: dict[str, Any]) -> list[str]:
    """Write a partner as one line, and one more for each operation that is not called as usual."""
    troubled = [each for each in view["operations"] if each["breaker"] != "closed"]
    state = "unused" if not view["operations"] else "ok" if not troubled else "TROUBLE 故障"
    lines = [f"  {view['party']:<16}{urlsplit(view['url']).netloc:<24}{state:<12}calls {view['open_calls']}"]
    for each in troubled:
        rest = f", next call in {each['seconds']:g} s" if each["seconds"] else ""
        lines.append(f"    {each['operation']}: {POSITIONS[each['breaker']]}{rest}")
    return lines
