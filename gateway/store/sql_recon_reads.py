"""The reads of a reconciliation: pages of relations, of users and of orders by their end, each continued where the last one stopped."""

from __future__ import annotations

from datetime import datetime

from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber, UserState
from gateway.engine.ports import HeldRelation, OrderRow
from gateway.store.documents import read_list, read_matter
from gateway.store.sql_asking import Asking, maybe_moment
from gateway.store.times import micros, moment


class ReconReads(Asking):
    """The port's reads by page, on SQLite and PostgreSQL: each is a range of an index, however far on it begins."""

    async def relations_after(self, number: str, product_id: str, limit: int) -> list[HeldRelation]:
        rows = self._all(
            "SELECT r.number, r.product_id, r.offer_id, r.offer_type, r.channel, r.state, r.subscribed_at, r.effective_at,"
            " r.expires_at, s.spec, s.pay FROM relations AS r LEFT JOIN subscribers AS s ON s.number = r.number"
            " WHERE (r.number, r.product_id) > (?, ?) ORDER BY r.number, r.product_id LIMIT ?",
            number, product_id, limit,
        )  # fmt: skip
        return [
            HeldRelation(
                Relation(
                    Number(digits), product, offer, OfferType(kind), channel, RelationState(state),
                    moment(subscribed), moment(effective), maybe_moment(expires),
                ),
                spec or "", None if pay is None else PayType(pay),
            )
            for digits, product, offer, kind, channel, state, subscribed, effective, expires, spec, pay in rows
        ]  # fmt: skip

    async def subscribers_after(self, number: str, limit: int) -> list[Subscriber]:
        rows = self._all(
            "SELECT number, spec, pay, state, capabilities FROM subscribers WHERE number > ? ORDER BY number LIMIT ?", number, limit
        )
        return [
            Subscriber(Number(digits), spec, PayType(pay), UserState(state), read_list(capabilities))
            for digits, spec, pay, state, capabilities in rows
        ]

    async def orders_ended(self, since: datetime, until: datetime, after: str, limit: int) -> list[OrderRow]:
        last = self._value("SELECT ended_at FROM orders WHERE id = ?", after)
        rows = self._all(
            "SELECT doc, state, code, ended_at FROM orders WHERE ended_at IS NOT NULL AND ended_at < ?"
            " AND (ended_at, id) > (?, ?) ORDER BY ended_at, id LIMIT ?",
            micros(until), micros(since) if last is None else last, "" if last is None else after, limit,
        )  # fmt: skip
        return [
            OrderRow(read_matter(doc), OrderState(state), code, maybe_moment(ended)) for doc, state, code, ended in rows
        ]
