"""Two answers, field by field: what they say is compared, not how it is written. Documents within strings are opened.

Must not know why answers differ, or whether it matters.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway.capture.masking import to_text
from gateway.soap.envelope import parse_xml
from gateway.soap.faults import SoapFault
from gateway.soap.xml_gate import XmlLimits
from stubs.replay.rules import Difference

LIMITS: Final = XmlLimits(tags=200_000, references=200_000, run=8 << 20)
"""An answer was taken by its size already; within that it may hold what it likes."""
_MOST: Final = 50
"""Differences that are told of one answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, media type and body; `error` says why there is none."""

    status: int
    type: str = ""
    body: bytes = b""
    error: str = ""


Leaf = tuple[str, str]


def leaves(answer: Answer) -> list[Leaf]:
    """Give each value of an answer with its path, in order; what is no XML is one value."""
    if answer.error:
        return [("(no answer)", answer.error)]
    head: list[Leaf] = [("HTTP status", str(answer.status))]
    if not answer.body:
        return head
    charset = answer.type.lower().partition("charset=")[2].split(";")[0].strip(" \"'") or None
    try:
        root = parse_xml(answer.body, charset, LIMITS)
    except SoapFault:
        text = to_text(answer.body, answer.type)
        return [*head, ("(body that is no XML)", text[0] if text else answer.body.hex())]
    return head + _of(_content(root), "")


def differences(expected: list[Leaf], actual: list[Leaf]) -> list[Difference]:
    """Compare two answers' values; at most fifty are told."""
    if expected == actual:
        return []
    left, right = dict(expected), dict(actual)
    paths = list(dict.fromkeys([*left, *right]))
    found = [Difference(path, left.get(path), right.get(path)) for path in paths if left.get(path) != right.get(path)]
    return found[:_MOST]


def _content(root: etree._Element) -> etree._Element:
    """Give what stands in the Body; all where there is none."""
    name = etree.QName(root)
    if name.localname == "Envelope":
        for child in root:
            if etree.QName(child).localname == "Body" and len(child):
                return child[0]
    return root


def _of(element: etree._Element, above: str) -> list[Leaf]:
    path = f"{above}/{etree.QName(element).localname}" if above else etree.QName(element).localname
    return _inside(element, path)


def _inside(element: etree._Element, path: str) -> list[Leaf]:
    found: list[Leaf] = [(f"{path}/@{etree.QName(name).localname}", str(value)) for name, value in sorted(element.attrib.items())]
    if not len(element):
        text = (element.text or "").strip()
        inner = _document(text)
        return found + (_of(inner, path) if inner is not None else [(path, text)])
    several = {name: 0 for name, count in Counter(_name(child) for child in element).items() if count > 1}
    for child in element:
        name = _name(child)
        place = f"{path}/{name}"
        if name in several:
            several[name] += 1
            place += f"[{several[name]}]"
        found += _inside(child, place)
    return found


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _document(text: str) -> etree._Element | None:
    """Open a document within a string, as the field's old forms have it."""
    if not text.startswith("<") or not text.endswith(">"):
        return None
    try:
        return parse_xml(text.encode(), "utf-8", LIMITS)
    except SoapFault:
        return None
