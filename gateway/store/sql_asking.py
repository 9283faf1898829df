"""How the reads ask, whatever the database: look-ups that one of the stores runs. Knows no table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.store.times import moment

Query = tuple[str, tuple[object, ...]]
"""A statement with its values, `?` for each."""


class Asking(ABC):
    """Look-ups on a connection of their own; they raise StoreFailed where there is no answer."""

    @abstractmethod
    def _together(self, *queries: Query) -> Sequence[list[Any]]:
        """Give the rows of several look-ups that see one and the same state."""

    @abstractmethod
    def _all(self, statement: str, *values: object) -> list[Any]:
        """Give all rows."""

    def _one(self, statement: str, *values: object) -> Any:
        return next(iter(self._all(statement, *values)), None)

    def _value(self, statement: str, *values: object) -> Any:
        row = self._one(statement, *values)
        return None if row is None else row[0]


def maybe_moment(count: int | None) -> datetime | None:
    """Give the time in Asia/Shanghai where there is one."""
    return None if count is None else moment(count)
