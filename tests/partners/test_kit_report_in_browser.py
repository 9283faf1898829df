"""The kit's report in a real browser: it opens from its file without a network, and shows what went wrong in both languages."""

from __future__ import annotations

import subprocess
import sys

import pytest
import wrong
from partner import Served

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def report(browser, tmp_path_factory):
    """The report about a partner whose suspension deletes the service, as `vsopgw kit run` writes it; opened."""
    out = tmp_path_factory.mktemp("report")
    with Served(wrong.SuspendDeletes()) as served:
        command = ["kit", "run", "--role", "xplatform", "--url", served.url, "--listen", "0", "--out", str(out)]
        done = subprocess.run([sys.executable, "-m", "gateway", *command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return browser.open((out / "report.html").as_uri())


def test_report_loads_offline(report, tmp_path):
    """One file: no error in the console, nothing from outside, and a picture that is not blank."""
    assert (report.troubles, report.shot(tmp_path / "report.png") > 0.02) == ([], True)


def test_failing_case_shows_what_was_sent_and_said(report):
    """The case is named, with its rule, the raw request and the raw answer, where a reader sees them."""
    seen = report.seen()
    expected = ("X-101", "<t:ActionType>6</t:ActionType>", "<t:OPResult>5002</t:OPResult>", "SOAPAction")
    assert [word for word in expected if word not in seen] == []


def test_report_changes_its_language(report):
    """A click shows Chinese instead of English, another one English again."""
    texts = []
    for language in ("en", "zh", "en"):
        report.run(f"document.getElementById('pick-{language}').click()")
        texts.append(report.seen())
    assert [("suspend is not delete" in text, "暂停不是删除" in text) for text in texts] == [(True, False), (False, True), (True, False)]
