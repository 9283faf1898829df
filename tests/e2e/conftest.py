"""One lab of real processes for all ordinary end-to-end tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from testlab import TestLab
from wsi_capture import judge, keeping

from gateway.cli.flow_coverage import Coverage

NUMBERS = [f"18907915{i:03d}" for i in range(600)]


@pytest.fixture(scope="session", autouse=True)
def sent(tmp_path_factory, figures):
    """All that the gateways of these tests send is kept, and held to WS-I and the contracts when all is done."""
    directory = tmp_path_factory.mktemp("wsi")
    with keeping(directory):
        yield
    count, findings = judge(directory)
    figures.append(f"WS-I: {count} messages judged, {len(findings)} findings")
    assert findings == []


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Group, Jiangxi, Guangxi and their partners; at the end each process must have drained with exit 0."""
    lab = TestLab(tmp_path_factory.mktemp("lab"), ("group", "jiangxi", "guangxi"), NUMBERS)
    try:
        lab.start()
        yield lab
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes


@pytest.fixture(scope="session")
def old_lab(tmp_path_factory):
    """Group, Jiangxi and their partners, who all speak the field's old forms where there are any."""
    lab = TestLab(tmp_path_factory.mktemp("old-lab"), ("group", "jiangxi"), NUMBERS, legacy=True)
    try:
        lab.start()
        yield lab
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes


@pytest.fixture(params=["typed", "old"])
def spoken(request):
    """A lab whose channels and partners speak by their contracts, and one where they speak old forms: the flows are the same."""
    return request.getfixturevalue({"typed": "lab", "old": "old_lab"}[request.param])


@pytest.fixture(scope="session")
def fresh_number():
    """Numbers that hold nothing yet."""
    numbers = iter(NUMBERS)
    return lambda: next(numbers)


FIGURES = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the tests counted."""
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def figures(request):
    """Lines to print at the end of all tests."""
    return request.config.stash.setdefault(FIGURES, [])


@pytest.fixture(scope="session")
def coverage():
    """What this run has seen done, begun anew; `vsopgw flows coverage` reads it."""
    coverage = Coverage(Path(__file__).parents[2] / "build/flows-coverage.json")
    coverage.clear()
    return coverage


@pytest.fixture
def covered(coverage, request):
    """Notes steps of a section that this test saw done."""
    return lambda section, numbers: coverage.record(section, numbers, request.node.nodeid)
