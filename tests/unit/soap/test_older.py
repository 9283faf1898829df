"""An older version served beside the present one: by the element in the Body, translated, judged by both contracts, counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.contract import Codec, load_contract
from gateway.contract.versions import older_versions
from gateway.errors import CONTRACT_BROKEN, INTERNAL, WRONG_ACTION
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint, SoapAnswer
from gateway.soap.front import Front
from gateway.soap.http import HttpRequest, HttpResponse
from gateway.soap.older import MOST_CALLERS, OlderCallers, older_endpoint

PRESENT = Codec(load_contract(contracts_dir() / "vsop.wsdl"))
(VERSION,) = older_versions(Path(__file__).parents[2] / "contract/older", {"vsop": PRESENT})
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NOON = datetime(2026, 11, 24, 12, 0)  # noqa: DTZ001  a clock that stands
V0, V1 = "urn:vas:vsop:v0", "urn:vas:vsop:v1"


class Handler:
    """Answers queries with a state, keeps what it was asked."""

    def __init__(self, state: str | None = "10F") -> None:
        self.asked: list[Any] = []
        self._state = state

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        async def handle(request: Any, exchange: Any) -> Any:
            self.asked.append(request)
            if name == "orderStateQry":
                return PRESENT["orderStateQryResponse"](StreamingNo="2110000001", ResultCode="0", ResultDesc="ok", OrderState=self._state)
            return PRESENT["subscribeToVSOPResponse"](StreamingNo="2110000001", ResultCode="0", ResultDesc="ok")

        return handle


class Bench:
    """A front that serves both versions."""

    def __init__(self, state: str | None = "10F") -> None:
        self.now, self.events = NOON, []
        self.handler = Handler(state)
        self.callers = OlderCallers(lambda: self.now, lambda event, **fields: self.events.append((event, fields)))
        self.endpoint = Endpoint(PRESENT, self.handler, reference=lambda: "ref")
        self.endpoint.beside([older_endpoint(VERSION, self.endpoint, self.handler, self.callers, lambda: "ref")])
        self.front = Front([self.endpoint], public_url="https://vsop.example")

    def ask(self, body: str, action: str = "", peer: str = "192.0.2.1") -> tuple[int, etree._Element]:
        """Send what stands in the Body; gives status and what stands in the Body of the answer."""
        text = f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'.encode()
        answer = self.endpoint.answer(text, charset=None, action=action, peer=peer)
        if not isinstance(answer, SoapAnswer):  # what a handler refuses comes by a Deferred that has its result
            answer = answer.result
        return answer.status, etree.fromstring(answer.body)[0][0]

    def get(self, path: str, query: str = "") -> HttpResponse:
        """Ask the front for a document."""
        assert self.front.check_head("GET", path, {}) is None
        answer = self.front.handle(HttpRequest("GET", path, query, {}, b"", "192.0.2.1"))
        assert isinstance(answer, HttpResponse)
        return answer


@pytest.fixture
def bench():
    """Give one that answers well."""
    return Bench()


def query(namespace=V0, system="211"):
    """Write a query of an order."""
    return (f'<orderStateQry xmlns="{namespace}"><StreamingNo>2110000001</StreamingNo><TimeStamp>20261124120000</TimeStamp>'
            f"<SystemId>{system}</SystemId><OrderId>c1</OrderId></orderStateQry>")  # fmt: skip


def subscribe(number="18907910001"):
    """Write an old order."""
    return (f'<subscribeToVSOP xmlns="{V0}"><StreamingNo>2110000001</StreamingNo><TimeStamp>20261124120000</TimeStamp>'
            f"<SystemId>211</SystemId><OrderId>c1</OrderId><ProdSpecCode>003</ProdSpecCode><MSISDN>{number}</MSISDN>"
            "<ProductOfferInfo><ProductOfferID>115000000000000000101</ProductOfferID></ProductOfferInfo></subscribeToVSOP>")  # fmt: skip


def code(fault):
    """Read the code of a fault's detail."""
    return int(next(fault.iter("{*}Code")).text)


def test_old_query_gets_an_old_answer(bench):
    """In its namespace, with its fields."""
    status, answer = bench.ask(query())
    assert (status, answer.tag, [etree.QName(field).localname for field in answer], answer[3].text) == (
        200, f"{{{V0}}}orderStateQryResponse", ["StreamingNo", "ResultCode", "ResultDesc", "State"], "10F",
    )  # fmt: skip


def test_present_query_is_as_ever(bench):
    """Nothing of the old version touches it, and it is not counted."""
    status, answer = bench.ask(query(V1))
    assert (status, answer.tag, bench.callers.all()) == (200, f"{{{V1}}}orderStateQryResponse", [])


def test_handler_sees_the_present_message(bench):
    """It knows of one version."""
    bench.ask(subscribe())
    (asked,) = bench.handler.asked
    assert (type(asked), asked.ProductNo, asked.ActionType) == (PRESENT["subscribeToVSOP"], "18907910001", "0")


def test_old_message_that_breaks_the_old_contract(bench):
    """It is refused by that, and never handled."""
    status, fault = bench.ask(subscribe("letters"))
    assert (status, code(fault), bench.handler.asked) == (500, CONTRACT_BROKEN.code, [])


def test_old_message_that_breaks_the_present_contract(bench):
    """What only the old version allowed reaches no handler; the fault names the field of the present one."""
    status, fault = bench.ask(subscribe("99999999999999999999"))
    assert (status, code(fault), next(fault.iter("{*}Field")).text, bench.handler.asked) == (500, CONTRACT_BROKEN.code, "ProductNo", [])


def test_fault_to_an_old_caller_is_by_his_contract(bench):
    """Its detail is what the old schema describes."""
    _, fault = bench.ask(subscribe("letters"))
    detail = fault.find("detail")
    assert detail is not None
    assert VERSION.codec.contract.validator.validate(detail[0])


def test_answer_that_the_old_contract_cannot_hold():
    """The old caller gets a fault of ours, not what it cannot read."""
    broken = Bench(state="\x01")
    status, fault = broken.ask(query())
    assert (status, code(fault)) == (500, INTERNAL.code)


@pytest.mark.parametrize(("action", "status"), [("", 200), (f"{V0}/orderStateQry", 200), (f"{V1}/orderStateQry", 500)])
def test_action_is_that_of_the_old_version(bench, action, status):
    """Empty or right; that of the present version is wrong for an old message."""
    found, answer = bench.ask(query(), action)
    assert found == status
    assert status == 200 or code(answer) == WRONG_ACTION.code


def test_callers_are_counted(bench):
    """By SystemId and address; the most recent one first."""
    bench.ask(query())
    bench.now += timedelta(minutes=1)
    bench.ask(query())
    bench.ask(subscribe(), peer="192.0.2.2")
    found = [(c.contract, c.version, c.system, c.peer, c.calls, c.first, c.last, c.operation) for c in bench.callers.all()]
    later = NOON + timedelta(minutes=1)
    assert found == [
        ("vsop", "v0", "211", "192.0.2.2", 1, later, later, "subscribeToVSOP"),
        ("vsop", "v0", "211", "192.0.2.1", 2, NOON, later, "orderStateQry"),
    ]  # fmt: skip


def test_event_is_told_once_a_day_for_each_caller(bench):
    """So that a log holds who calls, and is not filled by it."""
    for hours in (0, 1, 24, 25):
        bench.now = NOON + timedelta(hours=hours)
        bench.ask(query())
    told = {"contract": "vsop", "version": "v0", "operation": "orderStateQry", "system": "211", "peer": "192.0.2.1"}
    assert bench.events == [("contract.old", told)] * 2


def test_memory_of_callers_has_an_end(bench):
    """The one that was silent longest makes room."""
    for number in range(MOST_CALLERS + 1):
        bench.callers.note(VERSION, "orderStateQry", "211", f"host {number}")
    peers = [caller.peer for caller in bench.callers.all()]
    assert (len(peers), peers[-1]) == (MOST_CALLERS, "host 1")


def test_old_contract_is_published_below_the_present_one(bench):
    """With its schemas, and the address at which both are served."""
    old = bench.get("/services/vsop/v0", "wsdl").body
    assert b'targetNamespace="urn:vas:vsop:v0"' in old
    assert b'location="https://vsop.example/services/vsop"' in old
    assert bench.get("/services/vsop/xsd/vsop.v0.xsd").body == (VERSION.codec.contract.path.parent / "xsd/vsop.v0.xsd").read_bytes()
    assert b'targetNamespace="urn:vas:vsop:v1"' in bench.get("/services/vsop", "wsdl").body


def test_old_path_takes_messages_too(bench):
    """Where a caller was told the path of its version."""
    assert bench.front.check_head("POST", "/services/vsop/v0", {"content-type": "text/xml"}) is None


def test_urgent_is_what_it_is_in_both_versions(bench):
    """An old action is known to the admission."""
    front = Front([bench.endpoint], public_url="x", new_work={"vsop/subscribeToVSOP"})
    assert [front.is_urgent({"soapaction": f'"{V0}/{name}"'}) for name in ("orderStateQry", "subscribeToVSOP")] == [True, False]


def test_guard_stands_before_old_messages_too(bench):
    """It is asked for the contract by its plain name."""
    asked = []

    class Guard:
        understood = frozenset()

        def admit(self, envelope, exchange, contract):
            asked.append((contract, exchange.operation))

        def judge(self, request, exchange):
            asked.append(type(request).__name__)

    bench.endpoint.guarded(Guard())
    bench.ask(query())
    assert asked == [("vsop", "orderStateQry"), "orderStateQry"]


class Watcher:
    """A guard that keeps what it judged."""

    understood = frozenset[str]()

    def __init__(self) -> None:
        self.judged: list[Any] = []

    def admit(self, *_: object) -> None:
        """Let everybody in."""

    def judge(self, request: Any, exchange: Any) -> None:
        self.judged.append(request)


def test_sender_is_judged_by_the_present_message(bench):
    """A number that the old version calls otherwise is still a number of the province that the sender may act for, or may not."""
    watcher = Watcher()
    bench.endpoint.guarded(watcher)
    bench.ask(subscribe())
    (judged,) = watcher.judged
    assert (type(judged), judged.ProductNo, judged.SystemId) == (PRESENT["subscribeToVSOP"], "18907910001", "211")
