"""`vsopgw wsdl usage`: who still calls older versions of the contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.data import TARGET, clients
from gateway.cli.errors import Unreachable


@click.command("usage")
@TARGET
def usage(files: tuple[Path, ...]) -> None:
    """Show each caller of an older version since the gateway began: SystemId, address, calls, when last; exit 3 if none answers.

    The log keeps the same for longer: the event contract.old, once a day for each caller.
    """
    found = unreachable = 0
    for target in clients(files):
        try:
            callers = target.get("older")
        except Unreachable as error:
            click.echo(error.message, err=True)
            unreachable += 1
            continue
        found += 1
        click.echo("\n".join([target.name, *(map(_line, callers) if callers else ["  nobody calls an older version"])]))
    if unreachable and not found:
        raise click.exceptions.Exit(3)


def _line(caller: dict[str, Any]) -> str:
    version = f"{caller['contract']} {caller['version']}"
    who = f"{caller['system'] or 'unknown'} at {caller['peer']}"
    return f"  {version:<12}{who:<32}{caller['calls']:>8} calls, last {caller['last'][:19]} {caller['operation']}"
