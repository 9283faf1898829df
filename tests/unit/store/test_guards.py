"""What was judged still holds when it is written, whichever process changed it meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_rows import ANN, BOB, RINGTONE, commit, order, product, request, wait

from gateway.domain.catalogue_change import CatalogueObject, ObjectKind
from gateway.domain.facts import ItemsFreed, MasterKept, OrderAccepted
from gateway.domain.subscriber import PayType, Subscriber, UserState
from gateway.engine.ports import (
    ItemLocked,
    MasterUnchanged,
    NothingOpen,
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
