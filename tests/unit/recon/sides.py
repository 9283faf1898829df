"""What the tests of reconciliation share: rows of both sides, and histories."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.recon.causes import History, Past
from gateway.recon.holdings import Holding, Standing

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8)))
OLD = NOON - timedelta(days=30)
MINUTE = timedelta(minutes=1)
ANN, BOB = Number("18907910001"), Number("18907910002")
ACTIVE, SUSPENDED, ENDED = Standing.ACTIVE, Standing.SUSPENDED, Standing.ENDED


def holding(product="P1", standing=ACTIVE, *, number=ANN, offer="O1", at=OLD, **more):
    """Make a row that last changed long ago."""
    fields = {"offer_id": offer, "offer_type": OfferType.PURE, "spec": "003", "subscribed_at": at, "effective_at": at, **more}
    return Holding(number, product, standing, **fields)


def side(*rows):
    """Make the other side."""
    return {row.key: row for row in rows}


def past(order_id="o1", action="subscribe", state=OrderState.COMPLETED, at=OLD, **more):
    """Make an order that ended long ago."""
    fields = {"of_user": False, "code": 0, "accepted_at": at, "ended_at": at, **more}
    return Past(order_id=order_id, action=action, state=state, **fields)


def history(*orders, user="active", known=True, ours=True):
    """Make what VSOP knows of a user and product."""
    return History(user, known, ours, orders)
