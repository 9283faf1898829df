"""Products and offers on the wire: what is written obeys the contract, and is read back as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.catalogue_wire import read_object, read_offer, read_product, write_offer, write_product
from gateway.contract import Codec, load_contract
from gateway.domain.catalogue import Offer, OfferType, Product, Scope, Status
from gateway.domain.party import PROVINCES
from gateway.resources import contracts_dir

quick = settings(max_examples=100, deadline=None, database=None, derandomize=True)
CODECS = {
    name: Codec(load_contract(contracts_dir() / f"{name}.wsdl"))
    for name in ("vsop", "xplatform", "ocs", "crm", "billing", "ppm")
}
VSOP = CODECS["vsop"]

IDS = st.text("0123456789ABCDEFXYZ", min_size=1, max_size=20)
SPS = st.text("0123456789ABC", min_size=1, max_size=10)
NAMES = st.text(st.sampled_from("铃音天气手机报ABCxyz -.&<>"), min_size=1, max_size=30).filter(lambda s: s.strip() == s)
SYSTEMS, PLATFORMS = st.sampled_from(["200", "203", "204", "205"]), st.sampled_from(["303", "304", "204"])
SEVERAL = st.lists(IDS, max_size=3, unique=True).map(tuple)

PRODUCTS = st.builds(
    Product, id=IDS, name_zh=NAMES, name_en=NAMES, sp=SPS, owner=SYSTEMS, platform=PLATFORMS, scope=st.sampled_from(Scope),
    province=st.sampled_from(sorted(PROVINCES)), status=st.sampled_from(Status), excludes=SEVERAL, requires=SEVERAL, replaces=SEVERAL,
    capabilities=st.lists(st.sampled_from(["1", "2", "3"]), unique=True).map(tuple),
    specs=st.lists(st.sampled_from(["001", "002", "003"]), unique=True).map(tuple), version=st.integers(1, 10**6),
)  # fmt: skip
OFFERS = st.builds(
    Offer, id=IDS, name_zh=NAMES, name_en=NAMES, products=st.lists(IDS, min_size=1, max_size=5, unique=True).map(tuple),
    type=st.sampled_from(OfferType), status=st.sampled_from(Status), partial=st.booleans(), scope=st.sampled_from(Scope),
    province=st.sampled_from(sorted(PROVINCES)), version=st.integers(1, 10**6),
)  # fmt: skip


def request_of(thing, codec=VSOP):
    """The message that carries an object, as PPM sends it: (operation, message)."""
    head = {
        "StreamingNo": "202000001",
        "TimeStamp": "20261123120000",
        "SystemId": "202",
        "OPFlag": "1",
        "Version": thing.version,
    }
    if isinstance(thing, Product):
        return "productInfoSync", codec["ProductSyncRequest"](**head, ProductInfo=write_product(thing, codec))
    return "PPOfferInfoSync", codec["OfferSyncRequest"](**head, ProductOfferInfo=write_offer(thing, codec))


def travelled(thing, codec=VSOP):
    """The same message after a journey: written, judged by the contract, read."""
    operation, message = request_of(thing, codec)
    by_element = codec.by_element[codec.contract.operations[operation].request]
    (body,) = etree.fromstring(f"<b{codec.namespace_declarations()}>{by_element.encode(message)}</b>")
    codec.contract.validator.assertValid(body)
    return by_element.decode(body)


@quick
@given(PRODUCTS)
def test_product_comes_back(product):
    """Everything that a product is travels, in every combination."""
    message = travelled(product)
    assert read_object(message, message.Version).product == product


@quick
@given(OFFERS)
def test_offer_comes_back(offer):
    """Everything that an offer is travels, in every combination."""
    message = travelled(offer)
    assert read_object(message, message.Version).offer == offer


PRODUCT = Product(
    "P1",
    "铃音",
    "tone",
    "SP1",
    "200",
    "303",
    Scope.PROVINCIAL,
    "15",
    Status.TEST,
    ("P2",),
    ("P3",),
    ("P4",),
    ("1",),
    ("003",),
    version=3,
)
OFFER = Offer(
    "B1", "套餐", "bundle", ("P1",), OfferType.VAS_BUNDLE, Status.NORMAL, True, Scope.NATIONAL, "35", version=4
)


@pytest.mark.parametrize("contract", sorted(set(CODECS) - {"billing", "ppm"}))
def test_product_is_the_same_in_every_contract(contract):
    """Whoever PPM tells gets the same product."""
    message = travelled(PRODUCT, CODECS[contract])
    assert read_product(message.ProductInfo, message.Version) == PRODUCT


@pytest.mark.parametrize("contract", sorted(set(CODECS) - {"ppm"}))
def test_offer_is_the_same_in_every_contract(contract):
    """Whoever PPM tells gets the same offer."""
    message = travelled(OFFER, CODECS[contract])
    assert read_offer(message.ProductOfferInfo, message.Version) == OFFER


FILED = {"StreamingNo": "201000001", "TimeStamp": "20261123120000", "SystemId": "201", "ApplicationId": "A1"}


def test_version_is_the_callers():
    """An application has no version yet: who reads it says which one it is."""
    codec = CODECS["ppm"]
    message = codec["ProductApplication"](**FILED, ProductInfo=write_product(PRODUCT, codec))
    assert read_object(message, 9).product == replace(PRODUCT, version=9)


def test_application_for_an_offer():
    """The same with an offer."""
    codec = CODECS["ppm"]
    message = codec["OfferApplication"](**FILED, ProductOfferInfo=write_offer(OFFER, codec))
    assert read_object(message, 0).offer == replace(OFFER, version=0)


def test_relations_of_a_product_may_come_in_any_order():
    """Each is sorted by its kind: 0 excludes, 1 requires, 2 replaces."""
    kinds = [("2", "A"), ("0", "B"), ("1", "C"), ("0", "D"), ("2", "E")]
    info = write_product(PRODUCT, VSOP)
    info.ProdRelation = [VSOP["ProductRelation"](RelationType=kind, RProductID=other) for kind, other in kinds]
    read = read_product(info, 1)
    assert (read.excludes, read.requires, read.replaces) == (("B", "D"), ("C",), ("A", "E"))
