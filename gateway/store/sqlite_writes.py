"""Each row of the port as the statements that write it. Knows no transaction: the writer begins and ends them.

Every statement is a constant text, so that the driver prepares it once. What a row expects to be there and is not is an
error of that commit: a journal that loses rows silently is no journal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from gateway.domain.order import ItemsFreed, OrderAccepted, OrderEnded, OrderState, RelationEnded, RelationStarted
from gateway.engine.ports import (
    CatalogueLoaded,
    DuplicateRequest,
    InboxRow,
    ItemLocked,
    RelationChanged,
    RunEnded,
    RunStarted,
    RunWaiting,
    SignalArrived,
    StepDone,
    StepIntended,
    SubscribersLoaded,
    Write,
)
from gateway.store.documents import offer_text, order_text, partner_text, product_text, reply_text
from gateway.store.errors import StoreFailed
from gateway.store.times import micros


class SqliteWrites:
    """Writes rows through one cursor."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self._execute = cursor.execute
        self._kinds: dict[type[Write], Callable[[Any], None]] = {
            InboxRow: self._inbox,
            RunStarted: self._run_started,
            StepIntended: self._step_intended,
            StepDone: self._step_done,
            RunWaiting: self._run_waiting,
            RunEnded: self._run_ended,
            SignalArrived: self._signal_arrived,
            OrderAccepted: self._order_accepted,
            OrderEnded: self._order_ended,
            ItemsFreed: self._items_freed,
            RelationStarted: self._relation_started,
            RelationEnded: self._relation_ended,
            RelationChanged: self._relation_changed,
            CatalogueLoaded: self._catalogue_loaded,
            SubscribersLoaded: self._subscribers_loaded,
        }

    def write(self, row: Write) -> None:
        """Write one row; raises DuplicateRequest, ItemLocked, StoreFailed, or what the driver raises."""
        self._kinds[type(row)](row)

    def _must_hit(self, what: str) -> None:
        if self._cursor.rowcount == 0:
            raise StoreFailed(what)

    # ---- requests, runs, steps ---------------------------------------------------------------------------------------

    def _inbox(self, row: InboxRow) -> None:
        try:
            self._execute(
                "INSERT INTO inbox (system, streaming_no, operation, digest, answer, at) VALUES (?, ?, ?, ?, ?, ?)",
                (row.system, row.streaming_no, row.operation, row.digest, row.answer, micros(row.at)),
            )
        except sqlite3.IntegrityError as error:
            if _taken(error):
                raise DuplicateRequest from error
            raise

    def _run_started(self, row: RunStarted) -> None:
        order = row.order
        self._execute(
            "INSERT INTO orders (id, trace_id, channel, channel_order_id, number, section, accepted_at, doc)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (order.id, order.trace_id, order.channel, order.channel_order_id, order.number.digits, order.section,
             micros(order.accepted_at), order_text(order)),
        )  # fmt: skip
        self._execute(
            "INSERT INTO runs (serial, id, flow, state, started_at) VALUES (?, ?, ?, 'running', ?)",
            (row.serial, row.run_id, row.flow, micros(row.at)),
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
        if row.wakes:
            self._execute(
                "UPDATE runs SET state = 'running', wake_at = NULL, attempts = 0, note = '' WHERE id = ?", (row.run_id,)
            )

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

    # ---- orders and relations ----------------------------------------------------------------------------------------

    def _order_accepted(self, fact: OrderAccepted) -> None:
        order = fact.order
        digits, state = order.number.digits, OrderState.EXECUTING.value
        self._execute("UPDATE orders SET state = ? WHERE id = ? AND state IS NULL", (state, order.id))
        if self._cursor.rowcount == 0:  # no run brought it
            self._execute(
                "INSERT INTO orders (id, trace_id, channel, channel_order_id, number, section, state, accepted_at, doc)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (order.id, order.trace_id, order.channel, order.channel_order_id, digits, order.section,
                 state, micros(order.accepted_at), order_text(order)),
            )  # fmt: skip
        for product_id in {item.product_id for item in order.items}:
            self._lock(digits, product_id, order.id)

    def _lock(self, digits: str, product_id: str, order_id: str) -> None:
        try:
            self._execute(
                "INSERT INTO item_locks (number, product_id, order_id) VALUES (?, ?, ?)", (digits, product_id, order_id)
            )
        except sqlite3.IntegrityError as error:
            if _taken(error):
                raise ItemLocked from error
            raise

    def _order_ended(self, fact: OrderEnded) -> None:
        self._execute(
            "UPDATE orders SET state = ?, code = ?, ended_at = ? WHERE id = ? AND state IS NOT NULL",
            (fact.state.value, fact.code, micros(fact.at), fact.order_id),
        )
        self._must_hit("no such order")

    def _items_freed(self, fact: ItemsFreed) -> None:
        self._execute(
            "DELETE FROM item_locks WHERE number = (SELECT number FROM orders WHERE id = ?) AND order_id = ?",
            (fact.order_id, fact.order_id),
        )

    def _relation_started(self, fact: RelationStarted) -> None:
        r = fact.relation
        self._execute(
            "INSERT OR REPLACE INTO relations (number, product_id, offer_id, offer_type, channel, state,"
            " subscribed_at, effective_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (r.number.digits, r.product_id, r.offer_id, r.offer_type.value, r.channel, r.state.value,
             micros(r.subscribed_at), micros(r.effective_at), None if r.expires_at is None else micros(r.expires_at)),
        )  # fmt: skip

    def _relation_ended(self, fact: RelationEnded) -> None:
        self._execute(
            "UPDATE relations SET state = 'ended', expires_at = ? WHERE number = ? AND product_id = ?",
            (micros(fact.at), fact.number.digits, fact.product_id),
        )

    def _relation_changed(self, row: RelationChanged) -> None:
        self._execute(
            "UPDATE relations SET state = ? WHERE number = ? AND product_id = ? AND state <> 'ended'",
            (row.state.value, row.number.digits, row.product_id),
        )

    # ---- what is loaded ----------------------------------------------------------------------------------------------

    def _catalogue_loaded(self, row: CatalogueLoaded) -> None:
        for product in row.products:
            texts = (product.id, product_text(product))
            self._execute("INSERT OR REPLACE INTO products (id, doc) VALUES (?, ?)", texts)
        for offer in row.offers:
            self._execute("INSERT OR REPLACE INTO offers (id, doc) VALUES (?, ?)", (offer.id, offer_text(offer)))
        for partner in row.partners:
            texts = (partner.id, partner_text(partner))
            self._execute("INSERT OR REPLACE INTO partners (id, doc) VALUES (?, ?)", texts)

    def _subscribers_loaded(self, row: SubscribersLoaded) -> None:
        for user in row.subscribers:
            self._execute(
                "INSERT OR REPLACE INTO subscribers (number, spec, pay, state) VALUES (?, ?, ?, ?)",
                (user.number.digits, user.spec, user.pay.value, user.state.value),
            )


def _taken(error: sqlite3.IntegrityError) -> bool:
    """Whether the key is another row's, as against a row that breaks some other constraint."""
    return error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
