"""The kit, as its user runs it, against the stubs of this project; and how it ends where it cannot run."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import wrong
from lxml import etree
from partner import Served

VSOPGW = Path(sys.executable).with_name("vsopgw")
ROLES = ("xplatform", "ismp", "ocs", "billing")


def free_port() -> int:
    """Find a port that is free at present."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def callbacks() -> int:
    """The port where the kit awaits what the stubs call."""
    return free_port()


@pytest.fixture(scope="module")
def stubs(callbacks):
    """A stub set as its own process; gives its base address."""
    command = [VSOPGW, "stub", "up", *ROLES, "--port", "0", "--gateway", f"http://127.0.0.1:{callbacks}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["stubs"][0]["port"]
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        process.wait(10)


def kit(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `vsopgw kit run`."""
    return subprocess.run([VSOPGW, "kit", "run", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("role", ROLES)
def test_own_stub_has_grade_a(stubs, callbacks, tmp_path, role):
    """Our stub keeps every rule that we ask of partners: exit 0, grade A, in less than 30 s."""
    began = time.monotonic()
    done = kit("--role", role, "--url", f"{stubs}/services/{role}", "--listen", callbacks, "--out", tmp_path)
    assert (done.returncode, json.loads((tmp_path / "results.json").read_text())["grade"]) == (0, "A"), done.stdout
    assert time.monotonic() - began < 30


@pytest.fixture(scope="module")
def failed_run(tmp_path_factory):
    """A run against a partner whose suspension deletes: the process as it ended, and its reports."""
    out = tmp_path_factory.mktemp("kit")
    with Served(wrong.SuspendDeletes()) as served:
        done = kit("--role", "xplatform", "--url", served.url, "--listen", 0, "--out", out, "--only", "X-101", "--only", "x-102")
    return done, out


def test_failed_case_is_exit_1(failed_run):
    """A partner that breaks a rule: exit 1, and the case is named."""
    done, _ = failed_run
    assert (done.returncode, done.stderr) == (1, "1 cases failed: X-101\n")


def test_report_shows_both_messages(failed_run):
    """The page says what is wrong in both languages, with the request and the answer, and loads nothing from outside."""
    _, out = failed_run
    text = (out / "report.html").read_text(encoding="utf-8")
    messages = ("&lt;t:ActionType&gt;6&lt;/t:ActionType&gt;", "&lt;t:OPResult&gt;5002&lt;/t:OPResult&gt;")
    for wanted in ("暂停不是删除", "suspend is not delete", *messages):
        assert wanted in text
    assert "src=" not in text
    assert "<script" not in text


def test_junit_names_the_failure(failed_run):
    """The JUnit file has one test case for each case, and the failure in it."""
    _, out = failed_run
    suite = etree.parse(out / "TEST-xplatform.XplatformService.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name", "")[:5] for case in suite.iter("testcase") if case.find("failure") is not None] == ["X-101"]


def test_nobody_there_is_exit_3(tmp_path):
    """An address at which nobody listens is told at once."""
    done = kit("--role", "ocs", "--url", f"http://127.0.0.1:{free_port()}/ocs", "--out", tmp_path)
    assert (done.returncode, "refuses connections" in done.stderr) == (3, True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--role", "nobody"), "--role: there is no nobody"),
        (("--role", "ocs", "--only", "OCS-999"), "--only: ocs has no case OCS-999"),
        (("--role", "ocs", "--number", "12"), "--number: expected a number such as"),
        (("--role", "ocs", "--data", "missing.toml"), "missing.toml: no such file"),
        (("--role", "ocs", "--username", "me"), "--username and --password-file go together"),
    ],
    ids=["role", "case", "number", "file", "password"],
)
def test_wrong_usage_is_exit_2(tmp_path, given, said):
    """What cannot be run is said in one line, before anything is sent."""
    done = kit(*given, "--url", "http://127.0.0.1:1/x", "--out", tmp_path)
    assert (done.returncode, done.stderr.startswith(said), done.stderr.count("\n")) == (2, True, 1), done.stderr


def test_address_that_is_none(tmp_path):
    """An address that is no http address is wrong usage."""
    done = kit("--role", "ocs", "--url", "ftp://partner/ocs", "--out", tmp_path)
    assert (done.returncode, done.stderr) == (2, "--url: expected an http or https address such as http://127.0.0.1:8080/ocs\n")


def test_port_that_is_taken(tmp_path):
    """A port for callbacks that another process has is told by its number."""
    with ExitStack() as stack:
        served = stack.enter_context(Served(wrong.PlainHtml()))
        port = served.url.rpartition(":")[2].partition("/")[0]
        done = kit("--role", "xplatform", "--url", served.url, "--listen", port, "--out", tmp_path)
    assert (done.returncode, done.stderr.startswith(f"--listen: port {port} on 127.0.0.1 cannot be taken")) == (2, True)
