"""ISMP and OCS as routed ports: a caller sends any operation to the gateway of its tier, which passes it on to the right system."""

from __future__ import annotations

from functools import partial

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.numbers import Number
from gateway.domain.party import Address
from gateway.domain.port_routing import to_ismp, to_ocs
from gateway.domain.routing import Misrouted
from gateway.engine.ports import StoreFailed
from gateway.errors import BUSY, UNKNOWN_SYSTEM
from gateway.services.desk import Desk, Refusal
from gateway.services.forwarding import hops_of, is_known, pass_on, refuse
from gateway.soap.endpoint import Exchange

NUMBER_FIELDS = ("ProductNo", "DA", "UserID")
"""Where a message has the number of its user; of ordering, using and paying party the using one decides."""


class RoutedPort:
    """Handler of all operations of a contract that is only passed on."""

    NEW_WORK = frozenset[str]()
    """Nothing is begun here: whoever it is passed on to decides."""

    def __init__(self, desk: Desk, codec: Codec) -> None:
        self._desk = desk
        self._codec = codec
        self._find = {"ocs": self._find_ocs, "ismp": self._find_ismp}[codec.contract.name]

    def __getattr__(self, operation: str) -> object:
        """Give the handler of an operation: what the contract has is served."""
        if operation not in self._codec.contract.operations:
            raise AttributeError(operation)
        return partial(self._pass_on, operation)

    async def _pass_on(self, operation: str, request: Message, exchange: Exchange) -> Message:
        desk, codec, routing = self._desk, self._codec, exchange.routing
        try:
            await desk.load()
        except StoreFailed as failure:
            desk.events("store.failed", error=failure)
            return refuse(desk, codec, operation, request, Refusal(BUSY))
        if not is_known(desk, request.SystemId):
            return refuse(desk, codec, operation, request, Refusal(UNKNOWN_SYSTEM, request.SystemId))
        to = self._find(request, hops_of(routing))
        if isinstance(to, Misrouted):
            return refuse(desk, codec, operation, request, Refusal(to.result, to.detail))
        return await pass_on(desk, codec, operation, request, routing, to)

    def _find_ocs(self, request: Message, hops: int) -> Address | Misrouted:
        return to_ocs(self._desk.here, self._desk.plan, _number(request), hops)

    def _find_ismp(self, request: Message, hops: int) -> Address | Misrouted:
        desk, number = self._desk, _number(request)
        assert number is not None  # every operation of ISMP is about a user
        return to_ismp(desk.here, desk.plan, desk.catalogue, number, _products(request), hops)


def _number(request: Message) -> Number | None:
    field = next((name for name in NUMBER_FIELDS if name in request.field_names), None)
    return None if field is None else Number.parse(getattr(request, field))


def _products(request: Message) -> list[str]:
    if "ProductInfo" in request.field_names:
        return [info.ProductID for info in request.ProductInfo]
    product = request.ProductID if "ProductID" in request.field_names else None
    return [] if product is None else [product]
