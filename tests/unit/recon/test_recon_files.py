"""The files: what is written is read again, and what was damaged on its way is refused with its line."""

from __future__ import annotations

import zlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sides import ACTIVE, ANN, BOB, ENDED, NOON, OLD, SUSPENDED, holding

from gateway.recon.files import (
    FileDamaged,
    FileHead,
    Period,
    ReconFile,
    beginning,
    date_of,
    read_file,
    together,
    write_files,
)

HEAD = FileHead("R7.2", "303", Period.MONTHLY, "202611", NOON)
NAME = "I-202611-VSOP R7.2-303-00-01.AVL"
ROWS = [
    holding("P1", sp="15000001", channel="211", order_id="W1"), holding("P2", SUSPENDED, offer="", offer_type=None, spec=""),
    holding("P3", ENDED, number=BOB, expires_at=NOON, subscribed_at=None, effective_at=None),
]  # fmt: skip


def content(rows=ROWS, head=HEAD):
    ((name, made),) = write_files(head, rows)
    assert name == head.name()
    return made


def test_name_is_the_fields():
    """A of a day, I of a month; the system that made it; resend and part."""
    daily = FileHead("R9.3", "200", Period.DAILY, date_of(Period.DAILY, NOON), NOON)
    assert (HEAD.name(), daily.name(2)) == (NAME, "A-20261123-VSOP R9.3-200-02-01.AVL")
    assert beginning(Period.MONTHLY, NOON, "R7.2", "303") == "I-202611-VSOP R7.2-303-"


def test_file_to_the_letter():
    """Head, a row of twelve columns for each product, trailer with counts by status and a checksum."""
    body = (
        "H#R7.2#303#I#202611#20261123120000#1#1\n"
        "18907910001#003#P1#0#O1#15000001#0#20261024120000#20261024120000#20300101000000#211#W1\n"
    )
    assert content(ROWS[:1]).decode() == f"{body}T#1#1#0#0#{zlib.crc32(body.encode()):08x}\n"


def test_what_is_written_is_read():
    """Every column comes back; what is empty stays empty."""
    found = read_file(NAME, content())
    assert (found.head, list(found.rows)) == (HEAD, ROWS)


def test_lines_may_end_as_other_systems_end_them():
    """CR LF, with the checksum over the bytes as they are."""
    body = content()[: content().rindex(b"T#")].replace(b"\n", b"\r\n")
    made = body + b"T#3#1#1#1#%08x\r\n" % zlib.crc32(body)
    assert list(read_file(NAME, made).rows) == ROWS


def test_empty_file_is_whole():
    """A system that holds nothing says so."""
    assert read_file(NAME, content([])).rows == ()


def resealed(made: bytes) -> bytes:
    """Make the trailer's checksum right again, as a sender would who wrote nonsense himself."""
    body, _, trailer = made[:-1].rpartition(b"\n")
    return body + b"\n" + trailer.rpartition(b"#")[0] + b"#%08x\n" % zlib.crc32(body + b"\n")


@pytest.mark.parametrize(
    ("change", "line", "text"),
    [
        (lambda made: made[:-1], 5, "cut off"),
        (lambda made: made[: made.rindex(b"T#")], 4, "cut off"),
        (lambda made: b"", 1, "cut off"),
        (lambda made: made.replace(b"P1", b"P9"), 5, "checksum"),
        (lambda made: made.replace(b"#P1", b"#P\xe4"), 2, "no ASCII"),
        (lambda made: resealed(made.replace(b"#P1#", b"#P1##")), 2, "columns"),
        (lambda made: resealed(made.replace(b"18907910002", b"1890791")), 4, "ProductNo"),
        (lambda made: resealed(made.replace(b"#P2#", b"##")), 3, "VProductID"),
        (lambda made: resealed(made.replace(b"#15000001#0#", b"#15000001#7#")), 2, "Status"),
        (lambda made: resealed(made.replace(b"20261024120000", b"20260230120000", 1)), 2, "SubscribeTime"),
        (lambda made: resealed(made.replace(b"T#3#", b"T#4#")), 5, "counts"),
        (lambda made: resealed(made.replace(b"H#", b"X#")), 1, "head"),
        (lambda made: resealed(made.replace(b"#202611#", b"#202612#")), 1, "do not agree"),
        (lambda made: resealed(made.replace(b"#1#1\n", b"#2#2\n")), 1, "do not agree"),
    ],
)  # fmt: skip
def test_damage_is_refused_with_its_line(change, line, text):
    """Nothing of the file is used, and what stands there is not repeated."""
    with pytest.raises(FileDamaged, match=text) as refused:
        read_file(NAME, change(content()))
    assert (refused.value.line, str(refused.value).startswith(f"{NAME}:{line}: ")) == (line, True)


@given(st.integers(min_value=0, max_value=len(content()) - 1), st.integers(min_value=1, max_value=255))
def test_no_single_byte_can_change_unnoticed(at, change):
    """Whatever one byte of a file becomes, the file is refused."""
    made = bytearray(content())
    made[at] ^= change
    with pytest.raises(FileDamaged):
        read_file(NAME, bytes(made))


@given(st.integers(min_value=0, max_value=len(content()) - 1))
def test_no_end_can_be_missing_unnoticed(length):
    """However much of it is cut off."""
    with pytest.raises(FileDamaged):
        read_file(NAME, content()[:length])


def parts(rows=ROWS, most=2):
    return [(name, read_file(name, made)) for name, made in write_files(HEAD, rows, most)]


def test_parts_are_joined():
    """A long list comes in parts, each a whole file."""
    head, rows = together(parts())
    assert ([name[-6:] for name, _ in parts()], head.parts, list(rows.values())) == (["01.AVL", "02.AVL"], 2, ROWS)


def test_missing_part():
    """One part alone is not the list."""
    with pytest.raises(FileDamaged, match="2 parts"):
        together(parts()[1:])


def test_product_that_stands_twice():
    """Which of the two lines holds, nobody can say: the second one is named."""
    twice = parts([holding("P1", ACTIVE), holding("P2"), holding("P1", SUSPENDED)])
    with pytest.raises(FileDamaged, match="second time") as refused:
        together(twice)
    assert (refused.value.name, refused.value.line) == (twice[1][0], 2)


def test_part_of_another_delivery():
    """Parts of different files do not make one."""
    heads = [FileHead("R7.2", system, Period.MONTHLY, "202611", NOON, part, 2) for part, system in ((1, "303"), (2, "304"))]
    with pytest.raises(FileDamaged, match="another delivery"):
        together([(head.name(), ReconFile(head, ())) for head in heads])


def test_oldest_part_says_when():
    """What changed since the first of several parts was made is too young to judge."""
    late = FileHead("R7.2", "303", Period.MONTHLY, "202611", NOON, 2, 2)
    early = FileHead("R7.2", "303", Period.MONTHLY, "202611", OLD, 1, 2)
    assert together([(head.name(), ReconFile(head, ())) for head in (late, early)])[0].made_at == OLD


def test_numbers_are_masked_where_they_are_not_written():
    """The rows bear numbers that do not show themselves."""
    assert ANN.digits not in repr(read_file(NAME, content()).rows)


def test_a_day_is_a_day_in_china():
    """The date in a daily name is that of the day asked for."""
    assert date_of(Period.DAILY, NOON + timedelta(days=1)) == "20261124"
