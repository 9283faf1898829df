"""The journal keeps what happened, in order, and finds it again."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

from stubs.kit.journal import Direction, RequestJournal, as_dict


@pytest.fixture
def journal() -> RequestJournal:
    made = RequestJournal(Clock())
    made.add("ocs", "feeCheck", Direction.IN, {"StreamingNo": "N1"}, "T1")
    made.add("ismp", "feeCheck", Direction.OUT, {"StreamingNo": "N1"}, "T1")
    made.add("portal", "confirm", Direction.USER, {"StreamingNo": "N2"})
    made.add("crm", "accept", Direction.USER, {"StreamingNo": "N4", "AuthStreamingNo": "N3", "OrderId": "O1"})
    made.add("crm", "orderReceipt", Direction.IN, {"StreamingNo": "N5", "OrigOrderId": "O1"})
    return made


def test_entries_are_numbered_and_dated(journal: RequestJournal) -> None:
    """An entry has its place in the order and a time with the zone of China."""
    first = journal.find()[0].as_json()
    assert first == {
        "seq": 1, "at": "1970-01-01T08:00:00.000+08:00", "role": "ocs", "operation": "feeCheck", "direction": "in",
        "fields": {"StreamingNo": "N1"}, "trace": "T1", "answer": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"role": "ocs"}, [1]),
        ({"operation": "feeCheck"}, [1, 2]),
        ({"trace": "T1"}, [1, 2]),
        ({"streaming_no": "N2"}, [3]),
        ({"streaming_no": "N1", "role": "ismp"}, [2]),
        ({"trace": "T2"}, []),
        ({"streaming_no": "N3"}, [4]),
        ({"order": "O1"}, [4, 5]),
        ({"order": "O1", "role": "ocs"}, []),
    ],
)
def test_found_by_all_that_is_named(journal: RequestJournal, asked: dict[str, Any], found: list[int]) -> None:
    """Every condition narrows the list."""
    assert [entry.seq for entry in journal.find(**asked)] == found


def test_reset_begins_anew(journal: RequestJournal) -> None:
    """After a reset the journal is empty and counts from 1."""
    journal.reset()
    assert journal.add("ocs", "feeCheck", Direction.IN, {}).seq == 1


def test_messages_become_plain_values(scene: Any) -> None:
    """Nested messages are dicts, absent fields are not there."""
    offer = as_dict(scene.request("serverAction"))["VProductInfo"]
    assert offer == [{"ActionType": "0", "VProductID": "P1", "ProductOfferType": "0", "ProductOfferID": "F1"}]
