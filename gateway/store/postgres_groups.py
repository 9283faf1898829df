"""Writes groups of commits to PostgreSQL. Knows no table but the marks of writers, and no thread.

All rows of a group go out together, their answers are looked at, then comes COMMIT. If a commit is refused, the transaction is rolled
back and written again with a savepoint for each commit; if another session's lock is in the way, each commit is written in a
transaction of its own, so that only those wait that must. A connection that is lost before COMMIT costs nothing: the group is written
again. One that is lost in COMMIT leaves the outcome open: the mark that each transaction leaves of itself tells, and nobody is told
anything before it has been read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from gateway.engine.ports import Write
from gateway.store.errors import StoreFailed
from gateway.store.group_writer import UNFIT, Outcome, failure
from gateway.store.postgres_layout import Laid, together
from gateway.store.postgres_link import Answer, Encoded, Lost, encoded
from gateway.store.postgres_links import Links
from gateway.store.sql_rows import Call, Statement

T = TypeVar("T")

PING = 1.0
"""Seconds without a commit after which the server is asked whether it is still there."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between attempts to reach a server that is gone; each pause is twice the last one."""

CLASHES = ("40001", "40P01")
"""Serialisation failure and deadlock: what was to be written may be written a moment later."""

TRIES = 4
"""How often a commit that clashes is written before its caller is told: once and three times more."""

IN_THE_WAY = (*CLASHES, "55P03", "57014", "53200")
"""Other sessions are in the way: also a lock or a statement that took too long, or no room for more locks."""

KEY_TAKEN = "23505"

NO_WRITES = "25006"
"""The server has become a standby, or its owner has closed it to writes."""

_MARK = "INSERT INTO writers (id, mark) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET "
MARK = _MARK + "mark = excluded.mark, at = now()"
READ_MARK = _MARK + "at = now() RETURNING mark"
"""Waits for the transaction that may still be writing the mark."""
NEW_WRITER = "SELECT nextval('writer_ids')"
FORGET_WRITERS = "DELETE FROM writers WHERE at < now() - interval '1 day'"

Said = tuple[str, Encoded]
"""A statement beside those of rows."""

BEGIN, COMMIT, ROLLBACK, SAVE, BACK, RELEASE, ASK = (
    (text, ())
    for text in (
        "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT one", "ROLLBACK TO SAVEPOINT one", "RELEASE SAVEPOINT one", "SELECT 1",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """A commit as statements; `unfit` is what is wrong with the row after them."""

    calls: Sequence[tuple[Statement, Encoded]]
    unfit: Outcome


class Refused(Exception):
    """A transaction or a savepoint was refused, and why; `code` is PostgreSQL's."""

    def __init__(self, outcome: Exception, code: str = "") -> None:
        super().__init__(code)
        self.outcome = outcome
        self.code = code


class PostgresGroups:
    """Writes through `links`; `calls` gives the statements of a row."""

    idle_after = PING
    elsewhere = True

    def __init__(self, links: Links, calls: Callable[[Write], Iterator[Call]]) -> None:
        """Connect; raises Lost."""
        self._links = links
        self._calls = calls
        self._mark = 0
        self._pause = FIRST_PAUSE
        self._try_at = 0.0
        self._closing = threading.Event()
        links.open()
        new, _ = links.exchange([(NEW_WRITER, ()), (FORGET_WRITERS, ())])
        self._id: int = new.rows[0][0]

    def give_up(self) -> None:
        """Wait for no server any more: the store is about to close. May be called from any thread."""
        self._closing.set()

    def close(self) -> None:
        """End the connections."""
        self._links.close()

    def wrote(self) -> None:
        """There is nothing to do."""

    def idle(self) -> float:
        """Look whether the server is there, and open again what was lost."""
        try:
            self._reach()
            self._links.exchange([ASK])
        except Lost:
            return max(self._try_at - time.monotonic(), FIRST_PAUSE)
        return PING

    # ---- groups ------------------------------------------------------------------------------------------------------

    def write(self, group: Sequence[Sequence[Write]]) -> Sequence[Outcome]:
        """Write a group; a server that cannot be reached fails its commits, not the thread."""
        plans = [self._plan(rows) for rows in group]
        try:
            return self._once_more(partial(self._write_all, plans))
        except Lost as lost:
            return [failure("the database cannot be reached", lost) for _ in plans]
        except StoreFailed as unknown:
            return [unknown for _ in plans]

    def _plan(self, rows: Iterable[Write]) -> Plan:
        calls: list[tuple[Statement, Encoded]] = []
        try:
            for row in rows:
                calls += [(statement, encoded(values)) for statement, values in self._calls(row)]
        except UNFIT as error:
            return Plan(calls, failure("a row was not written", error))
        return Plan(calls, None)

    def _write_all(self, plans: Sequence[Plan]) -> Sequence[Outcome]:
        try:
            self._transaction(partial(self._together, plans))
        except Refused as refused:
            if refused.code in IN_THE_WAY:
                return [self._alone(plan) for plan in plans]
            if len(plans) == 1:
                return [refused.outcome]
        else:
            return [None] * len(plans)
        outcomes: list[Outcome] = []
        try:
            self._transaction(partial(self._apart, plans, outcomes))
        except Refused:
            return [self._alone(plan) for plan in plans]
        return outcomes

    def _alone(self, plan: Plan) -> Outcome:
        """Write one commit in a transaction of its own."""
        outcome: Outcome = None
        try:
            for _ in range(TRIES):
                try:
                    self._once_more(partial(self._transaction, partial(self._together, [plan])))
                except Refused as refused:
                    outcome = refused.outcome
                    if refused.code not in CLASHES:
                        break
                else:
                    return None
        except Lost as lost:
            return failure("the database cannot be reached", lost)
        except StoreFailed as unknown:
            return unknown
        return outcome

    # ---- one transaction ---------------------------------------------------------------------------------------------

    def _transaction(self, write: Callable[[Sequence[Said]], None]) -> None:
        """Begin, write, commit; raises Refused and Lost, and then has written nothing. `write` is given how to begin."""
        self._mark += 1
        try:
            write((BEGIN, (MARK, encoded((self._id, self._mark)))))
        except Refused as refused:
            if refused.code == NO_WRITES:
                self._links.lose("the server takes no writes")
                raise Lost("the server takes no writes") from refused
            self._links.exchange([ROLLBACK])
            raise
        try:
            (answer,) = self._links.exchange([COMMIT])
        except Lost:
            if not self._was_written():
                raise
        else:
            _must_work([answer])

    def _together(self, plans: Sequence[Plan], first: Sequence[Said]) -> None:
        """Write commits that are expected to be written all."""
        laid = together([plan.calls for plan in plans])
        answers = self._links.exchange([*first, *((one.text, one.values) for one in laid)])
        _must_work(answers[: len(first)])
        _judge(laid, answers[len(first) :])
        for plan in plans:
            if plan.unfit is not None:
                raise Refused(plan.unfit)

    def _apart(self, plans: Sequence[Plan], outcomes: list[Outcome], first: Sequence[Said]) -> None:
        """Write commits of which some are refused; raises Refused where all must be written again."""
        for plan in plans:
            try:
                self._together([plan], (*first, SAVE))
            except Refused as refused:
                if refused.code in IN_THE_WAY:
                    raise
                outcomes.append(refused.outcome)
                first = BACK, RELEASE
            else:
                outcomes.append(None)
                first = (RELEASE,)
        _must_work(self._links.exchange(first))

    # ---- a server that is gone ---------------------------------------------------------------------------------------

    def _once_more(self, act: Callable[[], T]) -> T:
        """Act, and once more on a new connection if the present one is lost before anything was written."""
        was_open = self._links.is_open
        self._reach()
        try:
            return act()
        except Lost:
            if not was_open:
                raise
            self._reach()
            return act()

    def _reach(self) -> None:
        """Open what is not open; raises Lost, at once while the pause after the last attempt is not over."""
        if self._links.is_open:
            return
        if time.monotonic() < self._try_at:
            raise Lost(self._links.trouble)
        try:
            self._links.open()
        except Lost:
            self._try_at = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            raise
        self._pause = FIRST_PAUSE

    def _was_written(self) -> bool:
        """Whether the transaction of the present mark is on disk. Waits for the server as long as the store is open."""
        while not self._closing.wait(self._pause):
            try:
                self._links.open()
                (answer,) = self._links.exchange([(READ_MARK, encoded((self._id, 0)))])
            except Lost:
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
            else:
                if not answer.code:  # else the old transaction is still being ended
                    self._pause = FIRST_PAUSE
                    return bool(answer.rows[0][0] == self._mark)
        raise StoreFailed("the store was closed before it was known whether the last commits were written")


def _must_work(answers: Iterable[Answer]) -> None:
    for answer in answers:
        if answer.code:
            raise Refused(_failure("the transaction was not written", answer.code), answer.code)


def _judge(laid: Sequence[Laid], answers: Sequence[Answer]) -> None:
    """Raise Refused for the first statement that was refused, or whose rows were not what was expected."""
    for (statement, _, _, rows), answer in zip(laid, answers, strict=True):
        if answer.code == KEY_TAKEN and statement.taken is not None:
            raise Refused(statement.taken(), answer.code)
        if answer.code:
            raise Refused(_failure("a row was not written", answer.code), answer.code)
        if statement.missed is not None and answer.changed < rows:
            raise Refused(statement.missed())
        if statement.found is not None and answer.changed > 0:
            raise Refused(statement.found())


def _failure(what: str, code: str) -> StoreFailed:
    return StoreFailed(f"{what}: SQLSTATE {code}")
