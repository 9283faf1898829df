"""Which systems hear of an object of the catalogue: those that its section names, that it concerns, and that are configured."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.domain.catalogue import Product, Scope
from gateway.domain.catalogue_change import CatalogueObject
from gateway.domain.party import Address, Party
from gateway.domain.routing import Place, catalogue_vsops


def targets(
    here: Place,
    changed: CatalogueObject,
    products: Sequence[Product],
    parties: Sequence[Party],
    configured: Sequence[Address],
) -> tuple[Address, ...]:
    """List them in the order of `parties`, the section's; `products` are those that an offer is made of."""
    found: list[Address] = []
    for party in parties:
        if party is Party.VSOP:
            found += catalogue_vsops(here, scope_of(changed), configured)
        elif party is Party.XPLATFORM:
            found += [a for a in platforms(changed, products) if a in configured]
        else:
            found += [a for a in configured if a.party is party]
    return tuple(found)


def platforms(changed: CatalogueObject, products: Sequence[Product]) -> tuple[Address, ...]:
    """Give the X platforms to which it belongs, each once; what ISMP owns belongs to none."""
    concerned = products if changed.product is None else (changed.product,)
    codes = dict.fromkeys(p.platform for p in concerned if not p.by_ismp)
    return tuple(Address(Party.XPLATFORM, code) for code in codes)


def scope_of(changed: CatalogueObject) -> Scope:
    """Give how far it reaches."""
    return changed.whole.scope
