"""Messages as they are sent again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from captured import order

from gateway.capture.record import Said
from stubs.replay.renewing import Renewal

RUN = b"r" * 16


def value(text: str, name: str) -> str:
    return re.search(rf"{name}(?:>|&gt;)([^<&]*)", text)[1]


def test_numbers_are_new_and_keep_their_form():
    """Same length, same sender, other digits; all else but the time stays."""
    old, new = order(7), Renewal(RUN, shift=timedelta(seconds=61)).text(order(7))
    numbers = value(new, "StreamingNo"), value(new, "OrderId")
    assert (numbers[0][:3], len(numbers[0]), numbers[0] != value(old, "StreamingNo"), numbers[1][:2], value(new, "TimeStamp")) == (
        "211", 26, True, "W-", "20261124120101",
    )  # fmt: skip
    assert (value(new, "ProductNo"), value(new, "SystemId")) == ("18907910001", "211")


def test_one_number_is_renewed_the_same_everywhere():
    """In an XML document and in one within a string; in another run it is another one."""
    renewal = Renewal(RUN)
    inner = order(7).replace("<", "&lt;").replace(">", "&gt;")
    other = Renewal(b"s" * 16)
    found = {value(renewal.text(text), "OrderId") for text in (order(7), inner)}
    assert (len(found), value(other.text(order(7)), "OrderId") in found) == (1, False)


def test_two_numbers_never_become_one():
    """Ten thousand orders are ten thousand orders."""
    renewal = Renewal(RUN)
    assert len({renewal.number(f"21120261124120000{serial:09d}") for serial in range(10_000)}) == 10_000


def test_number_of_few_digits_gets_a_mark():
    """Other digits could be taken already."""
    assert re.fullmatch(r"A1R[0-9a-f]{12}", Renewal(RUN).number("A1"))


def test_as_recorded_changes_nothing():
    """Then the target may answer from what it knows."""
    assert Renewal(RUN, fresh=False, shift=timedelta(hours=1)).text(order(7)) == order(7)


def test_what_the_target_names_is_carried_over():
    """Where it answered another number than the recorded gateway, later messages bear its own."""
    renewal = Renewal(RUN)
    renewal.carry("W-000000007", "TARGET-1")
    assert (value(renewal.text(order(7)), "OrderId"), renewal.knows("W-000000007"), renewal.knows("W-8")) == ("TARGET-1", True, False)


def test_mapped_words_stand_everywhere():
    """Numbers of subscribers and systems, as whole words."""
    new = Renewal(RUN, replaced={"18907910001": "18907920002", "211": "214"}).text(order(7))
    assert (value(new, "ProductNo"), value(new, "SystemId")) == ("18907920002", "214")


def test_charset_is_kept():
    """What came in GBK goes in GBK; what is no text goes as it came."""
    said = Said(text="<a>您<OrderId>W-000000007</OrderId></a>", charset="gb18030")
    raw = Said(base64="/w==")
    assert ("您".encode("gb18030") in Renewal(RUN).body(said), Renewal(RUN).body(raw)) == (True, b"\xff")


@pytest.mark.parametrize("time", ["20261330120000", "now", "20261124"])
def test_time_in_another_form_stays(time):
    """A broken time was what was recorded."""
    text = f"<TimeStamp>{time}</TimeStamp>"
    assert Renewal(RUN, shift=timedelta(seconds=1)).text(text) == text
