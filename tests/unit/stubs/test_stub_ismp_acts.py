"""ISMP's clerk configures, and PPM is told."""

from __future__ import annotations

from typing import Any

import pytest
from written_objects import OFFER, PRODUCT

from stubs.ismp_acts import Configured

CASES = [
    ("configure-product", PRODUCT, "prodInfoSynFromISMP", "ProductInfo", "product", ["P1-content"]),
    ("configure-offer", OFFER, "offerInfoSynFromISMP", "ProductOfferInfo", "offer", ["P1", "P2"]),
]


@pytest.mark.parametrize(("act", "body", "operation", "part", "kind", "content"), CASES)
def test_configured_and_told(
    scene: Any, act: str, body: dict[str, Any], operation: str, part: str, kind: str, content: list[str]
) -> None:
    """The object goes to PPM in normal state; its content stays with ISMP."""
    given = scene.act("ismp", act, **body).answer
    (call,) = scene.script.calls
    told = getattr(call.message, part)
    assert (call.contract, call.operation, call.message.SystemId, call.message.OPFlag) == ("ppm", operation, "204", "1")
    assert (told.Status, given["streaming_no"], given["result_code"]) == ("0", call.message.StreamingNo, "0")
    assert scene.rows("configuration", "object_type", "object", "content") == [(kind, body["id"], content)]


@pytest.mark.parametrize(("act", "body", "operation", "part", "kind", "content"), CASES)
def test_configured_and_left_to_others(
    scene: Any, act: str, body: dict[str, Any], operation: str, part: str, kind: str, content: list[str]
) -> None:
    """The number to send it under is given; the journal knows when."""
    given = scene.act("ismp", act, **body, send=False).answer
    (entry,) = scene.stage.journal.find(operation=act, streaming_no=given["streaming_no"])
    told = (scene.script.calls, given["object_id"], entry.direction, entry.fields["Content"])
    assert told == ([], body["id"], "user", content)


def test_the_flag_follows_what_ismp_has(scene: Any) -> None:
    """Added, then modified, then deleted."""
    for more in ({}, {"status": "suspended"}, {"status": "cancelled"}):
        scene.act("ismp", "configure-product", **PRODUCT, **more)
    assert [call.message.OPFlag for call in scene.script.calls] == ["1", "2", "3"]


def test_content_may_be_named(scene: Any) -> None:
    """And is replaced by a later one."""
    for content in (["C1"], ["C2", "C3"]):
        scene.act("ismp", "configure-product", **PRODUCT, content=content)
    assert scene.world.keep(Configured).content == {("ismp", "0", "P1"): ["C2", "C3"]}
