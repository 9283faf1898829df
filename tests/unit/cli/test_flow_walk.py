"""Walking through the flows: the steps that a section's sample case takes, who takes part, and what each step changes."""

from __future__ import annotations

import pytest

from gateway.cli.flow_walk import Mode, walk
from gateway.flows.registry import SECTION_FLOW
from gateway.flows.sections import OURS, SECTIONS


def rows(section):
    """The steps of a section, each as number, who to whom, and what."""
    return [(r.number, r.sender, r.receiver, r.text.en) for r in walk(section).rows]


def row(section, number, receiver=None):
    return next(r for r in walk(section).rows if r.number == number and receiver in (None, r.receiver))


def states(section, number, receiver=None):
    return [words.en for words in row(section, number, receiver).state]


@pytest.mark.parametrize("section", SECTION_FLOW)
def test_every_number_of_the_table_is_found(section):
    """The flows and the steps of others together say each number of the section's table."""
    wanted = set(SECTIONS[section].numbers)
    assert {r.number for r in walk(section).rows if not r.number.startswith(OURS)} == wanted


@pytest.mark.parametrize("section", SECTION_FLOW)
def test_every_step_is_told_in_both_languages(section):
    """No text is left out."""
    assert [
        r.number for r in walk(section).rows if not (r.text.zh and r.text.en) or not all(w.zh and w.en for w in r.state)
    ] == []


def test_national_order():
    """4.1.3: the group's steps stand where the province asks it, and the steps of others where the seed has them."""
    assert rows("4.1.3") == [
        ("1", "user", "channel", "order, second confirmation"), ("2a", "channel", "vsop", "subscribeToVSOP"),
        ("2b", "vsop", "ocs", "feeCheck"), ("2c", "vsop", "group", "serverAction"), ("2d", "group", "group", "takes it over"),
        ("2e", "group", "xplatform", "serverAction"), ("3a", "xplatform", "group", "serverAction result"),
        ("3b", "group", "vsop", "serverActionResult"), ("3c", "vsop", "vsop", "completion"),
        ("3d", "vsop", "billing", "subsInstSynToHB"), ("3e", "vsop", "channel", "subResultFromVSOP"),
        ("3f", "vsop", "smshall", "subResultToUser"), ("3g", "smshall", "user", "SMS to the user"),
    ]  # fmt: skip


def test_bundle_of_two_platforms():
    """3.2.1: X platform and ISMP are asked, and the latter reports the relation."""
    shown = [(n, s, r, t) for n, s, r, t in rows("3.2.1") if "4" in n]
    assert shown == [
        ("4a", "vsop", "xplatform", "serverAction"), ("4a", "vsop", "ismp", "subActionFromVSOP"),
        ("4b", "xplatform", "vsop", "serverAction result"), ("4b", "ismp", "vsop", "subActionFromVSOP result"),
        ("+4b", "ismp", "vsop", "subsInstSynFromISMP"),
    ]  # fmt: skip


def test_cancelled_bundle_is_ended_at_ismp():
    """3.2.3 names the operation that ends a product."""
    assert ("2b", "vsop", "ismp", "unSubActionFromVSOP") in rows("3.2.3")


def test_publication_and_change_of_state():
    """2.2b: two cases follow each other, each to the systems that the seed names, in its order."""
    assert [(n, r) for n, s, r, _ in rows("2.2b") if s == "ppm" and r != "ppm"] == [
        ("1c", "crm"), ("1d", "vsop"), ("1e", "billing"), ("2c", "vsop"), ("2d", "crm"), ("2e", "billing"),
    ]  # fmt: skip


def test_notices_of_a_user():
    """Second 3.1: all platforms are told side by side, the group passes on, and each looks after its own."""
    assert [(n, s, r) for n, s, r, _ in rows("3.1b") if n.lstrip("+") in ("3c", "4")] == [
        ("3c", "vsop", "group"), ("+3c", "group", "group"), ("+3c", "group", "xplatform"), ("3c", "vsop", "xplatform"),
        ("3c", "vsop", "ismp"), ("4", "xplatform", "xplatform"), ("4", "ismp", "ismp"),
    ]  # fmt: skip


def test_parties_stand_side_by_side():
    """Whoever takes part, each once, in one order for all sections."""
    assert walk("4.1.2").parties == ("user", "channel", "vsop", "ocs", "ismp", "billing")


STATES = {
    ("4.1.1", "2a"): ["province: order 10A"],
    ("4.1.1", "2d"): ["X: service active"],
    ("4.1.1", "2e"): ["province: relation active", "province: order 10F"],
    ("4.1.1", "2f"): ["billing: relation archived"],
    ("4.1.2", "3b"): ["province: relation active"],
    ("4.1.3", "3a"): ["X: service active", "group: relation active", "group: order 10F"],
    ("4.1.4", "3d"): ["group: relation active"],
    ("3.2.3", "+2c"): ["province: relation ended"],
    ("2.1", "1"): ["PPM: application 10A", "PPM: product applied"],
    ("2.1", "2a"): ["PPM: product in test"],
    ("2.1", "2c"): ["X platform: product in test"],
    ("2.1", "4a"): ["PPM: product normal", "PPM: application 10F", "VSOP: product normal", "delivery: delivered"],
    ("2.1", "6d"): ["CRM: product suspended", "delivery: delivered"],
    ("3.1b", "3a"): [
        "new install, resume, number change, payment change: province: user active", "stop: province: user stopped",
        "number change: province: relations under the new number", "tear-down: province: user torn down",
    ],
}  # fmt: skip


@pytest.mark.parametrize("place", STATES, ids=lambda p: f"{p[0]} {p[1]}")
def test_state_change(place):
    """What a step changes stands with it: facts that the flow keeps, and what its request does to the receiver."""
    assert states(*place) == STATES[place]


def test_end_of_a_user_change_stands_with_the_last_notice():
    """The case ends when all have heard; what the group does is the group's."""
    assert ("province: change 10F" in states("3.1b", "3c", "ismp"), states("3.1b", "+3c", "group")) == (
        True,
        ["group: change 10A"],
    )


MODES = {
    ("4.1.1", "1"): Mode.OUTSIDE, ("4.1.1", "2a"): Mode.ASYNC, ("4.1.1", "2b"): Mode.SYNC, ("4.1.1", "2c"): Mode.ASYNC,
    ("4.1.1", "2e"): Mode.OWN, ("4.1.1", "2f"): Mode.NOTICE, ("4.1.2", "2c"): Mode.OUTSIDE, ("2.2", "1b"): Mode.SYNC,
    ("2.1", "1"): Mode.ASYNC, ("2.1", "4c"): Mode.SYNC, ("3.2.1", "1"): Mode.SYNC, ("3.2.1", "3a"): Mode.OUTSIDE,
}  # fmt: skip


@pytest.mark.parametrize("place", MODES, ids=lambda p: f"{p[0]} {p[1]}")
def test_mode(place):
    """How a message is answered: at once, later, not at all; ISMP hears nothing more, CRM does."""
    assert row(*place).mode is MODES[place]


def test_steps_that_decide():
    """The entry, every question, the audit, the authorisation; ISMP's own fee check too. Archive and results decide nothing."""
    decide = {
        section: [r.number for r in walk(section).rows if r.decides] for section in ("4.1.1", "4.1.2", "3.2.2", "2.2b")
    }
    assert decide == {
        "4.1.1": ["2a", "2b", "2c"], "4.1.2": ["2a", "2b", "2c"], "3.2.2": ["2", "3b", "4a", "4c"],
        "2.2b": ["1a", "1b", "1c", "1d", "1e", "2a", "2b", "2c", "2d", "2e"],
    }  # fmt: skip


def test_section_without_a_flow():
    """It cannot be walked through."""
    with pytest.raises(KeyError):
        walk("9.9")
