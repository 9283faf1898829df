"""One real gateway of a province, with its partners, for all of the fuzz; at the end it is as well as at the beginning."""

from __future__ import annotations

import pytest
from budget import SEED
from probe import CPU_MS, Probe
from testlab import TestLab

QUERY = ("StreamingNo", "TimeStamp", "SystemId", "ProdSpecCode", "ProductNo")


def pytest_report_header() -> str:
    """Say how to repeat this run."""
    return f"fuzz: FUZZ_SEED={SEED}"


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A province and the group; each process must have drained with exit 0."""
    lab = TestLab(tmp_path_factory.mktemp("fuzz"), ("group", "jiangxi"))
    try:
        lab.start()
        yield lab
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes


@pytest.fixture(scope="session")
def probe(lab):
    """What fires at it."""
    made = Probe(lab.ports["jiangxi"], lab.processes["jiangxi"].popen.pid, lab.directory / "jiangxi.log")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def alive(request):
    """After each test of the server the next good request is served, its process cost what it may, and its log tells no error."""
    if "probe" not in request.fixturenames:
        yield
        return
    lab, probe = request.getfixturevalue("lab"), request.getfixturevalue("probe")
    asked, cpu = probe.asked, probe.cpu_ms()
    yield
    spent = (probe.cpu_ms() - cpu) / max(1, probe.asked - asked)
    asks = {key: value for key, value in lab.request("18907910001").items() if key in QUERY}
    answer = lab.client("jiangxi").service.subInstQryFromVSOP(**asks)
    assert (answer.ResultCode, probe.errors()) == ("0", [])
    assert spent < CPU_MS, f"{spent:.1f} ms of CPU a request"
