"""Which stub sets `vsopgw stub up` serves: those of a lab's file, one with some roles, or one with every party."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from gateway.cli.errors import UsageFailed
from gateway.cli.lab import default_lab
from gateway.resources import etc_dir
from stubs.kit.settings import LabError, StubSettings, is_base_url, read_lab
from stubs.roles import ROLES

ALL_PORT = 7100
"""Of the set of every party: none of the lab's sets has it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says; None and empty where it says nothing."""

    roles: tuple[str, ...]
    lab: Path | None
    sets: tuple[str, ...]
    everybody: bool
    port: int | None
    gateway: str | None
    world: tuple[Path, ...]
    calls: tuple[str, ...]
    journal: int | None


def chosen(wanted: Wanted) -> list[StubSettings]:
    """Give the sets; raises UsageFailed."""
    if wanted.everybody and (wanted.roles or wanted.sets):
        raise UsageFailed("--all is every party in one set: name no ROLES and no --stubs beside it")
    unknown = [role for role in wanted.roles if role not in ROLES]
    if unknown:
        raise UsageFailed(f"stubs: no role {', '.join(unknown)}; there are {', '.join(ROLES)}")
    if wanted.gateway is not None and not is_base_url(wanted.gateway):
        raise UsageFailed("--gateway: expected an address such as http://127.0.0.1:7001")
    file = wanted.lab or default_lab()
    try:
        sets = read_lab(file)
    except LabError as error:
        raise UsageFailed(str(error)) from None
    found = [_everybody(sets[0], file)] if wanted.everybody and sets else _named(sets, file, wanted)
    if not found:
        raise UsageFailed(f"{file}: there is no stub set")
    if wanted.port and len(found) > 1:
        raise UsageFailed(f"--port: {len(found)} sets cannot share port {wanted.port}; name one by --stubs, or take 0")
    return [_changed(one, wanted) for one in found]


def _everybody(first: StubSettings, file: Path) -> StubSettings:
    """Make the set of all parties, in the province of a lab's first set, with no gateway; the shipped lab has more for it."""
    more = (etc_dir() / "lab/parties.toml",) if file == default_lab() else ()
    return StubSettings("all", first.province, ALL_PORT, None, tuple(ROLES), first.wsdl, (*first.world, *more))


def _named(sets: Sequence[StubSettings], file: Path, wanted: Wanted) -> list[StubSettings]:
    known = {one.name: one for one in sets}
    for name in wanted.sets:
        if name not in known:
            raise UsageFailed(f"{file}: no stub set {name}; there are {', '.join(known)}")
    found = [known[name] for name in wanted.sets] if wanted.sets else list(sets[:1] if wanted.roles else sets)
    roles = tuple(dict.fromkeys(wanted.roles))
    return [replace(one, roles=roles) for one in found] if roles else found


def _changed(one: StubSettings, wanted: Wanted) -> StubSettings:
    return replace(
        one,
        port=one.port if wanted.port is None else wanted.port,
        gateway=wanted.gateway or one.gateway,
        world=wanted.world or one.world,
        calls={**one.calls, **dict(map(_call, wanted.calls))},
        journal=one.journal if wanted.journal is None else wanted.journal,
    )


def _call(text: str) -> tuple[str, str]:
    contract, _, url = text.partition("=")
    parts = urlsplit(url)
    contracts = sorted({role.contract for role in ROLES.values()})
    if contract not in contracts or parts.scheme not in ("http", "https") or not parts.netloc:
        example = "portal=http://127.0.0.1:8080/portal"
        raise UsageFailed(f"--call {text}: expected CONTRACT=URL such as {example}; contracts: {', '.join(contracts)}")
    return contract, url
