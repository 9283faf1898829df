"""People repeat the same request until there is a decision, and remember what they were told."""

from __future__ import annotations

from random import Random
from typing import ClassVar

import pytest
from twisted.internet.defer import Deferred

from gateway.contract import Codec, load_contract
from gateway.errors import BUSY, Permanent, Temporary
from gateway.resources import contracts_dir
from gateway.sim import people
from gateway.sim.people import Counter
from gateway.sim.reactor import SimReactor
from gateway.sim.timeline import Life, Timeline
from gateway.sim.weather import Machine

VSOP = Codec(load_contract(contracts_dir() / "vsop.wsdl"))


class Script:
    """Stands for the gateway: says what it is told to, then success."""

    says: ClassVar[list] = []

    def __init__(self, *where):
        pass

    async def call(self, operation, request, routing=None):
        said = self.says.pop(0) if self.says else 0
        if isinstance(said, Exception):
            raise said
        return VSOP["subscribeToVSOPResponse"](StreamingNo=request.StreamingNo, ResultCode=str(said), ResultDesc="")


@pytest.fixture
def counter(monkeypatch):
    monkeypatch.setattr(people, "Peer", Script)
    timeline = Timeline(1_780_000_000.0)
    return Counter("jiangxi", "http://127.0.0.1:1", SimReactor(timeline, None, Machine("m"), Life("a")), VSOP, Random("1"))


def asked(counter, *says, again=None):
    Script.says = list(says)
    streaming_no, order_id = counter.numbers("211")
    request = counter.message(
        "subscribeToVSOP", StreamingNo=streaming_no, TimeStamp="20260529042640", SystemId="211", ActionType="0", OrderId=order_id,
        ProdSpecCode="003", ProductNo="18907910001",
    )  # fmt: skip
    told = Deferred.fromCoroutine(counter.ask(request, again=again))
    counter.reactor.timeline.run_until(counter.reactor.seconds() + 600)
    return told.result


@pytest.mark.parametrize("first", [Temporary("vsop", "lost"), BUSY.code])
def test_they_repeat_until_there_is_a_decision(counter, first):
    """No answer, or "later", is none."""
    assert [code for _, code in asked(counter, first, first, 5001).answers] == [5001]


def test_what_is_sent_again_is_the_same_request(counter):
    """Its answers stand beside the first one's."""
    told = asked(counter, 0)
    assert [code for _, code in asked(counter, 5001, again=told).answers] == [0, 5001]


def test_refused_message_is_noted(counter):
    """A message of ours that is refused as such is a mistake of the simulation's, and is told as one."""
    assert (asked(counter, Permanent("vsop", "fault Client")).answers, counter.refusals) == ([], ["subscribeToVSOP: fault Client"])


def test_numbers_are_used_once(counter):
    """StreamingNo and OrderId are fresh each time."""
    assert len({number for _ in range(50) for number in counter.numbers("211")}) == 100
