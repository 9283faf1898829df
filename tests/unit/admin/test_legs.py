"""Legs: the journal of an order as arrows between parties, for steps that are done, refused, waiting or under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import NOON, X, order

from gateway.admin.legs import Arrow, leg
from gateway.cli.flow_samples import samples
from gateway.domain.order import OrderState
from gateway.domain.party import PPM
from gateway.domain.routing import Place, Tier
from gateway.engine.ports import OrderRow, RunRow, RunState, StepRow
from gateway.steps import ItemReply, Reply

JIANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.GROUP, "35")
LATER = NOON + timedelta(seconds=2)
DONE = Reply(LATER)


SENT = "200000001"


def step(name, number, party="", operation="", *, returns="", reply=DONE, attempts=1) -> StepRow:
    return StepRow(name, number, returns, party, operation, SENT, NOON, attempts, reply)


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
        Arrow("2c", "vsop:15", "xplatform:303", "serverAction", NOON, "done", attempts=3, streaming_no=SENT),
        Arrow("2d", "xplatform:303", "vsop:15", "serverAction result", LATER, "done"),
    ]


def test_question_without_a_number_for_the_answer():
    """Else the answer is the state of the one arrow."""
    assert arrows(step("fee-check", "2b", "ocs", "feeCheck")) == [
        Arrow("2b", "vsop:15", "ocs", "feeCheck", NOON, "done", streaming_no=SENT)
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
        Arrow("2c", "vsop:15", "xplatform:303", "serverAction", NOON, "under way", attempts=1, streaming_no=SENT)
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
    (shown,) = arrows(step("activate", "2c", str(X), "serverAction", reply=None), state=RunState.STUCK, note="internal error: FlowDiverged")
    assert (shown.state, shown.note) == ("stuck", "internal error: FlowDiverged")


# ---- other cases than orders -----------------------------------------------------------------------------------------

USER = samples("3.1b")[1].matters[0]
FILED = samples("2.1")[0].matters[0]
BY_ISMP = samples("2.2")[0].matters[0]
WORK = samples("3.2.1")[0].matters[0]


def arrow_of(matter, row, **more):
    (found,) = arrows(row, placed=matter, **more)
    return found


BROUGHT = {
    "work order of a bundle": (WORK, step("accept", "3b"), "provisioning", "vsop:15", "workListFKToVSOP"),
    "change of a user": (USER, step("accept", "2b"), "provisioning", "vsop:15", "workListFKToVSOP"),
    "application": (FILED, step("accept", "1"), "crm", "ppm", "submitProductApplication"),
    "notice of ISMP": (BY_ISMP, step("accept", "1b"), "ismp:204", "ppm", "prodInfoSynFromISMP"),
    "change that a province passed on": (
        replace(USER, channel="200"), step("accept", "+3c"), "vsop:15", "vsop:15", "takes the change over",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROUGHT)
def test_who_brought_a_case(case):
    """The first step comes from whoever the system code is, by the operation that it came by."""
    matter, row, sender, receiver, text = BROUGHT[case]
    shown = arrow_of(matter, row)
    assert (shown.sender, shown.receiver, shown.text) == (sender, receiver, text)


def test_object_of_a_catalogue_case():
    """Where there is no number, the object is named; the place is the VSOP that PPM stands beside."""
    run = run_of(placed=FILED)
    shown = leg(JIANGXI, OrderRow(FILED, OrderState.EXECUTING, 0, None), run)
    assert (shown.number, shown.action, shown.place) == (f"product {FILED.object.id}", "product added", "vsop:15")


def test_user_of_a_change_is_masked():
    """A change of a user shows a number like any order."""
    shown = leg(JIANGXI, OrderRow(USER, OrderState.EXECUTING, 0, None), run_of(placed=USER))
    assert (shown.number, shown.action) == (str(USER.number), "state changed")


AUDITS = {
    "by rules": (FILED, step("audit", "2a"), "done", 0),
    "by rules that object": (replace(FILED, objection=4004), step("audit", "2a"), "refused", 4004),
    "by a person": (FILED, step("audit", "2a", str(PPM)), "done", 0),
    "by a person who rejects": (FILED, step("audit", "2a", str(PPM), reply=Reply(LATER, 4011)), "refused", 4011),
    "waits for a person": (FILED, step("audit", "2a", str(PPM), reply=None), "waiting", 0),
}  # fmt: skip


@pytest.mark.parametrize("case", AUDITS)
def test_audit_is_an_act_of_our_own(case):
    """Rules or a person: PPM decides, and the ladder says how."""
    matter, row, state, code = AUDITS[case]
    shown = arrow_of(matter, row, state=RunState.WAITING if row.reply is None else RunState.ENDED)
    assert (shown.sender, shown.receiver, shown.text, shown.state, shown.code) == ("ppm", "ppm", "audit (审核)", state, code)


def test_delivery_is_told_by_ppm():
    """What PPM publishes comes from PPM, whichever VSOP it stands beside."""
    shown = arrow_of(FILED, step("sync", "4c", "ocs", "productInfoSync"))
    assert (shown.sender, shown.receiver) == ("ppm", "ocs")


def test_answer_of_the_user():
    """A second confirmation is awaited from the SMS hall, by its own operation."""
    shown = arrow_of(order(), step("confirmation", "+2a", "smshall"))
    assert (shown.sender, shown.text) == ("smshall", "recvRQMessage")


@pytest.mark.parametrize(("name", "state"), [("tell", "refused"), ("tell-user", "done")])
def test_notice_that_is_refused(name, state):
    """A platform may refuse to hear of a user; a channel's opinion of a result changes nothing."""
    row = step(name, "3c", "xplatform:303", "userInfoSync", reply=Reply(LATER, 8001))
    assert (arrow_of(USER, row).state, arrow_of(USER, row).code) == (state, 8001)
