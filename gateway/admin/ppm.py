"""PPM's part of the admin API: applications from a file, the audit by a person, the delivery ledger and the resend of one cell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from gateway.admin.problems import Problem, decode
from gateway.domain.catalogue import Offer, Product, Status
from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, ObjectKind
from gateway.engine.fallout import Hand
from gateway.engine.ports import OrderRow, StoreFailed
from gateway.errors import BUSY, OK, RESULTS, Result
from gateway.services.catalogue_changes import Filed, file_object, file_state
from gateway.services.catalogue_work import AUDITED_SECTIONS, CannotDo, decide, resend, waiting
from gateway.services.desk import Desk, Refusal

Act = Callable[[str, bytes], Awaitable[object]]

MOST_APPLICATIONS = 200
"""In one upload: it is answered as a whole, within the caller's patience."""

class StateChange(msgspec.Struct, forbid_unknown_fields=True):
    """Another state for an object."""

    kind: ObjectKind
    id: str
    status: Status


class Application(msgspec.Struct, forbid_unknown_fields=True):
    """One application of a file: a product, an offer or a change of state; exactly one of them is there."""

    application_id: str
    product: Product | None = None
    offer: Offer | None = None
    state: StateChange | None = None


class Filing(msgspec.Struct, forbid_unknown_fields=True):
    """Body of POST /v1/applications with who files them, which the audit log then keeps; the bare list is taken as well."""

    applications: list[Application]
    who: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """What the person who audits decides."""

    approve: bool
    why: str = ""
    who: str = ""


class Resend(msgspec.Struct, forbid_unknown_fields=True):
    """Which cell of the ledger is to be delivered again."""

    kind: ObjectKind
    id: str
    target: str
    who: str = ""
    why: Annotated[str, msgspec.Meta(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an application; a retryable result ends the list: it and what follows were not taken."""

    code: int
    retryable: bool
    text: str


def resources(desk: Desk) -> Mapping[tuple[str, str], Act]:
    """Give the resources by method and first part of the path."""
    ppm = _PpmResources(desk)
    return {
        ("POST", "applications"): ppm.post_applications,
        ("GET", "audits"): ppm.get_audits,
        ("POST", "audits"): ppm.post_audit,
        ("GET", "deliveries"): ppm.get_deliveries,
        ("POST", "deliveries"): ppm.post_resend,
    }


class _PpmResources:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def _served(self) -> Desk:
        if not self._desk.ppm_served:
            raise Problem(409, "this gateway is no PPM: see [ppm] serve in its configuration")
        return self._desk

    async def post_applications(self, name: str, body: bytes) -> object:
        """File applications in their order, up to the first one that must wait."""
        desk = self._served()
        given = decode(body, Filing | list[Application])
        applications, hand = (given, None) if isinstance(given, list) else (given.applications, Hand(given.who, given.why))
        if len(applications) > MOST_APPLICATIONS:
            raise Problem(400, f"at most {MOST_APPLICATIONS} applications in one upload")
        answered: list[Answered] = []
        for application in applications:
            answered.append(await _filed(desk, application, hand))
            if answered[-1].retryable:
                break
        return answered

    async def get_audits(self, name: str, body: bytes) -> object:
        """List the applications that wait for a person."""
        desk = self._served()
        found = [row for section in AUDITED_SECTIONS for row in await waiting(desk, section)]
        return [_audit(row) for row in sorted(found, key=lambda row: row.order.accepted_at)]

    async def post_audit(self, change_id: str, body: bytes) -> object:
        """Approve or reject an application; 404 if there is none that waits here."""
        decision = decode(body, Decision)
        try:
            await decide(self._served(), change_id, approve=decision.approve, why=decision.why, who=decision.who)
        except CannotDo as reason:
            raise Problem(404 if reason.unknown else 409, str(reason)) from None
        return {"id": change_id, "approved": decision.approve}

    async def get_deliveries(self, name: str, body: bytes) -> object:
        """Give the ledger of an object, named as `product:ID` or `offer:ID`; without a name, how many cells are in which state."""
        desk = self._served()
        if not name:
            return await desk.store.cell_counts()
        kind, _, object_id = name.partition(":")
        if kind not in list(ObjectKind):
            raise Problem(404, "no such resource")
        master = await desk.store.master(ObjectKind(kind), object_id)
        cells = await desk.store.cells(ObjectKind(kind), object_id)
        if master is None and not cells:
            raise Problem(404, f"no {kind} {object_id[:60]} at this PPM")
        state = None if master is None else {"version": master.version, "status": master.status}
        return {"master": state, "cells": cells}

    async def post_resend(self, name: str, body: bytes) -> object:
        """Deliver the newest version to one target again; 404 if it never went there."""
        wanted = decode(body, Resend)
        try:
            sent = await resend(self._served(), wanted.kind, wanted.id, wanted.target, wanted.who, wanted.why)
        except CannotDo as reason:
            raise Problem(404 if reason.unknown else 409, str(reason)) from None
        return {"id": sent.id, "version": sent.object.version, "status": sent.object.status}


async def _filed(desk: Desk, application: Application, hand: Hand | None) -> Answered:
    if desk.engine.busy:
        return _answered(BUSY)
    now = desk.clock.now()
    filed = Filed(desk.here.ppm_system, application.application_id, "", "", now, hand=hand)
    try:
        refusal = await _file(desk, filed, application)
    except StoreFailed as failure:  # nothing is stored, so nothing may be told as taken
        desk.events("store.failed", error=failure)
        return _answered(BUSY)
    if refusal is None:
        return _answered(OK)
    desk.events("order.refused", system=filed.system, streaming_no=application.application_id, code=refusal.result.code)
    return _answered(refusal.result, refusal.detail)


async def _file(desk: Desk, filed: Filed, application: Application) -> Refusal | None:
    given = (application.product, application.offer, application.state)
    if sum(each is not None for each in given) != 1:
        raise Problem(400, f"{application.application_id[:60]}: exactly one of product, offer and state")
    if application.state is not None:
        wanted = application.state
        return await file_state(desk, filed, wanted.kind, wanted.id, wanted.status)
    return await file_object(desk, filed, CatalogueObject(application.product, application.offer))


def _answered(result: Result, detail: str = "") -> Answered:
    return Answered(result.code, result.retryable, result.describe(detail))


@dataclass(frozen=True, slots=True)
class Audit:
    """An application that waits for a person, as the command line shows it."""

    id: str
    application: str
    system: str
    section: str
    kind: ObjectKind
    object: str
    name_zh: str
    name_en: str
    action: str
    at: datetime
    objection: str
    """What the rules say against it; empty if nothing."""


def _audit(row: OrderRow) -> Audit:
    change = row.order
    assert isinstance(change, CatalogueChange)
    whole = change.object.whole
    says = RESULTS[change.objection].describe(change.objects_to) if change.objection else ""
    return Audit(
        change.id, change.channel_order_id, change.channel, change.section, change.object.kind, whole.id, whole.name_zh, whole.name_en,
        change.action, change.accepted_at, says,
    )  # fmt: skip
