"""A gateway process that is stopped, killed while it recovers or drains, or whose clock is set: no order is lost or done twice."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sqlite3
import time
from collections import Counter
from contextlib import suppress

import pytest
from acts import X, behaving, until
from crowd import DONE, QUICK, ends, insisted, placed, runs, wrong
from nursery import Nursery
from testlab import TestLab, get

from gateway.cli.errors import CommandFailed

pytestmark = pytest.mark.e2e

NUMBERS = [f"13307912{n:03d}" for n in range(400)]
WALL = "clock"
"""The file that holds by how many seconds the wall clock of the gateways is set."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Group and Jiangxi with their partners; their wall clock can be set."""
    directory = tmp_path_factory.mktemp("process")
    nursery = Nursery(directory, wall=directory / WALL)
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


@pytest.fixture
def gateway(lab):
    """Jiangxi, started anew when the test is over."""
    yield lab
    lab.serve("jiangxi")


def under_way(lab, numbers):
    """Orders whose activation has left and is not answered yet; needs a platform that is slow."""
    orders = placed(lab, numbers, X)
    assert until(lambda: len(lab.stubs("jiangxi").ledger("activation", number=numbers[-1])), 1) == 1
    assert runs(lab, orders)["running"] == len(numbers)
    return orders


def test_killed_with_calls_under_way(gateway, fresh):
    """kill -9 while twenty activations are out: each is asked for again under its number, and done once."""
    with behaving(gateway.stubs("jiangxi"), {"xplatform": "slow"}):
        orders = under_way(gateway, fresh(20))
        gateway.kill("jiangxi")
    gateway.serve("jiangxi")
    assert (ends(gateway, orders), wrong(gateway, orders)) == (Counter({DONE: 20}), {})


def test_killed_ten_times_while_it_recovers(gateway, fresh):
    """kill -9 in the middle of the recovery, ten times in a row: the eleventh start ends every order, once."""
    with behaving(gateway.stubs("jiangxi"), {"xplatform": "slow"}):
        orders = under_way(gateway, fresh(30))
        gateway.kill("jiangxi")
    for _ in range(10):
        with suppress(CommandFailed):  # it may be gone before it is ready
            gateway.serve("jiangxi", failpoint__kill="before-effect:activate:2")
        assert gateway.wait_dead("jiangxi")
    gateway.serve("jiangxi")
    assert (ends(gateway, orders), wrong(gateway, orders)) == (Counter({DONE: 30}), {})


def test_killed_while_it_drains(gateway, fresh):
    """SIGTERM, and kill -9 before the drain is over: nothing is lost, nothing done twice."""
    with behaving(gateway.stubs("jiangxi"), {"xplatform": "slow"}):
        orders = under_way(gateway, fresh(10))
        process = gateway.processes["jiangxi"].popen
        process.terminate()
        time.sleep(0.3)
        assert process.poll() is None, "the drain was over before it was interrupted"
        gateway.kill("jiangxi")
    gateway.serve("jiangxi")
    assert (ends(gateway, orders), wrong(gateway, orders)) == (Counter({DONE: 10}), {})


def test_drained_with_calls_under_way(gateway, fresh):
    """SIGTERM alone: exit 0 within 25 seconds, and the next start goes on where it stopped."""
    with behaving(gateway.stubs("jiangxi"), {"xplatform": "slow"}):
        orders = under_way(gateway, fresh(10))
        began = time.monotonic()
        code = gateway.processes["jiangxi"].stop()
        took = time.monotonic() - began
    gateway.serve("jiangxi")
    assert (code, took < 25) == (0, True)
    assert (ends(gateway, orders), wrong(gateway, orders)) == (Counter({DONE: 10}), {})


@pytest.mark.parametrize("seconds", [pytest.param(60, marks=pytest.mark.nightly), 3])
def test_long_pause(lab, fresh, seconds):
    """SIGSTOP, and SIGCONT when every timer is overdue: each order ends once."""
    process = lab.processes["jiangxi"].popen
    with behaving(lab.stubs("jiangxi"), {"xplatform": "callback"}):
        orders = placed(lab, fresh(20), X)
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)
        ended = ends(lab, orders)
    assert (ended, wrong(lab, orders)) == (Counter({DONE: 20}), {})


# ---- a run that cannot go on -----------------------------------------------------------------------------------------


def test_poisoned_order_is_set_aside(gateway, fresh):
    """An order whose journal no flow fits is set aside at each start, and those beside it end."""
    with behaving(gateway.stubs("jiangxi"), {"xplatform": "slow"}):
        orders = under_way(gateway, fresh(5))
        gateway.kill("jiangxi")
    poisoned, *others = orders.items()
    database = sqlite3.connect(gateway.directory / "jiangxi/vsop.sqlite")
    with database:
        own = database.execute("SELECT id FROM orders WHERE channel_order_id = ?", (poisoned[1],)).fetchone()[0]
        changed = database.execute("UPDATE steps SET name = 'activated' WHERE run_id = ? AND name = 'activate'", (own,)).rowcount
    database.close()
    assert changed == 1
    gateway.serve("jiangxi")
    ended = ends(gateway, dict(others))
    gateway.kill("jiangxi")
    gateway.serve("jiangxi")
    assert (ended, wrong(gateway, dict(others))) == (Counter({DONE: 4}), {})
    assert runs(gateway, dict([poisoned])) == Counter(stuck=1)


# ---- what the system runs out of -------------------------------------------------------------------------------------


def test_no_descriptors_left(gateway, fresh):
    """As many connections as there are descriptors: the process does not spin, and when they are closed it takes orders again."""
    pid = gateway.processes["jiangxi"].popen.pid
    open_now = len(os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_now + 20, open_now + 20))
    idle = []
    try:
        for _ in range(60):
            idle.append(socket.create_connection(("127.0.0.1", gateway.ports["jiangxi"]), timeout=5))
        before = _cpu(pid)
        time.sleep(1)
        used = _cpu(pid) - before
    finally:
        for connection in idle:
            connection.close()
    assert until(lambda: _answers(gateway), True) is True
    requests = [gateway.request(number, X) for number in fresh(3)]
    codes = insisted(gateway, requests)
    orders = {r["ProductNo"]: r["OrderId"] for r in requests}
    assert (used < 0.2, codes) == (True, ["0"] * 3)
    assert (ends(gateway, orders), wrong(gateway, orders)) == (Counter({DONE: 3}), {})


def _answers(lab) -> bool:
    try:
        return get(f"http://127.0.0.1:{lab.ports['jiangxi']}/readyz")[0] == 200
    except OSError:  # it has not seen yet that connections were closed
        return False


def _cpu(pid: int) -> float:
    """Give the seconds of processor time that a process has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---- a clock that is set ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [3600, -3600])
def test_wall_clock_is_set(gateway, fresh, by):
    """The wall clock is set by an hour while orders wait for a platform: their attempts go on, and each ends once."""
    with behaving(gateway.stubs("jiangxi"), {"xplatform": "away"}):
        orders = placed(gateway, fresh(10), X)
        assert until(lambda: runs(gateway, orders)["waiting"], 10) == 10
        (gateway.directory / WALL).write_text(str(by))
        time.sleep(0.5)
    try:
        ended = ends(gateway, orders, 15)
        later = placed(gateway, fresh(3), X)
        assert (ended, wrong(gateway, orders)) == (Counter({DONE: 10}), {})
        assert ends(gateway, later) == Counter({DONE: 3})
    finally:
        (gateway.directory / WALL).write_text("0")


def test_restart_after_the_wall_clock_was_set(gateway, fresh):
    """The clock is set an hour ahead while the gateway is down: what waited goes on, and is done once."""
    with behaving(gateway.stubs("jiangxi"), {"xplatform": "away"}):
        orders = placed(gateway, fresh(5), X)
        assert until(lambda: runs(gateway, orders)["waiting"], 5) == 5
        gateway.kill("jiangxi")
        (gateway.directory / WALL).write_text("3600")
    try:
        gateway.serve("jiangxi")
        assert (ends(gateway, orders, 15), wrong(gateway, orders)) == (Counter({DONE: 5}), {})
    finally:
        gateway.kill("jiangxi")
        (gateway.directory / WALL).write_text("0")

