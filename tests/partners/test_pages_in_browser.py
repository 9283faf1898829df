"""The pages about contracts in a real browser, from files, without a network."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gateway.cli.main import main

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages, as `vsopgw docs build` writes them."""
    directory = tmp_path_factory.mktemp("site")
    done = CliRunner().invoke(main, ["docs", "build", str(directory)])
    assert done.exit_code == 0, done.output
    return directory


@pytest.fixture(scope="module")
def vsop(browser, site):
    """The page of the largest contract, in English."""
    return browser.open(f"{(site / 'vsop.html').as_uri()}?lang=en")


@pytest.mark.parametrize("name", ["index", "ppm", "results", "flow-4.1.3"])
def test_page_loads_offline(browser, site, tmp_path, name):
    """No error in the console, nothing from outside, and a picture that is not blank; on a phone nothing is wider than it."""
    page = browser.open((site / f"{name}.html").as_uri(), width=390, height=800)
    wide = page.run("document.documentElement.scrollWidth")
    assert (page.troubles, page.shot(tmp_path / "page.png") > 0.02, wide <= 390) == ([], True, True)


def test_what_is_wrong_with_a_page_is_seen(browser, tmp_path):
    """The check itself: a page that throws, and one that asks for something outside, have troubles."""
    (tmp_path / "bad.html").write_text('<script>throw new Error("thrown here")</script><script src="http://elsewhere.invalid/x.js"></script>')
    told = " ".join(browser.open((tmp_path / "bad.html").as_uri()).troubles)
    assert ("thrown here" in told, "elsewhere.invalid" in told) == (True, True)


def test_language_switch(vsop):
    """A click shows Chinese instead of English, another one English again."""
    texts = []
    for _ in range(2):
        texts.append(vsop.seen())
        vsop.run("document.getElementById('lang').click()")
    assert [("请求字段" in text, "Served by" in text) for text in texts] == [(False, True), (True, False)]
    assert vsop.troubles == []


def test_forms_are_tabs(vsop):
    """The curl command is hidden until its tab is chosen, by click or by arrow key."""
    hidden = "document.getElementById('p-subscribeToVSOP-curl').hidden"
    before = vsop.run(hidden)
    vsop.run("document.getElementById('t-subscribeToVSOP-xml').focus()")
    vsop.run("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}))")
    assert (before, vsop.run(hidden), "curl -sS" in vsop.seen()) == (True, False, True)


def test_numbers_are_made_anew(vsop, site):
    """The samples hold the time at which the page was opened, not that at which it was made."""
    made = vsop.run("document.querySelector('body').dataset.stamp")
    shown = vsop.run("document.querySelector('pre code').textContent.match(/TimeStamp>(\\d+)/)[1]")
    assert (len(shown), shown >= made) == (14, True)
    assert f"211{shown}" in vsop.run("document.querySelector('pre code').textContent")


def test_search_finds_a_field_by_either_name(vsop):
    """A word on the wire or its Chinese name leads to the operations that have it."""
    found = []
    for word in ("RQCode", "二次确认码 recvRQMessage", "no such word"):
        vsop.run(f"var box = document.getElementById('find'); box.value = '{word}'; box.dispatchEvent(new Event('input'))")
        found.append(vsop.run("[...document.querySelectorAll('#found a')].map(a => a.getAttribute('href'))"))
    assert ("vsop.html#recvRQMessage" in found[0], found[2]) == (True, [])


def test_dark_is_kept(browser, site):
    """The theme that was chosen is that of the next page."""
    first = browser.open((site / "index.html").as_uri())
    first.run("document.documentElement.dataset.theme === 'dark' || document.getElementById('theme').click()")
    assert browser.open((site / "ocs.html").as_uri()).run("document.documentElement.dataset.theme") == "dark"
