"""The tables against both of their sides: the typed contracts, and the schemas of old messages."""

from __future__ import annotations

from functools import cache

import pytest
from lxml import etree

from gateway.contract import Codec, ContractError, load_contract
from gateway.contract.codec import Message
from gateway.legacy.mapping import check
from gateway.legacy.profile import LEGACY, dialects
from gateway.legacy.table import Known, Mapped, same
from gateway.legacy.wires import envelope
from gateway.resources import contracts_dir
from gateway.soap.envelope import Envelope, parse_envelope
from gateway.soap.faults import Version

WSDL = contracts_dir()
DIALECTS = dialects(WSDL)
EVERY = [(name, mapped) for name, dialect in DIALECTS.items() for mapped in dialect.mapped]
SERVED = [(name, mapped) for name, mapped in EVERY if mapped.served]
LOST = {
    "recvRQMessage": {"ProductOfferID"},
    "workListVSOPToFK": {"VProductInfo"},
}
"""What the string profile has no words for, beside an order's own id where no old field holds it."""


def name_of(value: object) -> str | None:
    return value.operation if isinstance(value, Mapped) else str(value)


@cache
def codec_of(contract: str) -> Codec:
    return Codec(load_contract(WSDL / f"{contract}.wsdl"))


def example(mapped: Mapped, end: str = "") -> etree._Element:
    """An example of the contract, with one item where an old message holds one."""
    body = parse_envelope((WSDL / f"examples/{mapped.contract}/{mapped.typed}{end}.xml").read_bytes(), None, frozenset()).body
    for other in [node for node in body if mapped.each and etree.QName(node).localname == mapped.each][1:]:
        body.remove(other)
    return body


def read(mapped: Mapped, element: etree._Element) -> Message:
    codec = codec_of(mapped.contract)
    codec.contract.validator.assertValid(element)
    return codec.by_element[str(element.tag)].decode(element)


def sent(content: str) -> Envelope:
    """Read a message of ours as its receiver does."""
    return parse_envelope(envelope(Version.V11, content), None, frozenset())


@pytest.mark.parametrize(("dialect", "mapped"), SERVED, ids=name_of)
def test_table_says_all_that_the_contract_needs(dialect, mapped):
    """Each field of a table is one of the contract, and no required one is left out."""
    check(mapped, codec_of(mapped.contract).contract)


@pytest.mark.parametrize(("dialect", "mapped"), SERVED, ids=name_of)
def test_typed_example_becomes_an_old_message_that_its_schema_takes(dialect, mapped):
    """Every example of the contracts can be said in old words; they are judged before they are sent."""
    spoken = DIALECTS[dialect]
    content, action = spoken.wire.write_request(mapped, spoken.old_request(mapped, example(mapped)))
    assert spoken.wire.ask(sent(content).body, action.strip('"'), spoken.mapped).mapped.operation == mapped.operation


@pytest.mark.parametrize("mapped", [mapped for name, mapped in SERVED if name == LEGACY], ids=name_of)
def test_string_profile_loses_nothing_but_what_is_listed(mapped):
    """A typed request, said in old words and read again, is the same request."""
    spoken, typed = DIALECTS[LEGACY], example(mapped)
    content, _ = spoken.wire.write_request(mapped, spoken.old_request(mapped, typed))
    asked = spoken.wire.ask(sent(content).body, "", [mapped])
    contract = codec_of(mapped.contract).contract
    order = next((node.text or "" for node in typed if etree.QName(node).localname == "OrderId"), "")
    again = spoken.typed_request(mapped, spoken.wire.request(asked), contract, {Known.ORDER: order}.__getitem__)
    before, after = read(mapped, typed), read(mapped, again)
    changed = {name for name in before.field_names if getattr(before, name) != getattr(after, name)}
    assert changed == LOST.get(mapped.operation, set())


@pytest.mark.parametrize(("dialect", "mapped"), SERVED, ids=name_of)
def test_typed_answer_becomes_an_old_one_and_is_read_again(dialect, mapped):
    """What we answer in old words is what our own calling side reads: the same number and code."""
    spoken, typed = DIALECTS[dialect], example(mapped, "Response")
    content, _ = spoken.wire.write_request(mapped, spoken.old_request(mapped, example(mapped)))
    asked = spoken.wire.ask(sent(content).body, "", [mapped])
    told = spoken.wire.write_answer(asked, spoken.old_answer(mapped, typed), Version.V11)
    old = spoken.wire.answer(parse_envelope(told, None, frozenset()).body, mapped)
    again = read(mapped, spoken.typed_answer(mapped, old, codec_of(mapped.contract).contract, {}.__getitem__))
    before = read(mapped, typed)
    assert (again.StreamingNo, again.ResultCode) == (before.StreamingNo, before.ResultCode)


BAD_TABLES = {
    "a field that is not there": (same("StreamingNo", "Nothing"), "names Nothing"),
    "a field of fields as a value": (same("ProductOfferInfo"), "takes ProductOfferInfo for what it is not"),
    "a required field left out": (same("StreamingNo"), "does not say TimeStamp"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_table_stops_the_start(case):
    """A table that does not fit its contract is refused by name, before anything is served."""
    rows, problem = BAD_TABLES[case]
    mapped = Mapped("S", "old", "oldReq", "oldResp", "vsop", "subscribeToVSOP", rows)
    with pytest.raises(ContractError, match=problem):
        check(mapped, codec_of("vsop").contract)


def test_table_of_no_operation_stops_the_start():
    """So does one that stands for an operation that the contract does not have."""
    with pytest.raises(ContractError, match="stands for nothing"):
        check(Mapped("S", "old", "oldReq", "oldResp", "vsop", "nothing", ()), codec_of("vsop").contract)
