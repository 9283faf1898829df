"""One good request for each operation that a stub serves, made anew each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.contract import Codec
from gateway.contract.codec import Message

STAMP = "20260529042640"
NUMBER = {"ProdSpecCode": "003", "ProductNo": "18907910001"}
USER = {"UserID": "18907910001", "UserIDType": "0"}
PARTIES = {**dict.fromkeys(("OA", "DA", "FA"), "18907910001"), **dict.fromkeys(("OAType", "DAType", "FAType"), "0")}

Make = Callable[[Codec], dict[str, Any]]


def product(codec: Codec, **changes: Any) -> Message:
    fields = {
        "ProductID": "P1", "SPID": "S1", "PNameCN": "铃音", "PNameEN": "Tone", "ProductHost": "200", "PlatForm": "303",
        "Scope": "1", "ProvinceID": "15", "Status": "0",
    }  # fmt: skip
    return codec["Product"](**{**fields, **changes})


def offer(codec: Codec, **changes: Any) -> Message:
    fields = {
        "ProductOfferType": "0", "ProductOfferID": "F1", "PNameCN": "铃音", "PNameEN": "Tone", "Scope": "1", "ProvinceID": "15",
        "Status": "0", "PartialAllowed": False, "ProductID": ["P1"],
    }  # fmt: skip
    return codec["Offer"](**{**fields, **changes})


def _service(codec: Codec) -> dict[str, Any]:
    item = codec["ServerActionProduct"](ActionType="0", VProductID="P1", ProductOfferType="0", ProductOfferID="F1")
    return {"OrderId": "O-1", **NUMBER, "UserPayType": "1", "VProductInfo": [item]}


def _actions(codec: Codec) -> dict[str, Any]:
    return {"OrderId": "O-1", "ProductInfo": [codec["ProductAction"](ProductID="P1", PProductOfferID="F1")]}


def _relations(codec: Codec) -> dict[str, Any]:
    relation = codec["SubsInst"](
        VProductID="P1", SPID="S1", ProductOfferType="0", ProductOfferID="F1", Status="0",
        SubscribeTime=STAMP, EffDate=STAMP, ExpDate=STAMP,
    )  # fmt: skip
    return {"OrderId": "O-1", **NUMBER, "ChannelPlayerID": "211", "SubsInstInfo": [relation]}


def _work(codec: Codec) -> dict[str, Any]:
    item = codec["WorkOrderProduct"](ActionType="0", VProductID="P1")
    return {"OrderId": "O-1", "ActionType": "14", **NUMBER, "ProductOfferID": "B1", "VProductInfo": [item]}


def _receipt(codec: Codec) -> dict[str, Any]:
    result = codec["ProductResult"](ProductID="P1", OPResult="0")
    return {"OrigOrderId": "O-1", "OrderResultCode": "0", "OrderResultDesc": "ok", "VProductInfo": [result]}


_PRODUCT_SYNC: Make = lambda c: {"OPFlag": "1", "Version": 1, "ProductInfo": product(c)}  # noqa: E731
_OFFER_SYNC: Make = lambda c: {"OPFlag": "1", "Version": 1, "ProductOfferInfo": offer(c)}  # noqa: E731
_USER_SYNC: Make = lambda _: {  # noqa: E731
    "OrderId": "O-1", "ActionType": "16", **NUMBER, "UserState": "0", "UserPayType": "0",
}  # fmt: skip

REQUESTS: dict[str, Make] = {
    "ocs.feeCheck": lambda _: {**NUMBER, "ContentType": "2"},
    "billing.subsInstSynToHB": _relations,
    "billing.archiveOrder": _work,
    "ismp.subActionFromVSOP": lambda c: {**PARTIES, **_actions(c)},
    "ismp.unSubActionFromVSOP": lambda c: {**USER, **_actions(c)},
    "ismp.suspendSubscription": lambda c: {**USER, **_actions(c)},
    "ismp.resumeSubscription": lambda c: {**USER, **_actions(c)},
    "ismp.getSubscription": lambda _: USER,
    "ismp.userInfoSync": _USER_SYNC,
    "xplatform.serverAction": _service,
    "xplatform.userInfoSync": _USER_SYNC,
    "xplatform.notifyProductTest": lambda _: {"ObjectType": "0", "ObjectID": "P1", "Version": 1},
    "portal.subResultFromVSOP": lambda c: {
        "OrderId": "O-1", **NUMBER, "ResultInfo": [c["OfferResult"](ProductOfferID="F1", OPResult="0")],
    },
    "smshall.subResultToUser": lambda _: {**NUMBER, "SubResult": "您已订购七彩铃音"},
    "smshall.sendRQMessage": lambda _: {**NUMBER, "RQCode": "4711", "RQContent": "订购七彩铃音请回复"},
    "crm.orderReceipt": _receipt,
    "provisioning.submitCustomerOrder": lambda c: {**_work(c), "UserState": "00A", "UserPayType": "1"},
    "provisioning.workListVSOPToFK": _receipt,
    "ppm.submitProductApplication": lambda c: {"ApplicationId": "A-1", "ProductInfo": product(c, Status="1")},
    "ppm.submitOfferApplication": lambda c: {"ApplicationId": "A-1", "ProductOfferInfo": offer(c, Status="1")},
    "ppm.submitStateChange": lambda _: {"ApplicationId": "A-2", "ObjectType": "0", "ObjectID": "P1", "Status": "2"},
    "ppm.auditResultQry": lambda _: {"ApplicationId": "A-1"},
    "ppm.catalogSyncStatusQry": lambda _: {"ObjectType": "0", "ObjectID": "P1"},
    "ppm.prodInfoSynFromISMP": lambda c: {"OPFlag": "1", "ProductInfo": product(c)},
    "ppm.offerInfoSynFromISMP": lambda c: {"OPFlag": "1", "ProductOfferInfo": offer(c)},
    **{f"{role}.productInfoSync": _PRODUCT_SYNC for role in ("xplatform", "ocs", "billing", "crm")},
    **{f"{role}.PPOfferInfoSync": _OFFER_SYNC for role in ("xplatform", "ocs", "billing", "crm")},
}  # fmt: skip


def role_and_operation(name: str) -> tuple[str, str]:
    """Read "role.operation", or an operation alone that one role serves."""
    if "." not in name:
        (name,) = [full for full in REQUESTS if full.endswith(f".{name}")]
    role, operation = name.split(".")
    return role, operation


# The head of a request by default comes from VSOP; who else calls says so.
SENDERS = {"crm": "206", "ppm": "201", "provisioning.submitCustomerOrder": "201", "billing.archiveOrder": "201"}


def sender_of(role: str, operation: str) -> str:
    return SENDERS.get(f"{role}.{operation}", SENDERS.get(role, "200"))
