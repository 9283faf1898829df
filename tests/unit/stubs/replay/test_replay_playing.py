"""A capture played on a virtual clock against a target that is a function."""

from __future__ import annotations

import re

import pytest
from captured import answer, envelope, order, record, write
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from gateway.capture.record import Direction, Said
from gateway.soap.http_client import HttpCallFailed, HttpReply, Reason, SendOutcome
from stubs.replay.playing import AT_ONCE, Plan, Player, TargetGone
from stubs.replay.reading import steps
from stubs.replay.renewing import Renewal
from stubs.replay.rules import Rule
from stubs.replay.tally import Tally, Verdict

XML = {"content-type": "text/xml; charset=utf-8"}


class Target:
    """Echoes StreamingNos with a code; `takes` seconds for each answer, in which others may come."""

    def __init__(self, takes: float = 0.0, codes: tuple[str, ...] = ()) -> None:
        self.clock = Clock()
        self.takes = takes
        self.codes = list(codes)
        self.came: list[tuple[float, str]] = []
        self.under_way = self.most = 0

    def post(self, url, body, headers, *, deadline):
        text = body.decode()
        self.came.append((self.clock.seconds(), re.search(r"StreamingNo>(\w*)<", text)[1]))
        reply: Deferred[HttpReply] = Deferred()
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.clock.callLater(self.takes, self._answer, reply, self.came[-1][1])
        return reply

    def _answer(self, reply, number):
        self.under_way -= 1
        code = self.codes.pop(0) if self.codes else "0"
        text = re.sub(r"StreamingNo>\w*<", f"StreamingNo>{number}<", answer(1, code))
        reply.callback(HttpReply(200, XML, text.encode()))


def play(target, path, seconds=60.0, step=0.0625, renewal=None, **plan):
    """Play a capture; gives the tally. It must end within the seconds of the virtual clock, whose steps add up exactly in binary."""
    tally, ended = Tally(), []
    player = Player(Plan("http://t", **plan), renewal or Renewal(b"r" * 16, fresh=False), target.post, target.clock, tally.note)
    Deferred.fromCoroutine(player.play(steps([path]))).addBoth(ended.append)
    for _ in range(int(seconds / step)):
        if ended:
            break
        target.clock.advance(step)
    assert ended, "it did not end"
    if ended[0] is not None:
        ended[0].raiseException()
    return tally


def several(count, seconds=0.0):
    return [record(n, n * seconds, number=f"1890791{n:04d}") for n in range(1, count + 1)]


def test_equal_answers_are_equal(tmp_path):
    """Counted by operation."""
    tally = play(Target(), write(tmp_path / "a.jsonl", several(3)))
    assert {key: dict(one.counts) for key, one in tally.operations.items()} == {("vsop", "subscribeToVSOP"): {Verdict.EQUAL: 3}}


def test_speed_divides_the_pauses(tmp_path):
    """What came ten seconds apart goes out one second apart at speed 10."""
    target = Target()
    play(target, write(tmp_path / "a.jsonl", several(3, 10.0)), speed=10)
    assert [round(at, 1) for at, _ in target.came] == [0.0, 1.0, 2.0]


def test_independent_steps_go_side_by_side(tmp_path):
    """Orders of different subscribers do not wait for each other."""
    target = Target(takes=1.0)
    play(target, write(tmp_path / "a.jsonl", several(5)), speed=0)
    assert (target.most, {at for at, _ in target.came}) == (5, {0.0})


def test_one_subscriber_goes_in_order(tmp_path):
    """A step waits for the answer of the one before about the same subscriber, and then as long as they were apart, at most `settle`."""
    target = Target(takes=1.0)
    play(target, write(tmp_path / "a.jsonl", [record(n, n * 5.0) for n in (1, 2, 3)]), speed=0, settle=0.5)
    assert ([round(at, 2) for at, _ in target.came], target.most) == ([0.0, 1.5, 3.0], 1)


def test_what_is_under_way_is_bounded(tmp_path):
    """A quick file against a slow target does not fill memory."""
    target = Target(takes=0.05)
    tally = play(target, write(tmp_path / "a.jsonl", several(2 * AT_ONCE)), speed=0)
    assert (target.most <= AT_ONCE, tally.sent) == (True, 2 * AT_ONCE)


def test_fresh_numbers_are_expected_in_the_answer(tmp_path):
    """The echo of a number that is new is no difference; the number itself is new."""
    target = Target()
    tally = play(target, write(tmp_path / "a.jsonl", several(1)), renewal=Renewal(b"r" * 16))
    assert (tally.total(Verdict.EQUAL), target.came[0][1] == several(1)[0].streaming_no) == (1, False)


def test_other_code_is_different(tmp_path):
    """With its place, and what was expected."""
    tally = play(Target(codes=("5001",)), write(tmp_path / "a.jsonl", several(1)))
    (one,) = tally.operations.values()
    (example,) = one.examples
    told = [(d.path.rpartition("/")[2], d.expected, d.actual) for d in example.differences]
    assert (told, example.step.line) == ([("ResultCode", "0", "5001")], 2)


def test_rule_explains(tmp_path):
    """A difference that the user expects is explained, and counted with its reason."""
    tally = play(Target(codes=("5001",)), write(tmp_path / "a.jsonl", several(1)), rules=(Rule("new rule 11", "ResultCode"),))
    (one,) = tally.operations.values()
    assert (dict(one.counts), dict(one.reasons)) == ({Verdict.EXPLAINED: 1}, {"new rule 11": 1})


def test_later_is_asked_again(tmp_path):
    """Where the target is busy and the recorded gateway was not, under the same number."""
    target = Target(codes=("9001", "5005", "0"))
    tally = play(target, write(tmp_path / "a.jsonl", several(1)))
    assert (tally.total(Verdict.EQUAL), len({number for _, number in target.came}), len(target.came)) == (1, 1, 3)


def test_busy_that_was_recorded_is_not_asked_again(tmp_path):
    """The recorded gateway was busy as well."""
    target = Target(codes=("9001",))
    path = write(tmp_path / "a.jsonl", [record(1, 0, code="9001")])
    assert (play(target, path).total(Verdict.EQUAL), len(target.came)) == (1, 1)


def test_question_is_asked_until_the_state_is_reached(tmp_path):
    """An order takes its time: a query that answers otherwise is asked again for some seconds, and then differs."""
    target = Target(codes=("1", "1", "0"))
    tally = play(target, write(tmp_path / "a.jsonl", [record(1, 0, operation="orderStateQry")]))
    late = play(Target(codes=("1",) * 50), write(tmp_path / "b.jsonl", [record(1, 0, operation="orderStateQry")]))
    assert (tally.total(Verdict.EQUAL), late.total(Verdict.DIFFERENT)) == (1, 1)


def test_callback_is_left_to_the_partners_of_the_target(tmp_path):
    """Unless it is asked for; the report says why."""
    path = write(tmp_path / "a.jsonl", [
        record(1, 0, dir=Direction.OUT, partner="ismp.204"), record(2, 1, operation="subsInstSynFromISMP"),
    ])  # fmt: skip
    left, sent = play(Target(), path, speed=0), play(Target(), path, speed=0, callbacks=True)
    assert (left.total(Verdict.LEFT_OUT), left.sent, sent.sent) == (1, 0, 1)


def test_number_of_the_recorded_gateway_is_carried_or_left_out(tmp_path):
    """A result that names a number which the target never had cannot be sent again."""
    fields = "<StreamingNo>303A00000001</StreamingNo><RefStreamingNo>200X000001</RefStreamingNo>"
    text = envelope(f"<serverActionResult>{fields}</serverActionResult>")
    result = record(1, 0, operation="serverActionResult", request=Said(type="text/xml", text=text))
    path = write(tmp_path / "a.jsonl", [result])
    known = Renewal(b"r" * 16)
    known.carry("200X000001", "200Y000009")
    without = play(Target(), path, callbacks=True, renewal=Renewal(b"r" * 16))
    assert (without.total(Verdict.LEFT_OUT), play(Target(), path, callbacks=True, renewal=known).sent) == (1, 1)


class Dead(Target):
    """Nobody listens."""

    def post(self, url, body, headers, *, deadline):
        reply: Deferred[HttpReply] = Deferred()
        reply.errback(HttpCallFailed(SendOutcome.NOT_SENT, Reason.REFUSED))
        return reply


def test_nobody_there_ends_it(tmp_path):
    """At the first call: there is no use in sending the rest of the day."""
    with pytest.raises(TargetGone, match="connection refused"):
        play(Dead(), write(tmp_path / "a.jsonl", several(5, 1.0)))


class Hanging(Target):
    """Takes requests and never answers: the pool ends each at its deadline."""

    def post(self, url, body, headers, *, deadline):
        reply: Deferred[HttpReply] = Deferred()
        failure = HttpCallFailed(SendOutcome.UNKNOWN, Reason.DEADLINE)
        self.clock.callLater(deadline, reply.errback, failure)
        return reply


def test_hanging_target_is_bounded_and_different(tmp_path):
    """Each call ends at its deadline, and is told as that."""
    tally = play(Hanging(), write(tmp_path / "a.jsonl", several(2)), deadline=5.0)
    (one,) = tally.operations.values()
    assert (one.counts[Verdict.DIFFERENT], one.examples[0].actual) == (2, "deadline passed")


def test_path_that_goes_on_with_the_name_of_another_host_is_not_sent(tmp_path):
    """A capture from elsewhere sends nothing to anywhere but the target."""
    target = Target()
    tally = play(target, write(tmp_path / "a.jsonl", [record(1, 0, path=".elsewhere.example/services/vsop")]))
    assert (target.came, sum(one.counts[Verdict.DIFFERENT] for one in tally.operations.values())) == ([], 1)


def test_order_is_what_was_written():
    """The helper's order has the numbers that its record says."""
    assert record(5, 0).streaming_no in order(5)
