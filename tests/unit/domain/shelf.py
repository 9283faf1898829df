"""Products, offers, users and relations for the domain's tests, each made with what a case is about and nothing else."""

from __future__ import annotations

from playbook import NOON

from gateway.domain.authorisation import Case
from gateway.domain.catalogue import Catalogue, ContentPartner, Offer, OfferType, Product, Scope, Status
from gateway.domain.numbers import Number
from gateway.domain.order import OrderItem
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber, UserState

NUMBER = Number("18907910001")


def product(id, *, owner="200", platform="303", scope=Scope.PROVINCIAL, province="15", **more) -> Product:
    """Make a product; by default of Jiangxi's X platform."""
    return Product(id, id, id, "SP1", owner, platform, scope, province, **more)


def national(id, **more) -> Product:
    """Make a national product; by default of the national X platform."""
    return product(id, scope=Scope.NATIONAL, province="35", **more)


def catalogue(*products: Product, offer_status=Status.NORMAL, partner_status=Status.NORMAL) -> Catalogue:
    """Make a catalogue in which each product has an offer of its own code, and its content partner is known."""
    offers = {p.id: Offer(p.id, p.id, p.id, (p.id,), OfferType.PURE, offer_status) for p in products}
    partners = {p.sp: ContentPartner(p.sp, p.sp, p.sp, partner_status) for p in products}
    return Catalogue({p.id: p for p in products}, offers, partners)


def user(state=UserState.ACTIVE, *, spec="003", pay=PayType.PREPAID, capabilities=()) -> Subscriber:
    return Subscriber(NUMBER, spec, pay, state, tuple(capabilities))


def item(product_id, action=None, *, offer_type=OfferType.PURE) -> OrderItem:
    return OrderItem(product_id, "SP1", product_id, offer_type, action=action)


def relation(product_id, state=RelationState.ACTIVE, offer_type=OfferType.PURE) -> Relation:
    return Relation(NUMBER, product_id, product_id, offer_type, "211", state, NOON, NOON)


def case(shop: Catalogue, *ordered: str | OrderItem, held=(), balance=None, **more) -> Case:
    """Make a case: what is ordered (product ids or items), what is held (product ids or relations), and by whom."""
    relations = [relation(h) if isinstance(h, str) else h for h in held]
    items = [item(o) if isinstance(o, str) else o for o in ordered]
    return Case(shop, user(**more), relations, items, NOON, balance)
