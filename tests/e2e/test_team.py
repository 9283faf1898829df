"""`vsopgw serve --workers 3`: one port, one set of orders, whichever process answers and whichever of them falls."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest
import requests
from test_orders import X, place
from testlab import TestLab

from gateway.cli.errors import CommandFailed

pytestmark = pytest.mark.e2e
NUMBERS = [f"18907917{i:03d}" for i in range(600, 660)]


@pytest.fixture(scope="module")
def lab(cluster, tmp_path_factory):
    """A province of three workers, and its stubs."""
    url = cluster.create()
    lab = TestLab(tmp_path_factory.mktemp("workers"), ("group", "jiangxi"), NUMBERS, {"jiangxi": url})
    try:
        lab.start()
        lab.serve("jiangxi", "--workers", "3", store__lease_s=2)
        yield lab
    finally:
        codes = lab.stop()
        cluster.drop(url)
    assert set(codes.values()) == {0}, codes


def workers(lab) -> list[int]:
    return lab.processes["jiangxi"].ready["workers"]


def log(lab) -> list[dict]:
    lines = (lab.directory / "jiangxi.log").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_ready_line_names_the_workers(lab):
    """It has the pids of three processes, none of them its own."""
    assert len({*workers(lab), lab.processes["jiangxi"].ready["pid"]}) == 4


def test_every_worker_answers(lab):
    """Connections are dealt out: many new ones reach more than one process, and each gives the same contract."""
    names = {lab.admin("jiangxi").get("status")["name"] for _ in range(60)}
    assert names <= {"jiangxi-1", "jiangxi-2", "jiangxi-3"}
    assert len(names) > 1


def test_orders_while_workers_fall(lab):
    """Each worker in turn is killed among thirty orders: every order is carried out once, and a new worker stands in each place."""
    service = lab.client("jiangxi").service
    sent = {}
    for count, number in enumerate(NUMBERS[:30]):
        if count in (5, 15, 25):
            os.kill(workers(lab)[count // 10], signal.SIGKILL)
        request = lab.request(number, X)
        sent[number] = request["OrderId"]
        _patiently(service, request)
    for order_id in sent.values():
        lab.settled("jiangxi", order_id, 30)
    stubs = lab.stubs("jiangxi")
    done = {n: (len(stubs.ledger("activation", number=n)), len(stubs.ledger("archive", number=n))) for n in sent}
    assert done == dict.fromkeys(sent, (1, 1))
    until = time.monotonic() + 20
    while time.monotonic() < until and len([e for e in log(lab) if e["event"] == "worker.started"]) < 3:
        time.sleep(0.1)
    assert [e["event"] for e in log(lab) if e["event"].startswith("worker.")].count("worker.started") == 3


def _patiently(service, request) -> None:
    """Send an order as a patient portal does."""
    said = None
    for _ in range(400):
        try:
            said = service.subscribeToVSOP(**request)
            if said.ResultCode == "0":
                return
        except requests.RequestException as failure:
            said = failure
        time.sleep(0.05)
    raise AssertionError(f"the order was never taken: {said}")


def test_second_team_on_the_port(lab):
    """Another team does not creep in beside the first one."""
    lab.twins["second"], lab.stub_ports["second"] = "jiangxi", lab.stub_ports["jiangxi"]
    lab.ports["second"], lab.admin_ports["second"] = lab.ports["jiangxi"], lab.admin_ports["jiangxi"]
    with pytest.raises(CommandFailed, match="in use"):
        lab.serve("second", "--workers", "2")


def test_order_after_all_that(lab):
    """The team still takes orders."""
    _, answer = place(lab, "jiangxi", NUMBERS[40], X)
    assert answer.ResultCode == "0"
