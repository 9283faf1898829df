"""What the end-to-end tests of several subjects do: wait for a fact, let partners misbehave for a while, see who holds what."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.cli.stub_client import StubClient

X, X_PREMIUM, X_BOX, X_FLAGSHIP, X_PICTURE, X_FIXED = (f"11500000000000000010{n}" for n in (1, 2, 3, 6, 7, 8))
ISMP, NATIONAL_X, NATIONAL_ISMP = "115000000000000000201", "135000000000000000301", "135000000000000000401"


def until(read: Callable[[], Any], wanted: Any, seconds: float = 10.0) -> Any:
    """Read until it is what is wanted, for so long; gives what was read last."""
    end = time.monotonic() + seconds
    while (found := read()) != wanted and time.monotonic() < end:
        time.sleep(0.03)
    return found


@contextmanager
def behaving(stubs: StubClient, modes: dict[str, str]) -> Iterator[None]:
    """Let partners answer otherwise for a while: modes of roles (xplatform) or of operations (ocs.feeCheck)."""
    _set(stubs, {f"{name}.mode": mode for name, mode in modes.items()})
    try:
        yield
    finally:
        _set(stubs, {f"{name}.mode": None if "." in name else "final" for name in modes})


def _set(stubs: StubClient, settings: dict[str, str | None]) -> None:
    request = urllib.request.Request(f"{stubs.url}/settings", json.dumps(settings).encode())
    urllib.request.urlopen(request, timeout=10).close()


def _look(stubs: StubClient, path: str) -> Any:
    with urllib.request.urlopen(f"{stubs.url}/{path}", timeout=10) as answer:
        return json.load(answer)


def catalogue(stubs: StubClient, role: str, object_id: str) -> list[dict[str, Any]]:
    """Give an object of the catalogue as a partner holds it; empty if it holds none."""
    found: list[dict[str, Any]] = _look(stubs, f"catalogue?role={role}&object={object_id}")["objects"]
    return found


def active(lab: Any, name: str, number: str) -> set[str]:
    """Give the products of the relations that stand at a tier."""
    return {product for product, state in lab.relations(name, number).items() if state == "active"}


def services(lab: Any, name: str, number: str) -> dict[str, str]:
    """Give what the platforms beside a gateway serve a number with: product to active or suspended."""
    found = [service for service in _look(lab.stubs(name), "world")["active"] if service["number"] == number]
    return {service["product"]: "suspended" if service["suspended"] else "active" for service in found}


def served(lab: Any, name: str, number: str) -> set[str]:
    """Give the products that the platforms beside a gateway serve a number with."""
    return set(services(lab, name, number))


def everywhere(lab: Any, number: str) -> dict[str, set[str]]:
    """Give what stands for a number of Jiangxi at the province, at its platforms, at the group and at the national platform."""
    return {
        "province": active(lab, "jiangxi", number), "platforms": served(lab, "jiangxi", number),
        "group": active(lab, "group", number), "national": served(lab, "group", number),
    }  # fmt: skip
