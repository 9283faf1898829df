"""What all roles do around their own few lines: once for each number, journal, and misbehaviour on request."""

from __future__ import annotations

from typing import Any

import pytest
from good_requests import REQUESTS

from gateway.contract.codec import Message
from stubs.kit.answered import AbandonedError
from stubs.kit.errors import AnswerLostError, AwayError
from stubs.kit.magic import Behaviour
from stubs.kit.world import LEDGERS

# A field of a request whose value says what it is about, and another value.
OTHER = {
    "ProductNo": "18907910002", "DA": "18907910002", "UserID": "18907910002", "OrigOrderId": "O-9", "ApplicationId": "A-9",
    "ObjectID": "P9", "Version": 9, "OPFlag": "2",
}  # fmt: skip


def done(scene: Any) -> int:
    """Count what the roles did."""
    return sum(len(scene.world.ledger(name)) for name in LEDGERS)


@pytest.mark.parametrize("operation", REQUESTS)
def test_the_same_request_again_is_answered_the_same(scene: Any, operation: str) -> None:
    """And nothing is done twice."""
    request = scene.request(operation)
    first = scene.send(operation, request).answer
    after_first = done(scene)
    assert (scene.send(operation, request).answer, done(scene)) == (first, after_first)


@pytest.mark.parametrize("operation", REQUESTS)
def test_a_number_used_again_for_other_content_is_refused(scene: Any, operation: str) -> None:
    """ResultCode 2003; the first request stands."""
    first = scene.request(operation)
    scene.send(operation, first)
    after_first = done(scene)
    name = next(name for name in OTHER if name in first.field_names)
    other = scene.request(operation, StreamingNo=first.StreamingNo, **{name: OTHER[name]})
    assert (scene.send(operation, other).answer.ResultCode, done(scene)) == ("2003", after_first)


def test_a_new_timestamp_does_not_make_other_content(scene: Any) -> None:
    """A resent message may be dated anew."""
    first = scene.request("subResultToUser")
    scene.send("subResultToUser", first)
    again = scene.request("subResultToUser", StreamingNo=first.StreamingNo, TimeStamp="20260101120500")
    assert scene.send("subResultToUser", again).answer.ResultCode == "0"


def test_numbers_belong_to_their_sender(scene: Any) -> None:
    """Two systems may use the same StreamingNo."""
    for system in ("100", "200"):
        scene.ask("subResultToUser", StreamingNo="N000001", SystemId=system)
    assert len(scene.world.ledger("sms")) == 2


@pytest.mark.parametrize("operation", REQUESTS)
def test_refuse(scene: Any, operation: str) -> None:
    """Mode refuse: ResultCode 8001 and nothing done, also later, also when asked again."""
    scene.stage.modes[operation.split(".", maxsplit=1)[0]] = Behaviour.REFUSE
    request = scene.request(operation)
    codes = [scene.send(operation, request).answer.ResultCode for _ in range(2)]
    scene.later(0.5)
    assert (codes, done(scene), scene.script.calls) == (["8001", "8001"], 0, [])


@pytest.mark.parametrize("operation", REQUESTS)
def test_busy_once(scene: Any, operation: str) -> None:
    """Mode busy-once: 9001 on the first attempt of each number, then as usual."""
    scene.stage.modes[operation.split(".", maxsplit=1)[0]] = Behaviour.BUSY_ONCE
    requests = [scene.request(operation) for _ in range(2)]
    codes = [scene.send(operation, request).answer.ResultCode for request in (*requests, *requests)]
    assert [code == "9001" for code in codes] == [True, True, False, False]


@pytest.mark.parametrize("operation", REQUESTS)
def test_lost(scene: Any, operation: str) -> None:
    """Mode lost: the work is done, the first answer does not arrive, the second is as it would have been."""
    scene.stage.modes[operation.split(".", maxsplit=1)[0]] = Behaviour.LOST
    request = scene.request(operation)
    first = scene.send(operation, request)
    after_first = done(scene)
    second = scene.send(operation, request)
    assert isinstance(first.error, AnswerLostError)
    assert (second.answer, done(scene)) == (first.error.answer, after_first)


@pytest.mark.parametrize("operation", REQUESTS)
def test_away(scene: Any, operation: str) -> None:
    """Mode away: no answer and nothing done; when the partner is back, the same request is worked on for the first time."""
    role, name = operation.split(".")
    scene.stage.modes[role] = Behaviour.AWAY
    request = scene.request(operation)
    silent = scene.send(operation, request)
    scene.later(0.5)
    left = (done(scene), list(scene.script.calls), len(scene.world.answered[role]._claims))
    scene.stage.modes[role] = Behaviour.FINAL
    back = scene.send(operation, request)
    first, second = scene.stage.journal.find(role=role, operation=name)
    assert isinstance(silent.error, AwayError)
    assert (left, "error" in first.answer, second.answer["StreamingNo"]) == ((0, [], 0), True, back.answer.StreamingNo)


def test_away_reads_no_digits(scene: Any) -> None:
    """A partner that is down does not refuse either."""
    scene.stage.modes["xplatform"] = Behaviour.AWAY
    assert isinstance(
        scene.send("serverAction", scene.request("serverAction", ProductNo="18907919001")).error, AwayError
    )


def test_the_mode_of_an_operation_goes_before_that_of_the_role(scene: Any) -> None:
    """Other operations of the role keep the role's."""
    scene.stage.modes |= {"xplatform": Behaviour.REFUSE, "xplatform.serverAction": Behaviour.FINAL}
    codes = [scene.ask(operation).ResultCode for operation in ("serverAction", "xplatform.userInfoSync")]
    assert codes == ["0", "8001"]


def test_slow_acts_at_once_and_answers_late(scene: Any) -> None:
    """Mode slow: three seconds."""
    scene.stage.modes["smshall"] = Behaviour.SLOW
    outcome = scene.send("subResultToUser", scene.request("subResultToUser"))
    scene.later(2.9)
    before = (outcome.pending, done(scene))
    scene.later(0.2)
    assert (before, outcome.answer.ResultCode) == ((True, 1), "0")


def test_a_repetition_waits_for_the_first(scene: Any) -> None:
    """While the first is being worked on, the same request is not begun again."""
    scene.stage.modes["smshall"] = Behaviour.SLOW
    request = scene.request("subResultToUser")
    outcomes = [scene.send("subResultToUser", request)]
    scene.later(1)
    outcomes.append(scene.send("subResultToUser", request))
    scene.later(2.1)
    assert ([o.answer.ResultCode for o in outcomes], done(scene)) == (["0", "0"], 1)


def test_journal_has_request_answer_and_trace(scene: Any, routing: Message) -> None:
    """An entry is made when the request comes, and completed with its answer."""
    scene.send("feeCheck", scene.request("feeCheck", StreamingNo="N000001"), routing)
    (entry,) = scene.stage.journal.find()
    told = (entry.role, entry.operation, entry.direction, entry.trace)
    assert told == ("ocs", "feeCheck", "in", "T-1")
    assert (entry.fields["ProductNo"], entry.answer["Balance"]) == ("18907910001", 5000)


def test_journal_marks_the_lost_answer(scene: Any) -> None:
    """So that a reader does not take it for delivered."""
    scene.stage.modes["ocs"] = Behaviour.LOST
    request = scene.request("feeCheck")
    scene.send("feeCheck", request)
    scene.send("feeCheck", request)
    assert [entry.answer.get("lost") for entry in scene.stage.journal.find()] == [True, None]


def test_work_that_fails_frees_its_number(scene: Any, work_fails: list[Any]) -> None:
    """The caller gets no answer, the failure is logged, and the same number can be tried again."""
    request = scene.request("subResultToUser")
    good, scene.world._ledgers = scene.world._ledgers, {}
    failed = scene.send("subResultToUser", request)
    scene.world._ledgers = good
    again = scene.send("subResultToUser", request)
    assert isinstance(failed.error, AbandonedError)
    assert (again.answer.ResultCode, [f.type for f in work_fails]) == ("0", [KeyError])


def test_reset_breaks_off_what_is_under_way(scene: Any) -> None:
    """No late answer, no timer, no mode is left."""
    scene.stage.modes["smshall"] = Behaviour.SLOW
    outcome = scene.send("subResultToUser", scene.request("subResultToUser"))
    scene.stage.reset()
    assert isinstance(outcome.error, AbandonedError)
    assert (scene.clock.getDelayedCalls(), scene.stage.modes, scene.stage.journal.find()) == ([], {}, [])
