"""The pages about PPM: applications, the form that files them, the catalogue's matrix, a cell sent again."""

from __future__ import annotations

import pytest

from gateway.console.pages.applications import steps
from gateway.console.pages.filing import application, wrong

AT = "2026-11-23T03:00:00+08:00"
ROW = {
    "id": "20015", "application": "W1", "system": "202", "section": "2.1", "kind": "product", "object": "P9", "name_zh": "<b>早报",
    "name_en": "<script>news", "action": "product added", "at": AT, "waits": True, "objection": "",
}  # fmt: skip
PRODUCT = {"id": "P9", "name_zh": "<b>早报", "name_en": "<script>news", "sp": "15", "status": "normal", "version": 2}
GIVEN = {
    "id": "P9", "name_zh": "早报", "name_en": "News", "sp": "15000001", "owner": "200", "platform": "303", "province": "15",
    "excludes": "", "requires": "P1, P2", "why": "spring",
}  # fmt: skip


def cell(state="delivered", target="ocs", **more):
    return {"target": target, "version": 2, "status": "normal", "state": state, "code": 0, "at": AT, "run_id": "20015.3", "attempts": 0,
            "next_at": None, "note": "", **more}  # fmt: skip


def arrow(number, state="done"):
    return {"number": number, "sender": "ppm", "receiver": "ocs", "text": "sync", "at": AT, "state": state, "code": 0, "note": ""}


def whole(*arrows, **row):
    return {"row": {**ROW, **row}, "state": "10A", "code": 0, "ended_at": None, "product": PRODUCT, "offer": None, "is_state_change": False,
            "legs": [{"arrows": list(arrows)}], "cells": [], "audit": []}  # fmt: skip


@pytest.fixture
def anna(browser):
    """Somebody who is logged in; the group serves no PPM."""
    browser.log_in()
    jiangxi, group = browser.tables
    for path in ("applications", "deliveries", "matrix?limit=50", "matrix?find=P9", "deliveries/product%3AP9"):
        group.answers["GET", f"/v1/{path}"] = 409, {"error": "no PPM"}
    jiangxi.answers["GET", "/v1/applications"] = 200, [ROW]
    jiangxi.answers["POST", "/v1/audits/20015"] = 200, {}
    jiangxi.answers["GET", "/v1/applications/20015"] = 200, whole(arrow("1"))
    jiangxi.answers["GET", "/v1/deliveries"] = 200, {}
    return browser


def posted(browser):
    """What the first gateway was sent."""
    return [(where, body) for method, where, body in browser.tables[0].heard if method == "POST"]


# ---- applications ------------------------------------------------------------------------------------------------------


def test_applications_are_listed(anna):
    """What waits for a person; a gateway that serves no PPM is not away; names of partners stay text."""
    text = anna.get("/applications").text
    assert ("/applications/jiangxi/20015" in text, "no PPM" in text, "<b>早报" in text, "&lt;" in text) == (True, False, False, True)


def test_one_application_has_the_steps_of_the_document(anna):
    """All six of 2.1 are on the page."""
    text = anna.get("/applications/jiangxi/20015").text
    assert [f"<b>({number})</b>" in text for number in range(1, 7)] == [True] * 6


@pytest.mark.parametrize(
    ("arrows", "state"), [([], ""), (["done"], "done"), (["done", "waiting"], "waiting"), (["waiting", "refused"], "refused")]
)
def test_state_of_a_step(arrows, state):
    """The one that most needs a person, of its arrows."""
    made = steps(whole(*(arrow("4c", one) for one in arrows)))
    assert {step.number: step.state for step in made}["4"] == state


def test_decision(anna):
    """It goes to its PPM with the reason, in the login's name."""
    answer = anna.post("/applications/jiangxi/20015", {"act": "reject", "why": "too dear"})
    assert (answer.responseCode, posted(anna)) == (303, [("/v1/audits/20015", {"approve": False, "why": "too dear", "who": "anna"})])


@pytest.mark.parametrize("why", ["", "  ", "x" * 501])
def test_decision_without_a_reason(anna, why):
    """It is asked for; nothing is decided."""
    assert (anna.post("/applications/jiangxi/20015", {"act": "approve", "why": why}).responseCode, posted(anna)) == (400, [])


@pytest.mark.parametrize("path", ["/applications/jiangxi/gone", "/applications/nowhere/20015", "/file/colour"])
def test_page_of_nothing(anna, path):
    """It says so."""
    assert anna.ask("GET", path).responseCode == 404


# ---- filing ------------------------------------------------------------------------------------------------------------


def test_application_of_a_form():
    """Lists are taken apart, and the scope follows the province."""
    made = application("product", "W1", GIVEN)
    assert (made["application_id"], made["product"]["requires"], made["product"]["excludes"], made["product"]["scope"]) == (
        "W1", ["P1", "P2"], [], "provincial",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", "a b"), ("id", ""), ("name_zh", "a\nb"), ("province", "99"), ("owner", "0200"), ("requires", "P1;P2"), ("why", "")],
)
def test_field_that_does_not_fit(field, value):
    """It is named, and no other."""
    assert [each.name for each in wrong("product", {**GIVEN, field: value})] == [field]


def test_wrong_form_keeps_what_was_typed(anna):
    """Nothing is filed."""
    anna.tables[0].answers["POST", "/v1/applications"] = 200, [{"code": 0, "retryable": False, "text": ""}]
    answer = anna.post("/file/product", {**GIVEN, "gateway": "jiangxi", "id": "a b"})
    assert (answer.responseCode, 'value="a b"' in answer.text, 'value="早报"' in answer.text, posted(anna)) == (400, True, True, [])


def test_filing(anna):
    """One application, with who and why; then to its page."""
    anna.tables[0].answers["POST", "/v1/applications"] = 200, [{"code": 0, "retryable": False, "text": ""}]
    answer = anna.post("/file/product", {**GIVEN, "gateway": "jiangxi"})
    ((_, body),) = posted(anna)
    assert (answer.responseCode, body["who"], body["why"], len(body["applications"])) == (303, "anna", "spring", 1)


def test_application_that_is_refused(anna):
    """The PPM's text stands on the form."""
    anna.tables[0].answers["POST", "/v1/applications"] = 200, [{"code": 4007, "retryable": False, "text": "exists: P9"}]
    answer = anna.post("/file/product", {**GIVEN, "gateway": "jiangxi"})
    assert (answer.responseCode, "exists: P9" in answer.text) == (400, True)


# ---- matrix ------------------------------------------------------------------------------------------------------------


def test_amber_cell_says_when_it_is_sent_again(anna):
    """Attempts, and the next time."""
    waiting = cell("pending", attempts=3, next_at="2026-11-23T03:07:00+08:00")
    row = {"kind": "product", "id": "P9", "name_zh": "早报", "name_en": "News", "status": "normal", "version": 2, "cells": [waiting]}
    anna.tables[0].answers["GET", "/v1/matrix?limit=50"] = 200, [row]
    text = anna.get("/catalogue").text
    assert ('class="cell pending"' in text, "03:07:00" in text) == (True, True)


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        ("pending", ("/v1/fallout/20015.3", {"act": "retry", "who": "anna", "why": "OCS is back"})),
        ("refused", ("/v1/deliveries", {"kind": "product", "id": "P9", "target": "ocs", "who": "anna", "why": "OCS is back"})),
    ],
)
def test_resend_of_a_cell(anna, state, sent):
    """One that waits is tried at once; one that has ended is delivered again."""
    jiangxi = anna.tables[0]
    jiangxi.answers["GET", "/v1/deliveries/product%3AP9"] = 200, {"master": None, "cells": [cell(state)]}
    jiangxi.answers["POST", sent[0]] = 200, {}
    answer = anna.post("/catalogue/product/P9", {"gateway": "jiangxi", "target": "ocs", "why": "OCS is back"})
    assert (answer.responseCode, posted(anna)) == (303, [sent])
