"""CRM's clerk for the catalogue: files products, offers and changes of state with PPM (seed 2.1, 2.2b, 3.1)."""

from __future__ import annotations

from typing import Any

from gateway.contract.codec import Message
from stubs.kit.asking import head, told
from stubs.kit.bodies import Body, Kind, check, code_of
from stubs.kit.journal import Direction, as_dict
from stubs.kit.objects import APPLIED, OBJECT_TYPE, STATUS, offer_of, product_of
from stubs.kit.role import Act, Role

_MORE = {"application_id": Kind.TEXT, "send": Kind.FLAG}
_CHANGE = {**dict.fromkeys(("object_type", "object_id", "status"), Kind.TEXT), **_MORE}


class CatalogueClerk:
    """The acts; each files one application, or with "send": false gives only the numbers to file it under."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._codec = role.stage.codecs["ppm"]

    def acts(self) -> dict[str, Act]:
        """Give the acts by name."""
        return {
            "apply-product": self._apply_product,
            "apply-offer": self._apply_offer,
            "change-state": self._change_state,
        }

    async def _apply_product(self, body: dict[str, Any]) -> dict[str, Any]:
        product = product_of(self._codec, body, status=APPLIED, more=_MORE)
        message = self._codec["ProductApplication"](**self._head(body), ProductInfo=product)
        return await self._file("apply", "submitProductApplication", message, body)

    async def _apply_offer(self, body: dict[str, Any]) -> dict[str, Any]:
        offer = offer_of(self._codec, body, status=APPLIED, more=_MORE)
        message = self._codec["OfferApplication"](**self._head(body), ProductOfferInfo=offer)
        return await self._file("apply", "submitOfferApplication", message, body)

    async def _change_state(self, body: dict[str, Any]) -> dict[str, Any]:
        check(body, _CHANGE, ("object_type", "object_id", "status"))
        message = self._codec["submitStateChange"](
            **self._head(body),
            ObjectType=code_of(body, "object_type", OBJECT_TYPE),
            ObjectID=body["object_id"],
            Status=code_of(body, "status", STATUS),
        )
        return await self._file("change-state", "submitStateChange", message, body)

    def _head(self, body: Body) -> dict[str, str]:
        role = self._role
        application = body.get("application_id") or role.stage.numbers.order(role.system)
        return {**head(role, role.stage.numbers.streaming(role.system)), "ApplicationId": application}

    async def _file(self, act: str, operation: str, message: Message, body: Body) -> dict[str, Any]:
        role = self._role
        role.stage.journal.add(role.name, act, Direction.USER, as_dict(message))
        given = {"application_id": message.ApplicationId, "streaming_no": message.StreamingNo}
        return await told(role, "ppm", operation, message, given) if body.get("send", True) else given
