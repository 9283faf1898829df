"""The catalogue as PPM has told it to the partners of one stub set, and the two operations by which it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.contract.codec import Message
from gateway.errors import OK, PRODUCT_NOT_OPEN, UNKNOWN_PRODUCT, Result
from stubs.kit.goods import CANCELLED, OFFER, PRODUCT, Held
from stubs.kit.journal import as_dict
from stubs.kit.role import Call, Role, receives

OBJECT_WORDS = {PRODUCT: "product", OFFER: "offer"}


@dataclass(slots=True)
class Catalogue:
    """What the partners of a set hold, by (role, object type, id)."""

    objects: dict[tuple[str, str, str], Held] = field(default_factory=dict)

    def take(self, key: tuple[str, str, str], told: Held) -> bool:
        """Keep a newer version; a late older one, or the same again, changes nothing. Tells whether it was taken."""
        before = self.objects.get(key)
        if before is not None and before.version >= told.version:
            return False
        self.objects[key] = told
        return True

    def find(self, role: str | None = None, object_id: str | None = None) -> list[dict[str, Any]]:
        """Give the objects that match as the admin API shows them."""
        return [
            {
                "role": holder,
                "object_type": OBJECT_WORDS[kind],
                "object": identity,
                "version": held.version,
                "status": held.status,
                "content": held.content,
            }
            for (holder, kind, identity), held in self.objects.items()
            if role in (None, holder) and object_id in (None, identity)
        ]


class CatalogueTarget(Role):
    """A partner that PPM tells the catalogue; keeps the ledger "catalogue"."""

    @receives
    async def productInfoSync(self, request: Message, call: Call) -> Message:
        """Take a product."""
        return self._take(PRODUCT, request.ProductInfo.ProductID, request.ProductInfo, call)

    @receives
    async def PPOfferInfoSync(self, request: Message, call: Call) -> Message:
        """Take an offer of any type."""
        return self._take(OFFER, request.ProductOfferInfo.ProductOfferID, request.ProductOfferInfo, call)

    def holds(self, object_type: str, object_id: str) -> Held | None:
        """Give the object as this partner holds it: as it was told last, else as the world's file has it."""
        told = self.world.keep(Catalogue).objects.get((self.name, object_type, object_id))
        return told or self.world.goods.find(object_type, object_id)

    def why_not(self, product: str) -> Result | None:
        """Give why a product cannot be begun here: None if it can. Where the world has no catalogue, nobody knows better."""
        if not self.world.goods.products:
            return None
        held = self.holds(PRODUCT, product)
        if held is None:
            return UNKNOWN_PRODUCT
        return PRODUCT_NOT_OPEN if held.status == CANCELLED else None

    def _take(self, object_type: str, object_id: str, told: Message, call: Call) -> Message:
        version = int(call.request.Version)
        held = Held(version, told.Status, as_dict(told))
        taken = self.world.keep(Catalogue).take((self.name, object_type, object_id), held)
        self.world.record(
            "catalogue",
            number="",
            streaming_no=call.request.StreamingNo,
            role=self.name,
            system=call.request.SystemId,
            object_type=OBJECT_WORDS[object_type],
            object=object_id,
            version=version,
            status=told.Status,
            op_flag=call.request.OPFlag,
            taken=taken,
        )
        return call.answer(OK)
