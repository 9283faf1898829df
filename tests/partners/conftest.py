"""One lab for the tests of what partners use: group, Jiangxi and their stubs as real processes."""

from __future__ import annotations

import pytest
from browser import Browser, browser_program
from testlab import TestLab


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Group, Jiangxi and their stub sets; at the end each process must have drained with exit 0."""
    lab = TestLab(tmp_path_factory.mktemp("partners"), ("group", "jiangxi"))
    try:
        lab.start()
        yield lab
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A real browser, without a network."""
    program = browser_program()
    if program is None:
        pytest.skip("no Chromium here: what partners see is checked in a real browser where one is installed (Debian: chromium)")
    browser = Browser(program, tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()
