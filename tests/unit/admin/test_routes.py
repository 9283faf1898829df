"""The admin API's explanation of a way: its form, and that no number stands in it."""

from __future__ import annotations

import msgspec
import pytest
from rig import Rig
from shelf import catalogue, product

from gateway.admin.routes import explained
from gateway.domain.numbers import NumberPlan
from gateway.domain.routing import Place, Tier
from gateway.services.desk import Desk

PLAN = NumberPlan(mobile={"1890791": "15"})


@pytest.fixture
def desk():
    """Jiangxi's desk, with one product."""
    rig = Rig()
    return Desk(
        here=Place(Tier.PROVINCE, "15"), plan=PLAN, store=rig.store, engine=rig.engine, clock=rig.clock,
        events=lambda event, /, **fields: None, knows=lambda address: True, channels=frozenset(),
        line=lambda address, contract: None, partners=(), random_code=lambda: "482913", catalogue=catalogue(product("X")),
    )  # fmt: skip


def view(desk, path):
    """The explanation as it is sent."""
    return msgspec.to_builtins(explained(desk, path))


def test_way(desk):
    """The section and the next party, after every rule that was tried."""
    found = view(desk, "18907910001/X")
    assert (found["code"], found["section"], found["target"], found["rules"][-1]) == (
        0, "4.1.1", "xplatform:303", {"rule": "result", "outcome": "decides", "finding": "xplatform:303"},
    )  # fmt: skip


def test_no_way(desk):
    """The code and its text in both languages, and no party."""
    found = view(desk, "18907910001/gone")
    assert (found["code"], found["text"], found["target"]) == (4001, "产品不存在 / unknown product: gone", "")


@pytest.mark.parametrize("written", ["18907910001", "8618907910001", "+8618907910001"])
def test_number_as_callers_write_it(desk, written):
    """With and without 86, plus sign escaped or not; what comes back is masked."""
    found = view(desk, f"{written}/X")
    assert (found["number"], found["code"], "18907910001" in str(found)) == ("189****0001", 0, False)


@pytest.mark.parametrize("path", ["", "18907910001", "18907910001/", "42/X", "/X", "X/18907910001"])
def test_what_is_no_question(desk, path):
    """A number and a product are needed."""
    assert explained(desk, path) is None


def test_product_with_strange_characters(desk):
    """A product code comes as it was asked for, whatever is in it."""
    assert view(desk, "18907910001/a/b c")["product"] == "a/b c"
