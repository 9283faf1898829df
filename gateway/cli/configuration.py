"""`vsopgw config`: check a configuration file."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.serve import SET, load


@click.group()
def config() -> None:
    """Configuration files."""


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
@SET
def check(file: Path, overrides: dict[str, object]) -> None:
    """Read FILE and name every mistake with its file and line; exit 2 if there is one."""
    loaded = load(file, overrides)
    gateway = loaded.gateway
    click.echo(
        f"{file}: good. {gateway.name}: {gateway.tier} {gateway.province}, {len(loaded.partners)} partners, {gateway.public_url}"
    )
