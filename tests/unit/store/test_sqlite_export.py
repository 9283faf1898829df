"""The archive as lines of JSON."""

from __future__ import annotations

import json
from pathlib import Path

from store_rows import NOON, SECOND, commit, open_sqlite, order, started

from gateway.domain.facts import OrderAccepted, OrderEnded
from gateway.domain.order import OrderState
from gateway.engine.ports import RunArchived, RunEnded, RunState
from gateway.store.sqlite_export import archived_lines


def test_archive_is_written_as_lines(tmp_path: Path) -> None:
    """One object for each archived order that ended before a time, with its document and its run; live ones are not among them."""
    store = open_sqlite(tmp_path / "store.db")
    for serial in (1, 2, 3):
        name, at = f"o{serial}", NOON + serial * SECOND
        commit(store, started(name, serial=serial), OrderAccepted(order(name, products=(name,))))
        commit(store, OrderEnded(name, OrderState.COMPLETED, 0, at), RunEnded(name, RunState.ENDED, 0, "", at))
    commit(store, RunArchived("o2"), RunArchived("o1"))
    lines = [json.loads(line) for line in archived_lines(tmp_path / "store.db", NOON + 9 * SECOND)]
    few = list(archived_lines(tmp_path / "store.db", NOON + 2 * SECOND))
    store.close()
    first = lines[0]
    assert ([line["id"] for line in lines], len(few)) == (["o1", "o2"], 1)
    assert (first["state"], first["ended_at"], first["order"][0], first["run"][:3]) == (
        "10F", "2026-11-23T12:00:01.123456+08:00", 1, [1, "order-x/1", 1],
    )  # fmt: skip
