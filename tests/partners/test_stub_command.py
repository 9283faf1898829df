"""`vsopgw stub up` as a partner starts it: in an empty directory, with nothing but what was installed."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stubs.roles import ROLES

VSOPGW = [sys.executable, "-m", "gateway"]
PATIENCE = 20.0


@contextmanager
def up(directory: Path, *arguments: str) -> Iterator[str]:
    """Start stubs on a free port; gives the address of the only set."""
    process = subprocess.Popen([*VSOPGW, "stub", "up", *arguments, "--port", "0"], cwd=directory, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield f"http://127.0.0.1:{ready['stubs'][0]['port']}"
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0
        if process.stdout is not None:
            process.stdout.close()


def run(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*VSOPGW, *arguments], cwd=directory, capture_output=True, text=True, timeout=PATIENCE, check=False)


def fetch(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {"Content-Type": "text/xml; charset=utf-8"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_all_parties_in_one_set(tmp_path: Path) -> None:
    """Each serves its contract; a portal order goes through the set's own VSOP to billing, the portal and the user's phone; a snapshot
    of that, restored, is the same file again."""
    with up(tmp_path, "--all") as base:
        assert all(fetch(f"{base}/services/{role}?wsdl")[0] == 200 for role in ROLES)
        order = {"number": "18907910001", "offer": "115000000000000000101"}
        status, told = fetch(f"{base}/_stub/act/portal/order", json.dumps(order).encode())
        assert (status, json.loads(told)["result_code"]) == (200, "0")
        ledgers = seen(base, {"order", "activation", "archive", "channel-result", "sms"})
        assert [ledgers[name]["order"] for name in ("order", "archive", "channel-result")] == [json.loads(told)["order_id"]] * 3
        assert run(tmp_path, "stub", "snapshot", "one.json", "--url", base).returncode == 0
        fetch(f"{base}/_stub/reset", b"{}")
        assert run(tmp_path, "stub", "restore", "one.json", "--url", base).returncode == 0
        assert run(tmp_path, "stub", "snapshot", "two.json", "--url", base).returncode == 0
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def seen(base: str, wanted: set[str]) -> dict[str, dict[str, str]]:
    """Wait until each ledger has a row; gives the newest of each."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        rows = {row["ledger"]: row for row in json.loads(fetch(f"{base}/_stub/ledgers?after=0")[1])["rows"]}
        if wanted <= rows.keys():
            return rows
    raise AssertionError(f"no row in {wanted - rows.keys()}")


def test_a_world_of_ones_own(tmp_path: Path) -> None:
    """One file is enough: the balance is that of the file, and the lab's users are unknown."""
    (tmp_path / "world.toml").write_text('[[subscriber]]\nnumber = "18900000001"\nspec = "003"\npay = "prepaid"\nbalance = 123\n')
    body = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><feeCheck xmlns="urn:vas:ocs:v1">
    <StreamingNo>20020261123120000000000001</StreamingNo><TimeStamp>20261123120000</TimeStamp><SystemId>200</SystemId>
    <ProdSpecCode>003</ProdSpecCode><ProductNo>18900000001</ProductNo><ContentType>2</ContentType></feeCheck></s:Body></s:Envelope>"""
    with up(tmp_path, "ocs", "--world", "world.toml") as base:
        _, known = fetch(f"{base}/services/ocs", body.encode())
        other = body.replace("18900000001", "18907910001").replace("000001</StreamingNo>", "000002</StreamingNo>")
        _, unknown = fetch(f"{base}/services/ocs", other.encode())
    assert (b"Balance>123<" in known, b"ResultCode>3001<" in unknown) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("up", "crow"), "stubs: no role crow; there are ocs, billing, ismp, "),
        (("up", "ocs", "--world", "none.toml"), "none.toml:1: cannot be read: No such file"),
        (("up", "--all", "ocs"), "--all is every party in one set"),
        (("up", "--port", "7100"), "--port: 3 sets cannot share port 7100"),
        (("up", "vsop", "--call", "portal"), "--call portal: expected CONTRACT=URL such as portal=http://"),
        (("restore", "broken.json"), "broken.json:2: not JSON: "),
        (("restore", "none.json"), "none.json:1: cannot be read"),
    ],
)
def test_bad_input_is_told_with_exit_2(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """One line that says what is wrong."""
    (tmp_path / "broken.json").write_text('{\n"a": ')
    done = run(tmp_path, "stub", *arguments)
    assert (done.returncode, done.stderr.startswith(told), "Traceback" in done.stderr) == (2, True, False), done.stderr


def test_nobody_answers_is_exit_3(tmp_path: Path) -> None:
    """With a hint."""
    done = run(tmp_path, "stub", "snapshot", "x.json", "--url", "http://127.0.0.1:9")
    assert (done.returncode, "is `vsopgw stub up` running?" in done.stderr, (tmp_path / "x.json").exists()) == (3, True, False)


def test_a_terminal_gets_a_table(tmp_path: Path) -> None:
    """After the ready line: every role with its address."""
    master, terminal = pty.openpty()
    process = subprocess.Popen([*VSOPGW, "stub", "up", "ocs", "ismp-b", "--port", "0"], cwd=tmp_path, stdout=terminal, stderr=terminal)
    os.close(terminal)
    text = b""
    while b"Ctrl-C" not in text and select.select([master], [], [], PATIENCE)[0]:
        text += os.read(master, 4096)
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)
    os.close(master)
    assert (b'{"ready": true' in text, b"/services/ismp-b" in text, "业务领航".encode() in text) == (True, True, True)
