"""Story S5 in a real browser: from a phone number to a green ladder; then each page is photographed, in both languages and two widths."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from testlab import TestLab

from gateway.cli.lab import start
from gateway.resources import etc_dir

pytestmark = pytest.mark.e2e
NUMBER, WEATHER = "18907910001", "135000000000000000301"
PASSWORD = "correct horse battery"
SCREENS = Path(__file__).parents[2] / "build/screens"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Group and Jiangxi, whose orders wait half a minute and more before they try again."""
    lab = TestLab(tmp_path_factory.mktemp("console"), ("group", "jiangxi"), retry__base_ms="60000", retry__cap_s="60")
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


@pytest.fixture(scope="module")
def console(lab):
    """The address of a console over both."""
    files = [_config(lab, "group", "group", "35"), _config(lab, "jiangxi", "province", "15")]
    passwords, audit = lab.directory / "passwords", lab.directory / "audit.jsonl"
    command = [sys.executable, "-m", "gateway", "console", "passwd", "anna", "--stdin", "--passwords", str(passwords)]
    subprocess.run(command, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True)
    named = [argument for file in files for argument in ("-c", str(file))]
    process = start("console", ["console", *named, "--passwords", str(passwords), "--audit", str(audit), "--port", "0"])
    yield process.ready["url"]
    assert process.stop() == 0


def _config(lab, name, tier, province):
    """Write the configuration by which a gateway of the lab is found."""
    file = lab.directory / f"{name}.toml"
    file.write_text(
        f'[gateway]\nname = "{name}"\ntier = "{tier}"\nprovince = "{province}"\nport = {lab.ports[name]}\n'
        f'state_dir = "{lab.directory / name}"\n[admin]\nport = {lab.admin_ports[name]}\n[numbers]\nplan = "{etc_dir() / "numbers.toml"}"\n'
    )
    return file


def fault(lab, *words):
    """Set a fault at the national stubs, or clear all."""
    command = [sys.executable, "-m", "gateway", "stub", "fault", *words, "--url", f"http://127.0.0.1:{lab.stub_ports['group']}"]
    subprocess.run(command, check=True, capture_output=True)


def until(page, word, seconds=15.0):
    """Wait until a word stands on the page; gives the page's text."""
    end = time.monotonic() + seconds
    while word not in (seen := page.run("document.body ? document.body.innerText : ''")) and time.monotonic() < end:
        time.sleep(0.05)
    return seen


def fill(page, **fields):
    """Type into fields by name."""
    for name, text in fields.items():
        page.run(f"document.querySelector('main [name={name}]').value = {json.dumps(text)}")


def click(page, selector):
    page.run(f"document.querySelector({json.dumps(selector)}).click()")


@pytest.fixture(scope="module")
def story(lab, console, browser):
    """What was seen on the way: the search, the waiting ladder, the green one."""
    fault(lab, "set", "http-503", "role=xplatform")
    command = ["order", "place", "--number", NUMBER, "--offer", WEATHER, "--gateway", f"http://127.0.0.1:{lab.ports['jiangxi']}"]
    subprocess.run([sys.executable, "-m", "gateway", *command], check=True, capture_output=True)
    page = browser.open(console)
    fill(page, name="anna", password=PASSWORD)
    click(page, "main button")
    until(page, "Search")
    fill(page, q=NUMBER)
    click(page, "main form button")
    search = until(page, "189****0001")
    click(page, "main a[data-row]")
    waiting = until(page, "waits to try again")
    fault(lab, "clear")
    fill(page, why="X is back")
    click(page, "button[value=retry]")
    green = until(page, "completed")
    return page, search, waiting, green


def test_number_leads_to_the_order(story):
    """The number is typed into one box; the list shows it masked."""
    assert ("Orders 1" in story[1], NUMBER in story[1]) == (True, False)


def test_ladder_tells_why_it_waits(story):
    """The arrow to X tells its attempt, and when the next one is."""
    assert ("X platform 303" in story[2], "attempt 1, next" in story[2]) == (True, True)


def test_resumed_order_goes_green(story):
    """The ladder refreshes itself until the order is done."""
    assert story[3].count("completed") > 0


def test_audit_line_names_the_login(story):
    """Who resumed it, and why, stands on the page."""
    assert ("anna" in until(story[0], "X is back"), "tries at once" in story[0].seen()) == (True, True)


def test_pages_have_no_troubles(story, console, tmp_path):
    """No error of a script, no refusal by the policy, nothing from outside; each page is written to build/screens."""
    page, *_ = story
    order = page.run("location.pathname")
    SCREENS.mkdir(parents=True, exist_ok=True)
    small = []
    for language in ("en", "zh"):
        for name, path in (("search", f"/?q={NUMBER}"), ("order", order), ("fallout", "/fallout"), ("subscriber", f"/subscriber/{NUMBER}")):
            page.go(f"{console.rstrip('/')}/language?to={language}&back={quote(path)}")
            for width in (1280, 390):
                page.resize(width)
                if page.shot(SCREENS / f"{name}-{width}-{language}.png") < 0.005:
                    small.append(name)
    troubles = [text for text in page.troubles if "status of 401" not in text]  # the login page itself
    assert (troubles, small) == ([], [])
