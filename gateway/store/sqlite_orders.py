"""The rows of orders and other matters, of users and of what they hold, as the statements that write them."""

from __future__ import annotations

import sqlite3

from gateway.domain.facts import (
    ItemsFreed,
    Matter,
    OrderAccepted,
    OrderConfirmed,
    OrderEnded,
    RelationChanged,
    RelationEnded,
    RelationsMoved,
    RelationStarted,
    SubscriberKept,
)
from gateway.domain.order import OrderState
from gateway.domain.subscriber import Subscriber
from gateway.engine.ports import ItemLocked, NothingOpen, SubscribersLoaded, UserUnchanged
from gateway.store.documents import list_text, matter_text
from gateway.store.sqlite_rows import Kinds, Rows, key_taken
from gateway.store.times import micros


class OrderRows(Rows):
    """Writes orders and their locks, relations and subscribers."""

    @property
    def kinds(self) -> Kinds:
        """How to write each kind of row of this subject."""
        return {
            OrderAccepted: self._order_accepted,
            OrderConfirmed: self._order_confirmed,
            OrderEnded: self._order_ended,
            ItemsFreed: self._items_freed,
            RelationStarted: self._relation_started,
            RelationEnded: self._relation_ended,
            RelationChanged: self._relation_changed,
            RelationsMoved: self._relations_moved,
            SubscriberKept: self._subscriber_kept,
            SubscribersLoaded: self._subscribers_loaded,
            UserUnchanged: self._user_unchanged,
            NothingOpen: self._nothing_open,
        }

    def bring(self, matter: Matter) -> None:
        """Write what a run is about, without state: it can be found when it is accepted. The first one stands."""
        number = matter.number
        self._execute(
            "INSERT INTO orders (id, trace_id, channel, channel_order_id, number, section, accepted_at, doc)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (matter.id, matter.trace_id, matter.channel, matter.channel_order_id, "" if number is None else number.digits,
             matter.section, micros(matter.accepted_at), matter_text(matter)),
        )  # fmt: skip

    # ---- orders ------------------------------------------------------------------------------------------------------

    def _order_accepted(self, fact: OrderAccepted) -> None:
        matter = fact.order
        self._accept(matter.id, fact.state)
        if self._cursor.rowcount == 0:  # no run brought it
            self.bring(matter)
            self._accept(matter.id, fact.state)
            self._must_hit("an order was accepted before")
        for holder, thing in dict.fromkeys(matter.locks):
            self._lock(str(holder), thing, matter.id)

    def _accept(self, order_id: str, state: OrderState) -> None:
        self._execute("UPDATE orders SET state = ? WHERE id = ? AND state IS NULL", (state.value, order_id))

    def _lock(self, holder: str, thing: str, order_id: str) -> None:
        try:
            self._execute(
                "INSERT INTO item_locks (number, product_id, order_id) VALUES (?, ?, ?)", (holder, thing, order_id)
            )
        except sqlite3.IntegrityError as error:
            if key_taken(error):
                raise ItemLocked from error
            raise

    def _order_confirmed(self, fact: OrderConfirmed) -> None:
        self._execute("UPDATE orders SET state = '10A' WHERE id = ? AND state = '00B'", (fact.order_id,))
        self._must_hit("no such order waits for its confirmation")

    def _order_ended(self, fact: OrderEnded) -> None:
        self._execute(
            "UPDATE orders SET state = ?, code = ?, ended_at = ? WHERE id = ? AND state IS NOT NULL",
            (fact.state.value, fact.code, micros(fact.at), fact.order_id),
        )
        self._must_hit("no such order")

    def _items_freed(self, fact: ItemsFreed) -> None:
        self._execute("DELETE FROM item_locks INDEXED BY item_locks_by_order WHERE order_id = ?", (fact.order_id,))

    # ---- users and what they hold ------------------------------------------------------------------------------------

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

    def _relation_changed(self, fact: RelationChanged) -> None:
        self._execute(
            "UPDATE relations SET state = ? WHERE number = ? AND product_id = ? AND state <> 'ended' AND state = coalesce(?, state)",
            (fact.state.value, fact.number.digits, fact.product_id, None if fact.was is None else fact.was.value),
        )

    def _relations_moved(self, fact: RelationsMoved) -> None:
        old, new = fact.old.digits, fact.new.digits
        if old == new:
            return
        self._execute("UPDATE OR REPLACE relations SET number = ? WHERE number = ?", (new, old))
        self._execute("UPDATE OR IGNORE subscribers SET number = ? WHERE number = ?", (new, old))
        self._execute(
            "DELETE FROM subscribers WHERE number = ?", (old,)
        )  # who stands under the new number already stays

    def _subscriber_kept(self, fact: SubscriberKept) -> None:
        self._keep(fact.subscriber)

    def _subscribers_loaded(self, row: SubscribersLoaded) -> None:
        for user in row.subscribers:
            self._keep(user)

    def _user_unchanged(self, row: UserUnchanged) -> None:
        statement = "SELECT spec, pay, state, capabilities FROM subscribers WHERE number = ?"
        if self._execute(statement, (row.number.digits,)).fetchone() != (None if row.user is None else _user_values(row.user)):
            raise ItemLocked

    def _nothing_open(self, row: NothingOpen) -> None:
        statement = "SELECT 1 FROM item_locks WHERE number = ? LIMIT 1"
        if self._execute(statement, (row.number.digits,)).fetchone() is not None:
            raise ItemLocked

    def _keep(self, user: Subscriber) -> None:
        self._execute(
            "INSERT OR REPLACE INTO subscribers (number, spec, pay, state, capabilities) VALUES (?, ?, ?, ?, ?)",
            (user.number.digits, *_user_values(user)),
        )


def _user_values(user: Subscriber) -> tuple[str, str, str, str]:
    return user.spec, user.pay.value, user.state.value, list_text(user.capabilities)
