"""Keeps every answer that a gateway's SOAP server writes, for the linter: active where VSOP_WSI_CAPTURE names a directory.

Python imports this file at the start of each process that has its directory on PYTHONPATH. Nothing of the gateway is imported here; what
writes answers is wrapped when the process imports it. Stubs are left out: they break rules when a test tells them to.
"""

from __future__ import annotations

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_PLACE = os.environ.get("VSOP_WSI_CAPTURE")
_MODULE = "gateway.soap.http_message"


class _Watcher(MetaPathFinder):
    """Finds one module as ever, and wraps it when it has been run."""

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != _MODULE:
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
    write = module.AnswerWriter.write
    files: dict[int, object] = {}

    def kept(self: object, response: object, link: bytes) -> bytes:
        message: bytes = write(self, response, link)
        if "stub" not in sys.argv:
            file = files.get(os.getpid())  # a forked process has a file of its own
            if file is None:
                file = files[os.getpid()] = open(f"{_PLACE}/{os.getpid()}.http", "ab", buffering=0)  # noqa: SIM115  until the end
            file.write(message)  # type: ignore[attr-defined]
        return message

    module.AnswerWriter.write = kept


if _PLACE:
    sys.meta_path.insert(0, _Watcher())
