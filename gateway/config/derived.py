"""Defaults that are made of other settings. Must not know where those came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.config.forms import Unfit
from gateway.domain.party import NATIONAL, PROVINCES, Party
from gateway.domain.routing import Tier
from gateway.resources import contracts_dir

HOME = {Tier.GROUP: frozenset({NATIONAL}), Tier.PROVINCE: frozenset(PROVINCES) - {NATIONAL}}
"""The province ids that a gateway of each tier may have."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A default made of other settings, by dotted name; `make` raises Unfit where there is none."""

    words: str
    make: Callable[[Mapping[str, Any]], Any]


def _home(values: Mapping[str, Any]) -> str:
    homes = HOME[values["gateway.tier"]]
    if len(homes) > 1:
        raise Unfit("is missing: a province id of two digits, such as 15")
    return min(homes)


def _public_url(values: Mapping[str, Any]) -> str:
    host = values["gateway.host"]
    if host in ("0.0.0.0", "::"):  # noqa: S104  it is refused here
        raise Unfit(f"is missing: nobody can call {host}")
    return f"http://{f'[{host}]' if ':' in host else host}:{values['gateway.port']}"


def _admin_port(values: Mapping[str, Any]) -> int:
    port: int = values["gateway.port"]
    if port + 90 > 65535:
        raise Unfit("is missing: gateway.port + 90 is above 65535")
    return port + 90 if port else 0


DERIVED: Mapping[str, Derived] = {
    "gateway.province": Derived('"35" for the group; required for a province', _home),
    "gateway.name": Derived('"vsop-{province}"', lambda v: f"vsop-{v['gateway.province']}"),
    "gateway.public_url": Derived("http://, or with [tls] https://, then gateway.host and gateway.port", _public_url),
    "gateway.state_dir": Derived('"var/{name}"', lambda v: Path("var", v["gateway.name"])),
    "gateway.contracts": Derived("the shipped ones", lambda v: contracts_dir()),
    "admin.port": Derived("gateway.port + 90, or 0 if that is 0", _admin_port),
    "admin.token_file": Derived("admin.token in gateway.state_dir", lambda v: v["gateway.state_dir"] / "admin.token"),
    "capture.directory": Derived("capture in gateway.state_dir", lambda v: v["gateway.state_dir"] / "capture"),
    "capture.key_file": Derived("capture.key in gateway.state_dir", lambda v: v["gateway.state_dir"] / "capture.key"),
    "store.path": Derived("vsop.sqlite in gateway.state_dir", lambda v: v["gateway.state_dir"] / "vsop.sqlite"),
    "partners.ca": Derived("call.ca", lambda v: v["call.ca"]),
    "partners.certificate": Derived("call.certificate", lambda v: v["call.certificate"]),
    "partners.key": Derived("call.key", lambda v: v["call.key"]),
    "partners.deadline": Derived("call.deadline_s", lambda v: v["call.deadline"]),
    "partners.trace": Derived("true for vsop, else false", lambda v: v["partners.party"] is Party.VSOP),
    "partners.user_state": Derived("true for ismp, else false", lambda v: v["partners.party"] is Party.ISMP),
}
