"""The SMS hall delivers texts."""

from __future__ import annotations

from typing import Any

import pytest


def test_sms(scene: Any) -> None:
    """The row has what the user reads, and on which phone."""
    answer = scene.ask("subResultToUser")
    assert (answer.ResultCode, scene.rows("sms", "number", "text")) == ("0", [("18907910001", "您已订购七彩铃音")])


def asked(scene: Any, *codes: str, number: str = "18907910001") -> None:
    for code in codes:
        scene.ask("sendRQMessage", RQCode=code, ProductNo=number)


def test_a_question_is_on_the_phone(scene: Any) -> None:
    """The row has code and text."""
    answer = scene.ask("sendRQMessage")
    rows = scene.rows("reconfirm", "number", "code", "content")
    assert (answer.ResultCode, rows) == ("0", [("18907910001", "4711", "订购七彩铃音请回复")])


@pytest.mark.parametrize(("yes", "result"), [(True, "1"), (False, "0")])
def test_the_user_answers_the_newest_question(scene: Any, yes: bool, result: str) -> None:
    """recvRQMessage with its code; other people's questions do not matter."""
    asked(scene, "1111", "2222")
    asked(scene, "3333", number="18907910002")
    given = scene.act("smshall", "reply", number="+8618907910001", yes=yes).answer
    (call,) = scene.script.calls
    sent = call.message
    told = (call.contract, call.operation, sent.SystemId, sent.RQCode, sent.RQResult, sent.ProductOfferID)
    assert told == ("vsop", "recvRQMessage", "214", "2222", result, [])
    assert given == {"streaming_no": sent.StreamingNo, "code": "2222", "result_code": "0", "result_desc": "ok"}


def test_some_offers_and_an_old_code(scene: Any) -> None:
    """The user may name both."""
    asked(scene, "1111", "2222")
    scene.act("smshall", "reply", number="18907910001", yes=True, offers=["F1", "F2"], code="1111")
    sent = scene.script.calls[0].message
    assert (sent.RQCode, sent.ProductOfferID) == ("1111", ["F1", "F2"])


def test_a_reply_that_others_send(scene: Any) -> None:
    """Gives the numbers; the journal knows when the user answered."""
    asked(scene, "1111")
    given = scene.act("smshall", "reply", number="18907910001", yes=True, send=False).answer
    (entry,) = scene.stage.journal.find(operation="reply", streaming_no=given["streaming_no"])
    told = (given["code"], entry.direction, entry.fields["RQResult"], scene.script.calls)
    assert told == ("1111", "user", "1", [])


def test_a_reply_to_nothing(scene: Any) -> None:
    """404: this number was not asked."""
    asked(scene, "1111", number="18907910002")
    error = scene.act("smshall", "reply", number="18907910001", yes=True).error
    assert (error.status, error.reason) == (404, "this number was not asked for a confirmation")
