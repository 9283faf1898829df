"""What people do in a run: orders of users at channels, bundles and changes of users at CRM's counter, publications by clerks.

Chosen from the seed before the run begins; few users, so that their orders meet.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from gateway.contract.codec import Message
from gateway.domain.catalogue import Offer, OfferType, Product
from gateway.domain.subscriber import Subscriber
from gateway.domain.user_change import UserAct
from gateway.sim.people import Counter
from gateway.sim.setting import Setting
from gateway.vocabulary import USER_ACT_CODE, write_time
from stubs.kit.errors import ActError
from stubs.kit.host import StubHost
from stubs.kit.times import sleep

CHANNELS = ("211", "211", "211", "212", "213", "214", "215")
ACTIONS = ("0",) * 10 + ("1",) * 5 + ("2", "3", "3", "4", "4")
"""Subscribe, unsubscribe, unsubscribe all, suspend, resume; as frequent as they stand here."""
USER_CHANGES: Sequence[tuple[UserAct, dict[str, Any]]] = (
    (UserAct.STATE_CHANGED, {"state": "stopped"}), (UserAct.STATE_CHANGED, {"state": "active"}),
    (UserAct.STATE_CHANGED, {"state": "arrears"}), (UserAct.TORN_DOWN, {}), (UserAct.PAYS_OTHERWISE, {"pay": "postpaid"}),
    (UserAct.CAPABILITIES_CHANGED, {"capabilities": ["1", "2"]}),
)  # fmt: skip
OFFER_TYPE = {OfferType.PURE: "0", OfferType.VAS_BUNDLE: "1", OfferType.TRADITIONAL_BUNDLE: "2"}
MEETS = 0.25
"""How often an act is met by another one about the same user."""
REPLY_WITHIN = 240.0
"""Seconds in which a user looks whether he was asked to confirm."""


@dataclass(frozen=True, slots=True)
class Place:
    """One gateway with the people and partners beside it."""

    name: str
    people: Counter
    partners: StubHost
    users: Sequence[Subscriber]
    offers: Sequence[Offer]
    province: str


@dataclass(frozen=True, slots=True)
class Planned:
    """An act to come."""

    at: float
    place: Place
    name: str
    begin: Callable[[], Awaitable[object]]


class Acts:
    """Makes the acts of one seed."""

    def __init__(self, setting: Setting, places: Sequence[Place], chance: Random) -> None:
        self._setting = setting
        self._chance = chance
        self._places = places
        self._products = {product.id: product for product in setting.products}
        self._serial = 0

    def plan(self, length: float) -> list[Planned]:
        """Choose what happens within so many seconds."""
        chance = self._chance
        provinces = [place for place in self._places if place.users]
        planned: list[Planned] = []
        for _ in range(chance.randint(10, 25)):
            place = chance.choice(provinces)
            user = chance.choice(place.users)
            kind = chance.choices(("order", "bundle", "user", "publication"), (70, 16, 8, 6))[0]
            if kind == "publication" and chance.random() < 0.3:
                place = next(place for place in self._places if not place.users)
            at = 2.0 + chance.random() * (length - 2.0)
            name, begin = getattr(self, f"_{kind}")(place, user)
            planned.append(Planned(at, place, name, begin))
            if place.users and chance.random() < MEETS:  # somebody wants something else of the same user, at almost the same moment
                name, begin = getattr(self, f"_{chance.choice(('order', 'bundle', 'user'))}")(place, user)
                planned.append(Planned(min(at + chance.expovariate(5.0), length), place, name, begin))
        return planned

    # ---- seed 4.1 ----------------------------------------------------------------------------------------------------

    def _order(self, place: Place, user: Subscriber) -> tuple[str, Callable[[], Awaitable[object]]]:
        chance = self._chance
        offers = [offer for offer in place.offers if offer.type is not OfferType.TRADITIONAL_BUNDLE]
        action, channel = chance.choice(ACTIONS), chance.choice(CHANNELS)
        chosen = [] if action == "2" else self._choose(offers, 2 if chance.random() < 0.15 else 1)
        repeats = [chance.expovariate(0.05) for _ in range(chance.choice((0, 0, 1, 2)))]
        other = chance.choice(offers) if chance.random() < 0.1 else None
        confirms = chance.random() < 0.85

        async def act() -> None:
            people = place.people
            streaming_no, order_id = people.numbers(channel)

            def message(*wanted: Offer) -> Message:
                infos = [people.message("OfferInfo", ProductOfferType=OFFER_TYPE[o.type], ProductOfferID=o.id) for o in wanted]
                return people.message(
                    "subscribeToVSOP", StreamingNo=streaming_no, TimeStamp=write_time(people.reactor.now()), SystemId=channel,
                    ActionType=action, OrderId=order_id, ProdSpecCode=user.spec, ProductNo=user.number.digits, ProductOfferInfo=infos,
                )  # fmt: skip

            told = await people.ask(message(*chosen))
            for pause in repeats:
                await sleep(people.reactor, pause)
                await people.ask(message(*chosen), again=told)
            if other is not None and action != "2":
                await people.ask(message(other, *chosen) if other not in chosen else message(other, other))

        if channel in self._setting.gateways[place.name].confirmation.channels and action == "0":
            return f"order {action} and confirm", lambda: _both(place, act, self._reply(place, user, confirms))
        return f"order {action} {[offer.id for offer in chosen]}", act

    def _choose(self, offers: Sequence[Offer], count: int) -> list[Offer]:
        """Choose among ways first, then among the offers that go that way: each way is as frequent as the others."""
        ways: dict[frozenset[tuple[bool, bool]], list[Offer]] = {}
        for offer in offers:
            parts = [self._products[product] for product in offer.products]
            ways.setdefault(frozenset((part.by_ismp, part.national) for part in parts), []).append(offer)
        chosen: list[Offer] = []
        while len(chosen) < count:
            offer = self._chance.choice(self._chance.choice(list(ways.values())))
            if offer not in chosen:
                chosen.append(offer)
        return chosen

    def _reply(self, place: Place, user: Subscriber, confirms: bool) -> Callable[[], Awaitable[None]]:
        """Make the user answer the first question that he finds on his phone."""

        async def act() -> None:
            world, reactor = place.partners.stage.world, place.people.reactor
            before, until = len(world.ledger("reconfirm", number=user.number.digits)), reactor.seconds() + REPLY_WITHIN
            while reactor.seconds() < until:
                await sleep(reactor, 5.0)
                asked = world.ledger("reconfirm", number=user.number.digits)
                if len(asked) > before:
                    body = {"number": user.number.digits, "yes": confirms, "code": asked[before].details["code"]}
                    await _clerk(place, "smshall", "reply", body)
                    return

        return act

    # ---- seed 3.2 and the second 3.1 ---------------------------------------------------------------------------------

    def _bundle(self, place: Place, user: Subscriber) -> tuple[str, Callable[[], Awaitable[object]]]:
        chance = self._chance
        bundles = [offer for offer in place.offers if offer.type is OfferType.TRADITIONAL_BUNDLE]
        if not bundles:
            return self._order(place, user)
        (offer,) = self._choose(bundles, 1)
        action = chance.choice(("subscribe", "subscribe", "unsubscribe"))
        body = {"number": user.number.digits, "offer": offer.id, "products": list(offer.products), "action": action, "confirm": True}
        return f"bundle {action} {offer.id}", lambda: _clerk(place, "crm", "accept", body)

    def _user(self, place: Place, user: Subscriber) -> tuple[str, Callable[[], Awaitable[object]]]:
        act, more = self._chance.choice(USER_CHANGES)
        kind = USER_ACT_CODE[act]
        body = {"kind": kind, "number": user.number.digits, **more}
        return f"user {act} {more}", lambda: _clerk(place, "crm", "user", body)

    # ---- seed 2.x and the first 3.1 ----------------------------------------------------------------------------------

    def _publication(self, place: Place, user: Subscriber) -> tuple[str, Callable[[], Awaitable[object]]]:
        chance = self._chance
        own = [p for p in self._setting.products if p.province == place.province and (place.users or not p.by_ismp)]
        by_platform = {product.platform: product for product in own}
        like = by_platform[chance.choice(list(by_platform))]
        self._serial += 1
        fresh = f"{like.id[:-4]}9{self._serial:03d}"
        by_ismp = place.users and like.by_ismp
        if chance.random() < 0.5:
            thing, what = _product(like, fresh), "product"
        else:
            thing, what = _offer(like, fresh, chance.choice(("pure", "traditional-bundle"))), "offer"
        if by_ismp:
            return f"ismp {what} {fresh}", lambda: _clerk(place, "ismp", f"configure-{what}", thing)
        then = chance.choice((None, "suspended", "pre-cancelled"))
        pause = chance.expovariate(0.02)

        async def act() -> None:
            await _clerk(place, "crm", f"apply-{what}", thing)
            if then is not None:
                await sleep(place.people.reactor, pause)
                await _clerk(place, "crm", "change-state", {"object_type": what, "object_id": fresh, "status": then})

        return f"crm {what} {fresh}", act


async def _both(place: Place, one: Callable[[], Awaitable[object]], other: Callable[[], Awaitable[object]]) -> None:
    place.people.begin(other())
    await one()


async def _clerk(place: Place, role: str, act: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let a clerk act; one who gets no answer gives it up."""
    try:
        return await place.partners.roles[role].acts()[act](body)
    except ActError as failed:
        return {"error": failed.reason}


def _product(like: Product, fresh: str) -> dict[str, Any]:
    return {
        "id": fresh, "name_zh": like.name_zh, "name_en": like.name_en, "sp": like.sp, "owner": like.owner, "platform": like.platform,
        "scope": like.scope.value, "province": like.province,
    }  # fmt: skip


def _offer(like: Product, fresh: str, kind: str) -> dict[str, Any]:
    return {
        "id": fresh, "name_zh": like.name_zh, "name_en": like.name_en, "type": kind, "scope": like.scope.value,
        "province": like.province, "products": [like.id],
    }  # fmt: skip


