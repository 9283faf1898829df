"""The fall-out desk between real processes: a platform that is away parks orders; a person retries, skips and cancels them."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
import zeep
from acts import NATIONAL_X, X_PREMIUM, X, active, behaving, everywhere, served, until
from click.testing import CliRunner
from testlab import TestLab

from gateway.cli import fallout
from gateway.cli.main import main
from gateway.cli.operator import operator
from gateway.vocabulary import CHINA, write_time

pytestmark = pytest.mark.e2e

NUMBERS = [f"18907918{n:03d}" for n in range(40)]
CANCELLED, UNDONE = "5015", "5016"
IMPATIENT = {"retry__attempts": "3", "call__deadline_s": "0.4", "breaker__window": "1000", "breaker__minimum": "1000"}
"""No breaker: what is not called uses up no attempt."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Group and Jiangxi, which parks an order after three attempts."""
    lab = TestLab(tmp_path_factory.mktemp("fallout"), ("group", "jiangxi"), NUMBERS)
    try:
        lab.start()
        lab.serve("jiangxi", **IMPATIENT)
        yield lab
    finally:
        lab.stop()


@pytest.fixture(scope="module")
def fresh_number():
    """Numbers that hold nothing yet."""
    numbers = iter(NUMBERS)
    return lambda: next(numbers)


@pytest.fixture
def command(lab, monkeypatch):
    """Run `vsopgw` with arguments against both gateways; gives exit code, output and errors."""
    monkeypatch.setattr(fallout, "clients", lambda files: [lab.admin(name) for name in lab.names])

    def call(*arguments):
        done = CliRunner().invoke(main, list(arguments))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    return call


def leg(lab, order_id):
    """An order as Jiangxi has it."""
    return lab.admin("jiangxi").get(f"orders/{order_id}")


def parked(lab, *numbers, mode="away", offer=X):
    """Let users order while the platform misbehaves, until the orders are parked; gives their OrderIds. Then it behaves again."""
    with behaving(lab.stubs("jiangxi"), {"xplatform": mode}):
        requests = [lab.request(number, offer) for number in numbers]
        for request in requests:
            assert lab.client("jiangxi").service.subscribeToVSOP(**request).ResultCode == "0"
        ids = [request["OrderId"] for request in requests]
        assert until(lambda: [leg(lab, i)["run"] for i in ids], ["stuck"] * len(ids)) == ["stuck"] * len(ids)
    return ids


def ended(lab, order_id):
    """State and code of an order that has ended."""
    found = lab.settled("jiangxi", order_id)[0]
    return found["state"], found["code"], found["run"]


def rows(lab, ledger, number):
    """What a ledger of Jiangxi's partners says of a number: product and whether it changed anything."""
    return [(row.get("product"), row.get("changed")) for row in lab.stubs("jiangxi").ledger(ledger, number=number)]


def test_orders_of_a_platform_that_was_away(lab, fresh_number, command):
    """They stand in the list under one cause; one command lets all go on, and each product is activated once."""
    numbers = [fresh_number() for _ in range(5)]
    ids = parked(lab, *numbers)
    listed = json.loads(command("fallout", "list", "--json")[1])
    assert {row["channel_order"] for row in listed} >= set(ids)
    (cause,) = {row["cause"] for row in listed if row["channel_order"] in ids}
    assert (cause.startswith("xplatform:303: serverAction: "), command("fallout", "list")[1].count(cause)) == (True, 1)

    code, out, _ = command("fallout", "retry", "--all", "--party", "xplatform:303", "--why", "platform is back")
    assert (code, out.splitlines()[-1]) == (0, "5 retried")
    assert [ended(lab, order_id) for order_id in ids] == [("10F", 0, "ended")] * 5
    assert [rows(lab, "activation", number) for number in numbers] == [[(X, True)]] * 5
    assert command("fallout", "list")[:2] == (0, "nothing is parked\n")


def test_show_says_what_each_act_leads_to(lab, fresh_number, command):
    """The ladder with the step that is stuck, and the acts; looking changes nothing."""
    (order_id,) = parked(lab, fresh_number())
    code, out, _ = command("fallout", "show", order_id)
    assert (code, "STUCK" in out, "cancel           -> asks xplatform:303: undo" in out, leg(lab, order_id)["run"]) == (
        0, True, True, "stuck",
    )  # fmt: skip
    command("fallout", "retry", order_id)
    ended(lab, order_id)


def test_skip_as_done(lab, fresh_number, command):
    """The platform did it and its answers got lost: a person looks, and the order is completed without another message to it."""
    number = fresh_number()
    (order_id,) = parked(lab, number, mode="slow")
    command("fallout", "skip", order_id, "--as", "done", "--why", "active at the platform")
    assert (ended(lab, order_id), active(lab, "jiangxi", number), rows(lab, "activation", number), rows(lab, "archive", number)) == (
        ("10F", 0, "ended"), {X}, [(X, True)], [(None, None)],
    )  # fmt: skip


def test_skip_as_refused(lab, fresh_number, command):
    """The platform told a person why not: the order fails with that code, and nothing was done anywhere."""
    number = fresh_number()
    (order_id,) = parked(lab, number)
    command("fallout", "skip", order_id, "--as", "refused", "--code", "8001", "--why", "told by phone")
    assert (ended(lab, order_id), active(lab, "jiangxi", number), served(lab, "jiangxi", number), rows(lab, "archive", number)) == (
        ("10E", 8001, "ended"), set(), set(), [],
    )  # fmt: skip


def test_cancel_takes_back_what_the_platform_did(lab, fresh_number, command):
    """It activated, its answers came too late: after the cancellation it has ended it, and the channel was told once."""
    number = fresh_number()
    (order_id,) = parked(lab, number, mode="slow")
    assert served(lab, "jiangxi", number) == {X}
    code, _, _ = command("fallout", "cancel", order_id, "--why", "the user called")
    assert (code, ended(lab, order_id)) == (0, ("10E", int(CANCELLED), "ended"))
    assert (rows(lab, "deactivation", number), served(lab, "jiangxi", number), active(lab, "jiangxi", number)) == (
        [(X, True)], set(), set(),
    )  # fmt: skip
    results = lab.stubs("jiangxi").ledger("channel-result", number=number)
    assert (len(results), CANCELLED in json.dumps(results)) == (1, True)


def test_activation_that_comes_after_its_undo(lab, fresh_number, command):
    """It hung in the network until the order was cancelled: the platform, which never saw it before, refuses it for good."""
    number = fresh_number()
    (order_id,) = parked(lab, number)
    command("fallout", "cancel", order_id, "--why", "the user called")
    ended(lab, order_id)
    late = platform(lab).service.serverAction(
        StreamingNo="20015999999999999999999999", TimeStamp=write_time(datetime.now(CHINA)), SystemId="200",
        OrderId=leg(lab, order_id)["order_id"], ProdSpecCode="003", ProductNo=number, UserPayType="1",
        VProductInfo=[{"ActionType": "0", "VProductID": X, "ProductOfferType": "0", "ProductOfferID": X}],
    )  # fmt: skip
    assert ([info.OPResult for info in late.ResultInfo], served(lab, "jiangxi", number)) == ([UNDONE], set())


def platform(lab):
    """The X platform of Jiangxi, as anybody may call it."""
    return zeep.Client(f"http://127.0.0.1:{lab.stub_ports['jiangxi']}/services/xplatform?wsdl", settings=zeep.Settings(strict=True))


def test_product_is_free_after_a_cancellation(lab, fresh_number, command):
    """Before, the next order for it is refused; afterwards it is completed."""
    number = fresh_number()
    (order_id,) = parked(lab, number, offer=X_PREMIUM)
    again = lab.request(number, X_PREMIUM)
    assert lab.client("jiangxi").service.subscribeToVSOP(**again).ResultCode == "5005"
    command("fallout", "cancel", order_id, "--why", "the user called")
    ended(lab, order_id)
    again = lab.request(number, X_PREMIUM)
    lab.client("jiangxi").service.subscribeToVSOP(**again)
    assert (ended(lab, again["OrderId"]), active(lab, "jiangxi", number)) == (("10F", 0, "ended"), {X_PREMIUM})


def test_parked_orders_survive_a_restart(lab, fresh_number, command):
    """Neither a restart nor a kill wakes them or loses them: they wait for their person."""
    (order_id,) = parked(lab, fresh_number())
    lab.kill("jiangxi")
    lab.serve("jiangxi", **IMPATIENT)
    assert leg(lab, order_id)["run"] == "stuck"
    command("fallout", "retry", order_id)
    assert ended(lab, order_id) == ("10F", 0, "ended")


def test_audit_says_who_and_why(lab, fresh_number, command):
    """Each act is one line, with the system's user, and stays after a restart; so is the load of the lab's data."""
    (order_id,) = parked(lab, fresh_number())
    our_id = leg(lab, order_id)["order_id"]
    command("fallout", "cancel", order_id, "--why", "the user called")
    ended(lab, order_id)
    lab.serve("jiangxi", **IMPATIENT)
    lines = json.loads(command("audit", "list", "--order", our_id, "--json")[1])
    assert [(line["gateway"], line["who"], line["act"], line["why"], line["outcome"]) for line in lines] == [
        ("jiangxi", operator(), "fallout.cancel", "the user called", "activate cancelled"),
    ]  # fmt: skip
    loads = json.loads(command("audit", "list", "--order", "catalogue", "--json")[1])
    assert {(line["gateway"], line["act"]) for line in loads} == {("group", "catalogue.load"), ("jiangxi", "catalogue.load")}


def test_leg_at_the_group_is_cancelled_under_the_portals_number(lab, fresh_number, command):
    """The national platform did it and could not say so: the group takes it back, and the province ends the order as cancelled."""
    number = fresh_number()
    lab.serve("group", **IMPATIENT)
    with behaving(lab.stubs("group"), {"xplatform": "slow"}):
        request = lab.request(number, NATIONAL_X)
        lab.client("jiangxi").service.subscribeToVSOP(**request)
        parked_at = until(lambda: [row["section"] for row in lab.admin("group").get("fallout")], ["4.1.3"])
    assert (parked_at, served(lab, "group", number)) == (["4.1.3"], {NATIONAL_X})
    code, out, _ = command("fallout", "cancel", request["OrderId"], "--why", "the user called")
    assert (code, out.startswith("group: "), ended(lab, request["OrderId"])) == (0, True, ("10E", int(CANCELLED), "ended"))
    legs = lab.settled("jiangxi", request["OrderId"])
    assert ([leg["state"] for leg in legs], everywhere(lab, number)) == (
        ["10E", "10E"], {"province": set(), "platforms": set(), "group": set(), "national": set()},
    )  # fmt: skip
