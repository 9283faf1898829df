"""The port's reads as indexed look-ups, in what SQLite and PostgreSQL both understand. Knows nothing of the writer.

A read sees what is committed, never a write under way.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber, UserState
from gateway.engine.ports import InboxRow, OpenRuns, OrderRow, RunRow, RunState, StepRow
from gateway.steps import Reply
from gateway.store.documents import read_list, read_matter, read_reply
from gateway.store.sql_access import AccessReads
from gateway.store.sql_archive import ArchiveReads
from gateway.store.sql_asking import maybe_moment
from gateway.store.sql_catalogue_reads import CatalogueReads
from gateway.store.sql_owner_reads import OwnerReads
from gateway.store.sql_recon_reads import ReconReads
from gateway.store.times import micros, moment

_RUN = (
    "SELECT r.flow, r.serial, o.doc, r.state, r.code, r.attempts, r.wake_at, r.note, r.owner, r.fence"
    " FROM runs AS r JOIN orders AS o ON o.id = r.id WHERE r.id = ?"
)
_STEPS = (
    "SELECT name, number, returns, party, operation, streaming_no, started_at, attempts, reply"
    " FROM steps WHERE run_id = ? ORDER BY seq"
)


def _both(condition: str) -> str:
    """Ask for orders here and in the archive; each side goes along its own index, so that SQLite ends both at a limit."""
    columns = "doc, state, code, ended_at, accepted_at, rowid AS arrival"
    return (
        f"SELECT {columns}, 1 AS live FROM orders WHERE state IS NOT NULL AND {condition}"  # noqa: S608  constants of this module
        f" UNION ALL SELECT {columns}, 0 AS live FROM archived_orders WHERE state IS NOT NULL AND {condition} ORDER BY "
    )


_NEWEST_FIRST = "accepted_at DESC, live DESC, arrival DESC"
_BY_ID = _both("id = ?") + "live DESC"
_BY_CHANNEL = _both("channel = ? AND channel_order_id = ?") + _NEWEST_FIRST
_BY_TRACE = _both("trace_id = ?") + "live, arrival"
_BY_NUMBER = _both("number = ?") + _NEWEST_FIRST + " LIMIT ?"
_BETWEEN = _both("number = ? AND accepted_at >= ? AND accepted_at < ?") + _NEWEST_FIRST + " LIMIT ?"
_HELD = (
    "SELECT doc, state, code, ended_at FROM orders WHERE state IN ('00B', '10A') AND section = ? ORDER BY accepted_at, rowid LIMIT ?"
)


class SqlReads(CatalogueReads, OwnerReads, ArchiveReads, ReconReads, AccessReads):
    """The port's reads. They block for the time of a look-up; StoreFailed where it cannot be answered."""

    _count_runs = "SELECT count(*) FROM runs"

    # ---- requests, runs, steps ---------------------------------------------------------------------------------------

    async def inbox(self, system: str, streaming_no: str) -> InboxRow | None:
        row = self._one(
            "SELECT operation, digest, answer, at FROM inbox WHERE system = ? AND streaming_no = ?",
            system, streaming_no,
        )  # fmt: skip
        return None if row is None else InboxRow(system, streaming_no, row[0], row[1], row[2], moment(row[3]))

    async def run(self, run_id: str) -> RunRow | None:
        found, steps = self._together((_RUN, (run_id,)), (_STEPS, (run_id,)))
        if not found:
            return self._archived_run(run_id)
        flow, serial, doc, state, code, attempts, wake_at, note, owner, fence = found[0]
        return RunRow(
            run_id, flow, serial, read_matter(doc), RunState(state), code, attempts, maybe_moment(wake_at), note,
            tuple(map(_step, steps)), owner, fence,
        )  # fmt: skip

    async def step_by_streaming_no(self, streaming_no: str) -> tuple[str, str] | None:
        found: tuple[str, str] | None = self._one(
            "SELECT run_id, name FROM steps WHERE streaming_no = ? AND streaming_no <> '' ORDER BY run_id DESC LIMIT 1",
            streaming_no,
        )
        return found

    async def signal(self, run_id: str, step: str) -> Reply | None:
        row = self._one("SELECT reply FROM signals WHERE run_id = ? AND step = ?", run_id, step)
        return None if row is None else read_reply(row[0])

    async def open_runs(self) -> int:
        count: int = self._value("SELECT count(*) FROM runs WHERE state <> 'ended'")
        return count

    async def open_by_state(self) -> list[OpenRuns]:
        rows = self._all("SELECT state, count(*), min(started_at) FROM runs WHERE state <> 'ended' GROUP BY state ORDER BY state")
        return [OpenRuns(RunState(state), runs, moment(oldest)) for state, runs, oldest in rows]

    async def counts(self) -> dict[str, int]:
        """Ended runs are counted as the rest: their rows are many and none of them is looked at."""
        counts = dict.fromkeys(map(str, RunState), 0)
        counts |= dict(self._all("SELECT state, count(*) FROM runs WHERE state <> 'ended' GROUP BY state"))
        counts[RunState.ENDED] = self._value(self._count_runs) - sum(counts.values())
        return counts

    # ---- orders, subscribers -------------------------------------------------------------------------------------------

    async def order(self, order_id: str) -> OrderRow | None:
        return next(iter(self._orders(_BY_ID, order_id, order_id)), None)

    async def orders_by_channel(self, channel: str, channel_order_id: str) -> list[OrderRow]:
        return self._orders(_BY_CHANNEL, *(channel, channel_order_id) * 2)

    async def orders_by_trace(self, trace_id: str) -> list[OrderRow]:
        return self._orders(_BY_TRACE, trace_id, trace_id)

    async def orders_by_number(self, number: Number, limit: int) -> list[OrderRow]:
        return self._orders(_BY_NUMBER, number.digits, number.digits, limit)

    async def orders_between(self, number: Number, since: datetime, until: datetime, limit: int) -> list[OrderRow]:
        return self._orders(_BETWEEN, *(number.digits, micros(since), micros(until)) * 2, limit)

    async def held_orders(self, section: str, limit: int) -> list[OrderRow]:
        return self._orders(_HELD, section, limit)

    def _orders(self, statement: str, *values: object) -> list[OrderRow]:
        rows = self._all(statement, *values)
        return [
            OrderRow(read_matter(doc), OrderState(state), code, maybe_moment(ended)) for doc, state, code, ended, *_ in rows
        ]

    async def open_order_for(self, number: Number, product_id: str) -> str | None:
        order_id: str | None = self._value(
            "SELECT order_id FROM item_locks WHERE number = ? AND product_id = ?", number.digits, product_id
        )
        return order_id

    async def open_order_of(self, number: Number) -> str | None:
        order_id: str | None = self._value("SELECT order_id FROM item_locks WHERE number = ? LIMIT 1", number.digits)
        return order_id

    async def subscriber(self, number: Number) -> Subscriber | None:
        row = self._one("SELECT spec, pay, state, capabilities FROM subscribers WHERE number = ?", number.digits)
        if row is None:
            return None
        spec, pay, state, capabilities = row
        return Subscriber(number, spec, PayType(pay), UserState(state), read_list(capabilities))

    async def relations(self, number: Number) -> list[Relation]:
        rows = self._all(
            "SELECT product_id, offer_id, offer_type, channel, state, subscribed_at, effective_at, expires_at"
            " FROM relations WHERE number = ? ORDER BY product_id",
            number.digits,
        )
        return [
            Relation(
                number, product, offer, OfferType(kind), channel, RelationState(state),
                moment(subscribed), moment(effective), maybe_moment(expires),
            )
            for product, offer, kind, channel, state, subscribed, effective, expires in rows
        ]  # fmt: skip


def _step(row: tuple[Any, ...]) -> StepRow:
    name, number, returns, party, operation, streaming_no, started, attempts, reply = row
    return StepRow(
        name, number, returns, party, operation, streaming_no, moment(started), attempts,
        None if reply is None else read_reply(reply),
    )  # fmt: skip
