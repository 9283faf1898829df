"""kill -9 of either tier at each edge of each step of seed 4.1.3: after a restart the order ends once, in one state on both tiers.

The edges: before and after the acceptance is committed; before a message leaves (its intent is committed), after its answer came,
before the answer is committed, and after it is. The process ends itself there (see gateway/runtime/failpoints.py).
"""

from __future__ import annotations

import time

import pytest
import requests
from testlab import TestLab

pytestmark = pytest.mark.e2e

NATIONAL_X = "135000000000000000301"
EDGES = ("before-effect", "after-effect", "before-result", "after-result")
CASES = [
    *[("jiangxi", f"{edge}:accept") for edge in ("before-accept", "after-accept")],
    *[
        ("jiangxi", f"{edge}:{step}")
        for step in ("fee-check", "activate", "archive", "tell-channel", "tell-user")
        for edge in EDGES
        # "after-result" is told with the step that comes next; the fee check is the first step
        if (step, edge) != ("fee-check", "after-result")
    ],
    ("jiangxi", "after-result:end"),
    *[("group", f"{edge}:accept") for edge in ("before-accept", "after-accept")],
    *[
        ("group", f"{edge}:{step}")
        for step in ("activate", "return")
        for edge in EDGES
        if (step, edge) != ("activate", "after-result")
    ],
    ("group", "after-result:end"),
]
NUMBERS = [f"18907916{i:03d}" for i in range(len(CASES))]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Group and Jiangxi; the processes that are killed are started anew by each case."""
    lab = TestLab(tmp_path_factory.mktemp("kill"), ("group", "jiangxi"), NUMBERS)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


def restart(lab, name, **settings):
    lab.processes[name].stop()
    lab.serve(name, **settings)


def accepted(service, request, seconds=30.0):
    """Send an order as a patient portal does: the same request, under the same number, until it is answered."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return service.subscribeToVSOP(**request)
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError("the order was never answered")


def send_once(service, request) -> bool:
    """Send an order; False if the gateway died under it."""
    try:
        return service.subscribeToVSOP(**request).ResultCode == "0"
    except requests.RequestException:
        return False


@pytest.mark.parametrize(("case", "number"), list(enumerate(NUMBERS)), ids=[":".join(c) for c in CASES])
def test_order_survives(lab, case, number):
    """The killed order is completed once on both tiers, archived once, activated once, told once."""
    name, edge = CASES[case]
    service = lab.client("jiangxi").service
    restart(lab, name, failpoint__kill=f"{edge}:1")
    request = lab.request(number, NATIONAL_X)
    was_accepted = send_once(service, request)
    assert lab.wait_dead(name), f"{name} was not killed at {edge}"
    lab.serve(name)
    answer = accepted(
        service, request
    )  # the portal repeats itself: the same answer, or, if nothing was committed, the first one
    assert answer.ResultCode == "0" or not was_accepted, answer
    legs = lab.settled("jiangxi", request["OrderId"])
    stubs, national = lab.stubs("jiangxi"), lab.stubs("group")
    seen = {
        "states": [leg["state"] for leg in legs],
        "relations": [lab.relations(tier, number) for tier in ("jiangxi", "group")],
        "orders": len(lab.admin("jiangxi").get(f"numbers/{number}")["orders"]),
        "activations": len(national.ledger("activation", number=number)),
        "archives": len(stubs.ledger("archive", number=number)),
        "channel": len(stubs.ledger("channel-result", number=number)),
        "sms": len(stubs.ledger("sms", number=number)),
    }
    active = {NATIONAL_X: "active"}
    assert seen == {
        "states": ["10F", "10F"], "relations": [active, active], "orders": 1, "activations": 1, "archives": 1, "channel": 1, "sms": 1,
    }  # fmt: skip
