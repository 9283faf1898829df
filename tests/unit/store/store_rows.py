"""What the store's tests share: a driver for awaitables without a reactor, and sample rows."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from gateway.domain.catalogue import Offer, OfferType, Product, Scope
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Order, OrderItem
from gateway.domain.party import Address, Party
from gateway.domain.subscriber import PayType, Relation, RelationState
from gateway.engine.ports import InboxRow, RunStarted, StepDone, StepIntended, Store, Write
from gateway.steps import ItemReply, Reply
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite import SqliteStore
from gateway.store.times import SHANGHAI

T = TypeVar("T")

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)
ANN = Number("18907910001")
BOB = Number("18907910002")
RINGTONE = "115000000000000000101"
BOX = "115000000000000000103"


def wait(awaitable: Awaitable[T]) -> T:
    """Await without a reactor: nothing in this room may need one."""

    async def awaited() -> T:
        return await awaitable

    coroutine: Any = awaited()
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("the awaitable asked for a reactor")


def commit(store: Store, *writes: Write) -> None:
    """Write rows and wait until they are written."""
    wait(store.commit(writes))


def open_sqlite(path: Path) -> SqliteStore:
    """Open a store whose promises block and are settled by the writer thread itself."""
    return SqliteStore(path, promise=BlockingPromise, on_thread_result=lambda act: act())


def order(
    order_id: str = "o1",
    *,
    number: Number = ANN,
    products: tuple[str, ...] = (RINGTONE,),
    trace_id: str = "t1",
    channel_order_id: str = "c1",
    accepted_at: datetime = NOON,
) -> Order:
    """Make an order of the portal."""
    return Order(
        id=order_id, trace_id=trace_id, section="4.1.1", action=Action.SUBSCRIBE, channel="211",
        channel_order_id=channel_order_id, streaming_no="211000000000000001", number=number, spec="003",
        pay=PayType.PREPAID, province="15", target=Address(Party.XPLATFORM, "303"),
        items=tuple(OrderItem(p, "15000001", "315000000000000000101", OfferType.PURE) for p in products),
        accepted_at=accepted_at,
    )  # fmt: skip


def request(streaming_no: str = "211000000000000001", *, answer: str = '{"ResultCode":"0"}') -> InboxRow:
    """Make a request of the portal that was taken."""
    return InboxRow("211", streaming_no, "subscribeToVSOP", "digest", answer, NOON)


def started(run_id: str = "o1", *, serial: int = 1) -> RunStarted:
    """Make the start of a run."""
    return RunStarted(run_id, "order-x/1", serial, order(run_id), NOON)


def intended(name: str = "activate", *, run_id: str = "o1", streaming_no: str = "200000000000000001") -> StepIntended:
    """Make the intent of a step."""
    return StepIntended(run_id, name, "2c", "2d", "xplatform:303", "serverAction", streaming_no, NOON)


def done(name: str = "activate", *, run_id: str = "o1", attempts: int = 2) -> StepDone:
    """Make the reply of a step, one second after noon."""
    reply = Reply(NOON + SECOND, 3001, "没有余额", 500, (ItemReply(RINGTONE, 0, "ok", NOON, None),))
    return StepDone(run_id, name, "2c", "xplatform:303", reply, attempts)


def relation(product_id: str = RINGTONE, *, state: RelationState = RelationState.ACTIVE) -> Relation:
    """Make a relation of Ann's that ends in a day."""
    return Relation(
        ANN, product_id, "315000000000000000101", OfferType.PURE, "211", state,
        subscribed_at=NOON, effective_at=NOON + SECOND, expires_at=NOON + timedelta(days=1),
    )  # fmt: skip


def product(product_id: str = RINGTONE, *, name: str = "七彩铃音") -> Product:
    """Make a product that excludes one and requires none."""
    return Product(
        product_id, name, "Ring-back tone", "15000001", "200", "303", Scope.PROVINCIAL, "15", excludes=(BOX,)
    )


def offer(offer_id: str = "315000000000000000101") -> Offer:
    """Make an offer of one product."""
    return Offer(offer_id, "七彩铃音", "Ring-back tone", (RINGTONE,))
