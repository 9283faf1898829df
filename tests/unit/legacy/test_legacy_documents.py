"""The document inside a string, and fields of old senders put where their schema has them."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.legacy.documents import in_namespaces, read_document
from gateway.soap.faults import SoapFault

XSI = "http://www.w3.org/2001/XMLSchema-instance"


@pytest.mark.parametrize("encoding", ["GBK", "GB2312", "utf-16", "ISO-8859-1", "nonsense"])
def test_declared_encoding_says_nothing(encoding):
    """A string has characters, whatever its sender wrote it in once."""
    assert read_document(f'<?xml version="1.0" encoding="{encoding}"?><a>中</a>').text == "中"


def test_lines_are_those_of_the_string():
    """Also where a declaration of two lines goes before."""
    assert read_document('<?xml version="1.0"\n encoding="GBK"?>\n<a>\n<b/></a>')[0].sourceline == 4


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\n<?xml version='1.0'?><a/>", "line 2, column 1"),
        (" <?xml version='1.0'?><a/>", "line 1, column 2"),
        ("<a>\n\n  <?xml version='1.0'?></a>", "line 3, column 3"),
    ],
)
def test_late_declaration_has_its_place(text, place):
    """Line and column as an editor counts them."""
    with pytest.raises(SoapFault) as caught:
        read_document(text)
    assert place in caught.value.violations[0].en


def test_error_has_its_column():
    """What is not well-formed is told by line and column of the string."""
    with pytest.raises(SoapFault) as caught:
        read_document("<a>\n<b></a>")
    assert (caught.value.violations[0].line, "column" in caught.value.violations[0].en) == (2, True)


def test_entities_are_not_expanded():
    """A reference to what nobody declared is no document."""
    with pytest.raises(SoapFault):
        read_document("<a>&b;</a>")


def placed(xml: str) -> list[str]:
    element = etree.fromstring(xml)
    in_namespaces(element, "{urn:m}ask", "urn:f", frozenset({"", "urn:m", "urn:f"}))
    return [str(node.tag) for node in element.iter()]


@pytest.mark.parametrize("xml", ["<x><a/></x>", '<x xmlns="urn:m"><a/></x>', '<x xmlns="urn:m"><f:a xmlns:f="urn:f"/></x>'])
def test_fields_are_put_into_their_namespace(xml):
    """From none, from that of the message, or as they are."""
    assert placed(xml) == ["{urn:m}ask", "{urn:f}a"]


def test_other_namespaces_stay():
    """Their schema then refuses them."""
    assert placed('<x><o:a xmlns:o="urn:other"/></x>') == ["{urn:m}ask", "{urn:other}a"]


def test_types_are_taken_off_and_nil_is_nothing():
    """xsi:type is the sender's opinion; xsi:nil is a field that is not there."""
    element = etree.fromstring(f'<x xmlns:i="{XSI}"><a i:type="int">1</a><b i:nil="true"/><c i:nil="false">2</c></x>')
    in_namespaces(element, "ask", "urn:f", frozenset({""}))
    assert [(str(node.tag), dict(node.attrib)) for node in element] == [("{urn:f}a", {}), ("{urn:f}c", {})]
