"""What the rows of the port need on PostgreSQL beside the statements that both databases share. Knows no transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gateway.engine.ports import CatalogueLoaded, ObjectSynced
from gateway.store.sql_rows import Call, Statement
from gateway.store.sql_writes import SqlWrites

RAISE_VERSION = Statement("UPDATE catalogue_version SET version = version + 1")


class PostgresWrites(SqlWrites):
    """Maps rows to statements; whatever changes the catalogue raises its version first."""

    def __init__(self) -> None:
        super().__init__()
        for kind in (CatalogueLoaded, ObjectSynced):
            self._kinds[kind] = partial(_with_version, self._kinds[kind])


def _with_version(write: Callable[[Any], Iterator[Call]], row: Any) -> Iterator[Call]:
    yield RAISE_VERSION, ()
    yield from write(row)
