"""The world holds users, active services and ledgers."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import NOT_SUBSCRIBED, OK, ORDER_UNDONE, Result
from stubs.kit.services import ServiceAct
from stubs.kit.world import plain_number


@pytest.mark.parametrize("written", ["8618907910001", "+8618907910001", "18907910001"])
def test_the_country_code_does_not_matter(scene: Any, written: str) -> None:
    """A user is found however the number is written."""
    assert scene.world.subscriber(written).number == plain_number("18907910001")


def serve(scene: Any, *acts: ServiceAct) -> list[Result]:
    what = {"role": "xplatform", "number": "18907910001", "product": "P1", "order": "O-1", "streaming_no": "N1"}
    return [scene.world.serve(act, **what) for act in acts]


def test_a_service_served_twice_shows_twice(scene: Any) -> None:
    """State is idempotent, the ledger is not: a repetition can be seen."""
    serve(scene, ServiceAct.START, ServiceAct.START)
    assert (list(scene.world.services.active), scene.rows("activation", "changed")) == (
        [("xplatform", "18907910001", "P1")],
        [True, False],
    )


def test_ending_what_is_not_active_changes_nothing(scene: Any) -> None:
    """The row says so."""
    serve(scene, ServiceAct.END)
    assert (list(scene.world.services.active), scene.rows("deactivation", "changed")) == ([], [False])


@pytest.mark.parametrize("act", [ServiceAct.SUSPEND, ServiceAct.RESUME])
def test_what_is_not_active_cannot_be_suspended(scene: Any, act: ServiceAct) -> None:
    """Nor resumed; no row says that it was."""
    assert (serve(scene, act), scene.rows(act.value, "product")) == ([NOT_SUBSCRIBED], [])


def test_suspended_and_resumed(scene: Any) -> None:
    """Each act has its ledger, and says whether it changed anything."""
    serve(scene, ServiceAct.START, ServiceAct.SUSPEND, ServiceAct.SUSPEND, ServiceAct.RESUME)
    assert (scene.rows("suspension", "changed"), scene.rows("resumption", "changed")) == ([True, False], [True])


def test_rows_are_found_by_number_and_order(scene: Any) -> None:
    """Both narrow; the number may carry a country code."""
    for number, order in (("18907910001", "O-1"), ("18907910001", "O-2"), ("18907910002", "O-3")):
        scene.world.record("archive", number=number, order=order, streaming_no="N1")
    by_number = [row.order for row in scene.world.ledger("archive", number="+8618907910001")]
    by_order = [row.number for row in scene.world.ledger("archive", order="O-3")]
    assert (by_number, by_order) == (["O-1", "O-2"], ["18907910002"])


def test_reset_empties_the_world(scene: Any) -> None:
    """Services, ledgers and answered numbers are gone; users are those of the file."""
    serve(scene, ServiceAct.START)
    scene.world.leave("18907910001")
    first = scene.world.answered["ocs"]
    scene.world.reset()
    left = (scene.world.services.active, scene.rows("activation", "product"), scene.world.answered["ocs"] is first)
    assert (left, scene.world.subscriber("18907910001").balance) == (({}, [], False), 5000)


@pytest.mark.parametrize("before", [[ServiceAct.START], []], ids=["it was active", "it never was"])
def test_an_order_that_was_taken_back_stays_so(scene: Any, before: list[ServiceAct]) -> None:
    """The activation of an order comes after its end, perhaps for the first time: it is refused and leaves no row."""
    *_, late = serve(scene, *before, ServiceAct.END, ServiceAct.START)
    assert (late, list(scene.world.services.active), len(scene.rows("activation", "changed"))) == (
        ORDER_UNDONE, [], len(before),
    )  # fmt: skip


def test_another_order_begins_it_again(scene: Any) -> None:
    """The tombstone is the order's, not the product's."""
    serve(scene, ServiceAct.START, ServiceAct.END)
    what = {"role": "xplatform", "number": "18907910001", "product": "P1", "order": "O-2", "streaming_no": "N2"}
    assert scene.world.serve(ServiceAct.START, **what) is OK
