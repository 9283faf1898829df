"""Copies of the database file: made while a gateway uses it, looked through, put in its place. Knows no row.

A copy is one consistent state: SQLite copies what was committed when it began, in one go, however much is committed meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.store.errors import StoreDamaged, StoreUnusable
from gateway.store.sqlite_file import (
    APPLICATION_ID,
    BUSY_SECONDS,
    DAMAGED,
    FileLock,
    complaint,
    half_restored,
    make_private,
    newest_schema,
    refuse_empty,
)

BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a database file, and is part of it."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file holds; it is whole."""

    schema: int
    orders: int
    archived: int
    requests: int
    bytes: int


def look(path: Path) -> Look:
    """Read all of a file, of a running gateway too; raises StoreUnusable where it is not ours or not whole."""
    with reading(path) as connection:

        def one(statement: str) -> int:
            value: int = connection.execute(statement).fetchone()[0]
            return value

        if one("PRAGMA application_id") != APPLICATION_ID:
            raise StoreUnusable(f"{path} is no database of this program")
        schema = one("PRAGMA user_version")
        if schema > newest_schema():
            raise StoreUnusable(f"{path} was written by a newer version of this program: its schema is {schema}")
        connection.execute("BEGIN")
        problems = [text for (text,) in connection.execute("PRAGMA integrity_check(1)")]
        if problems != ["ok"] or connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise StoreDamaged(f"{path} {DAMAGED}")
        has_archive = one("SELECT count(*) FROM sqlite_schema WHERE name = 'archived_orders'")
        return Look(
            schema, one("SELECT count(*) FROM orders"), one("SELECT count(*) FROM archived_orders") if has_archive else 0,
            one("SELECT count(*) FROM inbox"), one("PRAGMA page_count") * one("PRAGMA page_size"),
        )  # fmt: skip


def back_up(path: Path, to: Path) -> Look:
    """Copy a store to a new file, which is there when it is whole and on disk; raises StoreUnusable."""
    if to.exists():
        raise StoreUnusable(f"{to} is there already: a back-up replaces nothing")
    if not to.parent.is_dir():
        raise StoreUnusable(f"{to} cannot be made: its directory does not exist")
    part = Path(f"{to}.part")
    found = _copy(path, part)
    _put(part, to)
    return found


def restore(source: Path, path: Path, aside: Path) -> Look:
    """Put a copy of `source` in the place of a store that nobody uses; what was there is `aside` then. Raises StoreUnusable.

    Cut short, it has to be run again: until then the store does not open.
    """
    if aside.exists():
        raise StoreUnusable(f"{aside} is there already")
    if source.exists() and path.exists() and source.samefile(path):
        raise StoreUnusable(f"{source} is the database itself: name a copy of it")
    lock = FileLock(path, restores=True)
    try:
        incoming = Path(f"{path}.incoming")
        try:
            found = _copy(source, incoming)
        except StoreDamaged as error:
            raise StoreUnusable(f"{source} is damaged; nothing was changed") from error
        _put(incoming, half_restored(path))
        for end in (*BESIDE, ""):  # the database last: while it is there, its log is beside it or moved for good
            if Path(f"{path}{end}").exists():
                Path(f"{path}{end}").rename(f"{aside}{end}")
        _put(half_restored(path), path)
    finally:
        lock.release()
    return found


def _copy(path: Path, to: Path) -> Look:
    """Copy what is committed, as one file without a log beside it, and look through the copy."""
    for end in ("", "-journal", *BESIDE):
        Path(f"{to}{end}").unlink(missing_ok=True)
    with ExitStack() as unless_whole:
        unless_whole.callback(to.unlink, missing_ok=True)
        with reading(path) as source:
            _write_copy(source, to)
        try:
            found = look(to)
        except StoreDamaged as error:  # copied as it is
            raise StoreDamaged(f"{path} {DAMAGED}") from error
        unless_whole.pop_all()
    return found


def _write_copy(source: sqlite3.Connection, to: Path) -> None:
    make_private(to)
    try:
        with closing(sqlite3.connect(to, isolation_level=None)) as target:
            source.backup(target)  # all pages in one step: in several, each commit of another process would begin it anew
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:  # damage of the source is another kind of error
        raise StoreUnusable(f"{to} was not written: {error.sqlite_errorname}") from error


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file to read what is committed; raises StoreUnusable for whatever SQLite does not like about it."""
    if not path.is_file():
        raise StoreUnusable(f"{path} is not there")
    refuse_empty(path)
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as opened:
            yield opened
    except sqlite3.Error as error:
        raise complaint(path, error) from error


def _put(part: Path, to: Path) -> None:
    """Rename a file so that after a power cut there is either nothing new or all of it."""
    _sync(part)
    part.replace(to)
    _sync(to.parent)


def _sync(place: Path) -> None:
    fd = os.open(place, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
