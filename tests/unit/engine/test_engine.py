"""The engine: durable, in order, never twice, never lost; on a virtual clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import ISMP, NOON, order
from rig import Killed, Pending, Rig, run

from gateway.domain.facts import OrderAccepted
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.party import BILLING, GROUP_VSOP
from gateway.domain.subscriber import PayType
from gateway.engine.ports import DuplicateRequest, ItemLocked, RunState, SignalArrived, StoreFailed
from gateway.errors import ALREADY_SUBSCRIBED, NO_REPORT, PARTNER_FAULT, NotTried, Permanent, Temporary
from gateway.flows.order_x import order_x
from gateway.flows.registry import FLOWS
from gateway.steps import Activate, Archive, ItemReply, Reply, ask, expect, keep, tell

ALL = ["fee-check", "activate", "archive", "tell-channel", "tell-user"]
DONE = Reply(NOON, items=(ItemReply("P1", 0),))


@pytest.fixture
def rig():
    return Rig()


def test_order_runs_to_its_end(rig):
    """An accepted order goes through every step once and is completed."""
    placed = order()
    rig.place(placed)
    assert (rig.partners.names(), run(rig.store.order(placed.id)).state) == (ALL, OrderState.COMPLETED)


def test_same_request_twice_is_one_order(rig):
    """A StreamingNo that was taken is not taken again."""
    rig.place(order())
    with pytest.raises(DuplicateRequest):
        rig.place(replace(order(), id="other"))


def test_one_open_order_for_a_user_and_product(rig):
    """While an order is under way, another one for the same user and product is not accepted."""
    rig.partners.answer("activate", None)
    rig.place(order())
    with pytest.raises(ItemLocked):
        rig.place(replace(order(), id="other", streaming_no="other"))


def test_temporary_failure_is_tried_again_under_the_same_number(rig):
    """An unknown outcome is repeated with the same StreamingNo after a pause."""
    rig.partners.answer("activate", Temporary("x", "connection lost"))
    rig.place(order())
    rig.clock.advance(2)
    numbers = [number for name, number in rig.partners.sent if name == "activate"]
    assert len(numbers) == 2
    assert len(set(numbers)) == 1


def test_pause_doubles(rig):
    """The pauses grow: one second, two, four."""
    rig.partners.answer("activate", *[Temporary("x", "down")] * 3)
    rig.place(order())
    counts = []
    for seconds in (0.9, 0.2, 1.8, 0.2, 3.8, 0.2):
        rig.clock.advance(seconds)
        counts.append(rig.partners.names().count("activate"))
    assert counts == [1, 2, 2, 3, 3, 4]


def test_partner_that_names_a_time_is_not_asked_before(rig):
    """A longer Retry-After goes before the pause of ours, with half of it more at most, so that not all come back at once."""
    rig.partners.answer("activate", Temporary("x", "HTTP 503", timedelta(seconds=30)))
    rig.place(order())
    rig.clock.advance(44.9)
    before = rig.partners.names().count("activate")
    rig.clock.advance(0.2)
    assert (before, rig.partners.names().count("activate")) == (1, 2)


def test_what_was_not_tried_is_no_attempt(rig):
    """A step that an open breaker holds back waits as long as it is told, and none of its attempts is used up."""
    placed = order()
    rig.partners.answer("activate", *[NotTried("x", "held back", timedelta(seconds=10))] * 5, Temporary("x", "down"))
    rig.place(placed)
    rig.clock.advance(5 * 15 + 0.1)
    told = [fields for event, fields in rig.events if event == "step.failed"]
    assert ([each["attempt"] for each in told], rig.row(placed).attempts) == ([1], 1)


def test_what_was_not_tried_keeps_the_pause_that_was_reached(rig):
    """Attempts from before the breaker opened stay counted."""
    placed = order()
    rig.partners.answer("activate", Temporary("x", "down"), Temporary("x", "down"), NotTried("x", "held back"))
    rig.place(placed)
    rig.clock.advance(3.5)
    assert (rig.row(placed).attempts, rig.row(placed).note) == (2, "held back")


def test_waiting_order_leaves_memory(rig):
    """A run that waits for its next attempt holds no memory."""
    rig.partners.answer("activate", Temporary("x", "down"))
    rig.place(order())
    assert rig.engine.active == 0


def test_fault_about_our_message_is_final(rig):
    """A Permanent failure of the activation fails the order, and is not sent again."""
    rig.partners.answer("activate", Permanent("x", "fault Client"))
    placed = order()
    rig.place(placed)
    ended = run(rig.store.order(placed.id))
    assert (ended.state, ended.code, rig.partners.names().count("activate")) == (
        OrderState.FAILED,
        PARTNER_FAULT.code,
        1,
    )


@pytest.mark.parametrize("first", [Temporary("x", "deadline passed"), None], ids=["answer lost", "result never came"])
def test_fault_after_an_unknown_outcome_is_for_a_person(rig, first):
    """A platform that may have acted, and refuses the repetition, has not said that it did nothing: nobody is told so."""
    rig.partners.answer("activate", first, Permanent("x", "fault Client"))
    placed = order()
    rig.place(placed)
    rig.clock.advance(1_000_000)
    assert (rig.row(placed).state, rig.row(placed).note) == (
        RunState.STUCK, "x: fault Client, after an earlier try whose outcome is unknown",
    )  # fmt: skip
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    assert run(rig.store.order(placed.id)).state is OrderState.COMPLETED


def test_refused_archive_does_not_undo_the_order(rig):
    """What billing says to the archive changes nothing of a completed order."""
    rig.partners.answer("archive", Permanent("billing", "fault Client"))
    placed = order()
    rig.place(placed)
    assert run(rig.store.order(placed.id)).state is OrderState.COMPLETED


def test_result_by_callback(rig):
    """ "Accepted" waits; the callback brings the result and the order goes on."""
    rig.partners.answer("activate", None)
    placed = order()
    rig.place(placed)
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    assert run(rig.store.order(placed.id)).state is OrderState.COMPLETED


def test_callback_before_the_answer(rig):
    """A result that overtakes the answer to the call is used; the late answer changes nothing."""
    late = Pending()
    rig.partners.answer("activate", late)
    placed = order()
    rig.place(placed)
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    late.settle(None)
    assert (run(rig.store.order(placed.id)).state, rig.partners.names().count("activate")) == (OrderState.COMPLETED, 1)


def test_callback_while_the_call_failed(rig):
    """A result that came by callback settles a call that timed out; nothing is sent again."""
    late = Pending()
    rig.partners.answer("activate", late)
    placed = order()
    rig.place(placed)
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    late.settle(Temporary("x", "deadline passed"))
    assert (run(rig.store.order(placed.id)).state, rig.partners.names().count("activate")) == (OrderState.COMPLETED, 1)


def test_callback_twice(rig):
    """The second callback is no second effect."""
    rig.partners.answer("activate", None)
    placed = order()
    rig.place(placed)
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    assert rig.partners.names().count("archive") == 1


def test_result_that_does_not_follow_is_asked_for_again(rig):
    """When the result does not follow in time, the request is sent again under the same number."""
    rig.partners.answer("activate", None)
    rig.place(order())
    rig.clock.advance(timedelta(minutes=5).total_seconds() + 1)
    assert rig.partners.names().count("activate") == 2


def test_report_before_the_result(rig):
    """ISMP's report may come before its result: both orders of arrival end alike."""
    late = Pending()
    rig.partners.answer("activate", late)
    placed = order("4.1.2", ISMP)
    rig.place(placed)
    run(rig.engine.signal(SignalArrived(placed.id, "report-P1", Reply(NOON))))
    late.settle(DONE)
    assert run(rig.store.order(placed.id)).state is OrderState.COMPLETED


def test_report_that_never_comes(rig):
    """Without a report the order fails after a day, counted from the journal."""
    placed = order("4.1.2", ISMP)
    rig.place(placed)
    rig.clock.advance(86401)
    ended = run(rig.store.order(placed.id))
    assert (ended.state, ended.code) == (OrderState.FAILED, NO_REPORT.code)


def test_quiet_while_most_of_the_room_is_free():
    """Work that can wait is done below a quarter of the room, and none once the engine stops."""
    rig, calls = Rig(max_active=8), [Pending() for _ in range(3)]  # kept here: nothing else holds who waits for them
    rig.partners.answer("fee-check", *calls)
    quiet = []
    for n in range(3):
        quiet.append(rig.engine.quiet)
        rig.place(replace(order(), id=f"q{n}", number=Number(f"1890790000{n}"), streaming_no=f"q{n}"))
    idle = Rig()
    idle.engine.stop()
    assert (quiet, rig.engine.quiet, idle.engine.quiet) == ([True, True, False], False, False)


def test_busy_above_the_limit():
    """Above the limit of runs in memory the engine says so."""
    rig = Rig(max_active=1)
    rig.partners.answer("fee-check", Pending())
    rig.place(order())
    assert rig.engine.busy


def test_flow_that_does_not_fit_its_journal_is_set_aside(rig):
    """A flow that was changed without a new version stops its runs instead of guessing."""
    rig.partners.answer("activate", Temporary("x", "down"))
    placed = order()
    rig.place(placed)
    postpaid = replace(placed, pay=PayType.POSTPAID)  # the flow would now skip the fee check that the journal holds
    rig.restart(flows={"order-x/1": lambda _: order_x(postpaid)})
    rig.clock.advance(2)
    assert rig.row(placed).state is RunState.STUCK


def test_result_goes_before_a_refused_repeat(rig):
    """A success that came by callback while the request was being repeated is not undone by the repeat's refusal."""
    placed = order()
    rig.partners.answer("activate", None)
    rig.place(placed)
    repeat = Pending()
    rig.partners.answer("activate", repeat)
    rig.clock.advance(timedelta(minutes=5).total_seconds() + 1)
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    repeat.settle(Reply(NOON, ALREADY_SUBSCRIBED.code))
    assert run(rig.store.order(placed.id)).state is OrderState.COMPLETED


def test_nothing_is_looked_for_before_it_was_asked(rig):
    """A message that leaves for the first time has no result yet: the store is asked only for steps that were under way before."""
    asked, signal = [], rig.store.signal

    def looked_for(run_id, step):
        asked.append(step)
        return signal(run_id, step)

    rig.store.signal = looked_for
    rig.partners.answer("activate", Temporary("x", "down"))
    rig.place(order())
    first = list(asked)
    rig.clock.advance(2)
    assert (first, asked) == (["activate"], ["activate", "activate"])  # once it waits, and once it is taken up again


def test_signal_for_another_step_sends_nothing(rig):
    """A report that comes before the result does not make the request be sent again."""
    placed = order("4.1.2", ISMP)
    rig.partners.answer("activate", None)
    rig.place(placed)
    run(rig.engine.signal(SignalArrived(placed.id, "report-P1", Reply(NOON))))
    assert rig.partners.names() == ["activate"]


class FailingStore:
    """A store whose commits fail while `broken`; the rest is the store behind it."""

    def __init__(self, behind):
        self.behind = behind
        self.broken = False

    def __getattr__(self, name):
        return getattr(self.behind, name)

    async def commit(self, writes):
        if self.broken:
            raise StoreFailed("disk full")
        await self.behind.commit(writes)


def test_store_that_fails_for_a_while_stops_no_order():
    """A run under which the store fails is taken up again, not set aside."""
    rig = Rig()
    store = FailingStore(rig.store)
    rig.engine = rig.build(store=store)
    call = Pending()
    rig.partners.answer("activate", call)
    placed = order()
    rig.place(placed)
    store.broken = True
    call.settle(DONE)
    rig.clock.advance(1)
    store.broken = False
    rig.clock.advance(10)
    assert (run(rig.store.order(placed.id)).state, rig.row(placed).state) == (OrderState.COMPLETED, RunState.ENDED)


def test_unknown_flow_does_not_stop_recovery(rig):
    """A run of a flow that this program does not have is set aside, and the next one is resumed."""
    rig.partners.answer("activate", Temporary("x", "down"), Temporary("x", "down"))
    lost, good = order("4.1.2", ISMP), replace(order(), id="good", streaming_no="good", number=Number("18907910002"))
    rig.place(lost)
    rig.place(good)
    rig.restart(flows={"order-x/1": FLOWS["order-x/1"]}, recover_at_once=1)
    rig.clock.advance(10)
    assert (rig.row(lost).state, rig.row(good).state) == (RunState.STUCK, RunState.ENDED)


def test_runs_at_a_hanging_partner_hold_up_nobody(rig):
    """More due runs at a partner that hangs than are taken up at once: a due run of another partner still gets its turn."""
    for i in range(120):
        rig.partners.answer("activate", Temporary("x", "down"), Pending())
        rig.place(replace(order(), id=f"h{i}", streaming_no=f"h{i}", number=Number(f"18907911{i:03d}")))
    rig.partners.answer("archive", Temporary("billing", "down"))
    free = replace(order(), id="free", streaming_no="free")
    rig.partners.answers["activate"].append(DONE)
    rig.clock.advance(0.5)
    rig.partners.answers["activate"].clear()
    rig.place(free)
    rig.partners.answers["activate"] = [Pending() for _ in range(120)]
    rig.clock.advance(3)
    assert rig.row(free).state is RunState.ENDED


MOMENTS = ("before-accept", "after-accept", "before-effect", "after-effect", "before-result", "after-result")


@pytest.mark.parametrize("step", ["accept", *ALL, "end"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_anywhere_ends_once(moment, step):
    """Ended at any edge of any step, a restart finishes the order: each effect under one number, the state reached once."""

    def boundary(at, name):
        if (at, name) == (moment, step):
            raise Killed

    rig = Rig(boundary=boundary)
    placed = order()
    try:
        rig.place(placed)
    except Killed:
        rig.restart(boundary=lambda at, name: None)
        if run(rig.store.order(placed.id)) is None:  # nothing was acknowledged: the channel sends it again
            rig.place(placed)
    assert run(rig.store.order(placed.id)).state is OrderState.COMPLETED
    assert list(dict.fromkeys(rig.partners.sent)) == list(dict(rig.partners.sent).items())
    assert list(dict.fromkeys(rig.partners.names())) == ALL


def test_national_order_asks_the_group(rig):
    """4.1.3's activation goes to the group tier."""
    rig.place(order("4.1.3", GROUP_VSOP))
    assert rig.partners.names() == ALL


def patient(placed):
    """Ask, wait for a hundred reports, and tell."""
    yield from keep("", "accept", OrderAccepted(placed))
    yield from ask("", "activate", ISMP, Activate(placed, ("P1",)))
    for n in range(100):
        yield from expect("", f"report-{n}", ISMP, within=timedelta(hours=1))
    yield from tell("", "archive", BILLING, Archive(placed, NOON))
    return 0


def test_waiting_uses_up_no_numbers():
    """Two digits of a StreamingNo count the steps of a run: only those that send are counted, so that they do not run out."""
    rig = Rig(flows={"order-x/1": patient})
    call = Pending()
    rig.partners.answer("activate", call)
    rig.place(order())
    run(rig.store.commit([SignalArrived(order().id, f"report-{n}", Reply(NOON)) for n in range(100)]))
    call.settle(DONE)
    assert rig.partners.sent == [("activate", "2000000102"), ("archive", "2000000103")]


def test_further_attempts_leave_room_for_new_orders():
    """Many wait for a partner that is slow: when their time comes they are taken up one after the other, and nobody is refused."""
    rig = Rig(max_active=4)
    placed = [replace(order(), id=f"o{n}", streaming_no=f"s{n}", number=Number(f"1890791000{n}")) for n in range(6)]
    calls = [Pending() for _ in placed]
    rig.partners.answer("fee-check", *[Temporary("ocs", "down")] * 6, *calls)
    for each in placed:
        rig.place(each)
    rig.clock.advance(1)
    assert (rig.engine.active, rig.engine.busy) == (3, False)


def test_further_attempts_never_stop():
    """Even where there is no room left, each round takes one up: all get their turn."""
    rig = Rig(max_active=1)
    placed = [replace(order(), id=f"o{n}", streaming_no=f"s{n}", number=Number(f"1890791000{n}")) for n in range(3)]
    calls = [Pending() for _ in placed]
    rig.partners.answer("fee-check", *[Temporary("ocs", "down")] * 3, *calls)
    for each in placed:
        rig.place(each)
    rig.clock.advance(2)
    assert rig.engine.active == 3
