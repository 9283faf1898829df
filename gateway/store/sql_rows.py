"""What every mapping of rows to SQL shares: a statement, and what it means when it finds its key taken or nothing to change.

Statements are written once for SQLite and PostgreSQL, in what both understand: `?` for a value, ON CONFLICT, the order of arrival as
`rowid`. Every statement is a constant, so that each driver prepares it once. What a row expects to be there and is not is an error of
its commit: a journal that loses rows silently is no journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.engine.ports import Write
from gateway.store.errors import StoreFailed

Refuse = Callable[[], Exception]
"""Makes the error that a commit is refused with."""


@dataclass(frozen=True, slots=True)
class Many:
    """A statement for several rows at once: `before`, so many times `row` with commas between, `after`; for PostgreSQL.

    Only for what names its rows by a run, an order, a request or a user: then commits of different ones can be written in any order, and
    their statements side by side. postgres_layout.py judges which commits are that different.
    """

    stage: int
    """Statements of a commit are written in the order of their stages."""
    before: str
    row: str
    after: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement that changes rows."""

    text: str
    taken: Refuse | None = None
    """Where its key is another row's; without it that is a failure like any other."""
    missed: Refuse | None = None
    """Where it changed or found nothing; without it that is as good."""
    found: Refuse | None = None
    """Where it found a row."""
    looks: bool = False
    """It looks for a row and changes none."""
    locks: bool = False
    """It does so, and keeps other transactions from changing the row, where there can be any."""
    many: Many | None = None


Call = tuple[Statement, tuple[Any, ...]]
"""A statement with its values: texts, whole numbers, None."""

Kinds = Mapping[type[Write], Callable[[Any], Iterator[Call]]]
"""How to write each kind of row."""


def inserts(stage: int, text: str) -> Many:
    """Give the form for many rows of an INSERT whose only VALUES are its row."""
    before, _, rest = text.partition(" VALUES ")
    row, conflict, after = rest.partition(" ON CONFLICT")
    return Many(stage, f"{before} VALUES ", row, conflict + after)


def updates(stage: int, table: str, sets: str, row: str, columns: str, where: str) -> Many:
    """Give the form for many rows of an UPDATE; `row` are the values of `columns`, which `sets` and `where` call new.COLUMN.

    Each row is looked up by itself and then updated in its place: a join would be planned for the table as it is when it is prepared,
    and read all of one that has grown since.
    """
    after = (
        f") AS new ({columns}) CROSS JOIN LATERAL (SELECT ctid FROM {table} WHERE {where} OFFSET 0) AS old"  # noqa: S608  constants
        f" WHERE {table}.ctid = old.ctid"
    )
    return Many(stage, f"UPDATE {table} SET {sets} FROM (VALUES ", row, after)  # noqa: S608  constants


def failed(what: str) -> Refuse:
    """Make StoreFailed with a text that holds no stored input."""
    return partial(StoreFailed, what)
