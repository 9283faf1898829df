"""Differences of two versions of a contract: what hurts whom, in requests and in answers."""

from __future__ import annotations

import pytest
from small_contract import NAMESPACE, WSDL, XSD

from gateway.contract import load_contract
from gateway.contract.diff import compare

SHORT = '<xs:element name="Name" type="Short"/>'


def simple(name, *facets, base="xs:string"):
    """Write a simple type; facets as name=value."""
    inner = "".join('<xs:{} value="{}"/>'.format(*facet.split("=")) for facet in facets)
    return f'<xs:simpleType name="{name}"><xs:restriction base="{base}">{inner}</xs:restriction></xs:simpleType>'


TYPES = "\n".join([
    simple("A", "enumeration=x", "enumeration=y"), simple("B", "enumeration=x"), simple("P", "pattern=a+"), simple("Q", "pattern=b+"),
    simple("L5", "minLength=1", "maxLength=5"), simple("L9", "minLength=1", "maxLength=9"), simple("L0", "minLength=0", "maxLength=5"),
    simple("F5", "length=5"), simple("Tight", "maxLength=5", base="L9"), simple("I", "maxInclusive=9", base="xs:int"),
    simple("J", "maxInclusive=99", base="xs:int"), "</xs:schema>",
])  # fmt: skip


def contract(directory, fields, *, answer="", wsdl=WSDL, schema=XSD):
    """Load a contract whose request, and whose answer, have these fields first."""
    directory.mkdir()
    text = schema.replace(SHORT, f"{fields}{SHORT}").replace("</xs:schema>", TYPES)
    inner = '<xs:element name="pingResponse"><xs:complexType><xs:sequence>' + answer
    text = text.replace(
        '<xs:element name="pingResponse" type="PartType"/>',
        f'{inner}<xs:element name="Z" type="xs:string"/></xs:sequence></xs:complexType></xs:element>',
    )
    (directory / "small.xsd").write_text(text)
    (directory / "small.wsdl").write_text(wsdl)
    return load_contract(directory / "small.wsdl")


def field(type_name="xs:string", more="", name="F"):
    """Write a field."""
    return f'<xs:element name="{name}" type="{type_name}" {more}/>'


OPTIONAL = 'minOccurs="0"'
CASES = [
    # old, new, what is said, does an old caller's request break, does a new answer break him
    ("", field(more=OPTIONAL), "added, optional", False, True),
    ("", field(), "added, required", True, True),
    (field(more=OPTIONAL), "", "removed", True, False),
    (field(), "", "removed", True, True),
    (field(more=OPTIONAL), field(), "minOccurs 0 became 1", True, False),
    (field(), field(more=OPTIONAL), "minOccurs 1 became 0", False, True),
    (field(), field(more='maxOccurs="3"'), "maxOccurs 1 became 3", False, True),
    (field(more='maxOccurs="3"'), field(more='maxOccurs="2"'), "maxOccurs 3 became 2", True, False),
    (field(more='maxOccurs="unbounded"'), field(more='maxOccurs="2"'), "maxOccurs unbounded became 2", True, False),
    (field("B"), field("A"), "value y added", False, True),
    (field("A"), field("B"), "value y removed", True, False),
    (field(), field("B"), "any value became one of x", True, False),
    (field("B"), field(), "any value is allowed, no longer only x", False, True),
    (field("P"), field("Q"), "pattern a+ became b+", True, True),
    (field(), field("P"), "pattern none became a+", True, False),
    (field("P"), field(), "pattern a+ became none", False, True),
    (field("L5"), field("L9"), "maxLength 5 became 9", False, True),
    (field("L9"), field("L5"), "maxLength 9 became 5", True, False),
    (field("L9"), field("Tight"), "maxLength 9 became 5", True, False),
    (field("L5"), field("L0"), "minLength 1 became 0", False, True),
    (field("L5"), field("F5"), "minLength 1 became 5", True, False),
    (field("I"), field("J"), "maxInclusive 9 became 99", False, True),
    (field("J"), field("xs:int"), "maxInclusive 99 became none", False, True),
    (field("xs:int"), field("xs:long"), "xs:int became xs:long", False, True),
    (field("xs:long"), field("xs:int"), "xs:long became xs:int", True, False),
    (field("xs:int"), field(), "xs:int became xs:string", True, True),
    (field("PartType"), field(), "a simple value became an element with children, or the reverse", True, True),
]
each_case = pytest.mark.parametrize(("old", "new", "what", "request_breaks", "answer_breaks"), CASES, ids=[case[2] for case in CASES])


@each_case
def test_change_of_a_request(tmp_path, old, new, what, request_breaks, answer_breaks):
    """Breaking is what refuses a message that an old caller may send."""
    (change,) = compare(contract(tmp_path / "old", old), contract(tmp_path / "new", new))
    assert (change.direction, change.operation, change.field) == ("request", "ping", "F")
    assert (change.what, change.breaking) == (what, request_breaks)


@each_case
def test_change_of_an_answer(tmp_path, old, new, what, request_breaks, answer_breaks):
    """Breaking is what an old caller, who checks by his schema, cannot read."""
    (change,) = compare(contract(tmp_path / "old", "", answer=old), contract(tmp_path / "new", "", answer=new))
    assert (change.direction, change.field, change.what, change.breaking) == ("answer", "F", what, answer_breaks)


def test_same_contract(tmp_path):
    """Nothing is said."""
    assert compare(contract(tmp_path / "old", field("A")), contract(tmp_path / "new", field("A"))) == []


def test_type_that_is_only_renamed(tmp_path):
    """Names of types are not on the wire."""
    again = '  <xs:simpleType name="Again"><xs:restriction base="L5"/></xs:simpleType>\n</xs:schema>'
    new = contract(tmp_path / "new", field("Again"), schema=XSD.replace("</xs:schema>", again))
    assert compare(contract(tmp_path / "old", field("L5")), new) == []


def test_field_of_a_field_is_named_by_its_path(tmp_path):
    """Below the message, with slashes."""
    inner = XSD.replace('<xs:element name="Id"', f'{field(name="New")}<xs:element name="Id"')
    changes = compare(contract(tmp_path / "old", ""), contract(tmp_path / "new", "", schema=inner))
    assert [(c.field, c.breaking) for c in changes] == [("Part/New", True), ("Last/New", True)]


def test_other_order_breaks_both(tmp_path):
    """A sequence is read in its order."""
    a, b = field(name="A"), field(name="B")
    for number, (old, new) in enumerate([((a + b, ""), (b + a, "")), (("", a + b), ("", b + a))]):
        before, after = (contract(tmp_path / f"{number}{i}", fields, answer=answer) for i, (fields, answer) in enumerate((old, new)))
        (change,) = compare(before, after)
        assert (change.what, change.breaking) == ("fields stand in another order", True)


def test_operation_added_or_removed(tmp_path):
    """Who does not know it does not miss it; who calls it does."""
    more = WSDL.replace('name="ping"', 'name="pong"').replace('tns:ping"', 'tns:pong"')
    more = more.replace('tns:pingResponse"', 'tns:pongResponse"')
    more = more.replace("test:v1/ping", "test:v1/pong").replace('message="tns:pong', 'message="tns:ping')
    schema = XSD.replace('name="ping"', 'name="pong"').replace('name="pingResponse"', 'name="pongResponse"')
    directory = tmp_path / "other"
    directory.mkdir()
    (directory / "small.xsd").write_text(schema)
    (directory / "small.wsdl").write_text(more.replace('message="tns:pongResponse"', 'message="tns:pingResponse"'))
    changes = compare(contract(tmp_path / "old", ""), load_contract(directory / "small.wsdl"))
    assert [(c.operation, c.what, c.breaking) for c in changes] == [("ping", "removed", True), ("pong", "added", False)]


def test_other_action_breaks(tmp_path):
    """A wrong SOAPAction is refused."""
    (change,) = compare(
        contract(tmp_path / "old", ""), contract(tmp_path / "new", "", wsdl=WSDL.replace('"urn:test:v1/ping"', '"urn:test:v1/Ping"'))
    )  # fmt: skip
    assert (change.operation, change.what, change.breaking) == ("ping", "soapAction urn:test:v1/ping became urn:test:v1/Ping", True)


def test_other_namespace_is_one_change(tmp_path):
    """The rest is compared by local names, so that one sees what a new version really changed."""
    wsdl, schema = (text.replace(NAMESPACE, "urn:test:v2") for text in (WSDL, XSD))
    changes = compare(contract(tmp_path / "old", ""), contract(tmp_path / "new", field(), wsdl=wsdl, schema=schema))
    assert [(c.field, c.what, c.breaking) for c in changes] == [
        ("", "namespace urn:test:v1 became urn:test:v2", True), ("F", "added, required", True),
    ]  # fmt: skip


def test_other_address_does_not_break(tmp_path):
    """Where it is served is told apart from what it is."""
    (change,) = compare(contract(tmp_path / "old", ""), contract(tmp_path / "new", "", wsdl=WSDL.replace("127.0.0.1:1", "127.0.0.1:2")))
    assert change.breaking is False
