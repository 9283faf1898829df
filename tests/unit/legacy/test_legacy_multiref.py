"""Values beside the call, as Axis 1.x writes beans: read in their place, and nothing else is."""

from __future__ import annotations

import pytest
from lxml import etree
from oldoffice import OldOffice, report, rpc

from gateway.legacy.multiref import without_references
from gateway.soap.faults import SOAP11, SoapFault

SERVICE = "IsmpSpEngine"


def message(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP11}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def flat(body: str) -> str:
    """Give what is in the Body afterwards."""
    data, _ = without_references(message(body), None)
    return "".join(etree.tostring(node, encoding="unicode").replace(f' xmlns:s="{SOAP11}"', "") for node in etree.fromstring(data)[0])


def test_report_of_an_axis_client_is_kept():
    """orderRelationUpdateNotify whose bean stands beside the call, and whose number is a reference of its own."""
    old = OldOffice()
    fields = report().replace("<userID>18907910001</userID>", '<userID href="#id1"/>')
    call = '<orderRelationUpdateNotifyReq href="#id0"/>'
    told = old.post(
        SERVICE,
        f'<m:orderRelationUpdateNotify xmlns:m="http://sp.ismp.chinatelecom.com">{call}</m:orderRelationUpdateNotify>'
        f'<multiRef id="id0">{fields}</multiRef><multiRef id="id1">18907910001</multiRef>',
    )
    assert (told.status, told.fields["resultCode"]) == (200, "0")


def test_message_without_references_is_left_alone():
    """Not a byte of it is touched."""
    data = message(rpc(report()))
    assert without_references(data, "utf-8") == (data, "utf-8")


def test_value_is_moved_with_its_type():
    """Text, fields and xsi:type come along; the reference goes."""
    xsi = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
    told = flat(f'<c {xsi}><a href="#x"/></c><multiRef id="x" {xsi} i:type="t"><b>1</b></multiRef>')
    assert told == f'<c {xsi}><a i:type="t"><b>1</b></a></c>'


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ('<c><a href="#x"/><b href="#x"/></c><r id="x">1</r>', 1),
        ('<c><a href="#y"/></c><r id="x">1</r>', 2),
        ('<c><a href="#x"/></c><r id="x">1</r><r id="z">2</r>', 2),
        ('<c><a href="#x"/></c><r id="x"><b href="#x"/></r>', 1),
    ],
    ids=["twice", "nowhere", "nobody's", "itself"],
)
def test_nothing_grows(body, left):
    """A value is moved once: what is referred to again, not at all or by itself makes no message of its own."""
    data, _ = without_references(message(body), None)
    assert (len(etree.fromstring(data)[0]), len(data) < len(message(body)) + 60) == (left, True)


def test_value_of_nobody_is_refused():
    """A Body of two elements is none."""
    told = OldOffice().post(SERVICE, '<a href="#x"/><multiRef id="y"/>')
    assert (told.status, told.code) == (500, "1002")


def test_what_is_no_xml_is_told():
    """By the same words as elsewhere."""
    with pytest.raises(SoapFault):
        without_references(b"<a href", None)
