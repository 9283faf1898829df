"""Steps of every kind with the contract that carries them, and answers of partners, for the tests of the outbound side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lxml import etree
from playbook import ISMP, NOON, X, order

from gateway.app import CONTRACT_OF
from gateway.contract import Codec, load_contract
from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import Action, OrderItem
from gateway.domain.party import BILLING, GROUP_VSOP, OCS, SMSHALL, Address, Party
from gateway.domain.subscriber import PayType
from gateway.partners.messages import Head, operation_of, write
from gateway.resources import contracts_dir
from gateway.steps import (
    Activate,
    Archive,
    Ask,
    FeeCheck,
    ItemReply,
    Reply,
    ReportRelations,
    ReturnActivation,
    Tell,
    TellResult,
)

CODECS = {name: Codec(load_contract(contracts_dir() / f"{name}.wsdl")) for name in sorted(set(CONTRACT_OF.values()))}
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


def codec_for(step: Ask | Tell) -> Codec:
    """The codec of the party that a step goes to."""
    return CODECS[CONTRACT_OF[step.to.party]]


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
}
"""Each kind of request, for subscription, unsubscription and undo where it has them."""
