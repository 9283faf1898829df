"""Lays out a group's statements for PostgreSQL: those that commits of different runs have in common become one for many rows.

A statement costs the server more than its row does. Only commits are put together that move runs along and judge nothing else
(`Statement.many`): they can be written in any order, so they go first, side by side; the others follow, each as it was submitted.
Knows no connection and no transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from gateway.store.postgres_link import Encoded
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
    shared: dict[int, dict[Statement, list[Encoded]]] = {}
    others: list[Laid] = []
    for calls in commits:
        if _moves_a_run(calls):
            for statement, values in calls:
                assert statement.many is not None
                shared.setdefault(statement.many.stage, {}).setdefault(statement, []).append(values)
        else:
            others += apart(calls)
    first = [laid for stage in sorted(shared) for statement, rows in shared[stage].items() for laid in _in_powers(statement, rows)]
    return first + others


def _moves_a_run(calls: Calls) -> bool:
    stage = 0
    for statement, _ in calls:
        many = statement.many
        if many is None or many.stage < stage:
            return False
        stage = many.stage
    return True


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
