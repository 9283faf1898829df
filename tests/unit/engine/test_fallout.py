"""What a person does about parked runs: each act once, with his name, and the flow goes on from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import ISMP, NOON, order
from rig import Rig, run

from gateway.domain.catalogue import Product, Scope
from gateway.domain.catalogue_change import CatalogueObject, ChangeKind, Delivery, DeliveryState, ObjectKind
from gateway.domain.facts import OrderAccepted
from gateway.domain.order import Action, Confirmation, OrderState
from gateway.domain.party import OCS
from gateway.domain.subscriber import PayType, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserChange, UserTarget
from gateway.engine.fallout import CannotAct, Hand
from gateway.engine.ports import RunState, SignalArrived, StoreFailed
from gateway.engine.wiring import Patience
from gateway.errors import CANCELLED_BY_HAND, PARTNER_AWAY, PLATFORM_REFUSED, Temporary
from gateway.flows.cancelling import USER
from gateway.flows.publication import DELIVERY
from gateway.flows.registry import FLOWS
from gateway.steps import ItemReply, Reply, ask
from gateway.store.memory import MemoryStore

LI = Hand("li", "platform was mended")
AWAY = Temporary("xplatform:303", "serverAction: HTTP 503")
DONE = Reply(NOON, items=(ItemReply("P1", 0),))


def parked(step="activate", placed=None, times=3, **wiring):
    """Give a rig and an order whose step found nobody, as often as is allowed."""
    rig, placed = Rig(patience=Patience(times), **wiring), placed or order()
    rig.store = wiring.get("store", rig.store)
    rig.partners.answer(step, *[AWAY] * times)
    rig.place(placed)
    rig.clock.advance(60)
    assert rig.row(placed).state is RunState.STUCK
    return rig, placed


def broken():
    """Give a rig and an order whose flow is not the one of its journal any more."""
    rig, placed = parked()

    def other(order):
        yield from ask("9", "something-else", order.target, None)
        return 0

    rig.restart(flows={**FLOWS, "order-x/1": other})
    return rig, placed


def ended(rig, placed):
    """Give state and code of the order, and whether its run has ended."""
    row = run(rig.store.order(placed.id))
    return row.state, row.code, rig.row(placed).state is RunState.ENDED


def free(rig, placed):
    """Whether the next order for the same user and product may begin."""
    return run(rig.store.open_order_for(placed.number, placed.items[0].product_id)) is None


def log(rig, placed):
    """Give who did what, why, and what came of it."""
    return [(row.who, row.act, row.why, row.outcome) for row in run(rig.store.audit(placed.id, 9))]


def refused(work):
    """Give why an act was refused."""
    with pytest.raises(CannotAct) as raised:
        run(work)
    return raised.value.text


COMPLETED = (OrderState.COMPLETED, 0, True)
CANCELLED = (OrderState.FAILED, CANCELLED_BY_HAND.code, True)

# ---- parked ------------------------------------------------------------------------------------------------------------


def test_parked_run_says_who_was_asked_and_what_came():
    """Runs that stopped for one cause have one note: partner, operation and reason."""
    rig, placed = parked()
    row = rig.row(placed)
    assert (row.note, row.code) == ("xplatform:303: serverAction: HTTP 503", PARTNER_AWAY.code)


def test_parked_order_is_neither_success_nor_failure():
    """What became of it is unknown: the order is under way, its product is locked, nobody was told anything."""
    rig, placed = parked()
    assert (run(rig.store.order(placed.id)).state, free(rig, placed), set(rig.partners.names())) == (
        OrderState.EXECUTING, False, {"fee-check", "activate"},
    )  # fmt: skip


# ---- retry -------------------------------------------------------------------------------------------------------------


def test_retry_goes_on_where_it_stopped():
    """The step is sent again under the same number, and the order is completed."""
    rig, placed = parked()
    run(rig.engine.fallout.retry(placed.id, LI))
    numbers = {number for name, number in rig.partners.sent if name == "activate"}
    assert (ended(rig, placed), len(numbers), rig.partners.names().count("fee-check")) == (COMPLETED, 1, 1)


def test_retry_is_in_the_audit_log():
    """Who, what, why, and what came of it."""
    rig, placed = parked()
    run(rig.engine.fallout.retry(placed.id, LI))
    assert log(rig, placed) == [("li", "fallout.retry", "platform was mended", "goes on")]


def test_retry_gives_the_step_all_its_attempts():
    """A partner that is still away parks the order again after as many attempts as the first time, with nothing lost."""
    rig, placed = parked()
    rig.partners.answer("activate", *[AWAY] * 3)
    run(rig.engine.fallout.retry(placed.id, LI))
    rig.clock.advance(60)
    assert (rig.row(placed).state, rig.partners.names().count("activate")) == (RunState.STUCK, 6)


def test_second_press_finds_it_done():
    """Of two who press, one acts; the other is told."""
    rig, placed = parked()
    rig.partners.answer("activate", None)
    run(rig.engine.fallout.retry(placed.id, LI))
    assert "is not parked: it is waiting" in refused(rig.engine.fallout.retry(placed.id, LI))


class Between(MemoryStore):
    """Somebody else acts between our look and our act."""

    meanwhile = None

    async def run(self, run_id):
        row = await super().run(run_id)
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            await act()
        return row


def test_two_at_the_same_moment():
    """Who looked before the other one acted writes nothing: neither a second attempt nor a line of the log."""
    store = Between()
    rig, placed = parked(store=store)
    rig.partners.answer("activate", None)
    store.meanwhile = lambda: rig.engine.fallout.retry(placed.id, Hand("wang", ""))
    assert "somebody else has acted" in refused(rig.engine.fallout.retry(placed.id, LI))
    assert [who for who, *_ in log(rig, placed)] == ["wang"]


def test_two_at_the_same_moment_in_bulk():
    """One of many is somebody else's by now: the others go on all the same, each with its one line of the log."""
    store = Between()
    rig, placed = parked(store=store)
    other = replace(order(products=("P2",)), id="other", streaming_no="other")
    rig.partners.answer("activate", *[AWAY] * 3)
    rig.place(other)
    rig.clock.advance(60)
    store.meanwhile = lambda: rig.engine.fallout.retry(placed.id, Hand("wang", ""))
    count = run(rig.engine.fallout.retry_all([placed.id, other.id, "nothing"], LI))
    assert (count, log(rig, placed)[0][0], log(rig, other)[0][0], ended(rig, placed), ended(rig, other)) == (
        1, "wang", "li", COMPLETED, COMPLETED,
    )  # fmt: skip


def test_run_that_is_not_there():
    """An id that nobody knows is another mistake than an act too late."""
    with pytest.raises(CannotAct) as raised:
        run(Rig().engine.fallout.retry("nothing", LI))
    assert raised.value.unknown


def test_act_that_is_not_stored_did_not_happen():
    """Where the store fails, the run stays parked and the person is told."""

    class Failing(MemoryStore):
        failing = False

        async def commit(self, writes):
            if self.failing:
                raise StoreFailed("disk full")
            await super().commit(writes)

    store = Failing()
    rig, placed = parked(store=store)
    store.failing = True
    with pytest.raises(StoreFailed):
        run(rig.engine.fallout.retry(placed.id, LI))
    assert run(store.run(placed.id)).state is RunState.STUCK


# ---- a result that comes after the run was parked ------------------------------------------------------------------------


def test_result_after_parking_takes_the_order_up():
    """A callback settles what was unknown: the order goes on by itself and nothing is sent again."""
    rig, placed = parked()
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    assert (ended(rig, placed), rig.partners.names().count("activate")) == (COMPLETED, 3)


def test_result_for_a_flow_that_failed_is_kept():
    """An error of ours waits for its person; the result stands until he lets the order go on."""
    rig, placed = broken()
    run(rig.engine.fallout.retry(placed.id, LI))  # with the wrong program: it is set aside
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    assert rig.row(placed).state is RunState.STUCK
    rig.restart()
    run(rig.engine.fallout.retry(placed.id, LI))
    assert (ended(rig, placed), rig.partners.names().count("activate")) == (COMPLETED, 3)


def test_result_that_has_come_is_not_overruled():
    """Where the result is there already, only retry is possible: it takes it."""
    rig, placed = broken()
    run(rig.engine.fallout.retry(placed.id, LI))
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    rig.restart()
    assert "retry takes it" in refused(rig.engine.fallout.cancel(placed.id, LI))


# ---- skip --------------------------------------------------------------------------------------------------------------


def test_skip_as_done():
    """What a person saw at the platform counts as its answer, for each product; nothing is sent to it again."""
    rig, placed = parked()
    run(rig.engine.fallout.skip(placed.id, 0, LI))
    relations = [r.product_id for r in run(rig.store.relations(placed.number))]
    assert (ended(rig, placed), relations, rig.partners.names().count("activate")) == (COMPLETED, ["P1"], 3)


def test_skip_as_refused():
    """The order fails with the code that the person gives; nothing is taken back, as nothing was done."""
    rig, placed = parked()
    run(rig.engine.fallout.skip(placed.id, PLATFORM_REFUSED.code, LI))
    assert (ended(rig, placed), "undo" in rig.partners.names(), free(rig, placed)) == (
        (OrderState.FAILED, PLATFORM_REFUSED.code, True), False, True,
    )  # fmt: skip


def test_skipped_fee_check_passes():
    """OCS is away, somebody looked the balance up: the order goes on."""
    rig, placed = parked("fee-check")
    run(rig.engine.fallout.skip(placed.id, 0, LI))
    assert ended(rig, placed) == COMPLETED


def test_skipped_notice_ends_the_order():
    """A message that nobody takes is left out; the rest is told."""
    rig, placed = parked("tell-channel")
    run(rig.engine.fallout.skip(placed.id, 0, LI))
    assert (ended(rig, placed), rig.partners.names()[-1]) == (COMPLETED, "tell-user")


def test_skip_says_in_the_ladder_whose_word_it_is():
    """The journal's reply bears name and reason, the log what was decided."""
    rig, placed = parked()
    run(rig.engine.fallout.skip(placed.id, 0, LI))
    reply = next(step.reply for step in rig.row(placed).steps if step.name == "activate")
    assert (reply.text, log(rig, placed)[0][3]) == ("by hand (li): platform was mended", "activate done")


@pytest.mark.parametrize("code", [PARTNER_AWAY.code, 7])
def test_skip_with_what_is_no_result(code):
    """A code that means "later", or none of the table, ends no step."""
    rig, placed = parked()
    assert "is no code that ends a step" in refused(rig.engine.fallout.skip(placed.id, code, LI))


# ---- cancel ------------------------------------------------------------------------------------------------------------


def test_cancel_takes_back_what_may_have_been_done():
    """Nobody knows what the platform did: it is asked to take it back before the order fails and its product is free."""
    rig, placed = parked()
    run(rig.engine.fallout.cancel(placed.id, LI))
    assert (rig.partners.names()[4:], ended(rig, placed), free(rig, placed)) == (
        ["undo", "tell-channel", "tell-user"], CANCELLED, True,
    )  # fmt: skip


def test_cancel_waits_for_what_is_taken_back():
    """While the platform does not confirm, the order is neither failed nor free, and nobody is told anything."""
    rig, placed = parked()
    rig.partners.answer("undo", AWAY)
    run(rig.engine.fallout.cancel(placed.id, LI))
    assert (run(rig.store.order(placed.id)).state, free(rig, placed), rig.partners.names()[4:]) == (
        OrderState.EXECUTING, False, ["undo"],
    )  # fmt: skip


def test_taking_back_is_one_way():
    """A success that comes after the cancellation changes nothing: the order is taken back all the same."""
    rig, placed = parked()
    rig.partners.answer("undo", AWAY)
    run(rig.engine.fallout.cancel(placed.id, LI))
    run(rig.engine.signal(SignalArrived(placed.id, "activate", DONE)))
    rig.clock.advance(60)
    assert (ended(rig, placed), run(rig.store.relations(placed.number))) == (CANCELLED, [])


def test_taking_back_cannot_be_cancelled():
    """It is repeated, or a person says what the platform did."""
    rig, placed = parked()
    rig.partners.answer("undo", *[AWAY] * 3)
    run(rig.engine.fallout.cancel(placed.id, LI))
    rig.clock.advance(60)
    assert "one-way" in refused(rig.engine.fallout.cancel(placed.id, LI))


def test_cancel_before_anything_was_asked_for():
    """Where only the fee check is open there is nothing to take back."""
    rig, placed = parked("fee-check")
    run(rig.engine.fallout.cancel(placed.id, LI))
    assert (ended(rig, placed), rig.partners.names()[3:]) == (CANCELLED, ["tell-channel", "tell-user"])


def test_cancel_before_the_user_was_asked():
    """An order whose question did not reach the user ends without waiting for his answer."""
    rig, placed = parked("ask-user", order(confirmation=Confirmation("4711", timedelta(days=1))))
    run(rig.engine.fallout.cancel(placed.id, LI))
    assert (ended(rig, placed), rig.partners.names()[3:]) == (CANCELLED, ["tell-channel", "tell-user"])


@pytest.mark.parametrize("section", ["4.1.1", "4.1.2"])
def test_end_cannot_be_cancelled(section):
    """What the platform may have ended is never begun again; a person finds out and says what it did."""
    target = {"4.1.2": ISMP}.get(section, order().target)
    rig, placed = parked(placed=order(section, target, action=Action.UNSUBSCRIBE, pay=PayType.POSTPAID))
    assert "an end is not taken back" in refused(rig.engine.fallout.cancel(placed.id, LI))


def test_what_was_decided_cannot_be_cancelled():
    """A completed order of which only the archive is left stays completed."""
    rig, placed = parked("archive")
    assert "only this message is left" in refused(rig.engine.fallout.cancel(placed.id, LI))


def test_cancel_is_in_the_audit_log():
    """Who, what, why, and at which step."""
    rig, placed = parked()
    run(rig.engine.fallout.cancel(placed.id, LI))
    assert log(rig, placed) == [("li", "fallout.cancel", "platform was mended", "activate cancelled")]


# ---- a flow that cannot go on --------------------------------------------------------------------------------------------


def test_broken_flow_goes_on_after_a_mended_release():
    """Its journal is whole: with the right program it ends as if nothing had been."""
    rig, placed = broken()
    run(rig.engine.fallout.retry(placed.id, LI))
    rig.restart()
    run(rig.engine.fallout.retry(placed.id, LI))
    assert ended(rig, placed) == COMPLETED


@pytest.mark.parametrize("act", ["skip", "cancel"])
def test_broken_flow_cannot_be_led_on(act):
    """Nothing is decided for a flow that would not hear of it."""
    rig, placed = broken()
    acts = {"skip": lambda: rig.engine.fallout.skip(placed.id, 0, LI), "cancel": lambda: rig.engine.fallout.cancel(placed.id, LI)}
    assert (refused(acts[act]()), log(rig, placed)) == (
        "its flow cannot go on (FlowDiverged): retry after a mended release", [],
    )  # fmt: skip


def test_flow_that_is_not_there_any_more():
    """A release that lacks the flow is told from one that changed it."""
    rig, placed = parked()
    rig.restart(flows={})
    assert "(KeyError)" in refused(rig.engine.fallout.skip(placed.id, 0, LI))


def test_cancel_by_force():
    """The order fails, its product is free, its run is over; reconciliation is called for, loudly."""
    rig, placed = broken()
    run(rig.engine.fallout.cancel(placed.id, LI, force=True))
    assert (ended(rig, placed), free(rig, placed), log(rig, placed)[0][3]) == (CANCELLED, True, "ended by force; to be reconciled")
    assert ("run.forced", {"run": placed.id, "who": "li"}) in rig.events


def test_force_leaves_what_was_completed():
    """An order that was completed before its flow broke stays completed; only what it locked is freed."""
    rig, placed = parked("archive")
    rig.restart(flows={})
    run(rig.engine.fallout.cancel(placed.id, LI, force=True))
    assert (run(rig.store.order(placed.id)).state, free(rig, placed)) == (OrderState.COMPLETED, True)


def test_force_is_for_broken_flows_alone():
    """Where the flow can go on, it takes back what was done: no short way past it."""
    rig, placed = parked()
    assert "cancel without force" in refused(rig.engine.fallout.cancel(placed.id, LI, force=True))


# ---- looking ahead -------------------------------------------------------------------------------------------------------


def test_what_each_act_leads_to():
    """A person sees what follows before he acts; looking writes nothing and sends nothing."""
    rig, placed = parked()
    before = rig.row(placed)
    choices = run(rig.engine.fallout.choices(before))
    assert [(c.act, c.possible, c.text) for c in choices] == [
        ("retry", True, "asks xplatform:303: activate, again under the same number"),
        ("skip as done", True, "tells billing: archive"),
        ("skip as refused", True, "tells channel:211: tell-channel"),
        ("cancel", True, "asks xplatform:303: undo"),
    ]
    assert (rig.row(placed), rig.partners.names().count("activate")) == (before, 3)


def test_what_is_left_of_a_broken_flow():
    """Retry with another program, or the end by force."""
    rig, placed = broken()
    choices = run(rig.engine.fallout.choices(rig.row(placed)))
    assert [(c.act, c.possible) for c in choices] == [
        ("retry", True), ("skip", False), ("cancel", False), ("cancel by force", True),
    ]  # fmt: skip


def test_act_on_one_order_leaves_the_others():
    """Each order is parked, and led on, for itself."""
    rig, first = parked()
    other = replace(order(products=("P2",)), id="other", streaming_no="other")
    rig.partners.answer("activate", *[AWAY] * 3)
    rig.place(other)
    rig.clock.advance(60)
    run(rig.engine.fallout.retry(other.id, LI))
    assert (rig.row(first).state, ended(rig, other)) == (RunState.STUCK, COMPLETED)


# ---- whatever falls in between ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("act", "outcome"), [("retry", COMPLETED), ("skip", COMPLETED), ("cancel", CANCELLED)])
def test_process_that_ends_after_the_act(act, outcome):
    """What was written is done by whoever starts next, once."""
    rig, placed = parked()
    desk = rig.engine.fallout
    rig.engine.stop()  # it takes nothing up any more
    acts = {"retry": desk.retry(placed.id, LI), "skip": desk.skip(placed.id, 0, LI), "cancel": desk.cancel(placed.id, LI)}
    for name, work in acts.items():
        run(work) if name == act else work.close()
    rig.restart()
    rig.clock.advance(1)
    assert (ended(rig, placed), len(log(rig, placed))) == (outcome, 1)


# ---- other matters -------------------------------------------------------------------------------------------------------


def parked_delivery():
    """Give a rig and a delivery of the catalogue whose target is away."""
    rig = Rig(patience=Patience(1))
    product = Product("P1", "甲", "A", "SP1", "200", "303", Scope.PROVINCIAL, "15")
    sent = Delivery(
        id="20215.1", trace_id="20215", section="2.1", number_of_step="4c", change=ChangeKind.ADDED, channel="ppm",
        channel_order_id="20215", object=CatalogueObject(product), target=OCS, accepted_at=NOON,
    )  # fmt: skip
    rig.partners.answer("sync", AWAY)
    run(rig.engine.start(DELIVERY, run(rig.engine.next_serial()), sent, OrderAccepted(sent)))
    assert rig.row(sent).state is RunState.STUCK
    return rig, sent


def cells(rig):
    """What the delivery ledger says."""
    return [(cell.state, cell.code) for cell in run(rig.store.cells(ObjectKind.PRODUCT, "P1"))]


def test_cancelled_delivery():
    """Its cell of the ledger says that it was given up, and by hand; it can be resent."""
    rig, sent = parked_delivery()
    run(rig.engine.fallout.cancel(sent.id, LI))
    assert (cells(rig), ended(rig, sent)) == ([(DeliveryState.REFUSED, CANCELLED_BY_HAND.code)], CANCELLED)


def test_delivery_that_is_ended_by_force():
    """The same cell, also where its flow cannot write it."""
    rig, sent = parked_delivery()
    rig.restart(flows={})
    run(rig.engine.fallout.cancel(sent.id, LI, force=True))
    assert (cells(rig), ended(rig, sent)) == ([(DeliveryState.REFUSED, CANCELLED_BY_HAND.code)], CANCELLED)


def parked_notice():
    """Give a rig, a change of a user and the notice of it that nobody takes."""
    rig = Rig(patience=Patience(1))
    user = Subscriber(order().number, "003", PayType.POSTPAID, UserState.INVALID)
    change = UserChange(
        id="20015", trace_id="20015", section="3.1b", act=UserAct.TORN_DOWN, channel="206", channel_order_id="W1", streaming_no="1",
        user=user, province="15", targets=(UserTarget(order().target, ("P1",)),), accepted_at=NOON,
    )  # fmt: skip
    rig.partners.answer("tell", AWAY)
    run(rig.engine.start("user-change/1", run(rig.engine.next_serial()), change))
    notice = replace(change, id="20015.1")
    assert rig.row(notice).state is RunState.STUCK
    return rig, change, notice


def test_skipped_notice_of_a_user():
    """Who waits for it goes on: the change of the user is over."""
    rig, change, notice = parked_notice()
    run(rig.engine.fallout.skip(notice.id, 0, LI))
    assert rig.row(change).state is RunState.ENDED


@pytest.mark.parametrize("force", [False, True])
def test_change_of_a_user_cannot_be_cancelled(force):
    """It happened; whoever waits for its notices must not wait for ever."""
    rig, _, notice = parked_notice()
    if force:
        rig.restart(flows={})
    assert refused(rig.engine.fallout.cancel(notice.id, LI, force=force)) in (USER, "only orders and deliveries can be ended by force")


def test_run_that_waits_to_try_again_tries_at_once():
    """A person need not wait for the next attempt; the log names him."""
    rig = Rig()
    placed = order()
    rig.partners.answer("activate", AWAY)
    rig.place(placed)
    before = rig.row(placed).state
    run(rig.engine.fallout.retry(placed.id, LI))
    assert (before, ended(rig, placed), log(rig, placed)[0][0], log(rig, placed)[0][3]) == (
        RunState.WAITING, COMPLETED, "li", "tries at once",
    )  # fmt: skip
