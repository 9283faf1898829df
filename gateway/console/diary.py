"""The console's own audit file: who logged in, who was refused, who did what. A line of JSON each; knows no page."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from gateway.ladders.showing import plain


class Diary:
    """Adds lines; the file is its owner's alone. Whoever cannot write here serves nobody: OSError goes up at the start."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._now = now

    def add(self, act: str, who: str, *, address: str = "", about: str = "") -> None:
        """Write down one act, in one write: lines of two processes do not mix."""
        row = {"at": self._now().isoformat(timespec="milliseconds"), "act": act, "who": plain(who)[:64], "address": address, "about": about}
        os.write(self._file, msgspec.json.encode(row) + b"\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
