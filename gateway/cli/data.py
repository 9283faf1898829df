"""`vsopgw catalogue load` and `vsopgw subscribers load`: files of the lab or of an operator, into running gateways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from gateway.admin.api import SubscribersUpload
from gateway.cli.admin_client import AdminClient
from gateway.cli.datafiles import DataMistakes, read_catalogue, read_subscribers
from gateway.cli.errors import Unreachable, UsageFailed
from gateway.cli.lab import default_lab, load_lab
from gateway.cli.operator import operator
from gateway.cli.serve import load

TARGET = click.option(
    "-c", "--config", "files", multiple=True, type=click.Path(path_type=Path),
    help="Configuration of a running gateway; may be repeated. Default: the gateways of the lab.",
)  # fmt: skip


def clients(files: tuple[Path, ...]) -> list[AdminClient]:
    """The gateways that a command speaks to."""
    configs = [load(file, {}) for file in files] or [g.config for g in load_lab(default_lab()).gateways]
    return [AdminClient.of(config) for config in configs]


def upload(targets: list[AdminClient], path: str, read: Callable[[Path], Any], file: Path) -> list[str]:
    """Read a file and send it to every gateway, with who loads it; gives a line for each."""
    try:
        given = read(file)
        given = SubscribersUpload(given) if isinstance(given, list) else given
        given.who = operator()
        body = msgspec.json.encode(given)
    except DataMistakes as mistakes:
        raise UsageFailed(str(mistakes)) from None
    lines: list[str] = []
    unreachable: list[str] = []
    for target in targets:
        try:
            counts = target.post(path, body)
        except Unreachable as error:
            unreachable.append(error.message)
            continue
        lines.append(f"{target.name}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    if unreachable:
        raise Unreachable("\n".join([*lines, *unreachable]))
    return lines


@click.group()
def catalogue() -> None:
    """Products and offers."""


@catalogue.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@TARGET
def load_catalogue(file: Path, files: tuple[Path, ...]) -> None:
    """Add or replace the products and offers of FILE (TOML) in running gateways."""
    click.echo("\n".join(upload(clients(files), "catalogue", read_catalogue, file)))


@click.group()
def subscribers() -> None:
    """Subscribers."""


@subscribers.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@TARGET
def load_subscribers(file: Path, files: tuple[Path, ...]) -> None:
    """Add or replace the subscribers of FILE (TOML) in running gateways."""
    click.echo("\n".join(upload(clients(files), "subscribers", read_subscribers, file)))
