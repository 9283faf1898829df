"""What every role does with a request around its own few lines: journal, numbers already answered, magic, late acts.

A role is a handler bound to its contract: one method for each operation, under its name, marked with @receives.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from twisted.internet.defer import Deferred

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import BUSY, NUMBER_REUSED, PLATFORM_REFUSED, Result
from gateway.soap.endpoint import Exchange
from gateway.soap.http_outlet import Clock
from stubs.kit.answered import AnsweredTable, Claim
from stubs.kit.background import Background
from stubs.kit.errors import AnswerLostError, AwayError
from stubs.kit.faulty import FaultDesk
from stubs.kit.journal import MOST_ENTRIES, Direction, Entry, RequestJournal, as_dict
from stubs.kit.magic import COMMON, SLOW_SECONDS, Behaviour, behaviour_of, number_of
from stubs.kit.outbound import DELIVERY_ATTEMPTS, Callers, Outbound, decided, trace_of
from stubs.kit.services import Service
from stubs.kit.times import Numbers, sleep, stamp
from stubs.kit.world import Subscription, World
from stubs.mapping.answering import Asking, Surroundings, mapped
from stubs.mapping.mappings import Mappings

# After an answer was handed over: long enough for its bytes to go first.
AFTERWARDS = 0.01

Act = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
LateAct = Callable[[], Coroutine[Any, Any, None]]
_R = TypeVar("_R", bound="Role")


class Stage:
    """All that the roles of one set share."""

    def __init__(
        self, *, clock: Clock, world: World, callers: Callers, codecs: Mapping[str, Codec],
        attempts: int = DELIVERY_ATTEMPTS, journal: int = MOST_ENTRIES,
    ) -> None:  # fmt: skip
        self.clock = clock
        self.world = world
        self.callers = callers
        self.codecs = codecs
        self.journal = RequestJournal(clock, journal)
        self.numbers = Numbers(clock)
        self.faults = FaultDesk(clock)
        self.outbound = Outbound(self.journal, clock, callers, attempts, self.faults)
        self.background = Background()
        self.mappings = Mappings()
        self.around = Surroundings(world, self.numbers, self.stamp, self.pause)
        self.modes: dict[str, Behaviour] = {}
        """By role, such as xplatform, or by role and operation, such as xplatform.serverAction, which goes before."""

    def mode(self, role: str, operation: str) -> Behaviour:
        """Give the mode in which a role answers an operation."""
        return self.modes.get(f"{role}.{operation}", self.modes.get(role, Behaviour.FINAL))

    def stamp(self) -> str:
        """Give the present time as messages carry it."""
        return stamp(self.clock.seconds())

    async def pause(self, seconds: float) -> None:
        """Wait; ends at once when the work under way is broken off."""
        over: Deferred[None] = Deferred()
        self.background.start(self._end(over, seconds))
        await over

    async def _end(self, over: Deferred[None], seconds: float) -> None:
        try:
            await sleep(self.clock, seconds)
        finally:
            over.callback(None)

    def stop(self) -> None:
        """Break off all work under way."""
        self.outbound.stop()
        self.background.cancel()

    def reset(self) -> None:
        """Break off all work under way and go back to the start; modes are `final` again, faults those of the settings."""
        self.stop()
        self.journal.reset()
        self.world.reset()
        self.modes.clear()
        self.mappings.reset()
        self.faults.reset()


@dataclass(slots=True)
class Call:
    """One request under way, as a role's method sees it."""

    request: Message
    routing: Message | None
    behaviour: Behaviour
    answer_type: type[Message]
    afterwards: list[tuple[float, LateAct]] = field(default_factory=list)

    def answer(self, result: Result, detail: str = "", **more: Any) -> Message:
        """Make the operation's answer; `more` are its fields beyond the common three."""
        code, text = str(result.code), result.describe(detail)
        return self.answer_type(StreamingNo=self.request.StreamingNo, ResultCode=code, ResultDesc=text, **more)

    def after(self, seconds: float, act: LateAct) -> None:
        """Do something so long after the answer was handed over."""
        self.afterwards.append((seconds, act))


def receives(
    method: Callable[[_R, Message, Call], Coroutine[Any, Any, Message]],
) -> Callable[[_R, Message, Exchange], Coroutine[Any, Any, Message]]:
    """Make a method the handler of the operation of its name; it runs once for each StreamingNo."""

    name = method.__name__

    @functools.wraps(method)
    async def handler(self: _R, request: Message, exchange: Exchange) -> Message:
        return await self.receive(name, functools.partial(method, self), request, exchange)

    return handler


Method = Callable[[Message, Call], Awaitable[Message]]


class Role:
    """One partner; subclasses add an @receives method for each operation of their contract."""

    name: ClassVar[str]
    """Of the role, and the last step of its address."""
    contract: ClassVar[str]
    """Name of the contract that it serves; the role's own name unless the class says another."""
    system: ClassVar[str]
    """System code, three digits."""
    behaviours: ClassVar[frozenset[Behaviour]] = COMMON

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" in vars(cls) and not hasattr(cls, "contract"):
            cls.contract = cls.name

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.world = stage.world
        self.codec = stage.codecs[self.contract]

    def start_with(self, held: Subscription, platform: str) -> None:
        """Keep what a user holds from the start, as far as it is this party's; `platform` is the code of who activates the product."""

    def hold(self, held: Subscription) -> None:
        """Serve a user with what he holds from the start."""
        service = Service(self.name, held.number, held.product, held.offer, held.since, held.suspended)
        self.world.services.active[self.name, held.number, held.product] = service

    def acts(self) -> dict[str, Act]:
        """Give what a user or clerk can do at this partner, by name."""
        return {}

    async def receive(self, operation: str, method: Method, request: Message, exchange: Exchange) -> Message:
        """Answer a request: by a mapping that is for it, as before if its number is known, else by the method; the journal has it.

        Raises SilentError if the caller must get no answer.
        """
        entry = self.stage.journal.add(self.name, operation, Direction.IN, request, trace_of(exchange.routing))
        if self.stage.faults:
            self.stage.faults.request(self.name, operation, request, entry)
        mode = self.stage.mode(self.name, operation)
        answer_type = self.codec.by_element[self.codec.contract.operations[operation].response].type
        call = Call(request, exchange.routing, behaviour_of(self.contract, number_of(request), mode), answer_type)
        try:
            made = await self._mapped(call, entry, exchange) if self.stage.mappings else None
            answer = await self._answer(operation, method, call) if made is None else made
        except AnswerLostError as lost:
            entry.answer = {**as_dict(lost.answer), "lost": True}
            raise
        except AwayError:
            entry.answer = {"error": "away: the connection was dropped"}
            raise
        entry.answer = answer
        return answer

    async def _mapped(self, call: Call, entry: Entry, exchange: Exchange) -> Message | None:
        if call.behaviour is Behaviour.AWAY:
            return None
        asking = Asking(self.name, self.system, self.codec, call.request, entry, exchange, number_of(call.request))
        return await mapped(self.stage.mappings, asking, self.stage.around)

    async def _answer(self, operation: str, method: Method, call: Call) -> Message:
        if call.behaviour is Behaviour.AWAY:
            raise AwayError
        table = self.world.answered[self.name]
        key = (str(call.request.SystemId), str(call.request.StreamingNo))
        fingerprint = f"{operation} {call.request.fingerprint('TimeStamp')}"
        known = table.known(key)
        if known is not None:
            return await known.wait() if known.fingerprint == fingerprint else call.answer(NUMBER_REUSED)
        if call.behaviour is Behaviour.BUSY_ONCE and table.first_time(key):
            return call.answer(BUSY)
        claim = table.claim(key, fingerprint)
        self.stage.background.start(self._work(table, key, claim, method=method, call=call))
        answer = await claim.wait()
        if call.behaviour is Behaviour.LOST:
            raise AnswerLostError(answer)
        return answer

    async def _work(
        self, table: AnsweredTable, key: tuple[str, str], claim: Claim, *, method: Method, call: Call
    ) -> None:
        """Do what is asked for apart from the connection that asked: others may come to wait for the same answer."""
        try:
            refused = call.behaviour is Behaviour.REFUSE
            answer = call.answer(PLATFORM_REFUSED) if refused else await method(call.request, call)
            if call.behaviour is Behaviour.SLOW:
                await sleep(self.stage.clock, SLOW_SECONDS)
            if not decided(answer):
                table.release(key)
            claim.settle(answer)
        finally:
            if claim.answer is None:
                table.release(key)
                claim.abandon()
        for seconds, act in call.afterwards:
            self.stage.background.start(self._later(seconds, act))

    async def _later(self, seconds: float, act: LateAct) -> None:
        await sleep(self.stage.clock, max(seconds, AFTERWARDS))
        await act()
