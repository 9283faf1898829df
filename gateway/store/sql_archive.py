"""The archive of ended runs, and what is forgotten, as the statements that write and read it.

How a database makes JSON of rows is its own: each store brings the statement that archives, made by `archiving`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway.engine.ports import Ages, ArchiveForgotten, RequestsForgotten, RunArchived, RunRow
from gateway.store.archive_documents import read_archived_run
from gateway.store.documents import read_matter
from gateway.store.sql_asking import Asking, maybe_moment
from gateway.store.sql_rows import Call, Kinds, Statement
from gateway.store.times import micros

RUN = "1, r.flow, r.serial, r.code, r.attempts, r.note, r.started_at, r.ended_at, r.owner, r.fence"
"""What an archived run's text begins with: its version, then the columns of the run; steps and signals follow."""
STEP = "name, number, returns, party, operation, streaming_no, started_at, ended_at, attempts"
"""The columns of a step there; its reply follows."""

_OVER = "(o.state IS NULL OR o.state IN ('10F', '10E'))"
_MAY_GO = f"EXISTS (SELECT 1 FROM runs AS r JOIN orders AS o ON o.id = r.id WHERE r.id = ? AND r.state = 'ended' AND {_OVER})"  # noqa: S608
_ARCHIVABLE = (
    "SELECT r.id FROM runs AS r INDEXED BY runs_ended JOIN orders AS o ON o.id = r.id"  # noqa: S608  constants of this module
    f" WHERE r.state = 'ended' AND r.ended_at < ? AND {_OVER} ORDER BY r.ended_at, r.serial LIMIT ?"
)
# Each asks for itself whether the run may go: what another process has archived meanwhile is gone from here as well.
_REMOVE_SIGNALS = Statement(f"DELETE FROM signals WHERE run_id = ? AND {_MAY_GO}")  # noqa: S608
_REMOVE_STEPS = Statement(f"DELETE FROM steps WHERE run_id = ? AND {_MAY_GO}")  # noqa: S608
_REMOVE_ORDER = Statement(f"DELETE FROM orders WHERE id = ? AND {_MAY_GO}")  # noqa: S608
_REMOVE_RUN = Statement(
    "DELETE FROM runs WHERE id = ? AND state = 'ended' AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = runs.id)"
)
_FORGET_REQUESTS = Statement(
    "DELETE FROM inbox WHERE (system, streaming_no) IN (SELECT system, streaming_no FROM inbox WHERE at < ?"
    " ORDER BY at, system, streaming_no LIMIT ?)"
)
_FORGET_ARCHIVE = Statement(
    "DELETE FROM archived_orders WHERE rowid IN (SELECT rowid FROM archived_orders WHERE run_ended_at < ?"
    " ORDER BY run_ended_at, rowid LIMIT ?)"
)


def archiving(run: str, *, lock: str = "") -> Statement:
    """Make the statement that copies a run; `run` is its text, as SQL over `r`, and `lock` keeps other processes from the row."""
    return Statement(
        "INSERT INTO archived_orders (id, trace_id, channel, channel_order_id, number, section, state, code, accepted_at, ended_at,"  # noqa: S608
        " doc, run_ended_at, run) SELECT o.id, o.trace_id, o.channel, o.channel_order_id, o.number, o.section, o.state, o.code,"
        f" o.accepted_at, o.ended_at, o.doc, r.ended_at, {run} FROM runs AS r JOIN orders AS o ON o.id = r.id"
        f" WHERE r.id = ? AND r.state = 'ended' AND {_OVER}{lock}"
    )


class ArchiveRows:
    """Moves ended runs to the archive, and deletes what is to be forgotten."""

    def __init__(self, archive: Statement) -> None:
        """`archive` is made by `archiving`."""
        self._archive = archive

    @property
    def kinds(self) -> Kinds:
        """How to write each kind of row of this subject."""
        return {
            RunArchived: self._run_archived,
            RequestsForgotten: self._requests_forgotten,
            ArchiveForgotten: self._archive_forgotten,
        }

    def _run_archived(self, row: RunArchived) -> Iterator[Call]:
        yield self._archive, (row.run_id,)
        for remove in (_REMOVE_SIGNALS, _REMOVE_STEPS, _REMOVE_ORDER):
            yield remove, (row.run_id, row.run_id)
        yield _REMOVE_RUN, (row.run_id,)

    def _requests_forgotten(self, row: RequestsForgotten) -> Iterator[Call]:
        yield _FORGET_REQUESTS, (micros(row.before), row.limit)

    def _archive_forgotten(self, row: ArchiveForgotten) -> Iterator[Call]:
        yield _FORGET_ARCHIVE, (micros(row.before), row.limit)


class ArchiveReads(Asking):
    """The port's reads of this subject."""

    async def archivable(self, before: datetime, limit: int) -> list[str]:
        return [run_id for (run_id,) in self._all(_ARCHIVABLE, micros(before), limit)]

    async def ages(self) -> Ages:
        request = self._value("SELECT min(at) FROM inbox")
        return Ages(maybe_moment(request), maybe_moment(self._value("SELECT min(run_ended_at) FROM archived_orders")))

    def _archived_run(self, run_id: str) -> RunRow | None:
        row = self._one("SELECT doc, run FROM archived_orders WHERE id = ?", run_id)
        return None if row is None else read_archived_run(run_id, read_matter(row[0]), row[1])
