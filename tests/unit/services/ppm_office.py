"""PPM and VSOP of one gateway over a store in memory: partners by script, time by hand, no wire; each message judged by its contract."""

from __future__ import annotations

import itertools
from dataclasses import replace

from lxml import etree
from rig import Rig, ScriptedPartners, run

from gateway.catalogue_wire import write_offer, write_product
from gateway.contract import Codec, load_contract
from gateway.domain.catalogue import Catalogue, ContentPartner, Offer, OfferType, Product, Scope, Status
from gateway.domain.catalogue_change import ObjectKind
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import BILLING, CRM, GROUP_VSOP, OCS, Address, Party
from gateway.domain.routing import Place, Tier
from gateway.domain.subscriber import PayType, Subscriber
from gateway.engine.ports import CatalogueLoaded, SubscribersLoaded
from gateway.resources import contracts_dir
from gateway.services.desk import Desk
from gateway.services.ppm import PpmService
from gateway.services.vsop import VsopService
from gateway.soap.endpoint import Exchange
from gateway.telemetry import EVENTS
from gateway.vocabulary import OBJECT_KIND_CODE, OBJECT_STATUS_CODE

PPM = Codec(load_contract(contracts_dir() / "ppm.wsdl"))
VSOP = Codec(load_contract(contracts_dir() / "vsop.wsdl"))
JIANGXI, GROUP = Place(Tier.PROVINCE, "15"), Place(Tier.GROUP, "35")
OWN, GUANGXI = Address(Party.VSOP, "15"), Address(Party.VSOP, "21")
X303, X304 = Address(Party.XPLATFORM, "303"), Address(Party.XPLATFORM, "304")
CONFIGURED = {
    JIANGXI: (OCS, BILLING, CRM, X303, X304, Address(Party.ISMP, "204"), GROUP_VSOP, OWN),
    GROUP: (OCS, BILLING, CRM, X303, OWN, GUANGXI, GROUP_VSOP),
}
STAMP = "20261123120000"
USER = Number("18907910001")


def product(id="P9", **more) -> Product:
    """A product of Jiangxi's X platform, unless a case says otherwise."""
    fields = {
        "name_zh": "甲", "name_en": id, "sp": "SP1", "owner": "200", "platform": "303", "scope": Scope.PROVINCIAL, "province": "15",
    }  # fmt: skip
    return Product(id, **{**fields, **more})


def national(id="N9", **more) -> Product:
    """A national product."""
    return product(id, **{"scope": Scope.NATIONAL, "province": "35", **more})


def offer(id="O9", *products: str, **more) -> Offer:
    """A pure offer of Jiangxi, unless a case says otherwise."""
    return Offer(id, "甲", id, products or ("P1",), **{"province": "15", **more})


SHELF = (
    product("P1"), product("P2", status=Status.SUSPENDED), product("P3", status=Status.PRE_CANCELLED),
    product("P4", status=Status.CANCELLED), product("P5", sp="SP2"), product("P6", platform="304"),
    product("I1", owner="204", platform="204"),
    product("I2", owner="204", platform="204"), product("J1", owner="203", platform="203"), product("G1", province="21"), national("N1"),
    national("M1", owner="204", platform="204"),
)  # fmt: skip
OFFERS = (
    replace(offer("O1", "P1"), province=""), replace(offer("O2", "P1", "N1", type=OfferType.VAS_BUNDLE), province=""),
    replace(offer("O3", "N1"), province=""), offer("OI", "I1"),
)  # fmt: skip
PARTNERS = (ContentPartner("SP1", "甲", "one"), ContentPartner("SP2", "乙", "two", Status.SUSPENDED))


class Recorder(ScriptedPartners):
    """Keeps whole steps."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = []

    async def send(self, step, streaming_no, at):
        self.steps.append(step)
        return await super().send(step, streaming_no, at)


class PpmOffice:
    """One gateway that serves PPM, without wire."""

    def __init__(self, place: Place = JIANGXI, *, held=False, configured=None, store=None, **wiring) -> None:
        self.rig = Rig(**wiring)
        self.rig.partners = self.partners = Recorder()
        if store is not None:
            self.rig.store = store
        self.rig.engine = self.rig.build()
        self.store = self.rig.store
        known = CONFIGURED[place] if configured is None else configured
        self.desk = Desk(
            here=place, plan=NumberPlan(mobile={"1890791": "15"}), store=self.store, engine=self.rig.engine, clock=self.rig.clock,
            events=self._event, knows=lambda address: address in known, channels=frozenset({"211"}), line=lambda address, contract: None,
            partners=known, random_code=lambda: "000000", audit_held=held, ppm_served=True,
        )  # fmt: skip
        self.ppm, self.vsop = PpmService(self.desk, PPM), VsopService(self.desk, VSOP)
        self.events: list[str] = []
        self._serials = itertools.count(1)
        run(
            self.store.commit(
                [
                    CatalogueLoaded(SHELF, OFFERS, PARTNERS),
                    SubscribersLoaded((Subscriber(USER, "003", PayType.PREPAID),)),
                ]
            )
        )
        run(self.desk.load())

    def _event(self, event: str, /, **fields: object) -> None:
        assert fields.keys() <= EVENTS[event].fields, f"{event} has other fields"
        self.events.append(event)

    def head(self, system: str) -> dict[str, str]:
        """The first three fields, under a number of its own."""
        return {"StreamingNo": f"{system}{STAMP}{next(self._serials):09d}", "TimeStamp": STAMP, "SystemId": system}

    # ---- messages ------------------------------------------------------------------------------------------------------

    def application(self, filed: Product | Offer, *, system="201", status=Status.APPLIED, **more):
        """CRM's application for a product or offer, with its operation."""
        head = {**self.head(system), "ApplicationId": f"A{next(self._serials)}"}
        filed = replace(filed, status=status)
        if isinstance(filed, Product):
            body = {"ProductInfo": write_product(filed, PPM)}
            return "submitProductApplication", typed(PPM, "submitProductApplication")(**{**head, **body, **more})
        body = {"ProductOfferInfo": write_offer(filed, PPM)}
        return "submitOfferApplication", typed(PPM, "submitOfferApplication")(**{**head, **body, **more})

    def state(self, object_id: str, status: Status, *, kind=ObjectKind.PRODUCT, system="201", **more):
        """CRM's application for another state, with its operation."""
        fields = {
            **self.head(system), "ApplicationId": f"A{next(self._serials)}", "ObjectType": OBJECT_KIND_CODE[kind], "ObjectID": object_id,
            "Status": OBJECT_STATUS_CODE[status],
        }  # fmt: skip
        return "submitStateChange", typed(PPM, "submitStateChange")(**{**fields, **more})

    def notice(self, told: Product | Offer, flag="1", *, system="204"):
        """ISMP's notice, with its operation."""
        head = {**self.head(system), "OPFlag": flag}
        if isinstance(told, Product):
            message = typed(PPM, "prodInfoSynFromISMP")(**head, ProductInfo=write_product(told, PPM))
            return "prodInfoSynFromISMP", message
        message = typed(PPM, "offerInfoSynFromISMP")(**head, ProductOfferInfo=write_offer(told, PPM))
        return "offerInfoSynFromISMP", message

    def sync(self, told: Product | Offer, version=1, *, system="202", flag="1"):
        """PPM's message to VSOP, with its operation."""
        head = {**self.head(system), "OPFlag": flag, "Version": version}
        if isinstance(told, Product):
            return "productInfoSync", VSOP["ProductSyncRequest"](**head, ProductInfo=write_product(told, VSOP))
        return "PPOfferInfoSync", VSOP["OfferSyncRequest"](**head, ProductOfferInfo=write_offer(told, VSOP))

    def test_notice(self, object_id: str, version=1, *, kind=ObjectKind.PRODUCT, system="202"):
        """PPM's notice that an object is to be tried, with its operation."""
        fields = {**self.head(system), "ObjectType": OBJECT_KIND_CODE[kind], "ObjectID": object_id, "Version": version}
        return "notifyProductTest", VSOP["ProductTestNotice"](**fields)

    # ---- calls ---------------------------------------------------------------------------------------------------------

    def call(self, operation: str, request):
        """Give the answer; the handler must not wait."""
        return run(self.answer(operation, request))

    async def answer(self, operation: str, request):
        codec, service = (PPM, self.ppm) if operation in PPM.contract.operations else (VSOP, self.vsop)
        described = codec.contract.operations[operation]
        must_be_legal(codec, described.request, request)
        answer = await getattr(service, operation)(request, Exchange(peer="test", action="", routing=None))
        must_be_legal(codec, described.response, answer)
        assert answer.StreamingNo == request.StreamingNo
        return answer

    def code(self, message) -> str:
        """Give the result code of a message with its operation."""
        return self.call(*message).ResultCode

    def taken(self, message):
        """Send a message that is taken; gives the row of the change that it became."""
        operation, request = message
        answer = self.call(operation, request)
        assert answer.ResultCode == "0", answer
        return self.row(request)

    def row(self, request):
        """The change that a request became, or None."""
        number = getattr(request, "ApplicationId", request.StreamingNo)
        rows = run(self.store.orders_by_channel(request.SystemId, number))
        return rows[0] if rows else None

    def row_state(self, row):
        """How a change stands now."""
        return run(self.store.order(row.order.id)).state

    def audit(self, request, system=None):
        """What CRM is told of an application."""
        fields = {**self.head(system or request.SystemId), "ApplicationId": request.ApplicationId}
        return self.call("auditResultQry", typed(PPM, "auditResultQry")(**fields))

    def ledger(self, object_id: str, kind=ObjectKind.PRODUCT, system="201"):
        """What PPM tells of its deliveries."""
        fields = {**self.head(system), "ObjectType": OBJECT_KIND_CODE[kind], "ObjectID": object_id}
        return self.call("catalogSyncStatusQry", typed(PPM, "catalogSyncStatusQry")(**fields))

    def cells(self, object_id: str, kind=ObjectKind.PRODUCT):
        """The ledger: target, version, status, state."""
        return [(c.target, c.version, c.status, c.state) for c in run(self.store.cells(kind, object_id))]

    def master(self, object_id: str, kind=ObjectKind.PRODUCT):
        """PPM's own state of an object, as status and version."""
        found = run(self.store.master(kind, object_id))
        return None if found is None else (found.status, found.version)

    @property
    def catalogue(self) -> Catalogue:
        """What VSOP judges orders by."""
        run(self.desk.load())
        return self.desk.catalogue


def typed(codec: Codec, operation: str):
    """Give the class of an operation's request."""
    return codec.by_element[codec.contract.operations[operation].request].type


def must_be_legal(codec: Codec, element: str, message) -> None:
    """Fail unless the contract admits this message."""
    written = codec.by_element[element].encode(message)
    (body,) = etree.fromstring(f"<b{codec.namespace_declarations()}>{written}</b>")
    codec.contract.validator.assertValid(body)
