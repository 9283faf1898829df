"""计费系统: archives what an order made or ended, one record for each order, and knows the catalogue."""

from __future__ import annotations

from typing import Any

from gateway.contract.codec import Message
from gateway.errors import NUMBER_REUSED, OK
from stubs.kit.catalogue import CatalogueTarget
from stubs.kit.journal import as_dict
from stubs.kit.recon import ACTIVE, ENDED, SUSPENDED, charge, charged, file_act, plant_charge
from stubs.kit.role import Act, Call, receives
from stubs.kit.world import Subscription


class Billing(CatalogueTarget):
    """Keeps the ledger "archive": rows of kind "relations" are VSOP's, of kind "order" CRM's."""

    name = "billing"
    system = "209"

    @receives
    async def subsInstSynToHB(self, request: Message, call: Call) -> Message:
        """Archive the relations of an order."""
        relations = [as_dict(relation) for relation in request.SubsInstInfo]
        told = [(info.VProductID, info.Status, info.ProductOfferID) for info in request.SubsInstInfo]
        return self._archive(call, "relations", told, channel=request.ChannelPlayerID, relations=relations)

    @receives
    async def archiveOrder(self, request: Message, call: Call) -> Message:
        """Archive a customer order (seed 3.2.x step 6)."""
        products = [as_dict(product) for product in request.VProductInfo]
        told = [(info.VProductID, _ITEM_STATUS[info.ActionType], request.ProductOfferID or "") for info in request.VProductInfo]
        return self._archive(call, "order", told, action=request.ActionType, offer=request.ProductOfferID, products=products)

    def start_with(self, held: Subscription, platform: str) -> None:
        """Charge for it."""
        status = SUSPENDED if held.suspended else ACTIVE
        charge(self, held.number, held.product, status, held.offer or "", since=held.since)

    def acts(self) -> dict[str, Act]:
        """Give the acts: its file for a reconciliation, and a difference planted without a record."""
        return {"recon-file": file_act(self, "R7.2", lambda: charged(self)), "plant": plant_charge(self)}

    def _archive(self, call: Call, kind: str, told: list[tuple[str, str, str]], **details: Any) -> Message:
        """Write a row; the same order again is confirmed and not archived twice, other content is refused."""
        request = call.request
        content = request.fingerprint("StreamingNo", "TimeStamp")
        key = (kind, request.SystemId)
        rows = self.world.ledger("archive", order=request.OrderId)
        before = next((row for row in rows if (row.details["kind"], row.details["system"]) == key), None)
        if before is not None:
            return call.answer(OK if before.details["content"] == content else NUMBER_REUSED, "OrderId")
        self.world.record(
            "archive",
            number=request.ProductNo,
            order=request.OrderId,
            streaming_no=request.StreamingNo,
            kind=kind,
            system=request.SystemId,
            content=content,
            **details,
        )
        for product, status, offer in told:
            charge(self, request.ProductNo, product, status, offer)
        return call.answer(OK)


_ITEM_STATUS = {"0": ACTIVE, "1": ENDED}  # ItemAction of a work order
