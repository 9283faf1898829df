"""The verbs a flow may say. A flow yields steps and performs nothing; the engine performs them and journals every reply.

A step has a number (the seed's, such as 2b) and a name. The name is contract: the journal is replayed by it, so it is never reused
within a flow, and a change of order or meaning is a new version of the flow.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, ChangeKind, Delivery
from gateway.domain.facts import Fact, Matter
from gateway.domain.order import Action, Order
from gateway.domain.party import Address
from gateway.domain.user_change import UserChange


@dataclass(frozen=True, slots=True)
class ItemReply:
    """A platform's result for one product; `code` 0 is done, anything else a code of the result table or the partner's own."""

    product_id: str
    code: int
    text: str = ""
    effective_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for a step. `at` is when it was journalled, the only time a flow ever sees."""

    at: datetime
    code: int = 0
    text: str = ""
    balance: int | None = None
    """Fen, in the reply to a fee check."""
    items: tuple[ItemReply, ...] = ()
    timed_out: bool = False
    """Nothing came within the time that an `expect` allowed."""
    cancelled: bool = False
    """A person cancelled the order here: whether the other side did what it was asked for is not known, so it is to be taken back."""

    def stamped(self, at: datetime) -> Reply:
        """Give the same reply under another time."""
        return Reply(at, self.code, self.text, self.balance, self.items, self.timed_out, self.cancelled)

    @property
    def done(self) -> bool:
        """Whether all of it was done."""
        return self.code == 0 and not self.timed_out and all(item.code == 0 for item in self.items)


@dataclass(frozen=True, slots=True)
class FeeCheck:
    """Ask OCS for the real-time balance (费用鉴权)."""

    order: Order


@dataclass(frozen=True, slots=True)
class Activate:
    """Ask a platform, or the group VSOP, to carry the order out for these products (服务激活)."""

    order: Order
    product_ids: tuple[str, ...]
    undo: bool = False
    """Take back what was done: a subscription is ended, an ended one begun again."""
    part: Action | None = None
    """What is asked for these products, where that is not the order's action."""

    @property
    def action(self) -> Action:
        """What the platform is asked to do."""
        action = self.part or self.order.action
        return action.opposite if self.undo else action


@dataclass(frozen=True, slots=True)
class Archive:
    """Tell billing the relations that a completed order made or ended (归档)."""

    order: Order
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class ReportRelations:
    """Tell the group VSOP the relations of national products."""

    order: Order
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class TellResult:
    """Tell a channel, or through the SMS hall the user, how the order ended."""

    order: Order
    code: int
    refused: tuple[tuple[str, int], ...] = ()
    """Offers that ended otherwise than `code` says, with their codes."""


@dataclass(frozen=True, slots=True)
class AskConfirmation:
    """Ask the user, through the SMS hall, to confirm an order (二次确认)."""

    order: Order


@dataclass(frozen=True, slots=True)
class ReturnWork:
    """Tell provisioning how a work order ended (服务开通回单)."""

    matter: Order | UserChange
    code: int
    items: tuple[ItemReply, ...] = ()


@dataclass(frozen=True, slots=True)
class TellUser:
    """Tell a platform, or the group VSOP, what happened to a user (用户信息同步)."""

    matter: UserChange


@dataclass(frozen=True, slots=True)
class SyncObject:
    """Tell a target an object of the catalogue in its present state (产品/销售品同步)."""

    matter: CatalogueChange | Delivery
    object: CatalogueObject
    change: ChangeKind


@dataclass(frozen=True, slots=True)
class NotifyTest:
    """Tell a target to try an object that is in test state (产品测试通知)."""

    matter: CatalogueChange
    object: CatalogueObject


@dataclass(frozen=True, slots=True)
class ReturnActivation:
    """Tell the tier that passed an activation on what came of it."""

    order: Order
    result: Reply


OrderRequest = FeeCheck | Activate | Archive | ReportRelations | TellResult | ReturnActivation | AskConfirmation
Request = OrderRequest | ReturnWork | TellUser | SyncObject | NotifyTest


def matter_of(request: Request) -> Matter:
    """Give what a request is about."""
    return request.order if isinstance(request, OrderRequest) else request.matter


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a request and go on with its business answer, however long that takes."""

    number: str
    name: str
    to: Address
    request: Request
    returns: str = ""
    """Number of the step in which the answer comes, where the seed gives it one of its own."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Send a message until it is received; a refusal is recorded and changes nothing."""

    number: str
    name: str
    to: Address
    request: Request


@dataclass(frozen=True, slots=True)
class Expect:
    """Wait for a message that the other side sends by itself."""

    number: str
    name: str
    sender: Address
    within: timedelta


@dataclass(frozen=True, slots=True)
class Keep:
    """Write facts; they are durable before anything later is sent."""

    number: str
    name: str
    facts: tuple[Fact, ...]


Step = Ask | Tell | Expect | Keep
Flow = Generator[Step, Reply, int]
"""A flow returns the code of the result table with which the order ended."""


def ask(number: str, name: str, to: Address, request: Request, *, returns: str = "") -> Generator[Step, Reply, Reply]:
    """Say Ask; gives the business answer."""
    return (yield Ask(number, name, to, request, returns))


def tell(number: str, name: str, to: Address, request: Request) -> Generator[Step, Reply, Reply]:
    """Say Tell; gives what the receiver said."""
    return (yield Tell(number, name, to, request))


def expect(number: str, name: str, sender: Address, *, within: timedelta) -> Generator[Step, Reply, Reply]:
    """Say Expect; gives the message's content, or a reply with `timed_out`."""
    return (yield Expect(number, name, sender, within))


def keep(number: str, name: str, *facts: Fact) -> Generator[Step, Reply, Reply]:
    """Say Keep; gives the time at which the facts hold."""
    return (yield Keep(number, name, facts))
