"""One sample case of each section, with every step that the section has: what `vsopgw flows` runs the flows with.

Nobody is served by them: numbers and codes are made up, and no clock is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from gateway.cli.flow_words import Words
from gateway.domain.catalogue import Offer, OfferType, Product, Scope, Status
from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, ChangeKind
from gateway.domain.facts import Matter
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Order, OrderItem, Repair
from gateway.domain.party import (
    BILLING,
    CRM,
    GROUP_VSOP,
    NATIONAL,
    OCS,
    PROVINCE_SYSTEM,
    PROVINCES,
    PROVISIONING_SYSTEM,
    Address,
    Party,
)
from gateway.domain.subscriber import PayType, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserChange, UserTarget
from gateway.flows.sections import SECTIONS

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=8)))
"""When everything in the samples happens."""

PROVINCE = next(province for province in PROVINCES if province != NATIONAL)
VSOP = Address(Party.VSOP, PROVINCE)
X = Address(Party.XPLATFORM, "303")
ISMP = Address(Party.ISMP, "204")
PORTAL, COUNTER = "211", "201"


UNLABELLED = Words("", "")


@dataclass(frozen=True, slots=True)
class Sample:
    """Cases that follow each other in one section; `label` tells samples of one section apart."""

    matters: tuple[Matter, ...]
    label: Words = UNLABELLED


def samples(section: str) -> tuple[Sample, ...]:
    """Give the samples of a section; all of them take the same steps."""
    return _SAMPLES[section](section)


def passed_on(matter: Order | UserChange) -> Order | UserChange:
    """Give the group's part of a case that a province passes on."""
    part = replace(matter, id=f"{matter.id}.group", channel=PROVINCE_SYSTEM)
    if isinstance(part, UserChange):
        return replace(part, streaming_no="200000001", targets=(UserTarget(X, ("national",)),), passed_on=False)
    items = tuple(replace(i, target=None) for i in part.items if (i.target or part.target) == GROUP_VSOP)
    return replace(part, items=items, target=X)


# ---- orders ----------------------------------------------------------------------------------------------------------


def _order(section: str, channel: str, action: Action, *targets: Address, national: bool = False) -> tuple[Sample, ...]:
    items = tuple(
        OrderItem(
            f"product-{count}", "sp", "offer", OfferType.PURE, target=target, national=national or target == GROUP_VSOP
        )
        for count, target in enumerate(targets, 1)
    )
    order = Order(
        id="order", trace_id="order", section=section, action=action, channel=channel, channel_order_id="theirs",
        streaming_no="211000001", number=Number("18900000001"), spec="003", pay=PayType.PREPAID, province=PROVINCE,
        target=targets[0], items=items, accepted_at=NOON,
    )  # fmt: skip
    return (Sample((order,)),)


def _portal(*targets: Address, national: bool = False) -> Callable[[str], tuple[Sample, ...]]:
    return lambda section: _order(section, PORTAL, Action.SUBSCRIBE, *targets, national=national)


def _bundle(action: Action, *targets: Address) -> Callable[[str], tuple[Sample, ...]]:
    return lambda section: _order(section, PROVISIONING_SYSTEM, action, *targets)


def _repair(section: str) -> tuple[Sample, ...]:
    """Give a repair that tells everybody; a real one tells those who hold something else."""
    everybody = Repair("plan", 1, "operator", "reason", asks=True, keeps=True, reports=True, archives=True)
    (sample,) = _order(section, PROVINCE_SYSTEM, Action.SUBSCRIBE, X, national=True)
    return tuple(Sample((replace(order, repair=everybody),)) for order in sample.matters if isinstance(order, Order))


# ---- users -----------------------------------------------------------------------------------------------------------


def _user_changes(section: str) -> tuple[Sample, ...]:
    number, former = Number("18900000001"), Number("18900000002")
    held = (UserTarget(GROUP_VSOP, ("national",)), UserTarget(X, ("x",)), UserTarget(ISMP, ("ismp",)))

    def sample(zh: str, en: str, act: UserAct, state: UserState, old: Number | None = None) -> Sample:
        change = UserChange(
            id="change", trace_id="change", section=section, act=act, channel=PROVISIONING_SYSTEM, channel_order_id="theirs",
            streaming_no="206000001", user=Subscriber(number, "003", PayType.PREPAID, state), province=PROVINCE, targets=held,
            accepted_at=NOON, old_number=old,
        )  # fmt: skip
        return Sample((change,), Words(zh, en))

    return (
        sample("新装", "new install", UserAct.INSTALLED, UserState.ACTIVE),
        sample("停机", "stop", UserAct.STATE_CHANGED, UserState.STOPPED),
        sample("复机", "resume", UserAct.STATE_CHANGED, UserState.ACTIVE),
        sample("换号", "number change", UserAct.RENUMBERED, UserState.ACTIVE, former),
        sample("拆机", "tear-down", UserAct.TORN_DOWN, UserState.INVALID),
        sample("付费变更", "payment change", UserAct.PAYS_OTHERWISE, UserState.ACTIVE),
    )


# ---- the catalogue ---------------------------------------------------------------------------------------------------

PRODUCT = CatalogueObject(
    product=Product(
        "product",
        "产品",
        "product",
        "sp",
        PROVINCE_SYSTEM,
        X.code,
        Scope.PROVINCIAL,
        PROVINCE,
        Status.NORMAL,
        version=2,
    )
)
OFFER = CatalogueObject(offer=Offer("offer", "销售品", "offer", ("product",), province=PROVINCE, version=2))


def _catalogue(thing: CatalogueObject, entry: str, channel: str = COUNTER) -> Callable[[str], tuple[Sample, ...]]:
    def make(section: str) -> tuple[Sample, ...]:
        published = CatalogueChange(
            id="application", trace_id="application", section=section, change=ChangeKind.ADDED, is_state_change=False,
            channel=channel, channel_order_id="theirs", streaming_no="201000001", entry=entry, object=thing, held=False,
            testers=_named(section, "test"), targets=_named(section, "publish"), accepted_at=NOON,
        )  # fmt: skip
        if channel != COUNTER:  # ISMP tells what it has decided: there is no change of state to apply for
            return (Sample((published,)),)
        changed = replace(
            published, id="state-change", change=ChangeKind.MODIFIED, is_state_change=True, entry="submitStateChange",
            object=thing.at(Status.SUSPENDED, thing.version + 1), testers=(), targets=_named(section, "change"),
        )  # fmt: skip
        return (Sample((published, changed)),)

    return make


def _named(section: str, act: str) -> tuple[Address, ...]:
    """Give the systems that a section names for an act, in its order."""
    known = {str(address.party): address for address in (VSOP, X, OCS, CRM, BILLING)}
    parts = [part.partition("-") for part in SECTIONS[section].own]
    return tuple(known[party] for one, _, party in parts if one == act and party in known)


_SAMPLES: dict[str, Callable[[str], tuple[Sample, ...]]] = {
    "2.1": _catalogue(PRODUCT, "submitProductApplication"),
    "2.2": _catalogue(PRODUCT, "prodInfoSynFromISMP", ISMP.code),
    "3.1": _catalogue(OFFER, "submitOfferApplication"),
    "2.2b": _catalogue(OFFER, "submitOfferApplication"),
    "2.3": _catalogue(OFFER, "offerInfoSynFromISMP", ISMP.code),
    "3.1b": _user_changes,
    "3.2.1": _bundle(Action.SUBSCRIBE, X, ISMP),
    "3.2.2": _bundle(Action.SUBSCRIBE, GROUP_VSOP),
    "3.2.3": _bundle(Action.UNSUBSCRIBE, X, ISMP),
    "3.2.4": _bundle(Action.UNSUBSCRIBE, GROUP_VSOP),
    "4.1.1": _portal(X),
    "4.1.2": _portal(ISMP),
    "4.1.3": _portal(GROUP_VSOP),
    "4.1.4": _portal(ISMP, national=True),
    "4.1": _portal(X, ISMP, GROUP_VSOP, national=True),
    "5.1": _repair,
}
