"""Each row of the port as the statements that write it; here those of requests, runs and steps. Knows no transaction: the writer
begins and ends them.

Every statement is a constant text, so that the driver prepares it once. What a row expects to be there and is not is an
error of that commit: a journal that loses rows silently is no journal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from gateway.engine.ports import (
    DuplicateRequest,
    InboxRow,
    RunEnded,
    RunStarted,
    RunWaiting,
    SignalArrived,
    StepDone,
    StepIntended,
    Write,
)
from gateway.store.documents import reply_text
from gateway.store.sqlite_catalogue import CatalogueRows
from gateway.store.sqlite_orders import OrderRows
from gateway.store.sqlite_owners import OwnerRows
from gateway.store.sqlite_rows import Rows, key_taken
from gateway.store.times import micros


class SqliteWrites(Rows):
    """Writes rows through one cursor."""

    def __init__(self, cursor: sqlite3.Cursor, now: Callable[[], float]) -> None:
        """Leases are judged by `now`, in seconds since 1970."""
        super().__init__(cursor)
        self._orders = OrderRows(cursor)
        self._kinds: dict[type[Write], Callable[[Any], None]] = {
            InboxRow: self._inbox,
            RunStarted: self._run_started,
            StepIntended: self._step_intended,
            StepDone: self._step_done,
            RunWaiting: self._run_waiting,
            RunEnded: self._run_ended,
            SignalArrived: self._signal_arrived,
            **OwnerRows(cursor, now).kinds,
            **self._orders.kinds,
            **CatalogueRows(cursor).kinds,
        }

    def write(self, row: Write) -> None:
        """Write one row; raises DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed, or what the driver raises."""
        self._kinds[type(row)](row)

    # ---- requests, runs, steps ---------------------------------------------------------------------------------------

    def _inbox(self, row: InboxRow) -> None:
        try:
            self._execute(
                "INSERT INTO inbox (system, streaming_no, operation, digest, answer, at) VALUES (?, ?, ?, ?, ?, ?)",
                (row.system, row.streaming_no, row.operation, row.digest, row.answer, micros(row.at)),
            )
        except sqlite3.IntegrityError as error:
            if key_taken(error):
                raise DuplicateRequest from error
            raise

    def _run_started(self, row: RunStarted) -> None:
        self._orders.bring(row.order)
        self._execute(
            "INSERT INTO runs (serial, id, flow, state, started_at, owner) VALUES (?, ?, ?, 'running', ?, ?)",
            (row.serial, row.run_id, row.flow, micros(row.at), row.owner),
        )

    def _step_intended(self, row: StepIntended) -> None:
        self._execute(
            "INSERT INTO steps (run_id, name, seq, number, returns, party, operation, streaming_no, started_at)"
            " VALUES (?, ?, (SELECT count(*) FROM steps WHERE run_id = ?), ?, ?, ?, ?, ?, ?)",
            (
                row.run_id,
                row.name,
                row.run_id,
                row.number,
                row.returns,
                row.party,
                row.operation,
                row.streaming_no,
                micros(row.at),
            ),
        )

    def _step_done(self, row: StepDone) -> None:
        at = micros(row.reply.at)
        self._execute(
            "INSERT INTO steps (run_id, name, seq, number, returns, party, operation, streaming_no,"
            " started_at, ended_at, attempts, reply)"
            " VALUES (?, ?, (SELECT count(*) FROM steps WHERE run_id = ?), ?, '', ?, '', '', ?, ?, ?, ?)"
            " ON CONFLICT (run_id, name) DO UPDATE SET ended_at = excluded.ended_at, attempts = excluded.attempts,"
            " reply = excluded.reply WHERE steps.reply IS NULL",
            (row.run_id, row.name, row.run_id, row.number, row.party, at, at, row.attempts, reply_text(row.reply)),
        )
        self._must_hit("a step has its reply already")

    def _run_waiting(self, row: RunWaiting) -> None:
        self._execute(
            "UPDATE runs SET state = 'waiting', wake_at = ?, attempts = ?, note = ? WHERE id = ?",
            (None if row.wake_at is None else micros(row.wake_at), row.attempts, row.note, row.run_id),
        )
        self._must_hit("no such run")

    def _run_ended(self, row: RunEnded) -> None:
        self._execute(
            "UPDATE runs SET state = ?, code = ?, note = ?, wake_at = NULL, ended_at = ? WHERE id = ?",
            (row.state.value, row.code, row.note, micros(row.at), row.run_id),
        )
        self._must_hit("no such run")

    def _signal_arrived(self, row: SignalArrived) -> None:
        self._execute(
            "INSERT INTO signals (run_id, step, reply) VALUES (?, ?, ?) ON CONFLICT (run_id, step) DO NOTHING",
            (row.run_id, row.step, reply_text(row.reply)),
        )
        if self._cursor.rowcount:
            self._execute(
                "UPDATE runs SET wake_at = ? WHERE id = ? AND state = 'waiting'"
                " AND EXISTS (SELECT 1 FROM steps WHERE run_id = ? AND name = ? AND reply IS NULL)",
                (micros(row.reply.at), row.run_id, row.run_id, row.step),
            )
