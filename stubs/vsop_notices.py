"""Whom a VSOP that stands above or beside the gateway tells of its orders: channel, user and billing, each only where somebody listens."""

from __future__ import annotations

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import OK, RESULTS
from stubs.kit.asking import head
from stubs.kit.goods import OFFER, PRODUCT
from stubs.kit.outbound import Letter, succeeded
from stubs.kit.role import Call
from stubs.vsop_book import COMPLETED, VsopBook, VsopItem, VsopOrder

NEVER = "20300101000000"
MOST_OFFERS = 20  # maxOccurs of the contract
_ENDED, _NORMAL = "6", "0"  # RelationStatus
_STATUS = {"0": _NORMAL, "1": _ENDED, "2": _ENDED, "3": "2", "4": _NORMAL}
"""RelationStatus after an act, by SubscribeAction."""


class VsopNotices(VsopBook):
    """The part of the role that tells others."""

    def listens(self, contract: str) -> bool:
        """Say whether somebody serves a contract whom this VSOP can call."""
        return self.stage.callers.to(contract) is not None

    def offer_type(self, offer: str | None) -> str:
        """Give the type of an offer, that of a pure one if it is unknown."""
        held = self.holds(OFFER, offer) if offer else None
        return "0" if held is None else str(held.content["ProductOfferType"])

    def result(self, codec: Codec, offer: str, code: int) -> Message:
        """Make what became of one offer."""
        return codec["OfferResult"](ProductOfferID=offer, OPResult=str(code), OPDesc=RESULTS[code].describe())

    def results(self, codec: Codec, order: VsopOrder) -> list[Message]:
        """Give how each offer fared: as its first product that was refused, else well."""
        worst: dict[str, int] = {}
        for item in order.items:
            worst[item.offer] = worst.get(item.offer) or item.result
        return [self.result(codec, offer, code) for offer, code in worst.items()][:MOST_OFFERS]

    async def ask_user(self, order: VsopOrder, call: Call) -> None:
        """Ask by SMS whether the order is meant."""
        message = self.stage.codecs["smshall"]["sendRQMessage"](
            **self._user(order),
            RQCode=order.confirmation,
            RQContent=f"请回复确认码 / please reply {order.confirmation}: {', '.join(item.product for item in order.items)}"[:500],
        )
        await self._send("smshall", "sendRQMessage", message, call)

    async def tell(self, key: tuple[str, str], order: VsopOrder, call: Call) -> None:
        """Tell billing what was done, then the channel and the user how the order ended."""
        done = [item for item in order.items if item.result == OK.code]
        if done and self.listens("billing"):
            await self._send("billing", "subsInstSynToHB", self._archive(key, order, done), call)
        if order.items and self.listens("portal"):
            codec = self.stage.codecs["portal"]
            message = codec["subResultFromVSOP"](**self._user(order), OrderId=key[1], ResultInfo=self.results(codec, order))
            await self._send("portal", "subResultFromVSOP", message, call)
        if self.listens("smshall"):
            ended = "已完成 / completed" if order.state == COMPLETED else "未成功 / not completed"
            message = self.stage.codecs["smshall"]["subResultToUser"](**self._user(order), SubResult=f"订单 / order {key[1]}: {ended}")
            await self._send("smshall", "subResultToUser", message, call)

    def _archive(self, key: tuple[str, str], order: VsopOrder, done: list[VsopItem]) -> Message:
        codec, now = self.stage.codecs["billing"], self.stage.stamp()
        infos = []
        for item in done:
            product = self.holds(PRODUCT, item.product)
            status = _STATUS[item.action]
            infos.append(
                codec["SubsInst"](
                    VProductID=item.product, SPID="00000000" if product is None else product.content["SPID"],
                    ProductOfferType=item.offer_type, ProductOfferID=item.offer, Status=status,
                    SubscribeTime=order.at, EffDate=order.at, ExpDate=now if status == _ENDED else NEVER,
                )
            )  # fmt: skip
        return codec["SubsInstRequest"](**self._user(order), OrderId=key[1], ChannelPlayerID=key[0], SubsInstInfo=infos)

    def _user(self, order: VsopOrder) -> dict[str, str]:
        numbers = head(self, self.stage.numbers.streaming(self.system))
        return {**numbers, "ProdSpecCode": order.spec, "ProductNo": order.number}

    async def _send(self, contract: str, operation: str, message: Message, call: Call) -> None:
        await self.stage.outbound.send(Letter(self.name, contract, operation, message, call.routing), succeeded)
