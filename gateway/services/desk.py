"""What every service works with, and the rule that a request under one StreamingNo is answered once."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.authorisation import Policy
from gateway.domain.catalogue import Catalogue
from gateway.domain.numbers import NumberPlan
from gateway.domain.party import Address
from gateway.domain.routing import Place
from gateway.engine.engine import Engine
from gateway.engine.ports import Clock, DuplicateRequest, InboxRow, Store, StoreFailed
from gateway.engine.wiring import Events
from gateway.errors import BUSY, NUMBER_REUSED, OK, Result
from gateway.services.backlog import Backlog


class Line(Protocol):
    """A partner's endpoint that a service may ask at once, outside any flow."""

    @property
    def codec(self) -> Codec:
        """The codec of its contract."""
        ...

    async def call(self, operation: str, request: Message, routing: Message | None = None) -> Message:
        """Send a request and give the answer; raises Temporary or Permanent where there is none."""
        ...


@dataclass(slots=True)
class Desk:
    """The tools of the services. `catalogue` is what the request at hand is judged by: it is looked at anew for each."""

    here: Place
    plan: NumberPlan
    store: Store
    engine: Engine
    clock: Clock
    events: Events
    knows: Callable[[Address], bool]
    channels: frozenset[str]
    line: Callable[[Address, str], Line | None]
    """(party, contract) to its endpoint; None where none is configured. A VSOP serves several contracts."""
    partners: tuple[Address, ...]
    """Everybody that is configured."""
    random_code: Callable[[], str]
    """Makes the code of a second confirmation."""
    policy: Policy = field(default_factory=Policy)
    confirm_channels: frozenset[str] = frozenset()
    """Channels whose subscriptions wait for a second confirmation by SMS."""
    confirm_within: timedelta = timedelta(hours=24)
    hear_of_users: frozenset[Address] = frozenset()
    """Platforms that hear of every user."""
    audit_held: bool = False
    """Whether a person audits applications."""
    ppm_served: bool = False
    """Whether we are the PPM of our tier and province."""
    settle: timedelta = timedelta(minutes=15)
    """What an order touched within this time is not repaired."""
    catalogue: Catalogue = field(default_factory=Catalogue)
    max_open: int = 100_000
    """Orders that have not ended, above which nothing new is taken."""
    backlog: Backlog = field(init=False)

    def __post_init__(self) -> None:
        self.backlog = Backlog(self._open_runs, self.max_open, self.clock.now)

    async def _open_runs(self) -> int:
        return await self.store.open_runs()

    async def load(self) -> None:
        """Look whether the catalogue has changed, here or by another process. Nearly always it has not, and costs next to nothing."""
        self.catalogue = await self.store.catalogue()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that is not taken; nothing is stored for it. `items` are (offer or product, OPResult, result)."""

    result: Result
    detail: str = ""
    items: tuple[tuple[str, int, Result], ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that is taken, with something to say about some of it; `items` are (offer or product, OPResult, result)."""

    items: tuple[tuple[str, int, Result], ...]

    def row(self, inbox: InboxRow) -> InboxRow:
        """Give the inbox row that repeats this answer; to be stored instead of `inbox`."""
        told = [
            {"ProductOfferID": key, "OPResult": str(number), "OPDesc": result.describe()}
            for key, number, result in self.items
        ]
        return replace(inbox, answer=json.dumps({**json.loads(inbox.answer), "ResultInfo": told}, ensure_ascii=False))


Act = Callable[[InboxRow], Awaitable[Refusal | Taken | None]]
"""Does what a request asks, storing the inbox row with it; gives a refusal, or what is to be said beside "accepted"."""


async def once(
    desk: Desk, codec: Codec, request: Message, operation: str, act: Act, *, new_work: bool = False
) -> Message:
    """Answer a request, or repeat the answer that it got: same number and content, same answer; other content, refused.

    `new_work` is refused while the gateway is busy; results and reports of work under way never are.
    """
    answer_type = codec[_answer_type(codec, operation)]
    digest = request.fingerprint("TimeStamp")
    try:
        known = await desk.store.inbox(request.SystemId, request.StreamingNo)
        if known is None:
            if new_work and (desk.engine.busy or await desk.backlog.full()):
                return plain(answer_type, request, BUSY)
            row = InboxRow(request.SystemId, request.StreamingNo, operation, digest, _ACCEPTED, desk.clock.now())
            await desk.load()
            try:
                outcome = await act(row)
            except DuplicateRequest:  # the same request came twice at once: the other one was first
                known = await desk.store.inbox(request.SystemId, request.StreamingNo)
            else:
                if isinstance(outcome, Refusal):
                    return _refused(desk, codec, answer_type, request, outcome)
                if new_work:
                    desk.backlog.began()
                if outcome is None:
                    return plain(answer_type, request, OK)
                return _stored(codec, answer_type, request, outcome.row(row).answer)
    except StoreFailed as failure:  # nothing is stored, so nothing may be told as taken
        desk.events("store.failed", error=failure)
        return plain(answer_type, request, BUSY)
    assert known is not None
    if known.digest != digest or known.operation != operation:
        return _refused(desk, codec, answer_type, request, Refusal(NUMBER_REUSED))
    desk.events("request.repeated", system=request.SystemId, streaming_no=request.StreamingNo)
    return _stored(codec, answer_type, request, known.answer)


async def answered(desk: Desk, answer_type: type[Message], request: Message, answer: Awaitable[Message]) -> Message:
    """Give a query's answer; where the store fails under it, the caller is to ask again."""
    try:
        await desk.load()
        return await answer
    except StoreFailed as failure:
        desk.events("store.failed", error=failure)
        return plain(answer_type, request, BUSY)


def _stored(codec: Codec, answer_type: type[Message], request: Message, text: str) -> Message:
    fields = json.loads(text)
    infos = [codec["OfferResult"](**info) for info in fields.pop("ResultInfo", ())]
    return answer_type(StreamingNo=request.StreamingNo, **fields, **({"ResultInfo": infos} if infos else {}))


def plain(answer_type: type[Message], request: Message, result: Result, detail: str = "") -> Message:
    """Make an answer without items."""
    return answer_type(StreamingNo=request.StreamingNo, ResultCode=str(result.code), ResultDesc=result.describe(detail))


_ACCEPTED = json.dumps({"ResultCode": str(OK.code), "ResultDesc": OK.describe()}, ensure_ascii=False)


def _answer_type(codec: Codec, operation: str) -> str:
    return codec.by_element[codec.contract.operations[operation].response].type.__name__


def _refused(desk: Desk, codec: Codec, answer_type: type[Message], request: Message, refusal: Refusal) -> Message:
    desk.events("order.refused", system=request.SystemId, streaming_no=request.StreamingNo, code=refusal.result.code)
    answer = plain(answer_type, request, refusal.result, refusal.detail)
    if refusal.items and "ResultInfo" in answer_type.field_names:
        answer.ResultInfo = [
            codec["OfferResult"](ProductOfferID=key, OPResult=str(number), OPDesc=result.describe())
            for key, number, result in refusal.items
        ]
    return answer


def order_id(here: Place, at: datetime, serial: int) -> str:
    """Make an order id: system code, province, second, serial; unique over both tiers."""
    return f"{here.system}{here.province}{at:%Y%m%d%H%M%S}{serial % 10**9:09d}"
