"""Requests about work orders, users and the catalogue as messages of the partners' contracts, field by field."""

from __future__ import annotations

from collections.abc import Callable

from gateway.catalogue_wire import write_offer, write_product
from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import RESULTS
from gateway.partners.head import Head
from gateway.steps import NotifyTest, ReturnWork, SyncObject, TellUser
from gateway.vocabulary import OBJECT_KIND_CODE, OP_FLAG_CODE, PAY_TYPE_CODE, PLATFORM_USER_STATE_CODE, USER_ACT_CODE


def _receipt(request: ReturnWork, head: Head, codec: Codec) -> Message:
    result = RESULTS[request.code]
    return codec["WorkOrderReceipt"](
        **head.fields(), OrigOrderId=request.matter.channel_order_id, OrderResultCode=str(result.code),
        OrderResultDesc=result.describe(),
        VProductInfo=[
            codec["ProductResult"](ProductID=item.product_id, OPResult=str(item.code), OPDesc=RESULTS[item.code].describe())
            for item in request.items
        ],
    )  # fmt: skip


def _user(request: TellUser, head: Head, codec: Codec) -> Message:
    change = request.matter
    return codec["UserInfoSyncRequest"](
        **head.fields(), OrderId=change.trace_id, ActionType=USER_ACT_CODE[change.act], ProdSpecCode=change.user.spec,
        ProductNo=change.number.digits, OldProductNo=None if change.old_number is None else change.old_number.digits,
        UserState=PLATFORM_USER_STATE_CODE[change.user.state], UserPayType=PAY_TYPE_CODE[change.user.pay],
    )  # fmt: skip


def _product(request: SyncObject, head: Head, codec: Codec) -> Message:
    product = request.object.product
    assert product is not None
    return codec["ProductSyncRequest"](
        **head.fields(), OPFlag=OP_FLAG_CODE[request.change], Version=product.version, ProductInfo=write_product(product, codec)
    )


def _offer(request: SyncObject, head: Head, codec: Codec) -> Message:
    offer = request.object.offer
    assert offer is not None
    return codec["OfferSyncRequest"](
        **head.fields(), OPFlag=OP_FLAG_CODE[request.change], Version=offer.version, ProductOfferInfo=write_offer(offer, codec)
    )


def _test_notice(request: NotifyTest, head: Head, codec: Codec) -> Message:
    tested = request.object
    return codec["ProductTestNotice"](
        **head.fields(), ObjectType=OBJECT_KIND_CODE[tested.kind], ObjectID=tested.id, Version=tested.version
    )


OTHER_WRITERS: dict[str, Callable[..., Message]] = {
    "workListVSOPToFK": _receipt,
    "userInfoSync": _user,
    "productInfoSync": _product,
    "PPOfferInfoSync": _offer,
    "notifyProductTest": _test_notice,
}
