"""Many orders at once, and what became of them: for tests in which something breaks while they are under way.

Asks the gateways' admin API and the stubs' ledgers alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import requests
import zeep

from gateway.cli.errors import Unreachable

DONE = ("10F", 0)

QUICK = {"log__level": "warn", "breaker__open_s": "0.3", "breaker__open_cap_s": "1"}
"""Settings of the gateways: a partner that is back is noticed at once."""


def placed(lab: Any, numbers: Iterable[str], offer: str) -> dict[str, str]:
    """Order something for each number at the portal of Jiangxi; gives OrderId by number. Each must be accepted."""
    requests_ = [lab.request(number, offer) for number in numbers]
    codes = insisted(lab, requests_)
    assert set(codes) <= {"0"}, codes
    return {request["ProductNo"]: request["OrderId"] for request in requests_}


def insisted(
    lab: Any, requests_: Iterable[Mapping[str, Any]], seconds: float = 20.0, gateway: str = "jiangxi"
) -> list[str]:
    """Send requests as a patient portal does, each until it is answered by something else than "busy"; gives the ResultCodes."""
    session = lab.client(gateway)
    codes = []
    for request in requests_:
        until = time.monotonic() + seconds
        while True:
            try:
                code = session.service.subscribeToVSOP(**request).ResultCode
            except (requests.RequestException, zeep.exceptions.TransportError):
                code = ""
            if code not in ("", BUSY) or time.monotonic() > until:
                break
            time.sleep(0.05)
        codes.append(code)
    return codes


BUSY = "9001"


def ends(lab: Any, orders: Mapping[str, str], seconds: float = 30.0) -> Counter[tuple[str, int]]:
    """Wait until all orders have ended, for so long; counts states with their codes."""
    until = time.monotonic() + seconds
    while True:
        legs = [_leg(lab, order) for order in orders.values()]
        if all(leg is not None and leg["run"] == "ended" for leg in legs) or time.monotonic() > until:
            return Counter(("lost", 0) if leg is None else (leg["state"], leg["code"]) for leg in legs)
        time.sleep(0.05)


def runs(lab: Any, orders: Mapping[str, str]) -> Counter[str]:
    """Count the states of the runs."""
    return Counter(leg["run"] if leg else "lost" for leg in (_leg(lab, order) for order in orders.values()))


def _leg(lab: Any, order: str) -> dict[str, Any] | None:
    try:
        leg: dict[str, Any] | None = lab.admin("jiangxi").get(f"orders/{order}")
    except Unreachable:
        return None
    return leg


def once_each(stubs: Any, ledger: str, numbers: Iterable[str]) -> list[str]:
    """Give the numbers for which a ledger has not exactly one row."""
    return [number for number in numbers if len(stubs.ledger(ledger, number=number)) != 1]


def wrong(lab: Any, orders: Mapping[str, str], platform: str = "jiangxi") -> dict[str, list[str]]:
    """Give, by ledger, the numbers whose order was not carried out, archived and told exactly once."""
    home = lab.stubs("jiangxi")
    where = {"activation": lab.stubs(platform), "archive": home, "channel-result": home, "sms": home}
    found = {ledger: once_each(stubs, ledger, orders) for ledger, stubs in where.items()}
    return {ledger: numbers for ledger, numbers in found.items() if numbers}
