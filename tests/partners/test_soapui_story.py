"""A tester's SoapUI projects against real processes: our contract suites, failures with exit 1, and the pytest plugin."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

pytestmark = pytest.mark.e2e
PROJECTS = Path(__file__).parents[1] / "soapui"
SERVERS = {"vsop": "jiangxi", "ismp": "jiangxi", "ppm": "group", "ocs": "jiangxi"}


def soapui(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `vsopgw soapui`, as a process of its own."""
    command = [sys.executable, "-m", "gateway", "soapui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def project(contract: str) -> str:
    """An exported project, as it is kept."""
    return str(PROJECTS / f"{contract}-soapui-project.xml")


@pytest.mark.parametrize("contract", SERVERS)
def test_contract_suite_passes_at_the_gateway(lab, tmp_path: Path, contract: str) -> None:
    """Exit 0, and a JUnit report for each suite, in which nothing failed."""
    done = soapui("run", project(contract), "-e", f"http://127.0.0.1:{lab.ports[SERVERS[contract]]}", "--out", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    suites = [etree.fromstring(path.read_bytes()) for path in sorted(tmp_path.glob("TEST-*.xml"))]
    assert [(suite.get("name"), suite.get("failures")) for suite in suites] == [
        (f"{contract} contract.good messages", "0"), (f"{contract} contract.refused messages", "0")]  # fmt: skip


def test_suite_fails_at_the_wrong_service(lab, tmp_path: Path) -> None:
    """Sent to another contract's address, every good message fails: exit 1, each with both messages kept."""
    endpoint = f"http://127.0.0.1:{lab.ports['jiangxi']}/services/vsop"
    done = soapui("run", project("ocs"), "-e", endpoint, "-s", "good messages", "--out", str(tmp_path))
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert (done.returncode, told["totals"]["failed"]) == (1, told["totals"]["cases"])
    assert len(list(tmp_path.glob("good_messages-*-FAILED.txt"))) == told["totals"]["cases"]


def test_project_is_collected_by_pytest(lab) -> None:
    """With the plugin each case is a test; here all pass."""
    endpoint = f"http://127.0.0.1:{lab.ports['jiangxi']}"
    done = pytest_of(project("ocs"), "--soapui-endpoint", endpoint)
    assert (done.returncode, "6 passed" in done.stdout) == (0, True), done.stdout


def test_plugin_says_what_failed(lab, tmp_path: Path) -> None:
    """Case, step, assertion and answer, without our stack; a project that is broken is an error with its line."""
    broken = tmp_path / "broken-soapui-project.xml"
    broken.write_text("<project/>")
    endpoint = f"http://127.0.0.1:{lab.ports['jiangxi']}/services/vsop"
    done = pytest_of(project("ocs"), str(broken), "--soapui-endpoint", endpoint, "--continue-on-collection-errors")
    said = (
        "good messages / feeCheck: Cancelling due to failed test step",
        "feeCheck: [Not SOAP Fault] the answer is a SOAP fault",
        f"{broken}:1: expected con:soapui-project",
    )
    assert (done.returncode, [text in done.stdout for text in said], "Traceback" in done.stdout) == (1, [True] * 3, False), done.stdout


def pytest_of(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with the plugin alone, as a partner would who has no tests of ours."""
    command = [sys.executable, "-m", "pytest", "-p", "stubs.soapui.plugin", "-p", "no:cacheprovider", "--rootdir", "/", "-c", "/dev/null"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60, check=False)
