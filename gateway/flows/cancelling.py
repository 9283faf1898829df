"""Where a person may cancel what is under way: only where the flow can take it back, or where nothing has begun yet.

Undo is one-way: what is being taken back is taken back. What is to be ended is never begun again (docs/decisions/0013), so an end that
may have happened cannot be cancelled; it is repeated, or the person asks the platform and says what it did.
"""

from __future__ import annotations

from gateway.domain.facts import Matter
from gateway.domain.order import Action, Order
from gateway.domain.user_change import UserChange
from gateway.flows.carrying import report_step
from gateway.steps import Activate, Ask, AskConfirmation, Expect, Tell

ONLY_A_MESSAGE = "what was to be done is decided; only this message is left: repeat it, or skip it"
UNDER_WAY_BACK = "the order is being taken back, which is one-way: repeat it, or ask the platform and skip it"
PERHAPS_ENDED = "the platform may have ended it, and an end is not taken back: repeat it, or ask the platform and skip it"
REPAIR = "a repair is not taken back: repeat it, or skip it; the next reconciliation tells what is left"
USER = "a change of a user happened and cannot be undone: repeat it, or skip it"


def why_not(matter: Matter, step: Ask | Tell | Expect) -> str:
    """Say why a matter cannot be cancelled while this step is under way; empty where it can."""
    if isinstance(matter, UserChange):
        return USER
    if isinstance(step, Tell):
        return "" if isinstance(step.request, AskConfirmation) else ONLY_A_MESSAGE
    if isinstance(step, Expect):
        return PERHAPS_ENDED if isinstance(matter, Order) and _end_awaited(matter, step) else ""
    if not isinstance(step.request, Activate):
        return ""
    if step.request.order.repair is not None:
        return REPAIR
    if step.request.undo:
        return UNDER_WAY_BACK
    return PERHAPS_ENDED if step.request.action is Action.UNSUBSCRIBE else ""


def _end_awaited(order: Order, step: Expect) -> bool:
    """Whether a step waits for the report of an end."""
    ends = (item for item in order.items if (item.action or order.action) is Action.UNSUBSCRIBE)
    return any(report_step(item.product_id) == step.name for item in ends)
