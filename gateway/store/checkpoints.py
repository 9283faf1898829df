"""Folds the write-ahead log back into the database without holding up commits. Knows no table.

A checkpoint copies pages and waits for the disk twice. Under load the bulk of it runs in a thread and connection of
its own, beside the commits; the writer then folds the few pages that came meanwhile, after which SQLite begins the log
anew. When nobody commits, the writer does it all.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

GROUP_WEIGHT = 8
"""What a transaction adds to the log beside its rows, in rows: index pages, which small groups share little."""


class Checkpoints:
    """Decides when to fold; all methods but `trouble` are called by the writer thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, every: int) -> None:
        """Fold after `every` changed rows or so: at the store's setting some 10 to 20 MB of log."""
        self._path = path
        self._connection = connection
        self._every = every
        self._folded = connection.total_changes
        self._groups = 0
        self._aside: threading.Thread | None = None
        self.trouble = ""
        """Why the last attempt failed, as SQLite's code. The log then grows; commits stay safe."""

    def wrote(self) -> None:
        """Begin or finish folding where it is time; called after each group."""
        self._groups += 1
        if self._aside is None:
            rows = self._connection.total_changes - self._folded
            if rows + self._groups * GROUP_WEIGHT >= self._every:
                self._aside = threading.Thread(target=self._fold_aside, name="store-checkpoint", daemon=True)
                self._aside.start()
        elif not self._aside.is_alive():
            self._aside = None
            self._fold()

    def idle(self) -> None:
        """Fold what there is, or try again what failed: nothing has been committed for a moment."""
        if (self._groups or self.trouble) and self._aside is None:
            self._fold()

    def close(self) -> None:
        """Wait for what runs aside. The rest of the log is folded when the last connection closes."""
        if self._aside is not None:
            self._aside.join()

    def _fold(self) -> None:
        self._folded, self._groups = self._connection.total_changes, 0
        with self._noting_trouble():
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _fold_aside(self) -> None:
        with self._noting_trouble(), closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    @contextmanager
    def _noting_trouble(self) -> Iterator[None]:
        """A full disk, say, loses nothing: the log keeps the pages, and the next attempt comes."""
        try:
            yield
        except sqlite3.Error as error:
            self.trouble = error.sqlite_errorname
        else:
            self.trouble = ""
