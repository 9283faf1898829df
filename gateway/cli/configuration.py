"""`vsopgw config`: check a configuration file."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.access.partner import Kind
from gateway.access.reading import read_partners
from gateway.cli.errors import UsageFailed
from gateway.cli.serve import SET, load
from gateway.config import Config, ConfigMistakes


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
    callers = check_partners(loaded)
    click.echo(
        f"{file}: good. {gateway.name}: {gateway.tier} {gateway.province}, {len(loaded.partners)} partners, {gateway.public_url}{callers}"
    )


def check_partners(loaded: Config) -> str:
    """Read the file of partners, or end with all its mistakes and exit 2; says how many may call, where there is one."""
    access, gateway = loaded.access, loaded.gateway
    if not access.partners:
        return ""
    names = {"province": gateway.province, "tier": str(gateway.tier), "name": gateway.name}
    try:
        found = read_partners(Path(access.partners), names, frozenset(Kind))
    except ConfigMistakes as mistakes:
        raise UsageFailed(str(mistakes)) from None
    return f", {len(found.all)} may call"
