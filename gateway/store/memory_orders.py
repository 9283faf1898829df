"""The rows of orders and other matters, of users and of what they hold, in memory."""

from __future__ import annotations

from dataclasses import replace

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
from gateway.domain.subscriber import Relation, RelationState
from gateway.engine.ports import (
    ItemLocked,
    NothingOpen,
    OrderRow,
    OrdersUnchanged,
    RelationsUnchanged,
    SubscribersLoaded,
    UserUnchanged,
)
from gateway.store.errors import StoreFailed
from gateway.store.memory_changes import MemoryChanges
from gateway.store.times import shanghai


class MemoryOrders(MemoryChanges):
    """Writes orders and their locks, relations and subscribers."""

    def _bring(self, matter: Matter) -> None:
        shanghai(matter.accepted_at)  # a time without zone is refused
        if matter.id not in self._documents:
            self._put(self._documents, matter.id, matter)
            self._arrived += 1
            self._put(self._arrivals, matter.id, self._arrived)

    def _order_accepted(self, fact: OrderAccepted) -> None:
        self._bring(fact.order)
        order = self._documents[fact.order.id]
        self._add(self._orders, order.id, OrderRow(order, fact.state, 0, None))
        self._put(self._held, order.id, None)
        if order.number is not None:
            self._index(self._by_number, order.number, order.id)
        self._index(self._by_channel, (order.channel, order.channel_order_id), order.id)
        self._index(self._by_trace, order.trace_id, order.id)
        for lock in dict.fromkeys(fact.order.locks):
            if lock in self._locks:
                raise ItemLocked
            self._put(self._locks, lock, order.id)
            self._put(self._locked, order.id, (*self._locked.get(order.id, ()), lock))

    def _user_unchanged(self, row: UserUnchanged) -> None:
        if self._subscribers.get(row.number) != row.user:
            raise ItemLocked

    def _relations_unchanged(self, row: RelationsUnchanged) -> None:
        if tuple(self._relations_of(row.number)) != row.held:
            raise ItemLocked

    def _orders_unchanged(self, row: OrdersUnchanged) -> None:
        if len(self._under(row.channel, row.channel_order_id)) != row.count:
            raise ItemLocked

    def _nothing_open(self, row: NothingOpen) -> None:
        if any(holder == row.number.digits for holder, _ in self._locks):
            raise ItemLocked

    def _order_confirmed(self, fact: OrderConfirmed) -> None:
        row = self._orders[fact.order_id]
        if row.state is not OrderState.UNCONFIRMED:
            raise StoreFailed("no such order waits for its confirmation")
        self._put(self._orders, fact.order_id, replace(row, state=OrderState.EXECUTING))

    def _order_ended(self, fact: OrderEnded) -> None:
        ended = replace(self._orders[fact.order_id], state=fact.state, code=fact.code, ended_at=shanghai(fact.at))
        self._put(self._orders, fact.order_id, ended)
        self._drop(self._held, fact.order_id)

    def _items_freed(self, fact: ItemsFreed) -> None:
        for lock in self._locked.get(fact.order_id, ()):
            self._drop(self._locks, lock)
        self._drop(self._locked, fact.order_id)

    # ---- users and what they hold ------------------------------------------------------------------------------------

    def _relation_started(self, fact: RelationStarted) -> None:
        relation = replace(
            fact.relation,
            subscribed_at=shanghai(fact.relation.subscribed_at),
            effective_at=shanghai(fact.relation.effective_at),
            expires_at=None if fact.relation.expires_at is None else shanghai(fact.relation.expires_at),
        )
        self._hold(relation)

    def _relation_ended(self, fact: RelationEnded) -> None:
        relation = self._relations.get(fact.number, {}).get(fact.product_id)
        at = shanghai(fact.at)
        if relation is not None:
            self._hold(replace(relation, state=RelationState.ENDED, expires_at=at))

    def _relation_changed(self, fact: RelationChanged) -> None:
        relation = self._relations.get(fact.number, {}).get(fact.product_id)
        if relation is not None and relation.state is not RelationState.ENDED and fact.was in (None, relation.state):
            self._hold(replace(relation, state=fact.state))

    def _relations_moved(self, fact: RelationsMoved) -> None:
        if fact.old == fact.new:
            return
        for relation in self._relations.get(fact.old, {}).values():
            self._hold(replace(relation, number=fact.new))
        self._drop(self._relations, fact.old)
        user = self._subscribers.get(fact.old)
        if user is not None and fact.new not in self._subscribers:
            self._put(self._subscribers, fact.new, replace(user, number=fact.new))
        self._drop(self._subscribers, fact.old)  # who stands under the new number already stays

    def _hold(self, relation: Relation) -> None:
        held = self._relations.get(relation.number, {})
        self._put(self._relations, relation.number, {**held, relation.product_id: relation})

    def _subscriber_kept(self, fact: SubscriberKept) -> None:
        self._put(self._subscribers, fact.subscriber.number, fact.subscriber)

    def _subscribers_loaded(self, row: SubscribersLoaded) -> None:
        for user in row.subscribers:
            self._put(self._subscribers, user.number, user)
