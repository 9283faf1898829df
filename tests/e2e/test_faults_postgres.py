"""PostgreSQL goes away, stands still, is restarted or locked under gateways that share it; orders are kept, and each is done once."""

from __future__ import annotations

import signal
import threading
import time
import urllib.error
from collections import Counter

import psycopg
import pytest
from acts import X, behaving, until
from crowd import BUSY, DONE, QUICK, ends, insisted, placed, runs, wrong
from nursery import Nursery
from postgres import Cluster, NoServer
from testlab import TestLab, get

pytestmark = pytest.mark.e2e

NUMBERS = [f"1330791{n:04d}" for n in range(4000, 6000)]
LEASE = 1.0
"""Seconds, as testlab has it."""


@pytest.fixture(scope="module")
def server():
    """A server that these tests stop and start."""
    try:
        made = Cluster(durable=True)
    except NoServer as reason:
        pytest.skip(str(reason))
    yield made
    made.remove()


@pytest.fixture(scope="module")
def lab(server, tmp_path_factory):
    """Group on a file; two gateways of Jiangxi on one database."""
    directory = tmp_path_factory.mktemp("postgres")
    nursery = Nursery(directory)
    url = server.create()
    lab = TestLab(directory, ("group", "jiangxi"), NUMBERS, {"jiangxi": url}, nursery=nursery, **QUICK)
    try:
        lab.start()
        lab.serve_twin("jiangxi-2", "jiangxi")
        yield lab
    finally:
        lab.stop()
        nursery.close()


@pytest.fixture(scope="module")
def fresh():
    """Numbers that hold nothing yet."""
    numbers = iter(NUMBERS)
    return lambda count: [next(numbers) for _ in range(count)]


def ready(lab) -> int:
    """Give the status of Jiangxi's /readyz."""
    try:
        return get(f"http://127.0.0.1:{lab.ports['jiangxi']}/readyz")[0]
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.nightly)])
def test_server_is_down(lab, server, fresh, seconds):
    """Orders under way are kept, new ones are refused as busy, the gateway is not ready; when it is back all end by themselves, once."""
    with behaving(lab.stubs("jiangxi"), {"xplatform": "slow"}):
        orders = placed(lab, fresh(10), X)
        server.stop("immediate")
        try:
            requests = [lab.request(number, X) for number in fresh(5)]
            refused = insisted(lab, requests, seconds=0)
            down = until(lambda: ready(lab), 503)
            time.sleep(seconds)
        finally:
            server.start()
    assert (set(refused), down, until(lambda: ready(lab), 200)) == ({BUSY}, 503, 200)
    assert insisted(lab, requests) == ["0"] * 5
    orders |= {r["ProductNo"]: r["OrderId"] for r in requests}
    assert (ends(lab, orders), wrong(lab, orders)) == (Counter({DONE: 15}), {})


@pytest.mark.parametrize(("times", "pause"), [(4, 0.5), pytest.param(40, 10.0, marks=pytest.mark.nightly)])
def test_server_is_restarted_again_and_again(lab, server, fresh, times, pause):
    """Restarts as if by a loss of power while orders come in: each that was taken ends once."""
    orders = {}
    for _ in range(times):
        requests = [lab.request(number, X) for number in fresh(10)]
        codes: list[str] = []
        sender = threading.Thread(target=lambda into=codes, sent=requests: into.extend(insisted(lab, sent)))
        sender.start()
        time.sleep(0.1)
        server.stop("immediate")
        server.start()
        sender.join()
        assert codes == ["0"] * 10
        orders |= {r["ProductNo"]: r["OrderId"] for r in requests}
        time.sleep(pause)
    assert (ends(lab, orders), wrong(lab, orders)) == (Counter({DONE: 10 * times}), {})


@pytest.mark.parametrize("seconds", [2, pytest.param(30, marks=pytest.mark.nightly)])
def test_server_stands_still(lab, server, fresh, seconds):
    """A server that answers nothing for a while: what was under way goes on, once."""
    with behaving(lab.stubs("jiangxi"), {"xplatform": "callback"}):
        orders = placed(lab, fresh(10), X)
        server.freeze()
        time.sleep(seconds)
        server.thaw()
        ended = ends(lab, orders, 60)
    assert (ended, wrong(lab, orders)) == (Counter({DONE: 10}), {})


@pytest.mark.parametrize("seconds", [4, pytest.param(30, marks=pytest.mark.nightly)])
def test_locked_row(lab, fresh, seconds):
    """Somebody holds the row of one order's run: that one waits, the others end; then it ends too, once."""
    with behaving(lab.stubs("jiangxi"), {"xplatform": "slow"}):
        held, *others = fresh(6)
        first = placed(lab, [held], X)
        with psycopg.connect(lab.databases["jiangxi"]) as session:
            own = session.execute("SELECT id FROM orders WHERE channel_order_id = %s", (first[held],)).fetchone()
            session.execute("SELECT * FROM runs WHERE id = %s FOR UPDATE", own)
            beside = placed(lab, others, X)
            ended = ends(lab, beside, 20)
            time.sleep(seconds)
            waiting = runs(lab, first)
    assert (ended, waiting["ended"]) == (Counter({DONE: 5}), 0)
    assert (ends(lab, first), wrong(lab, first | beside)) == (Counter({DONE: 1}), {})


@pytest.mark.parametrize("count", [100, pytest.param(500, marks=pytest.mark.nightly)])
def test_two_gateways_get_the_same_order(lab, fresh, count):
    """The same request comes to both at once: both say yes, and it is one order with one effect."""
    requests = [lab.request(number, X) for number in fresh(count)]
    answers = {"jiangxi": [], "jiangxi-2": []}

    def send(name):
        service = lab.client(name).service
        answers[name] += [service.subscribeToVSOP(**request).ResultCode for request in requests]

    senders = [threading.Thread(target=send, args=(name,)) for name in answers]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    orders = {r["ProductNo"]: r["OrderId"] for r in requests}
    taken = [len(lab.admin("jiangxi").get(f"numbers/{number}")["orders"]) for number in orders]
    assert (answers["jiangxi"], answers["jiangxi-2"], set(taken)) == (["0"] * count, ["0"] * count, {1})
    assert (ends(lab, orders), wrong(lab, orders)) == (Counter({DONE: count}), {})


def test_gateway_that_falls_under_a_burst(lab, fresh):
    """One of two is killed with thirty orders under way: the other one ends them within the lease and a moment, once."""
    lab.serve_twin("jiangxi-3", "jiangxi")
    with behaving(lab.stubs("jiangxi"), {"xplatform": "slow"}):
        requests = [lab.request(number, X) for number in fresh(30)]
        assert set(insisted(lab, requests, gateway="jiangxi-3")) == {"0"}
        lab.kill("jiangxi-3")
    lab.processes.pop("jiangxi-3").stop()
    orders = {r["ProductNo"]: r["OrderId"] for r in requests}
    assert (ends(lab, orders, LEASE + 10), wrong(lab, orders)) == (Counter({DONE: 30}), {})


def test_paused_gateway_loses_its_orders(lab, fresh):
    """A gateway stands still for longer than its lease: the other one ends its orders, and what it writes afterwards counts for nothing."""
    lab.serve_twin("jiangxi-4", "jiangxi")
    process = lab.processes["jiangxi-4"].popen
    with behaving(lab.stubs("jiangxi"), {"xplatform": "slow"}):
        requests = [lab.request(number, X) for number in fresh(10)]
        assert set(insisted(lab, requests, gateway="jiangxi-4")) == {"0"}
        process.send_signal(signal.SIGSTOP)
        orders = {r["ProductNo"]: r["OrderId"] for r in requests}
        ended = ends(lab, orders, LEASE + 15)
        process.send_signal(signal.SIGCONT)
        time.sleep(1)
    lab.processes.pop("jiangxi-4").stop()
    assert (ended, wrong(lab, orders)) == (Counter({DONE: 10}), {})
