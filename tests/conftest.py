"""Shared by all tests: values of the lab, made once."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
for room in (
    "tests/flows",
    "tests/unit/domain",
    "tests/unit/engine",
    "tests/e2e",
    "tests/sim",
):  # helpers beside the tests that use them
    sys.path.insert(0, str(ROOT / room))
sys.path.insert(0, str(ROOT / "tests/unit/services"))  # the services without wire, for tests of the admin API and the command line
