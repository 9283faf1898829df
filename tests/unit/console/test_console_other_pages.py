"""The pages about partners, one subscriber, the topology and the flows."""

from __future__ import annotations

import pytest

from gateway.console.pages.flows import today
from gateway.console.pages.topology import drawing

AT = "2026-11-23T03:00:00+08:00"
SP = {
    "name": "sp009", "state": "running", "systems": ["211"], "authentication": ["none"], "operations": ["*"], "provinces": None,
    "networks": [], "gateway": False, "calls": [], "rate": None, "day": None, "connections": None, "today": 7, "above": 0, "open": 0,
    "changed": {},
}  # fmt: skip


def partner(party, breaker="closed"):
    operation = {"operation": "serverAction", "breaker": breaker, "seconds": 4.0, "under_way": 0}
    return {"party": party, "url": "http://127.0.0.1:1", "open_calls": 0, "operations": [operation]}


@pytest.fixture
def anna(browser):
    """Somebody who is logged in; one gateway has a partner that calls it."""
    browser.log_in()
    answers = browser.tables[0].answers
    answers["GET", "/v1/partners"] = 200, [partner("xplatform:303", "open")]
    answers["GET", "/v1/callers"] = 200, [SP]
    answers["GET", "/v1/callers/sp009"] = 200, SP
    answers["GET", "/v1/audit?subject=sp009&limit=20"] = 200, []
    answers["POST", "/v1/callers/sp009"] = 200, SP
    return browser


def posted(browser):
    """What the first gateway was sent."""
    return [body for method, _, body in browser.tables[0].heard if method == "POST"]


# ---- partners ----------------------------------------------------------------------------------------------------------


def test_partners(anna):
    """Whom a gateway calls, with an open breaker and its pause; who calls it."""
    text = anna.get("/partners").text
    assert ("serverAction" in text, "4.0 s" in text, "/partners/jiangxi/sp009" in text) == (True, True, True)


@pytest.mark.parametrize("act", ["suspend", "resume", "isolate", "reset"])
def test_state_of_a_partner(anna, act):
    """It is changed with a reason, in the login's name."""
    answer = anna.post("/partners/jiangxi/sp009", {"act": act, "why": "floods us"})
    assert (answer.responseCode, posted(anna)) == (303, [{"act": act, "who": "anna", "why": "floods us"}])


def test_limits_of_a_partner(anna):
    """A rate and a day; a burst that is not given is a second's worth."""
    form = {"act": "limit", "why": "as agreed", "per_second": "50", "mode": "report", "requests": "1000", "day_mode": "enforce"}
    anna.post("/partners/jiangxi/sp009", form)
    (body,) = posted(anna)
    assert (body["rate"], body["day"]) == (
        {"per_second": 50.0, "burst": 50, "mode": "report"}, {"requests": 1000, "mode": "enforce"},
    )  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [{"act": "suspend"}, {"act": "limit", "why": "x"}, {"act": "limit", "why": "x", "per_second": "many"}, {"act": "explode", "why": "x"}],
)
def test_change_that_cannot_be(anna, form):
    """Without a reason, without a number, or an act that there is not: nothing is sent."""
    assert (anna.post("/partners/jiangxi/sp009", form).responseCode, posted(anna)) == (400, [])


# ---- subscriber --------------------------------------------------------------------------------------------------------


def test_subscriber(anna):
    """What he holds, and his number masked."""
    times = {"subscribed_at": AT, "effective_at": AT, "expires_at": None}
    relation = {"product": "P1", "offer": "O1", "channel": "211", "state": "active", **times}
    user = {"spec": "003", "pay": "prepaid", "state": "active", "capabilities": []}
    found = {"number": "189****0001", "subscriber": user, "orders": [], "relations": [relation]}
    anna.tables[0].answers["GET", "/v1/numbers/18907910001"] = 200, found
    text = anna.get("/subscriber/18907910001").text
    assert ("189****0001" in text, "/catalogue/product/P1" in text) == (True, True)


@pytest.mark.parametrize("path", ["/subscriber/42", "/subscriber", "/flows/9.9", "/flows/2.1/fr.svg"])
def test_no_such_page(anna, path):
    """A text that is no number, a section that there is not, a file of another name."""
    assert anna.get(path).responseCode == 404


# ---- topology and flows ------------------------------------------------------------------------------------------------


def test_topology():
    """The group stands first; a gateway that is away is down; a partner has the health of its worst breaker; tiers are joined."""
    busy = {"active": 3, "busy": False}
    status = {"jx": {"tier": "province", "province": "15", **busy}, "gr": {"tier": "group", "province": "35", **busy}}
    made = drawing(["jx", "gr", "gx"], status, {"jx": [partner("vsop:35"), partner("ocs", "open")]})
    boxes = [(box.name or box.party, box.health) for box in made.boxes]
    assert (boxes, len(made.lines)) == ([("gr", "up"), ("gx", "down"), ("jx", "up"), ("ocs", "down")], 2)


def test_topology_page(anna):
    """It is drawn with those that answer, and says who is away."""
    anna.tables[0].answers["GET", "/v1/status"] = 200, {"tier": "province", "province": "15", "active": 0, "busy": False}
    assert "<svg" in anna.get("/topology").text


def test_drawing_of_a_section(anna):
    """It is the one that the documents have."""
    found = anna.get("/flows/4.1.3/zh.svg")
    assert (found.responseCode, found.responseHeaders.getRawHeaders("content-type"), "<svg" in found.text) == (200, ["image/svg+xml"], True)


def test_coverage_adds_the_gateways_up(anna):
    """A step that two gateways saw counts twice; one that is no step of the section counts nowhere."""
    seen = {"since": AT, "orders": 1, "whole": True, "seen": {"2.1": {"4a": 1, "9z": 1}}}
    for table in anna.tables:
        table.answers["GET", "/v1/coverage"] = 200, seen
    text = anna.get("/flows/2.1").text
    assert ("4a × 2" in text, "9z" in text) == (True, False)


def test_every_section_is_there():
    """Also those of which nothing was done."""

    class Nothing:
        found = ()

    assert [(section.id, section.done) for section in today(Nothing())][:2] == [("2.1", 0), ("2.2", 0)]
