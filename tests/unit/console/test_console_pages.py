"""The pages: search, order, fall-out desk, subscriber; what they ask gateways for, and what they do in the login's name."""

from __future__ import annotations

import pytest

TRACE = "o1"


def leg(run="stuck", **more):
    waiting = {
        "number": "2c", "sender": "vsop:15", "receiver": "xplatform:303", "text": "serverAction", "at": "2026-11-23T03:00:02.000+08:00",
        "state": "stuck" if run == "stuck" else "waiting", "code": 0, "attempts": 4, "note": "no reply; attempt 3, next 03:07:00",
        "streaming_no": "20015",
    }  # fmt: skip
    return {
        "order_id": TRACE, "trace_id": TRACE, "section": "4.1.1", "action": "subscribe", "channel": "211", "channel_order_id": "c1",
        "streaming_no": "s1", "number": "189****0001", "prepaid": False, "place": "vsop:15", "state": "10A", "code": 0, "run": run,
        "arrows": [waiting],
    } | more  # fmt: skip


@pytest.fixture
def desk(browser):
    """A browser that is logged in, with one parked order at the first gateway."""
    browser.log_in()
    row = {
        "order": TRACE, "channel_order": "c1", "section": "4.1.1", "action": "subscribe", "about": "189****0001",
        "cause": "xplatform:303: no reply", "code": 9003, "since": "2026-11-23T02:00:00+08:00",
    }  # fmt: skip
    jiangxi = browser.tables[0].answers
    jiangxi["GET", "/v1/fallout?limit=1000"] = (200, [row, row | {"order": "o2"}])
    jiangxi["GET", f"/v1/traces/{TRACE}"] = (200, [leg()])
    jiangxi["POST", f"/v1/fallout/{TRACE}"] = (200, {})
    jiangxi["POST", "/v1/fallout/o2"] = (409, {"error": "somebody else has acted meanwhile"})
    return browser


def location(answer):
    return answer.responseHeaders.getRawHeaders("location")[0]


def posted(browser):
    return [(where, body) for method, where, body in browser.tables[0].heard if method == "POST"]


def test_order_shows_its_ladder(desk):
    """The page has the drawing, the waiting arrow's text, and a form to resume."""
    page = desk.get(f"/order/{TRACE}").text
    assert ('<svg xmlns="http://www.w3.org/2000/svg"' in page, "attempt 3, next 03:07:00" in page, "Resume now" in page) == (True,) * 3


def test_order_that_ended_offers_nothing(desk):
    """What is over cannot be resumed."""
    desk.tables[0].answers["GET", f"/v1/traces/{TRACE}"] = (200, [leg(run="ended", state="10F")])
    assert "Resume now" not in desk.get(f"/order/{TRACE}").text


def test_legs_of_both_tiers_are_joined(desk):
    """One page, two gateways."""
    group = leg(run="ended", order_id="g1", place="vsop:35", state="10F")
    desk.tables[1].answers["GET", f"/v1/traces/{TRACE}"] = (200, [group])
    page = desk.get(f"/order/{TRACE}").text
    assert ("(jiangxi)" in page, "(group)" in page) == (True, True)


def test_order_by_another_id_leads_to_its_page(desk):
    """A channel's own number is looked up, and the browser goes to the case."""
    desk.tables[0].answers["GET", "/v1/orders/c1"] = (200, leg())
    assert location(desk.get("/order/c1")) == f"/order/{TRACE}"


def test_order_that_nobody_knows(desk):
    """The page says so."""
    assert desk.get("/order/none").responseCode == 404


@pytest.mark.parametrize(("name", "begins"), [("ladder.svg", "<svg"), ("ladder.mmd", "sequenceDiagram"), ("ladder.txt", "4.1.1")])
def test_exports(desk, name, begins):
    """A ladder leaves the page as a file."""
    answer = desk.get(f"/order/{TRACE}/{name}")
    assert (answer.text[: len(begins)], answer.responseHeaders.getRawHeaders("content-disposition")) == (
        begins, [f'attachment; filename="{name}"'],
    )  # fmt: skip


def test_resume_is_done_in_the_logins_name(desk):
    """The gateway hears who acts and why; then the page of the order is shown again."""
    form = {"act": "retry", "gateway": "jiangxi", "order": TRACE, "why": "X is back", "back": f"/order/{TRACE}"}
    answer = desk.post("/fallout/act", form)
    wanted = (f"/v1/fallout/{TRACE}", {"act": "retry", "who": "anna", "why": "X is back"})
    assert (location(answer), posted(desk)) == (f"/order/{TRACE}", [wanted])


def test_act_without_reason_is_refused(desk):
    """No gateway hears of it."""
    answer = desk.post("/fallout/act", {"act": "retry", "gateway": "jiangxi", "order": TRACE, "why": "  "})
    assert (answer.responseCode, posted(desk)) == (400, [])


def test_bulk_retry_tells_what_was_done(desk):
    """One of two is somebody else's by now: the other one goes on, and the page tells both."""
    answer = desk.post("/fallout/many", {"act": "retry", "order": [f"jiangxi/{TRACE}", "jiangxi/o2"], "why": "X is back"})
    assert location(answer) == "/fallout?done=1&not=1"


def test_parked_orders_stand_under_their_cause(desk):
    """Two of one cause are one group."""
    page = desk.get("/fallout").text
    assert (page.count("<form class=\"group\""), "xplatform:303: no reply" in page) == (1, True)


def test_skip_names_the_result(desk):
    """A step that is decided by hand bears its code."""
    desk.post("/fallout/act", {"act": "skip", "code": "0", "gateway": "jiangxi", "order": TRACE, "why": "asked X by phone"})
    assert posted(desk)[0][1] == {"act": "skip", "who": "anna", "why": "asked X by phone", "code": 0}


def test_refusal_of_a_gateway_is_told(desk):
    """In its own words, and as no success."""
    answer = desk.post("/fallout/act", {"act": "retry", "gateway": "jiangxi", "order": "o2", "why": "again"})
    assert (answer.responseCode, "somebody else has acted meanwhile" in answer.text) == (409, True)


def test_subscriber_is_masked(desk):
    """The page of a user shows what he holds, not his whole number."""
    relation = {"product": "P1", "offer": "O1", "channel": "211", "state": "active", "effective_at": None, "expires_at": None}
    desk.tables[0].answers["GET", "/v1/numbers/18907910001"] = (200, {"orders": [], "relations": [relation]})
    main = desk.get("/subscriber/18907910001").text.partition("<main")[2]
    assert ("189****0001" in main, "P1" in main, "18907910001" in main) == (True, True, False)


def test_single_order_is_opened_at_once(desk):
    """Who types an order's id need not click."""
    row = {
        "order": TRACE, "trace": TRACE, "channel_order": "c1", "section": "4.1.1", "action": "subscribe", "about": "", "place": "vsop:15",
        "state": "10A", "code": 0, "at": "2026-11-23T03:00:00+08:00", "ended": None,
    }  # fmt: skip
    desk.tables[0].answers["GET", "/v1/find?q=c1"] = (200, {"number": False, "orders": [row], "objects": [], "partners": []})
    assert location(desk.get("/?q=c1")) == f"/order/{TRACE}"
