"""Spyne 2.14 on newer Pythons. What this interpreter does not need is tested by its parts; tox runs the rest on 3.12 and 3.13."""

from __future__ import annotations

import importlib
import subprocess
import sys
import types

import pytest

from gateway.soap import compat


def test_spyne_is_there_after_the_import() -> None:
    """Whoever imports compat first can import Spyne."""
    assert importlib.import_module("spyne").__version__.startswith("2.14")
    assert importlib.import_module("spyne.util.six.moves.urllib.parse").quote("ü") == "%C3%BC"


def test_room_prepares_spyne_by_itself() -> None:
    """Import order inside the modules is the sorter's; the package sees to it that Spyne loads on every Python."""
    code = "import gateway.soap, sys; print('gateway.soap.compat' in sys.modules, 'spyne' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True True\n"
    )


def test_prepare_may_be_called_again() -> None:
    """Each module of the room imports it."""
    before = list(sys.meta_path)
    compat.prepare()
    assert sys.meta_path == before


HEADERS = {
    "text/xml": ("text/xml", {}),
    "text/xml; charset=utf-8": ("text/xml", {"charset": "utf-8"}),
    'multipart/related; type="text/xml"; start="<a>"': ("multipart/related", {"type": "text/xml", "start": "<a>"}),
}


@pytest.mark.parametrize("line", HEADERS)
def test_header_is_parsed_as_cgi_did(line: str) -> None:
    """The one function of cgi that Spyne wants; Python 3.13 has no cgi."""
    assert compat._parse_header(line) == HEADERS[line]


class OldHook:
    """The import hook of six 1.14: no find_spec."""

    known_modules = {"six_moves_here": types.ModuleType("six_moves_here")}  # noqa: RUF012

    def load_module(self, name: str) -> types.ModuleType:
        return self.known_modules[name]


def test_old_hook_gets_find_spec() -> None:
    """A module that the hook knows is found, another is left to the next finder."""
    finder = compat._Finder(OldHook())
    found = finder.find_spec("six_moves_here")
    assert found is not None
    assert found.name == "six_moves_here"
    assert finder.find_spec("elsewhere") is None


def test_fresh_interpreter_serves_quietly() -> None:
    """Importing the endpoint in a new process works and prints nothing."""
    code = "import gateway.soap.endpoint, sys; print('ok', 'cgi' in sys.modules or sys.version_info < (3, 13))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("ok True\n", "")
