"""What a step changes, in words: the facts that a flow keeps, and what a request does to whom it is sent."""

from __future__ import annotations

from gateway.cli.flow_words import (
    ARCHIVED,
    DELIVERY,
    KINDS,
    MOVED,
    OF_CATALOGUE,
    PLACES,
    RELATION,
    SERVICE,
    STATUS,
    USER,
    Words,
    matter_words,
)
from gateway.domain.catalogue_change import CatalogueObject, Delivery
from gateway.domain.facts import (
    CellWritten,
    Fact,
    MasterKept,
    Matter,
    OrderAccepted,
    OrderEnded,
    RelationChanged,
    RelationEnded,
    RelationsMoved,
    RelationStarted,
    SubscriberKept,
)
from gateway.domain.order import Action, Order, OrderState
from gateway.domain.subscriber import RelationState
from gateway.domain.user_change import UserChange
from gateway.steps import Activate, Archive, ReportRelations, Request, SyncObject

TIERS = ("vsop", "group")
"""The two tiers of VSOP."""


def state_of(fact: Fact, matter: Matter, me: str) -> list[Words]:
    """Say what a fact changes at whoever keeps it; bookkeeping between flows is not told."""
    place = PLACES[me]
    match fact:
        case OrderAccepted(state=state) | OrderEnded(state=state):
            return [] if _part_of_another(matter) else [_numbered(matter, state).after(place)]
        case RelationStarted():
            return [RELATION[RelationState.ACTIVE].after(place)]
        case RelationEnded():
            return [RELATION[RelationState.ENDED].after(place)]
        case RelationChanged(state=relation):
            return [RELATION[relation].after(place)]
        case RelationsMoved():
            return [MOVED.after(place)]
        case SubscriberKept(subscriber=user):
            return [USER[user.state].after(place)]
        case MasterKept(object=thing):
            return [_object(thing).after(place)]
        case CellWritten(cell=cell) if cell.state in DELIVERY:
            return [DELIVERY[cell.state]]
    return []


def reported(matter: Matter, me: str) -> Words:
    """Say what ISMP's report of a relation changes: the service that takes it keeps the relation, no flow does."""
    ends = isinstance(matter, Order) and matter.action is Action.UNSUBSCRIBE
    return RELATION[RelationState.ENDED if ends else RelationState.ACTIVE].after(PLACES[me])


def _part_of_another(matter: Matter) -> bool:
    """Whether it is a delivery or a notice: the case that began it has the state, deliveries have a ledger."""
    return isinstance(matter, Delivery) or (isinstance(matter, UserChange) and not matter.streaming_no)


def effect_of(request: Request, receiver: str) -> tuple[Words, ...]:
    """Say what a request changes at its receiver, when it is done as asked."""
    match request:
        case Activate() if receiver not in TIERS:
            return (SERVICE[request.action].after(PLACES[receiver]),)
        case Archive():
            return (ARCHIVED.after(PLACES[receiver]),)
        case ReportRelations():
            return (RELATION[RelationState.ACTIVE].after(PLACES[receiver]),)
        case SyncObject(object=thing):
            return (_object(thing).after(OF_CATALOGUE[receiver]),)
    return ()


def _numbered(matter: Matter, state: OrderState) -> Words:
    kind = matter_words(matter)
    return Words(f"{kind.zh}{state}", f"{kind.en} {state}")


def _object(thing: CatalogueObject) -> Words:
    kind, status = KINDS[thing.kind], STATUS[thing.status]
    return Words(f"{kind.zh}{status.zh}", f"{kind.en} {status.en}")
