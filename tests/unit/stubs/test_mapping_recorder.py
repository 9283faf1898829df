"""Recording: what was asked and answered becomes mappings that answer the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from stub_rig import Rig

from gateway.contract import Codec
from stubs.mapping.files import read_files
from stubs.mapping.recorder import NotKept, Recorder

XML = "text/xml; charset=utf-8"


class Recorded:
    """A set that is recorded, and a recorder beside it."""

    def __init__(self, root: Path, codecs: dict[str, Codec], scene: Any, mask: Any = None) -> None:
        self.rig, self._scene = Rig(root, codecs, roles=("xplatform",)), scene
        self.recorder = Recorder("xplatform", codecs["xplatform"], mask)

    def message(self, **changes: Any) -> bytes:
        return self.rig.envelope("xplatform", "serverAction", self._scene.request("serverAction", **changes))

    def send(self, rig: Rig, message: bytes) -> tuple[int, bytes]:
        line = rig.line()
        line.send("POST", "/services/xplatform", message)
        return line.answer()

    def record(self, message: bytes) -> bool:
        status, answer = self.send(self.rig, message)
        return self.recorder.note(message, "utf-8", status, XML, answer)


@pytest.fixture
def recorded(root: Path, codecs: dict[str, Codec], scene: Any) -> Recorded:
    return Recorded(root, codecs, scene)


def test_what_was_recorded_is_played_back(recorded: Recorded, root: Path, codecs: dict[str, Codec], tmp_path: Path) -> None:
    """Another set answers the same under another StreamingNo, byte for byte but for the number, and does nothing itself."""
    recorded.record(recorded.message())
    (tmp_path / "rec.json").write_text(json.dumps({"mappings": recorded.recorder.mappings}), "utf-8")
    player = Rig(root, codecs, roles=("xplatform",))
    player.host.stage.mappings.load(read_files(tmp_path, codecs))
    first, second = "20020260101120000000000001", "30020260101120000000000077"
    original = recorded.send(recorded.rig, recorded.message(StreamingNo=first, OrderId="O-1"))
    played = recorded.send(player, recorded.message(StreamingNo=second, OrderId="O-1"))
    assert played == (200, original[1].replace(first.encode(), second.encode()))
    assert player.api("GET", "ledger/activation")[1] == {"rows": []}


def test_all_fields_are_matched_but_those_that_differ_each_time(recorded: Recorded) -> None:
    """Also how long a list is."""
    recorded.record(recorded.message())
    fields = recorded.recorder.mappings[0]["request"]["fields"]
    assert not {"StreamingNo", "TimeStamp"} & fields.keys()
    assert (fields["VProductInfo[0].VProductID"], fields["VProductInfo[1]"]) == ({"equalTo": "P1"}, {"absent": True})


def test_another_answer_to_the_same_request_is_the_next_state(recorded: Recorded) -> None:
    """The same answer again is nothing new."""
    new = [recorded.record(recorded.message()), recorded.record(recorded.message())]
    recorded.rig.api("POST", "settings", {"xplatform.mode": "refuse"})
    new.append(recorded.record(recorded.message()))
    states = [(one.get("requiredScenarioState"), one.get("newScenarioState")) for one in recorded.recorder.mappings]
    assert (new, states) == ([True, False, True], [("Started", "answer 2"), ("answer 2", None)])


def test_an_answer_that_is_none_of_the_contract_is_kept_whole(recorded: Recorded) -> None:
    """With its status, and so that nothing in it is a template."""
    message = recorded.message(StreamingNo="20020260101120000000000001")
    recorded.recorder.note(message, None, 502, "text/html", b"<p>20020260101120000000000001 {{ x }} {# y</p>")
    assert recorded.recorder.mappings[0]["response"] == {
        "status": 502, "contentType": "text/html", "body": "<p>{{ request.StreamingNo }} {{ '{{' }} x }} {{ '{#' }} y</p>",
    }  # fmt: skip


def test_values_that_look_like_templates_stay_what_they_are(recorded: Recorded, codecs: dict[str, Codec]) -> None:
    """In fields too."""
    message = recorded.message()
    _, answer = recorded.send(recorded.rig, message)
    odd = answer.replace("成功 / success".encode(), b"{{ now }}", 1)
    recorded.recorder.note(message, "utf-8", 200, XML, odd)
    assert recorded.recorder.mappings[0]["response"]["fields"]["ResultDesc"] == "{{ '{{' }} now }}"


def test_what_is_masked_is_masked_in_both(root: Path, codecs: dict[str, Codec], scene: Any) -> None:
    """The mask sees the whole text of both messages."""
    recorded = Recorded(root, codecs, scene, lambda text: text.replace("18907910001", "18907919999"))
    recorded.record(recorded.message(ProductNo="18907910001"))
    (mapping,) = recorded.recorder.mappings
    assert (mapping["request"]["fields"]["ProductNo"], "18907910001" in json.dumps(mapping)) == ({"equalTo": "18907919999"}, False)


def test_what_cannot_be_masked_is_not_kept(root: Path, codecs: dict[str, Codec], scene: Any) -> None:
    """A number in two bytes a character is none to the mask."""
    recorded = Recorded(root, codecs, scene, lambda text: text.replace("18907910001", "18907919999"))
    recorded.recorder.note(recorded.message(), None, 200, "text/html", "<p>18907910001</p>".encode("utf-16-le"))
    assert recorded.recorder.mappings[0]["response"]["body"] == "***"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"<s:Envelope", b"<", "the request is not SOAP: [1001]"),
        (b"m:serverAction", b"m:serverAct", "the contract has no operation serverAct"),
        (b"ActionType>0<", b"ActionType>x<", "serverAction: the request breaks the contract"),
    ],
)
def test_what_is_no_request_of_the_contract_is_not_kept(recorded: Recorded, old: bytes, new: bytes, reason: str) -> None:
    """And the reason is told."""
    with pytest.raises(NotKept) as raised:
        recorded.recorder.note(recorded.message().replace(old, new), "utf-8", 200, XML, b"")
    assert str(raised.value).startswith(reason)
    assert recorded.recorder.mappings == []
