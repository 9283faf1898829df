"""Faults of a stub set over HTTP bytes on a virtual clock: admin API, settings, journal, waits, and the order of callbacks."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from test_stub_host import Rig
from test_stub_settings import LAB, SET, mistakes, write
from twisted.internet.defer import Deferred

from gateway.contract import Codec
from gateway.soap.http_client import HttpPool
from gateway.soap.peer import Peer
from stubs.faults.reading import read_rule
from stubs.kit.magic import SHORTHANDS
from stubs.kit.outbound import Letter, succeeded
from stubs.kit.settings import read_lab


@pytest.fixture
def rig(root: Path, codecs: dict[str, Codec]) -> Rig:
    return Rig(root, codecs)


def later(rig: Rig, seconds: float) -> None:
    """Let time pass in small steps."""
    for _ in range(math.ceil(seconds * 32)):
        rig.reactor.advance(1 / 32)


def asked(rig: Rig, scene: Any, **rule: Any) -> Any:
    """Set a fault, ask for the fee, and give the line."""
    status, told = rig.api("POST", "faults", rule)
    assert status == 201, told
    return ask(rig, scene)


def ask(rig: Rig, scene: Any, operation: str = "ocs.feeCheck", **changes: Any) -> Any:
    """Ask on a line of its own."""
    line = rig.line()
    role, name = operation.split(".")
    line.send("POST", f"/services/{role}", rig.envelope(role, name, scene.request(operation, **changes)))
    return line


def test_a_fault_is_set_shown_and_taken_away(rig: Rig, scene: Any) -> None:
    """By the admin API; the journal names it where it met a message, and only there."""
    status, body = asked(rig, scene, fault="http-500-without-soap", role="ocs", first=1).answer()
    after = ask(rig, scene).answer()
    _, told = rig.api("GET", "faults")
    entries = rig.api("GET", "journal")[1]["entries"]
    rig.api("POST", "faults/clear/f1", {})
    assert ((status, body), after[0]) == ((500, b"Internal Server Error\n"), 200)
    rule = {"id": "f1", "fault": "http-500-without-soap", "role": "ocs", "first": 1}
    assert (told, rig.api("GET", "faults")[1]) == ({"rules": [{"fitted": 2, "met": 1, "rule": rule}]}, {"rules": []})
    assert [entry.get("faults") for entry in entries] == [["http-500-without-soap"], None]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"fault": "lost"}, "no fault 'lost'"),
        ({"fault": "delay", "seconds": 601}, "seconds: expected a number from 0 to 600 s"),
        ({"fault": "delay", "role": "osc"}, "did you mean ocs"),
        ({"fault": "delay", "operation": "feechek"}, "did you mean feeCheck"),
    ],
    ids=["fault", "value", "party", "operation"],
)
def test_a_wrong_rule_is_refused(rig: Rig, rule: dict[str, Any], said: str) -> None:
    """With what is wrong, and what was probably meant; nothing is set."""
    status, told = rig.api("POST", "faults", rule)
    assert (status, said in told["error"], rig.api("GET", "faults")[1]) == (400, True, {"rules": []})


def test_an_unknown_id_is_told_those_that_are_set(rig: Rig) -> None:
    """404."""
    rig.api("POST", "faults", {"fault": "hang", "id": "mine"})
    assert rig.api("POST", "faults/clear/f1", {}) == (404, {"error": "no rule 'f1' is set; there are: mine"})


def test_reset_goes_back_to_the_settings(rig: Rig) -> None:
    """Rules that were set by hand go, those of the file come back with their counts at zero."""
    rig.host.stage.faults.stand((read_rule({"fault": "delay"}, None),), ())
    rig.api("POST", "faults", {"fault": "hang"})
    rig.api("POST", "reset")
    assert [one["rule"] for one in rig.api("GET", "faults")[1]["rules"]] == [{"id": "f1", "fault": "delay"}]


def test_delay_acts_at_once_and_answers_later(rig: Rig, scene: Any) -> None:
    """The fee is looked up now, the answer comes after two seconds."""
    line = asked(rig, scene, fault="delay", seconds=2)
    known = rig.api("GET", "journal")[1]["entries"][0]["answer"]["ResultCode"]
    later(rig, 1.9)
    silent = line.silent
    later(rig, 0.2)
    assert (known, silent, line.answer()[0]) == ("0", True, 200)


def test_hang_ends_when_the_set_is_reset(rig: Rig, scene: Any) -> None:
    """Nothing hangs on after its set: the line is dropped."""
    line = asked(rig, scene, fault="hang", seconds=600)
    before = line.dropped
    rig.api("POST", "reset")
    assert (before, line.dropped) == (False, True)


def test_hang_drops_the_line_in_the_end(rig: Rig, scene: Any) -> None:
    """After its time, with nothing sent."""
    line = asked(rig, scene, fault="hang", seconds=3)
    later(rig, 2.9)
    before = line.dropped
    later(rig, 0.2)
    assert (before, line.dropped, line.silent) == (False, True, True)


def test_close_ends_what_is_held_back(rig: Rig, scene: Any) -> None:
    """A set with answers that wait can be closed at once."""
    lines = [asked(rig, scene, fault="late-answer", seconds=600), ask(rig, scene)]
    closed: list[Any] = []
    rig.host.close().addBoth(closed.append)
    later(rig, 3)
    assert ([line.dropped for line in lines], closed) == ([True, True], [None])


def test_drip_is_whole_in_the_end(rig: Rig, scene: Any) -> None:
    """A caller with patience gets every byte."""
    line = asked(rig, scene, fault="slow-drip", bytes=100, pause=0.5)
    later(rig, 1)
    came = len(line._transport.value())
    later(rig, 10)
    status, body = line.answer()
    assert (0 < came < 400, status, body.endswith(b"</s:Envelope>"), line._transport.connected) == (True, 200, True, False)


def test_answer_of_another(rig: Rig, scene: Any) -> None:
    """The last other request's answer; for the first of all, its own under another number."""
    first = asked(rig, scene, fault="answer-of-another", suffix="0002")
    usual = scene.request("ocs.feeCheck", ProductNo="18907910001")
    line = rig.line()
    line.send("POST", "/services/ocs", rig.envelope("ocs", "feeCheck", usual))
    met = ask(rig, scene, ProductNo="18907910002")
    assert first.answer()[0] == 200
    assert (line.answer()[1], str(usual.StreamingNo).encode() in met.answer()[1]) != (b"", False)


def test_mode_goes_on_under_a_fault(rig: Rig, scene: Any) -> None:
    """A partner that is away has no answer that could be spoiled."""
    rig.api("POST", "settings", {"ocs.mode": "away"})
    line = asked(rig, scene, fault="bom")
    later(rig, 0.2)
    assert (line.dropped, line.silent) == (True, True)


@pytest.mark.parametrize("mode", SHORTHANDS)
def test_modes_are_explained_by_the_catalogue(mode: Any) -> None:
    """What a mode is short for can be set as a rule."""
    for rule in SHORTHANDS[mode]:
        read_rule(dict(rule), None)


# ---- callbacks -------------------------------------------------------------------------------------------------------


def report(scene: Any, order: str) -> Letter:
    """Make a callback of the X platform."""
    codec = scene.stage.codecs["vsop"]
    message = codec["ServerActionResultRequest"](
        StreamingNo=scene.stage.numbers.streaming("303"), TimeStamp="20260101120000", SystemId="303", RefStreamingNo="N000001",
        OrderId=order,
        ResultCode="0", ResultDesc="ok", ResultInfo=[codec["ProductResult"](ProductID="P1", OPResult="0")],
    )  # fmt: skip
    return Letter("xplatform", "vsop", "serverActionResult", message)


def sent(scene: Any) -> list[str]:
    """Give the orders of the callbacks that went out."""
    return [str(call.message.OrderId) for call in scene.called("serverActionResult")]


def fault(scene: Any, **rule: Any) -> None:
    """Set a fault."""
    scene.stage.faults.book.add(read_rule(rule, None))


def begin(scene: Any, order: str) -> Any:
    """Send a callback."""
    return scene.run(scene.stage.outbound.send(report(scene, order), succeeded))


def test_callback_never(scene: Any) -> None:
    """It does not go, and the journal says why."""
    fault(scene, fault="callback-never")
    outcome = begin(scene, "A")
    (entry,) = scene.stage.journal.find()
    assert (outcome.answer, sent(scene), entry.answer, entry.faults) == (
        None, [], {"error": "callback-never: not sent"}, ("callback-never",),
    )  # fmt: skip


def test_late_callback(scene: Any) -> None:
    """So much later."""
    fault(scene, fault="late-callback", seconds=5)
    begin(scene, "A")
    scene.later(4.9)
    before = sent(scene)
    scene.later(0.2)
    assert (before, sent(scene)) == ([], ["A"])


@pytest.mark.parametrize(("numbered", "numbers"), [("same", 1), ("new", 2)])
def test_duplicate_callback(scene: Any, numbered: str, numbers: int) -> None:
    """Once more after it was taken, under the same number or another one."""
    fault(scene, fault="duplicate-callback", gap=1, numbered=numbered)
    begin(scene, "A")
    before = sent(scene)
    scene.later(1.1)
    assert (before, sent(scene)) == (["A"], ["A", "A"])
    assert len({call.message.StreamingNo for call in scene.called("serverActionResult")}) == numbers


def test_callbacks_out_of_order(scene: Any) -> None:
    """The first waits for the second; one that is alone goes after its time."""
    fault(scene, fault="callbacks-out-of-order", seconds=5)
    begin(scene, "A")
    begin(scene, "B")
    scene.later(0.1)
    both = sent(scene)
    begin(scene, "C")
    scene.later(4.9)
    held = sent(scene)
    scene.later(0.2)
    assert (both, held, sent(scene)) == (["B", "A"], ["B", "A"], ["B", "A", "C"])


class KeepingPool:
    """Keeps what was posted."""

    def __init__(self) -> None:
        self.posted: list[tuple[bytes, str]] = []

    def post(self, url: str, body: bytes, headers: Any, *, deadline: float) -> Any:
        self.posted.append((body, headers["Content-Type"]))
        return Deferred()


def test_bytes_of_a_callback(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes out is broken as an answer would be; the message in the journal is as it was meant."""
    pool = KeepingPool()
    peer = Peer("vsop", "http://gw/services/vsop", scene.stage.codecs["vsop"], cast(HttpPool, pool), 1.0)
    monkeypatch.setattr(type(scene.script), "to", lambda _, contract: peer)
    fault(scene, fault="malformed-xml", on="callback")
    fault(scene, fault="wrong-charset", on="callback", where="header")
    begin(scene, "A")
    (entry,) = scene.stage.journal.find()
    ((body, content_type),) = pool.posted
    assert (body.endswith(b"</s:Body>"), content_type) == (True, "text/xml; charset=gbk")
    assert (entry.fields["OrderId"], entry.faults) == ("A", ("malformed-xml", "wrong-charset"))


def test_each_attempt_is_spoiled_for_itself(scene: Any) -> None:
    """A callback that was broken once arrives when it is sent again."""
    scene.script.replies["serverActionResult"] = [{"ResultCode": "9001"}]
    fault(scene, fault="malformed-xml", on="callback", first=1)
    begin(scene, "A")
    scene.later(0.5)
    assert [entry.faults for entry in scene.stage.journal.find()] == [("malformed-xml",), ()]


def test_callback_before_the_answer(rig: Rig, scene: Any) -> None:
    """The answer waits for the callback, not longer; where none comes, as long as was said."""
    rig.api("POST", "settings", {"xplatform.mode": "callback"})
    rig.api("POST", "faults", {"fault": "callback-before-answer", "seconds": 4})
    line = ask(rig, scene, "xplatform.serverAction")
    later(rig, 3.9)
    before = line.silent
    later(rig, 0.2)
    assert (before, line.answer()[0]) == (True, 200)


# ---- settings --------------------------------------------------------------------------------------------------------


def test_faults_of_a_lab(tmp_path: Path) -> None:
    """As tables of a set, set from the start."""
    (made,) = read_lab(write(tmp_path, LAB + SET + '\n[[stubs.faults]]\nfault = "delay"\nrole = "ocs"\nseconds = 2\n'))
    (rule,) = made.faults
    assert (rule.fault.name, rule.role, rule.value("seconds")) == ("delay", "ocs", 2)


def test_mistakes_of_a_lab_have_their_lines(tmp_path: Path) -> None:
    """Each of them, beside those of the set."""
    text = LAB + SET.replace("7115", "70000") + 'faults = [\n  { fault = "delay", second = 2 },\n  { fault = "hang", role = "oks" },\n]\n'
    said = mistakes(write(tmp_path, text))
    assert [line.split(": ")[0] for line in said] == [":8", ":11", ":12"]
    assert "did you mean seconds" in said[1]
    assert "did you mean ocs" in said[2]


def test_unknown_operation_of_a_lab(rig: Rig) -> None:
    """Is told when the set is made, for only then are the contracts read."""
    rule = replace(read_rule({"fault": "hang"}, None), operation="feeChek")
    with pytest.raises(ValueError, match="no operation 'feeChek'"):
        rig.host.stage.faults.stand((rule,), {"feeCheck"})
