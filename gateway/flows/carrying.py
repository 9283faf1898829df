"""Carries out an order whose products belong to several platforms: one part after the other, joined again at the end.

All of it or nothing, unless the order may be done in part: what was begun is then taken back. What is to be ended is never begun
again because another platform refused: a relation stays where its platform did not confirm the end, and the result says so.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.domain.facts import Fact
from gateway.domain.order import Action, Order, OrderItem, OrderState, Part
from gateway.errors import NO_REPORT, PLATFORM_REFUSED, TAKEN_BACK
from gateway.flows.outcome import relation_facts
from gateway.flows.sections import OURS, Section
from gateway.steps import Activate, ItemReply, Reply, Step, ask, expect

REPORT_WITHIN = timedelta(hours=24)
"""ISMP reports within seconds; a day covers an outage. Then the order fails and reconciliation finds what ISMP holds."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of each product, in the order of the items."""

    order: Order
    items: tuple[ItemReply, ...]
    at: datetime

    @property
    def code(self) -> int:
        """0 if all was done, or some of an order that may be done in part; else the first refusal, which tells more than "taken back"."""
        if self.order.partial and self.done:
            return 0
        codes = [item.code for item in self.items if item.code]
        return next((code for code in codes if code != TAKEN_BACK.code), codes[0] if codes else 0)

    @property
    def done(self) -> tuple[OrderItem, ...]:
        """The items that were done."""
        codes = {item.product_id: item.code for item in self.items}
        return tuple(item for item in self.order.items if codes[item.product_id] == 0)

    @property
    def state(self) -> OrderState:
        """How the order ends."""
        return OrderState.FAILED if self.code else OrderState.COMPLETED

    @property
    def offers(self) -> dict[str, int]:
        """What became of each offer: 0, or the first code of its products; that it was taken back says less than why."""
        codes: dict[str, int] = {}
        for item, told in zip(self.order.items, self.items, strict=True):
            if codes.get(item.offer_id, 0) in (0, TAKEN_BACK.code):
                codes[item.offer_id] = told.code or codes.get(item.offer_id, 0)
        return codes

    @property
    def others(self) -> tuple[tuple[str, int], ...]:
        """The offers of which something else is to be told than of the order."""
        return tuple((offer, code) for offer, code in self.offers.items() if code != self.code)

    @property
    def facts(self) -> list[Fact]:
        """What it does to the relations that VSOP owns; those of ISMP are kept as ISMP reports them."""
        ismp = {item.product_id for part in self.order.parts if part.by_ismp for item in part.items}
        own = [item for item in self.done if item.product_id not in ismp]
        return relation_facts(self.order, Reply(self.at, items=self.items), own)

    def narrowed(self, *, national_ismp: bool = False) -> Order | None:
        """Give the order with what was done alone, or, of that, the national products of ISMP; None if that is nothing."""
        ismp = {item.product_id for part in self.order.parts if part.by_ismp for item in part.items}
        items = tuple(i for i in self.done if not national_ismp or (i.national and i.product_id in ismp))
        return replace(self.order, items=items) if items else None


def carried_out(order: Order, n: Section) -> Generator[Step, Reply, Carried]:
    """Ask the platform of each part, and give what became of all of them."""
    results: dict[str, ItemReply] = {}
    at = order.accepted_at
    parts = order.parts
    for count, part in enumerate(parts):
        replies = yield from _part(order, part, n)
        at = replies.at
        results |= {item.product_id: item for item in replies.items}
        failed = any(item.code for item in replies.items)
        if replies.cancelled or (failed and part.action is not Action.UNSUBSCRIBE and not order.partial):
            unsure = {item.product_id for item in replies.items if replies.cancelled and item.code}
            yield from _taken_back(order, parts[: count + 1], results, n, unsure)
            left = [item for later in parts[count + 1 :] for item in later.product_ids]
            results |= {product: ItemReply(product, TAKEN_BACK.code) for product in left}
            break
    return Carried(order, tuple(results[item.product_id] for item in order.items), at)


def report_step(product_id: str) -> str:
    """Name the step that waits for ISMP's report of one product."""
    return f"report-{product_id}"


def answered(product_ids: Sequence[str], result: Reply) -> list[ItemReply]:
    """Give a result for each product, in this order; one that a platform does not name has the code of the whole."""
    told = {item.product_id: item for item in result.items}
    code = result.code or (0 if told else PLATFORM_REFUSED.code)
    return [told.get(product) or ItemReply(product, code) for product in product_ids]


def _part(order: Order, part: Part, n: Section) -> Generator[Step, Reply, Reply]:
    """Ask one platform; gives a result for each product of the part."""
    request = Activate(order, part.product_ids, part=part.action)
    result = yield from ask(n["activate"], f"activate-{part.name}", part.target, request, returns=n["activated"])
    items = answered(part.product_ids, result)
    at = result.at
    if part.by_ismp:
        for place, item in enumerate(items):
            if item.code:
                continue
            report = yield from expect(n["report"], report_step(item.product_id), part.target, within=REPORT_WITHIN)
            at = report.at
            if not report.done:
                items[place] = ItemReply(item.product_id, report.code or NO_REPORT.code)
            if report.cancelled:
                return Reply(at, items=tuple(items), cancelled=True)
    return Reply(at, items=tuple(items), cancelled=result.cancelled)


def _taken_back(
    order: Order, parts: tuple[Part, ...], results: dict[str, ItemReply], n: Section, unsure: Set[str]
) -> Generator[Step, Reply, None]:
    """Undo what was begun, the last part first; what cannot be undone stays done, and the result says so.

    `unsure` are products of which nobody knows whether their platform did them, because a person cancelled the order meanwhile.
    """
    for part in reversed(parts):
        done = [item for item in part.items if results[item.product_id].code == 0 or item.product_id in unsure]
        results.update({item.product_id: ItemReply(item.product_id, TAKEN_BACK.code) for item in done if item.held})
        begun = tuple(item.product_id for item in done if not item.held)
        if not begun:
            continue
        number = f"{OURS}{n['activate'].removeprefix(OURS)}"
        request = Activate(order, begun, undo=True, part=part.action)
        back = yield from ask(number, f"undo-{part.name}", part.target, request)
        if back.done:
            results.update({product: ItemReply(product, TAKEN_BACK.code) for product in begun if product not in unsure})
