"""What runs are about beside orders, and what comes of users: kept alike by both adapters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from store_rows import (
    ANN,
    BOB,
    BOX,
    NOON,
    RINGTONE,
    SECOND,
    catalogue_change,
    commit,
    delivery,
    order,
    relation,
    user_change,
    wait,
)

from gateway.domain.catalogue_change import CatalogueObject
from gateway.domain.facts import (
    ItemsFreed,
    Matter,
    OrderAccepted,
    OrderConfirmed,
    OrderEnded,
    RelationEnded,
    RelationsMoved,
    RelationStarted,
    SubscriberKept,
)
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, RelationState, Subscriber
from gateway.engine.ports import ItemLocked, OrderRow, RunRow, RunStarted, RunState, Store, SubscribersLoaded
from gateway.store.errors import StoreFailed

CAROL = Subscriber(BOB, "003", PayType.PREPAID, capabilities=("1", "7"))
UNCONFIRMED = OrderState.UNCONFIRMED
MATTERS = [user_change(), catalogue_change(), delivery()]


def kind_of(matter: Matter) -> str:
    return type(matter).__name__


# ---- matters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("matter", MATTERS, ids=kind_of)
def test_run_of_any_matter(store: Store, matter: Matter) -> None:
    """A run comes back with what it is about, whatever that is."""
    commit(store, RunStarted(matter.id, "flow/1", 1, matter, NOON))
    assert wait(store.run(matter.id)) == RunRow(matter.id, "flow/1", 1, matter, RunState.RUNNING, 0, 0, None, "", ())


@pytest.mark.parametrize("matter", MATTERS, ids=kind_of)
def test_accepted_matter(store: Store, matter: Matter) -> None:
    """What was accepted is found by its id and its trace."""
    commit(store, OrderAccepted(matter))
    expected = OrderRow(matter, OrderState.EXECUTING, 0, None)
    assert (wait(store.order(matter.id)), list(wait(store.orders_by_trace("t1")))) == (expected, [expected])


def test_user_change_is_found_by_number(store: Store) -> None:
    """A change of a user stands among the user's orders; a change of the catalogue among nobody's."""
    commit(store, OrderAccepted(user_change()), OrderAccepted(catalogue_change()))
    assert [row.order.id for row in wait(store.orders_by_number(ANN, 9))] == ["u1"]


# ---- locks -----------------------------------------------------------------------------------------------------------


def test_renumbering_locks_both_numbers(store: Store) -> None:
    """While a user is renumbered, a change of either number is refused."""
    commit(store, OrderAccepted(user_change()))
    with pytest.raises(ItemLocked):
        commit(store, OrderAccepted(user_change("u2", number=BOB, old_number=None)))


def test_all_locks_of_a_user_change_are_freed(store: Store) -> None:
    """Freeing frees both numbers."""
    commit(store, OrderAccepted(user_change()))
    commit(store, ItemsFreed("u1"))
    commit(store, *(OrderAccepted(user_change(n.digits, number=n, old_number=None)) for n in (ANN, BOB)))
    assert [wait(store.open_order_for(n, "user")) for n in (ANN, BOB)] == [ANN.digits, BOB.digits]


def test_user_change_locks_no_order(store: Store) -> None:
    """A change of a user does not stand in the way of that user's orders."""
    commit(store, OrderAccepted(user_change()))
    commit(store, OrderAccepted(order()))
    assert wait(store.open_order_for(ANN, RINGTONE)) == "o1"


def test_number_that_stays_the_same_locks_once(store: Store) -> None:
    """A change from a number to itself does not stand in its own way."""
    commit(store, OrderAccepted(user_change(old_number=ANN)))
    assert wait(store.open_order_for(ANN, "user")) == "u1"


def test_object_is_changed_once_at_a_time(store: Store) -> None:
    """A second change of an object is refused while the first is open, and taken after it."""
    commit(store, OrderAccepted(catalogue_change()))
    with pytest.raises(ItemLocked):
        commit(store, OrderAccepted(catalogue_change("a2")))
    commit(store, ItemsFreed("a1"))
    commit(store, OrderAccepted(catalogue_change("a2")))
    assert wait(store.order("a2")) is not None


def test_objects_of_two_kinds_with_one_id(store: Store) -> None:
    """A product and an offer of the same id are two things."""
    (offered,) = [replace(o, id=RINGTONE) for o in [delivery().object.offer] if o is not None]
    commit(store, OrderAccepted(catalogue_change()))
    commit(store, OrderAccepted(catalogue_change("a2", of=CatalogueObject(offer=offered))))
    assert wait(store.order("a2")) is not None


def test_deliveries_lock_nothing(store: Store) -> None:
    """Several deliveries of one object are under way at the same time."""
    commit(store, OrderAccepted(delivery()), OrderAccepted(delivery("d2")))
    assert wait(store.order("d2")) is not None


# ---- confirmation ----------------------------------------------------------------------------------------------------


def test_order_that_waits_for_its_user(store: Store) -> None:
    """An order may be accepted as unconfirmed; it holds its products."""
    commit(store, OrderAccepted(order(), UNCONFIRMED))
    row = wait(store.order("o1"))
    assert (row and row.state, wait(store.open_order_for(ANN, RINGTONE))) == (UNCONFIRMED, "o1")


def test_confirmed_order_is_executed(store: Store) -> None:
    """With the user's word the order is executing."""
    commit(store, OrderAccepted(order(), UNCONFIRMED))
    commit(store, OrderConfirmed("o1"))
    row = wait(store.order("o1"))
    assert row is not None
    assert row.state is OrderState.EXECUTING


def test_ended_order_cannot_be_confirmed(store: Store) -> None:
    """A confirmation that comes too late revives nothing."""
    commit(store, OrderAccepted(order(), UNCONFIRMED), OrderEnded("o1", OrderState.FAILED, 1, NOON))
    with pytest.raises(StoreFailed):
        commit(store, OrderConfirmed("o1"))


# ---- lists of orders -------------------------------------------------------------------------------------------------


def accepted_each_second(count: int) -> list[OrderAccepted]:
    return [OrderAccepted(order(f"o{n}", products=(f"p{n}",), accepted_at=NOON + n * SECOND)) for n in range(count)]


def test_orders_between_two_times(store: Store) -> None:
    """The beginning belongs to it, the end does not; the newest comes first; other numbers do not count."""
    commit(store, *accepted_each_second(5), OrderAccepted(order("b", number=BOB, accepted_at=NOON + SECOND)))
    found = wait(store.orders_between(ANN, NOON + SECOND, NOON + 4 * SECOND, 9))
    assert [row.order.id for row in found] == ["o3", "o2", "o1"]


def test_orders_between_are_limited(store: Store) -> None:
    """No more than asked for, the newest."""
    commit(store, *accepted_each_second(5))
    assert [row.order.id for row in wait(store.orders_between(ANN, NOON, NOON + timedelta(1), 2))] == ["o4", "o3"]


def test_held_orders_are_the_open_ones(store: Store) -> None:
    """Orders of a section that have not ended, unconfirmed ones too, the oldest first."""
    times = {"o1": NOON + 2 * SECOND, "o2": NOON + SECOND, "o3": NOON, "o4": NOON + 3 * SECOND}
    commit(store, *(OrderAccepted(order(i, products=(i,), accepted_at=at)) for i, at in times.items()))
    commit(store, OrderAccepted(order("o5", products=("o5",)), UNCONFIRMED), OrderAccepted(order("x", section="4.1.2")))
    commit(store, *(OrderEnded(i, OrderState.COMPLETED, 0, NOON) for i in ("o3", "o4")))
    assert [row.order.id for row in wait(store.held_orders("4.1.1", 9))] == ["o5", "o2", "o1"]


def test_held_orders_are_limited(store: Store) -> None:
    """No more than asked for, the oldest."""
    commit(store, *accepted_each_second(5))
    assert [row.order.id for row in wait(store.held_orders("4.1.1", 2))] == ["o0", "o1"]


# ---- users -----------------------------------------------------------------------------------------------------------


def test_kept_user_is_found(store: Store) -> None:
    """A user that was kept comes back with everything, capabilities too."""
    commit(store, SubscriberKept(CAROL))
    assert wait(store.subscriber(BOB)) == CAROL


def test_kept_user_replaces_the_loaded_one(store: Store) -> None:
    """What CRM tells goes before what was loaded."""
    commit(store, SubscribersLoaded((CAROL,)))
    commit(store, SubscriberKept(replace(CAROL, pay=PayType.POSTPAID, capabilities=())))
    assert wait(store.subscriber(BOB)) == replace(CAROL, pay=PayType.POSTPAID, capabilities=())


def test_user_with_another_number(store: Store) -> None:
    """A user who moves is found under the new number alone."""
    commit(store, SubscribersLoaded((CAROL,)), RelationsMoved(BOB, ANN))
    assert (wait(store.subscriber(BOB)), wait(store.subscriber(ANN))) == (None, replace(CAROL, number=ANN))


def test_kept_user_goes_before_the_moved_one(store: Store) -> None:
    """What the change itself says of the user under the new number stands."""
    told = replace(CAROL, number=ANN, pay=PayType.POSTPAID)
    commit(store, SubscribersLoaded((CAROL,)))
    commit(store, SubscriberKept(told), RelationsMoved(BOB, ANN))
    assert (wait(store.subscriber(BOB)), wait(store.subscriber(ANN))) == (None, told)


def test_relations_move_to_the_new_number(store: Store) -> None:
    """All that was held under the old number is held under the new one, ended relations too, and nothing is left behind."""
    commit(store, RelationStarted(relation(RINGTONE, number=BOB)), RelationStarted(relation(BOX, number=BOB)))
    commit(store, RelationEnded(BOB, BOX, NOON), RelationsMoved(BOB, ANN))
    found = [(r.number, r.product_id, r.state) for r in wait(store.relations(ANN))]
    expected = [(ANN, RINGTONE, RelationState.ACTIVE), (ANN, BOX, RelationState.ENDED)]
    assert (list(wait(store.relations(BOB))), found) == ([], expected)


def test_moved_relation_replaces_what_was_there(store: Store) -> None:
    """A relation that a former owner of the number left gives way; other products of the number stay."""
    commit(store, RelationStarted(replace(relation(), offer_id="former")), RelationStarted(relation(BOX)))
    commit(store, RelationStarted(relation(number=BOB)), RelationsMoved(BOB, ANN))
    assert list(wait(store.relations(ANN))) == [relation(), relation(BOX)]


def test_move_to_the_same_number(store: Store) -> None:
    """Who moves nowhere loses nothing."""
    commit(store, SubscriberKept(CAROL), RelationStarted(relation(number=BOB)), RelationsMoved(BOB, BOB))
    assert (wait(store.subscriber(BOB)), list(wait(store.relations(BOB)))) == (CAROL, [relation(number=BOB)])


def test_refused_move_leaves_everything(store: Store) -> None:
    """A commit that is refused after a move has moved nothing."""
    commit(store, SubscriberKept(CAROL), RelationStarted(relation(number=BOB)), OrderAccepted(order()))
    with pytest.raises(ItemLocked):
        commit(store, RelationsMoved(BOB, ANN), ItemsFreed("none"), OrderAccepted(order("o2")))
    found = wait(store.subscriber(BOB)), list(wait(store.relations(BOB))), list(wait(store.relations(ANN)))
    assert found == (CAROL, [relation(number=BOB)], [])
