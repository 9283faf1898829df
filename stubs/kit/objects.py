"""Products and offers as people write them in acts, made into the contract's messages."""

from __future__ import annotations

from gateway.contract import Codec
from gateway.contract.codec import Message
from stubs.kit.bodies import Body, Kind, check, code_of
from stubs.kit.catalogue import OBJECT_WORDS

# The contract's codes by the words of the lab's catalogue.
STATUS = {"normal": "0", "applied": "1", "suspended": "2", "pre-cancelled": "3", "cancelled": "4", "test": "5"}
SCOPE = {"national": "0", "provincial": "1"}
OFFER_TYPE = {"pure": "0", "vas-bundle": "1", "traditional-bundle": "2"}
OBJECT_TYPE = {word: code for code, word in OBJECT_WORDS.items()}
RELATIONS = {"excludes": "0", "requires": "1", "replaces": "2"}
NORMAL, APPLIED, CANCELLED = STATUS["normal"], STATUS["applied"], STATUS["cancelled"]
ADD, MODIFY, DELETE = "1", "2", "3"  # OPFlag

_PRODUCT_NEEDS = ("id", "name_zh", "name_en", "sp", "owner", "platform", "scope", "province")
_OFFER_NEEDS = ("id", "type", "name_zh", "name_en", "scope", "province", "products")
_PRODUCT = {
    **dict.fromkeys(_PRODUCT_NEEDS, Kind.TEXT),
    "status": Kind.TEXT,
    **dict.fromkeys(("capabilities", "specs", *RELATIONS), Kind.TEXTS),
}
_OFFER = {**dict.fromkeys(_OFFER_NEEDS, Kind.TEXT), "products": Kind.TEXTS, "status": Kind.TEXT, "partial": Kind.FLAG}


def product_of(codec: Codec, body: Body, *, status: str, more: dict[str, Kind]) -> Message:
    """Make a Product; `status` is the code if the body names none, `more` are fields of the act's own."""
    check(body, _PRODUCT | more, _PRODUCT_NEEDS)
    return codec["Product"](
        ProductID=body["id"],
        SPID=body["sp"],
        PNameCN=body["name_zh"],
        PNameEN=body["name_en"],
        ProductHost=body["owner"],
        PlatForm=body["platform"],
        Scope=code_of(body, "scope", SCOPE),
        ProvinceID=body["province"],
        Status=code_of(body, "status", STATUS, status),
        ServiceCapabilityID=body.get("capabilities", []),
        ProdSpecCode=body.get("specs", []),
        ProdRelation=[
            codec["ProductRelation"](RelationType=code, RProductID=other)
            for word, code in RELATIONS.items()
            for other in body.get(word, [])
        ],
    )


def offer_of(codec: Codec, body: Body, *, status: str, more: dict[str, Kind]) -> Message:
    """Make an Offer, as `product_of` does a Product."""
    check(body, _OFFER | more, _OFFER_NEEDS)
    return codec["Offer"](
        ProductOfferType=code_of(body, "type", OFFER_TYPE),
        ProductOfferID=body["id"],
        PNameCN=body["name_zh"],
        PNameEN=body["name_en"],
        Scope=code_of(body, "scope", SCOPE),
        ProvinceID=body["province"],
        Status=code_of(body, "status", STATUS, status),
        PartialAllowed=body.get("partial", False),
        ProductID=body["products"],
    )


def op_flag(status: str, known: bool) -> str:
    """Give the OPFlag of an object that is told in this status, to somebody who knows it already or not."""
    if status == CANCELLED:
        return DELETE
    return MODIFY if known else ADD
