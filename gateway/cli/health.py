"""`vsopgw health`: does a gateway of this machine answer, with its store? For people, container health checks and monitoring."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from gateway.cli.admin_client import AdminClient
from gateway.cli.errors import Unreachable
from gateway.cli.serve import load


@click.command()
@click.option(
    "-c", "--config", "files", multiple=True, required=True, type=click.Path(path_type=Path),
    help="Configuration of a running gateway; may be repeated.",
)  # fmt: skip
@click.option("--deadline", type=click.FloatRange(0.1, 60), default=5.0, show_default=True, help="Seconds for each answer.")
def health(files: tuple[Path, ...], deadline: float) -> None:
    """Say of each gateway whether it answers and reaches its store; exit 3 if one does not.

    It asks on the admin port, so it needs neither certificate nor entry in the file of partners.
    """
    failed = []
    for file in files:
        client = replace(AdminClient.of(load(file, {})), deadline=deadline)
        try:
            status = client.get("status")
        except Unreachable as error:
            failed.append(error.message)
            continue
        runs = ", ".join(f"{count} {state}" for state, count in sorted(status["runs"].items()) if count) or "no orders"
        click.echo(f"{status['name']}: good. {runs}")
    if failed:
        raise Unreachable("\n".join(failed))
