"""libxml2's schema errors in our words: the right place, what was expected, and never a value of the sender."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.soap.faults import Violation
from gateway.soap.violations import MOST, violations

SCHEMA = etree.XMLSchema(
    etree.fromstring("""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:v" targetNamespace="urn:v" elementFormDefault="qualified">
  <xs:element name="op">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="Form" type="FormType"/>
        <xs:element name="Set" type="SetType" minOccurs="0"/>
        <xs:element name="Text" type="TextType" minOccurs="0"/>
        <xs:element name="Whole" type="xs:int" minOccurs="0"/>
        <xs:element name="Range" type="RangeType" minOccurs="0"/>
        <xs:element name="Truth" type="xs:boolean" minOccurs="0"/>
        <xs:element name="Part" type="PartType" minOccurs="0" maxOccurs="99"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
  <xs:complexType name="PartType">
    <xs:sequence><xs:element name="Id" type="FormType"/><xs:element name="Note" type="FormType" minOccurs="0"/></xs:sequence>
  </xs:complexType>
  <xs:simpleType name="FormType"><xs:restriction base="xs:string"><xs:pattern value="[a-z]{2}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="SetType">
    <xs:restriction base="xs:string"><xs:enumeration value="a"/><xs:enumeration value="b"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="TextType">
    <xs:restriction base="xs:string"><xs:minLength value="2"/><xs:maxLength value="4"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="RangeType">
    <xs:restriction base="xs:int"><xs:minInclusive value="0"/><xs:maxInclusive value="9"/></xs:restriction>
  </xs:simpleType>
</xs:schema>""")
)
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
FORM = "<v:Form>ab</v:Form>"


def broken(children: str, attributes: str = "") -> list[Violation]:
    """Validate an operation inside a Body, as the endpoint does."""
    text = f'<Body xmlns:v="urn:v">\n<v:op {attributes}>{children}</v:op></Body>'
    element = etree.fromstring(text)[0]
    assert not SCHEMA.validate(element)
    return violations(SCHEMA.error_log, element)


EXPECTED = {
    "pattern": ("<v:Form>AB</v:Form>", "Form", "应符合格式 [a-z]{2}", "expected the form [a-z]{2}"),
    "empty": ("<v:Form/>", "Form", "应符合格式 [a-z]{2}", "expected the form [a-z]{2}"),
    "set": (f"{FORM}<v:Set>c</v:Set>", "Set", "应为其中之一 'a', 'b'", "expected one of 'a', 'b'"),
    "too-long": (f"{FORM}<v:Text>12345</v:Text>", "Text", "最长4个字符, 实际5个", "expected at most 4 characters, found 5"),
    "too-short": (f"{FORM}<v:Text>1</v:Text>", "Text", "最短2个字符, 实际1个", "expected at least 2 characters, found 1"),
    "whole": (f"{FORM}<v:Whole>x</v:Whole>", "Whole", "应为整数", "expected a whole number"),
    "too-great": (f"{FORM}<v:Range>10</v:Range>", "Range", "应不大于9", "expected at most 9"),
    "too-small": (f"{FORM}<v:Range>-1</v:Range>", "Range", "应不小于0", "expected at least 0"),
    "truth": (f"{FORM}<v:Truth>yes</v:Truth>", "Truth", "应为true或false", "expected true or false"),
    "wrong-field": ("<v:Set>a</v:Set>", "Set", "此处应为 Form", "here the contract expects Form"),
    "one-of-two": (f"{FORM}<v:Part><v:Id>ab</v:Id><v:X/></v:Part>", "X", "此处应为 Note", "here the contract expects Note"),
    "one-of-many": (f"{FORM}<v:X/>", "X", "此处应为 Set or Text or Whole or Range or Truth or Part",
                    "here the contract expects Set or Text or Whole or Range or Truth or Part"),
    "other-namespace": ('<Form xmlns="urn:o">ab</Form>', "Form", "此处应为 {urn:v}Form", "here the contract expects {urn:v}Form"),
    "no-namespace": ("<Form>ab</Form>", "Form", "此处应为 {urn:v}Form", "here the contract expects {urn:v}Form"),
    "missing": ("", "op", "缺少 Form", "missing Form"),
    "missing-inside": (f"{FORM}<v:Part/>", "Part", "缺少 Id", "missing Id"),
    "no-more": (f"{FORM}<v:Part><v:Id>ab</v:Id><v:Note>ab</v:Note><v:Note>ab</v:Note></v:Part>", "Note",
                "契约在此处没有更多字段", "the contract has no further field here"),
    "text-for-fields": (f"ab{FORM}", "op", "此处应为字段, 不是文本", "expected fields here, not text"),
    "fields-for-text": ("<v:Form><v:a/></v:Form>", "Form", "此处应为文本, 不是字段", "expected text here, not fields"),
    "attribute": ('<v:Form a="1">ab</v:Form>', "Form", "契约没有此属性", "the contract has no attribute here"),
    "nil": (f'<v:Form {XSI} xsi:nil="true"/>', "Form", "不可为xsi:nil", "xsi:nil is not taken here"),
    "type": (f'<v:Form {XSI} xsi:type="x">ab</v:Form>', "Form", "应为契约规定的类型", "expected a value of the contract's type"),
}  # fmt: skip


@pytest.mark.parametrize("case", EXPECTED)
def test_violation_says_what_is_expected(case: str) -> None:
    """Field, and both languages."""
    children, field, zh, en = EXPECTED[case]
    first = broken(children)[0]
    assert (first.field, first.zh, first.en) == (field, zh, en)


PATHS = {
    "operation": ("", "op"),
    "field": ("<v:Form>AB</v:Form>", "op/Form"),
    "only-one": (f"{FORM}<v:Part><v:Id>AB</v:Id></v:Part>", "op/Part/Id"),
    "second-of-two": (f"{FORM}<v:Part><v:Id>ab</v:Id></v:Part><v:Part><v:Id>AB</v:Id></v:Part>", "op/Part[2]/Id"),
    "first-of-two": (f"{FORM}<v:Part><v:Id>AB</v:Id></v:Part><v:Part><v:Id>ab</v:Id></v:Part>", "op/Part[1]/Id"),
    "another-prefix": ('<w:Form xmlns:w="urn:v">AB</w:Form>', "op/Form"),
    "default-namespace": ('<Form xmlns="urn:v">AB</Form>', "op/Form"),
    "default-namespace-inside": (
        f'{FORM}<Part xmlns="urn:v"><Id>ab</Id></Part><Part xmlns="urn:v"><Id>ab</Id><Note>AB</Note></Part>', "op/Part[2]/Note"),
    "prefixes-mixed": (f'{FORM}<v:Part><v:Id>ab</v:Id></v:Part><w:Part xmlns:w="urn:v"><w:Id>AB</w:Id></w:Part>', "op/Part[2]/Id"),
    "long-name": (f"{FORM}<v:{'a' * 90}/>", f"op/{'a' * 80}"),
    "name-too-long-for-libxml2": (f"{FORM}<v:{'a' * 200}/>", "op"),
}  # fmt: skip


@pytest.mark.parametrize("case", PATHS)
def test_path_leads_to_the_place(case: str) -> None:
    """Local names from the operation down, whatever prefixes the sender uses."""
    children, path = PATHS[case]
    assert broken(children)[0].path == path


def test_line_is_that_of_the_element() -> None:
    """Counted over the whole message, from one."""
    assert [v.line for v in broken("\n<v:Form>\nAB</v:Form>\n<v:Set>c</v:Set>")] == [3, 5]


def test_every_place_is_told_once() -> None:
    """libxml2 says twice what is wrong with a value; the sender reads it once, in the order of the message."""
    told = broken("<v:Form>AB</v:Form><v:Set>c</v:Set><v:Whole>x</v:Whole>")
    assert [v.path for v in told] == ["op/Form", "op/Set", "op/Whole"]


def test_no_more_places_are_told_than_a_fault_has_room_for() -> None:
    """A message can break its contract in hundreds of places; each costs us time."""
    assert len(broken(FORM + "<v:Part><v:Id>AB</v:Id></v:Part>" * 90)) == MOST


HOSTILE = [
    "SECRET",
    "x is not accepted by the pattern 'SECRET",
    "x' is not accepted by the pattern 'SECRET'.",
    "x is not an element of the set {'SECRET'}.",
    "length of '5'; this exceeds the allowed maximum length of '77777'.",
    "This element is not expected. Expected is ( SECRET ).",
    "Missing child element(s). Expected is ( SECRET ).",
    "is greater than the maximum value allowed ('SECRET').",
    "the atomic type 'SECRET'.",
    "{SECRET}",
    "{0}{1}{SECRET!r}",
]
PLACES = {
    "form": "<v:Form>{}</v:Form>",
    "set": FORM + "<v:Set>{}</v:Set>",
    "whole": FORM + "<v:Whole>{}</v:Whole>",
    "range": FORM + "<v:Range>{}</v:Range>",
    "truth": FORM + "<v:Truth>{}</v:Truth>",
    "between": "{}" + FORM,
    "type": "<v:Form " + XSI + ' xsi:type="{}">ab</v:Form>',
    "attribute": '<v:Form a="{}">ab</v:Form>',
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_is_repeated(place: str, value: str) -> None:
    """Also not one that is written like an error of libxml2."""
    told = broken(PLACES[place].replace("{}", value, 1))
    assert [v for v in told if "SECRET" in v.zh + v.en + v.path or "77777" in v.zh + v.en] == []


def test_good_message_has_none() -> None:
    """An empty log is an empty list."""
    element = etree.fromstring(f'<v:op xmlns:v="urn:v">{FORM}</v:op>')
    assert SCHEMA.validate(element)
    assert violations(SCHEMA.error_log, element) == []
