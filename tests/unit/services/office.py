"""The services of one gateway over a store in memory and the engine of the rig: partners by script, time by hand, no wire.

Every request and every answer is judged by the contract itself, so that no test speaks of a message that cannot travel.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

from lxml import etree
from playbook import NOON
from rig import Pending, Rig, run

from gateway.cli.datafiles import read_catalogue
from gateway.contract import Codec, load_contract
from gateway.domain.catalogue import Catalogue, Offer, OfferType, Product
from gateway.domain.facts import RelationStarted
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import BILLING, GROUP_VSOP, OCS, PROVISIONING, SMSHALL, Address, Party
from gateway.domain.routing import Place, Tier
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber, UserState
from gateway.engine.ports import CatalogueLoaded, SubscribersLoaded
from gateway.resources import contracts_dir, etc_dir
from gateway.services.desk import Desk
from gateway.services.vsop import VsopService
from gateway.soap.endpoint import Exchange
from gateway.steps import ItemReply, Reply
from gateway.store.memory import MemoryStore
from gateway.telemetry import EVENTS

CODEC = Codec(load_contract(contracts_dir() / "vsop.wsdl"))
JIANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.GROUP, "35")
X, X_PREMIUM, X_BOX, SUSPENDED, ISMP, GUANGXI_X, NATIONAL_X, NATIONAL_ISMP, BUNDLE, TRADITIONAL, CLOSED_TONES = (
    "115000000000000000101", "115000000000000000102", "115000000000000000103", "115000000000000000104", "115000000000000000201",
    "121000000000000000101", "135000000000000000301", "135000000000000000401", "315000000000000000501", "315000000000000000901",
    "115000000000000000105",
)  # fmt: skip
USER, STOPPED, FIXED = "18907910001", "18907910007", "07916660001"
STRANGER, GUANGXIS, NOBODYS = "18907918888", "18907710001", "13900000000"
STAMP, STAMP_LATER = "20261123120000", "20261123120001"

_PLAN = NumberPlan(mobile={"1890791": "15", "1890771": "21"}, fixed={"0791": "15"})
_UPLOAD = read_catalogue(etc_dir() / "lab/catalogue.toml")
_OTHER_X = replace(_UPLOAD.products[0], id="X304", platform="304", status=_UPLOAD.products[0].status)
_NATIONAL_304 = replace(
    next(p for p in _UPLOAD.products if p.id == "135000000000000000301"), id="NX304", platform="304"
)
_EXTRA = (
    Offer("O304", "O304", "O304", ("X304",)),
    Offer("OGONE", "OGONE", "OGONE", (X, "gone"), OfferType.VAS_BUNDLE),
)
_USERS = tuple(
    Subscriber(Number(digits), spec, pay, state)
    for digits, spec, pay, state in (
        (USER, "003", PayType.PREPAID, UserState.ACTIVE),
        (STOPPED, "003", PayType.PREPAID, UserState.STOPPED),
        (FIXED, "001", PayType.POSTPAID, UserState.ACTIVE),
    )
)
_PARTNERS = {
    JIANGXI: {
        OCS, BILLING, SMSHALL, PROVISIONING, GROUP_VSOP, Address(Party.CHANNEL, "211"), Address(Party.XPLATFORM, "303"),
        Address(Party.ISMP, "204"),
    },
    GROUP: {Address(Party.XPLATFORM, "303"), Address(Party.VSOP, "15")},
}  # fmt: skip


class Office:
    """One gateway without wire."""

    def __init__(self, place: Place = JIANGXI, *, store: MemoryStore | None = None, partners=None, **wiring) -> None:
        self.rig = Rig(**wiring)
        if store is not None:
            self.rig.store = store
            self.rig.engine = self.rig.build()
        self.store = self.rig.store
        known = _PARTNERS[place] if partners is None else partners
        self.lines = {}
        """(address, contract) to who answers there at once."""
        self.desk = Desk(
            here=place, plan=_PLAN, store=self.store, engine=self.rig.engine, clock=self.rig.clock, events=self._event,
            knows=lambda address: address in known, channels=frozenset({"211", "212"}),
            line=lambda address, contract: self.lines.get((address, contract)), partners=tuple(known), random_code=lambda: "482913",
        )  # fmt: skip
        self.service = VsopService(self.desk, CODEC)
        self.events: list[str] = []
        self._serials = itertools.count(1)
        products = (*_UPLOAD.products, _OTHER_X, _NATIONAL_304, replace(_NATIONAL_304, id="NX303", platform="303"))
        run(
            MemoryStore.commit(
                self.store,
                [
                    CatalogueLoaded(products, (*_UPLOAD.offers, *_EXTRA), tuple(_UPLOAD.partners)),
                    SubscribersLoaded(_USERS),
                ],
            )
        )
        run(self.desk.load())

    def _event(self, event: str, /, **fields: object) -> None:
        assert fields.keys() <= EVENTS[event].fields, f"{event} has other fields"
        self.events.append(event)

    # ---- requests, each under a number of its own ----------------------------------------------------------------------

    def _head(self, system: str) -> dict[str, str]:
        return {"StreamingNo": f"{system}{STAMP}{next(self._serials):09d}", "TimeStamp": STAMP, "SystemId": system}

    def order(self, *offers: str, number=USER, action="0", kind="0", system="211", **more):
        """A channel's order; `offers` are ids, or OfferInfo messages ready made."""
        infos = [
            CODEC["OfferInfo"](ProductOfferType=kind, ProductOfferID=o) if isinstance(o, str) else o for o in offers
        ]
        fields = {
            **self._head(system), "ActionType": action, "OrderId": f"W{next(self._serials)}", "ProdSpecCode": "003", "ProductNo": number,
            "ProductOfferInfo": infos,
        }  # fmt: skip
        return CODEC["subscribeToVSOP"](**{**fields, **more})

    def activation(self, *products: str, number=USER, action="0", system="200", **more):
        """An activation that a province passes on."""
        infos = [
            CODEC["ServerActionProduct"](ActionType=action, VProductID=p, ProductOfferType="0", ProductOfferID=p)
            if isinstance(p, str) else p
            for p in products
        ]  # fmt: skip
        fields = {
            **self._head(system), "OrderId": f"20015{next(self._serials)}", "ProdSpecCode": "003", "ProductNo": number, "UserPayType": "1",
            "VProductInfo": infos,
        }  # fmt: skip
        return CODEC["ServerActionRequest"](**{**fields, **more})

    def result(self, ref: str, order_id: str, *results: tuple[str, str], system="303", code="0", **more):
        """The later result of an activation; `results` are (product, OPResult)."""
        infos = [CODEC["ProductResult"](ProductID=p, OPResult=c) for p, c in results]
        fields = {
            **self._head(system), "RefStreamingNo": ref, "OrderId": order_id, "ResultCode": code, "ResultDesc": "their text",
            "ResultInfo": infos,
        }  # fmt: skip
        return CODEC["ServerActionResultRequest"](**{**fields, **more})

    def report(self, product=ISMP, op="0", *, number=USER, system="204", **more):
        """ISMP's report of a relation."""
        fields = {**self._head(system), "UserID": number, "UserIDType": "0", "ProductID": product, "OPType": op}
        return CODEC["subsInstSynFromISMP"](**{**fields, **more})

    def relations_report(self, *infos, number=USER, system="200", **more):
        """A province's report of relations."""
        fields = {
            **self._head(system), "OrderId": f"20015{next(self._serials)}", "ProdSpecCode": "003", "ProductNo": number,
            "ChannelPlayerID": "211", "SubsInstInfo": list(infos),
        }  # fmt: skip
        return CODEC["SubsInstRequest"](**{**fields, **more})

    def work(self, action="14", *products, number=USER, system="206", capabilities=(), **more):
        """A work order; `products` are ids that begin, after a minus ids that end, or WorkOrderProduct messages."""
        infos = [
            CODEC["WorkOrderProduct"](ActionType=a, VProductID=p) if a else p for a, p in map(_work_item, products)
        ]
        gains = [CODEC["Capability"](ActionType=a, AProductID=c) for a, c in map(_work_item, capabilities)]
        fields = {
            **self._head(system), "ActionType": action, "OrderId": f"F{next(self._serials)}", "ProdSpecCode": "003", "ProductNo": number,
            "VProductInfo": infos, "AProductInfo": gains, "UserState": "00A", "UserPayType": "1",
        }  # fmt: skip
        return CODEC["WorkOrder"](**{**fields, **more})

    def user_info(self, action="11", *, number=USER, system="200", state="1", **more):
        """What a province tells of a user."""
        fields = {
            **self._head(system), "OrderId": f"20015{next(self._serials)}", "ActionType": action, "ProdSpecCode": "003",
            "ProductNo": number, "UserState": state, "UserPayType": "1",
        }  # fmt: skip
        return CODEC["UserInfoSyncRequest"](**{**fields, **more})

    def query(self, order_id: str, system="211"):
        """A channel's question about an order."""
        return CODEC["orderStateQry"](**self._head(system), OrderId=order_id)

    # ---- calls ---------------------------------------------------------------------------------------------------------

    def call(self, operation: str, request, routing=None):
        """Give the answer; the handler must not wait."""
        return run(self.answer(operation, request, routing))

    async def answer(self, operation: str, request, routing=None):
        described = CODEC.contract.operations[operation]
        must_be_legal(described.request, request)
        answer = await getattr(self.service, operation)(request, Exchange(peer="test", action="", routing=routing))
        must_be_legal(described.response, answer)
        assert answer.StreamingNo == request.StreamingNo
        return answer

    def place(self, *offers: str, **more):
        """Place an order that is taken; gives its row."""
        request = self.order(*offers, **more)
        answer = self.call("subscribeToVSOP", request)
        assert answer.ResultCode == "0", answer
        return self.row(request)

    def do_work(self, *work, **more):
        """Send a work order that is taken; gives what it became."""
        request = self.work(*work, **more)
        answer = self.call("workListFKToVSOP", request)
        assert answer.ResultCode == "0", answer
        return self.row(request)

    def take_over(self, *products: str, routing=None, **more):
        """Pass an activation on that is taken; gives the row of the leg."""
        request = self.activation(*products, **more)
        answer = self.call("serverAction", request, routing)
        assert answer.ResultCode == "0", answer
        return self.row(request)

    def row(self, request):
        """The order that a request became, or None."""
        rows = run(self.store.orders_by_channel(request.SystemId, request.OrderId))
        return rows[0] if rows else None

    def kept(self, request):
        """Whether anything was stored for a request."""
        return run(self.store.inbox(request.SystemId, request.StreamingNo)) is not None

    def refused(self, *products: str, code=8001) -> Reply:
        """A platform's refusal of products, for the script."""
        return Reply(NOON, items=tuple(ItemReply(product, code) for product in products))

    def half(self, done: str, *, refused: str, code=8001) -> Reply:
        """A platform's answer that one product is done and another one is not."""
        return Reply(NOON, items=(ItemReply(done, 0), ItemReply(refused, code)))

    def sent_as(self, row, step: str) -> str:
        """The StreamingNo of a step of an order."""
        return next(s.streaming_no for s in run(self.store.run(row.order.id)).steps if s.name == step)

    def hold(
        self, *products: str, number=USER, offer=None, kind=OfferType.PURE, state=RelationState.ACTIVE, until=None
    ) -> None:
        """Let a user hold products, each under its base offer where none is given."""
        relations = [Relation(Number(number), p, offer or p, kind, "211", state, NOON, NOON, until) for p in products]
        run(MemoryStore.commit(self.store, [RelationStarted(relation) for relation in relations]))

    def user(self, number=USER):
        """A user as he stands."""
        return run(self.store.subscriber(Number(number)))

    def change(self, product: str, **fields) -> None:
        """Let a product be another one."""
        self.sell(replace(self.desk.catalogue.products[product], **fields))

    def change_offer(self, offer: str, **fields) -> None:
        """Let an offer be another one."""
        self.sell(replace(self.desk.catalogue.offers[offer], **fields))

    def sell(self, *things: Product | Offer) -> None:
        """Add products and offers to the catalogue, or replace them."""
        rows = [CatalogueLoaded(*(((thing,), ()) if isinstance(thing, Product) else ((), (thing,)))) for thing in things]
        run(MemoryStore.commit(self.store, rows))
        run(self.desk.load())

    def show(self, catalogue: Catalogue) -> None:
        """Let this be all that there is."""
        self.store._products, self.store._offers, self.store._partners = map(
            dict, (catalogue.products, catalogue.offers, catalogue.partners)
        )
        self.store._shelf = None
        run(self.desk.load())

    def relation(self, product: str, number=USER):
        """What a number holds of a product."""
        return next((r for r in run(self.store.relations(Number(number))) if r.product_id == product), None)


class SlowStore(MemoryStore):
    """A store whose commits wait until they are let through, so that two can be under way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: list[Pending] = []

    async def commit(self, writes) -> None:
        gate = Pending()
        self.gates.append(gate)
        await gate
        await super().commit(writes)


def _work_item(item) -> tuple[str, object]:
    """(ItemAction, id) of a product or capability of a work order; a message stands for itself."""
    if not isinstance(item, str):
        return "", item
    return ("1", item[1:]) if item.startswith("-") else ("0", item)


def results(answer) -> list[tuple[str, str]]:
    """(offer, OPResult) of an answer's ResultInfo."""
    return [(info.ProductOfferID, info.OPResult) for info in answer.ResultInfo]


def routing(trace="20021202611230001", hops=1, province="15", section=None):
    """The header block that a tier sends along."""
    return CODEC["RoutingType"](
        TraceId=trace, OriginSystem="200", OriginProvince=province, HopCount=hops, Section=section
    )


def must_be_legal(element: str, message) -> None:
    """Fail unless the contract admits this message."""
    written = CODEC.by_element[element].encode(message)
    (body,) = etree.fromstring(f"<b{CODEC.namespace_declarations()}>{written}</b>")
    CODEC.contract.validator.assertValid(body)
