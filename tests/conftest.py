"""Shared by all tests: values of the lab, made once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Cluster, NoServer

ROOT = Path(__file__).parent.parent
for room in (
    "tests",
    "tests/flows",
    "tests/unit/soap",
    "tests/unit/domain",
    "tests/unit/engine",
    "tests/e2e",
    "tests/sim",
    "tests/hostile",
    "tests/unit",
    "tests/wsi",
    "tests/unit/access",
    "tests/contract",
    "tests/unit/stubs/soapui",
    "tests/wrong_partners",
    "tests/deploy",
    "release",
):  # helpers beside the tests that use them
    sys.path.insert(0, str(ROOT / room))
sys.path.insert(0, str(ROOT / "tests/unit/services"))  # the services without wire, for tests of the admin API and the command line


def pytest_addoption(parser: pytest.Parser) -> None:
    """Long forms of tests are asked for."""
    parser.addoption("--nightly", action="store_true", help="also run what takes minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long forms out, unless they are asked for."""
    if config.getoption("--nightly"):
        return
    late = [item for item in items if item.get_closest_marker("nightly")]
    config.stash[LATE] = len(late)
    if late:
        config.hook.pytest_deselected(items=late)
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]


LATE = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how much was left for the night."""
    if config.stash.get(LATE, 0):
        terminalreporter.write_line(f"{config.stash[LATE]} tests take minutes and were left out: they run with --nightly")


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
