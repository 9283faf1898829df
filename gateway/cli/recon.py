"""`vsopgw recon run|apply|export`: compares VSOP with another system (对账), repairs what was planned, writes VSOP's own files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from gateway.cli.admin_client import AdminClient
from gateway.cli.errors import CommandFailed, Unreachable, UsageFailed
from gateway.cli.lab import default_lab, load_lab
from gateway.cli.recon_apply import Applied, Applying, read_plan, write_plan, write_private
from gateway.cli.recon_export import export_files
from gateway.cli.recon_report import as_json, table
from gateway.cli.recon_run import Asked, reconcile
from gateway.cli.recon_sides import Gateway
from gateway.cli.serve import load
from gateway.domain.party import NATIONAL
from gateway.recon.files import Period
from gateway.recon.holdings import Right
from gateway.recon.planning import Trust
from gateway.vocabulary import CHINA

CONFIG = click.option(
    "-c", "--config", "file", type=click.Path(path_type=Path), default=None,
    help="Configuration of the running gateway. Default: the first province of the lab.",
)  # fmt: skip
DATE = click.option("--date", "date", required=True, help="The day, such as 2026-11-23; with --full its month.")
WAIT = click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for the orders of a round.")


@click.group()
def recon() -> None:
    """Reconciliation (对账) with platforms, billing, OCS and the group."""


@recon.command()
@DATE
@click.option("--left", type=click.Choice(["vsop"]), default="vsop", show_default=True, help="Whose relations are judged.")
@click.option(
    "--right", required=True, metavar="SYSTEM", help="xplatform, ismp, ocs, billing or group; or one of a kind, such as xplatform:303."
)
@click.option("--full", is_flag=True, help="Compare everything that stands, not the changes of the day alone.")
@click.option("--files", type=click.Path(path_type=Path), default=None, help="Directory of its files; needed where it has no query.")
@click.option("--trust", type=click.Choice([str(t) for t in Trust]), default="owner", show_default=True, help="Whose word goes.")
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), default=None, help="Write the plan here, for `recon apply`.")
@click.option("--report", type=click.Path(path_type=Path), default=None, help="Write the report here, as JSON with whole numbers.")
@click.option("--json", "as_text", is_flag=True, help="Print JSON instead of the table.")
@click.option("--apply", "applies", is_flag=True, help="Carry the plan out at once; needs --by and --why.")
@click.option("--by", default="", help="Who has it applied.")
@click.option("--why", default="", help="Why.")
@WAIT
@click.option("--group", "group_file", type=click.Path(path_type=Path), default=None, help="Configuration of the group's gateway.")
@CONFIG
def run(
    date: str, left: str, right: str, full: bool, files: Path | None, trust: str, plan_file: Path | None, report: Path | None,
    as_text: bool, applies: bool, by: str, why: str, wait: float, group_file: Path | None, file: Path | None,
) -> None:  # fmt: skip
    """Compare VSOP with SYSTEM and plan repairs; exit 0 where nothing differs or all was repaired, else 1."""
    if applies and not (by.strip() and why.strip()):
        raise UsageFailed("--apply needs --by and --why: a repair is an order, and bears who gave it and why")
    kind, _, code = right.partition(":")
    asked = Asked(_day(date), _right(kind), code, full, files, Trust(trust))
    client = _client(file)
    with _nothing_compared():
        group = Gateway.of(_group(group_file, file)) if asked.right is Right.GROUP and files is None else None
        found = reconcile(asked, Gateway.of(client), group)
    told = json.dumps(as_json(found), ensure_ascii=False, indent=1)
    click.echo(told if as_text else table(found))
    if report is not None:
        write_private(report, f"{told}\n".encode())
    if plan_file is not None:
        write_plan(found.plan, plan_file)
    if not applies:
        _end(whole=found.agreed)
        return
    applied = Applying(client, by, why, wait, lambda line: click.echo(line, err=as_text)).run(found.plan)
    click.echo(_sum(applied), err=as_text)
    _end(whole=not applied.failed and not found.by_hand and not found.untold)


@recon.command()
@click.argument("file_of_plan", metavar="PLAN", type=click.Path(path_type=Path))
@click.option("--by", required=True, help="Who has it applied.")
@click.option("--why", required=True, help="Why.")
@WAIT
@CONFIG
def apply(file_of_plan: Path, by: str, why: str, wait: float, file: Path | None) -> None:
    """Carry out the plan that `recon run --plan` wrote. What was begun before is not begun again; exit 1 if a line is not done."""
    applied = Applying(_client(file), by, why, wait, click.echo).run(read_plan(file_of_plan))
    click.echo(_sum(applied))
    _end(whole=not applied.failed)


@recon.command()
@DATE
@click.option(
    "--for", "receiver", required=True, metavar="SYSTEM", help="xplatform, ismp, ocs, billing, group; or vsop:15, from the group."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Directory; each receiver's files stand in one below it.")
@click.option("--full", is_flag=True, help="The monthly file of all that stands (I) instead of the daily one of changes (A).")
@CONFIG
def export(date: str, receiver: str, out: Path, full: bool, file: Path | None) -> None:
    """Write VSOP's own files for SYSTEM, and print their names."""
    kind, _, code = receiver.partition(":")
    right = Right.GROUP if kind == "vsop" else _right(kind)
    gateway = Gateway.of(_client(file))
    if kind == "vsop" and gateway.about.province != NATIONAL:
        raise UsageFailed(f"{gateway.about.name} is a province: it writes for group; {receiver} is written by the group's gateway")
    for written in export_files(gateway, right, code, Period.MONTHLY if full else Period.DAILY, _day(date), out):
        click.echo(str(written))


@contextmanager
def _nothing_compared() -> Iterator[None]:
    """Let exit 1 say that something differs: where a gateway cannot answer it is exit 3."""
    try:
        yield
    except CommandFailed as failed:
        if failed.exit_code != 1:
            raise
        raise Unreachable(failed.message) from None


def _day(text: str) -> datetime:
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=CHINA)
        except ValueError:
            continue
    raise UsageFailed(f"--date {text}: expected a day such as 2026-11-23")


def _right(text: str) -> Right:
    if text not in list(Right):
        raise UsageFailed(f"{text}: expected one of {', '.join(Right)}")
    return Right(text)


def _client(file: Path | None) -> AdminClient:
    if file is not None:
        return AdminClient.of(load(file, {}))
    configs = [gateway.config for gateway in load_lab(default_lab()).gateways]
    return AdminClient.of(next(c for c in configs if c.gateway.province != NATIONAL))


def _group(group_file: Path | None, file: Path | None) -> AdminClient:
    if group_file is not None:
        return AdminClient.of(load(group_file, {}))
    if file is not None:
        raise UsageFailed("--right group needs --group, the configuration of the group's gateway, or --files with its file")
    configs = [gateway.config for gateway in load_lab(default_lab()).gateways]
    return AdminClient.of(next(c for c in configs if c.gateway.province == NATIONAL))


def _sum(applied: Applied) -> str:
    return f"{applied.done} repairs done, {applied.failed} not"


def _end(*, whole: bool) -> None:
    if not whole:
        raise click.exceptions.Exit(1)
