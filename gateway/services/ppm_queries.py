"""What PPM tells of its work: how an application stands, and the delivery ledger of an object. Neither waits for anybody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.catalogue_change import CatalogueChange
from gateway.domain.order import OrderState
from gateway.domain.party import CRM_SYSTEMS, GROUP_SYSTEM, ISMP_SYSTEMS, PPM_SYSTEMS, PROVINCE_SYSTEM
from gateway.engine.ports import OrderRow
from gateway.errors import OK, RESULTS, UNKNOWN_APPLICATION, UNKNOWN_OBJECT
from gateway.flows.publication import AUDIT
from gateway.services.catalogue_judging import present
from gateway.services.desk import Desk, answered, plain
from gateway.services.forwarding import stranger
from gateway.vocabulary import OBJECT_KINDS, OBJECT_STATUS_CODE, SYNC_STATE_CODE, write_time

MOST_CELLS = 500
"""maxOccurs of SyncInfo in the contract; the newest versions are told."""

MAY_SEE_LEDGER = CRM_SYSTEMS | ISMP_SYSTEMS | PPM_SYSTEMS | {GROUP_SYSTEM, PROVINCE_SYSTEM}


class AuditState(StrEnum):
    """How an audit stands: the wire's digits are 0, 1, 2 in this order."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


AUDIT_STATE_CODE = dict(zip(AuditState, "012", strict=True))


@dataclass(frozen=True, slots=True)
class Verdict:
    """An audit's state, and what there is to say about it."""

    state: AuditState
    opinion: str = ""


async def verdict(desk: Desk, row: OrderRow) -> Verdict:
    """Tell how the audit of a change stands; of one that was approved and still failed, the opinion says why."""
    change = row.order
    assert isinstance(change, CatalogueChange)
    code, text = change.objection, change.objects_to
    if change.held:
        run = await desk.store.run(change.id)
        step = next((s for s in run.steps if s.name == AUDIT), None) if run is not None else None
        if step is None or step.reply is None:
            return Verdict(AuditState.WAITING, RESULTS[code].describe(text) if code else "")
        code, text = step.reply.code, step.reply.text
    if code:
        return Verdict(AuditState.REJECTED, RESULTS[code].describe(text))
    return Verdict(AuditState.APPROVED, RESULTS[row.code].describe() if row.state is OrderState.FAILED else "")


async def audit_result(desk: Desk, codec: Codec, request: Message) -> Message:
    """Answer auditResultQry."""
    return await answered(desk, codec["auditResultQryResponse"], request, _audit_result(desk, codec, request))


async def _audit_result(desk: Desk, codec: Codec, request: Message) -> Message:
    made = codec["auditResultQryResponse"]
    if request.SystemId not in CRM_SYSTEMS:
        refusal = stranger(desk, request.SystemId)
        return plain(made, request, refusal.result, refusal.detail)
    rows = await desk.store.orders_by_channel(request.SystemId, request.ApplicationId)
    row = next((r for r in rows if isinstance(r.order, CatalogueChange)), None)
    if row is None:
        return plain(made, request, UNKNOWN_APPLICATION, request.ApplicationId)
    found = await verdict(desk, row)
    answer = plain(made, request, OK)
    answer.AuditState = AUDIT_STATE_CODE[found.state]
    answer.Opinion = found.opinion or None
    return answer


async def sync_status(desk: Desk, codec: Codec, request: Message) -> Message:
    """Answer catalogSyncStatusQry."""
    return await answered(desk, codec["catalogSyncStatusQryResponse"], request, _sync_status(desk, codec, request))


async def _sync_status(desk: Desk, codec: Codec, request: Message) -> Message:
    made = codec["catalogSyncStatusQryResponse"]
    if request.SystemId not in MAY_SEE_LEDGER:
        refusal = stranger(desk, request.SystemId)
        return plain(made, request, refusal.result, refusal.detail)
    kind = OBJECT_KINDS[request.ObjectType]
    if await present(desk, kind, request.ObjectID) is None:
        return plain(made, request, UNKNOWN_OBJECT, request.ObjectID)
    cells = await desk.store.cells(kind, request.ObjectID)
    answer = plain(made, request, OK)
    answer.SyncInfo = [
        codec["SyncInfo"](
            TargetSystem=cell.target, Version=cell.version, Status=OBJECT_STATUS_CODE[cell.status],
            SyncState=SYNC_STATE_CODE[cell.state], OPResult=str(cell.code), SyncTime=write_time(cell.at),
        )
        for cell in cells[-MOST_CELLS:]
    ]  # fmt: skip
    return answer
