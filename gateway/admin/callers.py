"""The partners that may call this gateway, as the admin API shows and changes them: state, quotas, password."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from gateway.access.changes import Rotation, Value
from gateway.access.door import Door
from gateway.access.partner import Connections, Day, Partner, Rate, State
from gateway.admin.problems import Problem, decode
from gateway.config.forms import Unfit
from gateway.engine.ports import Clock

Resource = Callable[[str, bytes], Awaitable[object]]

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
_STATES = {"suspend": State.SUSPENDED, "resume": State.RUNNING, "isolate": State.ISOLATED}
LONGEST_OVERLAP = 90 * 24 * 3600.0
"""Seconds for which a former password may stay good."""


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """Body of POST /v1/callers/NAME."""

    act: Literal["suspend", "resume", "isolate", "limit", "rotate", "reset"]
    who: Name
    why: Reason
    rate: Rate | None = None
    """For limit: what is None stays as it is."""
    day: Day | None = None
    connections: Connections | None = None
    file: str = ""
    """For rotate: the file of the new password, on the gateway's machine, relative to the file of partners."""
    overlap: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_OVERLAP)] = 0.0
    """For rotate: seconds for which the former one stays good."""


@dataclass(frozen=True, slots=True)
class CallerView:
    """One partner as it is now; `changed` is what people changed, as JSON by what it is. No secret is shown."""

    name: str
    state: State
    systems: list[str]
    authentication: list[str]
    operations: list[str]
    provinces: list[str] | None
    networks: list[str]
    gateway: bool
    calls: list[str]
    rate: Rate | None
    day: Day | None
    connections: Connections | None
    today: int
    above: int
    open: int
    """Its connections at present, if it has a quota of them; of this process alone."""
    changed: Mapping[str, str]


def resources(door: Door | None, clock: Clock) -> Mapping[tuple[str, str], Resource]:
    """Give the resources by method and first part of the path; without a door there is nobody to show."""
    callers = _Callers(door, clock)
    return {("GET", "callers"): callers.get, ("POST", "callers"): callers.post}


class _Callers:
    def __init__(self, door: Door | None, clock: Clock) -> None:
        self._door = door
        self._clock = clock

    async def get(self, name: str, query: bytes) -> object:
        """List all, or show one."""
        if self._door is None:
            return []
        if name:
            return self._view(self._door, self._found(self._door, name))
        return [self._view(self._door, partner) for partner in self._door.roster.partners.all.values()]

    async def post(self, name: str, body: bytes) -> object:
        """Change one; gives it as it is then."""
        wanted = decode(body, Change)
        if self._door is None:
            raise Problem(409, "this gateway has no file of partners: see [access] partners in its configuration")
        partner, roster = self._found(self._door, name), self._door.roster
        if wanted.act == "reset":
            await roster.reset(name, wanted.who, wanted.why)
            return self._view(self._door, self._found(self._door, name))
        try:
            await roster.change(name, self._values(wanted, partner), wanted.act, wanted.who, wanted.why)
        except Unfit as problem:
            raise Problem(400, f"the password {problem}") from None
        return self._view(self._door, self._found(self._door, name))

    def _found(self, door: Door, name: str) -> Partner:
        partner = door.roster.partners.all.get(name)
        if partner is None:
            raise Problem(404, f"no partner {name[:60]} in the file of partners")
        return partner

    def _values(self, wanted: Change, partner: Partner) -> dict[str, Value]:
        if wanted.act == "limit":
            values: dict[str, Value] = {"rate": wanted.rate, "day": wanted.day, "connections": wanted.connections}
            values = {what: value for what, value in values.items() if value is not None}
            for quota in (wanted.rate, wanted.day, wanted.connections):
                _judge(quota)
            if not values:
                raise Problem(400, "limit needs a rate, a day or connections")
            return values
        if wanted.act == "rotate":
            if not partner.passwords or not wanted.file:
                raise Problem(400, "rotate needs a file, and a partner that has a password")
            return {"password": Rotation(wanted.file, self._clock.now() + timedelta(seconds=wanted.overlap))}
        return {"state": _STATES[wanted.act]}

    def _view(self, door: Door, partner: Partner) -> CallerView:
        today, above = door.quotas.used(partner.name, door.seconds())
        provinces = None if partner.provinces is None else sorted(partner.provinces)
        return CallerView(
            partner.name, partner.state, sorted(partner.systems), sorted(partner.authentication), sorted(partner.operations),
            provinces, [str(network) for network in partner.networks], partner.gateway, sorted(partner.calls),
            partner.rate, partner.day, partner.connections, today, above, door.lines.held(partner.name), door.roster.changed(partner.name),
        )  # fmt: skip


def _judge(quota: Rate | Day | Connections | None) -> None:
    """What the file of partners would not take is not taken here either."""
    good = quota is None or (
        (0.001 <= quota.per_second <= 1e6 and 1 <= quota.burst <= 1_000_000)
        if isinstance(quota, Rate)
        else 1 <= quota.most <= 60_000
        if isinstance(quota, Connections)
        else 1 <= quota.requests <= 1_000_000_000
    )
    if not good:
        raise Problem(
            400, "a rate is 0.001 to 1 000 000 a second with a burst of 1 to 1 000 000; a day is 1 to 1 000 000 000 requests; "
            "connections are 1 to 60 000",
        )  # fmt: skip
