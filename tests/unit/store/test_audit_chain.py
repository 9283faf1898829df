"""The chain of the audit log, and what a walk along it finds."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise

import pytest

from gateway.store.audit_chain import Broken, Chained, audit_hash, walk


def chain(*whys: str) -> list[Chained]:
    """Make a log of one row for each reason."""
    rows: list[Chained] = []
    for seq, why in enumerate(whys, 1):
        prev = rows[-1][-1] if rows else ""
        content = (1000 + seq, "li", "fallout.retry", "o1", why, "done")
        rows.append((seq, *content, prev, audit_hash(prev, seq, *content)))
    return rows


LOG = chain("mended", "又来一次", "third", "fourth")


def test_hash_is_what_its_page_says():
    """Anyone can compute it: the former hash, number and time on a line each, then every text behind its length in bytes."""
    text = "abc\n7\n1000\n2:li,13:fallout.retry,2:o1,6:修好,0:,"
    assert audit_hash("abc", 7, 1000, "li", "fallout.retry", "o1", "修好", "") == hashlib.sha256(text.encode()).hexdigest()


def test_text_cannot_run_over_into_the_next():
    """A character moved from one field to its neighbour is another content."""
    assert audit_hash("", 1, 1, "ab", "c", "", "", "") != audit_hash("", 1, 1, "a", "bc", "", "", "")


def test_whole_chain_holds():
    """The head is the hash of the newest row."""
    found = walk(LOG)
    assert (found.rows, found.head, found.broken, found.kept) == (4, LOG[-1][-1], None, True)


def test_empty_log_holds():
    """There is no head yet."""
    assert (walk([]).rows, walk([]).head, walk([]).broken) == (0, "", None)


@pytest.mark.parametrize("column", range(1, 7))
def test_changed_content_is_found_at_its_row(column):
    """Whichever field it is."""
    row = list(LOG[1])
    row[column] = row[column] + 1 if isinstance(row[column], int) else f"{row[column]}x"
    found = walk([LOG[0], tuple(row), *LOG[2:]])
    assert (found.rows, found.head, found.broken and found.broken.seq) == (1, LOG[0][-1], 2)


def test_row_taken_out_is_found_at_the_next():
    """The row behind the gap does not follow."""
    found = walk([LOG[0], *LOG[2:]])
    assert found.broken == Broken(3, 1003, "it does not follow the row before it: one was changed, moved or taken out")


def test_first_row_taken_out_is_found():
    """The chain begins with a row that follows none."""
    broken = walk(LOG[1:]).broken
    assert broken is not None
    assert broken.seq == 2


def test_changed_row_with_a_new_hash_is_found_at_the_next():
    """Who hashes his change anew has to hash all that follows."""
    seq, at, who, act, subject, _, outcome, prev, _ = LOG[1]
    forged = (seq, at, who, act, subject, "another", outcome, prev, audit_hash(prev, seq, at, who, act, subject, "another", outcome))
    broken = walk([LOG[0], forged, *LOG[2:]]).broken
    assert broken is not None
    assert broken.seq == 3


def test_rows_cut_off_show_by_a_kept_head_only():
    """A shorter log holds by itself; the head that was kept is not in it."""
    kept = LOG[-1][-1]
    assert (walk(LOG[:2]), walk(LOG[:2], kept)) == (walk(LOG[:2]), replace(walk(LOG[:2]), kept=False))


def test_log_that_was_written_anew_shows_by_a_kept_head():
    """A chain that holds is not the chain that was seen."""
    assert walk(chain("mended", "something else", "third", "fourth"), LOG[-1][-1]).kept is False


def test_log_that_grew_still_has_the_kept_head():
    """Any former head stands in it."""
    assert [walk(LOG, row[-1]).kept for row in LOG] == [True] * 4


def test_each_row_holds_the_hash_before_it():
    """The samples of this page are a chain."""
    assert [former[-1] == row[-2] for former, row in pairwise(LOG)] == [True] * 3
