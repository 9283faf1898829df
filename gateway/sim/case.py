"""The ways through the evidence: what was done for an order at any tier, how long it took, and what is left to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.domain.facts import Matter
from gateway.domain.order import Action, Order, OrderState
from gateway.domain.user_change import UserChange
from gateway.engine.ports import OrderRow, RunState
from gateway.sim.evidence import Evidence, TierRows

DONE_IN = {
    Action.SUBSCRIBE: "activation", Action.UNSUBSCRIBE: "deactivation", Action.SUSPEND: "suspension", Action.RESUME: "resumption",
}  # fmt: skip
"""The ledger in which a platform writes what it did."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One act of a platform."""

    at: str
    ledger: str
    product: str
    order: str
    number: str


class Case:
    """The evidence with the ways through it."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.deeds: dict[str, list[Deed]] = defaultdict(list)
        """What platforms did for each order of a tier, in their order."""
        self.all_deeds: list[Deed] = []
        for partners in evidence.partners.values():
            for ledger in DONE_IN.values():
                for row in partners.ledgers.get(ledger, ()):
                    self.all_deeds.append(Deed(row["at"], ledger, row["product"], row["order"], row["number"]))
        self.all_deeds.sort(key=lambda deed: deed.at)
        for deed in self.all_deeds:
            self.deeds[deed.order].append(deed)
        self.legs: dict[str, list[str]] = defaultdict(list)
        """The ids of all orders, at both tiers, that belong to one."""
        for tier in evidence.tiers.values():
            for held in tier.orders.values():
                self.legs[held.order.trace_id].append(held.order.id)

    def begun(self) -> Iterator[tuple[TierRows, OrderRow, Order]]:
        """Give the orders of users where they began."""
        for tier in self.evidence.tiers.values():
            for row in tier.orders.values():
                if isinstance(row.order, Order) and row.order.id == row.order.trace_id:
                    yield tier, row, row.order

    def rows(self, gateway: str, ledger: str, **wanted: Any) -> list[Mapping[str, Any]]:
        """Give the rows of a ledger beside a gateway that match."""
        rows = self.evidence.partners[gateway].ledgers.get(ledger, ())
        return [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]

    def deeds_for(self, order: Order, product: str) -> list[Deed]:
        """Give what was done to a product for an order, at any tier, in the order of time."""
        found = [deed for leg in self.legs[order.trace_id] for deed in self.deeds[leg] if deed.product == product]
        return sorted(found, key=lambda deed: deed.at)

    def not_undone(self, order: Order) -> bool:
        """Say whether a platform refused to take an order back: what is left then is for reconciliation."""
        runs = [tier.runs.get(leg) for tier in self.evidence.tiers.values() for leg in self.legs[order.trace_id]]
        steps = [step for run in runs if run is not None for step in run.steps if step.name.startswith("undo")]
        return any(step.reply is not None and not step.reply.done for step in steps)

    def span(self, matter: Matter) -> tuple[datetime, datetime]:
        """Give from when to when a matter was under way, at all tiers."""
        tiers, legs = self.evidence.tiers.values(), self.legs[matter.trace_id]
        rows = [tier.orders[leg].order for tier in tiers for leg in legs if leg in tier.orders]
        runs = [tier.runs.get(row.id) for tier in self.evidence.tiers.values() for row in rows]
        steps = [step for run in runs if run is not None for step in run.steps]
        times = [step.started_at for step in steps] + [step.reply.at for step in steps if step.reply is not None]
        return min(row.accepted_at for row in rows), max(times, default=matter.accepted_at)

    def stuck(self, order_id: str) -> bool:
        """Say whether an order, or a leg of it, waits for a person."""
        tiers = self.evidence.tiers.values()
        trace = next((tier.orders[order_id].order.trace_id for tier in tiers if order_id in tier.orders), order_id)
        runs = [tier.runs.get(leg) for tier in tiers for leg in self.legs[trace]]
        return any(run is not None and run.state is RunState.STUCK for run in runs)

    def unsettled(self) -> set[tuple[str, str]]:
        """Products of users whose order waits for a person or could not be taken back, or met a time in which its user was stopped.

        Neither does a stop wait for orders under way, nor a bundle of CRM's for the user to go on; so what such an order begins is
        active here and stopped at its platform, until the user goes on (docs/guarantees.md, INV-4).
        """
        stops = self._stops()
        found: set[tuple[str, str]] = set()
        for _, _, order in self.begun():
            begun, over = self.span(order)
            met = any(begun <= last and first <= over for first, last in stops[order.number.digits])
            if met or self.stuck(order.id) or self.not_undone(order):
                found |= {(order.number.digits, item.product_id) for item in order.items}
        unheard = {change.number.digits for change in self.changes() if self.unheard(change)}
        relations = [one for tier in self.evidence.tiers.values() for one in tier.relations]
        return found | {(one.number.digits, one.product_id) for one in relations if one.number.digits in unheard}

    def unheard(self, change: UserChange) -> bool:
        """Say whether a platform refused to hear of a change of its user: what it serves stays, and is for reconciliation."""
        tiers, legs = self.evidence.tiers.values(), self.legs[change.trace_id]
        return any(tier.orders[leg].state is OrderState.FAILED for tier in tiers for leg in legs if leg in tier.orders)

    def changes(self) -> list[UserChange]:
        """Give the changes of users where they began, in the order of their acceptance."""
        matters = [row.order for tier in self.evidence.tiers.values() for row in tier.orders.values()]
        changes = [one for one in matters if isinstance(one, UserChange) and one.id == one.trace_id]
        return sorted(changes, key=lambda one: one.accepted_at)

    def _stops(self) -> defaultdict[str, list[tuple[datetime, datetime]]]:
        """Give the times in which users were stopped, by number."""
        stops: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        for change in self.changes():
            begun, over = self.span(change)
            times = stops[change.number.digits]
            if change.stops:
                times.append((begun, datetime.max.replace(tzinfo=begun.tzinfo)))
            elif change.resumes and times:
                times[-1] = times[-1][0], over
        return stops
