"""docs/callbacks.md promises an outcome for each message out of turn; each of its rows names tests, and they exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs/callbacks.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.split("\n") if line.startswith("| ") and not line.startswith("| what comes")]
NAMES = re.compile(r"`(test_\w+)`")


def test_every_row_names_a_test():
    """An outcome that no test holds is a wish."""
    assert [row for row in ROWS if not NAMES.search(row)] == []


def test_every_named_test_exists():
    """A test that was renamed or removed takes its promise with it."""
    there = {
        node.name
        for path in TESTS.rglob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert (set(NAMES.findall(PAGE)) - there, len(ROWS) > 20) == (set(), True)
