"""`vsopgw config`: begin with the shipped configuration files, check one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.access.partner import Kind
from gateway.access.reading import read_partners
from gateway.cli.errors import UsageFailed
from gateway.cli.serve import SET, load
from gateway.config import Config, ConfigMistakes
from gateway.resources import etc_dir


@click.group()
def config() -> None:
    """Configuration files."""


@config.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--lab", is_flag=True, help="The files of the lab too: stubs, products, users.")
@click.option("--state", default=None, metavar="DIR", help="Where gateways keep their state, each in a directory of its name.")
def init(directory: Path, lab: bool, state: str | None) -> None:
    """Write the shipped configuration files into DIRECTORY, to be made one's own; nothing that is there is touched."""
    found = sorted(path for path in etc_dir().rglob("*.toml") if lab or (path.parent == etc_dir() and path.name != "lab.toml"))
    files = {directory / path.relative_to(etc_dir()): path for path in found}
    there = [str(target) for target in files if target.exists()]
    if there:
        raise UsageFailed("\n".join(f"{path} is there already" for path in there))
    try:
        for target, path in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            if state is not None:
                text = text.replace("[gateway]\n", f"[gateway]\nstate_dir = {json.dumps(f'{state}/{{name}}')}\n", 1)
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageFailed(f"{error.filename}: {error.strerror}") from None
    click.echo("\n".join(str(target) for target in files))


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
@SET
def check(file: Path, overrides: dict[str, object]) -> None:
    """Read FILE and name every mistake with its file and line; exit 2 if there is one. Says when certificates of ours expire."""
    loaded = load(file, overrides)
    gateway = loaded.gateway
    callers = check_partners(loaded)
    certificates = check_certificates(loaded)
    click.echo(
        f"{file}: good. {gateway.name}: {gateway.tier} {gateway.province}, {len(loaded.partners)} partners, {gateway.public_url}{callers}"
    )
    for line in certificates:
        click.echo(line)


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


def check_certificates(loaded: Config) -> list[str]:
    """Open every file of TLS and of credentials, or end with what is wrong with the first and exit 2; says when certificates expire."""
    from gateway.runtime.tls import Tls  # noqa: PLC0415  with Twisted, which the other commands of this group do without
    from gateway.soap.tls_files import TlsUnusable  # noqa: PLC0415

    now = datetime.now(UTC)
    try:
        tls = Tls(loaded, now=lambda: now, events=_untold, secret=bytes)
        for address, partner in loaded.partners.items():
            tls.calling(partner)
            tls.seal(str(address), partner)
        ends = tls.own_certificates()
    except TlsUnusable as error:
        raise UsageFailed(str(error)) from None
    return [f"{file}: expires on {end:%Y-%m-%d}, in {(end - now).days} days" for file, end in ends.items()]


def _untold(event: str, /, **fields: object) -> None:
    """Nothing happens to certificates that are only looked at."""
