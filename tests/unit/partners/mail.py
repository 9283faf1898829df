"""Steps of every kind with the contract that carries them, and answers of partners, for the tests of the outbound side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lxml import etree
from playbook import ISMP, NOON, X, order

from gateway.config.partners import CONTRACTS_OF
from gateway.contract import Codec, load_contract
from gateway.domain.catalogue import Offer, OfferType, Product, Scope, Status
from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, ChangeKind, Delivery
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Confirmation, OrderItem
from gateway.domain.party import BILLING, CRM, GROUP_VSOP, OCS, PROVISIONING, SMSHALL, Address, Party
from gateway.domain.subscriber import PayType, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserChange
from gateway.partners.messages import Head, operation_of, write
from gateway.resources import contracts_dir
from gateway.steps import (
    Activate,
    Archive,
    Ask,
    AskConfirmation,
    FeeCheck,
    ItemReply,
    NotifyTest,
    Reply,
    ReportRelations,
    ReturnActivation,
    ReturnWork,
    SyncObject,
    Tell,
    TellResult,
    TellUser,
)

CODECS = {name: Codec(load_contract(contracts_dir() / f"{name}.wsdl")) for name in sorted({own for own, *_ in CONTRACTS_OF.values()})}
NUMBER_OF_OURS = "20020261123120000150000102"
HEAD = Head(NUMBER_OF_OURS, "20261123120001", "200")
PORTAL, JIANGXI_VSOP = Address(Party.CHANNEL, "211"), Address(Party.VSOP, "15")
LATER = NOON + timedelta(hours=1)

SUBSCRIPTION = order(products=("P1", "P2"))
UNSUBSCRIPTION = order(action=Action.UNSUBSCRIBE, products=("P1", "P2"))
POSTPAID = order(pay=PayType.POSTPAID)
FIXED_LINE = replace(order(), number=Number("07916660001"), spec="001")
DATED = replace(
    order(),
    items=(
        OrderItem(
            "P1",
            "SP1",
            "O1",
            OfferType.VAS_BUNDLE,
            effective_at=LATER + timedelta(days=1),
            expires_at=LATER + timedelta(days=31),
        ),
    ),
)
MANY_OFFERS = replace(
    order(), items=tuple(OrderItem(f"P{n}", "SP1", f"O{n}".ljust(25, "x"), OfferType.PURE) for n in range(20))
)
BOTH = ("P1", "P2")
SUSPENSION, RESUMPTION = order(action=Action.SUSPEND, products=BOTH), order(action=Action.RESUME, products=BOTH)
UNCONFIRMED = replace(SUBSCRIPTION, confirmation=Confirmation("482913", timedelta(hours=24)))
REPLACING = replace(
    SUBSCRIPTION,
    items=(
        OrderItem("P1", "SP1", "O1", OfferType.PURE), OrderItem("P0", "SP1", "O0", OfferType.PURE, action=Action.UNSUBSCRIBE),
        OrderItem("P2", "SP1", "O2", OfferType.PURE, target=ISMP),
    ),
)  # fmt: skip
"""A mixed order: P1 at X takes the place of P0, P2 is ISMP's."""
WORK = replace(order("3.2.1"), channel="206", channel_order_id="F1")

CHANGE = UserChange(
    id="20015C", trace_id="20015C", section="3.1b", act=UserAct.RENUMBERED, channel="206", channel_order_id="F2", streaming_no="206000001",
    user=Subscriber(Number("18907910002"), "003", PayType.PREPAID, UserState.ARREARS), province="15", targets=(), accepted_at=NOON,
    old_number=Number("18907910001"),
)  # fmt: skip
TEAR_DOWN = replace(
    CHANGE,
    act=UserAct.TORN_DOWN,
    old_number=None,
    user=Subscriber(Number("18907910001"), "001", PayType.POSTPAID, UserState.INVALID),
)

PRODUCT = Product(
    "P1", "铃音", "tone", "SP1", "200", "303", Scope.PROVINCIAL, "15", Status.TEST, excludes=("P2",), requires=("P3", "P4"),
    replaces=("P5",), capabilities=("1", "2"), specs=("003",), version=7,
)  # fmt: skip
OFFER = Offer(
    "B1", "套餐", "bundle", ("P1", "P2"), OfferType.TRADITIONAL_BUNDLE, Status.SUSPENDED, partial=True, scope=Scope.NATIONAL, province="35",
    version=3,
)  # fmt: skip
THE_PRODUCT, THE_OFFER = CatalogueObject(product=PRODUCT), CatalogueObject(offer=OFFER)
APPLICATION = CatalogueChange(
    "A1",
    "A1",
    "2.1",
    ChangeKind.ADDED,
    False,
    "201",
    "AP1",
    "201000001",
    "submitProductApplication",
    THE_PRODUCT,
    False,
    (),
    (),
    NOON,
)
DELIVERY = Delivery("A1.1", "A1", "2.1", "4d", ChangeKind.MODIFIED, "ppm", "A1", THE_PRODUCT, CRM, NOON)


def codec_for(step: Ask | Tell) -> Codec:
    """The codec of the party that a step goes to."""
    return CODECS[CONTRACTS_OF[step.to.party][0]]


def written(step: Ask | Tell):
    """The message of a step."""
    return write(operation_of(step), step.request, HEAD, codec_for(step))


def problems(step: Ask | Tell) -> list[str]:
    """What the partner's contract has against the message of a step."""
    codec = codec_for(step)
    text = codec.by_element[codec.contract.operations[operation_of(step)].request].encode(written(step))
    (body,) = etree.fromstring(f"<b{codec.namespace_declarations()}>{text}</b>")
    codec.contract.validator.validate(body)
    return [entry.message for entry in codec.contract.validator.error_log]


def ask(to: Address, request) -> Ask:
    return Ask("2b", "step", to, request)


def tell(to: Address, request) -> Tell:
    return Tell("2f", "step", to, request)


def returned(*items: ItemReply, code: int = 0) -> ReturnActivation:
    return ReturnActivation(SUBSCRIPTION, Reply(NOON, code, items=items))


STEPS = {
    "fee check": ask(OCS, FeeCheck(SUBSCRIPTION)),
    "fee check of a fixed line": ask(OCS, FeeCheck(FIXED_LINE)),
    "subscribe at X": ask(X, Activate(SUBSCRIPTION, BOTH)),
    "subscribe at X, postpaid": ask(X, Activate(POSTPAID, ("P1",))),
    "subscribe at X, with dates": ask(X, Activate(DATED, ("P1",))),
    "unsubscribe at X": ask(X, Activate(UNSUBSCRIPTION, BOTH)),
    "undo a subscription at X": ask(X, Activate(SUBSCRIPTION, ("P2",), undo=True)),
    "undo an unsubscription at X": ask(X, Activate(UNSUBSCRIPTION, ("P2",), undo=True)),
    "subscribe at the group": ask(GROUP_VSOP, Activate(SUBSCRIPTION, BOTH)),
    "undo at the group": ask(GROUP_VSOP, Activate(SUBSCRIPTION, BOTH, undo=True)),
    "subscribe at ISMP": ask(ISMP, Activate(SUBSCRIPTION, BOTH)),
    "subscribe a fixed line at ISMP": ask(ISMP, Activate(FIXED_LINE, ("P1",))),
    "unsubscribe at ISMP": ask(ISMP, Activate(UNSUBSCRIPTION, BOTH)),
    "undo a subscription at ISMP": ask(ISMP, Activate(SUBSCRIPTION, BOTH, undo=True)),
    "undo an unsubscription at ISMP": ask(ISMP, Activate(UNSUBSCRIPTION, BOTH, undo=True)),
    "archive a subscription": tell(BILLING, Archive(SUBSCRIPTION, LATER)),
    "archive a subscription with dates": tell(BILLING, Archive(DATED, LATER)),
    "archive an unsubscription": tell(BILLING, Archive(UNSUBSCRIPTION, LATER)),
    "report a subscription": tell(GROUP_VSOP, ReportRelations(SUBSCRIPTION, LATER)),
    "report an unsubscription": tell(GROUP_VSOP, ReportRelations(UNSUBSCRIPTION, LATER)),
    "tell the channel of success": tell(PORTAL, TellResult(SUBSCRIPTION, 0)),
    "tell the channel of failure": tell(PORTAL, TellResult(SUBSCRIPTION, 8001)),
    "tell the channel of many offers": tell(PORTAL, TellResult(MANY_OFFERS, 0)),
    "tell the user of success": tell(SMSHALL, TellResult(SUBSCRIPTION, 0)),
    "tell the user of failure": tell(SMSHALL, TellResult(UNSUBSCRIPTION, 6001)),
    "tell the user of many offers": tell(SMSHALL, TellResult(MANY_OFFERS, 0)),
    "return success": tell(JIANGXI_VSOP, returned(ItemReply("P1", 0, "done", NOON, LATER), ItemReply("P2", 0))),
    "return half a success": tell(JIANGXI_VSOP, returned(ItemReply("P1", 0), ItemReply("P2", 8001, "their text"))),
    "return a refusal": tell(JIANGXI_VSOP, returned(code=8002)),
    "suspend at X": ask(X, Activate(SUSPENSION, BOTH)),
    "resume at the group": ask(GROUP_VSOP, Activate(RESUMPTION, BOTH)),
    "undo a suspension at X": ask(X, Activate(SUSPENSION, BOTH, undo=True)),
    "suspend at ISMP": ask(ISMP, Activate(SUSPENSION, BOTH)),
    "suspend a fixed line at ISMP": ask(ISMP, Activate(replace(FIXED_LINE, action=Action.SUSPEND), ("P1",))),
    "resume at ISMP": ask(ISMP, Activate(RESUMPTION, BOTH)),
    "undo a resumption at ISMP": ask(ISMP, Activate(RESUMPTION, BOTH, undo=True)),
    "end what is replaced": ask(X, Activate(REPLACING, ("P0",), part=Action.UNSUBSCRIBE)),
    "archive a suspension": tell(BILLING, Archive(SUSPENSION, LATER)),
    "archive what replaces": tell(BILLING, Archive(REPLACING, LATER)),
    "report a resumption": tell(GROUP_VSOP, ReportRelations(RESUMPTION, LATER)),
    "tell the channel of half a success": tell(PORTAL, TellResult(REPLACING, 0, (("O2", 8001),))),
    "tell the user of half a success": tell(SMSHALL, TellResult(REPLACING, 0, (("O2", 8001),))),
    "ask the user": tell(SMSHALL, AskConfirmation(UNCONFIRMED)),
    "ask the user about many offers": tell(
        SMSHALL, AskConfirmation(replace(MANY_OFFERS, confirmation=UNCONFIRMED.confirmation))
    ),
    "receipt of a bundle": tell(PROVISIONING, ReturnWork(WORK, 0, (ItemReply("P1", 0),))),
    "receipt of a bundle that failed": tell(
        PROVISIONING, ReturnWork(WORK, 8001, (ItemReply("P1", 0), ItemReply("P2", 8001, "their text")))
    ),
    "receipt of a user's change": tell(PROVISIONING, ReturnWork(CHANGE, 0)),
    "tell ISMP of a user": tell(ISMP, TellUser(CHANGE)),
    "tell X of a user": tell(X, TellUser(TEAR_DOWN)),
    "tell the group of a user": tell(GROUP_VSOP, TellUser(CHANGE)),
    "test product at VSOP": ask(JIANGXI_VSOP, SyncObject(APPLICATION, THE_PRODUCT, ChangeKind.ADDED)),
    "test product at X": ask(X, SyncObject(APPLICATION, THE_PRODUCT, ChangeKind.ADDED)),
    "notice to VSOP": ask(JIANGXI_VSOP, NotifyTest(APPLICATION, THE_PRODUCT)),
    "notice to X of an offer": ask(X, NotifyTest(APPLICATION, THE_OFFER)),
    "product to OCS": ask(OCS, SyncObject(DELIVERY, THE_PRODUCT, ChangeKind.MODIFIED)),
    "product to CRM": ask(CRM, SyncObject(DELIVERY, THE_PRODUCT, ChangeKind.MODIFIED)),
    "offer to billing": ask(BILLING, SyncObject(DELIVERY, THE_OFFER, ChangeKind.DELETED)),
    "offer to the group": ask(GROUP_VSOP, SyncObject(DELIVERY, THE_OFFER, ChangeKind.ADDED)),
}
"""Each kind of request, for subscription, unsubscription and undo where it has them."""
