"""Letters are sent until their answer will do, under one number, every attempt in the journal."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import Permanent, Temporary
from stubs.kit.outbound import Letter, decided, succeeded

SILENT = Temporary("vsop", "serverActionResult: timeout")
BUSY = {"ResultCode": "9001"}


@pytest.fixture
def letter(codecs: dict[str, Codec], routing: Message) -> Letter:
    fields = {"StreamingNo": "N000001", "TimeStamp": "20260101120000", "SystemId": "303", "RefStreamingNo": "N000002"}
    message = codecs["vsop"]["ServerActionResultRequest"](OrderId="O-1", ResultCode="0", ResultDesc="ok", **fields)
    return Letter("xplatform", "vsop", "serverActionResult", message, routing)


def test_sent_until_success(scene: Any, letter: Letter) -> None:
    """Silence, busy and refusal are all tried again, later and later."""
    scene.script.replies["serverActionResult"] = [SILENT, BUSY, {"ResultCode": "8003"}]
    outcome = scene.run(scene.stage.outbound.send(letter, succeeded))
    scene.later(0.8)
    assert [round(call.at, 1) for call in scene.script.calls] == [0, 0.1, 0.3, 0.7]
    assert outcome.answer.ResultCode == "0"


def test_every_attempt_is_the_same_message(scene: Any, letter: Letter) -> None:
    """Number, content and routing do not change."""
    scene.script.replies["serverActionResult"] = [SILENT, SILENT]
    scene.run(scene.stage.outbound.send(letter, succeeded))
    scene.later(1)
    sent = [(call.message, call.routing) for call in scene.script.calls]
    assert sent == [(letter.message, letter.routing)] * 3


def test_gives_up_after_twenty(scene: Any, letter: Letter) -> None:
    """There is a limit, and a longest pause."""
    scene.script.replies["serverActionResult"] = [SILENT] * 30
    outcome = scene.run(scene.stage.outbound.send(letter, succeeded))
    scene.later(60)
    assert (outcome.answer, len(scene.script.calls)) == (None, 20)


def test_a_message_refused_as_such_is_not_sent_again(scene: Any, letter: Letter) -> None:
    """A Client fault will not change its mind."""
    scene.script.replies["serverActionResult"] = [Permanent("vsop", "serverActionResult: fault Client (1006)")]
    outcome = scene.run(scene.stage.outbound.send(letter, succeeded))
    scene.later(5)
    assert (outcome.answer, len(scene.script.calls)) == (None, 1)


def test_a_decided_answer_is_enough_where_asked(scene: Any, letter: Letter) -> None:
    """A refusal is an answer; busy is none."""
    scene.script.replies["serverActionResult"] = [BUSY, {"ResultCode": "8003"}]
    outcome = scene.run(scene.stage.outbound.send(letter, decided))
    scene.later(1)
    assert outcome.answer.ResultCode == "8003"


def test_the_last_answer_is_given_at_the_limit(scene: Any, letter: Letter) -> None:
    """Still busy is what the sender gets to know."""
    scene.script.replies["serverActionResult"] = [BUSY, BUSY]
    outcome = scene.run(scene.stage.outbound.send(letter, decided, attempts=2))
    scene.later(1)
    assert outcome.answer.ResultCode == "9001"


def test_an_address_may_come_later(scene: Any, letter: Letter) -> None:
    """Without a gateway nothing is called; once it is set the letter goes."""
    scene.script.absent.add("vsop")
    outcome = scene.run(scene.stage.outbound.send(letter, succeeded))
    scene.later(0.5)
    scene.script.absent.clear()
    scene.later(1)
    assert (outcome.answer.ResultCode, len(scene.script.calls)) == ("0", 1)


def test_journal_has_every_attempt(scene: Any, letter: Letter) -> None:
    """With answer or reason."""
    scene.script.replies["serverActionResult"] = [SILENT]
    scene.run(scene.stage.outbound.send(letter, succeeded))
    scene.later(1)
    entries = scene.stage.journal.find(role="xplatform", operation="serverActionResult", trace="T-1")
    told = [(entry.direction, entry.fields["StreamingNo"], entry.answer) for entry in entries]
    assert told == [
        ("out", "N000001", {"error": "serverActionResult: timeout"}),
        ("out", "N000001", {"StreamingNo": "N000001", "ResultCode": "0", "ResultDesc": "ok"}),
    ]


def test_what_cannot_be_written_is_not_sent(scene: Any, letter: Letter) -> None:
    """A value that XML cannot carry ends the letter with a word in the journal."""
    letter.message.OrderId = "\x00"
    outcome = scene.run(scene.stage.outbound.send(letter, succeeded))
    entry = scene.stage.journal.find()[0]
    assert (outcome.answer, entry.answer) == (None, {"error": "the message cannot be written"})


def test_stop_ends_the_attempt_that_is_out(scene: Any, letter: Letter) -> None:
    """A call that fails because it was broken off is not made again."""
    waiting: Deferred[Exception] = Deferred()
    scene.script.replies["serverActionResult"] = [waiting]
    outcome = scene.run(scene.stage.outbound.send(letter, succeeded))
    scene.stage.outbound.stop()
    waiting.callback(SILENT)
    scene.later(1)
    assert (type(outcome.error), len(scene.script.calls)) == (CancelledError, 1)
