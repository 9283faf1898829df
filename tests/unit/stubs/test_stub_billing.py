"""Billing archives an order once."""

from __future__ import annotations

from typing import Any


def test_archive(scene: Any) -> None:
    """The row names order, user, channel and relations."""
    answer = scene.ask("subsInstSynToHB")
    (row,) = scene.rows("archive", "order", "number", "system", "channel", "relations")
    assert (answer.ResultCode, row[:4], row[4][0]["VProductID"]) == ("0", ("O-1", "18907910001", "200", "211"), "P1")


def test_the_same_order_under_another_number(scene: Any) -> None:
    """Is confirmed, and not archived twice."""
    codes = [scene.ask("subsInstSynToHB").ResultCode for _ in range(2)]
    assert (codes, len(scene.rows("archive", "order"))) == (["0", "0"], 1)


def test_the_same_order_with_other_content(scene: Any) -> None:
    """Is refused; the first stands."""
    scene.ask("subsInstSynToHB")
    answer = scene.ask("subsInstSynToHB", ProductNo="18907910002")
    assert (answer.ResultCode, scene.rows("archive", "number")) == ("2003", ["18907910001"])


def test_orders_belong_to_their_system(scene: Any) -> None:
    """CRM and VSOP may use the same OrderId."""
    for system in ("200", "201"):
        scene.ask("subsInstSynToHB", SystemId=system)
    assert scene.rows("archive", "system") == ["200", "201"]
