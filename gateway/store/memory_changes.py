"""Changes of the tables in memory that can be taken back: all that a commit did, if it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gateway.store.errors import StoreFailed
from gateway.store.memory_reads import MemoryReads

K = TypeVar("K")
V = TypeVar("V")

_ABSENT: Any = object()


class MemoryChanges(MemoryReads):
    """The tables with a way to change them."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(now)
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []
        """Table, key and former value of each change of the commit under way."""

    def _put(self, table: dict[K, V], key: K, value: V) -> None:
        self._undo.append((table, key, table.get(key, _ABSENT)))
        table[key] = value

    def _add(self, table: dict[K, V], key: K, value: V) -> None:
        if key in table:
            raise StoreFailed("a row was not written: its key is taken")
        self._put(table, key, value)

    def _drop(self, table: dict[K, V], key: K) -> None:
        if key in table:
            self._undo.append((table, key, table.pop(key)))

    def _index(self, table: dict[K, tuple[str, ...]], key: K, order_id: str) -> None:
        self._put(table, key, (*table.get(key, ()), order_id))

    def _remove(self, table: dict[K, tuple[str, ...]], key: K, order_id: str) -> None:
        rest = tuple(known for known in table[key] if known != order_id)
        if rest:
            self._put(table, key, rest)
        else:
            self._drop(table, key)

    def _roll_back(self) -> None:
        while self._undo:
            table, key, former = self._undo.pop()
            if former is _ABSENT:
                del table[key]
            else:
                table[key] = former
