"""Back-up, loss and restore with real processes; and orders that were archived."""

from __future__ import annotations

import gzip
import json
import threading
import time

import pytest
import requests
from click.testing import CliRunner
from testlab import TestLab

from gateway.cli.main import main
from gateway.resources import etc_dir

pytestmark = pytest.mark.e2e

RINGTONE = "115000000000000000101"
NUMBERS = [f"18907917{i:03d}" for i in range(400)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Group and Jiangxi; Jiangxi loses its database."""
    lab = TestLab(tmp_path_factory.mktemp("backup"), ("group", "jiangxi"), NUMBERS)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


@pytest.fixture(scope="module")
def numbers():
    """Users who hold nothing yet."""
    return iter(NUMBERS)


def store(lab, act, *arguments):
    """Run `vsopgw store` on Jiangxi's database; gives exit code and output."""
    values = ("gateway.province=15", f"gateway.state_dir={lab.directory}/jiangxi")
    settings = [word for value in values for word in ("--set", value)]
    done = CliRunner().invoke(main, ["store", act, "-c", str(etc_dir() / "provincial.toml"), *settings, *map(str, arguments)])
    return done.exit_code, done.output


def until(reached, seconds=20.0):
    """Wait for something that happens in other processes."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


class Portal:
    """Sends orders one after the other until told to stop; notes those that were taken."""

    def __init__(self, lab, numbers) -> None:
        self.taken: list[tuple[str, str]] = []
        self._lab, self._numbers = lab, numbers
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._enough.set()
        self._thread.join()

    def _send(self) -> None:
        service = self._lab.client("jiangxi").service
        while not self._enough.is_set():
            request = self._lab.request(next(self._numbers), RINGTONE)
            try:
                answer = service.subscribeToVSOP(**request)
            except requests.RequestException:
                continue
            if answer.ResultCode == "0":
                self.taken.append((request["OrderId"], request["ProductNo"]))


def test_what_is_in_the_backup_is_there_after_the_loss(lab, numbers):
    """Every order taken before a back-up under load is there after damage and restore, and ends, done once at its platform."""
    copy = lab.directory / "copy"
    with Portal(lab, numbers) as portal:
        until(lambda: len(portal.taken) >= 10)
        before = list(portal.taken)
        backed_up = store(lab, "backup", "--to", copy)
        until(lambda: len(portal.taken) >= len(before) + 20)
    refused = store(lab, "restore", "--from", copy)
    lab.kill("jiangxi")
    database = lab.directory / "jiangxi/vsop.sqlite"
    database.with_name("vsop.sqlite-wal").unlink(missing_ok=True)
    database.write_bytes(b"\0" * 100_000)
    checked = store(lab, "check")
    restored = store(lab, "restore", "--from", copy)
    lab.serve("jiangxi")
    states = {lab.settled("jiangxi", order_id)[0]["state"] for order_id, _ in before}
    activated = [len(lab.stubs("jiangxi").ledger("activation", number=number)) for _, number in before]
    assert [backed_up[0], refused[0], checked[0], restored[0]] == [0, 2, 2, 0], (backed_up, refused, checked, restored)
    assert "is in use by process" in refused[1]
    assert (states, activated, lab.admin("jiangxi").get("status")["runs"]["stuck"]) == ({"10F"}, [1] * len(before), 0)


def test_archived_order_is_found(lab, numbers):
    """An order that was archived is shown with its ladder, found by its user and its channel's query, and can be exported."""
    request = lab.request(next(numbers), RINGTONE)
    service = lab.client("jiangxi").service
    service.subscribeToVSOP(**request)
    before = lab.settled("jiangxi", request["OrderId"])
    lab.serve("jiangxi", archive__after_days=1e-9, archive__requests_days=0)
    until(lambda: lab.admin("jiangxi").get("status")["runs"]["ended"] == 0)
    again = service.subscribeToVSOP(**request)
    state = service.orderStateQry(
        StreamingNo=f"{request['StreamingNo'][:-1]}x", TimeStamp=request["TimeStamp"], SystemId="211", OrderId=request["OrderId"]
    )
    target = lab.directory / "archive.jsonl.gz"
    exported = store(lab, "export", "--before", "2100-01-01", "--to", target)
    ids = [json.loads(line)["id"] for line in gzip.decompress(target.read_bytes()).decode().splitlines()]
    assert (lab.settled("jiangxi", request["OrderId"]), again.ResultCode, state.OrderState) == (before, "0", "10F")
    assert len(lab.admin("jiangxi").get(f"numbers/{request['ProductNo']}")["orders"]) == 1
    assert (exported[0], before[0]["order_id"] in ids) == (0, True), exported
