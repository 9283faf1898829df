"""Plays a flow against a script: each row is the step that it must say next and the reply that it then gets."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Confirmation, Order, OrderItem
from gateway.domain.party import Address, Party
from gateway.domain.subscriber import PayType
from gateway.steps import Ask, Expect, Flow, ItemReply, Keep, Reply, Step, Tell

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=timezone(timedelta(hours=8)))
X = Address(Party.XPLATFORM, "303")
ISMP = Address(Party.ISMP, "204")


def order(
    section="4.1.1",
    target=X,
    *,
    action=Action.SUBSCRIBE,
    pay=PayType.PREPAID,
    products=("P1",),
    confirmation: Confirmation | None = None,
):
    """Make an order of the lab's Jiangxi user."""
    items = tuple(OrderItem(p, "SP1", "O1", OfferType.PURE) for p in products)
    return Order(
        id="20015202611231200000001", trace_id="20015202611231200000001", section=section, action=action, channel="211",
        channel_order_id="W1", streaming_no="21120261123120000000000001", number=Number("18907910001"), spec="003", pay=pay,
        province="15", target=target, items=items, accepted_at=NOON, confirmation=confirmation,
    )  # fmt: skip


def reply(code=0, *, balance=None, items=(), timed_out=False):
    """Make a reply that came at noon."""
    return Reply(NOON, code, balance=balance, items=tuple(ItemReply(p, c) for p, c in items), timed_out=timed_out)


def brief(step: Step) -> str:
    """Say a step in one line: number, verb, name, and whom it concerns."""
    match step:
        case Keep():
            return f"{step.number} keep {step.name}: {', '.join(type(f).__name__ for f in step.facts)}"
        case Expect():
            return f"{step.number} expect {step.name} from {step.sender}"
        case Ask() | Tell():
            return f"{step.number} {type(step).__name__.lower()} {step.name} {step.to} {type(step.request).__name__}"


def play(flow: Flow, *script: tuple[str, Reply]) -> int:
    """Run a flow through the script; gives its outcome."""
    said = next(flow)
    for row, (expected, answer) in enumerate(script):
        assert brief(said) == expected, f"row {row}"
        try:
            said = flow.send(answer)
        except StopIteration as end:
            assert row == len(script) - 1, f"the flow ended at row {row}"
            return end.value
    raise AssertionError(f"the script ended, the flow goes on with: {brief(said)}")
