"""The catalogue as PPM tells it: VSOP keeps each object in its newest version (seed 2.1 to 2.3 and the first 3.1).

A receiver follows PPM: whatever state a newer version is in, it is kept. What names a product that is not here yet is refused for now,
and PPM tells it again.
"""

from __future__ import annotations

from gateway.catalogue_wire import read_object
from gateway.contract.codec import Message
from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import CatalogueObject, ObjectKind
from gateway.domain.catalogue_rules import named_products
from gateway.domain.party import PPM_SYSTEMS
from gateway.domain.routing import foreign_among, knows_ppm
from gateway.engine.ports import InboxRow, ObjectSynced, Outdated
from gateway.errors import NOT_IN_TEST, OUTDATED, PRODUCT_MISSING, SYSTEM_NOT_ALLOWED, UNKNOWN_OBJECT, UNKNOWN_PARTNER
from gateway.services.desk import Desk, Refusal
from gateway.services.forwarding import stranger
from gateway.vocabulary import OBJECT_KINDS


async def test_notice(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Note that an object in test state is to be tried: it is here, in that state and version."""
    if request.SystemId not in PPM_SYSTEMS:
        return stranger(desk, request.SystemId)
    kind = OBJECT_KINDS[request.ObjectType]
    held = _held(desk, kind, request.ObjectID)
    if held is None:
        return Refusal(UNKNOWN_OBJECT, request.ObjectID)
    if held.version != request.Version:
        return Refusal(OUTDATED, f"{held.id}: {held.version}")
    if held.status is not Status.TEST:
        return Refusal(NOT_IN_TEST, f"{held.id}: {held.status}")
    await desk.store.commit([inbox])
    desk.events("test.noticed", system=request.SystemId, kind=kind, object=held.id, version=held.version)
    return None


async def object_sync(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Keep a product or an offer as PPM tells it; the relations of a cancelled product end in the same commit."""
    if request.SystemId not in PPM_SYSTEMS:
        return stranger(desk, request.SystemId)
    told = read_object(request, request.Version)
    if not knows_ppm(told.whole.scope, request.SystemId):
        return Refusal(SYSTEM_NOT_ALLOWED, f"{told.id} ({request.SystemId})")
    misrouted = foreign_among(desk.here, [told.whole])
    if misrouted is not None:
        return Refusal(misrouted.result, misrouted.detail)
    refusal = _incomplete(desk, told)
    if refusal is not None:
        return refusal
    try:
        await desk.store.commit([ObjectSynced(told, inbox.at), inbox])
    except Outdated:
        return Refusal(OUTDATED, told.id)
    desk.events(
        "object.synced",
        system=request.SystemId,
        kind=told.kind,
        object=told.id,
        version=told.version,
        status=told.status,
    )
    return None


def _incomplete(desk: Desk, told: CatalogueObject) -> Refusal | None:
    """Refuse what names something that is not here; a product may still come, a content partner comes by another way."""
    missing = next((id for id in named_products(told) if id not in desk.catalogue.products), None)
    if missing is not None:
        return Refusal(PRODUCT_MISSING, missing)
    if told.product is not None and told.product.sp not in desk.catalogue.partners:
        return Refusal(UNKNOWN_PARTNER, told.product.sp)
    return None


def _held(desk: Desk, kind: ObjectKind, object_id: str) -> CatalogueObject | None:
    if kind is ObjectKind.PRODUCT:
        product = desk.catalogue.products.get(object_id)
        return None if product is None else CatalogueObject(product=product)
    offer = desk.catalogue.offers.get(object_id)
    return None if offer is None else CatalogueObject(offer=offer)
