"""The fall-out desk's part of the admin API: what is parked, what can be done about it, the acts, and the audit log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import msgspec

from gateway.admin.legs import Leg, leg, subject_of
from gateway.admin.problems import Problem, decode
from gateway.domain.party import CHANNEL_SYSTEMS, CRM_SYSTEMS, ISMP_SYSTEMS, PROVINCE_SYSTEM, PROVISIONING_SYSTEM
from gateway.engine.fallout import Act, CannotAct, Choice, Hand
from gateway.engine.ports import OrderRow, Parked, RunRow, RunState, StoreFailed
from gateway.errors import BUSY
from gateway.services.desk import Desk

Resource = Callable[[str, bytes], Awaitable[object]]

CALLERS = sorted({*CHANNEL_SYSTEMS, *CRM_SYSTEMS, *ISMP_SYSTEMS, PROVISIONING_SYSTEM, PROVINCE_SYSTEM})
"""Who brings orders and applications under numbers of their own; to the group a province is such a caller; repairs are our own."""
MOST_LISTED = 1000
MOST_SEEN = 20_000
"""Parked runs that a bulk retry looks through, the oldest first."""
MOST_RETRIED = 1000
"""In one bulk retry: it is answered as a whole, within the caller's patience. Who wants more asks again."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Reason = Annotated[str, msgspec.Meta(max_length=500)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST_LISTED)]


class Handling(msgspec.Struct, forbid_unknown_fields=True):
    """Body of POST /v1/fallout/ORDER."""

    act: Act
    who: Name
    why: Reason = ""
    code: int | None = None
    """For skip: 0 where the step was done, else a code of the result table."""
    force: bool = False
    """For cancel: the flow cannot go on."""


class BulkRetry(msgspec.Struct, forbid_unknown_fields=True):
    """Body of POST /v1/fallout: retry all that is parked and fits; an empty filter fits everything."""

    act: Literal["retry"]
    who: Name
    why: Reason
    cause: str = ""
    """Part of the cause."""
    party: str = ""
    """Who was asked, such as xplatform:303."""
    section: str = ""
    before: datetime | None = None
    """Passes over what was parked later: who asks again gives what the first answer said, and retries nothing twice."""


class Listing(msgspec.Struct, forbid_unknown_fields=True):
    """Query of GET /v1/fallout."""

    limit: Limit = MOST_LISTED


class AuditQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Query of GET /v1/audit."""

    subject: str = ""
    limit: Limit = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A parked run as the list shows it; `about` names its user, masked, or its object of the catalogue."""

    order: str
    channel_order: str
    section: str
    action: str
    about: str
    cause: str
    code: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A parked run, its ladder at this tier, and what each act leads to."""

    order: str
    cause: str
    code: int
    leg: Leg
    choices: tuple[Choice, ...]


def resources(desk: Desk) -> Mapping[tuple[str, str], Resource]:
    """Give the resources by method and first part of the path."""
    fallout = _FalloutResources(desk)
    return {
        ("GET", "fallout"): fallout.get,
        ("POST", "fallout"): fallout.post,
        ("GET", "audit"): fallout.get_audit,
    }


async def find(desk: Desk, name: str) -> OrderRow | None:
    """Find an order or another matter by our id, or by its caller's own number."""
    row = await desk.store.order(name)
    if row is not None:
        return row
    callers = dict.fromkeys((*CALLERS, desk.here.system))
    rows = [found for caller in callers for found in await desk.store.orders_by_channel(caller, name)]
    return rows[0] if rows else None


class _FalloutResources:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def get(self, name: str, query: bytes) -> object:
        """List what is parked, the oldest first; with a name, show one."""
        if name:
            return await self._show(name)
        wanted = _read(query, Listing)
        return [_row(parked) for parked in await self._desk.store.parked_runs(wanted.limit)]

    async def post(self, name: str, body: bytes) -> object:
        """Act on one parked run, or retry many."""
        try:
            return await (self._act(name, body) if name else self._retry_all(body))
        except StoreFailed as failure:
            self._desk.events("store.failed", error=failure)
            raise Problem(503, BUSY.describe()) from None

    async def get_audit(self, name: str, query: bytes) -> object:
        """Give what was done by hand, the newest first."""
        wanted = _read(query, AuditQuery)
        return await self._desk.store.audit(wanted.subject, wanted.limit)

    async def _show(self, name: str) -> Shown:
        order, run = await self._run(name)
        if run.state is not RunState.STUCK:
            raise Problem(404, f"order {name[:60]} is not parked: it is {run.state}")
        choices = await self._desk.engine.fallout.choices(run)
        return Shown(run.run_id, run.note, run.code, leg(self._desk.here, order, run), choices)

    async def _act(self, name: str, body: bytes) -> object:
        wanted = decode(body, Handling)
        if wanted.act is not Act.RETRY and not wanted.why.strip():
            raise Problem(400, f"{wanted.act} needs a reason: the audit log keeps it")
        if (wanted.act is Act.SKIP) != (wanted.code is not None):
            raise Problem(400, "a code belongs to skip, and to nothing else: 0 where the step was done")
        _, run = await self._run(name)
        try:
            await self._do(run.run_id, wanted)
        except CannotAct as reason:
            raise Problem(404 if reason.unknown else 409, reason.text) from None
        return {"order": run.run_id, "act": wanted.act}

    async def _do(self, run_id: str, wanted: Handling) -> None:
        fallout, hand = self._desk.engine.fallout, Hand(wanted.who, wanted.why)
        if wanted.act is Act.RETRY:
            await fallout.retry(run_id, hand)
        elif wanted.code is not None:
            await fallout.skip(run_id, wanted.code, hand)
        else:
            await fallout.cancel(run_id, hand, force=wanted.force)

    async def _retry_all(self, body: bytes) -> object:
        wanted = decode(body, BulkRetry)
        if not wanted.why.strip():
            raise Problem(400, "a bulk retry needs a reason: the audit log keeps it")
        before = wanted.before or self._desk.clock.now()
        found = [parked for parked in await self._desk.store.parked_runs(MOST_SEEN) if _fits(parked, wanted, before)]
        ids = [parked.run_id for parked in found[:MOST_RETRIED]]
        retried = await self._desk.engine.fallout.retry_all(ids, Hand(wanted.who, wanted.why))
        return {"retried": retried, "before": before, "more": len(found) > MOST_RETRIED}

    async def _run(self, name: str) -> tuple[OrderRow, RunRow]:
        order = await find(self._desk, name)
        run = None if order is None else await self._desk.store.run(order.order.id)
        if order is None or run is None:
            raise Problem(404, f"no order {name[:60]} at this gateway")
        return order, run


def _fits(parked: Parked, wanted: BulkRetry, before: datetime) -> bool:
    """Whether a filter means this run; the cause begins with who was asked."""
    return (
        parked.at < before
        and wanted.cause in parked.note
        and (not wanted.party or parked.note.startswith(f"{wanted.party}: "))
        and wanted.section in ("", parked.order.section)
    )


def _row(parked: Parked) -> Row:
    matter = parked.order
    return Row(
        parked.run_id, matter.channel_order_id, matter.section, matter.action, subject_of(matter), parked.note, parked.code, parked.at
    )  # fmt: skip


def _read(query: bytes, kind: Any) -> Any:
    """Read a query string as a type; raises Problem for what does not fit."""
    try:
        return msgspec.convert(dict(parse_qsl(query.decode("latin-1"))), kind, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(400, f"the query is not of the expected form: {error}") from None
