"""GET /v1/find: one text looked up under everything that it may be."""

from __future__ import annotations

import json

import pytest
from playbook import order
from test_admin_api import OFFER, PARTNER, PRODUCT, Admin


@pytest.fixture
def admin():
    made = Admin()
    made.ask("POST", "/v1/catalogue", {"products": [PRODUCT], "offers": [OFFER], "partners": [PARTNER]})
    made.rig.place(order())
    return made


def find(admin, text):
    request = admin.request("GET", "/v1/find")
    request.uri = f"/v1/find?q={text}".encode()
    admin.api.render(request)
    return request.responseCode, b"".join(request.written)


def orders(admin, text):
    return [row["order"] for row in json.loads(find(admin, text)[1])["orders"]]


def sent_number(admin):
    """Give a StreamingNo under which a message of ours went."""
    return next(step.streaming_no for step in admin.rig.row(order()).steps if step.streaming_no)


def test_number_with_country_code(admin):
    """A phone number as people write it, with 86 before it."""
    assert orders(admin, f"86{order().number.digits}") == [order().id]


@pytest.mark.parametrize("of", ["id", "trace_id", "channel_order_id"])
def test_any_id(admin, of):
    """Our id, the end-to-end id, and the channel's own."""
    assert orders(admin, getattr(order(), of)) == [order().id]


def test_streaming_no_of_a_message_that_we_sent(admin):
    """A partner that names a StreamingNo of ours leads to the order."""
    assert orders(admin, sent_number(admin)) == [order().id]


def test_number_is_masked(admin):
    """The answer does not hold the number that it was asked for."""
    assert order().number.digits.encode() not in find(admin, order().number.digits)[1]


def test_product_by_its_chinese_name(admin):
    """A name in either language leads to a product; one character must be all of it."""
    assert b'"kind":"product"' in find(admin, "%E7%94%B2")[1]


@pytest.mark.parametrize("text", ["", "x" * 65])
def test_nothing_or_too_much(admin, text):
    """What cannot be a name is refused."""
    assert find(admin, text)[0] == 400
