"""Keeps every answer and every request that a gateway sends by SOAP, for the linter: active where VSOP_WSI_CAPTURE names a directory.

Python imports this file at the start of each process that has its directory on PYTHONPATH. Nothing of the gateway is imported here; what
writes messages is wrapped when the process imports it. Stubs are left out: they break rules when a test tells them to.
"""

from __future__ import annotations

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from io import FileIO
from types import ModuleType

_PLACE = os.environ.get("VSOP_WSI_CAPTURE")
_ANSWERS, _REQUESTS = "gateway.soap.http_message", "gateway.soap.http_client_connection"
_FILES: dict[int, FileIO] = {}


class _Watcher(MetaPathFinder):
    """Finds the modules that write messages as ever, and wraps them when they have been run."""

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname not in (_ANSWERS, _REQUESTS):
            return None
        spec = PathFinder.find_spec(fullname, path)  # type: ignore[arg-type]
        assert spec is not None
        assert spec.loader is not None
        run = spec.loader.exec_module

        def run_and_wrap(module: ModuleType) -> None:
            run(module)
            _wrap(module)

        spec.loader.exec_module = run_and_wrap  # type: ignore[method-assign]
        return spec


def _wrap(module: ModuleType) -> None:
    if module.__name__ == _ANSWERS:
        write = module.AnswerWriter.write

        def written(self: object, response: object, link: bytes) -> bytes:
            message: bytes = write(self, response, link)
            _keep(message)
            return message

        module.AnswerWriter.write = written
        return
    begin = module.Call.__init__

    def begun(self: object, message: bytes, *others: object) -> None:
        begin(self, message, *others)
        _keep(message)

    module.Call.__init__ = begun


def _keep(message: bytes) -> None:
    if "stub" not in sys.argv:
        file = _FILES.get(os.getpid())  # a forked process has a file of its own
        if file is None:
            file = _FILES[os.getpid()] = open(f"{_PLACE}/{os.getpid()}.http", "ab", buffering=0)  # noqa: SIM115  until the end
        file.write(message)


if _PLACE:
    sys.meta_path.insert(0, _Watcher())
