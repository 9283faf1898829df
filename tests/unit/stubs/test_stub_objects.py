"""Products and offers as people write them become the contract's."""

from __future__ import annotations

from typing import Any

import pytest
from written_objects import OFFER, PRODUCT

from gateway.contract import Codec
from stubs.kit.errors import ActError
from stubs.kit.journal import as_dict
from stubs.kit.objects import offer_of, op_flag, product_of


def test_a_product_with_everything(codecs: dict[str, Codec]) -> None:
    """Words become codes; relations stand with their type."""
    body = {
        **PRODUCT, "scope": "national", "status": "test", "capabilities": ["1"], "specs": ["003"],
        "excludes": ["P2"], "requires": ["P3"], "replaces": ["P4"],
    }  # fmt: skip
    assert as_dict(product_of(codecs["ppm"], body, status="0", more={})) == {
        "ProductID": "P1", "SPID": "S1", "PNameCN": "铃音", "PNameEN": "Tone", "ProductHost": "200", "PlatForm": "303",
        "Scope": "0", "ProvinceID": "15", "Status": "5", "ServiceCapabilityID": ["1"], "ProdSpecCode": ["003"],
        "ProdRelation": [
            {"RelationType": "0", "RProductID": "P2"},
            {"RelationType": "1", "RProductID": "P3"},
            {"RelationType": "2", "RProductID": "P4"},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "code"), [("pure", "0"), ("vas-bundle", "1"), ("traditional-bundle", "2")])
def test_an_offer(codecs: dict[str, Codec], kind: str, code: str) -> None:
    """The status is the act's if none is written; all or nothing unless it says otherwise."""
    assert as_dict(offer_of(codecs["ppm"], {**OFFER, "type": kind}, status="1", more={})) == {
        "ProductOfferType": code, "ProductOfferID": "F1", "PNameCN": "铃音", "PNameEN": "Tone", "Scope": "1", "ProvinceID": "15",
        "Status": "1", "PartialAllowed": False, "ProductID": ["P1", "P2"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sp": ""}, "sp is missing"),
        ({"scope": "local"}, "scope: expected national, provincial"),
        ({"status": "7"}, "status: expected normal, applied, suspended, pre-cancelled, cancelled, test"),
        ({"excludes": "P2"}, "excludes: expected a list of texts"),
        ({"excludes": [2]}, "excludes: expected a list of texts"),
        ({"colour": "red"}, "unknown field colour; there are id, name_zh, name_en, sp,"),
    ],
)
def test_a_wrong_product_is_told_why(codecs: dict[str, Codec], change: dict[str, Any], reason: str) -> None:
    """By field."""
    with pytest.raises(ActError) as raised:
        product_of(codecs["ppm"], {**PRODUCT, **change}, status="0", more={})
    assert (raised.value.status, raised.value.reason.startswith(reason)) == (400, True)


def test_codes_are_understood_as_well_as_words(codecs: dict[str, Codec]) -> None:
    """A writer who knows the contract need not look up words."""
    made = product_of(codecs["ppm"], {**PRODUCT, "scope": "0", "status": "2"}, status="0", more={})
    assert (made.Scope, made.Status) == ("0", "2")


@pytest.mark.parametrize(("status", "known", "flag"), [("0", False, "1"), ("2", True, "2"), ("4", True, "3")])
def test_the_flag_of_a_status(status: str, known: bool, flag: str) -> None:
    """Add what is new, delete what is cancelled, modify the rest."""
    assert op_flag(status, known) == flag
