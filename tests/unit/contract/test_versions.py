"""Older versions of a contract: how their messages are turned, and what keeps them from being served."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.contract import Codec, ContractError, load_contract
from gateway.contract.versions import older_versions
from gateway.resources import contracts_dir

OLDER = Path(__file__).parents[2] / "contract/older"
PRESENT = {"vsop": Codec(load_contract(contracts_dir() / "vsop.wsdl"))}
OLD = "{urn:vas:vsop:v0}"


@pytest.fixture(scope="module")
def version():
    """Give the older version of the tests."""
    (found,) = older_versions(OLDER, PRESENT)
    return found


def request(version, **fields):
    """Make an old request to subscribe."""
    offers = [version.codec["OfferInfo"](ProductOfferID="115000000000000000101")]
    head = {"StreamingNo": "s1", "TimeStamp": "20261124120000", "SystemId": "211", "OrderId": "c1", "ProdSpecCode": "003"}
    return version.codec.by_element[f"{OLD}subscribeToVSOP"].type(**{**head, "MSISDN": "18907910001", "ProductOfferInfo": offers, **fields})


def test_name_and_version_are_the_files(version):
    """vsop.v0.wsdl is version v0 of vsop."""
    assert (version.contract, version.version) == ("vsop", "v0")


def test_request_is_turned_field_by_field(version):
    """Renamed, given its default, dropped, passed on: as the mapping says, inside lists too."""
    made = version.requests["subscribeToVSOP"](request(version, UserName="Ann"))
    (offer,) = made.ProductOfferInfo
    assert type(made) is PRESENT["vsop"]["subscribeToVSOP"]
    assert (made.ActionType, made.ProductNo, made.StreamingNo) == ("0", "18907910001", "s1")
    assert (offer.ProductOfferType, offer.ProductOfferID, offer.VSubProdInfo, offer.ExpDate) == ("0", "115000000000000000101", [], None)


def test_default_gives_way_to_what_was_said(version):
    """It stands in for what is absent."""
    assert version.requests["subscribeToVSOP"](request(version, ActionType="1")).ActionType == "1"


def test_answer_is_turned_back(version):
    """What the old version does not know is left out; what it needs and the present one may lack has its default."""
    answer = PRESENT["vsop"]["orderStateQryResponse"]
    for state, old in (("10F", "10F"), (None, "")):
        made = version.answers["orderStateQry"](answer(StreamingNo="s1", ResultCode="0", ResultDesc="ok", OrderState=state))
        assert (made.State, made.field_names) == (old, ("StreamingNo", "ResultCode", "ResultDesc", "State"))


@pytest.fixture
def copy(tmp_path):
    """Give a copy of the directory, to be spoilt."""
    return shutil.copytree(OLDER, tmp_path / "older")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('ProductNo = { from = "MSISDN" }', "", "request/ProductNo: it is required, and what it is made of has no ProductNo"),
        ("UserName = { dropped = true }", "", "request/UserName: nothing takes it: map it, or say dropped = true"),
        ('ActionType = { default = "0" }', "", "request/ActionType: it is required in one version and optional in the other"),
        ('"ProductOfferInfo/ProductOfferType" = { default = "0" }', "", "request/ProductOfferInfo/ProductOfferType: it is required"),
        ("UserName", "NoSuchField", "request/NoSuchField: there is nothing of that name to map|request/UserName: nothing takes it"),
        ("UserName = { dropped = true }", "UserName = true", "request/UserName: say"),
        ("UserName = { dropped = true }", "UserName = { droped = true }", "request/UserName: say"),
        ("[subscribeToVSOP.request]", "[subscribeToVSOP.request", "not TOML"),
        ("[subscribeToVSOP.request]", "[nothing.request]", "request/"),
        ('ProductNo = { from = "MSISDN" }', 'ProductNo = { from = "ProductOfferInfo" }', "request/ProductNo: it is of another kind"),
    ],
)  # fmt: skip
def test_mapping_that_leaves_something_open_stops_start_up(copy, old, new, told):
    """By file and field; nothing is guessed."""
    path = copy / "vsop.v0.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(ContractError, match=f"vsop.v0.toml:1: .*({told})"):
        older_versions(copy, PRESENT)


def test_directory_that_is_not_there_stops_start_up(tmp_path):
    """It is named."""
    with pytest.raises(ContractError, match="does not exist"):
        older_versions(tmp_path / "none", PRESENT)


@pytest.mark.parametrize("name", ["vsop.wsdl", "other.v0.wsdl"])
def test_file_that_is_no_older_version_stops_start_up(copy, name):
    """Its name says of which contract it is, and which version."""
    (copy / "vsop.v0.wsdl").rename(copy / name)
    with pytest.raises(ContractError, match=f"{name}:1: an older contract is named"):
        older_versions(copy, PRESENT)


def test_operation_that_is_served_no_more_stops_start_up(copy):
    """An old operation needs one that does its work."""
    for path in copy.rglob("vsop.v0.*"):
        path.write_text(path.read_text().replace("orderStateQry", "orderStatusQry"))
    with pytest.raises(ContractError, match="orderStatusQry is served no more"):
        older_versions(copy, PRESENT)


def test_version_of_the_same_namespace_stops_start_up(copy):
    """It could not be told from the present one."""
    for path in copy.rglob("vsop.v0.*"):
        path.write_text(path.read_text().replace("urn:vas:vsop:v0", "urn:vas:vsop:v1"))
    with pytest.raises(ContractError, match="a namespace of its own"):
        older_versions(copy, PRESENT)
