"""A foreign PPM approves at once, and publishes version by version."""

from __future__ import annotations

from typing import Any

import pytest
from good_requests import product
from written_objects import OFFER, PRODUCT

from gateway.contract import Codec
from gateway.errors import Temporary


def published(scene: Any) -> list[tuple[str, str, int, str]]:
    made = []
    for call in scene.script.calls:
        told = call.message
        part = told.ProductInfo if call.operation == "productInfoSync" else told.ProductOfferInfo
        made.append((call.operation, told.OPFlag, told.Version, part.Status))
    return made


def ask(scene: Any, *operations: str, **changes: Any) -> list[str]:
    codes = []
    for operation in operations:
        codes.append(scene.ask(operation, **changes).ResultCode)
        scene.later(0.1)
    return codes


@pytest.mark.parametrize(
    ("operation", "sync"),
    [
        ("submitProductApplication", "productInfoSync"),
        ("submitOfferApplication", "PPOfferInfoSync"),
        ("prodInfoSynFromISMP", "productInfoSync"),
        ("offerInfoSynFromISMP", "PPOfferInfoSync"),
    ],
)
def test_what_is_taken_is_published(scene: Any, operation: str, sync: str) -> None:
    """To VSOP, in normal state, as version 1."""
    codes = ask(scene, operation)
    (call,) = scene.script.calls
    assert (codes, call.contract, call.message.SystemId, published(scene)) == (
        ["0"],
        "vsop",
        "202",
        [(sync, "1", 1, "0")],
    )


def test_each_state_is_a_version(scene: Any) -> None:
    """Modified, then deleted."""
    ask(scene, "submitProductApplication")
    for application, status in (("A-2", "2"), ("A-3", "4")):
        ask(scene, "submitStateChange", ApplicationId=application, Status=status)
    sync = "productInfoSync"
    assert published(scene) == [(sync, "1", 1, "0"), (sync, "2", 2, "2"), (sync, "3", 3, "4")]


def test_ismp_deletes(scene: Any) -> None:
    """OPFlag 3 is the cancelled state."""
    ask(scene, "prodInfoSynFromISMP")
    ask(scene, "prodInfoSynFromISMP", OPFlag="3")
    assert [one[1:] for one in published(scene)] == [("1", 1, "0"), ("3", 2, "4")]


@pytest.mark.parametrize(("kind", "name", "code"), [("0", "P9", "4001"), ("1", "F9", "4501")])
@pytest.mark.parametrize("operation", ["submitStateChange", "catalogSyncStatusQry"])
def test_an_unknown_object(scene: Any, operation: str, kind: str, name: str, code: str) -> None:
    """Is told as such."""
    ask(scene, "submitProductApplication", "submitOfferApplication")
    assert ask(scene, operation, ObjectType=kind, ObjectID=name) == [code]


def test_the_same_application_again(scene: Any, codecs: dict[str, Codec]) -> None:
    """Is confirmed and not published twice; with other content it is refused."""
    codes = ask(scene, "submitProductApplication", "submitProductApplication")
    codes += ask(scene, "submitProductApplication", ProductInfo=product(codecs["ppm"], ProductID="P2"))
    rows = scene.rows("application", "order", "object_type", "object", "status")
    assert (codes, len(scene.script.calls), rows) == (["0", "0", "2003"], 1, [("A-1", "product", "P1", "0")])


@pytest.mark.parametrize(("application", "told"), [("A-1", ("0", "1")), ("A-9", ("5006", None))])
def test_applications_are_approved(scene: Any, application: str, told: tuple[str, str | None]) -> None:
    """At once; one of another system is unknown."""
    ask(scene, "submitProductApplication")
    answer = scene.ask("auditResultQry", ApplicationId=application)
    assert (answer.ResultCode, answer.AuditState) == told


def test_the_delivery_ledger(scene: Any) -> None:
    """Superseded, refused, delivered and under way: each version in its state."""
    silent = [Temporary("vsop", "timeout")] * 99
    scene.script.replies["productInfoSync"] = [*silent[:20], {"ResultCode": "4001"}, {}, *silent]
    ask(scene, "submitProductApplication")
    scene.later(60)
    for application in ("A-2", "A-3", "A-4"):
        ask(scene, "submitStateChange", ApplicationId=application)
    answer = scene.ask("catalogSyncStatusQry")
    cells = [(one.TargetSystem, one.Version, one.SyncState, one.OPResult) for one in answer.SyncInfo]
    assert cells == [("vsop", 1, "3", "0"), ("vsop", 2, "2", "4001"), ("vsop", 3, "1", "0"), ("vsop", 4, "0", "0")]


@pytest.mark.parametrize(("body", "sync"), [(PRODUCT, "productInfoSync"), (OFFER, "PPOfferInfoSync")])
def test_the_clerk_publishes(scene: Any, body: dict[str, Any], sync: str) -> None:
    """The next version, each time; the journal knows when."""
    given = [scene.act("ppm", "publish", **body).answer for _ in range(2)]
    numbers = [call.message.StreamingNo for call in scene.script.calls]
    assert published(scene) == [(sync, "1", 1, "0"), (sync, "2", 2, "0")]
    assert [(one["version"], one["streaming_no"], one["result_code"]) for one in given] == [
        (1, numbers[0], "0"), (2, numbers[1], "0"),
    ]  # fmt: skip
    assert [entry.direction for entry in scene.stage.journal.find(operation="publish")] == ["user", "user"]


def test_a_late_older_version(scene: Any) -> None:
    """May be sent on purpose, and does not count back."""
    for more in ({"version": 3}, {"version": 2, "status": "test"}, {}):
        scene.act("ppm", "publish", **PRODUCT, **more)
    assert [one[2] for one in published(scene)] == [3, 2, 4]


def test_publishing_may_be_left_to_others(scene: Any) -> None:
    """Version and number are given."""
    given = scene.act("ppm", "publish", **PRODUCT, send=False).answer
    assert (given["version"], given["streaming_no"][:3], scene.script.calls) == (1, "202", [])


def test_a_silent_vsop_is_told_to_the_clerk(scene: Any) -> None:
    """After five attempts."""
    scene.script.absent.add("vsop")
    outcome = scene.act("ppm", "publish", **PRODUCT)
    scene.later(5)
    assert (outcome.error.status, outcome.error.reason) == (502, "productInfoSync: no answer came; see the journal")


@pytest.mark.parametrize("version", [0, -1, "1", True])
def test_a_wrong_version(scene: Any, version: Any) -> None:
    """Versions count from 1."""
    error = scene.act("ppm", "publish", **PRODUCT, version=version).error
    assert (error.status, error.reason) == (400, "version: expected a number from 1")
