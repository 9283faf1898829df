"""The compiled codec: what it reads, what it writes, and what it refuses to write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from small_contract import NAMESPACE, write

from gateway.contract import Codec, EncodeError, load_contract
from gateway.contract.codec import Message, escape

WHOLE: dict[str, Any] = {"Name": "n", "Count": 7, "Sure": True, "Tag": ["a", "b"], "Limit": 9, "End": "e"}
LEAST: dict[str, Any] = {"Name": "n", "Count": 7, "Sure": False, "Tag": ["a"], "End": "e"}


@pytest.fixture(scope="module")
def codec(tmp_path_factory: pytest.TempPathFactory) -> Codec:
    return Codec(load_contract(write(tmp_path_factory.mktemp("contract"))))


def encode(codec: Codec, message: Message) -> str:
    return codec.by_element[f"{{{NAMESPACE}}}ping"].encode(message)


def decode(codec: Codec, text: str) -> Message:
    """Read a message as it comes from the wire: parsed and valid."""
    root = etree.fromstring(f"<x{codec.namespace_declarations()}>{text}</x>".encode())[0]
    codec.contract.validator.assertValid(root)
    return codec.by_element[f"{{{NAMESPACE}}}ping"].decode(root)


def part(codec: Codec, **fields: Any) -> Message:
    return codec["PartType"](**fields)


def test_message_is_written_in_the_contracts_order(codec: Codec) -> None:
    """Order, prefix and form of every kind of value."""
    message = codec["ping"](
        **WHOLE, Part=[part(codec, Id="1"), part(codec, Id="2", Note="x")], Last=part(codec, Id="3")
    )
    assert encode(codec, message) == (
        "<m:ping><m:Name>n</m:Name><m:Count>7</m:Count><m:Sure>true</m:Sure><m:Tag>a</m:Tag><m:Tag>b</m:Tag>"
        "<m:Limit>9</m:Limit><m:Part><m:Id>1</m:Id></m:Part><m:Part><m:Id>2</m:Id><m:Note>x</m:Note></m:Part>"
        "<m:Last><m:Id>3</m:Id></m:Last><m:End>e</m:End></m:ping>"
    )


@pytest.mark.parametrize("fields", [WHOLE, LEAST], ids=["whole", "least"])
def test_what_is_written_is_read_again(codec: Codec, fields: dict[str, Any]) -> None:
    """Optional fields there or not."""
    message = codec["ping"](**fields)
    assert decode(codec, encode(codec, message)) == message


def test_nested_and_repeated_are_read_again(codec: Codec) -> None:
    """Lists of messages, and a message in a message."""
    parts = [part(codec, Id="1", Note=""), part(codec, Id="2")]
    message = codec["ping"](**WHOLE, Part=parts, Last=part(codec, Id="3", Note="y"))
    assert decode(codec, encode(codec, message)) == message


def test_absent_optional_fields_are_none_or_empty(codec: Codec) -> None:
    """One that may stand once is None, one that may repeat is an empty list."""
    read = decode(codec, encode(codec, codec["ping"](**LEAST)))
    assert (read.Limit, read.Part, read.Last) == (None, [], None)


def test_empty_text_stays_text(codec: Codec) -> None:
    """An empty element is an empty string, not None."""
    assert decode(codec, encode(codec, codec["ping"](**{**LEAST, "End": ""}))).End == ""


@pytest.mark.parametrize(("written", "value"), [("1", True), ("true", True), (" false ", False), ("0", False)])
def test_boolean_is_read_in_every_form(codec: Codec, written: str, value: bool) -> None:
    """XML Schema has two words for each, and allows blanks around them."""
    text = encode(codec, codec["ping"](**LEAST)).replace("<m:Sure>false<", f"<m:Sure>{written}<")
    assert decode(codec, text).Sure is value


@pytest.mark.parametrize(("written", "value"), [("-7", -7), ("+7", 7), (" 07 ", 7), ("2147483647", 2147483647)])
def test_number_is_read_in_every_form(codec: Codec, written: str, value: int) -> None:
    """Sign, leading zero and blanks are XML Schema's."""
    text = encode(codec, codec["ping"](**LEAST)).replace("<m:Count>7<", f"<m:Count>{written}<")
    assert decode(codec, text).Count == value


def test_comment_does_not_cut_a_value(codec: Codec) -> None:
    """The parser of the wire drops comments; text on both sides is one value."""
    text = encode(codec, codec["ping"](**LEAST)).replace("<m:End>e<", "<m:End>be<!-- x -->fore<")
    root = etree.fromstring(f"<x{codec.namespace_declarations()}>{text}</x>", etree.XMLParser(remove_comments=True))[0]
    assert codec.by_element[f"{{{NAMESPACE}}}ping"].decode(root).End == "before"


@pytest.mark.parametrize(
    "value", ["<b>&amp;</b>", "a & b", "]]>", "\r\n", "tab\there", "中文", "\U0001f600", "'\"", "{x}", "%s"], ids=ascii
)
def test_text_survives(codec: Codec, value: str) -> None:
    """Markup, line ends, and letters of every plane come back as they were."""
    assert decode(codec, encode(codec, codec["ping"](**{**LEAST, "End": value}))).End == value


@pytest.mark.parametrize("value", ["\x00", "a\x08", "\x1f", "\ud800", "\ufffe", "\uffff"], ids=ascii)
def test_character_that_xml_cannot_carry_is_refused(codec: Codec, value: str) -> None:
    """No message of ours makes the receiver's parser stop."""
    with pytest.raises(EncodeError):
        encode(codec, codec["ping"](**{**LEAST, "End": value}))


BROKEN: dict[str, Callable[[Message], None]] = {
    "required-text-none": lambda m: setattr(m, "Name", None),
    "required-number-none": lambda m: setattr(m, "Count", None),
    "required-truth-none": lambda m: setattr(m, "Sure", None),
    "required-list-none": lambda m: setattr(m, "Tag", None),
    "required-list-empty": lambda m: setattr(m, "Tag", []),
    "number-for-text": lambda m: setattr(m, "Name", 7),
    "text-for-number": lambda m: setattr(m, "Count", "7"),
    "text-for-truth": lambda m: setattr(m, "Sure", "false"),
    "text-for-message": lambda m: setattr(m, "Last", "x"),
    "field-deleted": lambda m: delattr(m, "End"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_missing_or_wrong_value_is_refused(codec: Codec, case: str) -> None:
    """The error says which message, and repeats no value."""
    message = codec["ping"](**LEAST)
    BROKEN[case](message)
    with pytest.raises(EncodeError, match=r"^ping: a required value is missing or has the wrong kind$"):
        encode(codec, message)


def test_message_of_another_type_is_refused(codec: Codec) -> None:
    """A handler that returns the wrong message is found before the wire."""
    with pytest.raises(EncodeError):
        encode(codec, part(codec, Id="1"))


@pytest.mark.parametrize("text", ["plain", "中文", ""])
def test_plain_text_is_not_copied(text: str) -> None:
    """Nearly all values need no escaping, and get none."""
    assert escape(text) is text


def test_required_field_cannot_be_left_out(codec: Codec) -> None:
    """A message without it cannot even be made."""
    with pytest.raises(TypeError):
        codec["ping"](Name="n")


def test_unknown_field_cannot_be_set(codec: Codec) -> None:
    """A misspelt name is an error where it is written."""
    with pytest.raises(AttributeError):
        codec["ping"](**LEAST).Cuont = 1


def test_unknown_message_cannot_be_made(codec: Codec) -> None:
    """Messages are those of the contract."""
    with pytest.raises(KeyError):
        codec["pong"]


def test_fingerprint_ignores_what_is_left_out(codec: Codec) -> None:
    """A repeat with a new TimeStamp is the same request."""
    first, second = codec["ping"](**WHOLE), codec["ping"](**{**WHOLE, "Name": "later"})
    assert first.fingerprint("Name") == second.fingerprint("Name")


@pytest.mark.parametrize(
    "change",
    [
        {"Count": 8},
        {"Sure": False},
        {"Tag": ["a"]},
        {"Tag": ["b", "a"]},
        {"Tag": ["ab"]},
        {"Limit": None},
        {"Limit": "9"},
    ],
    ids=str,
)
def test_fingerprint_sees_every_other_change(codec: Codec, change: dict[str, Any]) -> None:
    """Value, order and kind all count."""
    assert codec["ping"](**WHOLE).fingerprint("Name") != codec["ping"](**{**WHOLE, **change}).fingerprint("Name")


def test_fingerprint_looks_into_nested_messages(codec: Codec) -> None:
    """A change deep inside is a change."""
    made = [codec["ping"](**WHOLE, Part=[part(codec, Id=i)], Last=part(codec, Id=j)) for i, j in ("12", "13", "22")]
    assert len({message.fingerprint() for message in made}) == 3


def test_nested_field_of_the_same_name_is_not_left_out(codec: Codec) -> None:
    """Only the message's own field is meant."""
    made = [codec["ping"](**WHOLE, Last=part(codec, Id=i)) for i in "12"]
    assert made[0].fingerprint("Id") != made[1].fingerprint("Id")


def test_messages_are_equal_by_content(codec: Codec) -> None:
    """Same type and fields; another type is never equal."""
    assert codec["ping"](**LEAST) == codec["ping"](**LEAST)
    assert codec["ping"](**LEAST) != codec["ping"](**WHOLE)
    assert codec["ping"](**LEAST) != part(codec, Id="1")


def test_message_cannot_be_hashed(codec: Codec) -> None:
    """Messages are mutable values."""
    with pytest.raises(TypeError):
        hash(codec["ping"](**LEAST))


def test_message_reads_well(codec: Codec) -> None:
    """repr is for a debugger."""
    assert repr(part(codec, Id="1")) == "PartType(Id='1', Note=None)"


def test_source_can_be_shown(codec: Codec) -> None:
    """`vsopgw wsdl codec` prints what runs."""
    assert "def decode_ping(e):" in codec.source
    assert compile(codec.source, "codec", "exec") is not None


def test_lists_are_copied_when_a_message_is_made(codec: Codec) -> None:
    """A message does not share the caller's list."""
    tags = ["a"]
    message = codec["ping"](**{**LEAST, "Tag": tags})
    tags.append("b")
    assert message.Tag == ["a"]


def test_one_name_in_two_namespaces_makes_two_classes(tmp_path: Path) -> None:
    """The second class gets another name; both read and write."""
    other = tmp_path / "other.xsd"
    other.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:other" elementFormDefault="qualified">'
        '<xs:complexType name="PartType"><xs:sequence><xs:element name="Far" type="xs:string"/></xs:sequence></xs:complexType>'
        "</xs:schema>"
    )
    path = write(
        tmp_path,
        xsd=(
            '  <xs:element name="ping">',
            '  <xs:import namespace="urn:other" schemaLocation="other.xsd"/>\n  <xs:element name="ping">',
        ),
    )
    schema = path.with_suffix(".xsd")
    schema.write_text(
        schema.read_text().replace('name="Last" type="PartType"', 'name="Last" type="o:PartType" xmlns:o="urn:other"')
    )
    codec = Codec(load_contract(path))
    message = codec["ping"](**LEAST, Part=[part(codec, Id="1")], Last=codec["PartType_"](Far="2"))
    assert decode(codec, encode(codec, message)) == message
