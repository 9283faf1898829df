"""CRM's clerk at the counter: bundles (seed 3.2.x) and what becomes of users (second 3.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.contract.codec import Message
from stubs.kit.asking import ask, head, told, untold
from stubs.kit.bodies import Body, Kind, check, code_of
from stubs.kit.errors import ActError
from stubs.kit.journal import Direction
from stubs.kit.orders import PAY_TYPE, USER_STATE, USER_WORK, CustomerOrder, Work
from stubs.kit.role import Act, Role

_ACCEPT = {
    **dict.fromkeys(("number", "offer", "action"), Kind.TEXT),
    **dict.fromkeys(("products", "capabilities"), Kind.TEXTS),
    **dict.fromkeys(("confirm", "send"), Kind.FLAG),
}
_DECIDED = {"order_id": Kind.TEXT, "auth_result": Kind.TEXT, "confirm": Kind.FLAG}
_USER = {
    **dict.fromkeys(("kind", "number", "old_number", "state", "pay"), Kind.TEXT),
    "capabilities": Kind.TEXTS,
    "send": Kind.FLAG,
}
_USER_NEEDS = {
    Work.RENUMBER: ("old_number",),
    Work.STATE_CHANGE: ("state",),
    Work.CAPABILITIES: ("capabilities",),
    Work.PAYMENT: ("pay",),
}
_ADD, _CANCEL = "0", "1"  # ItemAction
_PASS, _CONFIRM, _REFUSED = "0", "1", "2"  # AuthResult


@dataclass(slots=True)
class CrmOrders:
    """The orders that CRM has accepted, by OrderId."""

    by_id: dict[str, CustomerOrder] = field(default_factory=dict)


class CounterClerk:
    """The acts; each makes one customer order, which is then known to CRM whoever sends it."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._vsop = role.stage.codecs["vsop"]
        self._codec = role.stage.codecs["provisioning"]

    def acts(self) -> dict[str, Act]:
        """Give the acts by name."""
        return {"accept": self._accept, "decided": self._decided, "user": self._user}

    async def _accept(self, body: dict[str, Any]) -> dict[str, Any]:
        """Accept a bundle: authorise it with VSOP if it is a subscription, and hand it to provisioning (seed 3.2.x steps 1 to 3).

        A bundle without VAS product is none of VSOP's business: it is not authorised.
        """
        check(body, _ACCEPT, ("number", "offer"))
        action = code_of(body, "action", {"subscribe": _ADD, "unsubscribe": _CANCEL}, _ADD)
        work = self._bundle(body, action)
        asks = action == _ADD and len(work.VProductInfo) > 0
        auth_no = self._streaming_no() if asks else None
        given = {"order_id": work.OrderId, "auth_streaming_no": auth_no, "order_streaming_no": work.StreamingNo}
        self._note("accept", work, ItemAction=action, AuthStreamingNo=auth_no)
        if not body.get("send", True):
            return given
        if auth_no is not None:
            answer = await ask(self._role, "vsop", "subscribeAuth", self._question(work, auth_no), given)
            given |= {"auth_result": answer.AuthResult, "auth_code": answer.ResultCode, "reasons": _reasons(answer)}
            agreed = answer.AuthResult == _PASS or (answer.AuthResult == _CONFIRM and body.get("confirm", False))
            self._note_decision(work, answer.AuthResult, agreed)
            if not agreed:
                return untold(given, "refused" if answer.AuthResult == _REFUSED else "not confirmed")
        return await told(self._role, "provisioning", "submitCustomerOrder", work, given)

    async def _decided(self, body: dict[str, Any]) -> dict[str, Any]:
        """Note what VSOP decided on an order that somebody else has asked about, and that the user confirms it."""
        check(body, _DECIDED, ("order_id", "auth_result"))
        result = code_of(body, "auth_result", {"pass": _PASS, "confirm": _CONFIRM, "refused": _REFUSED})
        order = self._role.world.keep(CrmOrders).by_id.get(body["order_id"])
        if order is None:
            raise ActError(404, "CRM has accepted no such order")
        confirmed = result != _REFUSED and body.get("confirm", True)
        self._note_decision(order.work, result, confirmed)
        return {"order_id": body["order_id"], "auth_result": result, "confirmed": confirmed}

    async def _user(self, body: dict[str, Any]) -> dict[str, Any]:
        """Install, change or end a user (second 3.1 step 1)."""
        work = self._user_work(body)
        self._note("user", work, OldProductNo=work.OldProductNo, UserState=work.UserState, UserPayType=work.UserPayType)
        given = {"order_id": work.OrderId, "order_streaming_no": work.StreamingNo}
        if not body.get("send", True):
            return given
        return await told(self._role, "provisioning", "submitCustomerOrder", work, given)

    def _bundle(self, body: Body, action: str) -> Message:
        capabilities = self._capabilities(body, action)
        item = self._codec["WorkOrderProduct"]
        return self._work(
            body["number"],
            Work.PRODUCTS_AND_CAPABILITIES if capabilities else Work.PRODUCTS,
            ProductOfferID=body["offer"],
            VProductInfo=[item(ActionType=action, VProductID=one) for one in body.get("products", [])],
            AProductInfo=capabilities,
            UserState=USER_STATE["active"],
        )

    def _user_work(self, body: Body) -> Message:
        check(body, _USER, ("kind", "number"))
        kind = USER_WORK.get(body["kind"])
        if kind is None:
            raise ActError(400, f"kind: expected {', '.join(USER_WORK)}")
        check(body, _USER, _USER_NEEDS.get(kind, ()))
        if kind is not Work.RENUMBER and "old_number" in body:
            raise ActError(400, f"old_number: only kind {Work.RENUMBER} has one")
        was_prepaid = self._role.world.is_prepaid(body.get("old_number", body["number"]))
        return self._work(
            body["number"],
            kind,
            OldProductNo=body.get("old_number"),
            AProductInfo=self._capabilities(body, _ADD),
            UserState=code_of(
                body, "state", USER_STATE, USER_STATE["torn-down" if kind is Work.TEAR_DOWN else "active"]
            ),
            UserPayType=code_of(body, "pay", PAY_TYPE, PAY_TYPE["prepaid" if was_prepaid else "postpaid"]),
        )

    def _work(self, number: str, kind: Work, **fields: Any) -> Message:
        """Make the customer order and register it."""
        world = self._role.world
        common = {
            **head(self._role, self._streaming_no()),
            "ActionType": str(kind.value),
            "OrderId": self._role.stage.numbers.order(self._role.system),
            "ProdSpecCode": world.spec_of(fields.get("OldProductNo") or number),
            "ProductNo": number,
            "UserPayType": PAY_TYPE["prepaid" if world.is_prepaid(number) else "postpaid"],
        }
        work = self._codec["WorkOrder"](**{**common, **fields})
        world.keep(CrmOrders).by_id[work.OrderId] = CustomerOrder(work)
        return work

    def _capabilities(self, body: Body, action: str) -> list[Message]:
        """Read capability ids; a minus before one turns the action round, so that a user can lose some."""
        make = self._codec["Capability"]
        other = _CANCEL if action == _ADD else _ADD
        return [
            make(ActionType=other if one.startswith("-") else action, AProductID=one.removeprefix("-"))
            for one in body.get("capabilities", [])
        ]

    def _question(self, work: Message, streaming_no: str) -> Message:
        vsop = self._vsop
        user = vsop["AuthUser"](
            ProdSpecCode=work.ProdSpecCode,
            ProductNo=work.ProductNo,
            VProductInfo=[
                vsop["AuthProduct"](ActionType=one.ActionType, VProductID=one.VProductID) for one in work.VProductInfo
            ],
            AProductInfo=[
                vsop["Capability"](ActionType=one.ActionType, AProductID=one.AProductID) for one in work.AProductInfo
            ],
        )
        return vsop["subscribeAuth"](
            **head(self._role, streaming_no), ProductOfferID=work.ProductOfferID, ProductInfo=[user]
        )

    def _streaming_no(self) -> str:
        return self._role.stage.numbers.streaming(self._role.system)

    def _note(self, act: str, work: Message, **more: Any) -> None:
        names = ("ProductNo", "ProductOfferID", "ActionType", "OrderId", "StreamingNo")
        fields = {name: getattr(work, name) for name in names} | more
        self._role.stage.journal.add(self._role.name, act, Direction.USER, fields)

    def _note_decision(self, work: Message, auth_result: str, confirmed: bool) -> None:
        fields = {"ProductNo": work.ProductNo, "OrderId": work.OrderId, "StreamingNo": work.StreamingNo}
        journal = self._role.stage.journal
        entry = journal.add(self._role.name, "decided", Direction.USER, {**fields, "AuthResult": auth_result})
        entry.answer = {"confirmed": confirmed}


def _reasons(answer: Message) -> list[dict[str, str]]:
    return [
        {"number": user.ProductNo, "product": one.VProductID, "code": one.OPResult, "text": one.OPDesc}
        for user in answer.ProductInfo
        for one in user.VProductInfo
    ]
