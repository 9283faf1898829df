"""What the rows of the port need on PostgreSQL beside the statements that both databases share. Knows no transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gateway.engine.ports import CatalogueLoaded, ObjectSynced, SignalArrived
from gateway.store.documents import reply_text
from gateway.store.sql_rows import Call, Statement
from gateway.store.sql_writes import TAKE_SIGNAL, WAKES, SqlWrites
from gateway.store.times import micros

RAISE_VERSION = Statement("UPDATE catalogue_version SET version = version + 1")
LOCK_RUN = Statement("SELECT 1 FROM runs WHERE id = ?", locks=True)
KEEP_SIGNAL = Statement(
    f"WITH kept AS ({TAKE_SIGNAL} RETURNING run_id)"  # noqa: S608  constants
    f" UPDATE runs SET wake_at = ? WHERE id IN (SELECT run_id FROM kept) AND {WAKES}"
)


class PostgresWrites(SqlWrites):
    """Maps rows to statements; whatever changes the catalogue raises its version first."""

    def __init__(self) -> None:
        super().__init__()
        for kind in (CatalogueLoaded, ObjectSynced):
            self._kinds[kind] = partial(_with_version, self._kinds[kind])

    def _signal_arrived(self, row: SignalArrived) -> Iterator[Call]:
        """Lock the run first: it may be about to wait in another process, which then sees the signal, or is seen to wait."""
        yield LOCK_RUN, (row.run_id,)
        yield KEEP_SIGNAL, (row.run_id, row.step, reply_text(row.reply), micros(row.reply.at), row.run_id, row.step)


def _with_version(write: Callable[[Any], Iterator[Call]], row: Any) -> Iterator[Call]:
    yield RAISE_VERSION, ()
    yield from write(row)
