"""Runs the statements of rows on SQLite, one after the other. Knows no transaction: the writer begins and ends them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from gateway.engine.ports import SignalArrived, Write
from gateway.store.documents import reply_text
from gateway.store.sql_archive import RUN, STEP, archiving
from gateway.store.sql_orders import RELATION, same_relations
from gateway.store.sql_rows import Call, Statement
from gateway.store.sql_writes import TAKE_SIGNAL, WAKES, SqlWrites
from gateway.store.times import micros

KEEP_SIGNAL = Statement(TAKE_SIGNAL)
WAKE_BY_SIGNAL = Statement(f"UPDATE runs SET wake_at = ? WHERE changes() > 0 AND id = ? AND {WAKES}")  # noqa: S608  constants
# json() around a subquery or a column: SQLite forgets on the way that a text is JSON already.
ARCHIVE = archiving(
    f"json_array({RUN},"  # noqa: S608  constants
    f" json((SELECT json_group_array(json(step)) FROM (SELECT json_array({STEP}, json(reply)) AS step FROM steps"
    " WHERE run_id = r.id ORDER BY seq))),"
    " json((SELECT json_group_array(json(signal)) FROM (SELECT json_array(step, json(reply)) AS signal FROM signals"
    " WHERE run_id = r.id ORDER BY step))))"
)
SAME_RELATIONS = same_relations(
    f"SELECT group_concat(held, ';') FROM (SELECT {RELATION} AS held FROM relations"  # noqa: S608  constants
    " WHERE number = ? ORDER BY product_id)"
)


class SqliteWrites(SqlWrites):
    """Writes rows through one cursor."""

    _archive = ARCHIVE
    _same_relations = SAME_RELATIONS

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        super().__init__()
        self._cursor = cursor
        self._execute = cursor.execute

    def write(self, row: Write) -> None:
        """Write one row; raises DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed, or what the driver raises."""
        for statement, values in self.calls(row):
            try:
                self._execute(statement.text, values)
            except sqlite3.IntegrityError as error:
                if statement.taken is not None and error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
                    raise statement.taken() from error
                raise
            if statement.missed is not None and not self._hit(statement):
                raise statement.missed()
            if statement.found is not None and self._hit(statement):
                raise statement.found()

    def _hit(self, statement: Statement) -> bool:
        return self._cursor.fetchone() is not None if statement.looks or statement.locks else self._cursor.rowcount > 0

    def _signal_arrived(self, row: SignalArrived) -> Iterator[Call]:
        yield KEEP_SIGNAL, (row.run_id, row.step, reply_text(row.reply), row.run_id)
        yield WAKE_BY_SIGNAL, (micros(row.reply.at), row.run_id, row.run_id, row.step)
