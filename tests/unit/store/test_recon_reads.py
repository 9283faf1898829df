"""What a reconciliation reads page by page, alike in every store."""

from __future__ import annotations

from store_rows import ANN, BOB, BOX, NOON, RINGTONE, SECOND, commit, order, relation, wait

from gateway.domain.facts import OrderAccepted, OrderEnded, RelationEnded, RelationStarted
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, RelationState, Subscriber
from gateway.engine.ports import Store, SubscribersLoaded


def held(store: Store, *after: str, limit: int = 9) -> list[tuple[str, str]]:
    rows = wait(store.relations_after(*(after or ("", "")), limit))
    return [(row.relation.number.digits, row.relation.product_id) for row in rows]


ALL = [(ANN.digits, RINGTONE), (ANN.digits, BOX), (BOB.digits, RINGTONE)]


def three(store: Store) -> None:
    commit(store, *(RelationStarted(relation(p, number=n)) for n, p in ((BOB, RINGTONE), (ANN, BOX), (ANN, RINGTONE))))


def test_relations_come_by_number_and_product(store: Store) -> None:
    """Whatever order they were begun in."""
    three(store)
    assert held(store) == ALL


def test_a_page_goes_on_after_the_last_relation(store: Store) -> None:
    """Pages of one each give all of them, none twice."""
    three(store)
    pages = [held(store, *after, limit=1) for after in (("", ""), *ALL)]
    assert pages == [[one] for one in ALL] + [[]]


def test_ended_relations_are_among_them(store: Store) -> None:
    """What ended is told from what was never there."""
    three(store)
    commit(store, RelationEnded(ANN, BOX, NOON))
    assert [row.relation.state for row in wait(store.relations_after(ANN.digits, RINGTONE, 1))] == [RelationState.ENDED]


def test_relation_bears_how_its_user_pays(store: Store) -> None:
    """And nothing where no user is known."""
    three(store)
    commit(store, SubscribersLoaded((Subscriber(ANN, "003", PayType.PREPAID),)))
    assert [(row.spec, row.pay) for row in wait(store.relations_after("", "", 9))] == [
        ("003", PayType.PREPAID), ("003", PayType.PREPAID), ("", None),
    ]  # fmt: skip


def test_subscribers_come_by_number(store: Store) -> None:
    """Page by page, each whole."""
    users = (Subscriber(BOB, "001", PayType.POSTPAID), Subscriber(ANN, "003", PayType.PREPAID, capabilities=("1",)))
    commit(store, SubscribersLoaded(users))
    assert [wait(store.subscribers_after(after, 1)) for after in ("", ANN.digits, BOB.digits)] == [[users[1]], [users[0]], []]


def ended(store: Store, *ends: tuple[str, int]) -> None:
    for order_id, seconds in ends:
        commit(store, OrderAccepted(order(order_id, products=(order_id,))))
        commit(store, OrderEnded(order_id, OrderState.COMPLETED, 0, NOON + seconds * SECOND))


def page(store: Store, after: str = "", limit: int = 9) -> list[str]:
    return [row.order.id for row in wait(store.orders_ended(NOON, NOON + 10 * SECOND, after, limit))]


def test_orders_come_by_their_end(store: Store) -> None:
    """From the first moment on, up to but without the last one; open ones are not among them."""
    ended(store, ("late", 10), ("early", -1), ("two", 2), ("first", 0))
    commit(store, OrderAccepted(order("open", products=("open",))))
    assert page(store) == ["first", "two"]


def test_a_page_of_orders_goes_on_after_the_last_one(store: Store) -> None:
    """Also among those that ended in the same moment."""
    ended(store, ("b", 1), ("a", 1), ("c", 2))
    assert [page(store, after, 1) for after in ("", "a", "b", "c")] == [["a"], ["b"], ["c"], []]
