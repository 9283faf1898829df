"""The real gateway that the corpus is sent to, with its stubs, and what can be read of it from outside: executions, CPU, memory."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from hostile_build import Builder
from hostile_targets import NUMBERS, TARGETS, Target
from hostile_token import Caller
from hostile_wire import Canary
from testlab import TestLab

PATIENCE = 1.5
"""Seconds for a whole request: the default of ten would only make the slow cases slow."""
BODY_LIMIT = 1 << 20
"""Bytes: four times the default, so that what comes close to it works the parser as hard as an operator may allow."""
SERVED_BY = "jiangxi"

CALLERS = {target.contract: Caller(f"caller-{target.contract}", f"s3cret-{target.contract}") for target in TARGETS.values()}
"""Who may send the target's operation: one partner for each contract."""
READER = Caller("reader", "s3cret-reader")
"""A partner who may only ask."""


def _partners(directory: Path) -> Path:
    """Write the file of partners, and the passwords beside it."""
    text = ""
    for caller, system, operation in [
        *((CALLERS[target.contract], target.system, f"{target.contract}/*") for target in TARGETS.values()),
        (READER, "212", "vsop/orderStateQry"),
    ]:
        secret = directory / f"{caller.user}.password"
        secret.write_text(caller.password)
        secret.chmod(0o600)
        text += (
            f'[{caller.user}]\nsystems = ["{system}"]\nauthentication = ["username-token"]\noperations = ["{operation}"]\n'
            f'provinces = ["*"]\npassword_file = "{secret.name}"\n\n'
        )
    (directory / "partners.toml").write_text(text)
    return directory / "partners.toml"


class HostileLab:
    """A province that serves all four contracts, and the group and stubs behind it."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self._lab = TestLab(
            directory, ("group", SERVED_BY), NUMBERS, access__partners=_partners(directory), ppm__serve="true", ppm__audit="held",
            limits__receive_seconds=PATIENCE,
            limits__body_bytes=BODY_LIMIT,
            **settings,
        )  # fmt: skip
        self.canary = Canary()
        self._inbox: sqlite3.Connection | None = None

    def start(self) -> None:
        """Start all processes, with their data."""
        self._lab.start()
        path = self._lab.directory / SERVED_BY / "vsop.sqlite"
        self._inbox = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    def stop(self) -> dict[str, int]:
        """Drain all processes; gives their exit codes."""
        self.canary.close()
        if self._inbox is not None:
            self._inbox.close()
        return self._lab.stop()

    @property
    def address(self) -> tuple[str, int]:
        """Where the gateway listens."""
        return "127.0.0.1", self._lab.ports[SERVED_BY]

    @property
    def pid(self) -> int:
        """The gateway's process."""
        return int(self._lab.processes[SERVED_BY].popen.pid)

    @property
    def log(self) -> str:
        """All that the gateway has logged."""
        return (self._lab.directory / f"{SERVED_BY}.log").read_text(encoding="utf-8")

    def builder(self, target: Target) -> Builder:
        """What writes the cases for a target here."""
        return Builder(
            target, canary=f"http://127.0.0.1:{self.canary.port}/", body_limit=BODY_LIMIT, patience=PATIENCE,
            caller=CALLERS[target.contract], other=READER,
        )  # fmt: skip

    def executed(self, target: Target) -> int:
        """How many requests the target's operations have taken, from the store or from the stub behind the gateway."""
        if target.counted == "inbox":
            assert self._inbox is not None
            rows = self._inbox.execute("SELECT count(*) FROM inbox WHERE operation = ?", (target.operation,)).fetchone()[0]
            return int(rows) // target.marks
        return len(self._lab.stubs(SERVED_BY).journal(role=target.counted, operation=target.operation))

    def quiet(self, seconds: float = 10.0) -> None:
        """Wait until no order is being worked on."""
        until = time.monotonic() + seconds
        while self._lab.admin(SERVED_BY).get("status")["active"]:
            if time.monotonic() > until:
                raise AssertionError("orders did not come to rest")
            time.sleep(0.01)

    # Of the process, as the kernel counts it

    def cpu_ms(self) -> float:
        """CPU that all its threads have used."""
        total = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except FileNotFoundError:  # a thread that has just ended
                continue
        return total / 1e6

    def memory_kb(self, key: str = "VmRSS") -> int:
        """Memory now, or its peak (VmHWM) since `forget_peak`."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1])
        raise AssertionError(f"the kernel does not tell {key}")

    def forget_peak(self) -> None:
        """Begin a new peak of memory."""
        descriptor = os.open(f"/proc/{self.pid}/clear_refs", os.O_WRONLY)
        try:
            os.write(descriptor, b"5")
        finally:
            os.close(descriptor)
