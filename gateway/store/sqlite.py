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
from gateway.store.group_writer import Commit, GroupWriter
from gateway.store.promise import Promise
from gateway.store.sqlite_file import FileLock, open_reader, open_writer
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
        checkpoint_rows: int = CHECKPOINT_ROWS,
        now: Callable[[], float] = standing,
    ) -> None:
        """Open the file, or create it in an existing directory, and bring its schema up to date; raises StoreUnusable.

        `promise` makes what a commit hands out. `on_thread_result` is called in the writer thread, once for each
        transaction, with an act that settles promises; it has the act run in the caller's thread: in the gateway it is
        the reactor's way of calling from threads. `gather` has an act run in the caller's thread when that has done what it is
        at, as reactor.callFromThread does: commits submitted until then are handed to the writer in one go, which saves it
        and the reactor most of their waiting for each other. Without it each goes at once. `now` judges leases, in seconds.
        """
        path = Path(path)
        with ExitStack() as opened:
            lock = FileLock(path)
            opened.callback(lock.release)
            connection = open_writer(path)
            opened.callback(connection.close)
            reader = open_reader(path)
            opened.callback(reader.close)
            self._opened = opened.pop_all()
        super().__init__(reader, now)
        self._promise = promise
        self._gather = gather
        self._gathered: list[Commit[Write]] = []
        self._cache = CatalogueCache()
        self._checkpoints = Checkpoints(path, connection, every=checkpoint_rows)
        self._writer: GroupWriter[Write] = GroupWriter(
            connection,
            SqliteWrites(connection.cursor(), now).write,
            settle=on_thread_result,
            checkpoints=self._checkpoints,
        )

    @property
    def trouble(self) -> str:
        """SQLite's code, such as SQLITE_FULL, where the log cannot be folded into the database; else empty."""
        return self._checkpoints.trouble

    @property
    def working(self) -> bool:
        """Whether commits can be written; a gateway whose store is not working is not ready."""
        return not self._writer.ended and not self.trouble

    def close(self) -> None:
        """Write what was submitted, end the writer thread, let others have the file; later commits fail."""
        self._gather = None
        self._hand_over()
        self._writer.close()
        self._opened.close()

    def commit(self, writes: Sequence[Write]) -> Promise:
        """Submit a commit; commits are written in the order of these calls, awaited or not.

        When awaited, raises as the port says, and StoreFailed for whatever else kept it from the disk.
        """
        promise = self._promise()
        rows = tuple(writes)
        changes = [row for row in rows if isinstance(row, (CatalogueLoaded, ObjectSynced))]
        noted = _Noting(promise, partial(self._cache.note, changes)) if changes else promise
        self._gathered.append((noted, rows))
        if self._gather is None:
            self._hand_over()
        elif len(self._gathered) == 1:
            self._gather(self._hand_over)
        return promise

    def _hand_over(self) -> None:
        commits, self._gathered = self._gathered, []
        if commits:
            self._writer.submit_all(commits)

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
