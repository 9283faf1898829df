"""Faults: whose side, which status, and the message that goes out in SOAP 1.1 and 1.2."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.contract import Codec, load_contract
from gateway.contract.document import CONTRACT_FAULT
from gateway.errors import BUSY, CONTRACT_BROKEN, INTERNAL, MALFORMED, NOT_UNDERSTOOD, WRONG_VERSION
from gateway.resources import contracts_dir
from gateway.soap.faults import SOAP11, SOAP12, Side, SoapFault, Version, Violation, fault_envelope, http_status

CODEC = Codec(load_contract(contracts_dir() / "ocs.wsdl"))
PLACE = Violation("ProductNo", "feeCheck/ProductNo", 7, "应为数字", "expected digits")
BOTH = pytest.mark.parametrize("version", list(Version), ids=lambda version: version.name)


def written(fault: SoapFault, version: Version = Version.V11) -> etree._Element:
    """Write a fault and give the Fault element as a client parses it."""
    root = etree.fromstring(fault_envelope(fault, version, CODEC, "ab12"))
    assert root.tag == f"{{{version.namespace}}}Envelope"
    (body,) = root
    (element,) = body
    return element


def test_text_without_a_place() -> None:
    """Code and meaning."""
    fault = SoapFault(MALFORMED)
    assert (fault.text("zh"), fault.text("en")) == (
        "[1001] 报文不是合法的XML",
        "[1001] the message is not well-formed XML",
    )


def test_text_with_a_place() -> None:
    """Code, meaning, and the first place: field, path, line, what was expected."""
    fault = SoapFault(CONTRACT_BROKEN, violations=[PLACE, PLACE])
    assert fault.text("zh") == "[1006] 报文不符合契约: ProductNo (feeCheck/ProductNo, 第7行): 应为数字"
    assert (
        fault.text("en")
        == "[1006] the message breaks its contract: ProductNo (feeCheck/ProductNo, line 7): expected digits"
    )


STATUS = {
    (Side.SENDER, Version.V11): 500,
    (Side.SENDER, Version.V12): 400,
    (Side.RECEIVER, Version.V11): 500,
    (Side.RECEIVER, Version.V12): 500,
    (Side.VERSION, Version.V12): 500,
    (Side.UNDERSTANDING, Version.V12): 500,
}


@pytest.mark.parametrize(("side", "version"), STATUS)
def test_status_follows_side_and_version(side: Side, version: Version) -> None:
    """SOAP 1.1: always 500 (WS-I R1126); SOAP 1.2: 400 for the sender's faults alone (part 2, table 20)."""
    assert http_status(SoapFault(BUSY, side), version) == STATUS[side, version]


def test_soap_1_1_fault_has_three_children_without_namespace() -> None:
    """WS-I R1000, R1001."""
    assert [child.tag for child in written(SoapFault(MALFORMED))] == ["faultcode", "faultstring", "detail"]


def test_soap_1_2_fault_has_code_reason_detail() -> None:
    """Part 1, 5.4; both languages stand in one text: of two texts, gSOAP loses the whole fault (tests/interop)."""
    fault = written(SoapFault(MALFORMED), Version.V12)
    assert [child.tag for child in fault] == [f"{{{SOAP12}}}{name}" for name in ("Code", "Reason", "Detail")]
    assert [node.text for node in fault[1]] == [f"{SoapFault(MALFORMED).text('zh')} | {SoapFault(MALFORMED).text('en')}"]


CODES = {
    Side.SENDER: ("Client", "Sender"),
    Side.RECEIVER: ("Server", "Receiver"),
    Side.VERSION: ("VersionMismatch", "VersionMismatch"),
    Side.UNDERSTANDING: ("MustUnderstand", "MustUnderstand"),
}


@pytest.mark.parametrize("side", list(Side), ids=lambda side: side.name)
def test_code_is_a_name_of_the_envelope(side: Side) -> None:
    """No dotted codes (WS-I R1004); the prefix is that of the envelope."""
    results = {Side.VERSION: WRONG_VERSION, Side.UNDERSTANDING: NOT_UNDERSTOOD}
    first = written(SoapFault(results.get(side, INTERNAL), side))
    second = written(SoapFault(results.get(side, INTERNAL), side), Version.V12)
    codes = [(first, first.findtext("faultcode"), SOAP11), (second, second.findtext(f".//{{{SOAP12}}}Value"), SOAP12)]
    for (element, text, namespace), name in zip(codes, CODES[side], strict=True):
        prefix, _, local = str(text).partition(":")
        assert (element.nsmap[prefix], local) == (namespace, name)


@BOTH
def test_detail_is_the_contracts_fault(version: Version) -> None:
    """It validates, and holds the code, both texts, the reference and every place."""
    detail = written(SoapFault(CONTRACT_BROKEN, violations=[PLACE]), version)[2][0]
    CODEC.contract.validator.assertValid(detail)
    read = CODEC.by_element[CONTRACT_FAULT].decode(detail)
    assert read == CODEC["ContractFaultType"](
        Code="1006",
        MessageZh=SoapFault(CONTRACT_BROKEN, violations=[PLACE]).text("zh"),
        MessageEn=SoapFault(CONTRACT_BROKEN, violations=[PLACE]).text("en"),
        Reference="ab12",
        Violation=[
            CODEC["Violation"](
                Field="ProductNo",
                Path="feeCheck/ProductNo",
                Line=7,
                ExpectedZh="应为数字",
                ExpectedEn="expected digits",
            )
        ],
    )


@BOTH
def test_markup_in_a_text_is_escaped(version: Version) -> None:
    """A pattern may hold any character; the fault stays well-formed."""
    place = Violation("a", "a", 1, "<&>", "</s:Body> ]]> &amp;")
    detail = written(SoapFault(CONTRACT_BROKEN, violations=[place]), version)[2][0]
    assert CODEC.by_element[CONTRACT_FAULT].decode(detail).Violation[0].ExpectedEn == "</s:Body> ]]> &amp;"


def test_no_more_than_twenty_places() -> None:
    """As many as the contract has room for."""
    assert len(SoapFault(CONTRACT_BROKEN, violations=[PLACE] * 21).violations) == 20
