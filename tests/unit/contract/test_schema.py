"""Reading XSD: the subset that is compiled, and that each construct beyond it is refused by file, line and name."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_contract import NAMESPACE, XSD, line_of, write

from gateway.contract import Codec, ContractError, load_contract
from gateway.contract.schema import Field, Primitive

NAME = '<xs:element name="Name" type="Short"/>'
ID = '<xs:element name="Id" type="xs:string"/>'
INNER = '<xs:element name="Inner" type="PartType" minOccurs="0"/>'
PING = '  <xs:element name="ping">'
ANSWER = '<xs:element name="pingResponse" type="PartType"/>'
PART = '<xs:complexType name="PartType">'
SHORT = '<xs:simpleType name="Short">'
LIMIT = '<xs:restriction base="xs:string"><xs:maxLength value="9"/></xs:restriction>'
IMPORT = '  <xs:import namespace="urn:o"/>\n'
HEAD = "<xs:schema"

UNSUPPORTED = {  # what is replaced, by what, the place whose line is told, and the words of the error
    "choice": (NAME, f"<xs:choice>{NAME}</xs:choice>", NAME, "type ping: unsupported xs:choice"),
    "any": (NAME, "<xs:any/>", NAME, "type ping: unsupported xs:any"),
    "element-reference": (NAME, '<xs:element ref="pingResponse"/>', NAME, "type ping: unsupported attribute ref"),
    "nillable": (NAME, NAME.replace("/", ' nillable="true"/'), NAME, "type ping: unsupported attribute nillable"),
    "default": (NAME, NAME.replace("/", ' default="x"/'), NAME, "type ping: unsupported attribute default"),
    "anonymous-type": (
        NAME,
        f'<xs:element name="Name"><xs:simpleType>{LIMIT}</xs:simpleType></xs:element>',
        NAME,
        "type ping",
    ),
    "attribute": (
        "</xs:sequence>",
        '</xs:sequence><xs:attribute name="a"/>',
        "      </xs:sequence>",
        "type ping: one plain",
    ),
    "repeated-sequence": (
        "<xs:sequence>",
        '<xs:sequence maxOccurs="2">',
        "    <xs:complexType>",
        "type ping: one plain",
    ),
    "empty-type": (
        ANSWER,
        '<xs:element name="pingResponse"><xs:complexType/></xs:element>',
        ANSWER,
        "type pingResponse: one plain",
    ),
    "simple-element": (ANSWER, ANSWER.replace("PartType", "Short"), ANSWER, "Short is not a known complex type"),
    "type-of-schema-namespace": (
        'type="xs:int"',
        'type="xs:date"',
        '<xs:element name="Count"',
        "unsupported type xs:date",
    ),
    "token": ('base="xs:string"', 'base="xs:token"', SHORT, "unsupported type xs:token"),
    "list": (LIMIT, '<xs:list itemType="xs:string"/>', SHORT, "restriction"),
    "recursion": (ID, ID + INNER, PART, "type PartType contains itself"),
    "keyword-as-name": ('name="Id"', 'name="class"', ID, "type PartType: class"),
    "name-that-python-cannot-say": ('name="Id"', 'name="Id-1"', ID, "type PartType: Id-1"),
    "name-twice": ('name="Note"', 'name="Id"', '<xs:element name="Note"', "type PartType: Id"),
    "global-group": (
        PING,
        f'  <xs:group name="g"><xs:sequence/></xs:group>\n{PING}',
        PING,
        "unsupported construct xs:group",
    ),
    "include": (PING, f'  <xs:include schemaLocation="o.xsd"/>\n{PING}', PING, "unsupported construct xs:include"),
    "import-without-location": (PING, IMPORT + PING, PING, "relative schemaLocation"),
    "import-by-url": (
        PING,
        IMPORT.replace("/", ' schemaLocation="http://o.example/o.xsd"/') + PING,
        PING,
        "relative schemaLocation",
    ),
    "unqualified": (' elementFormDefault="qualified"', "", HEAD, "elementFormDefault"),
    "no-target-namespace": (' targetNamespace="urn:test:v1"', "", HEAD, "targetNamespace"),
    "type-twice": (
        "  <xs:simpleType",
        '  <xs:complexType name="PartType"/>\n  <xs:simpleType',
        SHORT,
        "PartType is defined twice",
    ),
    "type-unknown": ('type="Short"', 'type="Long"', NAME, "{urn:test:v1}Long"),
    "base-unknown": ('base="xs:string"', 'base="xs:strong"', SHORT, "strong"),
    "prefix-unknown": ('type="Short"', 'type="o:Short"', NAME, "attribute 'type'"),
    "facet-that-is-no-number": ('maxLength value="9"', 'maxLength value="nine"', LIMIT, "maxLength"),
    "count-that-is-no-number": ('maxOccurs="3"', 'maxOccurs="three"', '<xs:element name="Tag"', "maxOccurs"),
    "not-well-formed": ("</xs:schema>", "</xs:end>", "</xs:schema>", "not well-formed XML"),
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_unsupported_construct_is_refused(case: str, tmp_path: Path) -> None:
    """Loading or compiling stops with the file, the line of the construct, and its name."""
    old, new, place, words = UNSUPPORTED[case]
    path = write(tmp_path, xsd=(old, new))
    with pytest.raises(ContractError) as caught:
        Codec(load_contract(path))
    text = str(caught.value)
    assert text.startswith(f"{path.with_suffix('.xsd')}:{line_of(XSD, place)}: "), text
    assert words in text


def test_missing_schema_is_refused(tmp_path: Path) -> None:
    """The error names the schema file that is not there."""
    path = write(tmp_path)
    path.with_suffix(".xsd").unlink()
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    assert str(caught.value) == f"{path.with_suffix('.xsd')}:1: schema file does not exist"


def test_second_file_of_a_namespace_is_refused(tmp_path: Path) -> None:
    """libxml2 would read the first and leave the other out, without a word."""
    again = '<xs:import namespace="urn:test:v1" schemaLocation="again.xsd"/>'
    path = write(tmp_path, wsdl=("    </xs:schema>", f"      {again}\n    </xs:schema>"))
    (tmp_path / "again.xsd").write_text(XSD.replace('name="pi', 'name="po'))
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    assert str(caught.value) == f"{tmp_path / 'again.xsd'}:2: namespace {NAMESPACE} has a file already"


def test_directory_with_blanks_is_read(tmp_path: Path) -> None:
    """Paths reach libxml2 as addresses, and come back from its errors as paths."""
    place = tmp_path / "a b%20"
    place.mkdir()
    path = write(place, xsd=('type="Short"', 'type="Long"'))
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    assert str(caught.value).startswith(f"{place / 'small.xsd'}:")


def test_fields_are_read_in_order(tmp_path: Path) -> None:
    """Name, namespace, occurrence and kind of each; a simple type is held as its base."""
    schemas = load_contract(write(tmp_path)).schemas
    ping, part = schemas.element_type(f"{{{NAMESPACE}}}ping"), schemas.element_type(f"{{{NAMESPACE}}}pingResponse")
    text, whole, truth = Primitive.TEXT, Primitive.WHOLE, Primitive.TRUTH
    assert ping.fields == [
        Field("Name", NAMESPACE, 1, 1, text, None),
        Field("Count", NAMESPACE, 1, 1, whole, None),
        Field("Sure", NAMESPACE, 1, 1, truth, None),
        Field("Tag", NAMESPACE, 1, 3, text, None),
        Field("Limit", NAMESPACE, 0, 1, whole, None),
        Field("Part", NAMESPACE, 0, 2, None, part),
        Field("Last", NAMESPACE, 0, 1, None, part),
        Field("End", NAMESPACE, 1, 1, text, None),
    ]


def test_anonymous_type_has_the_name_of_its_element(tmp_path: Path) -> None:
    """A named type keeps its name, an anonymous one takes the element's."""
    schemas = load_contract(write(tmp_path)).schemas
    names = [schemas.element_type(f"{{{NAMESPACE}}}{element}").name for element in ("ping", "pingResponse")]
    assert names == ["ping", "PartType"]


@pytest.mark.parametrize(("most", "repeated"), [("1", False), ("2", True), ("unbounded", True)])
def test_repeated_field_is_a_list(most: str, repeated: bool, tmp_path: Path) -> None:
    """More than one makes a list, also without an end."""
    path = write(tmp_path, xsd=('maxOccurs="3"', f'maxOccurs="{most}"'))
    fields = {field.name: field for field in load_contract(path).schemas.element_type(f"{{{NAMESPACE}}}ping").fields}
    assert fields["Tag"].repeated is repeated
