"""A stub set without sockets: a virtual clock, and a script in the place of everyone that the stubs call."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from good_requests import REQUESTS, role_and_operation, sender_of
from lxml import etree
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogPublisher
from zope.interface import implementer

from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.contract.document import ROUTING
from gateway.soap.endpoint import Exchange
from stubs.kit.role import Stage
from stubs.kit.world import Seed, World
from stubs.kit.world_file import read_world
from stubs.roles import ROLES

ROOT = Path(__file__).parents[3]
START = 1_780_000_000.0  # 20260529042640 in China
CODECS = {name: Codec(load_contract(ROOT / "wsdl" / f"{name}.wsdl")) for name in dict.fromkeys(one.contract for one in ROLES.values())}
CODECS |= {name: CODECS[role.contract] for name, role in ROLES.items()}
LAB_USERS = read_world([ROOT / "etc/lab/subscribers.toml"])
DEFAULTS: dict[str, dict[str, Any]] = {"feeCheck": {"Balance": 5000}, "subscribeAuth": {"AuthResult": "0"}}


@dataclass(slots=True)
class Called:
    """One call that a stub made."""

    contract: str
    operation: str
    message: Message
    routing: Message | None
    at: float


@dataclass(slots=True)
class Script:
    """Answers the stubs' calls: by the replies listed for an operation, then with success (DEFAULTS)."""

    clock: Clock
    calls: list[Called] = field(default_factory=list)
    replies: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    absent: set[str] = field(default_factory=set)

    def to(self, contract: str) -> _Line | None:
        return None if contract in self.absent else _Line(self, contract)


@dataclass(slots=True)
class _Line:
    script: Script
    contract: str

    async def call(self, operation: str, request: Message, routing: Message | None = None) -> Message:
        script = self.script
        keep_contract(CODECS[self.contract], CODECS[self.contract].contract.operations[operation].request, request)
        script.calls.append(Called(self.contract, operation, request, routing, script.clock.seconds() - START))
        replies = script.replies[operation]
        reply: Any = replies.pop(0) if replies else {}
        if isinstance(reply, Deferred):
            reply = await reply
        if isinstance(reply, Exception):
            raise reply
        common = {"StreamingNo": request.StreamingNo, "ResultCode": "0", "ResultDesc": "ok"}
        common |= DEFAULTS.get(operation, {})
        element = CODECS[self.contract].contract.operations[operation].response
        return CODECS[self.contract].by_element[element].type(**{**common, **reply})


class Scene:
    """A set with all roles."""

    def __init__(self, seed: Seed = LAB_USERS) -> None:
        self.clock = Clock()
        self.clock.advance(START)
        self.script = Script(self.clock)
        world = World(seed, self.clock)
        self.stage = Stage(clock=self.clock, world=world, callers=self.script, codecs=CODECS)
        self.world = world
        self.roles = {name: role(self.stage) for name, role in ROLES.items()}
        self._numbers = 0

    def request(self, operation: str, **changes: Any) -> Message:
        """Make a good request for an operation, such as crm.productInfoSync; `changes` are fields of it."""
        self._numbers += 1
        role, name = role_and_operation(operation)
        codec = CODECS[role]
        fields = {
            "StreamingNo": f"20020260101120000{self._numbers:09d}",
            "TimeStamp": "20260101120000",
            "SystemId": sender_of(role, name),
            **REQUESTS[f"{role}.{name}"](codec),
            **changes,
        }
        return codec.by_element[codec.contract.operations[name].request].type(**fields)

    def send(self, operation: str, request: Message, routing: Message | None = None) -> Outcome:
        """Hand a request to its role; the outcome may come later."""
        role, name = role_and_operation(operation)
        handler, described = getattr(self.roles[role], name), CODECS[role].contract.operations[name]
        keep_contract(CODECS[role], described.request, request)

        async def answered() -> Message:
            answer: Message = await handler(request, Exchange(peer="", action="", routing=routing))
            keep_contract(CODECS[role], described.response, answer)
            return answer

        return Outcome(answered())

    def ask(self, operation: str, **changes: Any) -> Any:
        """Make a good request with changes, hand it over, and give the answer that must come at once."""
        return self.send(operation, self.request(operation, **changes)).answer

    def act(self, role: str, name: str, **body: Any) -> Outcome:
        """Do what a user or clerk does."""
        return Outcome(self.roles[role].acts()[name](body))

    def run(self, work: Awaitable[Any]) -> Outcome:
        """Run a coroutine up to its first wait."""
        return Outcome(work)

    def later(self, seconds: float) -> None:
        """Let time pass in small steps, so that what begins in one step goes on in the next."""
        for _ in range(math.ceil(seconds * 64)):
            self.clock.advance(1 / 64)  # exact in binary: no sum of steps drifts

    def rows(self, ledger: str, *names: str) -> list[Any]:
        """Give the rows of a ledger, reduced to some of their fields."""
        rows = [row.as_json() for row in self.world.ledger(ledger)]
        return [tuple(row[name] for name in names) if len(names) > 1 else row[names[0]] for row in rows]

    def called(self, operation: str) -> list[Called]:
        """Give the calls that the stubs made to an operation."""
        return [call for call in self.script.calls if call.operation == operation]


def keep_contract(codec: Codec, element: str, message: Message) -> None:
    """Fail for a message that the contract does not allow: what comes, what is answered, and what is sent."""
    written = codec.by_element[element].encode(message)
    root = etree.fromstring(f"<m{codec.namespace_declarations()}>{written}</m>")
    codec.contract.validator.assertValid(root[0])


class Outcome:
    """What became of a coroutine."""

    def __init__(self, work: Awaitable[Any]) -> None:
        self._results: list[Any] = []

        async def follow() -> Any:
            return await work

        Deferred.fromCoroutine(follow()).addBoth(self._results.append)

    @property
    def pending(self) -> bool:
        return not self._results

    @property
    def answer(self) -> Any:
        (result,) = self._results
        return result

    @property
    def error(self) -> BaseException:
        (result,) = self._results
        error: BaseException = result.value
        return error


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def routing() -> Message:
    routed = CODECS["xplatform"].by_element[ROUTING].type
    return routed(TraceId="T-1", OriginSystem="211", OriginProvince="15", HopCount=1)


@pytest.fixture
def codecs() -> dict[str, Codec]:
    return CODECS


@pytest.fixture
def root() -> Path:
    return ROOT


@implementer(ILogObserver)
class _Failures:
    """Collects what the stubs log as failed."""

    def __init__(self, found: list[Any]) -> None:
        self._found = found

    def __call__(self, event: LogEvent) -> None:
        if event.get("log_namespace") == "stubs" and event["log_level"] >= LogLevel.error:
            self._found.append(event["log_failure"])


@pytest.fixture(autouse=True)
def no_work_failed(request: pytest.FixtureRequest) -> Any:
    """Fail a test in which background work raised, unless it is marked as meant by the fixture `work_fails`."""
    failures: list[Any] = []

    observer: Any = _Failures(failures)  # an interface that a type checker cannot see
    globalLogPublisher.addObserver(observer)
    yield failures
    globalLogPublisher.removeObserver(observer)
    if "work_fails" not in request.fixturenames:
        assert failures == []


@pytest.fixture
def work_fails(no_work_failed: list[Any]) -> list[Any]:
    return no_work_failed
