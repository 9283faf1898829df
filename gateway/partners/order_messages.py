"""Requests about orders as messages of the partners' contracts, field by field."""

from __future__ import annotations

from collections.abc import Callable

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.order import Action, Order, OrderItem
from gateway.errors import OK, RESULTS
from gateway.flows.outcome import sold_through
from gateway.partners.head import Head
from gateway.steps import Activate, Archive, AskConfirmation, FeeCheck, ReportRelations, ReturnActivation, TellResult
from gateway.vocabulary import (
    FIXED_ID,
    MOBILE_ID,
    OFFER_TYPE_CODE,
    PAY_TYPE_CODE,
    REAL_TIME_BALANCE,
    SERVICE_ACTION_CODE,
    STATUS_CANCELLED,
    STATUS_NORMAL,
    STATUS_SUSPENDED,
    write_expiry,
    write_time,
)

MOST_RESULTS = 20
"""maxOccurs of ResultInfo in the portal's contract."""

LONGEST_SMS = 500
"""maxLength of texts for the user in the SMS hall's contract."""


def _fee_check(request: FeeCheck, head: Head, codec: Codec) -> Message:
    order = request.order
    return codec["feeCheck"](
        **head.fields(), ProdSpecCode=order.spec, ProductNo=order.number.digits, ContentType=REAL_TIME_BALANCE
    )


def _server_action(request: Activate, head: Head, codec: Codec) -> Message:
    order = request.order
    action = SERVICE_ACTION_CODE[request.action]
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
        ProductInfo=_ismp_products(request, codec), SrcDeviceType=sold_through(order),
    )  # fmt: skip


def _change_at_ismp(operation: str, *, with_device: bool = False) -> Callable[[Activate, Head, Codec], Message]:
    """Make the writer of an operation that changes what a user holds at ISMP."""

    def write(request: Activate, head: Head, codec: Codec) -> Message:
        order = request.order
        device = {"SrcDeviceType": sold_through(order)} if with_device else {}
        return codec[operation](
            **head.fields(), OrderId=order.id,
            UserID=order.number.digits, UserIDType=MOBILE_ID if order.number.mobile else FIXED_ID,
            ProductInfo=_ismp_products(request, codec), **device,
        )  # fmt: skip

    return write


def _ismp_products(request: Activate, codec: Codec) -> list[Message]:
    return [
        codec["ProductAction"](ProductID=item.product_id, PProductOfferID=item.offer_id)
        for item in _chosen(request.order, request.product_ids)
    ]


def _relations(request: Archive | ReportRelations, head: Head, codec: Codec) -> Message:
    order, done = request.order, request.completed_at
    return codec["SubsInstRequest"](
        **head.fields(),
        OrderId=order.id,
        ProdSpecCode=order.spec,
        ProductNo=order.number.digits,
        ChannelPlayerID=sold_through(order),
        SubsInstInfo=[
            codec["SubsInst"](
                VProductID=item.product_id,
                SPID=item.sp,
                ProductOfferType=OFFER_TYPE_CODE[item.offer_type],
                ProductOfferID=item.offer_id,
                Status=_STATUS[item.action or order.action],
                SubscribeTime=write_time(order.accepted_at),
                EffDate=write_time(item.effective_at or done),
                ExpDate=write_time(done)
                if (item.action or order.action) is Action.UNSUBSCRIBE
                else write_expiry(item.expires_at),
            )
            for item in order.items
        ],
    )


_STATUS = {
    Action.SUBSCRIBE: STATUS_NORMAL, Action.RESUME: STATUS_NORMAL, Action.SUSPEND: STATUS_SUSPENDED, Action.UNSUBSCRIBE: STATUS_CANCELLED,
}  # fmt: skip


def _result_to_channel(request: TellResult, head: Head, codec: Codec) -> Message:
    order, refused = request.order, dict(request.refused)
    results = [(offer, RESULTS[refused.get(offer, request.code)]) for offer in order.offer_ids]
    return codec["subResultFromVSOP"](
        **head.fields(),
        OrderId=order.channel_order_id,
        ProdSpecCode=order.spec,
        ProductNo=order.number.digits,
        ResultInfo=[
            codec["OfferResult"](ProductOfferID=offer, OPResult=str(result.code), OPDesc=result.describe())
            for offer, result in results[:MOST_RESULTS]
        ],
    )


def _result_to_user(request: TellResult, head: Head, codec: Codec) -> Message:
    order, others = request.order, dict(request.refused)
    text = "".join(
        _sentences(_ACT_ZH[action], {offer: others.get(offer, request.code) for offer in offers})
        for action, offers in _acts(order).items()
    )
    return codec["subResultToUser"](
        **head.fields(), ProdSpecCode=order.spec, ProductNo=order.number.digits, SubResult=text[:LONGEST_SMS]
    )


def _acts(order: Order) -> dict[Action, list[str]]:
    """Give the offers by what is done to them: a product that another one replaces is ended."""
    acts: dict[Action, list[str]] = {}
    of_offer = {item.offer_id: item.action or order.action for item in reversed(order.items)}
    for offer in order.offer_ids:
        acts.setdefault(of_offer[offer], []).append(offer)
    return acts


def _sentences(act: str, codes: dict[str, int]) -> str:
    done = [offer for offer, code in codes.items() if code == OK.code]
    text = f"您{act}的业务{'、'.join(done)}已成功。" if done else ""
    return text + "".join(
        f"您{act}的业务{offer}未成功: {RESULTS[code].zh}。" for offer, code in codes.items() if code != OK.code
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


def _ask_confirmation(request: AskConfirmation, head: Head, codec: Codec) -> Message:
    order = request.order
    assert order.confirmation is not None
    acts = ", ".join(f"{_ACT_ZH[action]}业务{'、'.join(offers)}" for action, offers in _acts(order).items())
    reply = f", 回复{order.confirmation.code}确认。"  # a long list of offers is cut, never the code
    return codec["sendRQMessage"](
        **head.fields(), ProdSpecCode=order.spec, ProductNo=order.number.digits, RQCode=order.confirmation.code,
        RQContent=f"您申请{acts}"[: LONGEST_SMS - len(reply)] + reply,
    )  # fmt: skip


_ACT_ZH = {Action.SUBSCRIBE: "订购", Action.UNSUBSCRIBE: "退订", Action.SUSPEND: "暂停", Action.RESUME: "恢复"}

ORDER_WRITERS: dict[str, Callable[..., Message]] = {
    "feeCheck": _fee_check,
    "serverAction": _server_action,
    "subActionFromVSOP": _subscribe_at_ismp,
    "unSubActionFromVSOP": _change_at_ismp("unSubActionFromVSOP", with_device=True),
    "suspendSubscription": _change_at_ismp("suspendSubscription"),
    "resumeSubscription": _change_at_ismp("resumeSubscription"),
    "subsInstSynToHB": _relations,
    "subsInstSynToVSOP": _relations,
    "subResultFromVSOP": _result_to_channel,
    "subResultToUser": _result_to_user,
    "serverActionResult": _activation_result,
    "sendRQMessage": _ask_confirmation,
}
