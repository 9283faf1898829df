"""What was judged still holds when it is written, whichever process changed it meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_rows import (
    ANN,
    BOB,
    BOX,
    NOON,
    RINGTONE,
    SECOND,
    commit,
    done,
    order,
    product,
    relation,
    request,
    started,
    wait,
)

from gateway.domain.catalogue import OfferType
from gateway.domain.catalogue_change import CatalogueObject, ObjectKind
from gateway.domain.facts import (
    ItemsFreed,
    MasterKept,
    OrderAccepted,
    OrderEnded,
    RelationEnded,
    RelationsMoved,
    RelationStarted,
)
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, RelationState, Subscriber, UserState
from gateway.engine.ports import (
    ItemLocked,
    MasterUnchanged,
    NothingOpen,
    OrdersUnchanged,
    RelationsUnchanged,
    RunArchived,
    RunEnded,
    RunState,
    Store,
    SubscribersLoaded,
    UserUnchanged,
    Write,
)

USER = Subscriber(ANN, "003", PayType.PREPAID, capabilities=("5",))


def changed(store: Store, row: Write) -> bool:
    """Whether the row keeps a commit from being written."""
    try:
        commit(store, request(), row)
    except ItemLocked:
        assert wait(store.inbox("211", request().streaming_no)) is None
        return True
    return False


def test_user_as_judged(store: Store) -> None:
    """A user who is as he was read lets the commit pass."""
    commit(store, SubscribersLoaded((USER,)))
    assert not changed(store, UserUnchanged(ANN, USER))


@pytest.mark.parametrize(
    "other", [{"spec": "004"}, {"pay": PayType.POSTPAID}, {"state": UserState.INVALID}, {"capabilities": ()}], ids=str
)
def test_user_who_changed(store: Store, other: dict[str, object]) -> None:
    """Whatever of him is another now: the commit is refused."""
    commit(store, SubscribersLoaded((replace(USER, **other),)))  # type: ignore[arg-type]
    assert changed(store, UserUnchanged(ANN, USER))


def test_user_who_went(store: Store) -> None:
    """A user who is not there any more is not as judged."""
    assert changed(store, UserUnchanged(ANN, USER))


def test_user_who_came(store: Store) -> None:
    """Where nobody stood somebody stands now."""
    commit(store, SubscribersLoaded((USER,)))
    assert changed(store, UserUnchanged(ANN, None))


def test_nobody_as_judged(store: Store) -> None:
    """Where nobody stood nobody stands."""
    assert not changed(store, UserUnchanged(ANN, None))


def held(store: Store) -> RelationsUnchanged:
    """What is held is judged now."""
    return RelationsUnchanged(ANN, tuple(wait(store.relations(ANN))))


def test_relations_as_judged(store: Store) -> None:
    """Several, in the order of the store, one without end and one that has ended; those of others do not count."""
    commit(store, RelationStarted(relation(BOX)), RelationStarted(replace(relation(), expires_at=None)))
    commit(store, RelationEnded(ANN, BOX, NOON))
    judged = held(store)
    commit(store, RelationStarted(relation(number=BOB)))
    assert (len(judged.held), changed(store, judged)) == (2, False)


def test_nothing_held_as_judged(store: Store) -> None:
    """Where nothing was held nothing is held."""
    assert not changed(store, RelationsUnchanged(ANN, ()))


@pytest.mark.parametrize(
    "other",
    [
        {"product_id": BOX}, {"offer_id": "3"}, {"offer_type": OfferType.VAS_BUNDLE}, {"channel": "212"},
        {"state": RelationState.SUSPENDED}, {"subscribed_at": NOON + SECOND}, {"effective_at": NOON}, {"expires_at": None},
    ],
    ids=str,
)  # fmt: skip
def test_relations_that_changed(store: Store, other: dict[str, object]) -> None:
    """Whatever of them is another now, or one more: the commit is refused."""
    commit(store, RelationStarted(relation()))
    judged = held(store)
    commit(store, RelationStarted(replace(relation(), **other)))  # type: ignore[arg-type]
    assert changed(store, judged)


def test_relations_that_came(store: Store) -> None:
    """Where nothing was held something is held now, by an order that has ended and locks nothing any more."""
    commit(store, OrderAccepted(order()), RelationStarted(relation()), ItemsFreed("o1"))
    assert changed(store, RelationsUnchanged(ANN, ()))


def test_relations_that_went(store: Store) -> None:
    """What was held is held under another number now."""
    commit(store, RelationStarted(relation()))
    judged = held(store)
    commit(store, RelationsMoved(ANN, BOB))
    assert changed(store, judged)


@pytest.mark.parametrize(("count", "refused"), [(0, True), (1, False), (2, True)])
def test_orders_of_a_channel(store: Store, count: int, refused: bool) -> None:
    """As many as were read must be there; those of other numbers, and of other channels, do not count."""
    others = order("o2", number=BOB, channel_order_id="c2"), replace(order("o3", products=(BOX,)), channel="212")
    commit(store, OrderAccepted(order()), *map(OrderAccepted, others))
    assert changed(store, OrdersUnchanged("211", "c1", count)) is refused


def test_order_that_is_not_accepted(store: Store) -> None:
    """What a run alone knows cannot be found, so nobody judged by it."""
    commit(store, started())
    assert not changed(store, OrdersUnchanged("211", "c1", 0))


def test_archived_order_of_a_channel(store: Store) -> None:
    """An order that moves to the archive meanwhile is the same order."""
    ended = OrderEnded("o1", OrderState.COMPLETED, 0, NOON)
    commit(store, started(), OrderAccepted(order()), done(), ended, ItemsFreed("o1"), RunEnded("o1", RunState.ENDED, 0, "", NOON))
    commit(store, RunArchived("o1"))
    assert not changed(store, OrdersUnchanged("211", "c1", 1))


def test_order_under_way(store: Store) -> None:
    """A number with an open order is not free to end."""
    commit(store, OrderAccepted(order()))
    assert changed(store, NothingOpen(ANN))


def test_nothing_under_way(store: Store) -> None:
    """Orders that ended, and those of others, do not count."""
    commit(store, OrderAccepted(order()), ItemsFreed("o1"), OrderAccepted(order("o2", number=BOB)))
    assert not changed(store, NothingOpen(ANN))


@pytest.mark.parametrize(("version", "refused"), [(None, True), (1, True), (2, False), (3, True)])
def test_object_of_ppm(store: Store, version: int | None, refused: bool) -> None:
    """The version that was judged must be the one that is held."""
    commit(store, MasterKept(CatalogueObject(product=product(version=2))))
    assert changed(store, MasterUnchanged(ObjectKind.PRODUCT, RINGTONE, version)) is refused


def test_object_that_is_new(store: Store) -> None:
    """Where there was none there is none."""
    assert not changed(store, MasterUnchanged(ObjectKind.PRODUCT, RINGTONE, None))
