"""What the rows of the port need on PostgreSQL beside the statements that both databases share. Knows no transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gateway.domain.facts import OrderAccepted
from gateway.engine.ports import (
    AuditKept,
    CatalogueLoaded,
    MasterUnchanged,
    NothingOpen,
    ObjectSynced,
    OrdersUnchanged,
    RelationsUnchanged,
    SignalArrived,
    UserUnchanged,
    Write,
)
from gateway.store.documents import reply_text
from gateway.store.sql_archive import RUN, STEP, archiving
from gateway.store.sql_orders import RELATION, same_relations
from gateway.store.sql_rows import Call, Many, Statement
from gateway.store.sql_writes import TAKE_SIGNAL, WAKES, SqlWrites
from gateway.store.times import micros

RAISE_VERSION = Statement("UPDATE catalogue_version SET version = version + 1")
LOCK_RUN = Statement("SELECT 1 FROM runs WHERE id = ?", locks=True)
KEEP_SIGNAL = Statement(
    f"WITH kept AS ({TAKE_SIGNAL} RETURNING run_id)"  # noqa: S608  constants
    f" UPDATE runs SET wake_at = ? WHERE id IN (SELECT run_id FROM kept) AND {WAKES}"
)
LOCK_SUBJECT = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", looks=True,
    many=Many(0, "SELECT pg_advisory_xact_lock(hashtextextended(new.subject, 0)) FROM (VALUES ", "(?)", ") AS new (subject)"),
)  # fmt: skip
AUDIT = "audit"
"""The name under which the audit log's chain is locked: no number and no id of an object looks like it."""
ARCHIVE = archiving(
    f"json_build_array({RUN},"  # noqa: S608  constants
    f" coalesce((SELECT json_agg(json_build_array({STEP}, reply::json) ORDER BY seq) FROM steps WHERE run_id = r.id), '[]'),"
    " coalesce((SELECT json_agg(json_build_array(step, reply::json) ORDER BY step) FROM signals WHERE run_id = r.id), '[]'))::text",
    lock=" FOR UPDATE OF r",
)
LOCK_OPEN = Statement(
    "SELECT 1 FROM item_locks WHERE number = ?", locks=True,
    many=Many(3, "SELECT 1 FROM item_locks WHERE number IN (", "?", ") FOR NO KEY UPDATE"),
)  # fmt: skip
SAME_RELATIONS = same_relations(
    f"SELECT string_agg({RELATION}, ';' ORDER BY product_id) FROM relations WHERE number = ?"  # noqa: S608  constants
)


class PostgresWrites(SqlWrites):
    """Maps rows to statements.

    Whatever changes the catalogue raises its version first. Whatever judges a user or an object, or begins something for it, locks that
    first, by its name: there may be no row yet that could be locked, and what others are just writing cannot be seen.
    """

    _archive = ARCHIVE
    _same_relations = SAME_RELATIONS

    def __init__(self) -> None:
        super().__init__()
        changes: tuple[type[Write], ...] = (CatalogueLoaded, ObjectSynced)
        for kind in changes:
            self._kinds[kind] = partial(_with_version, self._kinds[kind])
        self._kinds[AuditKept] = partial(_in_chain, self._kinds[AuditKept])
        self._kinds[RelationsUnchanged] = partial(_when_freed, self._kinds[RelationsUnchanged])
        guarded: tuple[type[Write], ...] = (
            OrderAccepted, UserUnchanged, RelationsUnchanged, OrdersUnchanged, NothingOpen, MasterUnchanged,
        )  # fmt: skip
        for kind in guarded:
            self._kinds[kind] = partial(_with_lock, self._kinds[kind])

    def _signal_arrived(self, row: SignalArrived) -> Iterator[Call]:
        """Lock the run first: it may be about to wait in another process, which then sees the signal, or is seen to wait."""
        yield LOCK_RUN, (row.run_id,)
        reply, at = reply_text(row.reply), micros(row.reply.at)
        yield KEEP_SIGNAL, (row.run_id, row.step, reply, row.run_id, at, row.run_id, row.step)


def _with_version(write: Callable[[Any], Iterator[Call]], row: Any) -> Iterator[Call]:
    yield RAISE_VERSION, ()
    yield from write(row)


def _in_chain(write: Callable[[Any], Iterator[Call]], row: AuditKept) -> Iterator[Call]:
    """Wait for whoever is just adding to the audit log: the new row follows his."""
    yield LOCK_SUBJECT, (AUDIT,)
    yield from write(row)


def _when_freed(write: Callable[[Any], Iterator[Call]], row: RelationsUnchanged) -> Iterator[Call]:
    """Wait for whoever is just freeing an item of the number: what it did to relations in the same commit is seen only after it."""
    yield LOCK_OPEN, (row.number.digits,)
    yield from write(row)


def _with_lock(write: Callable[[Any], Iterator[Call]], row: Any) -> Iterator[Call]:
    subject = _subject(row)
    if subject:
        yield LOCK_SUBJECT, (subject,)
    yield from write(row)


Guarded = OrderAccepted | UserUnchanged | RelationsUnchanged | OrdersUnchanged | NothingOpen | MasterUnchanged


def _subject(row: Guarded) -> str:
    """Name the user, the object or the channel's number that a row is about."""
    if isinstance(row, MasterUnchanged):
        return f"{row.kind.value} {row.id}"
    if isinstance(row, OrdersUnchanged):
        return f"{row.channel} {row.channel_order_id}"
    number = row.order.number if isinstance(row, OrderAccepted) else row.number
    if number is not None:
        return number.digits
    return " ".join(next(iter(row.order.locks), ())) if isinstance(row, OrderAccepted) else ""
