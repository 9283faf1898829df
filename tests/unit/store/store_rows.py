"""What the store's tests share: a driver for awaitables without a reactor, and sample rows."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from gateway.domain.catalogue import Offer, OfferType, Product, Scope, Status
from gateway.domain.catalogue_change import (
    CatalogueChange,
    CatalogueObject,
    Cell,
    ChangeKind,
    Delivery,
    DeliveryState,
    ObjectKind,
)
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Order, OrderItem
from gateway.domain.party import Address, Party
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserChange, UserTarget
from gateway.engine.ports import InboxRow, RunStarted, StepDone, StepIntended, Store, Write
from gateway.steps import ItemReply, Reply
from gateway.store.postgres import PostgresStore
from gateway.store.promise import BlockingPromise
from gateway.store.sqlite import SqliteStore
from gateway.store.times import SHANGHAI

T = TypeVar("T")

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)
ANN = Number("18907910001")
BOB = Number("18907910002")
ME = "vsop-15"
"""The process of these tests."""
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


def open_postgres(url: str) -> PostgresStore:
    """Open a store in a database, in the same way."""
    return PostgresStore(url, promise=BlockingPromise, on_thread_result=lambda act: act())


def order(
    order_id: str = "o1",
    *,
    number: Number = ANN,
    products: tuple[str, ...] = (RINGTONE,),
    trace_id: str = "t1",
    channel_order_id: str = "c1",
    accepted_at: datetime = NOON,
    section: str = "4.1.1",
) -> Order:
    """Make an order of the portal."""
    return Order(
        id=order_id, trace_id=trace_id, section=section, action=Action.SUBSCRIBE, channel="211",
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
    return RunStarted(run_id, "order-x/1", serial, order(run_id), NOON, ME)


def intended(name: str = "activate", *, run_id: str = "o1", streaming_no: str = "200000000000000001") -> StepIntended:
    """Make the intent of a step."""
    return StepIntended(run_id, name, "2c", "2d", "xplatform:303", "serverAction", streaming_no, NOON)


def done(name: str = "activate", *, run_id: str = "o1", attempts: int = 2) -> StepDone:
    """Make the reply of a step, one second after noon."""
    reply = Reply(NOON + SECOND, 3001, "没有余额", 500, (ItemReply(RINGTONE, 0, "ok", NOON, None),))
    return StepDone(run_id, name, "2c", "xplatform:303", reply, attempts)


def relation(
    product_id: str = RINGTONE, *, number: Number = ANN, state: RelationState = RelationState.ACTIVE
) -> Relation:
    """Make a relation, of Ann's if not told otherwise, that ends in a day."""
    return Relation(
        number, product_id, "315000000000000000101", OfferType.PURE, "211", state,
        subscribed_at=NOON, effective_at=NOON + SECOND, expires_at=NOON + timedelta(days=1),
    )  # fmt: skip


def product(
    product_id: str = RINGTONE, *, name: str = "七彩铃音", version: int = 0, status: Status = Status.NORMAL
) -> Product:
    """Make a product that excludes one and requires none."""
    return Product(
        product_id, name, "Ring-back tone", "15000001", "200", "303", Scope.PROVINCIAL, "15", status, (BOX,),
        version=version,
    )  # fmt: skip


def offer(offer_id: str = "315000000000000000101") -> Offer:
    """Make an offer of one product."""
    return Offer(offer_id, "七彩铃音", "Ring-back tone", (RINGTONE,))


def user_change(change_id: str = "u1", *, number: Number = ANN, old_number: Number | None = BOB) -> UserChange:
    """Make the change of a user who has another number now; None for one who stays."""
    user = Subscriber(number, "003", PayType.PREPAID, UserState.ARREARS, ("1", "2"))
    return UserChange(
        id=change_id, trace_id="t1", section="3.1b", act=UserAct.RENUMBERED, channel="206", channel_order_id="c1",
        streaming_no="206000000000000001", user=user, province="15",
        targets=(UserTarget(Address(Party.XPLATFORM, "303"), (RINGTONE,)), UserTarget(Address(Party.ISMP, "204"))),
        accepted_at=NOON, old_number=old_number,
    )  # fmt: skip


def catalogue_change(change_id: str = "a1", *, of: CatalogueObject | None = None) -> CatalogueChange:
    """Make the application for a product."""
    return CatalogueChange(
        id=change_id, trace_id="t1", section="2.1", change=ChangeKind.ADDED, is_state_change=False, channel="204",
        channel_order_id="c1", streaming_no="204000000000000001", entry="productApply",
        object=of or CatalogueObject(product=product(version=2)), held=True, testers=(Address(Party.VSOP, "15"),),
        targets=(Address(Party.VSOP, "15"), Address(Party.OCS)), accepted_at=NOON,
    )  # fmt: skip


def delivery(delivery_id: str = "d1") -> Delivery:
    """Make the delivery of an offer to OCS."""
    return Delivery(
        id=delivery_id, trace_id="t1", section="2.1", number_of_step="4c", change=ChangeKind.MODIFIED, channel="102",
        channel_order_id="a1", object=CatalogueObject(offer=offer()), target=Address(Party.OCS), accepted_at=NOON,
    )  # fmt: skip


def cell(
    state: DeliveryState = DeliveryState.PENDING,
    *,
    version: int = 1,
    target: str = "ocs",
    run_id: str = "d1",
    code: int = 0,
    object_id: str = RINGTONE,
    at: datetime = NOON,
) -> Cell:
    """Make a cell of the delivery ledger."""
    return Cell(ObjectKind.PRODUCT, object_id, target, version, Status.NORMAL, state, code, at, run_id)
