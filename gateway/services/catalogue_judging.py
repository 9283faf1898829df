"""Whether a change of the catalogue is one: what it is about is known, whole, ours, and the life cycle allows it.

A new object is filed in status applied, or normal, which is where it shall end; any other status is no way to begin.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.catalogue import Product, Status
from gateway.domain.catalogue_change import CatalogueObject, ChangeKind, ObjectKind
from gateway.domain.catalogue_rules import manager, named_products
from gateway.domain.routing import foreign_among, foreign_object, placed
from gateway.errors import (
    ILLEGAL_TRANSITION,
    OBJECT_EXISTS,
    UNKNOWN_OBJECT,
    UNKNOWN_PARTNER,
    UNKNOWN_PRODUCT,
    WRONG_MANAGER,
)
from gateway.services.desk import Desk, Refusal

TO_BEGIN_WITH = (Status.APPLIED, Status.NORMAL)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change that is one: the object as it shall be."""

    object: CatalogueObject
    products: tuple[Product, ...]
    """What it names, as PPM knows them."""
    change: ChangeKind
    is_state_change: bool = False


async def present(desk: Desk, kind: ObjectKind, object_id: str) -> CatalogueObject | None:
    """Give an object as PPM knows it: its own state, or, of what came before PPM, the state that VSOP holds.

    An application that was rejected leaves nothing: its object may be filed again.
    """
    master = await desk.store.master(kind, object_id)
    if master is not None:
        return None if master.status is Status.CANCELLED and master.version == 0 else master
    if kind is ObjectKind.PRODUCT:
        product = desk.catalogue.products.get(object_id)
        return None if product is None else CatalogueObject(product=product)
    offer = desk.catalogue.offers.get(object_id)
    return None if offer is None else CatalogueObject(offer=offer)


async def new_object(desk: Desk, by: str, new: CatalogueObject) -> Wanted | Refusal:
    """Judge an object that nobody knows yet; `by` is who manages what the sender may file, as `manager` names it."""
    if new.status not in TO_BEGIN_WITH:
        return Refusal(ILLEGAL_TRANSITION, f"{new.id}: {new.status}")
    judged = await _whole(desk, by, new)
    if isinstance(judged, Refusal):
        return judged
    if await present(desk, new.kind, new.id) is not None:
        return Refusal(OBJECT_EXISTS, new.id)
    return Wanted(judged[0].at(Status.NORMAL, 1), judged[1], ChangeKind.ADDED)


async def other_state(desk: Desk, by: str, kind: ObjectKind, object_id: str, status: Status) -> Wanted | Refusal:
    """Judge another state of an object."""
    held = await present(desk, kind, object_id)
    if held is None:
        return Refusal(UNKNOWN_OBJECT, object_id)
    judged = await _whole(desk, by, held)
    if isinstance(judged, Refusal):
        return judged
    if not held.status.can_become(status):
        return _illegal(held, status)
    change = ChangeKind.DELETED if status is Status.CANCELLED else ChangeKind.MODIFIED
    return Wanted(judged[0].at(status, held.version + 1), judged[1], change, is_state_change=True)


async def notice(desk: Desk, by: str, change: ChangeKind, told: CatalogueObject) -> Wanted | Refusal:
    """Judge what ISMP has configured: neither what is held nor what is to take its place may be somebody else's."""
    if change is ChangeKind.ADDED:
        return await new_object(desk, by, told)
    held = await present(desk, told.kind, told.id)
    if held is None:
        return Refusal(UNKNOWN_OBJECT, told.id)
    owned = await _whole(desk, by, held)
    if isinstance(owned, Refusal):
        return owned
    judged = await _whole(desk, by, told)
    if isinstance(judged, Refusal):
        return judged
    status = told.status
    if change is ChangeKind.DELETED:  # an object ends as it is: the end changes nothing else
        judged, status = owned, Status.CANCELLED
    moves = status is not held.status or held.status is Status.CANCELLED
    if moves and not held.status.can_become(status):
        return _illegal(held, status)
    return Wanted(judged[0].at(status, held.version + 1), judged[1], change)


def _illegal(held: CatalogueObject, status: Status) -> Refusal:
    return Refusal(ILLEGAL_TRANSITION, f"{held.id}: {held.status}, {status}")


async def _whole(
    desk: Desk, by: str, changed: CatalogueObject
) -> tuple[CatalogueObject, tuple[Product, ...]] | Refusal:
    """Give an object with its place and all that it names, or what is wrong with it."""
    if changed.whole.province:
        misrouted = foreign_object(desk.here, changed.whole.scope, changed.whole.province)
        if misrouted is not None:
            return Refusal(misrouted.result, misrouted.detail)
    products: list[Product] = []
    for product_id in named_products(changed):
        known = await present(desk, ObjectKind.PRODUCT, product_id)
        if known is None or known.product is None:
            return Refusal(UNKNOWN_PRODUCT, product_id)
        products.append(known.product)
    if changed.offer is not None:
        offer = placed(changed.offer, products)
        misrouted = foreign_object(desk.here, offer.scope, offer.province) or foreign_among(desk.here, products)
        if misrouted is not None:
            return Refusal(misrouted.result, misrouted.detail)
        changed = CatalogueObject(offer=offer)
    if manager(changed, products) != by:
        return Refusal(WRONG_MANAGER, changed.id)
    if changed.product is not None and changed.product.sp not in desk.catalogue.partners:
        return Refusal(UNKNOWN_PARTNER, changed.product.sp)
    return changed, tuple(products)
