"""Sends steps again at their times, and judges the answers: one after the other where they are about the same order or subscriber, side
by side where they are not. What is under way is bounded, so that a file may be of any length.

Must not know how a report looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from twisted.internet.defer import Deferred, DeferredList

from gateway.capture.describing import field as field_of
from gateway.capture.record import Record, Said
from gateway.errors import RESULTS
from gateway.soap.http_client import HttpCallFailed, HttpReply, Reason, SendOutcome
from gateway.soap.http_outlet import Clock
from stubs.kit.times import sleep
from stubs.replay.comparing import Answer, differences, leaves
from stubs.replay.reading import Step
from stubs.replay.renewing import Renewal, names_one
from stubs.replay.rules import Rule
from stubs.replay.tally import Outcome, Verdict, judged, left_out

AT_ONCE: Final = 512
"""Steps that are read and not done: those under way, and those that wait for others."""
LATER_ATTEMPTS: Final = 20
LATER_PAUSE: Final = 0.25
"""Seconds between two attempts where the target says "later" and the recorded gateway did not, or where the state that is asked for is
another one: five seconds in all."""
_NOBODY: Final = (Reason.REFUSED, Reason.CONNECT_TIMEOUT, Reason.NO_ADDRESS, Reason.CONNECT_FAILED)
_DEAD: Final = 20
"""Calls in a row that find nobody: then the target is gone, and the run ends. Before it has answered at all the first one is enough."""
_REFERENCE: Final = "RefStreamingNo"
_QUERY: Final = "Qry"
"""In the name of each operation that asks and changes nothing."""


class TargetGone(Exception):
    """Nobody answers at the target; the text says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to play. `speed` 0 is as fast as causes allow; `settle` is the most that is waited between two steps of one subscriber, in
    seconds, and no longer than they were apart."""

    base: str
    speed: float = 1.0
    deadline: float = 30.0
    settle: float = 1.0
    callbacks: bool = False
    """Whether to send what partners sent because they were called: not where the target has partners of its own, who do."""
    rules: tuple[Rule, ...] = ()


class Player:
    """Plays one capture once. `post` sends as HttpPool does."""

    def __init__(
        self, plan: Plan, renewal: Renewal, post: Callable[..., Deferred[HttpReply]], clock: Clock, told: Callable[[Outcome], None],
        seal: Callable[[bytes, Said], bytes] | None = None,
    ) -> None:  # fmt: skip
        """`told` hears of each step once; `seal` shows who we are, anew for each attempt."""
        self._plan = plan
        self._renewal = renewal
        self._post = post
        self._clock = clock
        self._told = told
        self._seal = seal
        self._last: dict[str, tuple[Deferred[None], float]] = {}
        """By what a step is about: when the newest one of it is done, and when it came then."""
        self._under_way = 0
        self._room: Deferred[None] | None = None
        self._nobody = 0
        self._answered = False
        self._gone = ""
        self._failure: Any = None

    async def play(self, steps: Iterator[Step]) -> None:
        """Play all; raises TargetGone, or what reading raises."""
        began = self._clock.seconds()
        for step in steps:
            if self._gone or self._failure:
                break
            if self._plan.speed:
                wait = began + step.after / self._plan.speed - self._clock.seconds()
                if wait > 0:
                    await sleep(self._clock, wait)
            self._begin(step)
            if self._under_way >= AT_ONCE:
                self._room = Deferred()
                await self._room
        await DeferredList([done for done, _ in list(self._last.values())])
        while self._under_way:  # what is about nothing that is known stands in no line
            self._room = Deferred()
            await self._room
        if self._failure:
            self._failure.raiseException()
        if self._gone:
            raise TargetGone(self._gone)

    def _begin(self, step: Step) -> None:
        keys = _about(step.record)
        before = [self._last[key] for key in keys if key in self._last]
        done: Deferred[None] = Deferred()
        for key in keys:
            self._last[key] = done, step.after
        self._under_way += 1
        work = Deferred.fromCoroutine(self._step(step, [each for each, _ in before], max((at for _, at in before), default=None)))
        work.addErrback(self._broke)
        work.addCallback(lambda _: self._ended(keys, done))

    def _broke(self, failure: Any) -> None:
        self._failure = self._failure or failure

    def _ended(self, keys: set[str], done: Deferred[None]) -> None:
        for key in keys:
            if self._last[key][0] is done:
                del self._last[key]
        self._under_way -= 1
        done.callback(None)
        if self._room is not None:
            room, self._room = self._room, None
            room.callback(None)

    async def _step(self, step: Step, before: list[Deferred[None]], after: float | None) -> None:
        if before:
            await DeferredList([_also(each) for each in before])
            apart = step.after - (after or 0.0)
            if min(apart, self._plan.settle) > 0:
                await sleep(self._clock, min(apart, self._plan.settle))
        if self._gone:
            self._told(left_out(step, "nobody answers at the target"))
            return
        if self._plan.callbacks:
            await self._named(step)
        why = self._not_for_us(step)
        if why:
            self._told(left_out(step, why))
            return
        self._told(await self._ask(step, self._renewal.body(step.record.request)))

    async def _named(self, step: Step) -> None:
        """Wait, for a while, until the target has made the call that a callback names."""
        refers = field_of(step.record.request.text, _REFERENCE)
        for _ in range(LATER_ATTEMPTS):
            if not refers or not self._renewal.fresh or self._renewal.knows(refers):
                break
            await sleep(self._clock, LATER_PAUSE)

    def _not_for_us(self, step: Step) -> str:
        """Say why a step is left out; empty where it is not."""
        if step.callback and not self._plan.callbacks:
            return "a callback: the target's own partners send it"
        refers = field_of(step.record.request.text, _REFERENCE)
        if refers and self._renewal.fresh and not self._renewal.knows(refers):
            return "it names a number that the recorded gateway gave a partner, and the target gave its own"
        if step.record.error or not step.record.status:
            return "no answer was recorded"
        return ""

    async def _ask(self, step: Step, body: bytes) -> Outcome:
        """Send a step and judge the answer. One that may yet change is asked for again, for a while: orders take their time."""
        later, query = _is_later(step.record.answer), _QUERY in step.record.operation
        for _ in range(LATER_ATTEMPTS):
            actual = await self._call(step, body)
            outcome = self._judge(step, body, actual)
            if outcome.verdict is not Verdict.DIFFERENT or not (query or (_says_later(actual.body) and not later)):
                break
            await sleep(self._clock, LATER_PAUSE)
        return outcome

    async def _call(self, step: Step, body: bytes) -> Answer:
        request = step.record.request
        headers = {"Content-Type": request.type or "text/xml"}
        if request.action or not request.type.startswith("application/soap+xml"):
            headers["SOAPAction"] = request.action or '""'
        body = body if self._seal is None else self._seal(body, request)
        try:
            if not step.record.path.startswith("/"):  # it would go on with the name of another host
                raise ValueError
            reply = await self._post(f"{self._plan.base}{step.record.path}", body, headers, deadline=self._plan.deadline)
        except HttpCallFailed as failed:
            self._count_nobody(failed)
            return Answer(0, error=str(failed.reason))
        except ValueError:  # a path or a media type that nobody could have sent
            return Answer(0, error="cannot be sent: its path or its headers are broken")
        self._nobody, self._answered = 0, True
        return Answer(reply.status, reply.headers.get("content-type", ""), reply.body)

    def _count_nobody(self, failed: HttpCallFailed) -> None:
        if failed.outcome is not SendOutcome.NOT_SENT or failed.reason not in _NOBODY:
            return
        self._nobody += 1
        if self._nobody >= (_DEAD if self._answered else 1):
            self._gone = f"{self._plan.base}: {failed.reason}{f', {_DEAD} times in a row' if self._answered else ''}"

    def _judge(self, step: Step, body: bytes, actual: Answer) -> Outcome:
        said = step.record.answer or Said()
        recorded = leaves(Answer(step.record.status, said.type, said.body))
        given = leaves(actual)
        # The answer echoes numbers that are new: as new ones they are expected.
        expected = [(path, self._expected(path, value)) for path, value in recorded]
        found = differences(expected, given)
        for each in found:
            if names_one(each.path) and each.expected and each.actual:
                was = next((value for path, value in recorded if path == each.path), "")
                self._renewal.carry(was, each.actual)
        return judged(step, body, actual, found, self._plan.rules)

    def _expected(self, path: str, value: str) -> str:
        return self._renewal.words(self._renewal.number(value) if value and names_one(path) else value)


def _about(record: Record) -> set[str]:
    """What a step has in common with others that must come before or after it."""
    return {f"{kind}:{value}" for kind, value in (
        ("order", record.order), ("order", record.trace), ("number", record.number), ("streaming", record.streaming_no),
    ) if value}  # fmt: skip


def _also(done: Deferred[None]) -> Deferred[None]:
    """Wait for what others wait for as well."""
    mine: Deferred[None] = Deferred()

    def tell(given: None) -> None:
        mine.callback(None)

    done.addCallback(tell)
    return mine


def _is_later(said: Said | None) -> bool:
    return said is not None and not said.base64 and _code_is_later(said.text)


def _says_later(body: bytes) -> bool:
    return _code_is_later(body.decode("utf-8", "replace"))


def _code_is_later(text: str) -> bool:
    code = field_of(text, "ResultCode")
    known = RESULTS.get(int(code)) if code.isascii() and code.isdecimal() else None
    return known is not None and known.retryable
