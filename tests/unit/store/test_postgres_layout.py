"""What of a group goes out in one statement, and what must not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from store_rows import ANN, BOB, NOON, done, intended, order, request, started

from gateway.domain.facts import OrderAccepted
from gateway.domain.numbers import Number
from gateway.engine.ports import Holding, SignalArrived, Write
from gateway.steps import Reply
from gateway.store.postgres_layout import Laid, together
from gateway.store.postgres_link import Encoded, encoded
from gateway.store.postgres_writes import LOCK_SUBJECT, PostgresWrites
from gateway.store.sql_owners import HOLD_RUN
from gateway.store.sql_rows import Statement
from gateway.store.sql_writes import END_INTENDED_STEP, INTEND_STEP


def calls(*rows: Write) -> list[tuple[Statement, Encoded]]:
    writes = PostgresWrites()
    return [(statement, encoded(values)) for row in rows for statement, values in writes.calls(row)]


def sizes(laid: Sequence[Laid], statement: Statement) -> list[int]:
    return [one.rows for one in laid if one.statement is statement]


def moves(count: int) -> Iterator[list[tuple[Statement, Encoded]]]:
    for number in range(count):
        yield calls(Holding(f"o{number}", 0), replace(done(run_id=f"o{number}"), intended=True))


def test_runs_that_move_share_statements() -> None:
    """Two commits of two statements each are two statements."""
    laid = together(list(moves(2)))
    assert [(one.statement, one.rows) for one in laid] == [(HOLD_RUN, 2), (END_INTENDED_STEP, 2)]


def test_rows_of_a_statement_are_a_power_of_two() -> None:
    """Few texts are prepared, however large the groups are."""
    assert sizes(together(list(moves(45))), HOLD_RUN) == [32, 8, 4, 1]


def test_commit_alone_is_laid_out_as_it_is() -> None:
    """It has nobody to share with."""
    laid = together(list(moves(1)))
    assert [one.text for one in laid] == [f"{HOLD_RUN.text} FOR NO KEY UPDATE", END_INTENDED_STEP.text]


def test_a_signal_stands_alone_and_last() -> None:
    """What looks at rows of others is written after them, as it was submitted."""
    signal = calls(SignalArrived("o9", "activate", Reply(NOON)))
    laid = together([signal, *moves(2)])
    assert [one.rows for one in laid] == [2, 2, *[1] * len(signal)]


def accept(run_id: str, serial: int, number: Number) -> list[tuple[Statement, Encoded]]:
    begun = replace(started(run_id, serial=serial), brings=False)
    return calls(request(run_id), begun, OrderAccepted(order(run_id, number=number)), replace(intended(run_id=run_id), seq=0))


def test_users_of_their_own_begin_together() -> None:
    """Each is locked before anything else is looked at, all in one statement."""
    laid = together([accept("o1", 1, ANN), accept("o2", 2, BOB)])
    assert (laid[0].statement, laid[0].rows) == (LOCK_SUBJECT, 2)
    assert sizes(laid, INTEND_STEP) == [2]


def test_second_order_of_a_user_waits_for_the_first() -> None:
    """Both judge the same user: the second one is written when the first one is whole."""
    laid = together([accept("o1", 1, ANN), accept("o2", 2, ANN), accept("o3", 3, BOB)])
    assert sizes(laid, INTEND_STEP) == [2, 1]
    assert laid[-1].statement is INTEND_STEP


def test_what_was_done_goes_before_what_begins() -> None:
    """A user whose order ends in the group can order in it."""
    laid = together([accept("o1", 1, ANN), accept("o2", 2, BOB), *moves(2)])
    assert laid[0].statement is HOLD_RUN


def test_steps_out_of_their_stages_stand_alone() -> None:
    """An intent before a reply is not what runs write: nothing is taken for granted."""
    rows = [(replace(intended(run_id=f"o{n}"), seq=0), replace(done(run_id=f"o{n}"), intended=True)) for n in range(2)]
    odd = [calls(*commit) for commit in rows]
    assert [one.rows for one in together(odd)] == [1, 1, 1, 1]
