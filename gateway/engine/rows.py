"""The rows that a commit writes: what a run, a request, a process or a person leaves for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.catalogue import ContentPartner, Offer, Product
from gateway.domain.catalogue_change import CatalogueObject, ObjectKind
from gateway.domain.facts import Kept, Matter
from gateway.domain.numbers import Number
from gateway.domain.subscriber import Relation, Subscriber
from gateway.steps import Reply


class RunState(StrEnum):
    """State of a run."""

    RUNNING = "running"
    WAITING = "waiting"
    ENDED = "ended"
    STUCK = "stuck"
    """Parked: its attempts are used up, or the flow failed or no longer fits its journal. A person must look; nothing is lost."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A request that was taken, with the answer it got; the same (system, StreamingNo) again gets the same answer."""

    system: str
    streaming_no: str
    operation: str
    digest: str
    answer: str
    """JSON of the answer's fields."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Ages:
    """Since when there is something to forget; None where there is nothing at all."""

    request: datetime | None
    """When the oldest request that is known was taken."""
    archived: datetime | None
    """When the first of the archived runs ended."""


@dataclass(frozen=True, slots=True)
class OpenRuns:
    """Runs that have not ended, of one state: how many, and since when the oldest of them."""

    state: RunState
    runs: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins, under fence 0; its id is the id of what it is about."""

    run_id: str
    flow: str
    serial: int
    order: Matter
    at: datetime
    owner: str = ""
    """The process that drives it; see LeaseTaken."""
    brings: bool = True
    """Whether this row brings what the run is about; else an OrderAccepted of the same commit does."""


@dataclass(frozen=True, slots=True)
class LeaseTaken:
    """A process begins to drive runs under a name of its own; who had the name before is dead from now on."""

    owner: str
    token: str
    """Tells this process from others of the same name."""
    seconds: float
    """How long the lease holds unless it is kept, by the store's own clock; infinite where no other process can have the store."""


@dataclass(frozen=True, slots=True)
class LeaseKept:
    """A process is alive; raises Fenced where another one has its name. A lease that is over may be kept, if nobody took the name."""

    owner: str
    token: str
    seconds: float


@dataclass(frozen=True, slots=True)
class LeaseLeft:
    """A process ends: others take over its runs at once. Raises Fenced as LeaseKept does."""

    owner: str
    token: str


@dataclass(frozen=True, slots=True)
class RunTaken:
    """A process takes a run up: compare-and-set. It then runs, under the next fence.

    Raises Fenced unless the run has this fence and waits, or runs under this very owner, or under one whose lease is over.
    """

    run_id: str
    fence: int
    owner: str


@dataclass(frozen=True, slots=True)
class Holding:
    """Comes before the other rows of a run: raises Fenced where the run has another fence, because another process took it."""

    run_id: str
    fence: int


@dataclass(frozen=True, slots=True)
class RunResumed:
    """A person lets a parked run go on: it waits, and is due. Raises Fenced unless it is parked under this fence; it gets the next one."""

    run_id: str
    fence: int
    owner: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UserUnchanged:
    """What was judged of a user still holds: raises ItemLocked where another user stands under the number by now, or none."""

    number: Number
    user: Subscriber | None


@dataclass(frozen=True, slots=True)
class RelationsUnchanged:
    """What was judged of a number's relations still holds: raises ItemLocked where anything of them is another by now.

    An order that began and ended meanwhile leaves no lock, only these. Stands before what locks anything itself.
    """

    number: Number
    held: tuple[Relation, ...]
    """As they were read: all of them, ended ones too."""


@dataclass(frozen=True, slots=True)
class OrdersUnchanged:
    """What was judged of the orders under a channel's number still holds: raises ItemLocked where there are more or fewer by now.

    All who judge by these orders write it, and so does whoever adds one that others judge by: they cannot pass each other.
    """

    channel: str
    channel_order_id: str
    count: int
    """How many were read, archived ones too."""


@dataclass(frozen=True, slots=True)
class NothingOpen:
    """Raises ItemLocked while an order or a change of this user is under way. Stands before what locks anything itself."""

    number: Number


@dataclass(frozen=True, slots=True)
class MasterUnchanged:
    """What was judged of PPM's own state of an object still holds: raises ItemLocked where its version is another by now."""

    kind: ObjectKind
    id: str
    version: int | None
    """None where there was no such object."""


@dataclass(frozen=True, slots=True)
class AuditKept:
    """Who did what by hand, and why; never changed or deleted."""

    at: datetime
    who: str
    act: str
    subject: str
    """Id of what it was done to."""
    why: str
    outcome: str


@dataclass(frozen=True, slots=True)
class StepIntended:
    """A message is about to leave, or a wait begins: written before it does."""

    run_id: str
    name: str
    number: str
    returns: str
    party: str
    operation: str
    streaming_no: str
    at: datetime
    seq: int | None = None
    """How many steps stand before it in the journal, where that is known; else they are counted."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step's reply; for steps without an intent (keep) the only row. A step has one reply: another one is refused."""

    run_id: str
    name: str
    number: str
    party: str
    reply: Reply
    attempts: int
    intended: bool = False
    """Whether it is known to have an intent: then it is found, which costs less than looking whether there is one."""
    seq: int | None = None
    """As in StepIntended, for a step without an intent."""


@dataclass(frozen=True, slots=True)
class RunWaiting:
    """A run leaves memory until a signal or a time. Its owner stays: it wakes the run, unless another process takes it before."""

    run_id: str
    wake_at: datetime | None
    attempts: int
    note: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run is over, or stuck."""

    run_id: str
    state: RunState
    code: int
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SignalArrived:
    """A callback or report for a step of a run; early, late and repeated ones are all the same row. The first one stands.

    A run that waits for this step is due from now on: whichever process heard of it may fall before it wakes the run.
    """

    run_id: str
    step: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class RunArchived:
    """A run that has ended moves to the archive, with its journal, its signals and what it was about, which are found there as before.

    Nothing happens where it is not here, has not ended, or is about an order that has not: another process may have been first.
    """

    run_id: str


@dataclass(frozen=True, slots=True)
class RequestsForgotten:
    """At most `limit` requests that were taken before this time are forgotten, the oldest first: sent again they are new ones."""

    before: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class ArchiveForgotten:
    """At most `limit` archived runs that ended before this time are deleted for good, the longest ended first."""

    before: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class TokenUsed:
    """A caller's credentials were used and are not taken again before they end; raises DuplicateRequest where they were before."""

    mark: str
    """Stands for them; tells nothing of them."""
    until: datetime


@dataclass(frozen=True, slots=True)
class TokensKept:
    """Credentials that were used, where this process alone takes any: nobody can have used them before."""

    marks: tuple[tuple[str, float], ...]
    """Each with the time when the credentials end, in seconds since 1970: these are many, and a datetime costs more than all else."""


@dataclass(frozen=True, slots=True)
class TokensForgotten:
    """Marks of credentials that ended before this time are deleted."""

    before: datetime


@dataclass(frozen=True, slots=True)
class PartnerChanged:
    """Something about a caller was changed while the gateway ran; without a value what the file of partners says holds again."""

    partner: str
    what: str
    value: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class CatalogueLoaded:
    """Products, offers and content partners to add or replace."""

    products: tuple[Product, ...]
    offers: tuple[Offer, ...]
    partners: tuple[ContentPartner, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectSynced:
    """PPM told an object of the catalogue; raises Outdated where a newer version is held. A cancelled product's relations end."""

    object: CatalogueObject
    at: datetime


@dataclass(frozen=True, slots=True)
class SubscribersLoaded:
    """Subscribers to add or replace."""

    subscribers: tuple[Subscriber, ...]


Write = (
    InboxRow | RunStarted | StepIntended | StepDone | RunWaiting | RunEnded | SignalArrived
    | LeaseTaken | LeaseKept | LeaseLeft | RunTaken | Holding | RunResumed | AuditKept
    | RunArchived | RequestsForgotten | ArchiveForgotten | TokenUsed | TokensKept | TokensForgotten | PartnerChanged
    | UserUnchanged | RelationsUnchanged | OrdersUnchanged | NothingOpen | MasterUnchanged
    | Kept | CatalogueLoaded | ObjectSynced | SubscribersLoaded
)  # fmt: skip
