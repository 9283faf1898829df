"""Endpoints behind breakers: what counts against a partner, and that an open breaker sends nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from mail import CODECS
from rig import run

from gateway.errors import BUSY, INTERNAL, NO_BALANCE, NotTried, Permanent, Temporary
from gateway.partners.breaker import BreakerRules, Position
from gateway.partners.guarding import Breakers, Guarded

CODEC = CODECS["ocs"]
REQUEST = CODEC["feeCheck"](
    StreamingNo="S1", TimeStamp="20261123120000", SystemId="200", ProdSpecCode="003", ProductNo="18907910001", ContentType="2"
)  # fmt: skip


def answer(code: int = 0):
    return CODEC["feeCheckResponse"](StreamingNo="S1", ResultCode=str(code), ResultDesc="", Balance=1)


class Line:
    """An endpoint that does the same at each call."""

    codec = CODEC

    def __init__(self, outcome) -> None:
        self.outcome, self.calls = outcome, []

    async def call(self, operation, request, routing=None):
        self.calls.append((operation, request, routing))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class World:
    """Breakers that open at the second failure, and what they told."""

    def __init__(self) -> None:
        self.now, self.events = 0.0, []
        rules = BreakerRules(minimum=2)
        self.breakers = Breakers(rules, lambda: self.now, lambda event, **fields: self.events.append((event, fields)))

    def call(self, outcome, *, operation="feeCheck", party="ocs", routing=None):
        """Call once; gives the answer or the error, and whether the endpoint was called."""
        line = Line(outcome)
        guarded = Guarded(line, party, self.breakers)
        try:
            result = run(guarded.call(operation, REQUEST, routing))
        except (Permanent, Temporary) as error:
            result = error
        return result, line.calls


@pytest.fixture
def world():
    return World()


DOWN = Temporary("ocs", "connection refused")


def test_answer_and_block_pass_through(world):
    """While all is well nothing is changed on either way."""
    good = answer()
    assert world.call(good, routing="block") == (good, [("feeCheck", REQUEST, "block")])


COUNTED = {
    "no answer": (DOWN, Position.OPEN),
    "busy": (answer(BUSY.code), Position.OPEN),
    "broken": (answer(INTERNAL.code), Position.OPEN),
    "refused order": (answer(NO_BALANCE.code), Position.CLOSED),
    "unknown code": (answer(77), Position.CLOSED),
    "refused message": (Permanent("ocs", "fault Client"), Position.CLOSED),
    "full line": (NotTried("ocs", "too many calls wait"), Position.CLOSED),
    "success": (answer(), Position.CLOSED),
}


@pytest.mark.parametrize("case", COUNTED)
def test_what_counts_against_a_partner(world, case):
    """Only what went wrong on its side; a refusal is an answer."""
    outcome, position = COUNTED[case]
    for _ in range(3):
        world.call(outcome)
    assert world.breakers.of("ocs", "feeCheck").position is position


def test_open_breaker_sends_nothing(world):
    """The caller is told when to come back, and that it was no attempt."""
    for _ in range(2):
        world.call(DOWN)
    world.now = 3.0
    error, calls = world.call(answer())
    assert (type(error), error.retry_after, calls) == (NotTried, timedelta(seconds=7), [])


@pytest.mark.parametrize(("party", "operation"), [("ocs", "productInfoSync"), ("vsop:35", "feeCheck")])
def test_breakers_are_of_one_operation_of_one_partner(world, party, operation):
    """What fails in one place holds back nothing elsewhere."""
    for _ in range(2):
        world.call(DOWN)
    assert world.call(answer(), party=party, operation=operation)[1] != []


def test_movements_are_told(world):
    """With party and operation, and how long it stays open."""
    for _ in range(2):
        world.call(DOWN)
    world.now = 10.0
    for _ in range(3):
        world.call(answer())
    place = {"party": "ocs", "operation": "feeCheck"}
    assert world.events == [
        ("breaker.opened", {**place, "pause": timedelta(seconds=10)}), ("breaker.probing", place), ("breaker.closed", place),
    ]  # fmt: skip


def test_breakers_of_a_party(world):
    """Those of the operations that were called since the start."""
    world.call(answer())
    assert (list(world.breakers.of_party("ocs")), dict(world.breakers.of_party("crm"))) == (["feeCheck"], {})


def test_call_that_is_given_up_says_nothing(world):
    """A coroutine that is closed half-way ends its call."""

    class Hanging(Line):
        async def call(self, operation, request, routing=None):
            await _Never()

    work = Guarded(Hanging(None), "ocs", world.breakers).call("feeCheck", REQUEST)
    work.send(None)
    before = world.breakers.of("ocs", "feeCheck").under_way
    work.close()
    assert (before, world.breakers.of("ocs", "feeCheck").under_way) == (1, 0)


class _Never:
    def __await__(self):
        yield self


def test_codec_is_that_of_the_endpoint(world):
    """Messages are made with it."""
    assert Guarded(Line(answer()), "ocs", world.breakers).codec is CODEC


def test_isolated_partner_is_not_called(world):
    """It counts neither as an attempt nor against the partner, and it is looked again in a minute."""
    line = Line(answer())
    with pytest.raises(NotTried) as raised:
        run(Guarded(line, "ocs", world.breakers, lambda: True).call("feeCheck", REQUEST))
    assert (line.calls, raised.value.retry_after, world.breakers.of_party("ocs")) == ([], timedelta(seconds=60), {})
