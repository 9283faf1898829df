"""Spyne 2.14 on Python 3.12 and later; import this before Spyne. Delete it when Spyne releases with a newer six.

Spyne carries six 1.14, whose import hook lacks find_spec (needed from 3.12 on), and imports cgi (gone in 3.13) for one function.
"""

from __future__ import annotations

import importlib.util
import sys
import types
import warnings
from email.message import Message as EmailMessage
from importlib.machinery import ModuleSpec
from typing import Any


def _parse_header(line: str) -> tuple[str, dict[str, str]]:
    message = EmailMessage()
    message["content-type"] = line
    params = message.get_params(header="content-type", failobj=[])
    return (params[0][0] if params else ""), dict(params[1:])


class _Finder:
    """Gives the hook of an old six the method that new Pythons call."""

    def __init__(self, old: Any) -> None:
        self._old = old

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self._old) if name in self._old.known_modules else None


def prepare() -> None:
    """Make `import spyne` work; idempotent."""
    if sys.version_info >= (3, 13) and "cgi" not in sys.modules:
        cgi = types.ModuleType("cgi")
        cgi.parse_header = _parse_header  # type: ignore[attr-defined]
        sys.modules["cgi"] = cgi
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if sys.version_info >= (3, 12):
            _load_six()
        import spyne  # noqa: F401, PLC0415  the import is what is prepared


def _load_six() -> None:
    if "spyne.util.six" in sys.modules:
        return
    spec = importlib.util.find_spec("spyne")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("spyne is not installed")
    path = f"{spec.submodule_search_locations[0]}/util/six.py"
    six_spec = importlib.util.spec_from_file_location("spyne.util.six", path)
    assert six_spec is not None
    assert six_spec.loader is not None
    six = importlib.util.module_from_spec(six_spec)
    sys.modules["spyne.util.six"] = six
    six_spec.loader.exec_module(six)
    old = six._importer
    old._add_module  # noqa: B018  fails loudly if six changes shape
    sys.meta_path[:] = [hook for hook in sys.meta_path if hook is not old]
    sys.meta_path.append(_Finder(old))


prepare()
