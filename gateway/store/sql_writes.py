"""Each row of the port as the statements that write it; here those of requests, runs and steps. Knows no database and no transaction:
each store runs the statements in its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
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
from gateway.store.sql_access import AccessRows
from gateway.store.sql_archive import ArchiveRows
from gateway.store.sql_catalogue import CatalogueRows
from gateway.store.sql_orders import OrderRows
from gateway.store.sql_owners import OwnerRows
from gateway.store.sql_rows import Call, Statement, failed, inserts, updates
from gateway.store.times import micros

_TAKE_REQUEST = "INSERT INTO inbox (system, streaming_no, operation, digest, answer, at) VALUES (?, ?, ?, ?, ?, ?)"
TAKE_REQUEST = Statement(_TAKE_REQUEST, taken=DuplicateRequest, many=inserts(1, _TAKE_REQUEST))
_START_RUN = "INSERT INTO runs (serial, id, flow, state, started_at, owner) VALUES (?, ?, ?, 'running', ?, ?)"
START_RUN = Statement(_START_RUN, many=inserts(6, _START_RUN))
_COLUMNS = "INSERT INTO steps (run_id, name, seq, number, returns, party, operation, streaming_no, started_at"
_COUNTED = "(SELECT count(*) FROM steps WHERE run_id = ?)"
_INTEND = f"{_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
INTEND_STEP = Statement(_INTEND, many=inserts(15, _INTEND))
INTEND_NEXT_STEP = Statement(f"{_COLUMNS}) VALUES (?, ?, {_COUNTED}, ?, ?, ?, ?, ?, ?)")
_END = (
    "{}, ended_at, attempts, reply) VALUES (?, ?, {}, ?, '', ?, '', '', ?, ?, ?, ?)"
    " ON CONFLICT (run_id, name) DO UPDATE SET ended_at = excluded.ended_at, attempts = excluded.attempts,"
    " reply = excluded.reply WHERE steps.reply IS NULL"
)
_REPLIED = failed("a step has its reply already")
END_STEP = Statement(_END.format(_COLUMNS, "?"), missed=_REPLIED, many=inserts(8, _END.format(_COLUMNS, "?")))
END_NEXT_STEP = Statement(_END.format(_COLUMNS, _COUNTED), missed=_REPLIED)
END_INTENDED_STEP = Statement(
    "UPDATE steps SET ended_at = ?, attempts = ?, reply = ? WHERE run_id = ? AND name = ? AND reply IS NULL",
    missed=failed("a step has its reply already, or no intent"),
    many=updates(
        7, "steps", "ended_at = new.ended_at, attempts = new.attempts, reply = new.reply", "(?::bigint, ?::bigint, ?, ?, ?)",
        "ended_at, attempts, reply, run_id, name", "run_id = new.run_id AND name = new.name AND reply IS NULL",
    ),
)  # fmt: skip
LET_RUN_WAIT = Statement(
    "UPDATE runs SET state = 'waiting', wake_at = ?, attempts = ?, note = ? WHERE id = ?", missed=failed("no such run"),
    many=updates(
        16, "runs", "state = 'waiting', wake_at = new.wake_at, attempts = new.attempts, note = new.note",
        "(?::bigint, ?::bigint, ?, ?)", "wake_at, attempts, note, id", "id = new.id",
    ),
)  # fmt: skip
END_RUN = Statement(
    "UPDATE runs SET state = ?, code = ?, note = ?, wake_at = NULL, ended_at = ? WHERE id = ?", missed=failed("no such run"),
    many=updates(
        16, "runs", "state = new.state, code = new.code, note = new.note, wake_at = NULL, ended_at = new.ended_at",
        "(?, ?::bigint, ?, ?::bigint, ?)", "state, code, note, ended_at, id", "id = new.id",
    ),
)  # fmt: skip
TAKE_SIGNAL = (
    "INSERT INTO signals (run_id, step, reply) SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM runs WHERE id = ?)"
    " ON CONFLICT (run_id, step) DO NOTHING"
)
"""A run that is not there has been archived meanwhile: nobody would ever remove its signal."""
WAKES = "state = 'waiting' AND EXISTS (SELECT 1 FROM steps WHERE run_id = ? AND name = ? AND reply IS NULL)"
"""Which run a signal makes due: the one that waits for this step."""


class SqlWrites(ABC):
    """Maps rows to statements."""

    _archive: Statement
    """Moves a run to the archive, in the database's own words."""
    _same_relations: Statement
    """Looks whether a number's relations are as they were judged, in the database's own words."""

    def __init__(self) -> None:
        self._orders = OrderRows(self._same_relations)
        self._kinds: dict[type[Write], Callable[[Any], Iterator[Call]]] = {
            InboxRow: self._inbox,
            RunStarted: self._run_started,
            StepIntended: self._step_intended,
            StepDone: self._step_done,
            RunWaiting: self._run_waiting,
            RunEnded: self._run_ended,
            SignalArrived: self._signal_arrived,
            **OwnerRows().kinds,
            **self._orders.kinds,
            **CatalogueRows().kinds,
            **ArchiveRows(self._archive).kinds,
            **AccessRows().kinds,
        }

    def calls(self, row: Write) -> Iterator[Call]:
        """Give the statements of one row, to be run in this order; raises what the encoding of a strange row raises."""
        return self._kinds[type(row)](row)

    # ---- requests, runs, steps ---------------------------------------------------------------------------------------

    def _inbox(self, row: InboxRow) -> Iterator[Call]:
        yield TAKE_REQUEST, (row.system, row.streaming_no, row.operation, row.digest, row.answer, micros(row.at))

    def _run_started(self, row: RunStarted) -> Iterator[Call]:
        if row.brings:
            yield self._orders.bring(row.order)
        yield START_RUN, (row.serial, row.run_id, row.flow, micros(row.at), row.owner)

    def _step_intended(self, row: StepIntended) -> Iterator[Call]:
        told = row.number, row.returns, row.party, row.operation, row.streaming_no, micros(row.at)
        if row.seq is None:
            yield INTEND_NEXT_STEP, (row.run_id, row.name, row.run_id, *told)
        else:
            yield INTEND_STEP, (row.run_id, row.name, row.seq, *told)

    def _step_done(self, row: StepDone) -> Iterator[Call]:
        at, reply = micros(row.reply.at), reply_text(row.reply)
        told = row.number, row.party, at, at, row.attempts, reply
        if row.intended:
            yield END_INTENDED_STEP, (at, row.attempts, reply, row.run_id, row.name)
        elif row.seq is None:
            yield END_NEXT_STEP, (row.run_id, row.name, row.run_id, *told)
        else:
            yield END_STEP, (row.run_id, row.name, row.seq, *told)

    def _run_waiting(self, row: RunWaiting) -> Iterator[Call]:
        wake_at = None if row.wake_at is None else micros(row.wake_at)
        yield LET_RUN_WAIT, (wake_at, row.attempts, row.note, row.run_id)

    def _run_ended(self, row: RunEnded) -> Iterator[Call]:
        yield END_RUN, (row.state.value, row.code, row.note, micros(row.at), row.run_id)

    @abstractmethod
    def _signal_arrived(self, row: SignalArrived) -> Iterator[Call]:
        """Keep a signal if it is the first one for a run that is there, and make the run that waits for it due."""
