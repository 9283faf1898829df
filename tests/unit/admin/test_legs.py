"""Legs: the journal of an order as arrows between parties, for steps that are done, refused, waiting or under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import NOON, X, order

from gateway.admin.legs import Arrow, leg
from gateway.domain.catalogue import Offer, Product, Scope, Status
from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, ChangeKind, Delivery
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.party import OCS
from gateway.domain.routing import Place, Tier
from gateway.domain.subscriber import PayType, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserChange
from gateway.engine.ports import OrderRow, RunRow, RunState, StepRow
from gateway.steps import ItemReply, Reply

JIANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.GROUP, "35")
LATER = NOON + timedelta(seconds=2)
DONE = Reply(LATER)


def step(name, number, party="", operation="", *, returns="", reply=DONE, attempts=1) -> StepRow:
    return StepRow(name, number, returns, party, operation, "200000001", NOON, attempts, reply)


def run_of(*steps: StepRow, state=RunState.ENDED, placed=None, **more) -> RunRow:
    run = RunRow(order().id, "order-x/1", 1, placed or order(), state, 0, 0, None, "", steps)
    return replace(run, **more)


def arrows(*steps: StepRow, here=JIANGXI, **more) -> list[Arrow]:
    run = run_of(*steps, **more)
    return list(leg(here, OrderRow(run.order, OrderState.EXECUTING, 0, None), run).arrows)


# ---- the order -------------------------------------------------------------------------------------------------------


def test_leg_says_what_the_order_is():
    """Everything that a person or the ladder asks of an order, with its state and that of its run."""
    placed = order()
    shown = leg(JIANGXI, OrderRow(placed, OrderState.FAILED, 8001, LATER), run_of())
    assert (shown.order_id, shown.trace_id, shown.section, shown.action, shown.channel, shown.channel_order_id, shown.prepaid) == (
        placed.id, placed.trace_id, "4.1.1", "subscribe", "211", "W1", True,
    )  # fmt: skip
    assert (shown.place, shown.state, shown.code, shown.run) == ("vsop:15", "10E", 8001, "ended")


def test_number_is_masked():
    """The admin API shows no whole number."""
    assert leg(JIANGXI, OrderRow(order(), OrderState.EXECUTING, 0, None), run_of()).number == "189****0001"


# ---- own acts --------------------------------------------------------------------------------------------------------

ACTS = {
    "order of a channel": (step("accept", "2a"), order(), "channel:211", "subscribeToVSOP"),
    "order of a province": (step("accept", "2d"), replace(order(), channel="200"), "vsop:15", "takes the order over"),
    "completion": (step("complete", "2e"), order(), "vsop:15", "completion (竣工)"),
    "failure": (step("fail", "2e"), order(), "vsop:15", "order failed"),
    "refusal": (step("refuse", "2e"), order(), "vsop:15", "order refused"),
}


@pytest.mark.parametrize("case", ACTS)
def test_own_act(case):
    """What we keep is an arrow to ourselves; the first one comes from the channel that ordered."""
    row, placed, sender, text = ACTS[case]
    assert arrows(row, placed=placed) == [Arrow(row.number, sender, "vsop:15", text, NOON, "done")]


def test_act_without_a_number_is_not_shown():
    """What the seed does not number (the group's own completion) has no place in a ladder."""
    assert arrows(step("complete", "")) == []


# ---- messages --------------------------------------------------------------------------------------------------------


def test_question_with_an_answer_of_its_own_number():
    """Where the seed numbers the answer, there are two arrows: there, and back when it came."""
    row = step("activate", "2c", str(X), "serverAction", returns="2d", attempts=3)
    assert arrows(row) == [
        Arrow("2c", "vsop:15", "xplatform:303", "serverAction", NOON, "done", attempts=3),
        Arrow("2d", "xplatform:303", "vsop:15", "serverAction result", LATER, "done"),
    ]


def test_question_without_a_number_for_the_answer():
    """Else the answer is the state of the one arrow."""
    assert arrows(step("fee-check", "2b", "ocs", "feeCheck")) == [
        Arrow("2b", "vsop:15", "ocs", "feeCheck", NOON, "done")
    ]


REFUSED = {
    "as a whole": (Reply(LATER, 8001, "no"), 8001, "no"),
    "for a product": (Reply(LATER, items=(ItemReply("P1", 0), ItemReply("P2", 6001))), 6001, ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    """A refusal stands at the answer, with its code and the partner's text; the question itself was sent."""
    reply, code, note = REFUSED[case]
    sent, back = arrows(step("activate", "2c", str(X), "serverAction", returns="2d", reply=reply))
    assert ((sent.state, sent.code), (back.state, back.code, back.note)) == (("done", 0), ("refused", code, note))


@pytest.mark.parametrize(("name", "state"), [("tell-channel", "done"), ("tell-user", "done"), ("archive", "refused")])
def test_refused_message(name, state):
    """What a channel or the SMS hall says to a notice changes nothing, so the notice is done; a refused archive is shown as such."""
    (arrow,) = arrows(step(name, "2g", "channel:211", "subResultFromVSOP", reply=Reply(LATER, 8002, "fault")))
    assert (arrow.state, arrow.code) == (state, 8002)


def test_under_way():
    """A message whose answer is awaited in memory is under way; its answer has no arrow yet."""
    row = step("activate", "2c", str(X), "serverAction", returns="2d", reply=None)
    assert arrows(row, state=RunState.RUNNING) == [
        Arrow("2c", "vsop:15", "xplatform:303", "serverAction", NOON, "under way", attempts=1)
    ]


def test_waiting_for_a_result():
    """A run that waits says for what."""
    (arrow,) = arrows(
        step("activate", "2c", str(X), "serverAction", returns="2d", reply=None),
        state=RunState.WAITING, wake_at=LATER, note="xplatform:303: accepted, result follows",
    )  # fmt: skip
    assert (arrow.state, arrow.note) == ("waiting", "xplatform:303: accepted, result follows")


def test_waiting_for_the_next_attempt():
    """A call that failed says why, how often, and when it is made again."""
    (arrow,) = arrows(
        step("fee-check", "2b", "ocs", "feeCheck", reply=None),
        state=RunState.WAITING,
        wake_at=LATER,
        attempts=2,
        note="connection lost",
    )
    assert (arrow.state, arrow.attempts, arrow.note) == ("waiting", 3, "connection lost; attempt 2, next 12:00:02")


# ---- reports ---------------------------------------------------------------------------------------------------------


def test_report_that_came():
    """What the other side sends by itself is an arrow from it, at the time at which it came."""
    row = step("report-P1", "3b", "ismp:204")
    assert arrows(row) == [Arrow("3b", "ismp:204", "vsop:15", "subsInstSynFromISMP", LATER, "done")]


def test_report_that_is_expected():
    """While it is awaited, the arrow stands where the wait began."""
    (arrow,) = arrows(
        step("report-P1", "3b", "ismp:204", reply=None),
        state=RunState.WAITING,
        wake_at=LATER,
        note="ismp:204: report expected",
    )
    assert (arrow.sender, arrow.at, arrow.state, arrow.note) == (
        "ismp:204",
        NOON,
        "waiting",
        "ismp:204: report expected",
    )


def test_report_that_never_came():
    """After its time it is shown as refused."""
    (arrow,) = arrows(step("report-P1", "3b", "ismp:204", reply=Reply(LATER, timed_out=True)))
    assert arrow.state == "refused"


# ---- tiers -----------------------------------------------------------------------------------------------------------


def test_group_is_the_sender_of_its_steps():
    """The same journal at the group shows the group."""
    (arrow,) = arrows(step("return", "3b", "vsop:15", "serverActionResult"), here=GROUP)
    assert (arrow.sender, arrow.receiver) == ("vsop:35", "vsop:15")


def test_steps_stand_in_the_order_of_the_journal():
    """Arrows come as the steps were taken."""
    shown = arrows(step("accept", "2a"), step("fee-check", "2b", "ocs", "feeCheck"), step("complete", "2e"))
    assert [arrow.number for arrow in shown] == ["2a", "2b", "2e"]


def test_stuck_step_says_so():
    """A run that was set aside shows its step as stuck, with the reason, not as under way."""
    (shown,) = arrows(
        step("activate", "2c", str(X), "serverAction", reply=None),
        state=RunState.STUCK,
        note="internal error: FlowDiverged",
    )
    assert (shown.state, shown.note) == ("stuck", "internal error: FlowDiverged")


# ---- other matters ---------------------------------------------------------------------------------------------------

WORK = replace(order("3.2.1"), channel="206", channel_order_id="F1")
CHANGE = UserChange(
    id="20015C", trace_id="20015C", section="3.1b", act=UserAct.STATE_CHANGED, channel="206", channel_order_id="F2",
    streaming_no="206000001", user=Subscriber(Number("18907910001"), "003", PayType.PREPAID, UserState.STOPPED), province="15",
    targets=(), accepted_at=NOON,
)  # fmt: skip
NOTICE = replace(CHANGE, id="20015C.1", channel="200", channel_order_id="20015C", streaming_no="")
PASSED_ON = replace(CHANGE, id="10035C", channel="200", channel_order_id="20015C")
PRODUCT = CatalogueObject(product=Product("P1", "铃音", "tone", "SP1", "200", "303", Scope.PROVINCIAL, "15", version=2))
OFFER = CatalogueObject(offer=Offer("B1", "套餐", "bundle", ("P1",), status=Status.SUSPENDED, version=3))
APPLICATION = CatalogueChange(
    "A1",
    "A1",
    "2.1",
    ChangeKind.ADDED,
    False,
    "201",
    "AP1",
    "201000001",
    "submitProductApplication",
    PRODUCT,
    False,
    (),
    (),
    NOON,
)
STATE_CHANGE = replace(
    APPLICATION,
    id="A2",
    section="2.2b",
    is_state_change=True,
    change=ChangeKind.MODIFIED,
    object=OFFER,
    entry="submitStateChange",
)
DELIVERY = Delivery("A1.1", "A1", "2.1", "4c", ChangeKind.ADDED, "ppm", "A1", PRODUCT, OCS, NOON)


def shown(matter, *steps: StepRow, here=JIANGXI, **more):
    """The leg of any matter."""
    return leg(here, OrderRow(matter, OrderState.EXECUTING, 0, None), run_of(*steps, placed=matter, **more))


HEADS = {
    "work order": (WORK, "3.2.1", "subscribe", "206", "F1", "189****0001", True),
    "change of a user": (CHANGE, "3.1b", "state changed", "206", "F2", "189****0001", True),
    "notice about a user": (NOTICE, "3.1b", "state changed", "200", "20015C", "189****0001", True),
    "application": (APPLICATION, "2.1", "product added", "201", "AP1", "product P1", False),
    "change of state": (STATE_CHANGE, "2.2b", "offer suspended", "201", "AP1", "offer B1", False),
    "delivery": (DELIVERY, "2.1", "product to ocs", "ppm", "A1", "product P1", False),
}


@pytest.mark.parametrize("case", HEADS)
def test_head_of_any_matter(case):
    """What it is, who brought it, and whom or what it is about; a user's number is masked."""
    matter, *expected = HEADS[case]
    told = shown(matter)
    assert [told.section, told.action, told.channel, told.channel_order_id, told.number, told.prepaid] == expected


@pytest.mark.parametrize("case", HEADS)
def test_place_of_any_matter(case):
    """A leg stands at the VSOP that keeps it, also where its PPM acts."""
    assert shown(HEADS[case][0]).place == "vsop:15"


CALLERS = {
    "211": "channel:211", "215": "channel:215", "103": "ismp:103", "204": "ismp:204", "101": "crm", "201": "crm", "102": "ppm",
    "202": "ppm", "206": "provisioning", "303": "xplatform:303",
}  # fmt: skip


@pytest.mark.parametrize("system", CALLERS)
def test_who_brought_it(system):
    """The first act shows who asked, by which operation."""
    (first,) = shown(replace(APPLICATION, channel=system), step("accept", "1")).arrows
    assert (first.sender, first.receiver, first.text) == (CALLERS[system], "ppm", "submitProductApplication")


FIRST = {
    "work order": (WORK, "provisioning", "vsop:15", "workListFKToVSOP"),
    "change of a user": (CHANGE, "provisioning", "vsop:15", "workListFKToVSOP"),
    "passed on by a province": (PASSED_ON, "vsop:15", "vsop:15", "takes the order over"),
    "application": (APPLICATION, "crm", "ppm", "submitProductApplication"),
    "operator's application": (replace(APPLICATION, channel="202", entry="ppm apply"), "ppm", "ppm", "ppm apply"),
}


@pytest.mark.parametrize("case", FIRST)
def test_first_act(case):
    """A work order comes from provisioning, an application from whoever files it; the group takes over what a province passed on."""
    matter, sender, receiver, text = FIRST[case]
    assert shown(matter, step("accept", "2b")).arrows == (Arrow("2b", sender, receiver, text, NOON, "done"),)


OWN_ACTS = {
    "user": (CHANGE, "apply", "vsop:15", "user and relations (用户信息、订购关系处理)"),
    "audit by the rules": (APPLICATION, "audit", "ppm", "audit (审核)"),
    "bundle": (WORK, "complete", "vsop:15", "completion (竣工)"),
}


@pytest.mark.parametrize("case", OWN_ACTS)
def test_own_act_of_other_matters(case):
    """Acts of our own are told in words, at the system that does them."""
    matter, name, place, text = OWN_ACTS[case]
    assert shown(matter, step(name, "3a")).arrows == (Arrow("3a", place, place, text, NOON, "done"),)


def test_audit_by_a_person():
    """While it waits it is shown as waiting, and it is PPM's own act."""
    row = step("audit", "2a", "ppm", reply=None)
    (arrow,) = shown(APPLICATION, row, state=RunState.WAITING, wake_at=LATER, note="ppm: report expected").arrows
    assert (arrow.sender, arrow.receiver, arrow.text, arrow.state) == ("ppm", "ppm", "audit (审核)", "waiting")


def test_answer_of_a_user():
    """The second confirmation comes back through the SMS hall."""
    (arrow,) = arrows(step("confirmation", "+2a", "smshall"))
    assert (arrow.sender, arrow.receiver, arrow.text) == ("smshall", "vsop:15", "recvRQMessage")


@pytest.mark.parametrize("matter", [APPLICATION, DELIVERY], ids=["test", "delivery"])
def test_ppm_is_the_sender_of_its_messages(matter):
    """What PPM tells comes from PPM, wherever it is served."""
    (arrow,) = shown(matter, step("sync", "4c", "ocs", "productInfoSync")).arrows
    assert arrow == Arrow("4c", "ppm", "ocs", "productInfoSync", NOON, "done")


def test_refused_delivery():
    """A target that refuses an object is shown with its code."""
    (arrow,) = shown(DELIVERY, step("sync", "4c", "ocs", "productInfoSync", reply=Reply(LATER, 4006, "later"))).arrows
    assert (arrow.state, arrow.code, arrow.note) == ("refused", 4006, "later")


def test_notice_about_a_user():
    """VSOP tells its platforms; what one of them says changes nothing, so the notice is done."""
    (arrow,) = shown(NOTICE, step("tell", "3c", str(X), "userInfoSync", reply=Reply(LATER, 8001))).arrows
    assert arrow == Arrow("3c", "vsop:15", "xplatform:303", "userInfoSync", NOON, "done", 8001)


def test_wait_for_the_others():
    """That a change waits until all have heard of it is no message: it has no number and no arrow."""
    assert shown(CHANGE, step("told-xplatform:303", "", str(X), reply=None), state=RunState.WAITING).arrows == ()


def test_parts_of_a_bundle():
    """Each platform's part has its own arrows, there and back."""
    rows = [step(f"activate-subscribe-{to}", "4a", str(to), "serverAction", returns="4b") for to in (X, "vsop:35")]
    told = [(arrow.number, arrow.sender, arrow.receiver) for arrow in shown(WORK, *rows).arrows]
    assert told == [
        ("4a", "vsop:15", "xplatform:303"), ("4b", "xplatform:303", "vsop:15"),
        ("4a", "vsop:15", "vsop:35"), ("4b", "vsop:35", "vsop:15"),
    ]  # fmt: skip
