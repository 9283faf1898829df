"""Result codes and error classes that every room may use; nothing about SOAP, storage or flows.

One table (`RESULTS`) holds every code that a caller can see; docs/errors.md is generated from it. An error class exists only
where somebody handles it differently: a partner that failed for good (Permanent), for now (Temporary), or that was not asked
at all (NotTried).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """Whose matter a result is; the thousands of the number."""

    SUCCESS = "success"
    FORMAT = "format"
    IDENTITY = "identity"
    USER = "user"
    PRODUCT = "product"
    OFFER = "offer"
    RELATION = "relation"
    FEE = "fee"
    ROUTING = "routing"
    PARTNER = "partner"
    BUSY = "busy"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table: what the caller sees, whether the same request may succeed later, and what to do about it."""

    code: int
    kind: Kind
    retryable: bool
    zh: str
    en: str

    def describe(self, detail: str = "") -> str:
        """Give the text for ResultDesc: Chinese first, then English, then what it is about; at most 512 characters."""
        return f"{self.zh} / {self.en}{': ' + detail if detail else ''}"[:512]


RESULTS: dict[int, Result] = {}


def _result(code: int, kind: Kind, zh: str, en: str, *, retryable: bool = False) -> Result:
    if code in RESULTS:
        raise ValueError(f"result code {code} is defined twice")
    RESULTS[code] = Result(code, kind, retryable, zh, en)
    return RESULTS[code]


OK = _result(0, Kind.SUCCESS, "成功", "success")

MALFORMED = _result(1001, Kind.FORMAT, "报文不是合法的XML", "the message is not well-formed XML")
NOT_SOAP = _result(1002, Kind.FORMAT, "报文不是SOAP信封", "the message is not a SOAP envelope with one Body element")
WRONG_VERSION = _result(1003, Kind.FORMAT, "不支持的SOAP版本", "this SOAP version is not supported; use 1.1 or 1.2")
NOT_UNDERSTOOD = _result(
    1004, Kind.FORMAT, "不理解必须处理的头部", "a header block marked mustUnderstand is not understood"
)
UNKNOWN_OPERATION = _result(1005, Kind.FORMAT, "契约中没有此操作", "the contract has no such operation")
CONTRACT_BROKEN = _result(1006, Kind.FORMAT, "报文不符合契约", "the message breaks its contract")
WRONG_ACTION = _result(
    1007, Kind.FORMAT, "SOAPAction与报文体不一致", "SOAPAction names another operation than the Body"
)
FORBIDDEN_XML = _result(
    1008, Kind.FORMAT, "报文含有禁止的XML结构", "the message holds a DTD or a processing instruction"
)
TOO_LARGE = _result(1009, Kind.FORMAT, "报文超过限制", "the message is above a limit")
BAD_ENCODING = _result(
    1010, Kind.FORMAT, "字符编码不支持或不一致", "the character encoding is not supported or does not match the bytes"
)
BAD_TIME = _result(1011, Kind.FORMAT, "时间不存在", "a time names a day that does not exist")
HEADER_TWICE = _result(1012, Kind.FORMAT, "头部重复", "a header block that may stand once stands twice")

UNKNOWN_SYSTEM = _result(2001, Kind.IDENTITY, "未知的系统编码", "unknown SystemId")
SYSTEM_NOT_ALLOWED = _result(2002, Kind.IDENTITY, "该系统无权调用此操作", "this SystemId may not call this operation")
NUMBER_REUSED = _result(
    2003,
    Kind.IDENTITY,
    "流水号已用于其他内容的请求",
    "this StreamingNo was used for another request; the first one stands",
)
NOT_AUTHENTICATED = _result(2004, Kind.IDENTITY, "身份认证失败", "authentication failed")
NO_CREDENTIALS = _result(
    2005, Kind.IDENTITY, "报文没有所要求的身份凭证", "the message bears no credentials that this gateway asks for"
)
BAD_TOKEN = _result(
    2006, Kind.IDENTITY, "WS-Security头部的形式不被接受", "the WS-Security header is not of a form that is taken"
)
MESSAGE_EXPIRED = _result(
    2007, Kind.IDENTITY, "凭证的时间超出允许的窗口, 请校对时钟", "the credentials are too old or dated ahead; compare clocks"
)
REPLAYED = _result(2008, Kind.IDENTITY, "凭证已被使用过", "these credentials were used before; make new ones for each message")
NOT_CALLERS_SYSTEM = _result(2009, Kind.IDENTITY, "SystemId不属于该调用方", "the SystemId is not one of this caller")
OPERATION_NOT_ALLOWED = _result(2010, Kind.IDENTITY, "该调用方无权调用此操作", "this caller may not call this operation")
PROVINCE_NOT_ALLOWED = _result(
    2011, Kind.IDENTITY, "该调用方无权办理此省的业务", "this caller may not act for numbers of this province"
)
NETWORK_NOT_ALLOWED = _result(2012, Kind.IDENTITY, "来源地址不被允许", "this caller may not call from this address")
CALLER_SUSPENDED = _result(
    2013, Kind.IDENTITY, "该调用方已被暂停", "this caller is suspended; ask the operator", retryable=True
)
NOT_A_GATEWAY = _result(
    2014, Kind.IDENTITY, "路由头部只允许网关使用", "only another gateway may send the Routing header block"
)
BAD_SIGNATURE = _result(
    2015,
    Kind.IDENTITY,
    "签名的算法或范围不被接受, 或与报文不符",
    "the signature is by algorithms that are not taken, does not cover Body and Timestamp, or does not fit the message",
)

UNKNOWN_USER = _result(3001, Kind.USER, "用户不存在", "unknown user")
USER_NOT_ACTIVE = _result(3002, Kind.USER, "用户状态不正常", "the user is not active")
USER_EXISTS = _result(3003, Kind.USER, "用户已存在", "the user exists already")
NUMBER_TAKEN = _result(3004, Kind.USER, "新号码已被使用", "the new number belongs to another user")
LACKS_CAPABILITY = _result(
    3005, Kind.USER, "用户缺少所需业务能力", "the user lacks a capability that the product needs"
)
WRONG_NETWORK = _result(3006, Kind.USER, "产品不支持用户的网络", "the product does not work on the user's network")

UNKNOWN_PRODUCT = _result(4001, Kind.PRODUCT, "产品不存在", "unknown product")
PRODUCT_NOT_OPEN = _result(4002, Kind.PRODUCT, "产品当前不可办理", "the product is not open for this act")
PRODUCT_TWICE = _result(4003, Kind.PRODUCT, "同一订单内产品重复", "the order names a product twice")
PARTNER_NOT_OPEN = _result(
    4004, Kind.PRODUCT, "合作伙伴状态不正常", "the content partner of the product is not in service"
)
UNKNOWN_PARTNER = _result(4005, Kind.PRODUCT, "合作伙伴不存在", "unknown content partner")
PRODUCT_MISSING = _result(
    4006, Kind.PRODUCT, "所含产品尚未同步", "a product that the object names is not here yet", retryable=True
)
OBJECT_EXISTS = _result(4007, Kind.PRODUCT, "产品或销售品已存在", "the product or offer exists already")
UNKNOWN_OBJECT = _result(4008, Kind.PRODUCT, "产品或销售品不存在", "unknown product or offer")
ILLEGAL_TRANSITION = _result(
    4009, Kind.PRODUCT, "不允许的状态变更", "the life cycle does not allow this change of state"
)
OUTDATED = _result(4010, Kind.PRODUCT, "已有更新的版本", "a newer version is held; this one changes nothing")
NOT_APPROVED = _result(4011, Kind.PRODUCT, "审核未通过", "the application was rejected")
NOT_IN_TEST = _result(4012, Kind.PRODUCT, "产品不在测试状态", "the object is not in test state")
OBJECT_BUSY = _result(
    4013, Kind.PRODUCT, "该对象有在途申请", "an application for this object is under way", retryable=True
)
UNKNOWN_APPLICATION = _result(4014, Kind.PRODUCT, "申请不存在", "unknown application")
WRONG_MANAGER = _result(4015, Kind.PRODUCT, "对象由其他系统管理", "the object is managed by another system")

UNKNOWN_OFFER = _result(4501, Kind.OFFER, "销售品不存在", "unknown offer")
OFFER_NOT_OPEN = _result(4502, Kind.OFFER, "销售品当前不可办理", "the offer is not open for this act")
NOT_IN_OFFER = _result(4503, Kind.OFFER, "产品不属于该销售品", "the product is not part of the offer")
BUNDLE_BY_CRM = _result(
    4504, Kind.OFFER, "传统捆绑套餐须到营业厅办理", "traditional bundles are ordered and cancelled through CRM only"
)
MIXED_ORDER = _result(
    4505, Kind.OFFER, "一个订单只能含同一平台的产品", "the products of one order must belong to one platform"
)
MIXED_ACTIONS = _result(4506, Kind.OFFER, "一个请求只能含一种动作", "one request may carry one kind of action only")
TOO_MANY_PRODUCTS = _result(4507, Kind.OFFER, "订单产品过多", "the order names more products than one order may hold")
NO_OFFER = _result(4508, Kind.OFFER, "订单未指明销售品", "the order names no offer")
NO_PRODUCTS_HERE = _result(4509, Kind.OFFER, "此工单类型不含产品变更", "a work order of this kind carries no products")

ALREADY_SUBSCRIBED = _result(5001, Kind.RELATION, "已订购", "already subscribed")
NOT_SUBSCRIBED = _result(5002, Kind.RELATION, "未订购", "not subscribed")
EXCLUSIVE = _result(
    5003, Kind.RELATION, "与已订购或同单产品互斥", "excluded by a product that the user holds or orders"
)
DEPENDED_ON = _result(
    5004, Kind.RELATION, "有其他已订购产品依赖该产品", "another product that the user holds depends on it"
)
IN_PROGRESS = _result(
    5005, Kind.RELATION, "该产品有在途订单", "an order for this user and product is under way", retryable=True
)
UNKNOWN_ORDER = _result(5006, Kind.RELATION, "订单不存在", "unknown order")
REQUIRED_MISSING = _result(
    5007, Kind.RELATION, "依赖的产品未订购", "a product that it depends on is neither held nor ordered"
)
WILL_REPLACE = _result(5008, Kind.RELATION, "将替换已订购的产品", "takes the place of a product that the user holds")
IN_BUNDLE = _result(
    5009, Kind.RELATION, "产品属于传统捆绑套餐, 未退订", "left as it is: the product belongs to a traditional bundle"
)
NOT_CONFIRMED = _result(5010, Kind.RELATION, "用户未在限时内确认", "the user did not confirm in time")
DECLINED = _result(5011, Kind.RELATION, "用户拒绝确认", "the user declined")
NOTHING_TO_CONFIRM = _result(
    5012, Kind.RELATION, "没有待确认的订单或确认码已过期", "no order waits for this confirmation, or it came too late"
)
TAKEN_BACK = _result(
    5013, Kind.RELATION, "因同单其他产品失败而撤回", "not done, because another product of the order was refused"
)
WRONG_RELATION_STATE = _result(
    5014, Kind.RELATION, "订购关系状态不允许此操作", "the relation is not in a state for this act"
)

CANCELLED_BY_HAND = _result(5015, Kind.RELATION, "人工撤单", "cancelled by hand")
ORDER_UNDONE = _result(
    5016, Kind.RELATION, "订单已撤回, 不再生效", "the order was taken back; it is never carried out again"
)

NO_BALANCE = _result(6001, Kind.FEE, "余额不足", "the balance is not above zero")

UNKNOWN_NUMBER = _result(7001, Kind.ROUTING, "号段未知", "the number belongs to no known province")
MISROUTED = _result(7002, Kind.ROUTING, "请求应发往其他省", "the request belongs to another province")
NO_ROUTE = _result(7003, Kind.ROUTING, "产品所属平台未配置", "no platform is configured for the product")
TOO_MANY_HOPS = _result(7004, Kind.ROUTING, "转发次数超限", "the message has passed too many gateways")

PLATFORM_REFUSED = _result(8001, Kind.PARTNER, "业务平台拒绝", "the service platform refused")
PARTNER_FAULT = _result(8002, Kind.PARTNER, "对端拒绝我方报文", "the partner refused our message")
UNKNOWN_REFERENCE = _result(8003, Kind.PARTNER, "对应的请求不存在", "the result refers to no request of ours")
NO_REPORT = _result(
    8004, Kind.PARTNER, "限时内未收到平台的订购关系同步", "the platform did not report the relation in time"
)
PARTNER_AWAY = _result(8005, Kind.PARTNER, "对端暂不可用", "the partner system gave no answer", retryable=True)

BUSY = _result(9001, Kind.BUSY, "系统忙, 请稍后重试", "busy, retry later", retryable=True)
OVER_RATE = _result(9002, Kind.BUSY, "超过每秒请求配额", "above the rate that this caller may send", retryable=True)
OVER_DAY = _result(9003, Kind.BUSY, "超过每日请求配额", "above the number of requests that this caller may send in a day", retryable=True)
OVER_CONNECTIONS = _result(9004, Kind.BUSY, "超过连接数配额", "more connections than this caller may have", retryable=True)
INTERNAL = _result(9901, Kind.INTERNAL, "系统内部错误", "internal error", retryable=True)


class PartnerError(Exception):
    """A call to a partner gave no business answer; `party` and `reason` are our own words."""

    def __init__(self, party: str, reason: str) -> None:
        super().__init__(f"{party}: {reason}")
        self.party = party
        self.reason = reason


class Temporary(PartnerError):
    """The outcome is unknown or nothing was done: the same request, under the same number, may be sent again.

    Not before `retry_after` has passed, which is what the partner asked for; zero where it named no time.
    """

    def __init__(self, party: str, reason: str, retry_after: timedelta = timedelta()) -> None:
        super().__init__(party, reason)
        self.retry_after = retry_after


class NotTried(Temporary):
    """Nothing was sent, as the partner keeps failing or too many calls wait for it: this is no attempt."""


class Permanent(PartnerError):
    """The partner understood enough to refuse the message itself; sending it again cannot help."""
