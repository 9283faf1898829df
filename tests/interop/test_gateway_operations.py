"""Six clients call every operation of real gateways: each answer is the business's, under the message's own number.

A call is the operation's example (wsdl/examples) under fresh numbers. Most are taken (0); where nothing can be taken without a story
before it, the refusal that the gateway must give is expected. What the operations do is the end-to-end tests' matter.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from foreign import present
from lxml import etree
from message_model import SERVED_OPERATIONS, WSDL, Complex, Member, Operation, Simple

from gateway.vocabulary import CHINA, write_time

pytestmark = pytest.mark.interop
SERIALS = itertools.count(1)
AT_GROUP = {"serverAction", "subsInstSynToVSOP", "vsop.userInfoSync"}
# Under a new object's id: the lab's own products and offers must stay as the other tests need them.
NEW_OBJECT = {
    "submitProductApplication", "submitOfferApplication", "prodInfoSynFromISMP", "offerInfoSynFromISMP", "productInfoSync",
    "PPOfferInfoSync",
}  # fmt: skip
REFUSED = {
    "vsop.orderStateQry": "5006",  # no such order; of an order that there is, test_foreign_clients.py asks
    "vsop.serverActionResult": "8003",  # nobody waits for it
    "vsop.recvRQMessage": "5012",  # no confirmation is asked for
    "vsop.notifyProductTest": "4008",  # no such object
    "ppm.submitStateChange": "4008",
    "ppm.auditResultQry": "4014",  # no such application
}


def read(kind: Complex, element: etree._Element) -> dict[str, Any]:
    """Read an example as JSON values."""
    return {member.name: found for member in kind.members if (found := field(member, element)) not in (None, [])}


def field(member: Member, element: etree._Element) -> Any:
    values = [value(member.kind, child) for child in element.iterchildren(member.tag)]
    return values if member.maximum > 1 else next(iter(values), None)


def value(kind: Simple | Complex, element: etree._Element) -> Any:
    if isinstance(kind, Complex):
        return read(kind, element)
    text = element.text or ""
    return text == "true" if kind.base == "boolean" else text if kind.base == "string" else int(text)


def example(operation: Operation) -> dict[str, Any]:
    """The request of wsdl/examples."""
    root = etree.parse(WSDL / "examples" / operation.contract / f"{operation.name}.xml").getroot()
    return read(operation.request, next(root.iter(operation.tag)))


def fresh(fields: dict[str, Any], fresh_number: Callable[[], str]) -> dict[str, Any]:
    """The same under numbers that nobody has used."""
    serial = f"{next(SERIALS):09d}"
    now = write_time(datetime.now(CHINA))
    changed = {"StreamingNo": f"{fields['SystemId']}{now}{serial}", "TimeStamp": now}
    changed |= {name: f"INTEROP-{serial}" for name in ("OrderId", "ApplicationId") if name in fields}
    named = fields.keys() & {"ProductNo", "UserID", "OA", "DA", "FA"}
    changed |= dict.fromkeys(named, fresh_number() if named else "")
    # The lab's own products and offers must stay as the other tests need them.
    if "ObjectID" in fields and not ({"Version", "Status"}.isdisjoint(fields)):
        changed["ObjectID"] = f"115000INTEROP{serial[-6:]}"
    return {**fields, **changed}


def new_object(fields: dict[str, Any]) -> dict[str, Any]:
    """The same with a product or offer that nobody knows yet."""
    name, own = ("ProductInfo", "ProductID") if "ProductInfo" in fields else ("ProductOfferInfo", "ProductOfferID")
    return {**fields, name: {**fields[name], own: f"115000INTEROP{next(SERIALS):06d}"}}


@pytest.mark.parametrize("operation", [pytest.param(each, id=str(each)) for each in SERVED_OPERATIONS])
def test_answer_is_the_business_s(lab, client, fresh_number, operation: Operation) -> None:
    """An ordinary answer with the request's StreamingNo and the expected code, and words for it in Chinese and English."""
    at = "group" if {operation.name, str(operation)} & AT_GROUP else "jiangxi"
    fields = fresh(example(operation), fresh_number)
    if operation.name in NEW_OBJECT:
        fields = new_object(fields)
    outcome = client.call(lab.url(at).replace("/vsop", f"/{operation.contract}"), operation.name, fields)
    assert outcome.answer is not None, outcome
    answer = present(outcome.answer)
    told = answer["StreamingNo"], answer["ResultCode"], " / " in answer["ResultDesc"]
    assert told == (fields["StreamingNo"], REFUSED.get(str(operation), "0"), True)
