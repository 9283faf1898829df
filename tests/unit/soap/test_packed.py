"""Gzip from callers who may send it: at each of two limits, one past it, and what is no gzip."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from gateway.soap.packed import NotPacked, TooLong, unpacked

TEXT = bytes(range(256)) * 8


def test_body_is_unpacked() -> None:
    """The bytes that were packed."""
    assert unpacked(gzip.compress(TEXT), limit=10_000, ratio=50) == TEXT


def test_body_at_the_limit_is_taken() -> None:
    """The limit itself is allowed."""
    assert unpacked(gzip.compress(TEXT), limit=len(TEXT), ratio=50) == TEXT


def test_body_past_the_limit_is_refused() -> None:
    """One byte more is not."""
    with pytest.raises(TooLong):
        unpacked(gzip.compress(TEXT), limit=len(TEXT) - 1, ratio=50)


@pytest.mark.parametrize(("ratio", "blanks"), [(10, 20_000), (20, 20_000)])
def test_ratio_counts(ratio: int, blanks: int) -> None:
    """A bomb is small where it comes in; a short message may still be mostly blanks."""
    packed = gzip.compress(b" " * blanks)
    if ratio * max(len(packed), 512) < blanks:
        with pytest.raises(TooLong):
            unpacked(packed, limit=1 << 20, ratio=ratio)
    else:
        assert len(unpacked(packed, limit=1 << 20, ratio=ratio)) == blanks


def test_bomb_is_never_made() -> None:
    """100 MB in 100 KB: no more than the limit is unpacked."""
    bomb = gzip.compress(b" " * 100_000_000, 9)
    tracemalloc.start()
    with pytest.raises(TooLong):
        unpacked(bomb, limit=1 << 20, ratio=50)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20


@pytest.mark.parametrize(
    "body", [b"", b"hello", TEXT, gzip.compress(TEXT)[:-1], gzip.compress(TEXT) + b"x", gzip.compress(TEXT) * 2],
    ids=["empty", "text", "bytes", "cut", "more", "two"],
)  # fmt: skip
def test_what_is_no_gzip_is_refused(body: bytes) -> None:
    """Cut, followed by something, or something else."""
    with pytest.raises(NotPacked):
        unpacked(body, limit=10_000, ratio=50)
