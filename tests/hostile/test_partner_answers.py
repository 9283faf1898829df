"""What a partner answers is bounded and judged before use: each hostile answer ends as the right outcome, in time, in little memory."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_answers import HostilePartner, answers
from hostile_build import Builder
from hostile_targets import OCS
from hostile_wire import Canary, talk

from gateway.cli.lab import Process, start
from gateway.resources import etc_dir

pytestmark = pytest.mark.e2e
DEADLINE = 1.0
SLACK = 1.0
"""Deadlines are looked at twice a second, and this machine has other work."""


class Caller:
    """A gateway whose OCS is a hostile partner; it is asked through its port for OCS, so that each request is one call."""

    def __init__(self, directory: Path) -> None:
        self.partner, self.canary = HostilePartner(), Canary()
        values = {
            "gateway.state_dir": directory, "gateway.port": 0, "gateway.public_url": "http://127.0.0.1", "admin.port": 0,
            "partners.ocs.url": f"http://127.0.0.1:{self.partner.port}/services/ocs", "partners.ocs.deadline_s": DEADLINE,
            "ppm.serve": "false", "breaker.minimum": 1000, "breaker.window": 1000,
        }  # fmt: skip
        settings = [item for key, value in values.items() for item in ("--set", f"{key}={value}")]
        self.process: Process = start("caller", ["serve", "-c", str(etc_dir() / "provincial.toml"), *settings], log=directory / "log")

    def ask(self) -> tuple[str, float]:
        """Give the result code of one feeCheck, and how long it took."""
        builder = Builder(OCS, canary="", body_limit=1 << 20, patience=1)
        came = talk(("127.0.0.1", self.process.ready["port"]), builder.harmless(0), 20)
        found = re.search(rb"ResultCode>(\d+)<", came.received)
        return (found[1].decode() if found else came.received.decode()), came.seconds

    def peak_kb(self, key: str) -> int:
        """Memory of the gateway: VmRSS now, VmHWM at its peak."""
        return int(re.search(rf"{key}:\s+(\d+)", Path(f"/proc/{self.process.ready['pid']}/status").read_text())[1])  # type: ignore[index]

    def forget_peak(self) -> None:
        descriptor = os.open(f"/proc/{self.process.ready['pid']}/clear_refs", os.O_WRONLY)
        os.write(descriptor, b"5")
        os.close(descriptor)

    def stop(self) -> int:
        self.partner.close()
        self.canary.close()
        return self.process.stop()


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """One gateway for all answers; it must have drained with exit 0."""
    caller = Caller(tmp_path_factory.mktemp("caller"))
    caller.ask()
    yield caller
    assert caller.stop() == 0


@pytest.mark.parametrize("id", [pytest.param(a.id, id=f"{a.id}-{a.name}") for a in answers("")])
def test_answer_ends_as_it_must(caller: Caller, id: str) -> None:
    """Outcome, time, memory, and nobody called whom the answer names."""
    chosen = next(a for a in answers(f"http://127.0.0.1:{caller.canary.port}/") if a.id == id)
    caller.partner.answer = chosen
    caller.forget_peak()
    before, asked = caller.peak_kb("VmRSS"), caller.partner.requests
    code, seconds = caller.ask()
    grown = caller.peak_kb("VmHWM") - before
    assert (code, caller.partner.requests - asked, caller.canary.hits) == (chosen.outcome, 1, 0)
    assert seconds < DEADLINE + SLACK
    assert grown < 8192


def test_connection_with_a_second_answer_is_not_used_again(caller: Caller) -> None:
    """What came unasked must not be taken for the next answer."""
    caller.partner.answer = next(a for a in answers("") if a.id == "R28")
    caller.ask()
    before = caller.partner.connections
    caller.partner.answer = next(a for a in answers("") if a.id == "R01")
    assert (caller.ask()[0], caller.partner.connections - before) == ("0", 1)


def test_good_answer_after_all_of_them(caller: Caller) -> None:
    """Nothing that a partner answered keeps the next call from succeeding."""
    caller.partner.answer = next(a for a in answers("") if a.id == "R01")
    begun = time.monotonic()
    assert caller.ask()[0] == "0"
    assert time.monotonic() - begun < SLACK
