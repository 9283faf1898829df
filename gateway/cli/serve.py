"""`vsopgw serve`: run one gateway until a signal."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import click

from gateway.admin.token import make_token
from gateway.cli.errors import UsageFailed
from gateway.cli.ready import tell_ready
from gateway.cli.workers import Supervisor, Worker, command, reserve, watch_parent
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
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that share the port and the orders.")
@click.option("--worker", is_flag=True, hidden=True, help="One of them.")
def serve(file: Path, overrides: dict[str, object], workers: int, worker: bool) -> None:
    """Run a gateway: one tier, one province or the group. Prints one JSON line when it is ready; drains on SIGTERM.

    With --workers it runs as several processes on one port; they need store.kind postgres, since a SQLite file has one owner.
    """
    config = load(file, overrides)
    if workers > 1:
        sys.exit(_supervise(file, overrides, config, workers))
    _run(config, worker=worker)


def _supervise(file: Path, overrides: dict[str, object], config: Config, count: int) -> int:
    if config.store.kind != "postgres":
        raise UsageFailed(f"--workers needs store.kind = postgres: a {config.store.kind} store has one process")
    gateway, admin = config.gateway, config.admin
    try:
        held = reserve(gateway.host, gateway.port), reserve(admin.host, admin.port)
    except OSError as error:
        raise UsageFailed(f"{gateway.name}: port {gateway.port} or {admin.port}: {error.strerror}") from None
    port, admin_port = (each.getsockname()[1] for each in held)
    make_token(admin.token_file)  # before several of them would
    fixed = {
        **overrides, "gateway.state_dir": gateway.state_dir, "gateway.port": port, "gateway.public_url": gateway.public_url,
        "admin.port": admin_port, "admin.token_file": admin.token_file, "access.share": config.access.share / count,
    }  # fmt: skip
    if not gateway.port:
        fixed["gateway.public_url"] = f"{'https' if config.tls.certificate else 'http'}://{gateway.host}:{port}"

    def arguments(name: str) -> list[str]:
        settings = {**fixed, "gateway.name": name}
        return ["-c", str(file), *(item for key, value in settings.items() for item in ("--set", f"{key}={value}"))]

    names = [f"{gateway.name}-{number}" for number in range(1, count + 1)]
    team = Supervisor([Worker(name, command(arguments(name))) for name in names], _to_log)

    def announce(pids: list[int]) -> None:
        line = {"ready": True, "name": gateway.name, "port": port, "admin_port": admin_port, "pid": os.getpid(), "workers": pids}
        tell_ready(line, os.environ)

    try:
        return team.run(announce)
    finally:
        for each in held:
            each.close()


def _to_log(what: dict[str, object]) -> None:
    click.echo(json.dumps(what), err=True)


def _run(config: Config, *, worker: bool) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP))  # a supervisor blocks them
    reactor = reactors.install()  # before anything imports twisted.internet.reactor

    from twisted.internet.error import CannotListenError  # noqa: PLC0415

    from gateway.app import compose  # noqa: PLC0415
    from gateway.contract import ContractError  # noqa: PLC0415
    from gateway.runtime.node import run_until_stopped  # noqa: PLC0415
    from gateway.soap.tls_files import TlsUnusable  # noqa: PLC0415
    from gateway.store.errors import StoreUnusable  # noqa: PLC0415
    from gateway.telemetry import Telemetry, capture_twisted_logs  # noqa: PLC0415

    events = Telemetry(config.log, sys.stderr)
    capture_twisted_logs(events)

    def announce(port: int, admin_port: int) -> None:
        line = {"ready": True, "name": config.gateway.name, "port": port, "admin_port": admin_port, "pid": os.getpid()}
        tell_ready(line, os.environ)
        if os.geteuid() == 0:  # only now: what keeps it from starting is told in one line
            events("gateway.privileged", name=config.gateway.name)

    try:
        node = compose(config, reactor, events)
        if worker:
            node.share_ports()
            watch_parent(reactor)
        signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(node.reload))
        run_until_stopped(reactor, node, announce)
    except CannotListenError as error:
        raise UsageFailed(
            f"{config.gateway.name}: port {error.port} on {error.interface or '*'} is in use by another process"
        ) from None
    except (ConfigMistakes, ContractError, StoreUnusable, TlsUnusable) as error:
        raise UsageFailed(str(error)) from None
