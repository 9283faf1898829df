"""The files of a capture: appended to, begun anew when one is full, the oldest removed when there are too many.

Only their owner may read them. Must not know what a line holds.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Files:
    """The files of one start of a capture: NAME-0001.jsonl and on. `most_bytes` of one, `most_files` are kept."""

    directory: Path
    name: str
    heading: Callable[[], bytes]
    most_bytes: int
    most_files: int
    path: Path | None = field(default=None, init=False)
    _descriptor: int = field(default=-1, init=False)
    _size: int = field(default=0, init=False)
    _count: int = field(default=0, init=False)

    def begin(self) -> None:
        """Make the first file; raises OSError."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._next()

    def append(self, lines: bytes) -> None:
        """Write whole lines; raises OSError, and then takes back what was written of them."""
        if self._size >= self.most_bytes:
            self._next()
        written = 0
        try:
            while written < len(lines):
                written += os.write(self._descriptor, lines[written:])
        except OSError:
            os.ftruncate(self._descriptor, self._size)  # a file ends with a whole line, also on a full disk
            raise
        self._size += written

    def close(self) -> None:
        """Close the file that is open; once is enough, twice does no harm."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def _next(self) -> None:
        self.close()
        self._count += 1
        self.path = self._numbered(self._count)
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
        self._size = 0
        self.append(self.heading())
        if self._count > self.most_files:
            self._numbered(self._count - self.most_files).unlink(missing_ok=True)

    def _numbered(self, count: int) -> Path:
        return self.directory / f"{self.name}-{count:04d}.jsonl"
