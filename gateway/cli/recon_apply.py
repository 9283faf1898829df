"""Applies a plan: its lines become orders of the gateway, each once, and their ends are waited for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gateway.admin.recon import MOST_REPAIRS, RepairRequest
from gateway.cli.admin_client import AdminClient
from gateway.cli.errors import UsageFailed
from gateway.errors import RESULTS
from gateway.recon.planning import Plan, Repair
from gateway.services.repairs import Begun

_PAUSE = 0.1
"""Seconds between two looks at orders under way."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many lines of a plan were done, and how many were not."""

    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class Applying:
    """Has the lines of a plan carried out; `wait` in seconds, for the end of each round's orders."""

    client: AdminClient
    by: str
    why: str
    wait: float
    tell: Callable[[str], None]

    def run(self, plan: Plan) -> Applied:
        """Begin every line and wait for it. Lines about one product of one user follow each other; a failed one ends their row."""
        left, stopped, done = list(plan.repairs), set[tuple[str, str]](), 0
        while left:
            turn: dict[tuple[str, str], Repair] = {}
            for repair in left:
                turn.setdefault(_key(repair), repair)
            chosen = list(turn.values())[:MOST_REPAIRS]
            well = self._round(plan, chosen)
            done += len(well)
            stopped |= {_key(repair) for repair in chosen if repair.line not in well}
            left = [repair for repair in left if repair not in chosen and _key(repair) not in stopped]
        return Applied(done, len(plan.repairs) - done)

    def _round(self, plan: Plan, chosen: list[Repair]) -> set[int]:
        request = RepairRequest(plan.id, plan.right, self.by, self.why, chosen)
        answer = self.client.post("recon/repairs", msgspec.json.encode(request))
        begun = msgspec.convert(answer, list[Begun])
        until = time.monotonic() + self.wait
        return {one.line for one in begun if self._ended_well(one, until)}

    def _ended_well(self, begun: Begun, until: float) -> bool:
        if begun.code:
            self.tell(f"line {begun.line}: not begun: {begun.text}")
            return False
        again = " (begun before)" * begun.repeated
        leg = self.client.get(f"orders/{begun.order_id}")
        while leg["run"] not in ("ended", "stuck") and time.monotonic() < until:
            time.sleep(_PAUSE)
            leg = self.client.get(f"orders/{begun.order_id}")
        if leg["run"] != "ended":
            self.tell(f"line {begun.line}: order {begun.order_id} goes on{again}: see `vsopgw order show {begun.order_id}`")
            return False
        code = leg["code"]
        said = "done" if not code else f"failed: {RESULTS[code].en}" if code in RESULTS else f"failed: {code}"
        self.tell(f"line {begun.line}: order {begun.order_id} {said}{again}")
        return not code


def _key(repair: Repair) -> tuple[str, str]:
    return repair.number.digits, repair.product_id


def write_plan(plan: Plan, file: Path) -> None:
    """Write a plan so that it can be applied later; it holds whole numbers, so its owner alone may read it."""
    write_private(file, msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n")


def read_plan(file: Path) -> Plan:
    """Read a plan; exit 2 where it is none."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Plan)
    except OSError as error:
        raise UsageFailed(f"{file}: cannot be read ({error.strerror})") from None
    except msgspec.MsgspecError as error:
        raise UsageFailed(f"{file}: no plan of a reconciliation: {error}") from None


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all; exit 2 where that cannot be done."""
    fresh = file.with_name(f".{file.name}.new")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(content)
        fresh.replace(file)
    except OSError as error:
        raise UsageFailed(f"{file}: cannot be written ({error.strerror})") from None
