"""A CRM counter before one gateway: users and what they hold by hand, OCS by script; no engine, for nothing is stored.

Every question, and every message to OCS, is judged by its contract.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

from lxml import etree
from playbook import NOON

from gateway.contract import Codec, load_contract
from gateway.domain.authorisation import Policy
from gateway.domain.catalogue import Catalogue, ContentPartner, Offer, OfferType, Product, Scope, Status
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import OCS
from gateway.domain.routing import Place, Tier
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber, UserState
from gateway.engine.ports import StoreFailed
from gateway.resources import contracts_dir
from gateway.services.desk import Desk
from gateway.services.vsop import VsopService
from gateway.soap.endpoint import Exchange
from gateway.telemetry import EVENTS

VSOP, OCS_CODEC = (Codec(load_contract(contracts_dir() / f"{name}.wsdl")) for name in ("vsop", "ocs"))
PREPAID, POSTPAID, STOPPED, PHS, NEW = (
    "18907910001",
    "18907910005",
    "18907910007",
    "07916660002",
    "18907918888",
)
GUANGXIS, NOBODYS = "18907710001", "13900000000"
BUNDLE, CLOSED, VAS = "B", "BCLOSED", "BVAS"

_USERS = (
    Subscriber(Number(PREPAID), "003", PayType.PREPAID, capabilities=("1", "8")),
    Subscriber(Number(POSTPAID), "003", PayType.POSTPAID),
    Subscriber(Number(STOPPED), "003", PayType.POSTPAID, UserState.STOPPED),
    Subscriber(Number(PHS), "002", PayType.POSTPAID),
)


def _product(id, *, scope=Scope.PROVINCIAL, **more) -> Product:
    province = "15" if scope is Scope.PROVINCIAL else "35"
    return Product(id, f"{id}号", id, "SP1", "200", "303", scope, province, **more)


_PRODUCTS = (
    _product("A"), _product("A2", replaces=("A",), excludes=("A",)), _product("D"), _product("K", capabilities=("8",)),
    _product("S", status=Status.SUSPENDED), _product("W", scope=Scope.NATIONAL), _product("OTHER"),
)  # fmt: skip
_INSIDE = ("A", "A2", "D", "K", "S", "W")
_OFFERS = (
    Offer(BUNDLE, BUNDLE, BUNDLE, (*_INSIDE, "gone"), OfferType.TRADITIONAL_BUNDLE),
    Offer(CLOSED, CLOSED, CLOSED, _INSIDE, OfferType.TRADITIONAL_BUNDLE, Status.SUSPENDED),
    Offer(VAS, VAS, VAS, _INSIDE, OfferType.VAS_BUNDLE),
    Offer("D", "D", "D", ("D",), OfferType.PURE, Status.SUSPENDED),
)
_SHOP = Catalogue(
    {p.id: p for p in _PRODUCTS}, {o.id: o for o in _OFFERS}, {"SP1": ContentPartner("SP1", "SP1", "SP1")}
)


class Shelf:
    """As much of a store as a question needs: users and relations."""

    def __init__(self) -> None:
        self.users = {user.number: user for user in _USERS}
        self.held: dict[Number, list[Relation]] = {}
        self.shop = _SHOP
        self.broken = False

    async def catalogue(self):
        return self.shop

    async def subscriber(self, number):
        if self.broken:
            raise StoreFailed("the disk is full")
        return self.users.get(number)

    async def relations(self, number):
        return self.held.get(number, [])


class ScriptedOcs:
    """Answers fee checks as told: a balance, a ResultCode, or an error to raise."""

    codec = OCS_CODEC

    def __init__(self) -> None:
        self.asked: list = []
        self.balances: dict[str, object] = {}

    async def call(self, operation, request, routing=None):
        legal(OCS_CODEC, OCS_CODEC.contract.operations[operation].request, request)
        self.asked.append(request)
        said = self.balances.get(request.ProductNo, 100)
        if isinstance(said, Exception):
            raise said
        code, balance = (said, None) if isinstance(said, str) else ("0", said)
        return OCS_CODEC["feeCheckResponse"](
            StreamingNo=request.StreamingNo, ResultCode=code, ResultDesc="their text", Balance=balance
        )


class Clock:
    """Noon, always."""

    def now(self):
        return NOON


class Counter:
    """CRM's counter."""

    def __init__(self, *, tier=Tier.PROVINCE, province="15", policy=None, ocs=True) -> None:
        self.store, self.ocs, self.events = Shelf(), ScriptedOcs(), []
        self.desk = Desk(
            here=Place(tier, province), plan=NumberPlan({"1890791": "15", "1890771": "21"}, {"0791": "15"}), store=self.store,
            engine=None, clock=Clock(), events=self._event, knows=lambda _: True, channels=frozenset({"211"}),
            line=lambda address, contract: self.ocs if ocs and (address, contract) == (OCS, "ocs") else None,
            partners=(OCS,), random_code=lambda: "0000", policy=policy or Policy(),
        )  # fmt: skip
        self._service = VsopService(self.desk, VSOP)
        self._serials = itertools.count(1)

    def _event(self, event: str, /, **fields: object) -> None:
        assert fields.keys() <= EVENTS[event].fields, f"{event} has other fields"
        self.events.append(event)

    def hold(self, number: str, product: str, offer_type=OfferType.PURE, offer: str = "") -> None:
        """Let a number hold a product."""
        relation = Relation(
            Number(number), product, offer or product, offer_type, "211", RelationState.ACTIVE, NOON, NOON
        )
        self.store.held.setdefault(relation.number, []).append(relation)

    def ask(self, *users, system="201", offer=BUNDLE, **more):
        """Ask whether these users may have the bundle; gives the answer."""
        head = {
            "StreamingNo": f"{system}20261123120000{next(self._serials):09d}",
            "TimeStamp": "20261123120000",
            "SystemId": system,
        }
        request = VSOP["subscribeAuth"](**{**head, "ProductOfferID": offer, "ProductInfo": list(users), **more})
        legal(VSOP, VSOP.contract.operations["subscribeAuth"].request, request)
        answer = _result_of(self._service.subscribeAuth(request, Exchange(peer="test", action="")))
        legal(VSOP, VSOP.contract.operations["subscribeAuth"].response, answer)
        assert answer.StreamingNo == request.StreamingNo
        return answer


def auth_user(number, *begun, ended=(), spec="003", gains=(), loses=()):
    """One number of the bundle: products that begin and end, capabilities that come and go."""
    products = [("0", p) for p in begun] + [("1", p) for p in ended]
    capabilities = [("0", c) for c in gains] + [("1", c) for c in loses]
    return VSOP["AuthUser"](
        ProdSpecCode=spec, ProductNo=number,
        VProductInfo=[VSOP["AuthProduct"](ActionType=action, VProductID=p) for action, p in products],
        AProductInfo=[VSOP["AuthCapability"](ActionType=action, AProductID=c) for action, c in capabilities],
    )  # fmt: skip


def without(policy: Policy, number: int) -> Policy:
    """The policy without one of the counter's rules."""
    return replace(policy, counter=tuple(n for n in policy.counter if n != number))


def told(answer):
    """What is said of products, as (number, product, OPResult)."""
    return [(user.ProductNo, p.VProductID, p.OPResult) for user in answer.ProductInfo for p in user.VProductInfo]


def legal(codec: Codec, element: str, message) -> None:
    """Fail unless the contract admits this message."""
    written = codec.by_element[element].encode(message)
    (body,) = etree.fromstring(f"<b{codec.namespace_declarations()}>{written}</b>")
    codec.contract.validator.assertValid(body)


def _result_of(work):
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("the answer waits")
