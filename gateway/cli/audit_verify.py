"""`vsopgw audit verify`: walk the hash chain of the audit log, in the database itself, whether its gateway runs or not."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import click

from gateway.cli.errors import CommandFailed, UsageFailed
from gateway.cli.serve import SET, load
from gateway.config import StoreKind
from gateway.store.audit_chain import Walked
from gateway.store.audit_files import walk_file, walk_postgres
from gateway.store.errors import StoreUnusable
from gateway.store.times import moment

_CUT = "no row of the chain has that hash: rows were cut off at the end, the log was written anew, or an older back-up was restored"


@click.command("verify")
@click.option("-c", "--config", "file", type=click.Path(path_type=Path), help="Configuration file of the gateway whose log it is.")
@SET
@click.option("--database", metavar="FILE|URL", help="A SQLite file, such as a back-up, or postgresql://... ; instead of -c.")
@click.option("--from", "kept", default="", metavar="HASH", help="A head that an earlier run printed: it must still stand in the chain.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
def verify(file: Path | None, overrides: dict[str, object], database: str | None, kept: str, output: str) -> None:
    """Walk the whole audit log; exit 1 at the first row that was changed, moved or taken out.

    The head it prints stands for the whole log: keep it outside this machine. Without a kept head nobody can see rows that were cut off
    at the end.
    """
    kept = kept.strip().lower()
    if kept and not re.fullmatch("[0-9a-f]{64}", kept):
        raise UsageFailed("--from takes the 64 hex digits of a head that was printed before")
    place = _place(file, overrides, database)
    try:
        found = walk_postgres(place, kept) if isinstance(place, str) else walk_file(place, kept)
    except StoreUnusable as error:
        raise UsageFailed(str(error)) from None
    if output == "json":
        click.echo(json.dumps(asdict(found), indent=2))
    else:
        click.echo("\n".join(_lines(found)))
    if found.broken is not None or not found.kept:
        raise CommandFailed("the audit log does not hold", 1)


def _place(file: Path | None, overrides: dict[str, object], database: str | None) -> Path | str:
    """Give a file, or an address of PostgreSQL."""
    if (file is None) == (database is None):
        raise UsageFailed("say whose log: -c CONFIG or --database FILE|URL, one of them")
    if database is not None:
        return database if database.startswith(("postgresql://", "postgres://")) else Path(database)
    assert file is not None
    config = load(file, overrides)
    if config.store.kind is StoreKind.MEMORY:
        raise UsageFailed(f"{config.gateway.name}: its store is memory, which keeps no audit log that could be verified")
    return config.store.url if config.store.kind is StoreKind.POSTGRES else config.store.path


def _lines(found: Walked) -> list[str]:
    rows = f"{found.rows} row{'' if found.rows == 1 else 's'}"
    lines = [f"{rows} of the audit log hold; head {found.head or '(none)'}"]
    if found.broken is not None:
        lines.append(f"row {found.broken.seq} of {_time(found.broken.at)}: {found.broken.problem}")
    elif not found.kept:
        lines.append(_CUT)
    return lines


def _time(at: int) -> str:
    """Write a row's time; a row that was changed may say anything."""
    try:
        return moment(at).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return f"no time that there is ({at})"
