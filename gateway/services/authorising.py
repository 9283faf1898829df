"""CRM asks whether the users of a bundle may have it (seed 3.2.1 and 3.2.2, steps 1 and 2)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.catalogue_wire import short_name
from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.authorisation import Case, Decision, Reason, authorise_counter
from gateway.domain.catalogue import Offer, OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import Action, OrderItem
from gateway.domain.party import CRM_SYSTEMS, OCS
from gateway.domain.routing import Misrouted, home
from gateway.domain.subscriber import PayType, Subscriber
from gateway.engine.ports import StoreFailed
from gateway.errors import (
    BUSY,
    NOT_IN_OFFER,
    OFFER_NOT_OPEN,
    OK,
    PARTNER_AWAY,
    PARTNER_FAULT,
    PLATFORM_REFUSED,
    RESULTS,
    UNKNOWN_OFFER,
    UNKNOWN_PRODUCT,
    PartnerError,
    Permanent,
    Result,
    Temporary,
)
from gateway.services.desk import Desk, plain
from gateway.services.forwarding import stranger
from gateway.services.users import present_user, with_capabilities
from gateway.vocabulary import ITEM_ACTIONS, REAL_TIME_BALANCE, write_time

PASS, CONFIRM, REFUSED = "0", "1", "2"
"""AuthResult; absent where nothing was judged."""

FEE = 5
"""Number of the rule that needs the balance."""

MOST_REASONS = 100
"""maxOccurs of VProductInfo in the answer."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """One user of the bundle; `refusal` where the number itself is refused, with a reason for each of its products."""

    info: Message
    decision: Decision
    refusal: tuple[Result, str] | None = None

    @property
    def first(self) -> tuple[Result, str] | None:
        """What refuses it, first of all."""
        blocking = self.decision.blocking
        return self.refusal or ((blocking[0].result, blocking[0].detail) if blocking else None)


async def subscribe_auth(desk: Desk, codec: Codec, request: Message) -> Message:
    """Judge a bundle for each of its users; nothing is stored, and an answer that says "retry" decides nothing."""
    try:
        await desk.load()
    except StoreFailed as failure:
        desk.events("store.failed", error=failure)
        return _answer(desk, codec, request, (BUSY, ""), None)
    if request.SystemId not in CRM_SYSTEMS:
        not_crm = stranger(desk, request.SystemId)
        return _answer(desk, codec, request, (not_crm.result, not_crm.detail), None)
    offer = desk.catalogue.offers.get(request.ProductOfferID or "")
    if request.ProductOfferID and offer is None:
        return _answer(desk, codec, request, (UNKNOWN_OFFER, request.ProductOfferID), REFUSED)
    bare = not any(info.VProductInfo for info in request.ProductInfo)
    if bare and offer is not None and not offer.status.can_subscribe:  # where there are products, rule 1 says it of each
        return _answer(desk, codec, request, (OFFER_NOT_OPEN, offer.id), REFUSED)
    try:
        judged = [await _judge(desk, request, offer, index) for index in range(len(request.ProductInfo))]
    except StoreFailed as failure:
        desk.events("store.failed", error=failure)
        return _answer(desk, codec, request, (BUSY, ""), None)
    except PartnerError as failure:
        desk.events("partner.failed", party=failure.party, streaming_no=request.StreamingNo, reason=failure.reason)
        result = PARTNER_AWAY if isinstance(failure, Temporary) else PARTNER_FAULT
        return _answer(desk, codec, request, (result, failure.party), None)
    refusal = next((each.first for each in judged if each.first is not None), None)
    if refusal is not None:
        return _answer(desk, codec, request, refusal, REFUSED, judged)
    confirm = any(each.decision.needs_confirmation for each in judged)
    return _answer(desk, codec, request, (OK, ""), CONFIRM if confirm else PASS, judged)


async def _judge(desk: Desk, request: Message, offer: Offer | None, index: int) -> _Judged:
    """Judge the products of one number; one that is not at home here is refused with all of them."""
    info = request.ProductInfo[index]
    number = Number.parse(info.ProductNo)
    province = home(desk.here, desk.plan, number)
    if isinstance(province, Misrouted):
        reasons = tuple(_unfit(offer, p.VProductID, province.result, province.detail) for p in info.VProductInfo)
        return _Judged(info, Decision(reasons), (province.result, province.detail))
    user = await present_user(desk, number)
    if user is None:  # a new install is authorised before it exists
        user = Subscriber(number, info.ProdSpecCode, PayType.POSTPAID)
    user = with_capabilities(user, info)
    held = await desk.store.relations(number)
    items, wrong = _items(desk, info, offer)
    case = Case(desk.catalogue, user, held, items, desk.clock.now())
    if FEE in desk.policy.counter and user.pay is PayType.PREPAID and _begun(items):
        balance = await _balance(desk, request, info, index)
        if isinstance(balance, Result):
            wrong += [Reason(FEE, item.offer_id, item.product_id, balance) for item in _begun(items)]
        else:
            case = replace(case, balance=balance)
    decision = authorise_counter(case, desk.policy)
    return _Judged(info, replace(decision, reasons=(*wrong, *decision.reasons)))


def _items(desk: Desk, info: Message, offer: Offer | None) -> tuple[list[OrderItem], list[Reason]]:
    """Resolve the products of one number; a product without a bundle is sold as the offer of its own code."""
    items: list[OrderItem] = []
    wrong: list[Reason] = []
    for asked in info.VProductInfo:
        product = desk.catalogue.products.get(asked.VProductID)
        if product is None:
            wrong.append(_unfit(offer, asked.VProductID, UNKNOWN_PRODUCT, asked.VProductID))
        elif offer is not None and product.id not in offer.products:
            wrong.append(_unfit(offer, product.id, NOT_IN_OFFER, product.id))
        else:
            sold_as = offer or desk.catalogue.offers.get(product.id)
            offer_id, offer_type = (product.id, OfferType.PURE) if sold_as is None else (sold_as.id, sold_as.type)
            items.append(OrderItem(product.id, product.sp, offer_id, offer_type, action=ITEM_ACTIONS[asked.ActionType]))
    return items, wrong


def _unfit(offer: Offer | None, product_id: str, result: Result, detail: str) -> Reason:
    """Make the reason of what no rule is about: its OPResult is the result code."""
    return Reason(result.code, "" if offer is None else offer.id, product_id, result, detail)


def _begun(items: Sequence[OrderItem]) -> list[OrderItem]:
    return [item for item in items if item.action is Action.SUBSCRIBE]


async def _balance(desk: Desk, request: Message, info: Message, index: int) -> int | Result:
    """Ask OCS for the balance in fen; a Result where it refuses. Raises Temporary or Permanent where it does not answer."""
    line = desk.line(OCS, "ocs")
    if line is None:
        raise Permanent(str(OCS), "no address is configured")
    asked = line.codec["feeCheck"](
        StreamingNo=_fee_number(desk, request, index), TimeStamp=write_time(desk.clock.now()), SystemId=desk.here.system,
        ProdSpecCode=info.ProdSpecCode, ProductNo=Number.parse(info.ProductNo).digits, ContentType=REAL_TIME_BALANCE,
    )  # fmt: skip
    answer = await line.call("feeCheck", asked)
    result = RESULTS.get(int(answer.ResultCode), PLATFORM_REFUSED)
    if result.retryable or (result is OK and answer.Balance is None):
        raise Temporary(str(OCS), f"{result.code} without a balance")
    if result is not OK:
        return result
    balance: int = answer.Balance
    return balance


def _fee_number(desk: Desk, request: Message, index: int) -> str:
    """Make the StreamingNo of a fee check: the same whenever CRM repeats its question, and no other question's.

    Every province's VSOP is system 200 and every CRM 201, so the province takes part; a digest keeps it within 60 characters.
    """
    asked = f"{desk.here.province} {request.SystemId} {request.StreamingNo} {index}"
    return desk.here.system + hashlib.blake2b(asked.encode(), digest_size=16).hexdigest()


def _answer(
    desk: Desk, codec: Codec, request: Message, said: tuple[Result, str], decided: str | None, judged: Sequence[_Judged] = ()
) -> Message:  # fmt: skip
    result, detail = said
    if result is not OK:
        desk.events("order.refused", system=request.SystemId, streaming_no=request.StreamingNo, code=result.code)
    answer = plain(codec["subscribeAuthResponse"], request, result, detail)
    answer.AuthResult = decided
    answer.ProductInfo = [
        codec["AuthUserResult"](
            ProdSpecCode=each.info.ProdSpecCode,
            ProductNo=each.info.ProductNo,
            VProductInfo=[_told(desk, codec, reason) for reason in each.decision.reasons[:MOST_REASONS]],
        )
        for each in judged
        if each.decision.reasons
    ]
    return answer


def _told(desk: Desk, codec: Codec, reason: Reason) -> Message:
    product = desk.catalogue.products.get(reason.product_id)
    return codec["AuthProductResult"](
        VProductID=reason.product_id,
        VProductName=None if product is None else short_name(product.name_zh),
        OPResult=str(reason.rule),
        OPDesc=reason.result.describe(reason.detail),
    )
