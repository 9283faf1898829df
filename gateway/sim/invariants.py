"""What must hold once a run is over and everything has healed, each under its number of docs/guarantees.md.

Works over plain rows (evidence.py), so that simulation, kill runs and soaks judge alike. Must not know how the rows came about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.catalogue_change import Delivery
from gateway.domain.order import Action, Order, OrderState
from gateway.domain.party import CHANNEL_SYSTEMS, PROVISIONING_SYSTEM, Party
from gateway.domain.subscriber import RelationState
from gateway.domain.user_change import UserChange
from gateway.engine.ports import RunRow, RunState
from gateway.errors import NUMBER_REUSED
from gateway.sim.case import DONE_IN, Case
from gateway.sim.evidence import Evidence

TERMINAL = (OrderState.COMPLETED, OrderState.FAILED)
MOST_NOTICES = 3


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that does not hold."""

    invariant: str
    text: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.text}"


def broken(evidence: Evidence) -> list[Violation]:
    """Give everything that does not hold."""
    case = Case(evidence)
    return [Violation(name, text) for name, check in CHECKS for text in check(case)]


def _kept(case: Case) -> Iterator[str]:
    """INV-1: who was answered "accepted" has an order in the store."""
    known = {
        (tier.name, row.order.channel, row.order.channel_order_id)
        for tier in case.evidence.tiers.values()
        for row in tier.orders.values()
    }
    for told in case.evidence.answered:
        if 0 in told.codes and told.order_id and (told.gateway, told.system, told.order_id) not in known:
            yield f"{told.operation} {told.order_id} was accepted by {told.gateway} and is not in its store"


def _ended(case: Case) -> Iterator[str]:
    """INV-2: every order has ended, unless it waits for a person."""
    for tier in case.evidence.tiers.values():
        for state in (RunState.RUNNING, RunState.WAITING):
            if tier.counts.get(state):
                left = [f"{run.run_id} ({_under_way(run)})" for run in tier.runs.values() if run.state is state]
                yield f"{tier.name} has {tier.counts[state]} runs {state}: {', '.join(left[:5])}"
        for one in tier.orders.values():
            if one.state not in TERMINAL and not case.stuck(one.order.id):
                yield f"{one.order.section} {one.order.id} is {one.state.name.lower()} at {tier.name}"


def _under_way(run: RunRow) -> str:
    return next((step.name for step in run.steps if step.reply is None), "no step")


def _once(case: Case) -> Iterator[str]:
    """INV-3: the same request has the same answer and one effect, another one under its number is refused."""
    first: dict[tuple[str, str, str], str] = {}
    for told in case.evidence.answered:
        after = told.codes[told.codes.index(0) :] if 0 in told.codes else ()
        if any(after):
            yield f"{told.operation} {told.streaming_no} was answered {list(told.codes)}"
        key = told.gateway, told.system, told.streaming_no
        if 0 in told.codes and first.setdefault(key, told.content) != told.content:
            yield f"{told.operation} {told.streaming_no} was accepted twice with different content; the code would be {NUMBER_REUSED.code}"
    for tier in case.evidence.tiers.values():
        rows = [row.order for row in tier.orders.values() if row.order.channel in _USERS and row.order.streaming_no]
        for (channel, order_id), count in Counter((one.channel, one.channel_order_id) for one in rows).items():
            if count > 1:
                yield f"{tier.name} made {count} orders of {channel}'s {order_id}"
    for (order_id, ledger, product), count in Counter((d.order, d.ledger, d.product) for d in case.all_deeds).items():
        if count > 1:
            yield f"{count} rows {ledger} of {product} for order {order_id}"


_USERS = CHANNEL_SYSTEMS | {PROVISIONING_SYSTEM}
"""Who brings orders under numbers of their own; the group may get two legs of one order, if it is taken back."""


def _agree(case: Case) -> Iterator[str]:
    """INV-4: what platforms serve is what the tiers hold, and both tiers hold the same of national products."""
    evidence = case.evidence
    served = {
        (row["number"], row["product"]): row["suspended"] for partners in evidence.partners.values() for row in partners.active
    }
    held: dict[str, dict[tuple[str, str], bool]] = {
        tier.name: {
            (one.number.digits, one.product_id): one.state is not RelationState.ACTIVE
            for one in tier.relations
            if one.state is not RelationState.ENDED
        }
        for tier in evidence.tiers.values()
    }
    open_items = case.unsettled()
    for gateway, own in held.items():
        if gateway == evidence.national:
            continue
        there = {key: how for key, how in served.items() if evidence.of_numbers.get(key[0]) == gateway}
        for key in sorted(own.keys() | there.keys()):
            if own.get(key) != there.get(key) and key not in open_items:
                yield f"{key[1]} of {key[0][-4:]} is {_how(own, key)} at {gateway} and {_how(there, key)} at its platform"
        national = {key: how for key, how in held[evidence.national].items() if evidence.of_numbers.get(key[0]) == gateway}
        products = {key[1] for key in held[evidence.national]}
        mine = {key: how for key, how in own.items() if key[1] in products}
        for key in sorted(mine.keys() | national.keys()):
            if mine.get(key) != national.get(key) and key not in open_items:
                yield f"{key[1]} of {key[0][-4:]} is {_how(mine, key)} at {gateway} and {_how(national, key)} at {evidence.national}"


def _how(held: Mapping[tuple[str, str], bool], key: tuple[str, str]) -> str:
    return {None: "not held", False: "active", True: "suspended"}[held.get(key)]


def _delivered(case: Case) -> Iterator[str]:
    """INV-4: whoever PPM says to have told a version of an object holds it, or a later one."""
    vsops = {tier.province: tier for tier in case.evidence.tiers.values()}
    for tier in case.evidence.tiers.values():
        for row in tier.orders.values():
            sent = row.order
            if not isinstance(sent, Delivery) or row.state is not OrderState.COMPLETED:
                continue
            if sent.target.party is Party.VSOP:
                held = vsops[sent.target.code].versions.get(f"{sent.object.kind}:{sent.object.id}", -1) >= sent.object.version
            else:
                held = any(
                    told["version"] >= sent.object.version
                    for told in case.rows(tier.name, "catalogue", role=str(sent.target.party), object=sent.object.id)
                )
            if not held:
                yield f"{sent.object.id} version {sent.object.version} was delivered to {sent.target}, which does not hold it"


def _gone(case: Case) -> Iterator[str]:
    """INV-4: whoever was torn down holds nothing any more, at any tier or platform."""
    last: dict[str, UserChange] = {}
    for change in case.changes():
        last[change.number.digits] = change
    gone = {number for number, change in last.items() if change.ends_relations and not case.unheard(change)}
    for gateway, partners in case.evidence.partners.items():
        for row in partners.active:
            if row["number"] in gone:
                yield f"{row['product']} of {row['number'][-4:]}, who was torn down, is served by the platforms of {gateway}"
    for tier in case.evidence.tiers.values():
        for one in tier.relations:
            if one.number.digits in gone and one.state is not RelationState.ENDED:
                yield f"{one.product_id} of {one.number.digits[-4:]}, who was torn down, is {one.state} at {tier.name}"


def _archived(case: Case) -> Iterator[str]:
    """INV-5: one archive of each completed order, by whom the section says; none of one that failed."""
    for tier, row, order in case.begun():
        if row.state not in TERMINAL or case.stuck(order.id):
            continue
        bundle = order.channel == PROVISIONING_SYSTEM
        key = order.channel_order_id if bundle else order.id
        count = len(case.rows(tier.name, "archive", order=key, kind="order" if bundle else "relations"))
        in_part = order.action is Action.UNSUBSCRIBE and any(case.deeds_for(order, item.product_id) for item in order.items)
        due = 1 if row.state is OrderState.COMPLETED or (in_part and not bundle) else 0
        if count != due:
            yield f"{order.section} {order.id} ({row.state.name.lower()}) has {count} archives, {due} are due"


def _noticed(case: Case) -> Iterator[str]:
    """INV-6: whoever ordered hears of the end, at least once and at most three times."""
    for tier, row, order in case.begun():
        if row.state not in TERMINAL or case.stuck(order.id):
            continue
        ledger = "work-receipt" if order.channel == PROVISIONING_SYSTEM else "channel-result"
        count = len(case.rows(tier.name, ledger, order=order.channel_order_id))
        if not 1 <= count <= MOST_NOTICES:
            yield f"{order.section} {order.id} had {count} notices in {ledger}"
        run = tier.runs[order.id]
        for step in run.steps:
            if step.name == "tell-user" and not 1 <= len(case.rows(tier.name, "sms", streaming_no=step.streaming_no)) <= MOST_NOTICES:
                yield f"the user of {order.section} {order.id} had no message"


def _told_truly(case: Case) -> Iterator[str]:
    """INV-7: nobody is told of a success or a failure that is none."""
    for tier, row, order in case.begun():
        if case.stuck(order.id) or order.channel == PROVISIONING_SYSTEM:
            continue
        for notice in case.rows(tier.name, "channel-result", order=order.channel_order_id):
            if row.state not in TERMINAL:
                yield f"{order.section} {order.id} is {row.state.name.lower()} and its channel was told a result"
                continue
            codes = {result["ProductOfferID"]: int(result["OPResult"]) for result in notice["results"]}
            for item in order.items:
                yield from _truth(case, order, item.product_id, item.action or order.action, codes.get(item.offer_id), item.held)


def _truth(case: Case, order: Order, product: str, action: Action, code: int | None, held: bool) -> Iterator[str]:
    deeds = case.deeds_for(order, product)
    done = bool(deeds) and deeds[-1].ledger == DONE_IN[action]
    if code == 0 and not done and not held:
        yield f"{order.section} {order.id}: success was told of {product}, its platform did {[deed.ledger for deed in deeds]}"
    if code and done and action is Action.SUBSCRIBE and not order.partial and not case.not_undone(order):
        yield f"{order.section} {order.id}: failure {code} was told of {product}, which its platform has activated"


def _undone_for_good(case: Case) -> Iterator[str]:
    """INV-8: what was taken back for an order is never begun again for it."""
    for _, _, order in case.begun():
        if not order.subscribes:
            continue
        for item in order.items:
            acts = [deed.ledger for deed in case.deeds_for(order, item.product_id)]
            if "deactivation" in acts and "activation" in acts[acts.index("deactivation") :]:
                yield f"{order.section} {order.id}: {item.product_id} was activated after it was taken back"


def _in_turn(case: Case) -> Iterator[str]:
    """INV-9: platforms act for one user and product in the order of acceptance, and no relation ends before its platform ended it.

    Of one user and product one order is open at a time, so that they end in the order in which they were committed. The time of
    acceptance does not tell: a process may sleep between that and its commit.
    """
    ended_at: dict[str, tuple[datetime, str]] = {}
    for _, row, order in case.begun():
        for leg in case.legs[order.trace_id]:
            if row.ended_at is not None:
                ended_at[leg] = row.ended_at, order.id
    latest: dict[tuple[str, str], tuple[datetime, str]] = {}
    last_end: dict[tuple[str, str], str] = {}
    for deed in case.all_deeds:
        key = deed.number, deed.product
        if deed.ledger == "deactivation":
            last_end[key] = deed.at
        if deed.order in ended_at:
            turn = ended_at[deed.order]
            if key in latest and turn < latest[key]:
                yield f"{deed.product} of {deed.number[-4:]}: {turn[1]} acted after {latest[key][1]}, which came later"
            latest[key] = max(turn, latest.get(key, turn))
    for tier in case.evidence.tiers.values():
        for one in tier.relations:
            ended = last_end.get((one.number.digits, one.product_id))
            if one.state is RelationState.ENDED and ended is not None and one.expires_at is not None:
                confirmed = datetime.fromisoformat(ended).replace(microsecond=0)  # ISMP tells its dates in whole seconds
                if one.expires_at < confirmed:
                    yield f"{one.product_id} of {one.number.digits[-4:]} ended at {tier.name} before its platform ended it"


def _quiet(case: Case) -> Iterator[str]:
    """INV-15: no event of level ERROR that nobody expected."""
    yield from case.evidence.errors


CHECKS: Sequence[tuple[str, Callable[[Case], Iterator[str]]]] = (
    ("INV-1", _kept), ("INV-2", _ended), ("INV-3", _once), ("INV-4", _agree), ("INV-4", _delivered), ("INV-4", _gone),
    ("INV-5", _archived), ("INV-6", _noticed), ("INV-7", _told_truly), ("INV-8", _undone_for_good), ("INV-9", _in_turn), ("INV-15", _quiet),
)  # fmt: skip
"""Every check under the number of its invariant."""
