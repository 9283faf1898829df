"""The console's few files: style, script, icon. Read once; whatever is asked for, no other file is opened."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.console.frame import ROOM

_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Static:
    """One file."""

    body: bytes
    kind: str


STATIC = {
    path.name: Static(path.read_bytes(), _KINDS[path.suffix])
    for path in sorted((ROOM / "static").iterdir())
    if path.suffix in _KINDS
}
