"""The SMS hall delivers texts."""

from __future__ import annotations

from typing import Any


def test_sms(scene: Any) -> None:
    """The row has what the user reads, and on which phone."""
    answer = scene.ask("subResultToUser")
    assert (answer.ResultCode, scene.rows("sms", "number", "text")) == ("0", [("18907910001", "您已订购七彩铃音")])
