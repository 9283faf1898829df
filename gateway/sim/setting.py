"""What a run is played with: gateways, partners, catalogue and users of a lab. Read from its files by whoever starts the simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.config import Config
from gateway.domain.catalogue import ContentPartner, Offer, Product
from gateway.domain.subscriber import Subscriber
from gateway.engine.ports import CatalogueLoaded, SubscribersLoaded, Write
from stubs.kit.settings import StubSettings


@dataclass(frozen=True, slots=True)
class Setting:
    """A lab; the national gateway is the one without users of its own."""

    gateways: Mapping[str, Config]
    stubs: Sequence[StubSettings]
    products: Sequence[Product]
    offers: Sequence[Offer]
    partners: Sequence[ContentPartner]
    subscribers: Sequence[Subscriber]

    @property
    def rows(self) -> list[Write]:
        """The rows that every gateway's store begins with."""
        catalogue = CatalogueLoaded(tuple(self.products), tuple(self.offers), tuple(self.partners))
        return [catalogue, SubscribersLoaded(tuple(self.subscribers))]

    def users_of(self, gateway: str) -> list[Subscriber]:
        """Give the users whose numbers belong to a gateway."""
        config = self.gateways[gateway]
        return [user for user in self.subscribers if config.numbers.province(user.number) == config.gateway.province]

    @property
    def national(self) -> str:
        """The gateway of the group."""
        return next(name for name in self.gateways if not self.users_of(name))

    def stubs_of(self, gateway: str) -> StubSettings:
        """Give the partners that stand beside a gateway."""
        config = self.gateways[gateway]
        return next(stubs for stubs in self.stubs if stubs.province == config.gateway.province)

    def sold_by(self, gateway: str) -> list[Offer]:
        """Give the offers that a gateway's users may have: those of its province and of the whole country."""
        config = self.gateways[gateway]
        products = {product.id: product for product in self.products}
        own = {p.id for p in products.values() if p.national or p.province == config.gateway.province}
        return [offer for offer in self.offers if own.issuperset(offer.products)]
