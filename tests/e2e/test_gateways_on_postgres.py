"""The gateways on PostgreSQL, as real processes: every section, two gateways on one database, and one of them falls."""

from __future__ import annotations

import time

import pytest
import requests
from test_orders import ISMP, X, completed, place
from testlab import TestLab

from gateway.cli.cases import CASES
from gateway.cli.errors import CommandFailed
from gateway.errors import BUSY

pytestmark = pytest.mark.e2e
NUMBERS = [f"18907917{i:03d}" for i in range(60)]


@pytest.fixture(scope="module")
def lab(cluster, tmp_path_factory):
    """Group and two provinces, each with a database, and a second gateway of Jiangxi on the first one's."""
    names = ("group", "jiangxi", "guangxi")
    urls = {name: cluster.create() for name in names}
    lab = TestLab(tmp_path_factory.mktemp("postgres"), names, NUMBERS, urls)
    try:
        lab.start()
        lab.serve_twin("jiangxi-2", "jiangxi")
        yield lab
    finally:
        codes = lab.stop()
        for url in urls.values():
            cluster.drop(url)
    assert set(codes.values()) == {0}, codes


@pytest.fixture(scope="module")
def fresh_number():
    """Numbers that hold nothing yet."""
    numbers = iter(NUMBERS)
    return lambda: next(numbers)


@pytest.mark.parametrize("section", CASES)
def test_every_section(lab, section):
    """Each numbered step of a section is seen once, in order, done, as on SQLite."""
    case = lab.play(CASES[section](lab.player))
    assert (lab.player.missing(case), {(leg["state"], leg["code"]) for leg in case.legs}) == ([], {("10F", 0)})


def test_both_gateways_accept_and_answer(lab, fresh_number):
    """An order that one took the other finds, whoever was asked, and its relation too."""
    number = fresh_number()
    orders = {}
    for name, product in (("jiangxi", X), ("jiangxi-2", ISMP)):
        lab.stub_ports[name] = lab.stub_ports["jiangxi"]
        orders[name] = completed(lab, name, number, product)[0]["order_id"]
    seen = {name: {o["order_id"] for o in lab.admin(name).get(f"numbers/{number}")["orders"]} for name in orders}
    assert seen == {name: set(orders.values()) for name in orders}


def test_repeated_request_at_the_other_gateway(lab, fresh_number):
    """The same StreamingNo is answered as before, by whichever gateway it comes to, and nothing is done twice."""
    request = lab.request(fresh_number(), X)
    answers = [lab.client(name).service.subscribeToVSOP(**request) for name in ("jiangxi", "jiangxi-2", "jiangxi")]
    lab.settled("jiangxi", request["OrderId"])
    assert [(a.ResultCode, a.StreamingNo) for a in answers] == [("0", request["StreamingNo"])] * 3


def test_order_of_a_gateway_that_falls(lab, fresh_number):
    """An order whose gateway is killed while its platform is being asked is carried out by the other one, within the lease, once."""
    number = fresh_number()
    lab.serve_twin("jiangxi-3", "jiangxi", failpoint__kill="after-effect:activate:1")
    order_id, answer = place(lab, "jiangxi-3", number, X)
    assert answer.ResultCode == "0"
    assert lab.wait_dead("jiangxi-3")
    lab.processes.pop("jiangxi-3").stop()
    legs = lab.settled("jiangxi", order_id)
    stubs = lab.stubs("jiangxi")
    assert (legs[0]["state"], len(stubs.ledger("archive", number=number)), lab.relations("jiangxi-2", number)) == (
        "10F", 1, {X: "active"},
    )  # fmt: skip


def test_database_that_falls(lab, cluster, fresh_number):
    """While it is down new orders are told to come again, at once; what was accepted before is carried out."""
    early, late = lab.request(fresh_number(), X), lab.request(fresh_number(), X)
    service = lab.client("jiangxi").service
    service.subscribeToVSOP(**early)
    cluster.stop("immediate")
    began = time.monotonic()
    told = {service.subscribeToVSOP(**late).ResultCode for _ in range(5)}
    waited, ready = time.monotonic() - began, ready_code(lab, "jiangxi")
    cluster.start()
    eventually(lambda: all(is_back(lab, name) for name in (*lab.names, "jiangxi-2")))
    accepted = service.subscribeToVSOP(**late).ResultCode
    states = {lab.settled("jiangxi", one["OrderId"])[0]["state"] for one in (early, late)}
    assert (told, waited < 2.5, ready, accepted, states) == ({str(BUSY.code)}, True, 503, "0", {"10F"})


def ready_code(lab, name):
    """What /readyz answers."""
    return requests.get(f"http://127.0.0.1:{lab.ports[name]}/readyz", timeout=5).status_code


def is_back(lab, name):
    """Whether a gateway is ready and reads; one that had nothing to do meanwhile notices with its first read that the server was gone."""
    try:
        lab.admin(name).get("status")
    except CommandFailed:
        return False
    return ready_code(lab, name) == 200


def eventually(happens, seconds=15.0):
    """Wait for what another process does."""
    until = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.05)
