"""The store in one SQLite file: a commit is on disk when its promise succeeds. Knows no reactor.

Reads run at once in the calling thread, on a connection of their own; all writes go through one writer thread
(group_writer.py).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from gateway.domain.catalogue import Catalogue
from gateway.engine.ports import CatalogueLoaded, ObjectSynced, Write
from gateway.store.catalogue_cache import CatalogueCache
from gateway.store.checkpoints import Checkpoints
from gateway.store.committing import Committing
from gateway.store.journal import Journal
from gateway.store.promise import Promise
from gateway.store.sqlite_file import FileLock, open_reader, open_writer
from gateway.store.sqlite_groups import SqliteGroups
from gateway.store.sqlite_reads import SqliteReads
from gateway.store.sqlite_writes import SqliteWrites
from gateway.store.times import standing

CHECKPOINT_ROWS = 8000
"""Changed rows after which the log is folded into the database."""


class SqliteStore(SqliteReads):
    """The engine's store in a file. Open, use and close it in one thread."""

    def __init__(
        self,
        path: str | Path,
        *,
        promise: Callable[[], Promise],
        on_thread_result: Callable[[Callable[[], None]], None],
        gather: Callable[[Callable[[], None]], None] | None = None,
        journal: Journal | None = None,
        checkpoint_rows: int = CHECKPOINT_ROWS,
        now: Callable[[], float] = standing,
    ) -> None:
        """Open the file, or create it in an existing directory, and bring its schema up to date; raises StoreUnusable.

        Leases are judged by `now`, in seconds. The rest of the arguments is told at Committing.
        """
        path = Path(path)
        with ExitStack() as opened:
            lock = FileLock(path)
            opened.callback(lock.release)
            connection = open_writer(path, now)
            opened.callback(connection.close)
            reader = open_reader(path, now)
            opened.callback(reader.close)
            lock.opened()
            self._opened = opened.pop_all()
        super().__init__(reader)
        self._cache = CatalogueCache()
        self._checkpoints = Checkpoints(path, connection, every=checkpoint_rows)
        self._groups = SqliteGroups(connection, SqliteWrites(connection.cursor()).write, self._checkpoints)
        self._committing = Committing(
            self._groups, promise=promise, on_thread_result=on_thread_result, gather=gather, journal=journal
        )

    @property
    def trouble(self) -> str:
        """SQLite's code, such as SQLITE_FULL, where commits cannot be written, or the log not folded into the database; else empty."""
        return self._groups.trouble or self._checkpoints.trouble

    @property
    def working(self) -> bool:
        """Whether commits can be written; a gateway whose store is not working is not ready."""
        return not self._committing.ended and not self.trouble

    def close(self) -> None:
        """Write what was submitted, end the writer thread, let others have the file; later commits fail."""
        self._committing.close()
        self._opened.close()

    def commit(self, writes: Sequence[Write]) -> Promise:
        """Submit a commit; commits are written in the order of these calls, awaited or not.

        When awaited, raises as the port says, and StoreFailed for whatever else kept it from the disk.
        """
        changes = [row for row in writes if isinstance(row, (CatalogueLoaded, ObjectSynced))]
        if not changes:
            return self._committing.commit(writes)
        return self._committing.commit(writes, lambda promise: _Noting(promise, partial(self._cache.note, changes)))

    def commit_late(self, writes: Callable[[], Sequence[Write]]) -> Promise:
        """Submit a commit whose rows are asked for at the end of this turn; else as `commit`."""
        return self._committing.commit_late(writes)

    async def catalogue(self) -> Catalogue:
        """Give the whole catalogue; decoded once after each load, and kept in step with what is synchronised."""
        found = self._cache.present()
        if found is None:
            found = await super().catalogue()
            self._cache.keep(found)
        return found


class _Noting:
    """The promise of a commit that changes the catalogue: whoever goes on after it sees the new one."""

    def __init__(self, promise: Promise, note: Callable[[], None]) -> None:
        self._promise = promise
        self._note = note

    def succeed(self) -> None:
        self._note()
        self._promise.succeed()

    def fail(self, error: Exception) -> None:
        self._promise.fail(error)

    def __await__(self) -> Generator[Any, Any, None]:
        return self._promise.__await__()
