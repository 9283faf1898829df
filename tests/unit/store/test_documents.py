"""Stored documents: version 1 stays readable for ever, whatever the program becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from store_rows import NOON, done, offer, order, product

from gateway.store.documents import (
    matter_text,
    offer_text,
    product_text,
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
ORDER = replace(order(), items=(replace(order().items[0], effective_at=NOON),))


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (read_matter, ORDER_1, ORDER),
        (read_reply, REPLY_1, done().reply),
        (read_product, PRODUCT_1, product()),
        (read_offer, OFFER_1, offer()),
    ],
    ids=["order", "reply", "product", "offer"],
)
def test_version_1_is_read(read: Callable[[str], object], text: str, expected: object) -> None:
    """A document of the first version reads as it did when it was written."""
    assert read(text) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (matter_text(ORDER), ORDER_1),
        (reply_text(done().reply), REPLY_1),
        (product_text(product()), PRODUCT_1),
        (offer_text(offer()), OFFER_1),
    ],
    ids=["order", "reply", "product", "offer"],
)
def test_version_1_is_written(written: str, expected: str) -> None:
    """What is written today is version 1, to the letter: another form needs another number."""
    assert written == expected


@pytest.mark.parametrize("read", [read_matter, read_reply, read_product, read_offer])
@pytest.mark.parametrize("text", ["[2,{}]", "[1,{}]", "{}", "", "[1"], ids=["newer", "fields", "form", "empty", "cut"])
def test_unreadable_document(read: Callable[[str], object], text: str) -> None:
    """A version or form that is not known is an error, never a guess."""
    with pytest.raises(StoreFailed):
        read(text)
