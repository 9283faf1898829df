"""How the partner PPM publishes: the next version of an object to VSOP, and a ledger of what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.contract import Codec
from gateway.contract.codec import Message
from stubs.kit.asking import ACT_ATTEMPTS, head, untold
from stubs.kit.bodies import Kind
from stubs.kit.errors import ActError
from stubs.kit.goods import OFFER, PRODUCT
from stubs.kit.journal import Direction
from stubs.kit.objects import NORMAL, offer_of, op_flag, product_of
from stubs.kit.outbound import Letter, decided, succeeded
from stubs.kit.role import Role

UNDER_WAY, DELIVERED, REFUSED, SUPERSEDED = "0", "1", "2", "3"  # SyncState
_MORE = {"version": Kind.COUNT, "send": Kind.FLAG}
_OPERATIONS = {PRODUCT: "productInfoSync", OFFER: "PPOfferInfoSync"}


@dataclass(slots=True)
class Delivery:
    """What became of one version at VSOP; states as in the contract, `at` as messages carry it."""

    version: int
    status: str
    at: str
    state: str = UNDER_WAY
    result: str = "0"

    def as_message(self, codec: Codec) -> Message:
        """Give the cell of the delivery ledger."""
        return codec["SyncInfo"](
            TargetSystem="vsop",
            Version=self.version,
            Status=self.status,
            SyncState=self.state,
            OPResult=self.result,
            SyncTime=self.at,
        )


@dataclass(slots=True)
class Published:
    """One object in its present state, and all that was sent of it."""

    content: Message
    version: int = 0
    deliveries: list[Delivery] = field(default_factory=list)


@dataclass(slots=True)
class PpmState:
    """Content of applications by (system, id), objects by (object type, id)."""

    applications: dict[tuple[str, str], str] = field(default_factory=dict)
    published: dict[tuple[str, str], Published] = field(default_factory=dict)


class Publisher:
    """Publishes for a PPM, by itself or at its clerk's act."""

    def __init__(self, role: Role) -> None:
        self._role = role

    async def act(self, body: dict[str, Any]) -> dict[str, Any]:
        """Publish an object: an offer if the body has a type, else a product; a version of the clerk's own may be old."""
        object_type, make = (OFFER, offer_of) if "type" in body else (PRODUCT, product_of)
        content = make(self._role.codec, body, status=NORMAL, more=_MORE)
        letter, delivery = self.prepare(object_type, content, body.get("version"))
        message = letter.message
        given = {"version": delivery.version, "streaming_no": message.StreamingNo}
        fields = {"ObjectID": body["id"], "Version": delivery.version, "StreamingNo": message.StreamingNo}
        self._role.stage.journal.add(self._role.name, "publish", Direction.USER, fields)
        if not body.get("send", True):
            return untold(given, "as asked")
        answer = await self.deliver(letter, delivery, ACT_ATTEMPTS)
        if answer is None:
            raise ActError(502, f"{letter.operation}: no answer came; see the journal", **given)
        return {**given, "result_code": answer.ResultCode, "result_desc": answer.ResultDesc}

    def prepare(self, object_type: str, content: Message, version: int | None = None) -> tuple[Letter, Delivery]:
        """Make a version of an object, the next unless one is named, and the letter that tells it."""
        role, offer = self._role, object_type == OFFER
        key = (object_type, content.ProductOfferID if offer else content.ProductID)
        objects = role.world.keep(PpmState).published
        known = key in objects
        held = objects.setdefault(key, Published(content))
        number = version or held.version + 1
        if number > held.version:
            held.version, held.content = number, content
        for earlier in held.deliveries:
            if earlier.state == UNDER_WAY and earlier.version < number:
                earlier.state = SUPERSEDED
        delivery = Delivery(number, content.Status, role.stage.stamp())
        held.deliveries.append(delivery)
        fields = {
            **head(role, role.stage.numbers.streaming(role.system)),
            "OPFlag": op_flag(content.Status, known),
            "Version": number,
            "ProductOfferInfo" if offer else "ProductInfo": content,
        }
        message = role.stage.codecs["vsop"]["OfferSyncRequest" if offer else "ProductSyncRequest"](**fields)
        return Letter(role.name, "vsop", _OPERATIONS[object_type], message), delivery

    async def deliver(self, letter: Letter, delivery: Delivery, attempts: int | None = None) -> Message | None:
        """Send a version until there is a decision, and note it."""
        answer = await self._role.stage.outbound.send(letter, decided, attempts=attempts)
        if answer is not None:
            delivery.result, delivery.at = answer.ResultCode, self._role.stage.stamp()
            delivery.state = DELIVERED if succeeded(answer) else REFUSED
        return answer
