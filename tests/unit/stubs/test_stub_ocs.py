"""OCS tells balances."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("number", "balance"), [("18907910001", 5000), ("18907910006", 0), ("+8618907910001", 5000), ("18907919006", 0)]
)
def test_balance(scene: Any, number: str, balance: int) -> None:
    """The lab's balance in fen; 9006 has none whatever the lab says."""
    answer = scene.ask("feeCheck", ProductNo=number)
    assert (answer.ResultCode, answer.Balance) == ("0", balance)


def test_unknown_number(scene: Any) -> None:
    """3001, without a balance."""
    answer = scene.ask("feeCheck", ProductNo="18900000000")
    assert (answer.ResultCode, answer.Balance) == ("3001", None)


def test_9007_is_busy_once(scene: Any) -> None:
    """9001 on the first attempt of a number, the balance on the second."""
    request = scene.request("feeCheck", ProductNo="18907919007")
    answers = [scene.send("feeCheck", request).answer for _ in range(2)]
    assert [(a.ResultCode, a.Balance) for a in answers] == [("9001", None), ("0", 5000)]
