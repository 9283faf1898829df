"""Stored documents: version 1 stays readable for ever, whatever the program becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from store_rows import NOON, RINGTONE, catalogue_change, delivery, done, offer, order, product, user_change

from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import CatalogueObject
from gateway.domain.facts import Matter
from gateway.domain.order import Action, Confirmation
from gateway.domain.party import Address, Party
from gateway.store.documents import (
    master_text,
    matter_text,
    offer_text,
    product_text,
    read_master,
    read_matter,
    read_offer,
    read_product,
    read_reply,
    reply_text,
)
from gateway.store.errors import StoreFailed

ORDER_1 = (
    '[1,{"id":"o1","trace_id":"t1","section":"4.1.1","action":"subscribe","channel":"211","channel_order_id":"c1",'
    '"streaming_no":"211000000000000001","number":{"digits":"18907910001"},"spec":"003","pay":"prepaid","province":"15",'
    '"target":{"party":"xplatform","code":"303"},"items":[{"product_id":"115000000000000000101","sp":"15000001",'
    '"offer_id":"315000000000000000101","offer_type":"pure","effective_at":"2026-11-23T12:00:00.123456+08:00",'
    '"expires_at":null}],"accepted_at":"2026-11-23T12:00:00.123456+08:00","hops":0}]'
)
REPLY_1 = (
    '[1,{"at":"2026-11-23T12:00:01.123456+08:00","code":3001,"text":"没有余额","balance":500,"items":[{"product_id":'
    '"115000000000000000101","code":0,"text":"ok","effective_at":"2026-11-23T12:00:00.123456+08:00","expires_at":null}],'
    '"timed_out":false}]'
)
PRODUCT_1 = (
    '[1,{"id":"115000000000000000101","name_zh":"七彩铃音","name_en":"Ring-back tone","sp":"15000001","owner":"200",'
    '"platform":"303","scope":"provincial","province":"15","status":"normal","excludes":["115000000000000000103"],'
    '"requires":[]}]'
)
OFFER_1 = (
    '[1,{"id":"315000000000000000101","name_zh":"七彩铃音","name_en":"Ring-back tone",'
    '"products":["115000000000000000101"],"type":"pure","status":"normal"}]'
)
USER_CHANGE_1 = (
    '[2,{"id":"u1","trace_id":"t1","section":"3.1b","act":"renumbered","channel":"206","channel_order_id":"c1",'
    '"streaming_no":"206000000000000001","user":{"number":{"digits":"18907910001"},"spec":"003","pay":"prepaid",'
    '"state":"arrears","capabilities":["1","2"]},"province":"15","targets":[{"address":{"party":"xplatform","code":"303"},'
    '"product_ids":["115000000000000000101"]},{"address":{"party":"ismp","code":"204"},"product_ids":[]}],'
    '"accepted_at":"2026-11-23T12:00:00.123456+08:00","old_number":{"digits":"18907910002"},"hops":0,"passed_on":false,'
    '"told_by_province":[]}]'
)
PRODUCT_FIELDS = (
    '{"id":"115000000000000000101","name_zh":"七彩铃音","name_en":"Ring-back tone","sp":"15000001","owner":"200",'
    '"platform":"303","scope":"provincial","province":"15","status":"normal","excludes":["115000000000000000103"],'
    '"requires":[],"replaces":[],"capabilities":[],"specs":[],"version":2}'
)
CATALOGUE_CHANGE_1 = (
    '[3,{"id":"a1","trace_id":"t1","section":"2.1","change":"added","is_state_change":false,"channel":"204",'
    '"channel_order_id":"c1","streaming_no":"204000000000000001","entry":"productApply","object":{"product":'
    f'{PRODUCT_FIELDS},"offer":null}},"held":true,"testers":[{{"party":"vsop","code":"15"}}],"targets":[{{"party":"vsop",'
    '"code":"15"},{"party":"ocs","code":""}],"accepted_at":"2026-11-23T12:00:00.123456+08:00","hops":0}]'
)
DELIVERY_1 = (
    '[4,{"id":"d1","trace_id":"t1","section":"2.1","number_of_step":"4c","change":"modified","channel":"102",'
    '"channel_order_id":"a1","object":{"product":null,"offer":{"id":"315000000000000000101","name_zh":"七彩铃音",'
    '"name_en":"Ring-back tone","products":["115000000000000000101"],"type":"pure","status":"normal","partial":false,'
    '"scope":"provincial","province":"","version":0}},"target":{"party":"ocs","code":""},'
    '"accepted_at":"2026-11-23T12:00:00.123456+08:00","hops":0,"streaming_no":"","entry":""}]'
)
MASTER_1 = f'[1,{{"product":{PRODUCT_FIELDS},"offer":null}}]'
MASTER = CatalogueObject(product=product(version=2))
ORDER = replace(order(), items=(replace(order().items[0], effective_at=NOON),))


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (read_matter, ORDER_1, ORDER),
        (read_reply, REPLY_1, done().reply),
        (read_product, PRODUCT_1, product()),
        (read_offer, OFFER_1, offer()),
        (read_matter, USER_CHANGE_1, user_change()),
        (read_matter, CATALOGUE_CHANGE_1, catalogue_change()),
        (read_matter, DELIVERY_1, delivery()),
        (read_master, MASTER_1, MASTER),
    ],
    ids=["order", "reply", "product", "offer", "user change", "catalogue change", "delivery", "master"],
)
def test_version_1_is_read(read: Callable[[str], object], text: str, expected: object) -> None:
    """A document of the first version reads as it did when it was written."""
    assert read(text) == expected


ADDED_TO_ITEM = ',"target":null,"action":null,"national":false,"held":false}'
ADDED_TO_ORDER = ',"partial":false,"confirmation":null,"repair":null}]'
ADDED_TO_REPLY = ',"cancelled":false}]'
ADDED_TO_CHANGE = ',"objection":0,"objects_to":""}]'
ADDED_TO_PRODUCT = ',"replaces":[],"capabilities":[],"specs":[],"version":0}]'
ADDED_TO_OFFER = ',"partial":false,"scope":"provincial","province":"","version":0}]'
"""Fields with defaults, which came later: they do not make another version."""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (matter_text(ORDER), ORDER_1.replace("null}", f"null{ADDED_TO_ITEM}").removesuffix("}]") + ADDED_TO_ORDER),
        (reply_text(done().reply), REPLY_1.removesuffix("}]") + ADDED_TO_REPLY),
        (product_text(product()), PRODUCT_1.removesuffix("}]") + ADDED_TO_PRODUCT),
        (offer_text(offer()), OFFER_1.removesuffix("}]") + ADDED_TO_OFFER),
        (matter_text(user_change()), USER_CHANGE_1),
        (matter_text(catalogue_change()), CATALOGUE_CHANGE_1.removesuffix("}]") + ADDED_TO_CHANGE),
        (matter_text(delivery()), DELIVERY_1),
        (master_text(MASTER), MASTER_1),
    ],
    ids=["order", "reply", "product", "offer", "user change", "catalogue change", "delivery", "master"],
)
def test_version_1_is_written(written: str, expected: str) -> None:
    """What is written today is version 1, to the letter: another form needs another number."""
    assert written == expected


@pytest.mark.parametrize(
    "matter",
    [
        replace(
            ORDER, confirmation=Confirmation("1234", timedelta(days=1, seconds=2, microseconds=3)), partial=True,
            items=(replace(ORDER.items[0], target=Address(Party.OCS), action=Action.UNSUBSCRIBE, national=True),),
        ),
        user_change(old_number=None),
        catalogue_change(of=CatalogueObject(offer=replace(offer(), status=Status.PRE_CANCELLED, products=(RINGTONE,)))),
        replace(delivery(), object=MASTER, hops=3),
    ],
    ids=lambda matter: type(matter).__name__,
)  # fmt: skip
def test_matter_is_read_as_it_was_written(matter: Matter) -> None:
    """Every optional field of everything that a run may be about comes back."""
    assert read_matter(matter_text(matter)) == matter


@pytest.mark.parametrize("read", [read_matter, read_reply, read_product, read_offer, read_master])
@pytest.mark.parametrize("text", ["[9,{}]", "[1,{}]", "{}", "", "[1"], ids=["newer", "fields", "form", "empty", "cut"])
def test_unreadable_document(read: Callable[[str], object], text: str) -> None:
    """A version or form that is not known is an error, never a guess."""
    with pytest.raises(StoreFailed):
        read(text)
