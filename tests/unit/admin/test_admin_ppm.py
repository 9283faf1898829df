"""PPM's part of the admin API: applications in bulk, decisions, the ledger, and what is refused."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from ppm_office import PpmOffice, offer, product
from rig import Pending, run
from twisted.web.test.requesthelper import DummyRequest

from gateway.admin.api import AdminApi
from gateway.admin.ppm import MOST_APPLICATIONS, Application, Decision, Resend, StateChange
from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import ObjectKind
from gateway.engine.ports import StoreFailed
from gateway.store.memory import MemoryStore

NORMAL, APPLIED, SUSPENDED, *_ = Status
PRODUCT, OFFER = ObjectKind


class Asked:
    """A PPM and its admin API."""

    def __init__(self, **office) -> None:
        self.office = PpmOffice(**office)
        self.api = AdminApi(self.office.desk, "t", dict)

    def ask(self, method, path, value=None):
        """Give status and answer."""
        request = DummyRequest([])
        request.method, request.path, request._disconnected = method.encode(), f"/v1/{path}".encode(), False
        request.content = io.BytesIO(value if isinstance(value, bytes) else msgspec.json.encode(value))
        request.requestHeaders.addRawHeader(b"authorization", b"Bearer t")
        self.api.render(request)
        assert request.finished == 1
        return request.responseCode, json.loads(b"".join(request.written))

    def file(self, *applications):
        """File applications; gives their codes."""
        status, answers = self.ask("POST", "applications", list(applications))
        assert status == 200, answers
        return [answer["code"] for answer in answers]


@pytest.fixture
def ppm() -> Asked:
    """A PPM where the rules audit."""
    return Asked()


@pytest.fixture
def held() -> Asked:
    """A PPM where a person audits."""
    return Asked(held=True)


def new(filed, id="F1"):
    """An application for a product or offer."""
    return Application(id, offer=filed) if hasattr(filed, "products") else Application(id, product=filed)


# ---- applications ------------------------------------------------------------------------------------------------------


def test_applications_in_their_order(ppm):
    """A product, an offer of it and its suspension: each is published."""
    codes = ppm.file(
        new(product()), new(offer("O9", "P9"), "F2"), Application("F3", state=StateChange(PRODUCT, "P9", SUSPENDED))
    )
    assert (codes, ppm.office.master("P9"), ppm.office.master("O9", OFFER)) == ([0, 0, 0], (SUSPENDED, 3), (NORMAL, 2))


def test_refused_application_does_not_hold_up_the_next(ppm):
    """Each has its own code and text."""
    status, answers = ppm.ask("POST", "applications", [new(product("P1")), new(product(), "F2")])
    assert (status, [a["code"] for a in answers], answers[0]["text"].endswith(": P1")) == (200, [4007, 0], True)


def test_refusal_is_told_to_the_operator(ppm):
    """It is an event, as that of a message is."""
    ppm.file(new(product("P1")))
    assert ppm.office.events == ["order.refused"]


def test_same_upload_again(ppm):
    """An upload whose answer was lost is sent again: the same numbers, nothing is filed twice."""
    codes = [ppm.file(new(product()), Application("F2", state=StateChange(PRODUCT, "P1", SUSPENDED))) for _ in range(2)]
    assert (codes, ppm.office.master("P1")) == ([[0, 0]] * 2, (SUSPENDED, 1))


def test_what_must_wait_ends_the_list(held):
    """The order of a file matters: nothing after the one that must wait is filed."""
    codes = held.file(
        new(product()), Application("F2", state=StateChange(PRODUCT, "P9", SUSPENDED)), new(product("P8"), "F3")
    )
    assert (codes, held.office.master("P8")) == ([0, 4013], None)


def test_busy_gateway_takes_nothing():
    """The first answer says so."""
    assert Asked(max_active=0).file(new(product()), new(product("P8"), "F2")) == [9001]


class BrokenStore(MemoryStore):
    """A store that fails when it is told to."""

    broken = False

    async def commit(self, writes) -> None:
        if self.broken:
            raise StoreFailed("disk full")
        await super().commit(writes)


def test_store_that_fails():
    """Nothing is stored, so the sender is to try again."""
    store = BrokenStore()
    ppm = Asked(store=store)
    store.broken = True
    assert (ppm.file(new(product())), ppm.office.events) == ([9001], ["store.failed"])


def test_application_is_ppms_own(ppm):
    """It came by no message, and stands under PPM's system code: no CRM finds it under a number of its own."""
    ppm.file(new(product()))
    rows = [run(ppm.office.store.orders_by_channel(system, "F1")) for system in ("202", "201")]
    assert ([row.order.entry for row in rows[0]], rows[1]) == ([""], [])


MALFORMED = {
    "no JSON": b"{",
    "no list": {},
    "unknown key": [{"application_id": "F1", "products": []}],
    "nothing": [{"application_id": "F1"}],
    "two things": [Application("F1", product=product(), state=StateChange(PRODUCT, "P1", SUSPENDED))],
    "too many": [new(product(f"Q{n}"), f"F{n}") for n in range(MOST_APPLICATIONS + 1)],
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_applications(ppm, case):
    """A list of another form is a mistake of the caller."""
    assert (ppm.ask("POST", "applications", MALFORMED[case])[0], ppm.office.master("Q0")) == (400, None)


# ---- audits ------------------------------------------------------------------------------------------------------------


def test_list_of_audits(held):
    """What waits, the oldest first, with what the rules say against it."""
    held.office.taken(held.office.application(product(sp="SP2"), ApplicationId="A-1"))
    held.office.rig.clock.advance(1)
    held.file(new(offer("O9", "P1")))
    _, found = held.ask("GET", "audits")
    assert [(a["application"], a["system"], a["section"], a["kind"], a["object"], a["action"], bool(a["objection"])) for a in found] == [
        ("A-1", "201", "2.1", "product", "P9", "product added", True), ("F1", "202", "3.1", "offer", "O9", "offer added", False),
    ]  # fmt: skip


@pytest.mark.parametrize(("approve", "state"), [(True, (NORMAL, 2)), (False, (Status.CANCELLED, 0))])
def test_decision(held, approve, state):
    """Approved, it goes on; rejected, it ends; then it waits no more."""
    held.file(new(product()))
    status, _ = held.ask("POST", "audits/F1", Decision(approve, "why"))
    assert (status, held.office.master("P9"), held.ask("GET", "audits")) == (200, state, (200, []))


@pytest.mark.parametrize(("approve", "outcome"), [(True, "approved"), (False, "rejected")])
def test_decision_is_in_the_audit_log(held, approve, outcome):
    """Who decided what about which application, and why."""
    held.file(new(product()))
    held.ask("POST", "audits/F1", Decision(approve, "as agreed", "li"))
    (row,) = run(held.office.store.audit("", 9))
    (filed,) = run(held.office.store.orders_by_channel("202", "F1"))
    assert (row.who, row.act, row.subject, row.why, row.outcome) == ("li", "ppm.audit", filed.order.id, "as agreed", outcome)


def test_decision_twice(held):
    """The first stands."""
    held.file(new(product()))
    held.ask("POST", "audits/F1", Decision(True))
    assert (held.ask("POST", "audits/F1", Decision(False))[0], held.office.master("P9")) == (409, (NORMAL, 2))


@pytest.mark.parametrize(("name", "body", "status"), [("gone", Decision(True), 404), ("gone", b"{}", 400)])
def test_decision_that_cannot_be_made(held, name, body, status):
    """What is not there, and what is no decision."""
    assert held.ask("POST", f"audits/{name}", body)[0] == status


# ---- ledger ------------------------------------------------------------------------------------------------------------


def test_ledger(ppm):
    """PPM's own state, and each cell."""
    ppm.file(new(product()))
    _, found = ppm.ask("GET", "deliveries/product:P9")
    assert (
        found["master"],
        [(c["target"], c["version"], c["status"], c["state"], c["code"]) for c in found["cells"]],
    ) == (
        {"version": 2, "status": "normal"},
        [(t, 2, "normal", "delivered", 0) for t in ("crm", "ocs", "vsop:15", "xplatform:303")],
    )


def test_count_of_cells(ppm):
    """How far the deliveries of all objects are."""
    ppm.office.partners.answer("sync", Pending())
    ppm.file(new(product()))
    assert ppm.ask("GET", "deliveries") == (200, {"pending": 1, "delivered": 3, "refused": 0, "superseded": 0})


@pytest.mark.parametrize("name", ["product:gone", "offer:P9", "service:P9", "P9"])
def test_ledger_of_nothing(ppm, name):
    """An object that PPM never had is not there."""
    ppm.file(new(product()))
    assert ppm.ask("GET", f"deliveries/{name}")[0] == 404


def test_resend(ppm):
    """A new delivery of the newest version."""
    ppm.file(new(product()))
    status, sent = ppm.ask("POST", "deliveries", Resend(PRODUCT, "P9", "ocs"))
    assert (status, sent["version"], sent["status"], ppm.office.partners.names().count("sync")) == (200, 2, "normal", 5)


def test_resend_is_in_the_audit_log(ppm):
    """Who had what sent to whom again."""
    ppm.file(new(product()))
    ppm.ask("POST", "deliveries", Resend(PRODUCT, "P9", "ocs", "li"))
    assert [(r.who, r.act, r.outcome) for r in run(ppm.office.store.audit("product:P9", 9))] == [("li", "ppm.resend", "version 2 to ocs")]


@pytest.mark.parametrize(
    ("wanted", "status"), [(Resend(PRODUCT, "P9", "billing"), 404), (Resend(OFFER, "P9", "ocs"), 404), (b"{}", 400)]
)
def test_resend_that_cannot_be(ppm, wanted, status):
    """Only what once went to a target is sent to it again."""
    ppm.file(new(product()))
    assert ppm.ask("POST", "deliveries", wanted)[0] == status


def test_resend_of_what_is_on_its_way(ppm):
    """A delivery that has not ended is not begun twice."""
    ppm.office.partners.answer("sync", Pending())
    ppm.file(new(product()))
    assert ppm.ask("POST", "deliveries", Resend(PRODUCT, "P9", "vsop:15"))[0] == 409


RESOURCES = [("POST", "applications", []), ("GET", "audits", None), ("POST", "audits/F1", Decision(True)), ("GET", "deliveries", None),
             ("POST", "deliveries", Resend(PRODUCT, "P9", "ocs"))]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "value"), RESOURCES)
def test_gateway_that_is_no_ppm(ppm, method, path, value):
    """It says so, and where to change it."""
    ppm.office.desk.ppm_served = False
    status, answer = ppm.ask(method, path, value)
    assert (status, "[ppm] serve" in answer["error"]) == (409, True)
