"""The two connections of a store: the writer thread's, and the one for reads, which it opens and the caller's thread uses.

A store is down from the first sign that one of them does not work until the writer thread has opened both again: until then reads
fail at once, so that the caller's thread hangs on a dead server once at most, never for each read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from gateway.store.postgres_link import Answer, Encoded, Link, Lost

LOCK_MS = 200
"""How long a statement of a group waits for a lock of another session; the group is then written commit by commit."""

STATEMENT_MS = 2000
"""Longest statement."""

IDLE_TRANSACTION_MS = 5000
"""After which the server ends the transaction of a process that has gone silent, and frees its locks."""

BY_INDEX = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""All that is written is found by a key: a plan that was made while a table was small must do when it is large, and is made once."""

WRITER: dict[str, str | int] = {
    "lock_timeout": LOCK_MS, "statement_timeout": STATEMENT_MS, "idle_in_transaction_session_timeout": IDLE_TRANSACTION_MS,
    "default_transaction_isolation": "read\\ committed", "jit": "off", **BY_INDEX,
}  # fmt: skip
READER: dict[str, str | int] = {
    "lock_timeout": LOCK_MS, "statement_timeout": STATEMENT_MS, "default_transaction_read_only": "on",
    "default_transaction_isolation": "repeatable\\ read", "jit": "off",
}  # fmt: skip

_ON_DISK = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
"""A server may be set not to wait for its disk; for this store it must. Stricter settings stay."""
_STANDBY = "SELECT 1 WHERE pg_is_in_recovery()"


class Links:
    """Opens connections; all but `reader`, `lose_reader` and what can be asked belongs to the writer thread."""

    def __init__(self, url: str) -> None:
        self._writer_link = partial(Link, url, **WRITER)
        self._reader_link = partial(Link, url, **READER)
        self._writer: Link | None = None
        self.reader: Link | None = None
        """What reads use; None while the store is down."""
        self._reason = ""
        """Why the last connection was lost."""

    @property
    def is_open(self) -> bool:
        """Whether both connections are there."""
        return self._writer is not None and self.reader is not None

    @property
    def trouble(self) -> str:
        """Why the store is down, or empty."""
        return "" if self.is_open else self._reason or "the connection is gone"

    def open(self) -> None:
        """Open what is not open; raises Lost."""
        try:
            if self._writer is None:
                self._writer = self._writer_link()
                _, standby = self._writer.exchange([(_ON_DISK, ()), (_STANDBY, ())])
                if standby.rows:
                    raise Lost("the server takes no writes")
            if self.reader is None:
                self.reader = self._reader_link()
        except Lost as lost:
            self.lose(str(lost))
            raise

    def exchange(self, calls: Sequence[tuple[str, Encoded]]) -> list[Answer]:
        """Run statements on the writer's connection, which must be open; raises Lost."""
        if self._writer is None:
            raise Lost(self.trouble)
        try:
            return self._writer.exchange(calls)
        except Lost as lost:
            self.lose(str(lost))
            raise

    def lose(self, reason: str) -> None:
        """Give up both connections. The reader is not closed: another thread may be using it, and closes what has failed it."""
        self._reason = reason
        self.reader = None
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def lose_reader(self, link: Link, reason: str) -> None:
        """Say that a read has failed; called by the reading thread."""
        link.close()
        self._reason = reason
        if self.reader is link:
            self.reader = None

    def close(self) -> None:
        """End both connections; no thread uses them any more."""
        reader = self.reader
        self.lose("the store is closed")
        if reader is not None:
            reader.close()
