"""Good samples: made for every operation of every contract, valid, fresh, and changed by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from twisted.internet.task import Clock

from gateway.contract import Codec, load_contract
from stubs.kit.times import Numbers
from stubs.partnerkit.catalogue import ROLES
from stubs.partnerkit.data import TestData
from stubs.partnerkit.samples import Samples

ROOT = Path(__file__).parents[4]
NAMES = ("xplatform", "ismp", "ocs", "billing", "vsop", "ppm", "crm", "provisioning", "portal", "smshall")
CODECS = {name: Codec(load_contract(ROOT / "wsdl" / f"{name}.wsdl")) for name in NAMES}


def samples(name: str, **data: str) -> Samples:
    """Make samples of a contract at a fixed time."""
    clock = Clock()
    clock.advance(1_780_000_000)
    return Samples(CODECS[name], ROLES["xplatform"], TestData(**data), Numbers(clock), clock.seconds)


@pytest.mark.parametrize(("name", "operation"), [(n, o) for n in NAMES for o in CODECS[n].contract.operations])
def test_sample_keeps_its_contract(name, operation):
    """Every operation's good sample is valid by the schema."""
    codec = CODECS[name]
    element = codec.contract.operations[operation].request
    text = codec.by_element[element].encode(samples(name).request(operation))
    declared = text.replace(">", f"{codec.namespace_declarations()}>", 1)
    codec.contract.validator.assertValid(etree.fromstring(declared))


def test_each_sample_has_a_number_of_its_own():
    """StreamingNo and OrderId are never given twice."""
    made = samples("xplatform")
    first, second = made.request("serverAction"), made.request("serverAction")
    assert len({first.StreamingNo, second.StreamingNo, first.OrderId, second.OrderId}) == 4


def test_field_of_a_part_is_set_by_name():
    """What is not the request's own field goes into its parts."""
    assert samples("xplatform").request("serverAction", ActionType="5").VProductInfo[0].ActionType == "5"


def test_field_of_the_request_goes_first():
    """A name that request and part both have means the request's."""
    made = samples("xplatform").request("userInfoSync", ActionType="12", OldProductNo="18907910001")
    assert (made.ActionType, made.OldProductNo) == ("12", "18907910001")


def test_field_that_is_none_is_left_out():
    """None takes an optional field away."""
    assert samples("billing").request("archiveOrder", ProductOfferID=None).ProductOfferID is None


def test_unknown_field_is_an_error_of_the_case():
    """A case that misspells a field does not pass by that."""
    with pytest.raises(ValueError, match="serverAction has no field AktionType"):
        samples("xplatform").request("serverAction", AktionType="5")


def test_versions_grow():
    """A catalogue object told later has a higher version, within the contract's range."""
    made = samples("xplatform")
    first, second = (made.request("productInfoSync").Version for _ in range(2))
    assert 0 < first < second < 999_999_999
