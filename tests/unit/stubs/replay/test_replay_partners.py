"""Partners played from a capture."""

from __future__ import annotations

import pytest
from captured import answer, order, record, write

from gateway.capture.record import Direction
from gateway.soap.http import HttpRequest
from stubs.replay.partners import Partners
from stubs.replay.renewing import Renewal
from stubs.replay.tally import Tally, Verdict

PATH = "/services/xplatform"


class Stage:
    """Partners of a capture with what they tell."""

    def __init__(self, directory, *records):
        self.tally, self.renewal = Tally(), Renewal(b"r" * 16)
        self.partners = Partners([write(directory / "a.jsonl", records)], self.renewal, (), self.tally.note)

    def call(self, text, path=PATH):
        return self.partners.handle(HttpRequest("POST", path, "", {"content-type": "text/xml; charset=utf-8"}, text.encode(), "127.0.0.1"))

    @property
    def counts(self):
        return {verdict: self.tally.total(verdict) for verdict in Verdict if self.tally.total(verdict)}


def call_of_then(serial, **more):
    return record(serial, serial, **{"dir": Direction.OUT, "path": PATH, "partner": "xplatform.303", **more})


@pytest.fixture
def stage(tmp_path):
    """One call was recorded."""
    return Stage(tmp_path, call_of_then(1), record(2, 2))


def test_call_is_answered_as_then_in_the_target_s_numbers(stage):
    """The answer bears the StreamingNo of the target's own request; that number is known from then on."""
    given = stage.call(order(77))
    theirs = record(77, 0).streaming_no
    assert (given.status, theirs in given.body.decode(), stage.renewal.knows(record(1, 0).streaming_no), stage.counts) == (
        200, True, True, {Verdict.EXPLAINED: 1},
    )  # fmt: skip


def test_same_call_again_gets_the_same_answer(stage):
    """A target that repeats a StreamingNo has not called twice."""
    first, second = stage.call(order(77)), stage.call(order(77))
    assert (first.body == second.body, stage.counts, stage.partners.left) == (True, {Verdict.EXPLAINED: 1}, 0)


def test_call_that_was_not_recorded_differs(stage):
    """By path, operation or subscriber: it is refused, and told."""
    given = stage.call(order(77, "18907910002"))
    assert (given.status, stage.counts, next(iter(stage.tally.operations))) == (
        500, {Verdict.DIFFERENT: 1}, (f"to {PATH}", "subscribeToVSOP"),
    )  # fmt: skip


def test_call_that_does_not_come_differs(stage):
    """At the end each of them is told, once."""
    stage.partners.missing()
    stage.partners.missing()
    assert (stage.counts, next(iter(stage.tally.operations))) == ({Verdict.DIFFERENT: 1}, ("to xplatform.303", "subscribeToVSOP"))


def test_changed_call_differs_with_its_field(stage):
    """What the target says otherwise than the recorded gateway."""
    stage.call(order(77).replace("<SystemId>211", "<SystemId>299"))
    (one,) = stage.tally.operations.values()
    assert list(one.paths) == ["subscribeToVSOP/SystemId"]


def test_where_no_answer_came_then_none_is_had_now(tmp_path):
    """The target meets the same trouble."""
    stage = Stage(tmp_path, call_of_then(1, answer=None, status=0, error="unknown: connection lost"))
    assert stage.call(order(77)).status == 503


def test_calls_about_one_subscriber_are_answered_in_order(tmp_path):
    """First the first answer of then, then the second."""
    stage = Stage(tmp_path, call_of_then(1, code="9001"), call_of_then(2))
    codes = [stage.call(order(serial)).body.decode().partition("<ResultCode>")[2].partition("<")[0] for serial in (77, 78)]
    assert (codes, answer(1) == answer(2)) == (["9001", "0"], False)
