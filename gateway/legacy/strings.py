"""The string profile (namespace www.mbossvsop.com.cn/vsop): each operation takes one string and gives one; this is its table.

Names are the field's own, misspelt ones too. What a row leaves out of the typed message is read, judged by the schema and not used.
"""

from __future__ import annotations

from gateway.legacy.table import Head, Known, Mapped, coded, known, many, named, same, times, unused, within

NAMESPACE = "http://www.mbossvsop.com.cn/vsop"
HEAD = Head("StreamingNo", "ResultCode", "ResultDesc")

_BEGIN = (*same("StreamingNo"), *times("TimeStamp"), *same("SystemId"))
_USER = same("ProdSpecCode", "ProductNo")
_ITEM = coded("ActionType", _3="1")  # 3 is what the activation dialect calls an unsubscription
_OFFER_RESULT = same("ProductOfferID", "OPResult", "OPDesc")

SERVED = (
    Mapped(
        "SubscribeReqSV", "subscribeToVSOP", "SubscribeToVSOPReq", "SubscribeToVSOPResp", "vsop", "subscribeToVSOP",
        ask=(
            *_BEGIN, *same("ActionType", "OrderId"), *_USER,
            many(
                "ProductOfferInfo", *same("ProductOfferType", "ProductOfferID"),
                many("VSubProdInfo", *same("VProductID"), *times("EffDate", "ExpDate")), *times("EffDate", "ExpDate"),
            ),
        ),
        tell=(many("resultInfo", *_OFFER_RESULT, new="ResultInfo"),),
    ),
    Mapped(
        "SubsInstQrySV", "subInstQryFromVSOP", "SubInstQryFromVSOPReq", "SubInstQryFromVSOPResp", "vsop", "subInstQryFromVSOP",
        ask=(*_BEGIN, *_USER),
        tell=(
            many(
                "ResultInfo", named("VproductID", "VProductID"), named("VproductName", "VProductName"), *same("SPID", "SPName"),
                *same("ProductOfferType", "ProductOfferID", "ProductOfferName"), named("PlatForm", "PlatForm"),
                coded("Status", _5="6"), *same("SubscribeTime", "EffDate", "ExpDate", "ChannelPlayerID"),
            ),
        ),
    ),
    Mapped(
        "SubInstHisQrySV", "subInstHisQryFromVSOP", "SubInstHisQryFromVSOPReq", "SubInstHisQryFromVSOPResp", "vsop",
        "subInstHisQryFromVSOP",
        ask=(*_BEGIN, *_USER, *same("BeginTime", "EndTime")),
        tell=(
            many(
                "ResultInfo", *same("ActionType"), named("VproductID", "VProductID"), *same("ProductOfferType", "ProductOfferID"),
                *same("OrderId", "OrderState", "OPResult", "SubscribeTime", "ChannelPlayerID"),
            ),
        ),
    ),
    Mapped(
        "SubscribeAuthSV", "subscribeAuth", "SubAuthFromCRMReq", "SubAuthFromCRMResp", "vsop", "subscribeAuth",
        ask=(
            *_BEGIN, named("ProductOfferId", "ProductOfferID"),
            many(
                "ProductInfo", *_USER, *unused("PorductInstID"), many("VProductInfo", _ITEM, *same("VProductID")),
                many("AProductInfo", _ITEM, *same("AProductID")),
            ),
        ),
        tell=(
            *same("AuthResult"),
            many("ProductInfo", *_USER, many("VProductInfo", *same("VProductID", "VProductName", "OPResult", "OPDesc"))),
        ),
        failure="-1", also=("SubscribeAuthReq",),
    ),
    Mapped(
        "WorkSheetAcceptSV", "workListFKToVSOP", "WorkListFKToVSOPReq", "WorkListFKToVSOPResp", "vsop", "workListFKToVSOP",
        ask=(
            *_BEGIN, *same("OrderId"), *unused("InOrderId"), *same("ActionType"), *unused("PorductInstID", "ReginID"), *_USER,
            *same("OldProductNo"), named("ProductOfferId", "ProductOfferID"), *unused("OffNbr"),
            many("VProductInfo", _ITEM, *same("VProductID"), *unused("VProductInstID"), *times("EffDate", "ExpDate")),
            many("AProductInfo", _ITEM, *same("AProductID"), *unused("AProductInstID")),
            *unused("UserName", "UIMNo", "OldUIMNo"), *same("UserState", "UserPayType"),
        ),
        failure="-1",
    ),
    Mapped(
        "SubsInstSynFromISMP", "subsInstSynToVSOP", "SubsInstSynFromISMPReq", "SubsInstSynFromISMPResp", "vsop", "subsInstSynFromISMP",
        ask=(
            *_BEGIN, *same("UserID", "UserIDType", "ProductID"), *unused("OldProductID"), *same("PackageID"), *unused("OldpackageID"),
            *same("PProductOfferID"), *unused("OldPProductOfferID"), *same("OPType"), *times("EffDate", "ExpDate"),
            *unused("VerUserId"), *same("ChannelPlayerID"),
        ),
        failure="-1",
    ),
    Mapped(
        "SubsInstSynSV", "subsInstSynToGroup", "SubsInstSynToVSOPReq", "SubsInstSynToVSOPResp", "vsop", "subsInstSynToVSOP",
        ask=(
            *_BEGIN, known("OrderId", Known.ORDER), *_USER,
            within(
                "SubsInstInfo", named("VproductID", "VProductID"), *same("SPID", "ProductOfferType", "ProductOfferID", "Status"),
                *times("SubscribeTime", "EffDate", "ExpDate"),
            ),
            *same("ChannelPlayerID"),
        ),
        failure="-1", also=("subsInstSynToVSOPSV", "SubsInstSynToVSOPSV"), each="SubsInstInfo",
    ),
    Mapped(
        "ReconfirmRTProSV", "recvRQMessage", "ReplyRQMsgToVSOPReq", "ReplyRQMsgToVSOPResp", "vsop", "recvRQMessage",
        ask=(*_BEGIN, *_USER, *same("RQCode", "RQResult")),
    ),
)  # fmt: skip
"""What a gateway serves."""

CALLED = (
    Mapped(
        "ReturnSubRTSV", "subResultFromVSOP", "SendSubRTFromVSOPReq", "SendSubRTFromVSOPResp", "portal", "subResultFromVSOP",
        ask=(*_BEGIN, *same("OrderId"), *_USER, many("ResultInfo", *_OFFER_RESULT)),
    ),
    Mapped(
        "SendSubRTSV", "subResulToUser", "SendSubRTToUserReq", "SendSubRTToUserResp", "smshall", "subResultToUser",
        ask=(*_BEGIN, *_USER, *same("SubResult")),
    ),
    Mapped(
        "ReconfirmSV", "sendRQMessage", "SendRQMsgFromVSOPReq", "SendRQMsgFromVSOPResp", "smshall", "sendRQMessage",
        ask=(*_BEGIN, *_USER, *same("RQCode", "RQContent")),
    ),
    Mapped(
        "WorkSheetReturnSV", "workListVSOPToFK", "WorkListVSOPToPFReq", "WorkListVSOPToPFResp", "provisioning", "workListVSOPToFK",
        ask=(*_BEGIN, *same("OrigOrderId", "OrderResultCode", "OrderResultDesc")),
        also=("WorkListVSOPToFKReq",),
    ),
    Mapped(
        "FeeCheckSV", "feeCheck", "FeeCheckReq", "FeeCheckResp", "ocs", "feeCheck",
        ask=(*_BEGIN, *_USER, named("ContectType", "ContentType")),
        tell=same("Balance"),
    ),
    Mapped(
        "ServerActionSV", "serverActionSV", "SrvActionFromVSOPReq", "SrvActionFromVSOPResp", "xplatform", "serverAction",
        ask=(
            *_BEGIN, *same("OrderId"), *_USER, *same("UserPayType"),
            many("VProductInfo", *same("ActionType", "VProductID", "ProductOfferType", "ProductOfferID"), *times("EffDate", "ExpDate")),
        ),
        tell=(many("ResultInfo", *same("ProductID", "OPResult", "OPDesc", "EffDate", "ExpDate")),),
        failure="-1",
    ),
    Mapped(
        "UserInfoSynSV", "userInfoSynSV", "UserInfoSyncFromVSOPReq", "UserInfoSyncFromVSOPResp", "xplatform", "userInfoSync",
        ask=(*_BEGIN, known("OrderId", Known.ORDER), *same("ActionType"), *_USER, *same("OldProductNo", "UserState", "UserPayType")),
        failure="-1",
    ),
    Mapped(
        "SubsInstSynToHB", "subsInstSynToHB", "SubsInstSynToHBReq", "SubsInstSynToHBResp", "billing", "subsInstSynToHB",
        ask=(
            *_BEGIN, *same("OrderId"), *_USER,
            within(
                "SubsInstInfo", named("VproductID", "VProductID"), *same("SPID", "ProductOfferType", "ProductOfferID", "Status"),
                *times("SubscribeTime", "EffDate", "ExpDate"),
            ),
            *same("ChannelPlayerID"),
        ),
        failure="-1", each="SubsInstInfo",
    ),
)  # fmt: skip
"""What a partner that speaks the profile serves, so what we call there."""
