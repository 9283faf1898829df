"""Both adapters behind one fixture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_rows import open_sqlite

from gateway.engine.ports import Store
from gateway.store.memory import MemoryStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give each adapter in turn, empty."""
    if request.param == "memory":
        yield MemoryStore()
        return
    opened = open_sqlite(tmp_path / "store.db")
    yield opened
    opened.close()
