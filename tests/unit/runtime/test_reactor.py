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
