"""Changes of users: what follows from what happened."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import NOON
from shelf import NUMBER, user

from gateway.domain.numbers import Number
from gateway.domain.subscriber import PayType, UserState
from gateway.domain.user_change import UserAct, UserChange

OLD = Number("18907910002")


def change(act=UserAct.STATE_CHANGED, state=UserState.ACTIVE, **more):
    """A change as provisioning asked for it."""
    made = UserChange("C", "C", "3.1b", act, "206", "F1", "206000001", user(state), "15", (), NOON)
    return replace(made, **more)


STATES = {
    (UserAct.STATE_CHANGED, UserState.ACTIVE): (False, True, False),
    (UserAct.STATE_CHANGED, UserState.STOPPED): (True, False, False),
    (UserAct.STATE_CHANGED, UserState.ARREARS): (True, False, False),
    (UserAct.STATE_CHANGED, UserState.INVALID): (False, False, True),
    (UserAct.TORN_DOWN, UserState.INVALID): (False, False, True),
    (UserAct.INSTALLED, UserState.ACTIVE): (False, False, False),
    (UserAct.INSTALLED, UserState.STOPPED): (False, False, False),
    (UserAct.RENUMBERED, UserState.STOPPED): (False, False, False),
    (UserAct.PAYS_OTHERWISE, UserState.ARREARS): (False, False, False),
    (UserAct.CAPABILITIES_CHANGED, UserState.ACTIVE): (False, False, False),
}


@pytest.mark.parametrize("case", STATES, ids=" ".join)
def test_what_relations_do(case):
    """They stop, go on or end with the user's own state, and only when that is what changed."""
    made = change(*case)
    assert (made.stops, made.resumes, made.ends_relations) == STATES[case]


def test_locks():
    """One change of a user at a time, by his number."""
    assert change().locks == ((NUMBER.digits, "user"),)


def test_locks_of_a_renumbering():
    """By both of them."""
    made = change(UserAct.RENUMBERED, old_number=OLD)
    assert made.locks == ((NUMBER.digits, "user"), (OLD.digits, "user"))


def test_notice_locks_nothing():
    """It belongs to a change that has locked the user."""
    assert change(streaming_no="").locks == ()


@pytest.mark.parametrize(("channel", "entry"), [("206", "workListFKToVSOP"), ("200", "")])
def test_entry(channel, entry):
    """Provisioning sends work orders; what a province passed on has no entry."""
    assert change(channel=channel).entry == entry


@pytest.mark.parametrize(("pay", "prepaid"), [(PayType.PREPAID, True), (PayType.POSTPAID, False)])
def test_prepaid(pay, prepaid):
    """As the user pays afterwards."""
    assert change(user=user(pay=pay)).prepaid is prepaid


def test_number_is_masked_in_the_text_of_a_change():
    """Neither of the user's numbers is shown by a log line or an error."""
    text = repr(change(UserAct.RENUMBERED, old_number=OLD))
    assert [digits for digits in (NUMBER.digits, OLD.digits) if digits in text] == []
