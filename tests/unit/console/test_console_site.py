"""The console's door: who gets a page, how wrong logins are slowed, what forms are taken, and what every answer bears."""

from __future__ import annotations

import pytest

from gateway.console.frame import ROOM
from gateway.console.gateways import Away


def test_no_page_without_login(browser):
    """Whoever is not logged in gets the login page, whatever he asks for."""
    assert [browser.get(path).responseCode for path in ("/", "/order/o1", "/fallout", "/nothing")] == [401] * 4


def test_login_opens_the_page_that_was_asked_for(browser):
    """After the login the browser goes where it wanted to go."""
    answer = browser.log_in(to="/order/o1")
    assert (answer.responseCode, answer.responseHeaders.getRawHeaders("location")) == (303, ["/order/o1"])


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "evil"])
def test_login_leads_nowhere_else(browser, to):
    """A place outside the console is not gone to."""
    assert browser.log_in(to=to).responseHeaders.getRawHeaders("location") == ["/"]


def test_cookie_is_for_this_site_and_no_script(browser):
    """The session's cookie goes along with requests of this site alone, and no script reads it."""
    cookie = browser.log_in().responseHeaders.getRawHeaders("set-cookie")[0]
    assert ("SameSite=Strict" in cookie, "HttpOnly" in cookie) == (True, True)


def test_wrong_login_is_audited(browser):
    """A wrong password is refused, and written down with the name that was tried."""
    answer = browser.log_in(password="wrong")
    assert (answer.responseCode, browser.audited()) == (403, [("login.refused", "anna")])


def test_wrong_logins_are_slowed(browser):
    """After three wrong ones even the right password waits; after the pause it is taken."""
    for _ in range(3):
        browser.log_in(password="wrong")
    paused = browser.log_in().responseCode
    browser.later(seconds=2)
    assert (paused, browser.log_in().responseCode) == (429, 303)


def test_unknown_name_is_refused_as_a_wrong_password(browser):
    """The answer does not say which names there are."""
    one, other = browser.log_in(name="nobody"), browser.log_in(password="wrong")
    assert one.text.replace("nobody", "anna") == other.text


def test_form_without_its_token_is_not_done(browser):
    """A form that no page of this session made is shown, to be sent again; no gateway hears of it."""
    browser.log_in()
    answer = browser.ask("POST", "/fallout", {"csrf": "forged", "act": "retry"})
    assert (answer.responseCode, browser.tables[0].heard) == (409, [])


def test_expired_page_keeps_what_was_typed(browser):
    """A form whose session has ended says so; after the login it is there, with all that was typed."""
    browser.log_in()
    browser.later(minutes=31)
    expired = browser.ask("POST", "/fallout", {"csrf": "token2", "why": "X is back <again>"})
    kept = browser.log_in(to="/fallout", **{"kept.why": "X is back <again>"})
    assert ("has ended" in expired.text, 'name="kept.why" value="X is back &lt;again&gt;"' in expired.text) == (True, True)
    assert ('action="/fallout"' in kept.text, 'name="why" value="X is back &lt;again&gt;"' in kept.text) == (True, True)


def test_a_page_that_refreshes_itself_keeps_no_session(browser):
    """Half an hour without a person ends the session, though a script asked all the time."""
    browser.log_in()
    for _ in range(4):
        browser.later(minutes=10)
        answer = browser.get("/", x_refresh="1")
    assert answer.responseCode == 401


def test_logout_ends_the_session(browser):
    """Its cookie opens nothing afterwards."""
    browser.log_in()
    token = browser.cookies["vsop_console"]
    browser.post("/logout", {})
    browser.cookies["vsop_console"] = token
    assert (browser.get("/").responseCode, browser.audited()[-1]) == (401, ("logout", "anna"))


@pytest.mark.parametrize("path", ["/", "/static/console.css", "/static/none"])
def test_every_answer_bears_the_headers(browser, path):
    """A policy without inline script, no framing, no guessing of types, and nothing kept by a cache."""
    headers = browser.get(path).responseHeaders
    policy = headers.getRawHeaders("content-security-policy")[0]
    assert ("unsafe" in policy, "default-src 'none'" in policy, headers.getRawHeaders("x-frame-options")) == (False, True, ["DENY"])
    assert (headers.getRawHeaders("cache-control"), headers.getRawHeaders("x-content-type-options")) == (["no-store"], ["nosniff"])


def test_page_of_another_name_is_refused(browser):
    """A name that somebody else's DNS leads to this machine is not this console's."""
    assert browser.get("/", host="evil.example:7080").responseCode == 421


def test_form_of_another_site_is_refused(browser):
    """Not even a login is taken from a page of another origin."""
    assert browser.ask("POST", "/login", {"name": "anna"}, origin="http://evil.example").responseCode == 403


def test_language_is_the_browsers_until_one_is_chosen(browser):
    """A browser that wants Chinese gets it; the switch decides from then on."""
    first = browser.get("/", accept_language="zh-CN,zh;q=0.9").text
    browser.get("/language?to=en&back=/")
    assert ('<html lang="zh">' in first, '<html lang="en">' in browser.get("/", accept_language="zh-CN").text) == (True, True)


def test_nothing_is_inline():
    """No template has a script, a style or a handler of its own: the policy would refuse it."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOM / "templates").glob("*.html")]
    assert [found for text in texts for found in ("<script>", "style=", "onclick", "onsubmit", "|safe") if found in text] == []


def test_gateway_that_is_away_is_named(browser):
    """What the others told stands on the page all the same."""
    browser.log_in()
    found = {"number": False, "orders": [], "objects": [], "partners": ["oops-partner"]}
    browser.tables[0].answers["GET", "/v1/find?q=oops"] = (200, found)
    browser.tables[1].answers["GET", "/v1/find?q=oops"] = Away("group", "no answer from it")
    page = browser.get("/?q=oops").text
    assert ("oops-partner" in page, "<b>group</b>: no answer from it" in page) == (True, True)


HOSTILE = '"><script>alert(1)</script>\u202etxt\x1b[31m'


def test_text_of_partners_stays_text(browser):
    """Markup is escaped; marks that turn the direction and control characters are shown as their numbers."""
    browser.log_in()
    order = {
        "order": HOSTILE, "trace": HOSTILE, "channel_order": HOSTILE, "section": "4.1.1", "action": HOSTILE, "about": HOSTILE,
        "place": "vsop:15", "state": HOSTILE, "code": 0, "at": "2026-11-23T03:00:00+08:00", "ended": None,
    }  # fmt: skip
    found = {"number": True, "orders": [order], "objects": [], "partners": [HOSTILE]}
    browser.tables[0].answers["GET", "/v1/find?q=x1"] = (200, found)
    page = browser.get("/?q=x1").text
    assert [bad for bad in ("<script>alert", "\u202e", "\x1b") if bad in page] == []
    assert "‹202E›" in page
