"""The thread that masks and writes: requests wait for neither. What it cannot keep up with is dropped and counted.

A full disk, or any other trouble with the file, ends the capture and nothing else.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.capture.files import Files
from gateway.capture.record import Direction, Record, write_line

FLUSH_SECONDS: Final = 0.25
_BATCH: Final = 8
"""Records between two writes: each lets the other thread run, so that requests do not wait for a long batch to be masked."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One exchange as it passed. `ms` is from the request to the answer; `status` 0 with an `error` where none came."""

    at: datetime
    direction: Direction
    path: str
    partner: str
    request: bytes
    request_type: str
    action: str
    status: int
    answer: bytes
    answer_type: str
    error: str
    ms: float


class Writer:
    """Writes one start of a capture."""

    def __init__(
        self, files: Files, record: Callable[[Taken], Record | None], *, most_bytes: int, failed: Callable[[OSError], None]
    ) -> None:
        """`record` gives what is written of an exchange, None for what is not wanted. `most_bytes` wait at most.

        `failed` is called in the thread, once, when the file cannot be written.
        """
        self._files = files
        self._record = record
        self._most_bytes = most_bytes
        self._failed = failed
        self._queue: deque[Taken] = deque()
        self._waiting = 0
        self._done = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self.written = 0
        self.lost = 0
        """Dropped, because this thread could not keep up, or the file could not be written."""

    def start(self) -> None:
        """Make the file and begin; raises OSError."""
        self._files.begin()
        self._thread.start()

    def put(self, taken: Taken) -> None:
        """Take one exchange; called by the reactor's thread alone."""
        size = len(taken.request) + len(taken.answer)
        if self._waiting - self._done + size > self._most_bytes:
            self.lost += 1
            return
        self._waiting += size
        self._queue.append(taken)

    def stop(self) -> None:
        """Write what waits, then end; waits for it."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ending.wait(FLUSH_SECONDS):
                self._drain()
            self._drain()
        except OSError as error:
            self.lost += len(self._queue)
            self._queue.clear()
            self._failed(error)
        finally:
            self._files.close()

    def _drain(self) -> None:
        while self._queue:
            lines, count = [], 0
            while self._queue and count < _BATCH:
                taken = self._queue.popleft()
                self._done += len(taken.request) + len(taken.answer)
                count += 1
                record = self._record(taken)
                if record is not None:
                    lines.append(write_line(record))
            if lines:
                try:
                    self._files.append(b"".join(lines))
                except OSError:
                    self.lost += len(lines)
                    raise
                self.written += len(lines)
