"""The ppm contract: one coroutine per operation, named as in the contract.

An application's status is where it comes from, applied, or where it shall end, normal: what is published is normal in any case.
"""

from __future__ import annotations

from functools import partial

from gateway.catalogue_wire import read_object
from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.party import CRM_SYSTEMS, ISMP_SYSTEMS
from gateway.engine.ports import InboxRow
from gateway.services import ppm_queries
from gateway.services.catalogue_changes import Filed, file_notice, file_object, file_state
from gateway.services.desk import Act, Desk, Refusal, once
from gateway.services.forwarding import stranger
from gateway.soap.endpoint import Exchange
from gateway.vocabulary import OBJECT_KINDS, OBJECT_STATUS, OP_FLAGS


class PpmService:
    """Handler of wsdl/ppm.wsdl."""

    NEW_WORK = frozenset(
        {
            "submitProductApplication", "submitOfferApplication", "submitStateChange", "prodInfoSynFromISMP", "offerInfoSynFromISMP",
        }
    )  # fmt: skip
    """All but the queries."""

    def __init__(self, desk: Desk, codec: Codec) -> None:
        self._desk = desk
        self._codec = codec

    async def submitProductApplication(self, request: Message, exchange: Exchange) -> Message:
        """Take CRM's application for a product (seed 2.1 step 1)."""
        return await self._once("submitProductApplication", request, partial(self._apply, request))

    async def submitOfferApplication(self, request: Message, exchange: Exchange) -> Message:
        """Take CRM's application for an offer (seed 3.1 and 2.2b step 1)."""
        return await self._once("submitOfferApplication", request, partial(self._apply, request))

    async def submitStateChange(self, request: Message, exchange: Exchange) -> Message:
        """Take CRM's application for another state (seed 2.1 step 5, 2.2b step 2)."""
        return await self._once("submitStateChange", request, partial(self._change_state, request))

    async def auditResultQry(self, request: Message, exchange: Exchange) -> Message:
        """Tell CRM how an application of its own stands."""
        return await ppm_queries.audit_result(self._desk, self._codec, request)

    async def prodInfoSynFromISMP(self, request: Message, exchange: Exchange) -> Message:
        """Take a product that ISMP has configured (seed 2.2 step 1)."""
        return await self._once("prodInfoSynFromISMP", request, partial(self._notice, request))

    async def offerInfoSynFromISMP(self, request: Message, exchange: Exchange) -> Message:
        """Take an offer that ISMP has configured (seed 2.3 step 1)."""
        return await self._once("offerInfoSynFromISMP", request, partial(self._notice, request))

    async def catalogSyncStatusQry(self, request: Message, exchange: Exchange) -> Message:
        """Tell what became of each version of an object at each target."""
        return await ppm_queries.sync_status(self._desk, self._codec, request)

    async def _apply(self, request: Message, inbox: InboxRow) -> Refusal | None:
        if request.SystemId not in CRM_SYSTEMS:
            return stranger(self._desk, request.SystemId)
        return await file_object(self._desk, _application(request, inbox), read_object(request, 0))

    async def _change_state(self, request: Message, inbox: InboxRow) -> Refusal | None:
        if request.SystemId not in CRM_SYSTEMS:
            return stranger(self._desk, request.SystemId)
        kind, status = OBJECT_KINDS[request.ObjectType], OBJECT_STATUS[request.Status]
        return await file_state(self._desk, _application(request, inbox), kind, request.ObjectID, status)

    async def _notice(self, request: Message, inbox: InboxRow) -> Refusal | None:
        system = request.SystemId
        if system not in ISMP_SYSTEMS:
            return stranger(self._desk, system)
        filed = Filed(
            system, request.StreamingNo, request.StreamingNo, inbox.operation, inbox.at, (inbox,), manager=system
        )
        return await file_notice(self._desk, filed, OP_FLAGS[request.OPFlag], read_object(request, 0))

    async def _once(self, operation: str, request: Message, act: Act) -> Message:
        new_work = operation in self.NEW_WORK
        return await once(self._desk, self._codec, request, operation, act, new_work=new_work)


def _application(request: Message, inbox: InboxRow) -> Filed:
    return Filed(request.SystemId, request.ApplicationId, request.StreamingNo, inbox.operation, inbox.at, (inbox,))
