"""Passes a request on to another system at once, unchanged and under its own number, and hands the answer back; nothing is stored."""

from __future__ import annotations

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.party import KNOWN_SYSTEMS, Address
from gateway.errors import (
    NO_ROUTE,
    PARTNER_AWAY,
    PARTNER_FAULT,
    SYSTEM_NOT_ALLOWED,
    UNKNOWN_SYSTEM,
    PartnerError,
    Result,
    Temporary,
)
from gateway.services.desk import Desk, Refusal, plain


def is_known(desk: Desk, system: str) -> bool:
    """Whether a SystemId is one of the field, or a service platform of the catalogue."""
    return system in KNOWN_SYSTEMS or is_platform(desk, system)


def is_platform(desk: Desk, system: str) -> bool:
    """Whether a SystemId is that of a service platform; the catalogue is looked through until one of its products is found."""
    return any(product.platform == system for product in desk.catalogue.products.values())


def stranger(desk: Desk, system: str) -> Refusal:
    """Refuse a system that may not do what it asks for, known or not."""
    return Refusal(SYSTEM_NOT_ALLOWED if is_known(desk, system) else UNKNOWN_SYSTEM, system)


def hops_of(routing: Message | None) -> int:
    """Count the gateways that a message has passed; without the header block it comes from outside."""
    hops: int = 0 if routing is None else routing.HopCount
    return hops


async def pass_on(
    desk: Desk, codec: Codec, operation: str, request: Message, routing: Message | None, to: Address
) -> Message:
    """Send a request to a system's endpoint of the same contract; who cannot be asked is told by a code."""
    contract = codec.contract.name
    line = desk.line(to, contract)
    if line is None:
        return refuse(desk, codec, operation, request, Refusal(NO_ROUTE, str(to)))
    onward = _onward(desk, line.codec, request, routing)
    try:
        answer = await line.call(operation, request, onward)
    except PartnerError as failure:
        desk.events("partner.failed", party=str(to), streaming_no=request.StreamingNo, reason=failure.reason)
        result = PARTNER_AWAY if isinstance(failure, Temporary) else PARTNER_FAULT
        answer = _answer(codec, operation, request, result, str(to))
    desk.events(
        "port.forwarded", contract=contract, operation=operation, party=str(to), streaming_no=request.StreamingNo,
        code=int(answer.ResultCode), hops=onward.HopCount,
    )  # fmt: skip
    return answer


def refuse(desk: Desk, codec: Codec, operation: str, request: Message, refusal: Refusal) -> Message:
    """Answer a request that is not taken."""
    desk.events("order.refused", system=request.SystemId, streaming_no=request.StreamingNo, code=refusal.result.code)
    return _answer(codec, operation, request, refusal.result, refusal.detail)


def _answer(codec: Codec, operation: str, request: Message, result: Result, detail: str) -> Message:
    response = codec.contract.operations[operation].response
    return plain(codec.by_element[response].type, request, result, detail)


def _onward(desk: Desk, codec: Codec, request: Message, routing: Message | None) -> Message:
    """Count one hop more; the first gateway names itself, and traces the request by its StreamingNo."""
    block = codec["RoutingType"]
    if routing is None:
        here = desk.here
        return block(TraceId=request.StreamingNo, OriginSystem=here.system, OriginProvince=here.province, HopCount=1)
    return block(
        TraceId=routing.TraceId, OriginSystem=routing.OriginSystem, OriginProvince=routing.OriginProvince,
        HopCount=routing.HopCount + 1, Section=routing.Section,
    )  # fmt: skip
