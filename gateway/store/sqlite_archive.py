"""The archive of ended runs, and what is forgotten, as the statements that write and read it."""

from __future__ import annotations

from datetime import datetime

from gateway.engine.ports import Ages, ArchiveForgotten, RequestsForgotten, RunArchived, RunRow
from gateway.store.archive_documents import read_archived_run
from gateway.store.documents import read_matter
from gateway.store.sqlite_asking import Asking, maybe_moment
from gateway.store.sqlite_rows import Kinds, Rows
from gateway.store.times import micros

# json() around a subquery or a column: SQLite forgets on the way that a text is JSON already.
_RUN = (
    "json_array(1, r.flow, r.serial, r.code, r.attempts, r.note, r.started_at, r.ended_at, r.owner, r.fence,"
    " json((SELECT json_group_array(json(step)) FROM (SELECT json_array(name, number, returns, party, operation, streaming_no,"
    " started_at, ended_at, attempts, json(reply)) AS step FROM steps WHERE run_id = r.id ORDER BY seq))),"
    " json((SELECT json_group_array(json(signal)) FROM (SELECT json_array(step, json(reply)) AS signal FROM signals"
    " WHERE run_id = r.id ORDER BY step))))"
)
_MAY_GO = "r.state = 'ended' AND (o.state IS NULL OR o.state IN ('10F', '10E'))"
_ARCHIVE = (  # of constants of this module
    "INSERT INTO archived_orders (id, trace_id, channel, channel_order_id, number, section, state, code, accepted_at, ended_at, doc,"  # noqa: S608
    " run_ended_at, run) SELECT o.id, o.trace_id, o.channel, o.channel_order_id, o.number, o.section, o.state, o.code, o.accepted_at,"
    f" o.ended_at, o.doc, r.ended_at, {_RUN} FROM runs AS r JOIN orders AS o ON o.id = r.id WHERE r.id = ? AND {_MAY_GO}"
)
_ARCHIVABLE = (
    "SELECT r.id FROM runs AS r INDEXED BY runs_ended JOIN orders AS o ON o.id = r.id"  # noqa: S608  constants of this module
    f" WHERE {_MAY_GO} AND r.ended_at < ? ORDER BY r.ended_at, r.serial LIMIT ?"
)


class ArchiveRows(Rows):
    """Moves ended runs to the archive, and deletes what is to be forgotten."""

    @property
    def kinds(self) -> Kinds:
        """How to write each kind of row of this subject."""
        return {
            RunArchived: self._run_archived,
            RequestsForgotten: self._requests_forgotten,
            ArchiveForgotten: self._archive_forgotten,
        }

    def _run_archived(self, row: RunArchived) -> None:
        self._execute(_ARCHIVE, (row.run_id,))
        if self._cursor.rowcount == 0:
            return
        self._execute("DELETE FROM signals WHERE run_id = ?", (row.run_id,))
        self._execute("DELETE FROM steps WHERE run_id = ?", (row.run_id,))
        self._execute("DELETE FROM runs WHERE id = ?", (row.run_id,))
        self._execute("DELETE FROM orders WHERE id = ?", (row.run_id,))

    def _requests_forgotten(self, row: RequestsForgotten) -> None:
        self._execute(
            "DELETE FROM inbox WHERE (system, streaming_no) IN (SELECT system, streaming_no FROM inbox WHERE at < ?"
            " ORDER BY at, system, streaming_no LIMIT ?)",
            (micros(row.before), row.limit),
        )

    def _archive_forgotten(self, row: ArchiveForgotten) -> None:
        self._execute(
            "DELETE FROM archived_orders WHERE rowid IN (SELECT rowid FROM archived_orders WHERE run_ended_at < ?"
            " ORDER BY run_ended_at, rowid LIMIT ?)",
            (micros(row.before), row.limit),
        )


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
