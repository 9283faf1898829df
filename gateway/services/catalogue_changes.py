"""Changes of the catalogue as PPM takes them: judged at once over what PPM and VSOP hold, then a flow of their own.

Whoever files one (CRM's message, ISMP's message, the operator's file), it goes through here, so each refusal has one code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gateway.domain.catalogue import OfferType, Status
from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, ChangeKind, ObjectKind
from gateway.domain.catalogue_rules import objection
from gateway.domain.catalogue_targets import targets
from gateway.domain.numbers import Number
from gateway.domain.party import Party
from gateway.engine.fallout import Hand
from gateway.engine.ports import AuditKept, DuplicateRequest, InboxRow, ItemLocked, MasterUnchanged, Write
from gateway.errors import NO_ROUTE, NUMBER_REUSED, OBJECT_BUSY
from gateway.flows.registry import PUBLICATION
from gateway.flows.sections import SECTIONS
from gateway.services.catalogue_judging import Wanted, new_object, notice, other_state
from gateway.services.desk import Desk, Refusal, order_id

BY_PPM = ""
"""The manager of what no ISMP manages."""

SECTION_OF_OFFER = {OfferType.PURE: "3.1", OfferType.VAS_BUNDLE: "2.2b", OfferType.TRADITIONAL_BUNDLE: "2.2b"}
SECTION_BY_ISMP = {ObjectKind.PRODUCT: "2.2", ObjectKind.OFFER: "2.3"}

Key = tuple[ObjectKind, str]
Judge = Callable[[], Awaitable[Wanted | Refusal]]


@dataclass(frozen=True, slots=True)
class Filed:
    """Who files a change, and under which numbers."""

    system: str
    application_id: str
    """The sender's number of an application; of a notice of ISMP its StreamingNo."""
    streaming_no: str
    entry: str
    """The operation by which it came; empty where PPM's own clerk filed it."""
    at: datetime
    inbox: tuple[InboxRow, ...] = ()
    """The request, where it was a message."""
    manager: str = BY_PPM
    """Whose objects the sender may change."""
    hand: Hand | None = None
    """Who filed it at the console, for the audit log."""


async def file_object(desk: Desk, filed: Filed, new: CatalogueObject) -> Refusal | None:
    """Take an application for a new product or offer (seed 2.1, 3.1, 2.2b step 1)."""
    judge = partial(new_object, desk, filed.manager, new)
    return await _filed(desk, filed, (new.kind, new.id), ("new", new.at(Status.APPLIED, 0)), judge)


async def file_state(desk: Desk, filed: Filed, kind: ObjectKind, object_id: str, status: Status) -> Refusal | None:
    """Take an application for another state of an object (seed 2.1 step 5, 2.2b step 2)."""
    judge = partial(other_state, desk, filed.manager, kind, object_id, status)
    return await _filed(desk, filed, (kind, object_id), ("state", kind, object_id, status), judge)


async def file_notice(desk: Desk, filed: Filed, change: ChangeKind, told: CatalogueObject) -> Refusal | None:
    """Take what ISMP has configured (seed 2.2 and 2.3 step 1)."""
    return await _alone(desk, filed, (told.kind, told.id), partial(notice, desk, filed.manager, change, told))


def parties(section: str, act: str) -> tuple[Party, ...]:
    """Give who hears of an act of a section (test, publish, change), in the order of its numbers."""
    numbers = SECTIONS[section]
    return tuple(sorted((p for p in Party if numbers[f"{act}-{p}"]), key=lambda p: numbers[f"{act}-{p}"]))


async def _filed(desk: Desk, filed: Filed, key: Key, content: tuple[object, ...], judge: Judge) -> Refusal | None:
    """Take an application once: the same under its number again is answered as before, another one is refused."""
    digest = hashlib.blake2b(repr(content).encode(), digest_size=16).hexdigest()
    row = InboxRow(filed.system, f"application {filed.application_id}", filed.entry, digest, "{}", filed.at)
    known = await desk.store.inbox(row.system, row.streaming_no)
    if known is None:
        try:
            return await _alone(desk, filed, key, judge, row)
        except DuplicateRequest:
            known = await desk.store.inbox(row.system, row.streaming_no)
            if known is None:  # it is the StreamingNo that is taken: whoever answers requests knows what to do
                raise
    elif known.digest == digest and filed.inbox:
        await desk.store.commit(filed.inbox)
    return None if known.digest == digest else Refusal(NUMBER_REUSED, filed.application_id)


async def _alone(desk: Desk, filed: Filed, key: Key, judge: Judge, *rows: InboxRow) -> Refusal | None:
    """Judge and begin a change while nobody else changes the object: what was read still holds when it is written."""
    try:
        # The port asks for a lock by a number and what is locked for it: an object's stands under its kind (CatalogueChange.locks).
        if await desk.store.open_order_for(Number(key[0]), key[1]) is not None:
            return Refusal(OBJECT_BUSY, key[1])
        before = await desk.store.master(*key)
        judged = MasterUnchanged(*key, None if before is None else before.version)
        wanted = await judge()
        return wanted if isinstance(wanted, Refusal) else await _begin(desk, filed, wanted, (*rows, judged))
    except ItemLocked:
        return Refusal(OBJECT_BUSY, key[1])


async def _begin(desk: Desk, filed: Filed, wanted: Wanted, rows: tuple[Write, ...]) -> Refusal | None:
    changed = wanted.object
    section = _section(changed, filed.manager)
    act = "change" if wanted.is_state_change else "publish"
    told = targets(desk.here, changed, wanted.products, parties(section, act), desk.partners)
    if not told:
        return Refusal(NO_ROUTE, changed.id)
    is_new = wanted.change is ChangeKind.ADDED
    testers = targets(desk.here, changed, wanted.products, parties(section, "test"), desk.partners) if is_new else ()
    if testers:  # the test is a version of its own, before the one that is published
        changed = changed.at(changed.status, changed.version + 1)
    audited = bool(SECTIONS[section]["change-audit" if wanted.is_state_change else "audit"])
    found = objection(changed, desk.catalogue, {p.id: p for p in wanted.products}) if audited else None
    serial = await desk.engine.next_serial()
    own_id = order_id(desk.here, filed.at, serial)
    change = CatalogueChange(
        id=own_id, trace_id=own_id, section=section, change=wanted.change, is_state_change=wanted.is_state_change,
        channel=filed.system, channel_order_id=filed.application_id, streaming_no=filed.streaming_no, entry=filed.entry, object=changed,
        held=audited and desk.audit_held, testers=testers, targets=told, accepted_at=filed.at,
        objection=0 if found is None else found.result.code, objects_to="" if found is None else found.detail,
    )  # fmt: skip
    hand = filed.hand
    kept = () if hand is None else (AuditKept(filed.at, hand.who, "ppm.apply", own_id, hand.why, f"{change.action} {changed.id}"),)
    await desk.engine.start(PUBLICATION, serial, change, *filed.inbox, *kept, *rows)
    return None


def _section(changed: CatalogueObject, by: str) -> str:
    if by != BY_PPM:
        return SECTION_BY_ISMP[changed.kind]
    return "2.1" if changed.offer is None else SECTION_OF_OFFER[changed.offer.type]
