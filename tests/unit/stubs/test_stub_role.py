"""What all roles do around their own few lines: once for each number, journal, and misbehaviour on request."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.contract.codec import Message
from stubs.kit.answered import AbandonedError
from stubs.kit.magic import Behaviour
from stubs.kit.role import AnswerLostError
from stubs.roles import ROLES

ONE_OF_EACH = {
    "ocs": "feeCheck",
    "billing": "subsInstSynToHB",
    "ismp": "subActionFromVSOP",
    "xplatform": "serverAction",
    "portal": "subResultFromVSOP",
    "smshall": "subResultToUser",
}
EFFECT = {
    "billing": "archive", "ismp": "activation", "xplatform": "activation", "portal": "channel-result", "smshall": "sms",
}  # fmt: skip


def done(scene: Any, role: str) -> int:
    """Count what the role did."""
    return len(scene.world.ledger(EFFECT[role])) if role in EFFECT else 0


@pytest.mark.parametrize("role", ROLES)
def test_the_same_request_again_is_answered_the_same(scene: Any, role: str) -> None:
    """And nothing is done twice."""
    operation = ONE_OF_EACH[role]
    request = scene.request(operation)
    first, second = scene.send(operation, request).answer, scene.send(operation, request).answer
    assert (second, done(scene, role)) == (first, int(role in EFFECT))


@pytest.mark.parametrize("role", ROLES)
def test_a_number_used_again_for_other_content_is_refused(scene: Any, role: str) -> None:
    """ResultCode 2003; the first request stands."""
    operation = ONE_OF_EACH[role]
    first = scene.request(operation)
    scene.send(operation, first)
    name = "DA" if role == "ismp" else "ProductNo"
    other = scene.request(operation, StreamingNo=first.StreamingNo, **{name: "18907910002"})
    assert (scene.send(operation, other).answer.ResultCode, done(scene, role)) == ("2003", int(role in EFFECT))


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


@pytest.mark.parametrize("role", ROLES)
def test_refuse(scene: Any, role: str) -> None:
    """Mode refuse: ResultCode 8001 and nothing done, also when asked again."""
    scene.stage.modes[role] = Behaviour.REFUSE
    request = scene.request(ONE_OF_EACH[role])
    codes = [scene.send(ONE_OF_EACH[role], request).answer.ResultCode for _ in range(2)]
    assert (codes, done(scene, role)) == (["8001", "8001"], 0)


@pytest.mark.parametrize("role", ROLES)
def test_busy_once(scene: Any, role: str) -> None:
    """Mode busy-once: 9001 on the first attempt of each number, then as usual."""
    scene.stage.modes[role] = Behaviour.BUSY_ONCE
    requests = [scene.request(ONE_OF_EACH[role]) for _ in range(2)]
    codes = [scene.send(ONE_OF_EACH[role], request).answer.ResultCode for request in (*requests, *requests)]
    assert codes == ["9001", "9001", "0", "0"]


@pytest.mark.parametrize("role", ROLES)
def test_lost(scene: Any, role: str) -> None:
    """Mode lost: the work is done, the first answer does not arrive, the second is as it would have been."""
    scene.stage.modes[role] = Behaviour.LOST
    request = scene.request(ONE_OF_EACH[role])
    first, second = scene.send(ONE_OF_EACH[role], request), scene.send(ONE_OF_EACH[role], request)
    assert isinstance(first.error, AnswerLostError)
    assert (second.answer, done(scene, role)) == (first.error.answer, int(role in EFFECT))


def test_slow_acts_at_once_and_answers_late(scene: Any) -> None:
    """Mode slow: three seconds."""
    scene.stage.modes["smshall"] = Behaviour.SLOW
    outcome = scene.send("subResultToUser", scene.request("subResultToUser"))
    scene.later(2.9)
    before = (outcome.pending, done(scene, "smshall"))
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
    assert ([o.answer.ResultCode for o in outcomes], done(scene, "smshall")) == (["0", "0"], 1)


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
