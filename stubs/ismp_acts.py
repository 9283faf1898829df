"""ISMP's clerk: configures products and offers, which ISMP keeps with their content, and tells PPM (seed 2.2 and 2.3 step 1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.contract.codec import Message
from stubs.kit.asking import head, told
from stubs.kit.bodies import Body, Kind
from stubs.kit.catalogue import OBJECT_WORDS
from stubs.kit.goods import OFFER, PRODUCT
from stubs.kit.journal import Direction, as_dict
from stubs.kit.objects import NORMAL, offer_of, op_flag, product_of
from stubs.kit.role import Act, Role

_MORE = {"content": Kind.TEXTS, "send": Kind.FLAG}


@dataclass(slots=True)
class Configured:
    """What each ISMP has configured: content ids by (role, object type, id)."""

    content: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)


class IsmpClerk:
    """The acts of the person who configures ISMP."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._codec = role.stage.codecs["ppm"]

    def acts(self) -> dict[str, Act]:
        """Give the acts by name."""
        return {"configure-product": self._product, "configure-offer": self._offer}

    async def _product(self, body: dict[str, Any]) -> dict[str, Any]:
        product = product_of(self._codec, body, status=NORMAL, more=_MORE)
        content = body.get("content", [f"{product.ProductID}-content"])
        given = self._keep("configure-product", (PRODUCT, product.ProductID), product, content)
        if not body.get("send", True):
            return given
        message = self._codec["ProductReport"](**self._head(given), ProductInfo=product)
        return await told(self._role, "ppm", "prodInfoSynFromISMP", message, given)

    async def _offer(self, body: dict[str, Any]) -> dict[str, Any]:
        offer = offer_of(self._codec, body, status=NORMAL, more=_MORE)
        content = body.get("content", list(offer.ProductID))
        given = self._keep("configure-offer", (OFFER, offer.ProductOfferID), offer, content)
        if not body.get("send", True):
            return given
        message = self._codec["OfferReport"](**self._head(given), ProductOfferInfo=offer)
        return await told(self._role, "ppm", "offerInfoSynFromISMP", message, given)

    def _head(self, given: Body) -> dict[str, str]:
        return {**head(self._role, given["streaming_no"]), "OPFlag": given["op_flag"]}

    def _keep(self, act: str, key: tuple[str, str], wanted: Message, content: list[str]) -> dict[str, Any]:
        """Keep the object with its content as ISMP's own state; gives the numbers to tell PPM under."""
        role = self._role
        configured = role.world.keep(Configured).content
        flag = op_flag(wanted.Status, known=(role.name, *key) in configured)
        configured[role.name, *key] = content
        streaming_no = role.stage.numbers.streaming(role.system)
        fields = {"StreamingNo": streaming_no, "OPFlag": flag, **as_dict(wanted), "Content": content}
        role.stage.journal.add(role.name, act, Direction.USER, fields)
        role.world.record(
            "configuration",
            number="",
            streaming_no=streaming_no,
            role=role.name,
            object_type=OBJECT_WORDS[key[0]],
            object=key[1],
            status=wanted.Status,
            content=content,
        )
        return {"object_id": key[1], "op_flag": flag, "streaming_no": streaming_no}
