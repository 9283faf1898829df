"""What a set keeps is bounded: the newest messages and numbers; ledgers keep all that was done."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock

from stubs.kit.answered import AnsweredTable
from stubs.kit.journal import Direction, RequestJournal


def test_the_journal_forgets_the_oldest(scene: Any) -> None:
    """Numbers go on counting, so that a reader sees that something is missing."""
    journal = RequestJournal(Clock(), most=2)
    for number in ("N1", "N2", "N3"):
        journal.add("ocs", "feeCheck", Direction.IN, scene.request("feeCheck", StreamingNo=f"20020260101120000{number}"))
    assert [(entry.seq, entry.fields["StreamingNo"][-2:]) for entry in journal.find()] == [(2, "N2"), (3, "N3")]


def test_numbers_long_answered_are_forgotten() -> None:
    """The oldest first; the newest stand."""
    table = AnsweredTable(most=2)
    for number in "123":
        table.claim(("200", number), "content")
    assert [table.known(("200", number)) is not None for number in "123"] == [False, True, True]


def test_rows_of_an_order_are_found_among_many(scene: Any) -> None:
    """By an index, forgotten with the rest at a reset."""
    for count in range(3):
        scene.world.record("archive", number="18907910001", order=f"O-{count}", streaming_no="N")
    found = [row.order for row in scene.world.ledger("archive", order="O-1")]
    scene.world.reset()
    assert (found, scene.world.ledger("archive", order="O-1")) == (["O-1"], [])
