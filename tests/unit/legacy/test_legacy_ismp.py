"""The ISMP engines as they are served: bare and rpc, and what their few codes can say."""

from __future__ import annotations

import pytest
from lxml import etree
from office import STRANGER, X
from oldoffice import OldOffice, bare, report, rpc

SERVICE = "IsmpSpEngine"
FORMS = {"bare": bare, "rpc": rpc}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@pytest.fixture
def old() -> OldOffice:
    return OldOffice()


@each_form
def test_report_of_a_relation_is_kept(old, form):
    """orderRelationUpdateNotify is a report of ISMP like subsInstSynFromISMP: the relation stands."""
    told = old.post(SERVICE, form(report()))
    assert (told.status, told.fields["resultCode"], [event for event in old.office.events if event == "relation.changed"]) == (
        200, "0", ["relation.changed"],
    )  # fmt: skip


REFUSED = {
    "unknown product": ({"productID": "199000000000000000001"}, "116"),
    "unknown user": ({"userID": STRANGER}, "108"),
    "product of another platform": ({"productID": X}, "999"),
}


@each_form
@pytest.mark.parametrize("case", REFUSED)
def test_refusals_have_the_codes_of_ismp(old, form, case):
    """The codes are those that its clients know, and 999 where there is none."""
    changes, code = REFUSED[case]
    told = old.post(SERVICE, form(report(**changes)))
    assert (told.status, told.fields) == (200, {"streamingNo": "20420261123120000000000001", "resultCode": code})


@each_form
def test_duplicate_is_answered_once(old, form):
    """The same report again gets the same answer; another one under its number does not."""
    codes = [old.post(SERVICE, form(report(**more))).fields["resultCode"] for more in ({}, {}, {"OPType": "3"})]
    assert codes == ["0", "0", "999"]


BROKEN = {
    "bad number": {"userID": "12345"},
    "everything of a partner": {"OPType": "4"},
    "no product": {"productID": ""},
    "pseudo code": {"userIDType": "3"},
}


@each_form
@pytest.mark.parametrize("case", BROKEN)
def test_what_breaks_the_schema_is_a_fault(old, form, case):
    """These answers have no text, so the fault says which field is wrong."""
    told = old.post(SERVICE, form(report(**BROKEN[case])))
    (field,) = BROKEN[case]
    assert (told.status, told.code, field in (told.body.findtext("faultstring") or "")) == (500, "1006", True)


def test_field_that_is_nil_is_not_there(old):
    """Axis writes what it does not know as xsi:nil."""
    nil = '<packageID xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"/>'
    message = rpc(report())
    told = old.post(SERVICE, message.replace('<packageID xsi:type="xsd:string"></packageID>', nil))
    assert (nil in message, told.fields["resultCode"]) == (False, "0")


def test_rpc_answer_has_types(old):
    """As deployed servers write it: a wrapper, no namespaces, a type at each field."""
    told = old.post(SERVICE, rpc(report()))
    kinds = {n.tag: n.get("{http://www.w3.org/2001/XMLSchema-instance}type") for n in told.body[0]}
    assert (etree.QName(told.body).localname, told.body[0].tag, kinds) == (
        "orderRelationUpdateNotifyResponse", "orderRelationUpdateNotifyReturn",
        {"streamingNo": "xsd:string", "resultCode": "xsd:int"},
    )  # fmt: skip


def test_foreign_namespace_is_refused(old):
    """A field of somebody else's namespace is not taken for ours."""
    told = old.post(SERVICE, bare(report()).replace("http://req.sp.ismp", "http://req.sp.other"))
    assert (told.status, told.code) == (500, "1006")


def test_no_other_operation_is_served(old):
    """What is said of consumption or management has no counterpart here, and is told so."""
    told = old.post(SERVICE, '<serviceConsumeNotifyReq xmlns="http://sp.ismp.chinatelecom.com"/>')
    assert (told.status, told.code) == (500, "1005")


def test_subscription_sync_of_the_other_engine(old):
    """IsmpCrmEngine reports the same by subscriptionSync, in its own namespaces."""
    message = bare(report()).replace("orderRelationUpdateNotify", "subscriptionSync").replace("sp.ismp", "crm.ismp")
    assert old.post("IsmpCrmEngine", message).fields["resultCode"] == "0"
