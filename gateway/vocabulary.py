"""The wire's code sets and forms, and what they mean in the domain: the one place where the two meet."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache

from gateway.contract.codec import Message
from gateway.domain.catalogue import OfferType, Scope, Status
from gateway.domain.catalogue_change import ChangeKind, DeliveryState, ObjectKind
from gateway.domain.order import Action
from gateway.domain.party import GROUP_SYSTEM, GROUP_VSOP, PROVINCE_SYSTEM, Address, Party
from gateway.domain.subscriber import PayType, RelationState, UserState
from gateway.domain.user_change import UserAct
from gateway.errors import PLATFORM_REFUSED, RESULTS
from gateway.steps import ItemReply

CHINA = timezone(timedelta(hours=8))
"""Asia/Shanghai; no summer time since 1991."""

NEVER = "20300101000000"
"""ExpDate of what does not expire, as the field writes it."""

ACTIONS = {
    "0": Action.SUBSCRIBE, "1": Action.UNSUBSCRIBE, "2": Action.UNSUBSCRIBE, "3": Action.SUSPEND, "4": Action.RESUME,
}  # fmt: skip
UNSUBSCRIBE_ALL = "2"
"""ActionType of an order that names no offer: everything that the user holds is ended."""
ITEM_ACTIONS = {"0": Action.SUBSCRIBE, "1": Action.UNSUBSCRIBE}
SERVICE_ACTIONS = {"0": Action.SUBSCRIBE, "3": Action.UNSUBSCRIBE, "5": Action.SUSPEND, "6": Action.RESUME}
OFFER_TYPES = {"0": OfferType.PURE, "1": OfferType.VAS_BUNDLE, "2": OfferType.TRADITIONAL_BUNDLE}
PAY_TYPES = {"0": PayType.POSTPAID, "1": PayType.PREPAID}
SCOPES = {"0": Scope.NATIONAL, "1": Scope.PROVINCIAL}
OBJECT_STATUS = dict(zip("012345", Status, strict=True))
OBJECT_KINDS = dict(zip("01", ObjectKind, strict=True))
OP_FLAGS = dict(zip("123", ChangeKind, strict=True))
SYNC_STATES = dict(zip("0123", DeliveryState, strict=True))
USER_STATES = dict(zip(("00A", "00B", "00C", "00X"), UserState, strict=True))
PLATFORM_USER_STATES = dict(zip("0123", UserState, strict=True))
USER_ACTS = dict(zip(("10", "11", "12", "13", "15", "16"), UserAct, strict=True))

PRODUCTS_ONLY = "14"
"""ActionType of a work order that changes VAS products."""

PRODUCTS_AND_CAPABILITIES = "20"
"""ActionType of a work order that changes VAS products and capabilities together."""

SCOPE_CODE = {scope: code for code, scope in SCOPES.items()}
OBJECT_STATUS_CODE = {status: code for code, status in OBJECT_STATUS.items()}
OBJECT_KIND_CODE = {kind: code for code, kind in OBJECT_KINDS.items()}
OP_FLAG_CODE = {change: code for code, change in OP_FLAGS.items()}
SYNC_STATE_CODE = {state: code for code, state in SYNC_STATES.items()}
PLATFORM_USER_STATE_CODE = {state: code for code, state in PLATFORM_USER_STATES.items()}
USER_ACT_CODE = {act: code for code, act in USER_ACTS.items()}
ACTION_CODE = {Action.SUBSCRIBE: "0", Action.UNSUBSCRIBE: "1", Action.SUSPEND: "3", Action.RESUME: "4"}
SERVICE_ACTION_CODE = {action: code for code, action in SERVICE_ACTIONS.items()}
OFFER_TYPE_CODE = {kind: code for code, kind in OFFER_TYPES.items()}
PAY_TYPE_CODE = {kind: code for code, kind in PAY_TYPES.items()}

STATUS_NORMAL = "0"
STATUS_SUSPENDED = "2"
STATUS_CANCELLED = "6"
RELATION_STATUS_CODE = {
    RelationState.ACTIVE: STATUS_NORMAL, RelationState.SUSPENDED: STATUS_SUSPENDED, RelationState.STOPPED: STATUS_SUSPENDED,
    RelationState.ENDED: STATUS_CANCELLED,
}  # fmt: skip
MOBILE_ID, FIXED_ID = "0", "2"
REAL_TIME_BALANCE = "2"

_TIME14 = "%Y%m%d%H%M%S"


def read_time(text: str | None) -> datetime | None:
    """Read yyyyMMddHHmmss as China time; None and the field's "never" are None; raises ValueError for 30 February."""
    if text is None or text == NEVER:
        return None
    if len(text) != len(NEVER):
        raise ValueError("not of the form yyyyMMddHHmmss")
    return datetime.strptime(text, _TIME14).replace(tzinfo=CHINA)


def write_time(at: datetime) -> str:
    """Write a time as yyyyMMddHHmmss in China time."""
    return _written(int(at.timestamp()))


@lru_cache(maxsize=64)
def _written(second: int) -> str:
    # A message writes the same second several times, and all messages of a second share it.
    return datetime.fromtimestamp(second, CHINA).strftime(_TIME14)


def write_expiry(at: datetime | None) -> str:
    """Write an expiry; None is the field's "never"."""
    return NEVER if at is None else write_time(at)


def system_of(address: Address) -> str:
    """Give the system code under which a party speaks to us."""
    if address.party is Party.VSOP:
        return GROUP_SYSTEM if address == GROUP_VSOP else PROVINCE_SYSTEM
    return _SYSTEM_OF.get(address.party, address.code)


_SYSTEM_OF = {
    Party.OCS: "208", Party.BILLING: "209", Party.SMSHALL: "214", Party.CRM: "201", Party.PROVISIONING: "206", Party.PPM: "202",
}  # fmt: skip


def read_items(told: list[Message], asked: tuple[str, ...]) -> tuple[ItemReply, ...]:
    """Read a platform's results by product; a product that it does not name counts as refused."""
    if not told:  # ResultCode 0 alone: all of it was done
        return tuple(ItemReply(product, 0) for product in asked)
    by_product = {info.ProductID: info for info in told}
    return tuple(_item(product, by_product.get(product)) for product in asked)


def _item(product: str, info: Message | None) -> ItemReply:
    if info is None:
        return ItemReply(product, PLATFORM_REFUSED.code, "not in the result")
    code = int(info.OPResult)
    code = code if code == 0 or code in RESULTS else PLATFORM_REFUSED.code
    try:
        return ItemReply(product, code, info.OPDesc or "", read_time(info.EffDate), read_time(info.ExpDate))
    except ValueError:  # a day that does not exist: the platform's date is not used
        return ItemReply(product, code, info.OPDesc or "")
