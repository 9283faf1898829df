"""Authorisation alone: 20 products judged by all rules against a user who holds 50; prints microseconds of processor time as JSON.

The catalogue is dense: every product names two that it excludes, two that it requires, one that it replaces and two capabilities. Two
orders are judged: one that passes, so that each rule looks at everything, and one that nearly every rule refuses.
"""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

from gateway.domain.authorisation import Case, Policy, authorise
from gateway.domain.catalogue import Catalogue, ContentPartner, Offer, OfferType, Product, Scope, Status
from gateway.domain.numbers import Number
from gateway.domain.order import Action, OrderItem
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber, UserState

ITEMS, HELD, SHOP = 20, 50, 1000
RULES_THAT_REFUSE = 9
ROUNDS = 500
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NUMBER = Number("13300000001")
EVERY_RULE = Policy(subscribe=tuple(range(1, 13)))
CAPABILITIES = ("1", "5")


def main() -> None:
    """Time one decision of each kind, after a look whether it is the right one."""
    passing, refused = _passing(), _refused()
    if authorise(Action.SUBSCRIBE, passing, EVERY_RULE).reasons:
        raise SystemExit("the order that should pass does not")
    if len(authorise(Action.SUBSCRIBE, refused, EVERY_RULE).blocking) < ITEMS * RULES_THAT_REFUSE:
        raise SystemExit("the order that most rules should refuse is not refused by them")
    print(json.dumps({"passing": _time(passing), "refused": _time(refused)}))


def _time(case: Case) -> float:
    began = time.process_time()
    for _ in range(ROUNDS):
        authorise(Action.SUBSCRIBE, case, EVERY_RULE)
    return (time.process_time() - began) / ROUNDS * 1e6


def _id(index: int) -> str:
    return f"1150000000000{index:08d}"


def _product(index: int) -> Product:
    # Held are 0 to 49, ordered 100 to 119: the order requires what is held, and minds only what is far away.
    return Product(
        _id(index), "铃音", "tone", "SP1", "200", "303", Scope.PROVINCIAL, "15",
        excludes=(_id(500 + index % 100), _id(700 + index % 100)), requires=(_id(index % HELD), _id((index + 7) % HELD)),
        replaces=(_id(900 + index % 100),), capabilities=CAPABILITIES, specs=("003", "004"),
    )  # fmt: skip


def _passing() -> Case:
    products = {product.id: product for product in map(_product, range(SHOP))}
    offers = {one: Offer(one, "铃音", "tone", (one,)) for one in products}
    shop = Catalogue(products, offers, {"SP1": ContentPartner("SP1", "铃音", "tones")})
    user = Subscriber(NUMBER, "003", PayType.PREPAID, capabilities=CAPABILITIES)
    held = [
        Relation(NUMBER, _id(n), _id(n), OfferType.PURE, "211", RelationState.ACTIVE, NOW, NOW) for n in range(HELD)
    ]
    items = [OrderItem(_id(100 + n), "SP1", _id(100 + n), OfferType.PURE) for n in range(ITEMS)]
    return Case(shop, user, held, items, NOW, balance=100)


def _refused() -> Case:
    """Everything is wrong with each item: it is closed, poor, unable, excluded, alone, in the wrong network, and there twice."""
    case = _passing()
    asked = {item.product_id for item in case.items[: ITEMS // 2]}
    wrong = {
        one: replace(
            case.catalogue.products[one], status=Status.SUSPENDED, excludes=(_id(0), _id(1)), requires=(_id(998), _id(999)),
            capabilities=("8", "9"), specs=("001",),
        )
        for one in asked
    }  # fmt: skip
    shop = replace(case.catalogue, products={**case.catalogue.products, **wrong}, partners={})
    items = [item for item in case.items if item.product_id in asked]
    user = replace(case.user, state=UserState.STOPPED)
    return replace(case, catalogue=shop, user=user, items=[*items, *items], balance=0)


if __name__ == "__main__":
    main()
