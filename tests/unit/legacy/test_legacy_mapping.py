"""Rows of a table, one kind at a time: what an old field becomes, and what becomes of a typed one."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.contract.schema import ComplexType, Field, Primitive
from gateway.errors import BAD_TIME
from gateway.legacy.mapping import text_of, to_old, to_typed
from gateway.legacy.table import (
    Form,
    Known,
    Row,
    always,
    coded,
    either,
    known,
    many,
    named,
    same,
    times,
    unused,
    within,
)
from gateway.soap.faults import SoapFault


def field(name: str, inner: ComplexType | None = None, *, minimum: int = 0) -> Field:
    return Field(name, "urn:t", minimum, None, None if inner else Primitive.TEXT, inner)


ITEM = ComplexType("Item", "urn:t", [field("Code"), field("Until")])
WANTED = ComplexType("Wanted", "urn:t", [field("First"), field("Second", minimum=1), field("Item", ITEM)])


def typed(document: str, *rows: Row) -> str:
    """Give what a document becomes, without namespaces."""
    made = to_typed(rows, etree.fromstring(document), WANTED, "{urn:t}Wanted", lambda source: source.name)
    for node in made.iter():
        node.tag = etree.QName(node).localname
    etree.cleanup_namespaces(made)
    return _inside(made)


def old(document: str, *rows: Row) -> str:
    return _inside(to_old(rows, etree.fromstring(document), "Old", None))


def _inside(made: etree._Element) -> str:
    return "".join(etree.tostring(node, encoding="unicode") for node in made)


CASES = {
    "the contract's order, not the table's": (
        same("Second", "First"), "<o><Second>2</Second><First>1</First></o>", "<First>1</First><Second>2</Second>",
    ),
    "another name": ((named("Frist", "First"),), "<o><Frist>1</Frist></o>", "<First>1</First>"),
    "blanks around": (same("First"), "<o><First> 1\n</First></o>", "<First>1</First>"),
    "empty and optional": (same("First"), "<o><First/></o>", ""),
    "empty and required": (same("Second"), "<o><Second/></o>", "<Second></Second>"),
    "other values": ((coded("First", _3="1"),), "<o><First>3</First></o>", "<First>1</First>"),
    "a value like the new one": ((coded("First", _3="1"),), "<o><First>7</First></o>", "<First>7</First>"),
    "said by another, absent": ((either("Frist", "Other", "First"),), "<o><Other>x</Other></o>", "<First>x</First>"),
    "said by another, empty": ((either("Frist", "Other", "First"),), "<o><Frist> </Frist><Other>x</Other></o>", "<First>x</First>"),
    "said by itself": ((either("Frist", "Other", "First"),), "<o><Frist>1</Frist><Other>x</Other></o>", "<First>1</First>"),
    "said by neither": ((either("Frist", "Other", "First"),), "<o/>", ""),
    "not used": ((*unused("Other"), *same("First")), "<o><Other>x</Other></o>", ""),
    "known": ((known("First", Known.NOW), known("Second", "0")), "<o/>", "<First>NOW</First><Second>0</Second>"),
    "fields of fields": ((many("Thing", *same("Code"), new="Item"),), "<o><Thing><Code>a</Code></Thing><Thing><Code>b</Code></Thing></o>",
                         "<Item><Code>a</Code></Item><Item><Code>b</Code></Item>"),
    "side by side": ((within("Item", *same("Code")),), "<o><Code>a</Code></o>", "<Item><Code>a</Code></Item>"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_old_becomes_typed(case):
    """Each kind of row carries its value over."""
    rows, document, expected = CASES[case]
    assert typed(document, *rows) == expected


BACK = {
    "the table's order": (same("Second", "First"), "<t><First>1</First><Second>2</Second></t>", "<Second>2</Second><First>1</First>"),
    "the old name": ((named("Frist", "First"),), "<t><First>1</First></t>", "<Frist>1</Frist>"),
    "the old value": ((coded("First", _3="1"),), "<t><First>1</First></t>", "<First>3</First>"),
    "what has no row is left out": (same("First"), "<t><Second>2</Second></t>", ""),
    "what is known is not told": ((known("First", Known.NOW),), "<t><First>1</First></t>", ""),
    "what is always there": ((always("Kind", "0"),), "<t/>", "<Kind>0</Kind>"),
    "side by side": ((within("Item", *same("Code")),), "<t><Item><Code>a</Code></Item></t>", "<Code>a</Code>"),
}


@pytest.mark.parametrize("case", BACK)
def test_typed_becomes_old(case):
    """And back."""
    rows, document, expected = BACK[case]
    assert old(document, *rows) == expected


TIMES = {
    "20261123093001": "20261123093001", "202611230930": "20261123093000", "20261123": "20261123000000",
    "2026-11-23 09:30:01": "20261123093001", "2026-11-23": "20261123000000",
}  # fmt: skip


@pytest.mark.parametrize("written", TIMES)
def test_every_form_of_a_time(written):
    """All are read, one is written."""
    assert typed(f"<o><First>{written}</First></o>", *times("First")) == f"<First>{TIMES[written]}</First>"


def test_day_is_cut_from_a_time():
    """Where a day is wanted, a time is taken too."""
    assert typed("<o><First>202611230930</First></o>", Row("First", "First", Form.DAY)) == "<First>20261123</First>"


@pytest.mark.parametrize("written", ["20260230", "2026", "yesterday", "2026-02-30"])
def test_time_that_is_none(written):
    """It is told by field, with the form that is wanted."""
    with pytest.raises(SoapFault) as caught:
        typed(f"<o><First>{written}</First></o>", *times("First"))
    assert (caught.value.result, caught.value.violations[0].field) == (BAD_TIME, "First")


def test_text_of_what_is_not_there():
    """It is empty."""
    assert text_of(etree.fromstring("<o><a>1</a></o>"), "b") == ""
