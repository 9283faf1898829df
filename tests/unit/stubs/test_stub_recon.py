"""What partners tell for a reconciliation: files that the gateway's own reader takes, and differences planted in silence."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.recon.files import read_file
from stubs.kit.errors import ActError

DAY, MONTH = "20260529", "202605"
USER = "18907910001"


def told(scene: Any, role: str, **body: Any) -> list[tuple[str, str, str]]:
    """Have a role write its file, and read it as the gateway does."""
    file = scene.act(role, "recon-file", date=DAY, **body).answer
    rows = read_file(file["name"], file["text"].encode()).rows
    return [(row.number.digits, row.product_id, row.standing) for row in rows]


def test_platform_tells_what_it_serves(scene: Any) -> None:
    """All that stands in a month's file, what began today in a day's."""
    scene.ask("xplatform.serverAction")
    assert [told(scene, "xplatform", monthly=monthly) for monthly in (True, False)] == [[(USER, "P1", "0")]] * 2


def test_platform_tells_of_a_day_what_ended(scene: Any, codecs: Any) -> None:
    """With status 6; the month's file has nothing of it."""
    scene.ask("xplatform.serverAction")
    item = codecs["xplatform"]["ServerActionProduct"](ActionType="3", VProductID="P1", ProductOfferType="0", ProductOfferID="F1")
    scene.ask("xplatform.serverAction", VProductInfo=[item])
    assert [told(scene, "xplatform", monthly=monthly) for monthly in (True, False)] == [[], [(USER, "P1", "6")]]


def test_name_says_whose_file_it_is(scene: Any) -> None:
    """System and interface of the field; day or month."""
    names = [
        scene.act(role, "recon-file", date="2026-05-29", monthly=monthly).answer["name"]
        for role, monthly in (("xplatform", False), ("ismp", True), ("billing", False), ("ocs", True))
    ]
    assert names == [
        f"A-{DAY}-VSOP R7.2-303-00-01.AVL", f"I-{MONTH}-VSOP R8.2.1-204-00-01.AVL", f"A-{DAY}-VSOP R7.2-209-00-01.AVL",
        f"I-{MONTH}-VSOP R7.2-208-00-01.AVL",
    ]  # fmt: skip


@pytest.mark.parametrize(("state", "status"), [("active", "0"), ("suspended", "2")])
def test_planted_service(scene: Any, state: str, status: str) -> None:
    """It stands there, and no ledger says why."""
    scene.act("xplatform", "plant", number=f"86{USER}", product="P9", state=state)
    assert (told(scene, "xplatform", monthly=True), scene.rows("activation", "product")) == ([(USER, "P9", status)], [])


def test_planted_absence(scene: Any) -> None:
    """What was served is gone without a word."""
    scene.ask("xplatform.serverAction")
    scene.act("xplatform", "plant", number=USER, product="P1", state="none")
    assert (told(scene, "xplatform", monthly=True), scene.rows("deactivation", "product")) == ([], [])


def test_billing_charges_for_what_is_archived(scene: Any) -> None:
    """By VSOP's records and by CRM's; OCS tells the same of users who pay before."""
    scene.ask("subsInstSynToHB")
    assert told(scene, "billing", monthly=True) == told(scene, "ocs", monthly=True) == [(USER, "P1", "0")]


def test_billing_follows_the_last_record(scene: Any, codecs: Any) -> None:
    """An order of CRM that ends a product ends the charge."""
    scene.ask("subsInstSynToHB")
    item = codecs["billing"]["WorkOrderProduct"](ActionType="1", VProductID="P1")
    scene.ask("archiveOrder", OrderId="O-2", VProductInfo=[item])
    assert (told(scene, "billing", monthly=True), told(scene, "billing")) == ([], [(USER, "P1", "6")])


def test_planted_charge(scene: Any) -> None:
    """Billing charges for it, or not, without a record."""
    scene.ask("subsInstSynToHB")
    scene.act("billing", "plant", number=USER, product="P1", state="none")
    scene.act("billing", "plant", number=USER, product="P2", state="active")
    assert (told(scene, "billing", monthly=True), len(scene.rows("archive", "order"))) == ([(USER, "P2", "0")], 1)


def test_ocs_knows_of_no_user_who_pays_afterwards(scene: Any) -> None:
    """He is billing's alone."""
    scene.act("billing", "plant", number="18907910005", product="P1", state="active")
    assert (told(scene, "billing", monthly=True), told(scene, "ocs", monthly=True)) == ([("18907910005", "P1", "0")], [])


@pytest.mark.parametrize(
    ("role", "act", "body"),
    [
        ("billing", "recon-file", {}), ("billing", "recon-file", {"date": "May"}), ("billing", "recon-file", {"date": "2026"}),
        ("xplatform", "plant", {"number": USER, "product": "P1"}), ("billing", "plant", {"number": USER, "product": "P1", "state": "x"}),
    ],
)  # fmt: skip
def test_act_that_is_wrong(scene: Any, role: str, act: str, body: dict[str, Any]) -> None:
    """It is told why, and nothing changes."""
    assert isinstance(scene.act(role, act, **body).error, ActError)
