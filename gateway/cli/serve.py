"""`vsopgw serve`: run one gateway until a signal."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from gateway.cli.errors import UsageFailed
from gateway.config import Config, ConfigMistakes, load_config
from gateway.runtime import reactor as reactors


def parse_set(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, object]:
    """Read --set section.key=value."""
    overrides: dict[str, object] = {}
    for value in values:
        key, sign, text = value.partition("=")
        if not sign or "." not in key:
            raise click.BadParameter(f"{value!r} is not section.key=value")
        overrides[key] = text
    return overrides


def load(file: Path, overrides: dict[str, object]) -> Config:
    """Read a configuration, or end with all its mistakes and exit 2."""
    try:
        return load_config(file, os.environ, overrides)
    except ConfigMistakes as mistakes:
        raise UsageFailed(str(mistakes)) from None


CONFIG = click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    required=True,
    help="Configuration file, such as etc/provincial.toml.",
)
SET = click.option(
    "--set",
    "overrides",
    multiple=True,
    callback=parse_set,
    metavar="SECTION.KEY=VALUE",
    help="Override one value; may be repeated.",
)


@click.command()
@CONFIG
@SET
def serve(file: Path, overrides: dict[str, object]) -> None:
    """Run a gateway: one tier, one province or the group. Prints one JSON line when it is ready; drains on SIGTERM."""
    config = load(file, overrides)
    reactor = reactors.install()  # before anything imports twisted.internet.reactor

    from twisted.internet.error import CannotListenError  # noqa: PLC0415

    from gateway.app import compose  # noqa: PLC0415
    from gateway.contract import ContractError  # noqa: PLC0415
    from gateway.runtime.node import run_until_stopped  # noqa: PLC0415
    from gateway.store.errors import StoreUnusable  # noqa: PLC0415
    from gateway.telemetry import Telemetry, capture_twisted_logs  # noqa: PLC0415

    events = Telemetry(config.log, sys.stderr)
    capture_twisted_logs(events)

    def announce(port: int, admin_port: int) -> None:
        line = {"ready": True, "name": config.gateway.name, "port": port, "admin_port": admin_port, "pid": os.getpid()}
        click.echo(json.dumps(line))
        sys.stdout.flush()

    try:
        run_until_stopped(reactor, compose(config, reactor, events), announce)
    except CannotListenError as error:
        raise UsageFailed(
            f"{config.gateway.name}: port {error.port} on {error.interface or '*'} is in use by another process"
        ) from None
    except (ContractError, StoreUnusable) as error:
        raise UsageFailed(str(error)) from None
