"""All adapters behind one fixture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_rows import open_postgres, open_sqlite

from gateway.engine.ports import Store
from gateway.store.memory import MemoryStore
from gateway.store.postgres import PostgresStore
from gateway.store.sqlite import SqliteStore


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give each adapter in turn, empty."""
    if request.param == "memory":
        yield MemoryStore()
        return
    if request.param == "sqlite":
        opened: SqliteStore | PostgresStore = open_sqlite(tmp_path / "store.db")
    else:
        opened = open_postgres(request.getfixturevalue("database"))
    yield opened
    opened.close()
