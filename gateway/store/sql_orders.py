"""The rows of orders and other matters, of users and of what they hold, as the statements that write them."""

from __future__ import annotations

from collections.abc import Iterator

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
from gateway.domain.subscriber import Relation, Subscriber
from gateway.engine.ports import (
    ItemLocked,
    NothingOpen,
    OrdersUnchanged,
    RelationsUnchanged,
    SubscribersLoaded,
    UserUnchanged,
)
from gateway.store.documents import list_text, matter_text
from gateway.store.sql_rows import Call, Kinds, Many, Statement, failed, inserts, updates
from gateway.store.times import micros

_BRING = (
    "INSERT INTO orders (id, trace_id, channel, channel_order_id, number, section, accepted_at, doc, state)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO "
)
BRING = Statement(_BRING + "NOTHING")
_ACCEPT = _BRING + "UPDATE SET state = excluded.state WHERE orders.state IS NULL"
ACCEPT = Statement(_ACCEPT, missed=failed("an order was accepted before"), many=inserts(9, _ACCEPT))
_LOCK = "INSERT INTO item_locks (number, product_id, order_id) VALUES (?, ?, ?)"
LOCK = Statement(_LOCK, taken=ItemLocked, many=inserts(10, _LOCK))
CONFIRM = Statement(
    "UPDATE orders SET state = '10A' WHERE id = ? AND state = '00B'",
    missed=failed("no such order waits for its confirmation"),
)
END = Statement(
    "UPDATE orders SET state = ?, code = ?, ended_at = ? WHERE id = ? AND state IS NOT NULL", missed=failed("no such order"),
    many=updates(
        13, "orders", "state = new.state, code = new.code, ended_at = new.ended_at", "(?, ?::bigint, ?::bigint, ?)",
        "state, code, ended_at, id", "id = new.id AND state IS NOT NULL",
    ),
)  # fmt: skip
FREE = Statement(
    "DELETE FROM item_locks INDEXED BY item_locks_by_order WHERE order_id = ?",
    many=Many(14, "DELETE FROM item_locks WHERE order_id IN (", "?", ")"),
)

_START_RELATION = (
    "INSERT INTO relations (number, product_id, offer_id, offer_type, channel, state, subscribed_at, effective_at, expires_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number, product_id) DO UPDATE SET offer_id = excluded.offer_id,"
    " offer_type = excluded.offer_type, channel = excluded.channel, state = excluded.state,"
    " subscribed_at = excluded.subscribed_at, effective_at = excluded.effective_at, expires_at = excluded.expires_at"
)
START_RELATION = Statement(_START_RELATION, many=inserts(12, _START_RELATION))
END_RELATION = Statement(
    "UPDATE relations SET state = 'ended', expires_at = ? WHERE number = ? AND product_id = ?",
    many=updates(
        11, "relations", "state = 'ended', expires_at = new.expires_at", "(?::bigint, ?, ?)", "expires_at, number, product_id",
        "number = new.number AND product_id = new.product_id",
    ),
)  # fmt: skip
CHANGE_RELATION = Statement(
    "UPDATE relations SET state = ? WHERE number = ? AND product_id = ? AND state <> 'ended' AND state = coalesce(?, state)"
)
GIVE_WAY = Statement(
    "DELETE FROM relations WHERE number = ? AND product_id IN (SELECT product_id FROM relations WHERE number = ?)"
)
MOVE_RELATIONS = Statement("UPDATE relations SET number = ? WHERE number = ?")
MOVE_USER = Statement(
    "UPDATE subscribers SET number = ? WHERE number = ? AND NOT EXISTS (SELECT 1 FROM subscribers WHERE number = ?)"
)
DROP_USER = Statement("DELETE FROM subscribers WHERE number = ?")
KEEP_USER = Statement(
    "INSERT INTO subscribers (number, spec, pay, state, capabilities) VALUES (?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
    " spec = excluded.spec, pay = excluded.pay, state = excluded.state, capabilities = excluded.capabilities"
)
SAME_USER = Statement(
    "SELECT 1 FROM subscribers WHERE number = ? AND spec = ? AND pay = ? AND state = ? AND capabilities = ?",
    missed=ItemLocked, locks=True,
    many=Many(
        2, "SELECT 1 FROM (VALUES ", "(?, ?, ?, ?, ?)",
        ") AS new (number, spec, pay, state, capabilities) CROSS JOIN LATERAL (SELECT 1 FROM subscribers WHERE number = new.number AND"
        " spec = new.spec AND pay = new.pay AND state = new.state AND capabilities = new.capabilities FOR NO KEY UPDATE) AS old",
    ),
)  # fmt: skip
NO_USER = Statement("SELECT 1 FROM subscribers WHERE number = ?", found=ItemLocked, looks=True)
_OF_CHANNEL = "WHERE channel = ? AND channel_order_id = ? AND state IS NOT NULL"
_OF_EACH = "WHERE channel = new.c AND channel_order_id = new.o AND state IS NOT NULL"
SAME_ORDERS = Statement(
    f"SELECT 1 WHERE ? = (SELECT count(*) FROM orders {_OF_CHANNEL})"  # noqa: S608  constants
    f" + (SELECT count(*) FROM archived_orders {_OF_CHANNEL})",
    missed=ItemLocked, looks=True,
    many=Many(
        2, "SELECT 1 FROM (VALUES ", "(?::bigint, ?, ?, ?, ?)",
        f") AS new (count, c, o, a, b) WHERE count = (SELECT count(*) FROM orders {_OF_EACH})"  # noqa: S608  constants
        f" + (SELECT count(*) FROM archived_orders {_OF_EACH})",
    ),
)  # fmt: skip
RELATION = (
    "product_id || '|' || offer_id || '|' || offer_type || '|' || channel || '|' || state || '|' || subscribed_at || '|' || effective_at"
    " || '|' || coalesce(expires_at || '', '')"
)
"""A row of relations as one text, the one of `_text`."""
NOTHING_OPEN = Statement("SELECT 1 FROM item_locks WHERE number = ? LIMIT 1", found=ItemLocked, looks=True)


def same_relations(text: str) -> Statement:
    """Make the look whether relations are as they were judged; `text` selects all of a number, in the database's own words."""
    of_each = text.replace("number = ?", "number = new.number")
    return Statement(
        f"SELECT 1 WHERE ? = coalesce(({text}), '')", missed=ItemLocked, looks=True,
        many=Many(4, "SELECT 1 FROM (VALUES ", "(?, ?)", f") AS new (was, number) WHERE new.was = coalesce(({of_each}), '')"),
    )  # fmt: skip


class OrderRows:
    """Maps orders and their locks, relations and subscribers."""

    def __init__(self, same_relations: Statement) -> None:
        self._same_relations = same_relations

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
            RelationsUnchanged: self._relations_unchanged,
            OrdersUnchanged: self._orders_unchanged,
            NothingOpen: self._nothing_open,
        }

    def bring(self, matter: Matter) -> Call:
        """Write what a run is about, without state: it can be found when it is accepted. The first one stands."""
        return BRING, _columns(matter, None)

    # ---- orders ------------------------------------------------------------------------------------------------------

    def _order_accepted(self, fact: OrderAccepted) -> Iterator[Call]:
        matter = fact.order
        yield ACCEPT, _columns(matter, fact.state.value)
        for holder, thing in dict.fromkeys(matter.locks):
            yield LOCK, (str(holder), thing, matter.id)

    def _order_confirmed(self, fact: OrderConfirmed) -> Iterator[Call]:
        yield CONFIRM, (fact.order_id,)

    def _order_ended(self, fact: OrderEnded) -> Iterator[Call]:
        yield END, (fact.state.value, fact.code, micros(fact.at), fact.order_id)

    def _items_freed(self, fact: ItemsFreed) -> Iterator[Call]:
        yield FREE, (fact.order_id,)

    # ---- users and what they hold ------------------------------------------------------------------------------------

    def _relation_started(self, fact: RelationStarted) -> Iterator[Call]:
        yield START_RELATION, (fact.relation.number.digits, *_held(fact.relation))

    def _relation_ended(self, fact: RelationEnded) -> Iterator[Call]:
        yield END_RELATION, (micros(fact.at), fact.number.digits, fact.product_id)

    def _relation_changed(self, fact: RelationChanged) -> Iterator[Call]:
        was = None if fact.was is None else fact.was.value
        yield CHANGE_RELATION, (fact.state.value, fact.number.digits, fact.product_id, was)

    def _relations_moved(self, fact: RelationsMoved) -> Iterator[Call]:
        old, new = fact.old.digits, fact.new.digits
        if old == new:
            return
        yield GIVE_WAY, (new, old)
        yield MOVE_RELATIONS, (new, old)
        yield MOVE_USER, (new, old, new)
        yield DROP_USER, (old,)  # who stands under the new number already stays

    def _subscriber_kept(self, fact: SubscriberKept) -> Iterator[Call]:
        yield _keep(fact.subscriber)

    def _subscribers_loaded(self, row: SubscribersLoaded) -> Iterator[Call]:
        for user in row.subscribers:
            yield _keep(user)

    def _user_unchanged(self, row: UserUnchanged) -> Iterator[Call]:
        yield (NO_USER, (row.number.digits,)) if row.user is None else (SAME_USER, _user(row.number.digits, row.user))

    def _relations_unchanged(self, row: RelationsUnchanged) -> Iterator[Call]:
        yield self._same_relations, (";".join(map(_text, row.held)), row.number.digits)

    def _orders_unchanged(self, row: OrdersUnchanged) -> Iterator[Call]:
        of_channel = row.channel, row.channel_order_id
        yield SAME_ORDERS, (row.count, *of_channel, *of_channel)

    def _nothing_open(self, row: NothingOpen) -> Iterator[Call]:
        yield NOTHING_OPEN, (row.number.digits,)


def _columns(matter: Matter, state: str | None) -> tuple[object, ...]:
    number = matter.number
    return (
        matter.id, matter.trace_id, matter.channel, matter.channel_order_id, "" if number is None else number.digits,
        matter.section, micros(matter.accepted_at), matter_text(matter), state,
    )  # fmt: skip


def _held(r: Relation) -> tuple[object, ...]:
    return (
        r.product_id, r.offer_id, r.offer_type.value, r.channel, r.state.value,
        micros(r.subscribed_at), micros(r.effective_at), None if r.expires_at is None else micros(r.expires_at),
    )  # fmt: skip


def _text(r: Relation) -> str:
    return "|".join("" if value is None else str(value) for value in _held(r))


def _keep(user: Subscriber) -> Call:
    return KEEP_USER, _user(user.number.digits, user)


def _user(number: str, user: Subscriber) -> tuple[str, ...]:
    return number, user.spec, user.pay.value, user.state.value, list_text(user.capabilities)
