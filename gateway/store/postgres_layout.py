"""Lays out a group's statements for PostgreSQL: those that commits of different runs have in common become one for many rows.

A statement costs the server more than its row does. Three parts, as if their commits had been submitted so: those that move runs along
and judge nothing else, then those that begin something and judge subjects of which each locks its own, both side by side; then the
others, each as it was submitted.
Knows no connection and no transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from gateway.store.postgres_link import Encoded
from gateway.store.postgres_writes import LOCK_SUBJECT
from gateway.store.sql_rows import Many, Statement

MOST_ROWS = 32
"""Rows of one statement. It has a power of two of them, so that few texts are prepared."""

Calls = Sequence[tuple[Statement, Encoded]]


class Laid(NamedTuple):
    """One statement as it is sent, for so many rows."""

    statement: Statement
    text: str
    values: Encoded
    rows: int = 1


def apart(calls: Calls) -> list[Laid]:
    """Lay out statements one by one."""
    return [Laid(statement, _text(statement), values) for statement, values in calls]


def together(commits: Sequence[Calls]) -> list[Laid]:
    """Lay out commits that are expected to be written all."""
    if len(commits) == 1:
        return apart(commits[0])
    moving: list[Calls] = []
    beginning: list[Calls] = []
    others: list[Laid] = []
    locked: set[bytes | None] = set()
    for calls in commits:
        ordered, subjects = _locks_first(calls)
        if not _can_share(ordered):
            others += apart(calls)
        elif not subjects:
            moving.append(ordered)
        elif locked.isdisjoint(subjects):
            locked |= subjects
            beginning.append(ordered)
        else:  # another one of the group judges the same user: it must be written whole before this one looks
            others += apart(calls)
    return [*_shared(moving), *_shared(beginning), *others]


def _locks_first(calls: Calls) -> tuple[Calls, set[bytes | None]]:
    """Have each subject locked once, before all else."""
    subjects = {values[0]: values for statement, values in calls if statement is LOCK_SUBJECT}
    if not subjects:
        return calls, set()
    rest = [call for call in calls if call[0] is not LOCK_SUBJECT]
    return [*((LOCK_SUBJECT, values) for values in subjects.values()), *rest], set(subjects)


def _can_share(calls: Calls) -> bool:
    stage = 0
    for statement, _ in calls:
        many = statement.many
        if many is None or many.stage < stage:
            return False
        stage = many.stage
    return True


def _shared(commits: Sequence[Calls]) -> Iterator[Laid]:
    """Lay out commits side by side, stage by stage."""
    rows: dict[Statement, list[Encoded]] = {}
    for calls in commits:
        for statement, values in calls:
            rows.setdefault(statement, []).append(values)
    for statement in sorted(rows, key=_stage):
        yield from _in_powers(statement, rows[statement])


def _stage(statement: Statement) -> int:
    assert statement.many is not None
    return statement.many.stage


def _in_powers(statement: Statement, rows: Sequence[Encoded]) -> Iterator[Laid]:
    assert statement.many is not None
    done = 0
    while done < len(rows):
        count = min(MOST_ROWS, 1 << ((len(rows) - done).bit_length() - 1))
        if count == 1:
            yield Laid(statement, _text(statement), rows[done])
        else:
            values = [value for row in rows[done : done + count] for value in row]
            yield Laid(statement, _many_text(statement.many, count), values, count)
        done += count


@lru_cache(maxsize=256)
def _many_text(many: Many, count: int) -> str:
    return many.before + ", ".join([many.row] * count) + many.after


def _text(statement: Statement) -> str:
    return statement.text + " FOR NO KEY UPDATE" if statement.locks else statement.text
