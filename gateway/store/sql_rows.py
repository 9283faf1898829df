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


Call = tuple[Statement, tuple[Any, ...]]
"""A statement with its values: texts, whole numbers, None."""

Kinds = Mapping[type[Write], Callable[[Any], Iterator[Call]]]
"""How to write each kind of row."""


def failed(what: str) -> Refuse:
    """Make StoreFailed with a text that holds no stored input."""
    return partial(StoreFailed, what)
