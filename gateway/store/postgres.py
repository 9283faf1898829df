"""The store in a PostgreSQL database, which any number of processes share: a commit is on disk when its promise succeeds.

Knows no reactor. Reads run at once in the calling thread, on a connection of their own; all writes go through one writer thread
(group_writer.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.engine.ports import Write
from gateway.store.committing import Committing
from gateway.store.errors import StoreUnusable
from gateway.store.journal import Journal
from gateway.store.postgres_groups import PostgresGroups
from gateway.store.postgres_link import Lost, place
from gateway.store.postgres_links import Links
from gateway.store.postgres_reads import PostgresReads
from gateway.store.postgres_schema import prepare
from gateway.store.postgres_writes import PostgresWrites
from gateway.store.promise import Promise


class PostgresStore(PostgresReads):
    """The engine's store in a database. Open, use and close it in one thread."""

    def __init__(
        self,
        url: str,
        *,
        promise: Callable[[], Promise],
        on_thread_result: Callable[[Callable[[], None]], None],
        gather: Callable[[Callable[[], None]], None] | None = None,
        journal: Journal | None = None,
    ) -> None:
        """Connect, and bring the schema up to date; raises StoreUnusable. The database must exist, its tables are made if it is empty.

        The rest of the arguments is told at Committing.
        """
        prepare(url)
        links = Links(url)
        try:
            self._groups = PostgresGroups(links, PostgresWrites().calls)
        except Lost as lost:
            raise StoreUnusable(f"{place(url)} cannot be used: {lost}") from lost
        self._committing = Committing(
            self._groups, promise=promise, on_thread_result=on_thread_result, gather=gather, journal=journal
        )
        super().__init__(links, self._committing.wake)

    @property
    def trouble(self) -> str:
        """Why the database cannot be reached at present, else empty."""
        return self._links.trouble

    @property
    def working(self) -> bool:
        """Whether reads and commits can be done; a gateway whose store is not working is not ready."""
        return not self._committing.ended and self._links.is_open

    def close(self) -> None:
        """Write what was submitted, end the writer thread and the connections; later commits fail."""
        self._groups.give_up()
        self._committing.close()

    def commit(self, writes: Sequence[Write]) -> Promise:
        """Submit a commit; commits are written in the order of these calls, awaited or not.

        When awaited, raises as the port says, and StoreFailed for whatever else kept it from the disk.
        """
        return self._committing.commit(writes)

    def commit_late(self, writes: Callable[[], Sequence[Write]]) -> Promise:
        """Submit a commit whose rows are asked for at the end of this turn; else as `commit`."""
        return self._committing.commit_late(writes)
