"""docs/faults.md: every fault of the list stands there once, with tests that exist or with why there is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.*?) ?\|$", PAGE, re.MULTILINE)


def test_every_fault_is_there_once():
    """Seventy, in their order."""
    assert [int(number) for number, *_ in ROWS] == list(range(1, 71))


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[^`]+?::[^`]+)`", PAGE))))
def test_named_test_exists(named):
    """What the page names can be run."""
    file, _, name = named.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", text, re.MULTILINE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_fault_has_a_test_or_a_reason(row):
    """A row names a test, or says that the fault is not made and why."""
    assert re.search(r"`tests/|^not made: \w", row[2])
