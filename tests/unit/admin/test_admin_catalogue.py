"""What PPM's pages read of the admin API: the matrix, applications under way and one whole, who filed; today's coverage."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from ppm_office import PpmOffice, offer, product
from rig import Pending, run
from twisted.web.test.requesthelper import DummyRequest

from gateway.admin.api import AdminApi
from gateway.admin.ppm import Application, Decision, Filing, Resend, StateChange
from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import ObjectKind
from gateway.errors import Temporary


class Asked:
    """A PPM and its admin API."""

    def __init__(self, **office) -> None:
        self.office = PpmOffice(**office)
        self.api = AdminApi(self.office.desk, "t", dict)

    def ask(self, method, path, value=None):
        """Give status and answer."""
        request = DummyRequest([])
        request.method, request.uri, request._disconnected = method.encode(), f"/v1/{path}".encode(), False
        request.path = request.uri.partition(b"?")[0]
        request.content = io.BytesIO(msgspec.json.encode(value))
        request.requestHeaders.addRawHeader(b"authorization", b"Bearer t")
        self.api.render(request)
        assert request.finished == 1
        return request.responseCode, json.loads(b"".join(request.written))

    def file(self, *applications):
        """File applications as li; each is taken."""
        status, answers = self.ask("POST", "applications", Filing(list(applications), "li", "spring"))
        assert (status, [answer["code"] for answer in answers]) == (200, [0] * len(applications)), answers


@pytest.fixture
def ppm() -> Asked:
    """A PPM where the rules audit."""
    return Asked()


@pytest.fixture
def held() -> Asked:
    """A PPM where a person audits."""
    return Asked(held=True)


# ---- matrix ------------------------------------------------------------------------------------------------------------


def test_matrix(ppm):
    """A line for each object that PPM holds, with the newest cell of each target."""
    ppm.file(Application("F1", product=product()))
    _, (row,) = ppm.ask("GET", "matrix")
    cells = [(c["target"], c["version"], c["status"], c["state"]) for c in row["cells"]]
    expected = [(target, 2, "normal", "delivered") for target in ("crm", "ocs", "vsop:15", "xplatform:303")]
    assert (row["kind"], row["id"], row["status"], row["version"], cells) == ("product", "P9", "normal", 2, expected)


def test_cell_that_waits_says_when_it_is_sent_again(ppm):
    """Pending: how often it was tried, when next, and why."""
    ppm.office.partners.answer("sync", Temporary("ocs", "no answer in 15 s"))
    ppm.file(Application("F1", product=product()))
    _, (row,) = ppm.ask("GET", "matrix")
    (waiting,) = [c for c in row["cells"] if c["state"] == "pending"]
    assert (waiting["attempts"], waiting["next_at"] is not None, "no answer in 15 s" in waiting["note"]) == (1, True, True)


def test_matrix_of_what_is_open(ppm):
    """Only what a target has not taken yet."""
    ppm.file(Application("F1", product=product()))
    ppm.office.partners.answer("sync", Pending())
    ppm.file(Application("F2", product=product("P8")))
    assert [row["id"] for row in ppm.ask("GET", "matrix?open=true")[1]] == ["P8"]


@pytest.mark.parametrize(("query", "found"), [("find=P9", ["P9"]), ("find=nothing", []), ("after=product:P8", ["P9"]), ("limit=1", ["P8"])])
def test_page_of_the_matrix(ppm, query, found):
    """By a part of id or name, or behind an object; no more than was asked for."""
    ppm.file(Application("F1", product=product()), Application("F2", product=product("P8")))
    assert [row["id"] for row in ppm.ask("GET", f"matrix?{query}")[1]] == found


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "colour=red"])
def test_query_of_another_form(ppm, query):
    """It is a mistake of the caller."""
    assert ppm.ask("GET", f"matrix?{query}")[0] == 400


# ---- applications ------------------------------------------------------------------------------------------------------


def test_applications_under_way(held):
    """Those that have not ended, with whether they wait for a person."""
    held.file(Application("F1", product=product()), Application("F2", offer=offer("O9", "P1")))
    rows = held.ask("GET", "applications")[1]
    found = [(r["application"], r["section"], r["object"], r["waits"]) for r in rows]
    assert found == [("F1", "2.1", "P9", True), ("F2", "3.1", "O9", True)]


def test_one_application(held):
    """Found by its own number or ours: the object, the steps of both kinds of run, and who did what."""
    held.file(Application("F1", product=product()))
    held.ask("POST", "audits/F1", Decision(True, "as agreed", "wang"))
    _, found = held.ask("GET", "applications/F1")
    numbers = sorted({arrow["number"] for leg in found["legs"] for arrow in leg["arrows"]})
    audit = [(row["who"], row["act"], row["why"]) for row in found["audit"]]
    assert (found["product"]["id"], found["state"], numbers, audit) == (
        "P9", "10F", ["1", "2a", "2b", "2c", "3a", "3b", "4a", "4b", "4c", "4d"],
        [("wang", "ppm.audit", "as agreed"), ("li", "ppm.apply", "spring")],
    )  # fmt: skip


def test_change_of_state(ppm):
    """It has steps of its own, and says so."""
    ppm.file(Application("F1", state=StateChange(ObjectKind.PRODUCT, "P1", Status.SUSPENDED)))
    _, found = ppm.ask("GET", "applications/F1")
    assert (found["is_state_change"], found["row"]["action"], found["product"]["status"]) == (True, "product suspended", "suspended")


def test_application_that_is_not_there(ppm):
    """Neither a name nor an order of a user."""
    assert ppm.ask("GET", "applications/gone")[0] == 404


def test_list_without_a_name_is_not_in_the_audit_log(ppm):
    """The command line's upload names nobody."""
    assert ppm.ask("POST", "applications", [Application("F1", product=product())])[0] == 200
    assert list(run(ppm.office.store.audit("", 9))) == []


def test_filing_without_a_reason(ppm):
    """Who files under his name says why."""
    assert ppm.ask("POST", "applications", {"applications": [], "who": "li", "why": ""})[0] == 400


def test_reason_of_a_resend(ppm):
    """It is kept."""
    ppm.file(Application("F1", product=product()))
    ppm.ask("POST", "deliveries", Resend(ObjectKind.PRODUCT, "P9", "ocs", "li", "OCS is back"))
    assert [(row.who, row.why) for row in run(ppm.office.store.audit("product:P9", 9))] == [("li", "OCS is back")]


@pytest.mark.parametrize("path", ["matrix", "applications", "applications/F1"])
def test_gateway_without_ppm(ppm, path):
    """It says so, and where to change it."""
    ppm.office.desk.ppm_served = False
    status, answer = ppm.ask("GET", path)
    assert (status, "[ppm] serve" in answer["error"]) == (409, True)


# ---- coverage ----------------------------------------------------------------------------------------------------------


def test_coverage_of_today(ppm):
    """Steps of what ended today, by section and number; asking again counts nothing twice."""
    ppm.file(Application("F1", product=product()))
    found = [ppm.ask("GET", "coverage")[1] for _ in range(2)][-1]
    steps = ["1", "2a", "2b", "2c", "3a", "3b", "4a", "4b", "4c", "4d"]
    assert (found["whole"], found["orders"], sorted(found["seen"]["2.1"])) == (True, 5, steps)


def test_coverage_begins_anew_at_midnight(ppm):
    """What ended yesterday is not today's."""
    ppm.file(Application("F1", product=product()))
    ppm.ask("GET", "coverage")
    ppm.office.rig.clock.advance(86400)
    found = ppm.ask("GET", "coverage")[1]
    assert (found["orders"], found["seen"]) == (0, {})
