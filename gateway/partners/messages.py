"""Requests of the domain as messages of the partners' contracts, and their answers as replies; field by field, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.order import Order, OrderItem
from gateway.domain.party import Party
from gateway.errors import OK, PLATFORM_REFUSED, RESULTS, Temporary
from gateway.steps import (
    Activate,
    Archive,
    Ask,
    FeeCheck,
    Reply,
    ReportRelations,
    Request,
    ReturnActivation,
    Tell,
    TellResult,
)
from gateway.vocabulary import (
    FIXED_ID,
    MOBILE_ID,
    OFFER_TYPE_CODE,
    PAY_TYPE_CODE,
    REAL_TIME_BALANCE,
    SERVICE_ACTION_CODE,
    STATUS_CANCELLED,
    STATUS_NORMAL,
    read_items,
    write_expiry,
    write_time,
)


@dataclass(frozen=True, slots=True)
class Head:
    """The three fields that begin every request of ours."""

    streaming_no: str
    time: str
    system: str

    def fields(self) -> dict[str, str]:
        """Give them under their names on the wire."""
        return {"StreamingNo": self.streaming_no, "TimeStamp": self.time, "SystemId": self.system}


def operation_of(step: Ask | Tell) -> str:
    """Name the wire operation that carries a step."""
    request = step.request
    if isinstance(request, Activate):
        if step.to.party is not Party.ISMP:
            return "serverAction"
        return "subActionFromVSOP" if request.order.subscribes is not request.undo else "unSubActionFromVSOP"
    if isinstance(request, TellResult):
        return "subResultToUser" if step.to.party is Party.SMSHALL else "subResultFromVSOP"
    return _OPERATIONS[type(request)]


def write(operation: str, request: Request, head: Head, codec: Codec) -> Message:
    """Make the message of an operation."""
    return _WRITERS[operation](request, head, codec)


def read(step: Ask | Tell, answer: Message, at: datetime) -> Reply | None:
    """Read an answer; None means accepted, the result follows. Raises Temporary where the partner says "later"."""
    code = int(answer.ResultCode)
    known = RESULTS.get(code)
    if known is not None and known.retryable:
        raise Temporary(str(step.to), f"{known.code} {known.en}")
    if code != 0:
        return Reply(at, code if known is not None else PLATFORM_REFUSED.code, answer.ResultDesc)
    if isinstance(step.request, FeeCheck):
        if answer.Balance is None:
            raise Temporary(str(step.to), "the answer has no balance")
        return Reply(at, balance=answer.Balance)
    if isinstance(step.request, Activate):
        return (
            None if not answer.ResultInfo else Reply(at, items=read_items(answer.ResultInfo, step.request.product_ids))
        )
    return Reply(at)


def _fee_check(request: FeeCheck, head: Head, codec: Codec) -> Message:
    order = request.order
    return codec["feeCheck"](
        **head.fields(), ProdSpecCode=order.spec, ProductNo=order.number.digits, ContentType=REAL_TIME_BALANCE
    )


def _server_action(request: Activate, head: Head, codec: Codec) -> Message:
    order = request.order
    action = SERVICE_ACTION_CODE[order.action]
    if request.undo:
        action = {"0": "3", "3": "0"}[action]
    return codec["ServerActionRequest"](
        **head.fields(),
        OrderId=order.id,
        ProdSpecCode=order.spec,
        ProductNo=order.number.digits,
        UserPayType=PAY_TYPE_CODE[order.pay],
        VProductInfo=[
            codec["ServerActionProduct"](
                ActionType=action,
                VProductID=item.product_id,
                ProductOfferType=OFFER_TYPE_CODE[item.offer_type],
                ProductOfferID=item.offer_id,
                EffDate=None if item.effective_at is None else write_time(item.effective_at),
                ExpDate=None if item.expires_at is None else write_time(item.expires_at),
            )
            for item in _chosen(order, request.product_ids)
        ],
    )


def _chosen(order: Order, product_ids: tuple[str, ...]) -> list[OrderItem]:
    return [item for item in order.items if item.product_id in product_ids]


def _subscribe_at_ismp(request: Activate, head: Head, codec: Codec) -> Message:
    order = request.order
    number, kind = order.number.digits, MOBILE_ID if order.number.mobile else FIXED_ID
    return codec["subActionFromVSOP"](
        **head.fields(), OrderId=order.id,
        OA=number, OAType=kind, DA=number, DAType=kind, FA=number, FAType=kind,
        ProductInfo=_ismp_products(request, codec), SrcDeviceType=order.channel,
    )  # fmt: skip


def _unsubscribe_at_ismp(request: Activate, head: Head, codec: Codec) -> Message:
    order = request.order
    return codec["unSubActionFromVSOP"](
        **head.fields(), OrderId=order.id,
        UserID=order.number.digits, UserIDType=MOBILE_ID if order.number.mobile else FIXED_ID,
        ProductInfo=_ismp_products(request, codec), SrcDeviceType=order.channel,
    )  # fmt: skip


def _ismp_products(request: Activate, codec: Codec) -> list[Message]:
    return [
        codec["ProductAction"](ProductID=item.product_id, PProductOfferID=item.offer_id)
        for item in _chosen(request.order, request.product_ids)
    ]


def _relations(request: Archive | ReportRelations, head: Head, codec: Codec) -> Message:
    order, done = request.order, request.completed_at
    status = STATUS_NORMAL if order.subscribes else STATUS_CANCELLED
    return codec["SubsInstRequest"](
        **head.fields(),
        OrderId=order.id,
        ProdSpecCode=order.spec,
        ProductNo=order.number.digits,
        ChannelPlayerID=order.channel,
        SubsInstInfo=[
            codec["SubsInst"](
                VProductID=item.product_id,
                SPID=item.sp,
                ProductOfferType=OFFER_TYPE_CODE[item.offer_type],
                ProductOfferID=item.offer_id,
                Status=status,
                SubscribeTime=write_time(order.accepted_at),
                EffDate=write_time(item.effective_at or done),
                ExpDate=write_expiry(item.expires_at) if order.subscribes else write_time(done),
            )
            for item in order.items
        ],
    )


def _result_to_channel(request: TellResult, head: Head, codec: Codec) -> Message:
    order, result = request.order, RESULTS[request.code]
    return codec["subResultFromVSOP"](
        **head.fields(),
        OrderId=order.channel_order_id,
        ProdSpecCode=order.spec,
        ProductNo=order.number.digits,
        ResultInfo=[
            codec["OfferResult"](ProductOfferID=offer, OPResult=str(result.code), OPDesc=result.describe())
            for offer in order.offer_ids
        ],
    )


def _result_to_user(request: TellResult, head: Head, codec: Codec) -> Message:
    order = request.order
    act = "订购" if order.subscribes else "退订"
    offers = "、".join(order.offer_ids)
    text = (
        f"您{act}的业务{offers}已成功。"
        if request.code == OK.code
        else f"您{act}的业务{offers}未成功: {RESULTS[request.code].zh}。"
    )
    return codec["subResultToUser"](
        **head.fields(), ProdSpecCode=order.spec, ProductNo=order.number.digits, SubResult=text[:500]
    )


def _activation_result(request: ReturnActivation, head: Head, codec: Codec) -> Message:
    order, result = request.order, request.result
    return codec["ServerActionResultRequest"](
        **head.fields(),
        RefStreamingNo=order.streaming_no,
        OrderId=order.channel_order_id,
        ResultCode=str(result.code),
        ResultDesc=RESULTS[result.code].describe(),
        ResultInfo=[
            codec["ProductResult"](
                ProductID=item.product_id,
                OPResult=str(item.code),
                OPDesc=RESULTS[item.code].describe(),
                EffDate=None if item.effective_at is None else write_time(item.effective_at),
                ExpDate=None if item.expires_at is None else write_time(item.expires_at),
            )
            for item in result.items
        ],
    )


_OPERATIONS: dict[type[Request], str] = {
    FeeCheck: "feeCheck",
    Archive: "subsInstSynToHB",
    ReportRelations: "subsInstSynToVSOP",
    ReturnActivation: "serverActionResult",
}

_WRITERS: dict[str, Callable[..., Message]] = {
    "feeCheck": _fee_check,
    "serverAction": _server_action,
    "subActionFromVSOP": _subscribe_at_ismp,
    "unSubActionFromVSOP": _unsubscribe_at_ismp,
    "subsInstSynToHB": _relations,
    "subsInstSynToVSOP": _relations,
    "subResultFromVSOP": _result_to_channel,
    "subResultToUser": _result_to_user,
    "serverActionResult": _activation_result,
}
