"""What VSOP did about a user and a product: told to a reconciliation, which judges by it, and looked at again before a repair."""

from __future__ import annotations

from gateway.domain.facts import Matter
from gateway.domain.numbers import Number
from gateway.domain.order import Order, OrderState
from gateway.domain.user_change import UserChange
from gateway.engine.ports import OrderRow
from gateway.recon.causes import Past
from gateway.services.desk import Desk

MOST_ORDERS = 50
"""Of a number, the newest first; what is older explains nothing of today."""


async def pasts(desk: Desk, number: Number, product_id: str) -> list[Past]:
    """Give the orders of a product, and the changes of its user, the newest first."""
    rows = await desk.store.orders_by_number(number, MOST_ORDERS)
    holder = await desk.store.open_order_for(number, product_id)
    touching = [row for row in rows if _touches(row.order, product_id)]
    return [await _past(desk, row, product_id, holder) for row in touching]


def _touches(matter: Matter, product_id: str) -> bool:
    if isinstance(matter, Order):
        return any(item.product_id == product_id for item in matter.items)
    return isinstance(matter, UserChange) and bool(matter.streaming_no)  # a notice is part of its change


async def _past(desk: Desk, row: OrderRow, product_id: str, holder: str | None) -> Past:
    order = row.order
    action = str(order.action)
    if isinstance(order, Order):
        item = next(i for i in order.items if i.product_id == product_id)
        action = str(item.action or order.action)
    return Past(
        order.id, action, not isinstance(order, Order), row.state, row.code, order.accepted_at, row.ended_at,
        undone=await _undone(desk, row), open=holder == order.id,
    )  # fmt: skip


async def _undone(desk: Desk, row: OrderRow) -> bool:
    if row.state is not OrderState.FAILED or not isinstance(row.order, Order):
        return False
    run = await desk.store.run(row.order.id)
    return run is not None and any(step.name.startswith("undo") for step in run.steps)
