"""`vsopgw health`: does a gateway of this machine answer, with its store? For people, container health checks and monitoring."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import click

from gateway.cli.admin_client import AdminClient
from gateway.cli.errors import Unreachable
from gateway.cli.serve import load

_PAUSE = 0.2
"""Seconds between two questions."""


@click.command()
@click.option(
    "-c", "--config", "files", multiple=True, required=True, type=click.Path(path_type=Path),
    help="Configuration of a running gateway; may be repeated.",
)  # fmt: skip
@click.option("--deadline", type=click.FloatRange(0.1, 60), default=5.0, show_default=True, help="Seconds for each answer.")
@click.option("--wait", type=click.FloatRange(0, 3600), default=0.0, help="Seconds to wait for gateways that are starting.")
def health(files: tuple[Path, ...], deadline: float, wait: float) -> None:
    """Say of each gateway whether it answers and reaches its store; exit 3 if one does not.

    It asks on the admin port, so it needs neither certificate nor entry in the file of partners.
    """
    clients = [replace(AdminClient.of(load(file, {})), deadline=deadline) for file in files]
    until = time.monotonic() + wait
    failed = []
    for client in clients:
        try:
            click.echo(_asked(client, until))
        except Unreachable as error:
            failed.append(error.message)
    if failed:
        raise Unreachable("\n".join(failed))


def _asked(client: AdminClient, until: float) -> str:
    """Ask, again and again until then; raises Unreachable."""
    while True:
        try:
            status = client.get("status")
        except Unreachable:
            if time.monotonic() + _PAUSE > until:
                raise
            time.sleep(_PAUSE)
            continue
        runs = ", ".join(f"{count} {state}" for state, count in sorted(status["runs"].items()) if count) or "no orders"
        return f"{status['name']}: good. {runs}"
