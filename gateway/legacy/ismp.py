"""The ISMP dialects: IsmpSpEngine, which partners (SP) speak with a platform, and IsmpCrmEngine, which ISMP served before VSOP; the tables.

Their messages carry no SystemId, no TimeStamp and no order: those come from configuration, from the clock,
and from the Routing header block or the streamingNo.
Fields of users (createISMPUser) that we do not know are left empty, as their contract allows.
"""

from __future__ import annotations

from gateway.legacy.table import Head, Known, Mapped, Row, always, coded, either, known, many, named, unused, within

HEAD = Head("streamingNo", "resultCode")
SP_NAMESPACES = ("http://sp.ismp.chinatelecom.com", "http://req.sp.ismp.chinatelecom.com", "http://rsp.sp.ismp.chinatelecom.com")
CRM_NAMESPACES = ("http://crm.ismp.chinatelecom.com", "http://req.crm.ismp.chinatelecom.com", "http://rsp.crm.ismp.chinatelecom.com")

_HEAD = (named("streamingNo", "StreamingNo"), known("TimeStamp", Known.NOW), known("SystemId", Known.SYSTEM))
_ORDER = known("OrderId", Known.ORDER)
_NETWORK = coded("userIDType", "ProdSpecCode", _0="003", _1="002", _2="001")
_USER = (named("userID", "UserID"), named("userIDType", "UserIDType"))
_REPORT = (
    named("OPType", "OPType"), named("packageID", "PackageID"), *unused("oldPackageID"), named("productID", "ProductID"),
    *unused("oldProductID"), *_HEAD, *_USER,
)  # fmt: skip


def _of_product(operation: str, typed: str, *more: Row) -> Mapped:
    """Give an operation that changes one product of a user."""
    product = within("ProductInfo", named("ID", "ProductID"))
    return Mapped(
        "IsmpCrmEngine", operation, f"{operation}Req", f"{operation}Return", "ismp", typed,
        ask=(product, always("IDType", "0"), *_HEAD, _ORDER, *_USER, *more), each="ProductInfo", failure="999",
    )  # fmt: skip


def _of_user(operation: str, *fields: Row, when: tuple[str, ...]) -> Mapped:
    """Give an operation that tells of a user, which does not say all that the typed one does."""
    return Mapped(
        "IsmpCrmEngine", operation, f"{operation}Req", f"{operation}Return", "ismp", "userInfoSync",
        ask=(named("userID", "ProductNo"), _NETWORK, *fields, *_HEAD, _ORDER), failure="999", when=when, served=False,
    )  # fmt: skip


SP = (
    Mapped(
        "IsmpSpEngine", "orderRelationUpdateNotify", "orderRelationUpdateNotifyReq", "orderRelationUpdateNotifyReturn", "vsop",
        "subsInstSynFromISMP", ask=_REPORT, failure="999",
    ),
    Mapped(
        "IsmpSpEngine", "orderRelationUpdateNotify", "orderRelationUpdateNotifyReq", "orderRelationUpdateNotifyReturn", "xplatform",
        "serverAction",
        ask=(
            within(
                "VProductInfo", coded("OPType", "ActionType", _0="0", _1="5", _2="6", _3="3"),
                either("packageID", "productID", "ProductOfferID"),  # a product that is subscribed to by itself has no package
                named("productID", "VProductID"), known("ProductOfferType", "0"),
            ),
            *_HEAD, _ORDER, named("userID", "ProductNo"), _NETWORK, known("UserPayType", "0"),
        ),
        failure="999", each="VProductInfo",
    ),
)  # fmt: skip
"""An order relation is told to whoever has to act on it: to us by ISMP, by us to the platform of a partner."""

CRM = (
    Mapped(
        "IsmpCrmEngine", "createSubscription", "createSubscriptionReq", "createSubscriptionReturn", "ismp", "subActionFromVSOP",
        ask=(
            *(named(name, name) for name in ("OA", "OAType", "DA", "DAType", "FA", "FAType")),
            within("ProductInfo", named("PProductOfferID", "PProductOfferID"), named("productID", "ProductID")),
            *unused("packageID", "VerUserId", "srcDeviceID"), named("srcDeviceType", "SrcDeviceType"), *_HEAD, _ORDER,
        ),
        failure="999", each="ProductInfo",
    ),
    _of_product("withdrawSubscription", "unSubActionFromVSOP", *unused("srcDeviceID"), named("srcDeviceType", "SrcDeviceType")),
    _of_product("suspendSubscription", "suspendSubscription", *unused("srcDeviceID", "srcDeviceType")),
    _of_product("resumeSubscription", "resumeSubscription", *unused("srcDeviceID", "srcDeviceType")),
    Mapped(
        "IsmpCrmEngine", "getSubscription", "getSubscriptionReq", "getSubscriptionReturn", "ismp", "getSubscription",
        ask=(named("ID", "ProductID"), *_HEAD, *_USER),
        tell=(
            many(
                "SubInfo", named("ID", "ProductID"), always("IDType", "0"), named("status", "Status"),
                named("subscriptionTime", "SubscribeTime"), named("effectiveTime", "EffDate"), named("expireTime", "ExpDate"),
            ),
        ),
        failure="999",
    ),
    _of_user("createISMPUser", named("userPayType", "UserPayType"), when=("10",)),
    _of_user("notifyUserState", named("state", "UserState"), when=("11", "15")),
    _of_user("notifyUserFeeType", named("userPayType", "UserPayType"), when=("16",)),
    Mapped(
        "IsmpCrmEngine", "subscriptionSync", "subscriptionSyncReq", "subscriptionSyncReturn", "vsop", "subsInstSynFromISMP",
        ask=_REPORT, failure="999",
    ),
)  # fmt: skip
"""What VSOP asks ISMP, and ISMP's report of a relation."""
