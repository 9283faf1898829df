"""The reactor is chosen once, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest


def test_install_gives_an_asyncio_reactor():
    """asyncio's reactor, on uvloop where it is installed, and the one that Twisted itself then finds."""
    program = (
        "import asyncio, importlib.util\nfrom gateway.runtime.reactor import install\nchosen = install()\n"
        "from twisted.internet import reactor\nname = type(chosen._asyncioEventloop).__module__.split('.')[0]\n"
        "wanted = 'uvloop' if importlib.util.find_spec('uvloop') else 'asyncio'\n"
        "print(type(chosen).__name__, chosen is reactor, name == wanted, install() is chosen)"
    )
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert ended.stdout == "AsyncioSelectorReactor True True True\n"


@pytest.mark.parametrize("module", ["gateway.cli.main", "gateway.app", "gateway.runtime.node"])
def test_importing_chooses_no_reactor(module):
    """What is imported before the choice must not make it."""
    program = f"import sys, {module}\nprint('twisted.internet.reactor' in sys.modules)"
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert ended.stdout == "False\n"


def test_events_of_sockets_go_without_the_context_of_twisteds_old_log():
    """It is set around each event, at the cost of a refusal; a Twisted that does it by another name shows here."""
    program = (
        "from twisted.internet import asyncioreactor\nbefore = asyncioreactor.callWithLogger.__module__\n"
        "from gateway.runtime.reactor import install\ninstall()\n"
        "print(before, asyncioreactor.callWithLogger.__module__, asyncioreactor.callWithLogger(None, max, 1, 2))"
    )
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert ended.stdout == "twisted.python.log gateway.runtime.reactor 2\n"
