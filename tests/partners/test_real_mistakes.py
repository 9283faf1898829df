"""docs/real-mistakes.md: its cases are there, and those that it says are played do fail."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stubs.partnerkit.catalogue import ROLES, cases_of

pytestmark = pytest.mark.e2e
HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs/real-mistakes.md").read_text(encoding="utf-8")
ID = re.compile(r"\b[A-Z]+(?:-[A-Z]+)?-[0-9]{3}\b")
ROWS = [line for line in PAGE.splitlines() if line.startswith("|") and ID.search(line)]
CAUGHT = {
    "always_zero": {"ISMP-SP-103", "ISMP-SP-104", "ISMP-SP-106", "ISMP-SP-109", "ISMP-SP-127"},
    "nothing": {"ISMP-SP-101", "ISMP-SP-102"},
    "text_for_number": {"ISMP-SP-102"},
}


@pytest.fixture(scope="module")
def failed() -> dict[str, set[str]]:
    """Which cases each wrong SP fails."""
    sets = [{"wrong": name, "kits": [{"role": "ismp-sp"}]} for name in CAUGHT]
    done = subprocess.run(
        [sys.executable, str(HERE / "play_kits.py"), json.dumps({"sets": sets})],
        check=True, stdout=subprocess.PIPE, text=True, timeout=120,
        env={"PYTHONPATH": str(HERE.parent / "e2e"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    results = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: {one["id"] for one in result["failed"]} for name, result in zip(CAUGHT, results, strict=True)}


def test_every_case_of_the_page_is_there() -> None:
    """No id on the page is of a case that the kit does not have."""
    known = {role.case_id(case) for role in ROLES.values() for case in cases_of(role)}
    assert set(ID.findall(PAGE)) - known == set()


def test_what_the_page_calls_played_is_played() -> None:
    """Each case that stands right before *played* fails against a wrong SP of this test."""
    played = {ID.findall(before)[-1] for row in ROWS for before in row.split("(*played*)")[:-1]}
    assert played - set().union(*CAUGHT.values()) == set()


@pytest.mark.parametrize("name", CAUGHT)
def test_wrong_sp_is_caught(failed, name: str) -> None:
    """The cases that the page names are among those that fail."""
    assert CAUGHT[name] - failed[name] == set()
