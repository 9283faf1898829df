"""Partners that fail, and the end of a process, with orders under way: breakers, bulkheads, drain; real processes, nothing lost."""

from __future__ import annotations

import contextlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from testlab import TestLab

pytestmark = pytest.mark.e2e

X, NATIONAL_X = "115000000000000000101", "135000000000000000301"
NUMBERS = [f"18907914{i:03d}" for i in range(100)]
SETTINGS = {"breaker__open_s": 1, "breaker__open_cap_s": 2}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Group and Jiangxi; breakers that soon try again."""
    lab = TestLab(tmp_path_factory.mktemp("load"), ("group", "jiangxi"), NUMBERS)
    try:
        lab.start()
        lab.serve("jiangxi", **SETTINGS)
        yield lab
    finally:
        lab.stop()


_taken = iter(NUMBERS)


def accepted(service, request, seconds=30.0):
    """Send an order as a patient portal does: the same request, under the same number, until it is answered."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return service.subscribeToVSOP(**request)
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError("the order was never answered")


def place(lab, count, product):
    """Place orders of users that hold nothing yet, several at a time; gives the requests, all of them accepted."""
    placed = [lab.request(next(_taken), product) for _ in range(count)]
    service = lab.client("jiangxi").service
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda request: accepted(service, request), placed))
    assert {answer.ResultCode for answer in answers} == {"0"}
    return placed


def outcome(lab, placed, stubs="jiangxi"):
    """What became of orders: their states, and how often each was activated and archived."""
    states = {lab.settled("jiangxi", request["OrderId"], 40)[0]["state"] for request in placed}
    numbers = [request["ProductNo"] for request in placed]
    activations = {len(lab.stubs(stubs).ledger("activation", number=number)) for number in numbers}
    archives = {len(lab.stubs("jiangxi").ledger("archive", number=number)) for number in numbers}
    return states, activations, archives


ONCE = ({"10F"}, {1}, {1})


@contextlib.contextmanager
def slow(lab):
    """X acts at once, and answers three seconds later."""
    lab.stubs("jiangxi").set(**{"xplatform.mode": "slow"})
    try:
        yield
    finally:
        lab.stubs("jiangxi").set(**{"xplatform.mode": "final"})


def test_drain_with_orders_under_way(lab):
    """SIGTERM: clients are refused at once, what is under way ends, the process ends with 0 within 25 s, and nothing is lost or doubled."""
    with slow(lab):
        placed = place(lab, 12, X)
        began = time.monotonic()
        process = lab.processes["jiangxi"].popen
        process.terminate()
        time.sleep(0.5)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", lab.ports["jiangxi"]), timeout=2)
        code = process.wait(30)
    took = time.monotonic() - began
    lab.serve("jiangxi", **SETTINGS)
    assert (code, took < 25, outcome(lab, placed)) == (0, True, ONCE)


def test_kill_during_drain(lab):
    """A process that is killed while it drains loses nothing either: the next one takes up what it left."""
    with slow(lab):
        placed = place(lab, 12, X)
        lab.processes["jiangxi"].popen.terminate()
        time.sleep(0.5)
        lab.kill("jiangxi")
    lab.serve("jiangxi", **SETTINGS)
    assert outcome(lab, placed) == ONCE


def test_group_is_down(lab):
    """National orders wait on disk behind a breaker, provincial ones and queries are not held up; all end when the group is back."""
    lab.kill("group")
    national = place(lab, 25, NATIONAL_X)
    breakers = until_open(lab, "vsop:35", "serverAction")
    provincial = place(lab, 3, X)
    states = {state_at_the_end(lab, request) for request in provincial}
    lab.serve("group")
    assert (breakers, states, outcome(lab, national, stubs="group")) == ("open", {"10F"}, ONCE)


def state_at_the_end(lab, request, seconds=15.0):
    """Wait for an order at the province alone."""
    until = time.monotonic() + seconds
    leg = {"run": ""}
    while leg["run"] != "ended" and time.monotonic() < until:
        leg = lab.admin("jiangxi").get(f"orders/{request['OrderId']}")
        time.sleep(0.02)
    return leg["state"]


def until_open(lab, party, operation, seconds=20.0):
    """Wait until the breaker of an operation has opened; gives where it stands."""
    position, until = "", time.monotonic() + seconds
    while position != "open" and time.monotonic() < until:
        partners = {each["party"]: each for each in lab.admin("jiangxi").get("partners")}
        found = [each["breaker"] for each in partners[party]["operations"] if each["operation"] == operation]
        position = found[0] if found else ""
        time.sleep(0.02)
    return position
