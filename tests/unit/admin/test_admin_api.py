"""The admin API, asked without sockets: who may, what there is, and how an upload that is wrong is refused."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from playbook import order
from rig import Rig, run
from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport
from twisted.logger import globalLogPublisher
from twisted.web.test.requesthelper import DummyRequest

from gateway.admin.api import AdminApi, site
from gateway.cli.datafiles import read_catalogue, read_subscribers
from gateway.domain.numbers import NumberPlan
from gateway.domain.routing import Place, Tier
from gateway.engine.ports import StoreFailed
from gateway.resources import etc_dir
from gateway.services.desk import Desk

TOKEN = "the-token"
PARTNER = {"id": "SP1", "name_zh": "伙", "name_en": "partner"}
PRODUCT = {
    "id": "A", "name_zh": "甲", "name_en": "A", "sp": "SP1", "owner": "200", "platform": "303", "scope": "provincial", "province": "15",
}  # fmt: skip
OFFER = {"id": "O", "name_zh": "甲", "name_en": "O", "products": ["A"]}


class Admin:
    """One gateway's admin API, and its caller."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.events = []
        self.desk = Desk(
            here=Place(Tier.PROVINCE, "15"), plan=NumberPlan(), store=self.rig.store, engine=self.rig.engine, clock=self.rig.clock,
            events=lambda event, /, **fields: self.events.append(event), knows=lambda address: True, channels=frozenset(),
            line=lambda address, contract: None, partners=(), random_code=lambda: "482913",
        )  # fmt: skip
        self.api = AdminApi(self.desk, TOKEN, lambda: {"name": "jiangxi"})

    def request(self, method, path, body=b"", authorization=f"Bearer {TOKEN}") -> DummyRequest:
        request = DummyRequest([])
        request.method, request.path, request.content, request._disconnected = (
            method.encode(),
            path.encode(),
            io.BytesIO(body),
            False,
        )
        if authorization is not None:
            request.requestHeaders.addRawHeader(b"authorization", authorization.encode("latin-1"))
        return request

    def ask(self, method, path, value=None, **more):
        """Give status and answer."""
        body = value if isinstance(value, bytes) else b"" if value is None else msgspec.json.encode(value)
        request = self.request(method, path, body, **more)
        self.api.render(request)
        assert request.finished == 1
        return request.responseCode, json.loads(b"".join(request.written))


@pytest.fixture
def admin():
    return Admin()


@pytest.fixture
def logged():
    """What is told to Twisted's log."""
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


# ---- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer ", "Bearer other", f"Bearer {TOKEN} ", f"bearer {TOKEN}", "Bearer tök"]
)
def test_wrong_token(admin, authorization):
    """Without the token of the token file there is nothing to see."""
    assert admin.ask("GET", "/v1/status", authorization=authorization)[0] == 401


def test_wrong_token_writes_nothing(admin):
    """An upload is not even read."""
    admin.ask("POST", "/v1/catalogue", {"products": [PRODUCT], "offers": []}, authorization="Bearer other")
    assert run(admin.rig.store.catalogue()).products == {}


def test_refusal_does_not_say_the_token(admin):
    """The text tells where the token stands, not what it is."""
    assert TOKEN not in admin.ask("GET", "/v1/status", authorization="Bearer other")[1]["error"]


# ---- what there is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"), ("GET", "/v1"), ("GET", "/v1/"), ("GET", "/v1/nothing"), ("GET", "/v2/status"), ("POST", "/v1/status"),
        ("GET", "/v1/catalogue"), ("DELETE", "/v1/orders/1"), ("GET", "/v1/orders"), ("GET", "/v1/orders/unknown"),
    ],
)  # fmt: skip
def test_unknown_resource(admin, method, path):
    """Paths, methods and orders that are not there are 404."""
    assert admin.ask(method, path)[0] == 404


def test_status(admin):
    """The gateway's own words, and the runs of its store by state."""
    assert admin.ask("GET", "/v1/status") == (
        200,
        {"name": "jiangxi", "runs": {"running": 0, "waiting": 0, "ended": 0, "stuck": 0}},
    )


def test_answer_is_json(admin):
    """The type of the answer says so."""
    request = admin.request("GET", "/v1/status")
    admin.api.render(request)
    assert request.responseHeaders.getRawHeaders(b"content-type") == [b"application/json; charset=utf-8"]


@pytest.mark.parametrize("name", [order().id, order().channel_order_id])
def test_order_by_either_number(admin, name):
    """An order is found by our id and by the channel's."""
    admin.rig.place(order())
    status, leg = admin.ask("GET", f"/v1/orders/{name}")
    assert (status, leg["order_id"], leg["state"], [a["number"] for a in leg["arrows"]]) == (
        200, order().id, "10F", ["2a", "2b", "2c", "2d", "2e", "2f", "2g", "2h"],
    )  # fmt: skip


@pytest.mark.parametrize(("trace", "count"), [(order().trace_id, 1), ("unknown", 0)])
def test_legs_of_a_trace(admin, trace, count):
    """All legs of an end-to-end order at this tier; none is an empty list."""
    admin.rig.place(order())
    status, legs = admin.ask("GET", f"/v1/traces/{trace}")
    assert (status, len(legs)) == (200, count)


def test_number(admin):
    """A number's orders and relations."""
    admin.rig.place(order())
    _, found = admin.ask("GET", "/v1/numbers/8618907910001")
    assert ([o["order_id"] for o in found["orders"]], [(r["product"], r["state"]) for r in found["relations"]]) == (
        [order().id], [("P1", "active")],
    )  # fmt: skip


def test_number_is_not_repeated(admin):
    """Who asks for a number knows it: no answer of the API holds one whole."""
    admin.rig.place(order())
    assert "18907910001" not in json.dumps(admin.ask("GET", "/v1/numbers/18907910001"))


def test_what_is_no_number(admin):
    """A text of another form is a mistake of the caller."""
    assert admin.ask("GET", "/v1/numbers/42") == (400, {"error": "not a subscriber number"})


def test_route(admin):
    """Which way an order would go; here the number belongs nowhere."""
    status, found = admin.ask("GET", "/v1/route/18907910001/A")
    assert (status, found["number"], found["code"]) == (200, "189****0001", 7001)


def test_route_of_nothing(admin):
    """A number without a product is a mistake of the caller."""
    assert admin.ask("GET", "/v1/route/18907910001") == (400, {"error": "not of the form NUMBER/PRODUCT"})


# ---- uploads ---------------------------------------------------------------------------------------------------------


def test_catalogue_is_in_force_at_once(admin):
    """An upload is stored, and the services judge the next order by it."""
    answer = admin.ask("POST", "/v1/catalogue", {"products": [PRODUCT], "offers": [OFFER], "partners": [PARTNER]})
    admin.ask("GET", "/v1/status")
    assert (answer, set(admin.desk.catalogue.products)) == ((200, {"products": 1, "offers": 1, "partners": 1}), {"A"})


def test_offer_of_a_product_that_is_there(admin):
    """An upload adds to what there is: its references may lead to what was loaded before."""
    admin.ask("POST", "/v1/catalogue", {"products": [PRODUCT], "offers": [], "partners": [PARTNER]})
    assert admin.ask("POST", "/v1/catalogue", {"products": [], "offers": [OFFER]})[0] == 200


def test_catalogue_with_mistakes(admin):
    """References that lead nowhere are named, and nothing of the upload is stored."""
    wrong = {
        "products": [{**PRODUCT, "excludes": ["X"]}],
        "offers": [{**OFFER, "products": ["A", "Z"]}],
        "partners": [PARTNER],
    }
    answer = admin.ask("POST", "/v1/catalogue", wrong)
    error = "offer O names the unknown product Z; product A excludes the unknown product X"
    assert (answer, run(admin.rig.store.catalogue()).products) == ((400, {"error": error}), {})


MALFORMED = {
    "no JSON": b"{",
    "no object": b"[]",
    "nothing": b"",
    "no offers": {"products": []},
    "unknown status": {"products": [{**PRODUCT, "status": "gone"}], "offers": []},
    "product without sp": {"products": [{k: v for k, v in PRODUCT.items() if k != "sp"}], "offers": []},
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_upload(admin, case):
    """What is not of the expected form is a mistake of the caller."""
    status, answer = admin.ask("POST", "/v1/catalogue", MALFORMED[case])
    assert (status, answer["error"].startswith("the upload is not of the expected form")) == (400, True)


def test_subscribers(admin):
    """Subscribers are stored as they are sent."""
    upload = [{"number": {"digits": "18907910001"}, "spec": "003", "pay": "prepaid", "state": "active"}]
    answer = admin.ask("POST", "/v1/subscribers", upload)
    assert (answer, run(admin.rig.store.subscriber(order().number)).spec) == ((200, {"subscribers": 1}), "003")


@pytest.mark.parametrize("upload", [b"x", {"number": "1"}, [{"number": "18907910001"}]])
def test_malformed_subscribers(admin, upload):
    """A wrong list is refused as a whole."""
    assert admin.ask("POST", "/v1/subscribers", upload)[0] == 400


# ---- the edge --------------------------------------------------------------------------------------------------------


def test_caller_that_went_away(admin):
    """Nobody is there to be answered: nothing is written."""
    request = admin.request("GET", "/v1/status")
    request._disconnected = True
    admin.api.render(request)
    assert (request.written, request.finished) == ([], 0)


def test_own_error_says_nothing(admin, logged):
    """What breaks within is told to the log, not to the caller."""
    admin.api._status = lambda: 1 // 0
    answer = admin.ask("GET", "/v1/status")
    assert (answer, [e["log_failure"].type for e in logged]) == (
        (500, {"error": "internal error, see the gateway's log"}), [ZeroDivisionError],
    )  # fmt: skip


@pytest.mark.parametrize(("method", "path", "asked"), [("GET", "status", "counts"), ("GET", "fallout", "parked_runs")])
def test_store_that_fails(admin, logged, monkeypatch, method, path, asked):
    """A store that is away is told to the caller as a passing trouble, and once to the log; it is no error of ours."""

    async def away(*_):
        raise StoreFailed("no connection")

    monkeypatch.setattr(admin.rig.store, asked, away)
    answer = admin.ask(method, f"/v1/{path}")
    assert (answer, admin.events, logged) == ((503, {"error": "its store cannot be reached at present"}), ["store.failed"], [])


def test_answer_on_the_wire(admin, logged):
    """An answer does not say which server it comes from, and no access log keeps who asked for which number."""
    served, transport = site(admin.api), StringTransport()
    served.startFactory()
    protocol = served.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1))
    protocol.makeConnection(transport)
    protocol.dataReceived(f"GET /v1/numbers/18907910001 HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    served.stopFactory()
    head = transport.value().partition(b"\r\n\r\n")[0].lower()
    assert (head.split(b"\r\n")[0], b"server:" in head, logged) == (b"http/1.1 200 ok", False, [])


def test_upload_from_a_data_file_is_accepted(admin):
    """What the command line sends is what the API reads."""
    products = admin.ask("POST", "/v1/catalogue", msgspec.json.encode(read_catalogue(etc_dir() / "lab/catalogue.toml")))
    users = admin.ask(
        "POST", "/v1/subscribers", msgspec.json.encode(read_subscribers(etc_dir() / "lab/subscribers.toml"))
    )
    assert (products[0], users[0]) == (200, 200)
