"""Billing archives an order once."""

from __future__ import annotations

from typing import Any

import pytest


def test_archive(scene: Any) -> None:
    """The row names order, user, channel and relations."""
    answer = scene.ask("subsInstSynToHB")
    (row,) = scene.rows("archive", "kind", "order", "number", "system", "channel", "relations")
    told = ("relations", "O-1", "18907910001", "200", "211")
    assert (answer.ResultCode, row[:5], row[5][0]["VProductID"]) == ("0", told, "P1")


def test_an_order_of_crm_is_archived(scene: Any) -> None:
    """The row is of kind order and names the offer and its products."""
    answer = scene.ask("archiveOrder")
    (row,) = scene.rows("archive", "kind", "order", "system", "action", "offer", "products")
    products = [{"ActionType": "0", "VProductID": "P1"}]
    assert (answer.ResultCode, row) == ("0", ("order", "O-1", "201", "14", "B1", products))


def test_order_and_relations_stand_side_by_side(scene: Any) -> None:
    """Also if CRM and VSOP know the order by one number and system."""
    codes = [scene.ask(operation, SystemId="200").ResultCode for operation in ("archiveOrder", "subsInstSynToHB")]
    assert (codes, scene.rows("archive", "kind")) == (["0", "0"], ["order", "relations"])


@pytest.mark.parametrize("operation", ["subsInstSynToHB", "archiveOrder"])
def test_the_same_order_under_another_number(scene: Any, operation: str) -> None:
    """Is confirmed, and not archived twice."""
    codes = [scene.ask(operation).ResultCode for _ in range(2)]
    assert (codes, len(scene.rows("archive", "order"))) == (["0", "0"], 1)


@pytest.mark.parametrize("operation", ["subsInstSynToHB", "archiveOrder"])
def test_the_same_order_with_other_content(scene: Any, operation: str) -> None:
    """Is refused; the first stands."""
    scene.ask(operation)
    answer = scene.ask(operation, ProductNo="18907910002")
    assert (answer.ResultCode, scene.rows("archive", "number")) == ("2003", ["18907910001"])


def test_orders_belong_to_their_system(scene: Any) -> None:
    """CRM and VSOP may use the same OrderId."""
    for system in ("200", "201"):
        scene.ask("subsInstSynToHB", SystemId=system)
    assert scene.rows("archive", "system") == ["200", "201"]
