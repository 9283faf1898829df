"""How both databases take commits: gathered while the caller is at work, then handed to the writer thread. Knows no database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.engine.ports import Write
from gateway.store.group_writer import Commit, Groups, GroupWriter
from gateway.store.journal import Journal
from gateway.store.promise import Promise


class Committing:
    """Takes commits in the caller's thread, in which it also gathers them."""

    def __init__(
        self,
        groups: Groups[Write],
        *,
        promise: Callable[[], Promise],
        on_thread_result: Callable[[Callable[[], None]], None],
        gather: Callable[[Callable[[], None]], None] | None = None,
        journal: Journal | None = None,
    ) -> None:
        """Start the writer thread.

        `promise` makes what a commit hands out. `on_thread_result` is called in the writer thread, once for each
        transaction, with an act that settles promises; it has the act run in the caller's thread: in the gateway it is
        the reactor's way of calling from threads. `gather` has an act run in the caller's thread when that has done what it is
        at, as reactor.callFromThread does: commits submitted until then are handed to the writer in one go, which saves it
        and the reactor most of their waiting for each other. Without it each goes at once. `journal` counts the groups.
        """
        self._promise = promise
        self._gather = gather
        self._gathered: list[Commit[Write]] = []
        self._late: list[tuple[Promise, Callable[[], Sequence[Write]]]] = []
        self._writer = GroupWriter(groups, settle=on_thread_result, journal=journal)

    @property
    def ended(self) -> bool:
        """Whether nothing can be written any more."""
        return self._writer.ended

    def wake(self) -> None:
        """Have the writer look after its database soon."""
        self._writer.wake()

    def close(self) -> None:
        """Write what was submitted and end the writer thread; later commits fail."""
        self._gather = None
        self._hand_over()
        self._writer.close()

    def commit(self, writes: Sequence[Write], settled: Callable[[Promise], Promise] | None = None) -> Promise:
        """Submit a commit; commits are written in the order of these calls, awaited or not.

        When awaited, raises as the port says, and StoreFailed for whatever else kept it from the disk. `settled` may put a promise of
        its own before the caller's.
        """
        promise = self._promise()
        self._gathered.append((promise if settled is None else settled(promise), tuple(writes)))
        self._hand_over_soon()
        return promise

    def commit_late(self, writes: Callable[[], Sequence[Write]]) -> Promise:
        """Submit a commit whose rows are asked for when it is handed over: before all commits that were gathered meanwhile."""
        promise = self._promise()
        self._late.append((promise, writes))
        self._hand_over_soon()
        return promise

    def _hand_over_soon(self) -> None:
        if self._gather is None:
            self._hand_over()
        elif len(self._gathered) + len(self._late) == 1:
            self._gather(self._hand_over)

    def _hand_over(self) -> None:
        late, self._late = self._late, []
        commits, self._gathered = self._gathered, []
        if late:
            commits = [*((promise, tuple(writes())) for promise, writes in late), *commits]
        if commits:
            self._writer.submit_all(commits)
