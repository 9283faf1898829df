"""What PPM tells is kept version by version at X platform, OCS, billing and CRM."""

from __future__ import annotations

from typing import Any

import pytest
from good_requests import offer, product

from gateway.contract import Codec
from stubs.kit.catalogue import Catalogue

TARGETS = ("xplatform", "ocs", "billing", "crm")


def held(scene: Any, **wanted: str) -> list[tuple[str, ...]]:
    found = scene.world.keep(Catalogue).find(**wanted)
    return [(one["role"], one["object_type"], one["object"], one["version"], one["status"]) for one in found]


def tell(scene: Any, codecs: dict[str, Codec], role: str, version: int, status: str) -> str:
    told = product(codecs[role], Status=status)
    code: str = scene.ask(f"{role}.productInfoSync", Version=version, OPFlag="2", ProductInfo=told).ResultCode
    return code


@pytest.mark.parametrize("role", TARGETS)
@pytest.mark.parametrize(
    ("operation", "kind", "name"), [("productInfoSync", "product", "P1"), ("PPOfferInfoSync", "offer", "F1")]
)
def test_an_object_is_taken(scene: Any, role: str, operation: str, kind: str, name: str) -> None:
    """Into this partner's catalogue and no other; the row says from whom."""
    code = scene.ask(f"{role}.{operation}", SystemId="202").ResultCode
    rows = scene.rows("catalogue", "role", "system", "object_type", "object", "version", "status", "op_flag", "taken")
    assert (code, held(scene), rows) == (
        "0",
        [(role, kind, name, 1, "0")],
        [(role, "202", kind, name, 1, "0", "1", True)],
    )


@pytest.mark.parametrize("role", TARGETS)
def test_a_newer_version_is_taken(scene: Any, codecs: dict[str, Codec], role: str) -> None:
    """Versions may be left out."""
    codes = [tell(scene, codecs, role, *one) for one in ((1, "5"), (3, "0"))]
    assert (codes, held(scene)) == (["0", "0"], [(role, "product", "P1", 3, "0")])


@pytest.mark.parametrize("version", [1, 2])
def test_a_late_older_version_changes_nothing(scene: Any, codecs: dict[str, Codec], version: int) -> None:
    """It is confirmed all the same, and so is the present one again."""
    codes = [tell(scene, codecs, "crm", *one) for one in ((2, "0"), (version, "5"))]
    left = (held(scene), scene.rows("catalogue", "version", "taken"))
    assert (codes, left) == (["0", "0"], ([("crm", "product", "P1", 2, "0")], [(2, True), (version, False)]))


def test_a_product_and_an_offer_may_share_an_id(scene: Any, codecs: dict[str, Codec]) -> None:
    """They are two objects; the content is kept whole."""
    scene.ask("crm.productInfoSync")
    scene.ask("crm.PPOfferInfoSync", ProductOfferInfo=offer(codecs["crm"], ProductOfferID="P1", ProductID=["P1", "P2"]))
    found = scene.world.keep(Catalogue).find(object_id="P1")
    assert [(one["object_type"], one["content"].get("ProductID")) for one in found] == [
        ("product", "P1"),
        ("offer", ["P1", "P2"]),
    ]


def test_objects_are_found_by_role(scene: Any) -> None:
    """Or all of them."""
    for role in TARGETS:
        scene.ask(f"{role}.productInfoSync")
    assert ([one[0] for one in held(scene)], [one[0] for one in held(scene, role="ocs")]) == (list(TARGETS), ["ocs"])


def test_digits_of_an_object_count_too(scene: Any, codecs: dict[str, Codec]) -> None:
    """The X platform refuses one object and takes the next; the others take both."""
    codes = {
        role: [
            scene.ask(f"{role}.productInfoSync", ProductInfo=product(codecs[role], ProductID=one)).ResultCode
            for one in ("115000000000000009001", "115000000000000000101")
        ]
        for role in TARGETS
    }
    assert codes == {role: ["8001" if role == "xplatform" else "0", "0"] for role in TARGETS}


@pytest.mark.parametrize(("kind", "name", "code"), [("0", "P1", "0"), ("1", "F1", "4501"), ("0", "P2", "4001")])
def test_a_test_notice(scene: Any, kind: str, name: str, code: str) -> None:
    """Is taken for what the X platform has been sent; the row says in which state it is there."""
    scene.ask("xplatform.productInfoSync")
    answer = scene.ask("notifyProductTest", ObjectType=kind, ObjectID=name)
    rows = scene.rows("test-notice", "object_type", "object", "version", "status")
    assert (answer.ResultCode, rows) == (code, [("product", "P1", 1, "0")] if code == "0" else [])
