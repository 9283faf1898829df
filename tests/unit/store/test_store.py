"""The port's promises, one by one, kept by both adapters: what memory does in a test, SQLite does in the field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from store_rows import (
    ANN,
    BOB,
    BOX,
    ME,
    NOON,
    RINGTONE,
    SECOND,
    commit,
    done,
    intended,
    offer,
    order,
    product,
    relation,
    request,
    started,
    wait,
)

from gateway.domain.catalogue import Catalogue, ContentPartner
from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderEnded, RelationChanged, RelationEnded, RelationStarted
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, RelationState, Subscriber, UserState
from gateway.engine.ports import (
    CatalogueLoaded,
    DuplicateRequest,
    ItemLocked,
    OrderRow,
    RunEnded,
    RunRow,
    RunState,
    RunWaiting,
    SignalArrived,
    StepRow,
    Store,
    SubscribersLoaded,
    Write,
)
from gateway.steps import Reply
from gateway.store.errors import StoreFailed

DONE = Reply(NOON)


def waiting(run_id: str = "o1", *, wake_at: datetime | None = NOON) -> RunWaiting:
    return RunWaiting(run_id, wake_at, 3, "partner is silent")


def ended(run_id: str = "o1", *, state: RunState = RunState.ENDED) -> RunEnded:
    return RunEnded(run_id, state, 0, "", NOON)


# ---- requests --------------------------------------------------------------------------------------------------------


def test_request_is_found(store: Store) -> None:
    """A request that was taken comes back with its answer."""
    commit(store, request())
    assert wait(store.inbox("211", "211000000000000001")) == request()


def test_request_of_another_system_is_another_request(store: Store) -> None:
    """A StreamingNo is unique for one system only."""
    commit(store, request())
    assert wait(store.inbox("212", "211000000000000001")) is None


def test_same_request_again(store: Store) -> None:
    """The second request with one number is refused as a duplicate."""
    commit(store, request())
    with pytest.raises(DuplicateRequest):
        commit(store, request(answer="{}"))


def test_first_request_stands(store: Store) -> None:
    """A duplicate leaves the stored answer as it was."""
    commit(store, request())
    with pytest.raises(DuplicateRequest):
        commit(store, request(answer="{}"))
    assert wait(store.inbox("211", "211000000000000001")) == request()


def test_refused_commit_leaves_nothing(store: Store) -> None:
    """What stood beside a duplicate, before it and after it, is not written."""
    commit(store, request())
    with pytest.raises(DuplicateRequest):
        commit(store, started(), OrderAccepted(order()), intended(), request(), RelationStarted(relation()))
    found = (
        wait(store.run("o1")), wait(store.order("o1")), wait(store.orders_by_number(ANN, 9)), wait(store.reserve_serials(1)),
        wait(store.step_by_streaming_no("200000000000000001")), wait(store.open_order_for(ANN, RINGTONE)),
        wait(store.relations(ANN)),
    )  # fmt: skip
    assert found == (None, None, [], 1, None, None, [])


def test_refused_commit_takes_changes_back(store: Store) -> None:
    """Rows that a refused commit changed or deleted are as before."""
    commit(store, request(), started(), OrderAccepted(order()), intended())
    with pytest.raises(DuplicateRequest):
        commit(store, done(), OrderEnded("o1", OrderState.COMPLETED, 0, NOON), ended(), request())
    run = wait(store.run("o1"))
    assert run is not None
    found = run.state, run.steps[0].reply, wait(store.open_order_for(ANN, RINGTONE)), wait(store.interrupted_runs(ME))
    assert found == (RunState.RUNNING, None, "o1", ["o1"])


# ---- runs and steps --------------------------------------------------------------------------------------------------


def test_run_begins(store: Store) -> None:
    """A new run is running, with its order and no steps."""
    commit(store, started(serial=7))
    expected = RunRow("o1", "order-x/1", 7, order(), RunState.RUNNING, 0, 0, None, "", (), ME)
    assert wait(store.run("o1")) == expected


def test_unknown_run(store: Store) -> None:
    """A run that never was is None."""
    assert wait(store.run("o1")) is None


def test_run_cannot_begin_twice(store: Store) -> None:
    """The same run again fails."""
    commit(store, started())
    with pytest.raises(StoreFailed):
        commit(store, started(serial=2))


def test_serial_is_unique(store: Store) -> None:
    """Two runs cannot share a serial: StreamingNos are made from it."""
    commit(store, started())
    with pytest.raises(StoreFailed):
        commit(store, started("o2"))


def test_intended_step(store: Store) -> None:
    """A step under way is in the journal without reply."""
    commit(store, started(), intended())
    expected = StepRow(
        "activate", "2c", "2d", "xplatform:303", "serverAction", "200000000000000001", NOON, 0, None
    )  # fmt: skip
    assert steps_of(store) == (expected,)


def test_done_step_keeps_its_intent(store: Store) -> None:
    """A reply completes the intent's row: number, StreamingNo and time of sending stay."""
    commit(store, started(), intended())
    commit(store, done())
    expected = StepRow(
        "activate", "2c", "2d", "xplatform:303", "serverAction", "200000000000000001", NOON, 2, done().reply
    )  # fmt: skip
    assert steps_of(store) == (expected,)


def test_done_step_without_intent(store: Store) -> None:
    """A step that sends nothing has one row, which begins when it is done."""
    commit(store, started(), done("accept", attempts=1))
    expected = StepRow("accept", "2c", "", "xplatform:303", "", "", NOON + SECOND, 1, done().reply)
    assert steps_of(store) == (expected,)


def test_journal_keeps_the_order_of_steps(store: Store) -> None:
    """Steps come back as they were first written, whatever they are called."""
    commit(store, started(), done("zero"), intended("one", streaming_no="1"))
    commit(store, done("one"), intended("alpha", streaming_no="2"))
    assert [s.name for s in steps_of(store)] == ["zero", "one", "alpha"]


def test_reply_is_journalled_once(store: Store) -> None:
    """A second reply for a step fails: replay has to see what the flow saw."""
    commit(store, started(), intended(), done())
    with pytest.raises(StoreFailed):
        commit(store, done())


def test_step_is_intended_once(store: Store) -> None:
    """A second intent under one name fails: its StreamingNo would be another one."""
    commit(store, started(), intended())
    with pytest.raises(StoreFailed):
        commit(store, intended(streaming_no="2"))


@pytest.mark.parametrize("row", [intended(), done(), waiting(), ended()], ids=lambda row: type(row).__name__)
def test_row_of_unknown_run(store: Store, row: Write) -> None:
    """A journal without its run is refused."""
    with pytest.raises(StoreFailed):
        commit(store, row)


def test_run_waits(store: Store) -> None:
    """A waiting run has its wake time, attempts and note."""
    commit(store, started(), waiting())
    run = wait(store.run("o1"))
    assert run == replace(
        started_row(), state=RunState.WAITING, wake_at=NOON, attempts=3, note="partner is silent"
    )  # fmt: skip


def test_intent_leaves_a_waiting_run_waiting(store: Store) -> None:
    """A run that is being taken up keeps its wake time until it has a reply."""
    commit(store, started(), waiting(), intended())
    run = wait(store.run("o1"))
    assert run is not None
    assert (run.state, run.wake_at) == (RunState.WAITING, NOON)


def test_run_ends(store: Store) -> None:
    """An ended run has its code and note, and no wake time."""
    commit(store, started(), waiting())
    commit(store, RunEnded("o1", RunState.STUCK, 9001, "internal error", NOON))
    run = wait(store.run("o1"))
    assert run is not None
    assert (run.state, run.code, run.note, run.wake_at) == (RunState.STUCK, 9001, "internal error", None)


def test_step_is_found_by_streaming_no(store: Store) -> None:
    """The number that a message of ours carried leads to its run and step."""
    commit(store, started(), intended())
    assert wait(store.step_by_streaming_no("200000000000000001")) == ("o1", "activate")


def test_done_step_is_found_by_streaming_no(store: Store) -> None:
    """A late callback still finds its step."""
    commit(store, started(), intended(), done())
    assert wait(store.step_by_streaming_no("200000000000000001")) == ("o1", "activate")


def test_step_without_streaming_no_is_not_found(store: Store) -> None:
    """A wait for a report carries no number: an empty one leads nowhere."""
    commit(store, started(), intended(streaming_no=""))
    assert wait(store.step_by_streaming_no("")) is None


def test_first_serial(store: Store) -> None:
    """Without runs serials begin at 1."""
    assert wait(store.reserve_serials(10)) == 1


def test_serials_follow_the_highest_used(store: Store) -> None:
    """The highest serial counts, not the latest."""
    commit(store, started(serial=9), started("o2", serial=4))
    assert wait(store.reserve_serials(10)) == 10


def test_serials_are_given_once(store: Store) -> None:
    """What was reserved is not given again, used or not."""
    assert [wait(store.reserve_serials(10)), wait(store.reserve_serials(5)), wait(store.reserve_serials(1))] == [1, 11, 16]


def test_runs_are_counted_by_state(store: Store) -> None:
    """Every state is counted, also the one that no run is in."""
    commit(store, *(started(f"o{n}", serial=n) for n in range(1, 7)))
    commit(store, waiting("o1"), ended("o2"), ended("o3"), ended("o4", state=RunState.STUCK))
    assert wait(store.counts()) == {"running": 2, "waiting": 1, "ended": 2, "stuck": 1}
    assert wait(store.open_runs()) == 4


def test_nothing_is_counted(store: Store) -> None:
    """An empty store counts zero of each."""
    assert wait(store.counts()) == {"running": 0, "waiting": 0, "ended": 0, "stuck": 0}


# ---- waking ----------------------------------------------------------------------------------------------------------


def test_signal_is_found(store: Store) -> None:
    """A callback is kept for its step."""
    commit(store, started(), SignalArrived("o1", "activate", DONE))
    assert wait(store.signal("o1", "activate")) == DONE


def test_first_signal_stands(store: Store) -> None:
    """A repeated callback is no error and changes nothing."""
    commit(store, started(), SignalArrived("o1", "activate", DONE))
    commit(store, SignalArrived("o1", "activate", replace(DONE, code=3001)))
    assert wait(store.signal("o1", "activate")) == DONE


def test_no_signal(store: Store) -> None:
    """A step for which nothing came has none."""
    commit(store, started(), SignalArrived("o1", "activate", DONE))
    assert wait(store.signal("o1", "archive")) is None


def test_signal_for_a_run_that_is_not_there(store: Store) -> None:
    """It is no error and leaves nothing: its run has been archived, and nobody would remove it."""
    commit(store, SignalArrived("o1", "activate", DONE))
    assert wait(store.signal("o1", "activate")) is None


def test_interrupted_runs_are_running_ones_by_serial(store: Store) -> None:
    """After a restart the oldest run is taken up first; waiting, ended and stuck ones are left."""
    commit(store, *(started(f"o{n}", serial=9 - n) for n in range(1, 6)))
    commit(store, waiting("o2"), ended("o3"), ended("o4", state=RunState.STUCK))
    assert wait(store.interrupted_runs(ME)) == ["o5", "o1"]


def test_waiting_run_whose_signal_arrived_is_interrupted(store: Store) -> None:
    """A callback that was stored just before the end of the process is not forgotten."""
    commit(store, started(), intended(), waiting(), SignalArrived("o1", "activate", DONE))
    assert wait(store.interrupted_runs(ME)) == ["o1"]


def test_waiting_run_with_a_used_signal_is_not_interrupted(store: Store) -> None:
    """A signal whose step has its reply wakes nobody."""
    commit(store, started(), intended(), SignalArrived("o1", "activate", DONE), done(), waiting())
    assert wait(store.interrupted_runs(ME)) == []


def test_waiting_run_with_a_signal_for_a_later_step_is_not_interrupted(store: Store) -> None:
    """A signal that came before its step began waits for that step."""
    commit(store, started(), intended(), waiting(), SignalArrived("o1", "report", DONE))
    assert wait(store.interrupted_runs(ME)) == []


def test_due_runs_are_the_oldest_first(store: Store) -> None:
    """Runs whose time has come, now included, by that time."""
    commit(store, *(started(f"o{n}", serial=n) for n in range(1, 5)))
    commit(store, waiting("o1"), waiting("o2", wake_at=NOON - SECOND), waiting("o3", wake_at=NOON + SECOND))
    assert wait(store.due_runs(NOON, 10, ME)) == ["o2", "o1"]


def test_due_runs_are_limited(store: Store) -> None:
    """No more than asked for."""
    commit(store, *(started(f"o{n}", serial=n) for n in range(1, 4)), *(waiting(f"o{n}") for n in range(1, 4)))
    assert wait(store.due_runs(NOON, 2, ME)) == ["o1", "o2"]


def test_run_without_wake_time_is_never_due(store: Store) -> None:
    """A run that waits for a signal alone is not woken by time."""
    commit(store, started(), waiting(wake_at=None))
    assert (wait(store.due_runs(NOON, 10, ME)), wait(store.next_wake(ME))) == ([], None)


def test_next_wake_is_the_earliest(store: Store) -> None:
    """The earliest time of all waiting runs, in Asia/Shanghai."""
    commit(store, started(), started("o2", serial=2), waiting(), waiting("o2", wake_at=NOON - SECOND))
    at = wait(store.next_wake(ME))
    assert (at, at and at.utcoffset()) == (NOON - SECOND, timedelta(hours=8))


def test_next_wake_of_nobody(store: Store) -> None:
    """Without waiting runs there is none; an ended one does not count."""
    commit(store, started(), waiting(), ended())
    assert wait(store.next_wake(ME)) is None


# ---- orders ----------------------------------------------------------------------------------------------------------


def test_accepted_order(store: Store) -> None:
    """An accepted order is executing."""
    commit(store, OrderAccepted(order()))
    assert wait(store.order("o1")) == OrderRow(order(), OrderState.EXECUTING, 0, None)


def test_order_accepted_within_its_run(store: Store) -> None:
    """The run and the order share one document."""
    commit(store, started(), OrderAccepted(order()))
    run, row = wait(store.run("o1")), wait(store.order("o1"))
    assert (run and run.order, row and row.order) == (order(), order())


def test_order_that_was_not_accepted_is_not_found(store: Store) -> None:
    """A run that keeps no OrderAccepted makes no order."""
    commit(store, started())
    found = wait(store.order("o1")), wait(store.orders_by_number(ANN, 9)), wait(store.open_order_for(ANN, RINGTONE))
    assert found == (None, [], None)


def test_order_is_accepted_once(store: Store) -> None:
    """The same order again fails."""
    commit(store, OrderAccepted(order()))
    with pytest.raises(StoreFailed):
        commit(store, OrderAccepted(order(products=(BOX,))))


def test_order_ends(store: Store) -> None:
    """An ended order has its state, code and time."""
    commit(store, OrderAccepted(order()))
    commit(store, OrderEnded("o1", OrderState.FAILED, 7001, NOON + SECOND))
    assert wait(store.order("o1")) == OrderRow(order(), OrderState.FAILED, 7001, NOON + SECOND)


def test_end_of_unknown_order(store: Store) -> None:
    """An order that was not accepted cannot end."""
    commit(store, started())
    with pytest.raises(StoreFailed):
        commit(store, OrderEnded("o1", OrderState.COMPLETED, 0, NOON))


def test_open_order_holds_its_items(store: Store) -> None:
    """Each product of an open order is locked for its user, and for nobody else."""
    commit(store, OrderAccepted(order(products=(RINGTONE, BOX))))
    held = [wait(store.open_order_for(*key)) for key in [(ANN, RINGTONE), (ANN, BOX), (BOB, BOX)]]
    assert held == ["o1", "o1", None]


def test_open_order_of_a_user(store: Store) -> None:
    """Whatever a user has under way is found by the number, until it is freed."""
    commit(store, OrderAccepted(order()))
    before = [wait(store.open_order_of(number)) for number in (ANN, BOB)]
    commit(store, ItemsFreed("o1"))
    assert (before, wait(store.open_order_of(ANN))) == (["o1", None], None)


def test_item_of_an_open_order_is_locked(store: Store) -> None:
    """Another order for one of the products is refused while the first is open."""
    commit(store, OrderAccepted(order(products=(RINGTONE, BOX))))
    with pytest.raises(ItemLocked):
        commit(store, OrderAccepted(order("o2", products=(BOX,))))


def test_order_with_one_locked_item_locks_none(store: Store) -> None:
    """A refused order leaves no lock of its own."""
    commit(store, OrderAccepted(order()))
    with pytest.raises(ItemLocked):
        commit(store, OrderAccepted(order("o2", products=(BOX, RINGTONE))))
    assert wait(store.open_order_for(ANN, BOX)) is None


def test_product_named_twice_locks_once(store: Store) -> None:
    """An order does not stand in its own way."""
    commit(store, OrderAccepted(order(products=(RINGTONE, RINGTONE))))
    assert wait(store.open_order_for(ANN, RINGTONE)) == "o1"


def test_same_product_for_another_user(store: Store) -> None:
    """A lock is of one user."""
    commit(store, OrderAccepted(order()))
    commit(store, OrderAccepted(order("o2", number=BOB)))
    assert wait(store.open_order_for(BOB, RINGTONE)) == "o2"


def test_ended_order_frees_its_items(store: Store) -> None:
    """After the end the next order may come, and holds the product."""
    commit(store, OrderAccepted(order()))
    commit(store, OrderEnded("o1", OrderState.COMPLETED, 0, NOON), ItemsFreed("o1"))
    commit(store, OrderAccepted(order("o2")))
    assert wait(store.open_order_for(ANN, RINGTONE)) == "o2"


def test_end_alone_frees_nothing(store: Store) -> None:
    """An order that has ended but not yet told everybody still holds its products."""
    commit(store, OrderAccepted(order()))
    commit(store, OrderEnded("o1", OrderState.COMPLETED, 0, NOON))
    with pytest.raises(ItemLocked):
        commit(store, OrderAccepted(order("o2")))


def test_items_freed_again_frees_nothing_of_others(store: Store) -> None:
    """An order that freed its products before leaves the next order's lock alone."""
    commit(store, OrderAccepted(order()), ItemsFreed("o1"), OrderAccepted(order("o2")))
    commit(store, ItemsFreed("o1"))
    assert wait(store.open_order_for(ANN, RINGTONE)) == "o2"


def test_orders_of_a_number_are_the_newest(store: Store) -> None:
    """The latest accepted first, limited, of this number alone."""
    times = {"o1": NOON, "o2": NOON + 2 * SECOND, "o3": NOON + SECOND}
    commit(store, *(OrderAccepted(order(i, products=(i,), accepted_at=at)) for i, at in times.items()))
    commit(store, OrderAccepted(order("o4", number=BOB)))
    assert [row.order.id for row in wait(store.orders_by_number(ANN, 2))] == ["o2", "o3"]


def test_orders_of_one_moment(store: Store) -> None:
    """Of orders accepted at one time the one that was written last is the newest."""
    commit(store, *(OrderAccepted(order(i, products=(i,))) for i in ("o2", "o1", "o3")))
    assert [row.order.id for row in wait(store.orders_by_number(ANN, 9))] == ["o3", "o1", "o2"]


def test_orders_of_a_channel(store: Store) -> None:
    """A channel's own number leads to its orders, the newest first."""
    commit(store, OrderAccepted(order("o1", accepted_at=NOON + SECOND)), OrderAccepted(order("o2", products=(BOX,))))
    commit(store, OrderAccepted(order("o3", products=("p",), channel_order_id="c2")))
    assert [row.order.id for row in wait(store.orders_by_channel("211", "c1"))] == ["o1", "o2"]


def test_order_number_of_another_channel(store: Store) -> None:
    """A channel does not see another channel's orders."""
    commit(store, OrderAccepted(order()))
    assert list(wait(store.orders_by_channel("212", "c1"))) == []


def test_orders_of_a_trace(store: Store) -> None:
    """The end-to-end id leads to all its orders at this tier, in the order in which they came."""
    commit(store, OrderAccepted(order()), OrderAccepted(order("o2", products=(BOX,))))
    commit(store, OrderAccepted(order("o3", products=("p",), trace_id="t2")))
    assert [row.order.id for row in wait(store.orders_by_trace("t1"))] == ["o1", "o2"]


def test_order_with_everything_in_it(store: Store) -> None:
    """Optional fields, Chinese and markup come back as they went in."""
    item = replace(order().items[0], effective_at=NOON, expires_at=NOON + SECOND, sp="代理'; DROP TABLE orders;--")
    rich = replace(order(), items=(item,), hops=2, channel_order_id="<&\N{PILE OF POO}>")
    commit(store, OrderAccepted(rich))
    row = wait(store.order("o1"))
    assert row is not None
    assert row.order == rich


# ---- subscribers and relations ---------------------------------------------------------------------------------------


def test_subscriber_is_found(store: Store) -> None:
    """A loaded subscriber comes back."""
    ann = Subscriber(ANN, "003", PayType.PREPAID, UserState.ARREARS)
    commit(store, SubscribersLoaded((ann,)))
    assert wait(store.subscriber(ANN)) == ann


def test_unknown_subscriber(store: Store) -> None:
    """A number that was not loaded has none."""
    assert wait(store.subscriber(ANN)) is None


def test_loaded_subscriber_is_replaced(store: Store) -> None:
    """Loading again replaces who is named and leaves the others."""
    ann, bob = Subscriber(ANN, "003", PayType.PREPAID), Subscriber(BOB, "001", PayType.POSTPAID)
    commit(store, SubscribersLoaded((ann, bob)))
    commit(store, SubscribersLoaded((replace(ann, pay=PayType.POSTPAID),)))
    assert [wait(store.subscriber(n)) for n in (ANN, BOB)] == [replace(ann, pay=PayType.POSTPAID), bob]


def test_relation_is_found(store: Store) -> None:
    """A begun relation comes back whole."""
    commit(store, RelationStarted(relation()))
    assert list(wait(store.relations(ANN))) == [relation()]


def test_relations_are_of_one_number(store: Store) -> None:
    """Another number's relations are not shown."""
    commit(store, RelationStarted(relation()))
    assert list(wait(store.relations(BOB))) == []


def test_relations_by_product(store: Store) -> None:
    """A number's relations come by product id."""
    commit(store, RelationStarted(relation(BOX)), RelationStarted(relation(RINGTONE)))
    assert [r.product_id for r in wait(store.relations(ANN))] == [RINGTONE, BOX]


def test_relation_ends(store: Store) -> None:
    """An ended relation stays, with the time of its end."""
    commit(store, RelationStarted(relation()), RelationEnded(ANN, RINGTONE, NOON + SECOND))
    expected = replace(relation(), state=RelationState.ENDED, expires_at=NOON + SECOND)
    assert list(wait(store.relations(ANN))) == [expected]


def test_end_of_a_relation_that_never_was(store: Store) -> None:
    """A platform may report the end of what we never held."""
    commit(store, RelationEnded(ANN, RINGTONE, NOON))
    assert list(wait(store.relations(ANN))) == []


def test_relation_begins_again(store: Store) -> None:
    """A new relation takes the place of the ended one, with nothing left of it."""
    commit(store, RelationStarted(relation()), RelationEnded(ANN, RINGTONE, NOON))
    again = replace(relation(), offer_id="other", channel="214", expires_at=None)
    commit(store, RelationStarted(again))
    assert list(wait(store.relations(ANN))) == [again]


def test_relation_is_suspended(store: Store) -> None:
    """A report suspends a relation."""
    commit(store, RelationStarted(relation()), RelationChanged(ANN, RINGTONE, RelationState.SUSPENDED))
    assert list(wait(store.relations(ANN))) == [relation(state=RelationState.SUSPENDED)]


def test_relation_is_resumed(store: Store) -> None:
    """A report resumes a suspended relation."""
    commit(store, RelationStarted(relation(state=RelationState.SUSPENDED)))
    commit(store, RelationChanged(ANN, RINGTONE, RelationState.ACTIVE))
    assert list(wait(store.relations(ANN))) == [relation()]


@pytest.mark.parametrize("was", [RelationState.ACTIVE, RelationState.SUSPENDED])
def test_relation_changes_from_one_state_alone(store: Store, was: RelationState) -> None:
    """A change that names the state before leaves a relation in another state alone."""
    commit(store, RelationStarted(relation(state=was)))
    commit(store, RelationChanged(ANN, RINGTONE, RelationState.STOPPED, was=RelationState.ACTIVE))
    expected = RelationState.STOPPED if was is RelationState.ACTIVE else was
    assert [r.state for r in wait(store.relations(ANN))] == [expected]


def test_ended_relation_does_not_come_back(store: Store) -> None:
    """A late report does not revive what ended."""
    commit(store, RelationStarted(relation()), RelationEnded(ANN, RINGTONE, NOON))
    commit(store, RelationChanged(ANN, RINGTONE, RelationState.ACTIVE))
    assert [r.state for r in wait(store.relations(ANN))] == [RelationState.ENDED]


# ---- catalogue -------------------------------------------------------------------------------------------------------


def test_empty_catalogue(store: Store) -> None:
    """A new store has an empty one."""
    assert wait(store.catalogue()) == Catalogue()


def test_catalogue_is_found(store: Store) -> None:
    """Products and offers come back by id."""
    partner = ContentPartner("SP1", "伙伴", "partner")
    commit(store, CatalogueLoaded((product(), product(BOX)), (offer(),), (partner,)))
    expected = Catalogue({p.id: p for p in (product(), product(BOX))}, {offer().id: offer()}, {"SP1": partner})
    assert wait(store.catalogue()) == expected


def test_loaded_product_is_replaced(store: Store) -> None:
    """Loading again replaces what is named and leaves the rest, also for who has read it before."""
    commit(store, CatalogueLoaded((product(), product(BOX)), (offer(),)))
    wait(store.catalogue())
    commit(store, CatalogueLoaded((product(name="炫铃"),), ()))
    assert [p.name_zh for p in wait(store.catalogue()).products.values()] == ["炫铃", "七彩铃音"]


# ---- times and commits -----------------------------------------------------------------------------------------------


def test_time_in_another_zone(store: Store) -> None:
    """Times come back in Asia/Shanghai, as the same moment, exact to the microsecond."""
    commit(store, started(), replace(intended(), at=NOON.astimezone(UTC)))
    at = steps_of(store)[0].started_at
    assert (at, at.utcoffset()) == (NOON, timedelta(hours=8))


def test_time_without_zone(store: Store) -> None:
    """A time that could mean any moment is refused."""
    with pytest.raises(StoreFailed):
        commit(store, replace(request(), at=NOON.replace(tzinfo=None)))


def test_empty_commit(store: Store) -> None:
    """Nothing to write is written at once."""
    commit(store)
    assert wait(store.counts())["running"] == 0


def test_commit_sees_its_own_rows(store: Store) -> None:
    """Rows are written in their order: one commit may take a whole run from start to end."""
    commit(
        store, request(), started(), done("accept"), OrderAccepted(order()), intended(), done(),
        OrderEnded("o1", OrderState.COMPLETED, 0, NOON), ended(),
    )  # fmt: skip
    row = wait(store.order("o1"))
    assert (row and row.state, wait(store.counts())["ended"]) == (OrderState.COMPLETED, 1)


def steps_of(store: Store) -> tuple[StepRow, ...]:
    run = wait(store.run("o1"))
    assert run is not None
    return run.steps


def started_row() -> RunRow:
    return RunRow("o1", "order-x/1", 1, order(), RunState.RUNNING, 0, 0, None, "", (), ME)
