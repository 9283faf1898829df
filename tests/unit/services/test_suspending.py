"""subscribeToVSOP with ActionType 3 and 4: a relation is suspended and resumed when its platform has done it."""

from __future__ import annotations

import pytest
from office import ISMP, NATIONAL_ISMP, NATIONAL_X, STOPPED, X_BOX, X
from rig import run

from gateway.domain.catalogue import Status
from gateway.domain.order import Action, OrderState
from gateway.domain.subscriber import RelationState

ACTIVE, SUSPENDED, ENDED = RelationState.ACTIVE, RelationState.SUSPENDED, RelationState.ENDED
SUSPEND, RESUME = "3", "4"


def state(office, product):
    """In which state a relation is."""
    return office.relation(product).state


def order_state(office, row):
    return run(office.store.order(row.order.id)).state


ACTS = {SUSPEND: (ACTIVE, Action.SUSPEND, SUSPENDED), RESUME: (SUSPENDED, Action.RESUME, ACTIVE)}


@pytest.mark.parametrize("action", ACTS)
def test_relation_at_an_x_platform(office, action):
    """The order says what it is, and the relation is in the other state when the platform has confirmed."""
    before, kind, after = ACTS[action]
    office.hold(X, state=before)
    row = office.place(X, action=action)
    assert (row.order.action, order_state(office, row), state(office, X)) == (kind, OrderState.COMPLETED, after)


@pytest.mark.parametrize("action", ACTS)
def test_nothing_is_charged(office, action):
    """There is no fee check; billing, channel and user are told as of any order."""
    office.hold(X, state=ACTS[action][0])
    office.place(X, action=action)
    assert office.rig.partners.names() == ["activate", "archive", "tell-channel", "tell-user"]


@pytest.mark.parametrize("action", ACTS)
def test_platform_that_refuses(office, action):
    """The relation stays as it was."""
    office.hold(X, state=ACTS[action][0])
    office.rig.partners.answer("activate", office.refused(X))
    row = office.place(X, action=action)
    assert (order_state(office, row), state(office, X)) == (OrderState.FAILED, ACTS[action][0])


def test_half_a_refusal_is_taken_back(office):
    """One of two products was refused: the other one is resumed at its platform, and both stand as before."""
    office.hold(X, X_BOX)
    office.rig.partners.answer("activate", office.half(X, refused=X_BOX))
    office.place(X, X_BOX, action=SUSPEND)
    assert (office.rig.partners.names()[1], state(office, X), state(office, X_BOX)) == ("undo", ACTIVE, ACTIVE)


# ---- at ISMP ---------------------------------------------------------------------------------------------------------

REPORTS = {SUSPEND: "1", RESUME: "2"}


@pytest.mark.parametrize("action", ACTS)
def test_relation_at_ismp(office, action):
    """It changes with ISMP's report, which is what the order waits for."""
    before, _, after = ACTS[action]
    office.hold(ISMP, state=before)
    row = office.place(ISMP, action=action)
    waiting = (order_state(office, row), state(office, ISMP))
    office.call("subsInstSynFromISMP", office.report(op=REPORTS[action]))
    assert (waiting, order_state(office, row), state(office, ISMP)) == (
        (OrderState.EXECUTING, before), OrderState.COMPLETED, after,
    )  # fmt: skip


OTHER_REPORTS = [(SUSPEND, "0"), (SUSPEND, "2"), (SUSPEND, "3"), (RESUME, "0"), (RESUME, "1"), (RESUME, "3")]


@pytest.mark.parametrize(("action", "op"), OTHER_REPORTS)
def test_report_of_something_else(office, action, op):
    """Only the report of what was asked completes the order."""
    office.hold(ISMP, state=ACTS[action][0])
    row = office.place(ISMP, action=action)
    office.call("subsInstSynFromISMP", office.report(op=op))
    assert order_state(office, row) is OrderState.EXECUTING


def test_group_hears_of_a_national_relation(office):
    """A national relation of ISMP is reported to the group in its new state."""
    office.hold(NATIONAL_ISMP)
    office.place(NATIONAL_ISMP, action=SUSPEND)
    office.call("subsInstSynFromISMP", office.report(NATIONAL_ISMP, "1"))
    assert office.rig.partners.names() == ["activate", "report-group", "archive", "tell-channel"]


# ---- several platforms -----------------------------------------------------------------------------------------------


def test_several_platforms(office):
    """One order suspends what is held at several platforms."""
    office.hold(X, NATIONAL_X)
    row = office.place(X, NATIONAL_X, action=SUSPEND)
    assert (row.order.section, {state(office, p) for p in (X, NATIONAL_X)}) == ("4.1", {SUSPENDED})


def test_several_platforms_of_which_one_refuses(office):
    """What was suspended is resumed again: all of it or nothing."""
    office.hold(X, NATIONAL_X)
    office.rig.partners.answer("activate-suspend-vsop:35", office.refused(NATIONAL_X))
    office.place(X, NATIONAL_X, action=SUSPEND)
    assert ("undo-suspend-xplatform:303" in office.rig.partners.names(), state(office, X)) == (True, ACTIVE)


# ---- what is refused -------------------------------------------------------------------------------------------------

WRONG = {
    "suspend what is suspended": (SUSPENDED, SUSPEND, "5014"),
    "resume what is active": (ACTIVE, RESUME, "5014"),
    "suspend what has ended": (ENDED, SUSPEND, "5002"),
    "resume what has ended": (ENDED, RESUME, "5002"),
    "suspend what was never held": (None, SUSPEND, "5002"),
    "resume what was never held": (None, RESUME, "5002"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_state(office, case):
    """A relation is suspended only while it is active, and resumed only while it is suspended."""
    held, action, code = WRONG[case]
    if held is not None:
        office.hold(X, state=held)
    request = office.order(X, action=action)
    assert (office.call("subscribeToVSOP", request).ResultCode, office.kept(request)) == (code, False)


@pytest.mark.parametrize("action", ACTS)
def test_cancelled_product(office, action):
    """Of a product that is cancelled nothing can be changed."""
    office.hold(X, state=ACTS[action][0])
    office.change(X, status=Status.CANCELLED)
    assert office.call("subscribeToVSOP", office.order(X, action=action)).ResultCode == "4002"


@pytest.mark.parametrize("action", ACTS)
def test_without_an_offer(office, action):
    """Unlike the end of everything, these acts name what they are about."""
    assert office.call("subscribeToVSOP", office.order(action=action)).ResultCode == "4508"


def test_suspended_relation_can_be_ended(office):
    """A suspended relation is held: it ends like an active one."""
    office.hold(X, state=SUSPENDED)
    office.place(X, action="1")
    assert state(office, X) is ENDED


def test_suspended_relation_cannot_be_subscribed_again(office):
    """Nor is it free to be ordered once more."""
    office.hold(X, state=SUSPENDED)
    assert office.call("subscribeToVSOP", office.order(X)).ResultCode == "5001"


def test_stopped_user(office):
    """By default the user's own state does not matter for what he already holds."""
    office.hold(X, number=STOPPED)
    assert office.call("subscribeToVSOP", office.order(X, action=SUSPEND, number=STOPPED)).ResultCode == "0"
