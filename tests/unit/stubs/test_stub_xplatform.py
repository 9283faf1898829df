"""The X platform activates at once, or accepts and calls back."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import Temporary
from stubs.kit.magic import Behaviour


def products(codecs: dict[str, Codec], *wanted: tuple[str, str]) -> list[Message]:
    make = codecs["xplatform"]["ServerActionProduct"]
    offer = {"ProductOfferType": "0", "ProductOfferID": "F1"}
    return [make(ActionType=action, VProductID=product, **offer) for action, product in wanted]


def results(message: Message) -> list[tuple[str, str]]:
    return [(item.ProductID, item.OPResult) for item in message.ResultInfo]


def test_final_answer(scene: Any, codecs: dict[str, Codec]) -> None:
    """A result for each product; subscribed ones are active."""
    answer = scene.ask("serverAction", VProductInfo=products(codecs, ("0", "P1"), ("0", "P2")))
    assert (answer.ResultCode, results(answer)) == ("0", [("P1", "0"), ("P2", "0")])
    assert list(scene.world.services.active) == [("xplatform", "18907910001", "P1"), ("xplatform", "18907910001", "P2")]
    rows = scene.rows("activation", "product", "order", "role")
    assert rows == [("P1", "O-1", "xplatform"), ("P2", "O-1", "xplatform")]


def test_deactivation(scene: Any, codecs: dict[str, Codec]) -> None:
    """What was active no longer is."""
    scene.ask("serverAction")
    answer = scene.ask("serverAction", VProductInfo=products(codecs, ("3", "P1")))
    assert (results(answer), scene.world.services.active, scene.rows("deactivation", "changed")) == (
        [("P1", "0")],
        {},
        [True],
    )


def test_deactivating_what_is_not_active_succeeds(scene: Any, codecs: dict[str, Codec]) -> None:
    """The user has what was asked for."""
    answer = scene.ask("serverAction", VProductInfo=products(codecs, ("3", "P1")))
    assert (answer.ResultCode, results(answer)) == ("0", [("P1", "0")])


def test_no_call_back_after_a_final_answer(scene: Any) -> None:
    """One result is enough."""
    scene.ask("serverAction")
    scene.later(1)
    assert scene.script.calls == []


def test_9001_refuses(scene: Any) -> None:
    """8001 without results, nothing active."""
    answer = scene.ask("serverAction", ProductNo="18907919001")
    assert (answer.ResultCode, results(answer), scene.rows("activation", "product")) == ("8001", [], [])


def test_9002_accepts_and_calls_back(scene: Any, routing: Message) -> None:
    """Accepted is ResultCode 0 without results; 0.2 s later the product is active and VSOP is told."""
    request = scene.request("serverAction", ProductNo="18907919002")
    answer = scene.send("serverAction", request, routing).answer
    accepted = (answer.ResultCode, results(answer), dict(scene.world.services.active), list(scene.script.calls))
    scene.later(0.25)
    (call,) = scene.script.calls
    told = call.message
    assert accepted == ("0", [], {}, [])
    assert round(call.at, 1) == 0.2
    assert list(scene.world.services.active) == [("xplatform", "18907919002", "P1")]
    assert (told.RefStreamingNo, told.OrderId, told.SystemId) == (request.StreamingNo, "O-1", "303")
    assert (told.ResultCode, results(told), call.routing) == ("0", [("P1", "0")], routing)


def test_the_call_back_has_a_number_of_its_own(scene: Any) -> None:
    """26 characters, beginning with the platform's system code."""
    scene.ask("serverAction", ProductNo="18907919002")
    scene.later(0.3)
    number = scene.script.calls[0].message.StreamingNo
    assert (number[:3], len(number), number.isdigit()) == ("303", 26, True)


def test_the_call_back_is_repeated_until_taken(scene: Any) -> None:
    """Under one number, and the service is activated once."""
    scene.script.replies["serverActionResult"] = [Temporary("vsop", "timeout"), {"ResultCode": "9001"}]
    scene.ask("serverAction", ProductNo="18907919002")
    scene.later(2)
    numbers = [call.message.StreamingNo for call in scene.script.calls]
    assert (len(numbers), len(set(numbers)), len(scene.rows("activation", "product"))) == (3, 1, 1)


def test_a_repeated_request_is_called_back_once(scene: Any) -> None:
    """The same number again is only answered again."""
    request = scene.request("serverAction", ProductNo="18907919002")
    for _ in range(2):
        scene.send("serverAction", request)
        scene.later(0.5)
    assert len(scene.script.calls) == 1


def test_9003_answers_after_three_seconds(scene: Any) -> None:
    """The result is final then."""
    outcome = scene.send("serverAction", scene.request("serverAction", ProductNo="18907919003"))
    scene.later(2.9)
    early = outcome.pending
    scene.later(0.2)
    assert (early, results(outcome.answer)) == (True, [("P1", "0")])


def test_9004_is_busy_once(scene: Any) -> None:
    """9001 first, final then; active once."""
    request = scene.request("serverAction", ProductNo="18907919004")
    codes = [scene.send("serverAction", request).answer.ResultCode for _ in range(3)]
    assert (codes, len(scene.rows("activation", "product"))) == (["9001", "0", "0"], 1)


def test_9005_reports_failure(scene: Any, codecs: dict[str, Codec]) -> None:
    """Accepted, then 8001 for each product; nothing is active."""
    wanted = products(codecs, ("0", "P1"), ("0", "P2"))
    answer = scene.ask("serverAction", ProductNo="18907919005", VProductInfo=wanted)
    scene.later(0.3)
    told = scene.script.calls[0].message
    assert (answer.ResultCode, results(told)) == ("0", [("P1", "8001"), ("P2", "8001")])
    assert (told.ResultCode, scene.world.services.active) == ("0", {})


def test_9009_acts_once_and_loses_its_first_answer(scene: Any) -> None:
    """The second attempt gets the result."""
    request = scene.request("serverAction", ProductNo="18907919009")
    lost, told = scene.send("serverAction", request), scene.send("serverAction", request)
    assert results(lost.error.answer) == results(told.answer) == [("P1", "0")]
    assert len(scene.rows("activation", "product")) == 1


@pytest.mark.parametrize("mode", [Behaviour.CALLBACK, Behaviour.CALLBACK_FAILED])
def test_the_mode_makes_every_number_call_back(scene: Any, mode: Behaviour) -> None:
    """As 9002 and 9005 do."""
    scene.stage.modes["xplatform"] = mode
    scene.ask("serverAction")
    scene.later(0.3)
    assert len(scene.called("serverActionResult")) == 1


@pytest.mark.parametrize(("products", "codes"), [(["P1", "P2"], ["0", "8001"]), (["P1"], ["0"])])
def test_some_of_several_are_refused(scene: Any, products: list[str], codes: list[str]) -> None:
    """In part: the last one of several products is refused, a single one never."""
    scene.stage.modes["xplatform"] = Behaviour.IN_PART
    item = scene.request("serverAction").VProductInfo[0]
    asked = [type(item)(**{**{n: getattr(item, n) for n in item.field_names}, "VProductID": each}) for each in products]
    answer = scene.ask("serverAction", VProductInfo=asked)
    assert [told.OPResult for told in answer.ResultInfo] == codes
    assert len(scene.rows("activation", "product")) == 1


def test_reset_stops_the_call_back(scene: Any) -> None:
    """What an earlier test began does not disturb the next."""
    scene.ask("serverAction", ProductNo="18907919002")
    scene.stage.reset()
    scene.later(1)
    assert (scene.script.calls, scene.rows("activation", "product")) == ([], [])
