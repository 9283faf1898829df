"""Partners that are down, slow or gone while orders come in: all are kept, others go on, and each is carried out once in the end."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from acts import ISMP, NATIONAL_X, X, behaving
from crowd import DONE, QUICK, ends, placed, runs, wrong
from nursery import Nursery
from testlab import TestLab

pytestmark = pytest.mark.e2e

NUMBERS = [f"13307911{n:03d}" for n in range(400)]
MINUTES = pytest.param((600.0, {}), marks=pytest.mark.nightly, id="ten-minutes")
SECONDS = pytest.param((3.0, {"retry__base_ms": "100", "retry__cap_s": "1"}), id="three-seconds")
"""How long something is down, and the settings that go with it: the shipped ones for ten minutes."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Group and Jiangxi with their partners."""
    directory = tmp_path_factory.mktemp("partners")
    nursery = Nursery(directory)
    lab = TestLab(directory, ("group", "jiangxi"), NUMBERS, nursery=nursery, **QUICK)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()
        nursery.close()


@pytest.fixture(scope="module")
def fresh():
    """Numbers that hold nothing yet."""
    numbers = iter(NUMBERS)
    return lambda count: [next(numbers) for _ in range(count)]


@pytest.fixture(params=[SECONDS, MINUTES])
def down(request, lab):
    """Give how long something is down; the gateways run with the settings that go with it."""
    seconds, settings = request.param
    shipped = {"retry__base_ms": "500", "retry__cap_s": "60"}
    for name in lab.names:
        lab.serve(name, **(settings or shipped))
    yield seconds
    for name in lab.names:
        lab.serve(name)


def test_platform_that_is_down(lab, fresh, down):
    """While the X platform is down its orders wait, those of ISMP pass, also over a restart; then each is carried out once."""
    numbers, others = fresh(20), fresh(5)
    with behaving(lab.stubs("jiangxi"), {"xplatform": "away"}):
        orders = placed(lab, numbers, X)
        beside = ends(lab, placed(lab, others, ISMP), 10)
        time.sleep(down / 2)
        lab.kill("jiangxi")
        lab.serve("jiangxi")
        time.sleep(down / 2)
        waiting = runs(lab, orders)
    assert (beside, waiting["waiting"] + waiting["running"]) == (Counter({DONE: 5}), 20)
    assert (ends(lab, orders, 90), wrong(lab, orders)) == (Counter({DONE: 20}), {})


def test_partner_after_partner_is_down(lab, fresh):
    """OCS, then the platform, billing, the portal and the SMS hall are down in turn: the same orders end well, once."""
    orders = {}
    down = ["ocs", "xplatform", "billing", "portal", "smshall"]
    stubs = lab.stubs("jiangxi")
    stubs.set(**{f"{role}.mode": "away" for role in down})
    try:
        orders = placed(lab, fresh(10), X)
        for role in down:
            time.sleep(0.3)
            stubs.set(**{f"{role}.mode": "final"})
    finally:
        stubs.set(**{f"{role}.mode": "final" for role in down})
    assert (ends(lab, orders), wrong(lab, orders)) == (Counter({DONE: 10}), {})


def test_group_that_is_down_during_a_burst(lab, fresh, down):
    """The group is killed: national orders are taken all the same and wait, provincial ones end; then all end, each once."""
    national, provincial = fresh(40), fresh(20)
    lab.kill("group")
    try:
        orders = placed(lab, national, NATIONAL_X)
        beside = ends(lab, placed(lab, provincial, X), 10)
        time.sleep(down)
        waiting = runs(lab, orders)
    finally:
        lab.serve("group")
    # one may just be tried again
    assert (beside, waiting.keys() - {"waiting", "running"}, waiting.total()) == (Counter({DONE: 20}), set(), 40)
    assert (ends(lab, orders, 90), wrong(lab, orders, "group")) == (Counter({DONE: 40}), {})


def test_group_that_comes_and_goes(lab, fresh):
    """The group is killed again and again while national orders are under way: each ends once at both tiers."""
    orders = placed(lab, fresh(20), NATIONAL_X)
    for _ in range(5):
        lab.kill("group")
        lab.serve("group")
        time.sleep(0.1)
    assert (ends(lab, orders), wrong(lab, orders, "group")) == (Counter({DONE: 20}), {})


def test_answers_that_are_lost(lab, fresh):
    """A platform acts and its first answer is lost: the request is sent again under its number, and nothing is done twice."""
    with behaving(lab.stubs("jiangxi"), {"xplatform": "lost"}):
        orders = placed(lab, fresh(10), X)
        ended = ends(lab, orders)
    assert (ended, wrong(lab, orders)) == (Counter({DONE: 10}), {})
