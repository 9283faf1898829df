"""Folds the write-ahead log back into the database without holding up commits. Knows no table.

A checkpoint copies pages and waits for the disk twice. Under load the bulk of it runs in a thread and connection of
its own, beside the commits; the writer then folds the few pages that came meanwhile, after which SQLite begins the log
anew. When nobody commits, the writer does it all.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path


class Checkpoints:
    """Decides when to fold; all methods but `trouble` are called by the writer thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, every: int) -> None:
        """Fold after `every` changed rows; each dirties 1 to 4 pages of 4 KB, fewer in large groups."""
        self._path = path
        self._connection = connection
        self._every = every
        self._folded = connection.total_changes
        self._aside: threading.Thread | None = None
        self.trouble = ""
        """Why the last attempt failed, as SQLite's code. The log then grows; commits stay safe."""

    def wrote(self) -> None:
        """Begin or finish folding where it is time; called after each group."""
        if self._aside is None:
            if self._connection.total_changes - self._folded >= self._every:
                self._aside = threading.Thread(target=self._fold_aside, name="store-checkpoint", daemon=True)
                self._aside.start()
        elif not self._aside.is_alive():
            self._aside = None
            self._fold()

    def idle(self) -> None:
        """Fold what there is: nothing has been committed for a moment."""
        if self._aside is None and self._connection.total_changes != self._folded:
            self._fold()

    def close(self) -> None:
        """Wait for what runs aside. The rest of the log is folded when the last connection closes."""
        if self._aside is not None:
            self._aside.join()

    def _fold(self) -> None:
        self._folded = self._connection.total_changes
        self._checkpoint(self._connection)

    def _fold_aside(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            self._checkpoint(connection)
        finally:
            connection.close()

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self.trouble = ""
        except sqlite3.Error as error:  # a full disk, say: nothing is lost, the log keeps the pages
            self.trouble = error.sqlite_errorname
