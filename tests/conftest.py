"""Shared by all tests: values of the lab, made once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Cluster, NoServer

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


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test run's own; what needs it is skipped where no server can be had."""
    try:
        made = Cluster()
    except NoServer as reason:
        pytest.skip(str(reason))
    yield made
    made.remove()


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """The address of an empty database."""
    url = cluster.create()
    yield url
    cluster.drop(url)
