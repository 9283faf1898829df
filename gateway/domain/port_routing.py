"""Which system a request at a routed port is for: OCS by the number, ISMP by the number and then by the products."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.domain.catalogue import Catalogue
from gateway.domain.numbers import Number, NumberPlan
from gateway.domain.party import OCS, Address, Party, province_name
from gateway.domain.routing import MAX_HOPS, Misrouted, Place, offered_here, towards
from gateway.errors import MIXED_ORDER, NO_ROUTE, TOO_MANY_HOPS, UNKNOWN_PRODUCT, WRONG_MANAGER

ISMP_OF_MOBILES = Address(Party.ISMP, "204")
ISMP_OF_FIXED_LINES = Address(Party.ISMP, "203")
"""Whom a request without a product is for: ISMP-M knows the mobile users, ISMP-B the fixed lines."""


def to_ocs(here: Place, plan: NumberPlan, number: Number | None, hops: int) -> Address | Misrouted:
    """Find the OCS of a number, or the VSOP on the way there; what names no number, the catalogue, is for the OCS of this tier."""
    if number is None:
        return Misrouted(TOO_MANY_HOPS, str(hops)) if hops > MAX_HOPS else OCS
    return towards(here, plan, number, hops) or OCS


def to_ismp(
    here: Place, plan: NumberPlan, catalogue: Catalogue, number: Number, product_ids: Sequence[str], hops: int
) -> Address | Misrouted:
    """Find the ISMP of the products, or the VSOP on the way there: a number of another province is judged there, not here."""
    onward = towards(here, plan, number, hops)
    if onward is not None:
        return onward
    if not product_ids:
        return ISMP_OF_MOBILES if number.mobile else ISMP_OF_FIXED_LINES
    unknown = next((i for i in product_ids if i not in catalogue.products), None)
    if unknown is not None:
        return Misrouted(UNKNOWN_PRODUCT, unknown)
    products = [catalogue.products[i] for i in product_ids]
    foreign = next((p for p in products if not p.by_ismp), None)
    if foreign is not None:
        return Misrouted(WRONG_MANAGER, f"{foreign.id} ({foreign.owner})")
    stranger = next((p for p in products if not offered_here(here, p)), None)
    if stranger is not None:
        return Misrouted(NO_ROUTE, f"{stranger.id} ({province_name(stranger.province)})")
    platforms = {p.platform for p in products}
    if len(platforms) > 1:
        return Misrouted(MIXED_ORDER, " ".join(p.id for p in products))
    return Address(Party.ISMP, platforms.pop())
