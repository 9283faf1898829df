"""`vsopgw store`: look at the database, copy it, put a copy in its place, take the archive out. Works on the file itself."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO

import click

from gateway.cli.errors import UsageFailed
from gateway.cli.serve import CONFIG, SET, load
from gateway.config import StoreKind
from gateway.store.errors import StoreUnusable
from gateway.store.sqlite_backup import Look, back_up, look, restore
from gateway.store.sqlite_export import archived_lines
from gateway.vocabulary import CHINA, write_time


@click.group()
def store() -> None:
    """The database of a gateway, running or not."""


@store.command("check")
@CONFIG
@SET
def check_store(file: Path, overrides: dict[str, object]) -> None:
    """Read the whole database and say what it holds; exit 2 if it is absent, empty, damaged, foreign or too new."""
    path = _database(file, overrides)
    with _told():
        click.echo(f"{path}: whole. {_words(look(path))}")


@store.command("backup")
@CONFIG
@SET
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="File to make; it must not be there yet.")
def backup_store(file: Path, overrides: dict[str, object], target: Path) -> None:
    """Copy the database as it is now, while its gateway runs, and look through the copy."""
    path = _database(file, overrides)
    with _told():
        click.echo(f"{target}: whole. {_words(back_up(path, target))}")


@store.command("restore")
@CONFIG
@SET
@click.option("--from", "source", type=click.Path(path_type=Path), required=True, help="File that `store backup` made.")
def restore_store(file: Path, overrides: dict[str, object], source: Path) -> None:
    """Put a copy in the place of the database of a gateway that does not run; what was there is moved aside.

    Read docs/backup.md first: what was done after the back-up is not in it.
    """
    path = _database(file, overrides)
    aside = Path(f"{path}.before-{write_time(datetime.now(CHINA))}")
    with _told():
        found = restore(source, path, aside)
    click.echo(f"{path}: restored. {_words(found)}")
    if aside.exists():
        click.echo(f"what was there: {aside}")


@store.command("export")
@CONFIG
@SET
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Orders that ended before this day, such as 2027-01-01.")
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="File to make; one named *.gz is compressed.")
def export_archive(file: Path, overrides: dict[str, object], before: datetime, target: Path) -> None:
    """Write archived orders with their journals to a file: one JSON object a line. They stay in the archive."""
    path = _database(file, overrides)
    count = 0
    with _told():
        look(path)
        with _new(target) as out:
            for line in archived_lines(path, before.replace(tzinfo=CHINA)):
                out.write(f"{line}\n")
                count += 1
    click.echo(f"{target}: {count} orders")


def _new(target: Path) -> TextIO:
    if target.suffix == ".gz":
        return gzip.open(target, "xt", encoding="utf-8")
    return target.open("x", encoding="utf-8")


def _database(file: Path, overrides: dict[str, object]) -> Path:
    config = load(file, overrides)
    if config.store.kind is not StoreKind.SQLITE:
        raise UsageFailed(f"{config.gateway.name}: its store is {config.store.kind}, no file of ours: see docs/backup.md")
    return config.store.path


@contextmanager
def _told() -> Iterator[None]:
    """End the command with one line where a file cannot be used or written."""
    try:
        yield
    except StoreUnusable as error:
        raise UsageFailed(str(error)) from None
    except FileExistsError as error:
        raise UsageFailed(f"{error.filename} is there already") from None
    except OSError as error:
        raise UsageFailed(f"{error.filename}: {error.strerror}") from None


def _words(found: Look) -> str:
    return (
        f"Schema {found.schema}, {found.orders} orders, {found.archived} archived, {found.requests} requests, "
        f"{found.bytes / 1e6:.1f} MB"
    )
