"""Why two sides differ, most likely: judged by what VSOP's orders of that user and product came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.order import Action, OrderState
from gateway.recon.comparing import Difference, Kind
from gateway.recon.holdings import Right


@dataclass(frozen=True, slots=True)
class Past:
    """One order of a user and product, or a change of the user himself, as VSOP has it."""

    order_id: str
    action: str
    """What was asked for the product; for a change of the user the kind of change."""
    of_user: bool
    state: OrderState
    code: int
    accepted_at: datetime
    ended_at: datetime | None
    undone: bool = False
    """It was to be taken back at the platform: a tombstone stands there, or should."""
    open: bool = False
    """It still holds its product: something of it is under way."""

    def touches(self, since: datetime) -> bool:
        """Whether it was under way at or after a time."""
        return self.open or self.ended_at is None or max(self.accepted_at, self.ended_at) >= since


@dataclass(frozen=True, slots=True)
class History:
    """What VSOP knows of a user and a product: its orders, the newest first, and the user's own state; empty if he is unknown."""

    user: str
    known: bool
    """Whether the product is in the catalogue."""
    ours: bool
    """Whether the party that is compared is the one that carries it out."""
    orders: tuple[Past, ...] = ()

    @property
    def last(self) -> Past | None:
        """The newest order of the product itself."""
        return next((order for order in self.orders if not order.of_user), None)


class Cause(StrEnum):
    """A likely cause."""

    UNKNOWN_PRODUCT = "unknown-product"
    NOT_ITS_PRODUCT = "not-its-product"
    UNDONE = "undone"
    FAILED_HERE = "failed-here"
    END_LOST = "end-lost"
    ACTIVATION_LOST = "activation-lost"
    REPORT_LOST = "report-lost"
    ARCHIVE_LOST = "archive-lost"
    NOT_TOLD = "not-told"
    USER_CHANGED = "user-changed"
    NO_ORDER = "no-order"
    WRONG_STATE = "wrong-state"
    WRONG_PRODUCT = "wrong-product"
    WRONG_OFFER = "wrong-offer"


WORDS = {
    Cause.UNKNOWN_PRODUCT: ("VSOP没有该产品", "the product is not in VSOP's catalogue"),
    Cause.NOT_ITS_PRODUCT: ("该产品不属于对方", "the product is not one that the other side carries out or keeps"),
    Cause.UNDONE: ("撤回未在对方生效", "the order was taken back here; the undo got lost, or a late activation followed it"),
    Cause.FAILED_HERE: ("本方失败, 对方已办理", "the order failed here and was done there all the same"),
    Cause.END_LOST: ("对方未执行退订", "VSOP ended it; the other side did not"),
    Cause.ACTIVATION_LOST: ("对方丢失激活", "VSOP completed it; the activation was lost there, or ended there without a report"),
    Cause.REPORT_LOST: ("订购关系同步丢失", "a report of the relation (R8.4) was lost on its way to VSOP"),
    Cause.ARCHIVE_LOST: ("归档丢失", "the archive record did not reach billing"),
    Cause.NOT_TOLD: ("另一级未收到", "the other tier was not told"),
    Cause.USER_CHANGED: ("用户换号或拆机", "the user changed his number or was torn down, and the other side did not follow"),
    Cause.NO_ORDER: ("本方无此订单", "VSOP has no order for it: done at the other side by hand, or VSOP's data are older"),
    Cause.WRONG_STATE: ("状态不一致", "suspended or resumed on one side only"),
    Cause.WRONG_PRODUCT: ("产品不一致", "the other side has another product in its place"),
    Cause.WRONG_OFFER: ("销售品不一致", "the same product under another offer"),
}  # fmt: skip
"""In Chinese and English."""

_FIELDS = {"status": Cause.WRONG_STATE, "product": Cause.WRONG_PRODUCT, "offer": Cause.WRONG_OFFER}
_LOST = {
    Right.XPLATFORM: Cause.ACTIVATION_LOST, Right.ISMP: Cause.REPORT_LOST, Right.OCS: Cause.ARCHIVE_LOST,
    Right.BILLING: Cause.ARCHIVE_LOST, Right.GROUP: Cause.NOT_TOLD,
}  # fmt: skip


def likely_cause(difference: Difference, history: History, right: Right) -> Cause:
    """Say why the sides differ; `history` is that of the difference's product."""
    if not history.known:
        return Cause.UNKNOWN_PRODUCT
    if not history.ours:
        return Cause.NOT_ITS_PRODUCT
    if difference.field in _FIELDS:
        return _FIELDS[difference.field]
    changed = bool(history.orders) and history.orders[0].of_user and difference.kind is Kind.MISSING
    if changed or history.user == "invalid":
        return Cause.USER_CHANGED
    return _LOST[right] if difference.kind is Kind.EXTRA else _why_missing(history, right)


def _why_missing(history: History, right: Right) -> Cause:
    last = history.last
    if last is None:
        return Cause.REPORT_LOST if right is Right.ISMP else Cause.NO_ORDER
    if last.action == Action.UNSUBSCRIBE and last.state is OrderState.COMPLETED:
        return {Right.GROUP: Cause.NOT_TOLD, Right.OCS: Cause.ARCHIVE_LOST, Right.BILLING: Cause.ARCHIVE_LOST}.get(right, Cause.END_LOST)
    if last.undone:
        return Cause.UNDONE
    if last.state is OrderState.FAILED:
        return Cause.FAILED_HERE
    return Cause.REPORT_LOST if right is Right.ISMP else Cause.NO_ORDER
