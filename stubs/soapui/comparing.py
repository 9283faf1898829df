"""Compare a piece of XML with what was expected of it, as SoapUI's XPath Match does: names, prefixes, attributes, texts, in order.

Blanks around texts mean nothing, as SoapUI compares what it has indented anew.
"""

from __future__ import annotations

import re

from lxml import etree

from stubs.soapui.documents import local


def similar(expected: str, actual: str, *, wildcards: bool) -> bool:
    """Compare two texts; with `wildcards`, * stands for anything, also nothing."""
    if not wildcards or "*" not in expected:
        return expected == actual
    return re.fullmatch(".*".join(map(re.escape, expected.split("*"))), actual, re.DOTALL) is not None


def difference(expected: etree._Element, actual: etree._Element, *, wildcards: bool, prefixes: bool) -> str:
    """Say where two elements differ first; empty where they do not. `prefixes`: they count too."""
    name = local(expected)
    if expected.tag != actual.tag:
        return f"expected element {expected.tag!s}, found {actual.tag!s}"
    if prefixes and expected.prefix != actual.prefix:
        return f"expected prefix {expected.prefix or 'none'} of {name}, found {actual.prefix or 'none'}"
    if set(expected.keys()) != set(actual.keys()):
        return f"expected attributes {sorted(map(str, expected.keys()))} of {name}, found {sorted(map(str, actual.keys()))}"
    for key, value in expected.items():
        if not similar(str(value), str(actual.get(key)), wildcards=wildcards):
            return f"expected {value} in attribute {key} of {name}, found {actual.get(key)}"
    texts, others = _texts(expected), _texts(actual)
    children, found = list(expected.iterchildren(etree.Element)), list(actual.iterchildren(etree.Element))
    if wildcards and not children and texts == ["*"]:
        return ""  # * stands for children too
    if len(children) != len(found):
        return f"expected {len(children)} elements in {name}, found {len(found)}"
    for text, other in zip(texts, others, strict=True):
        if not similar(text, other, wildcards=wildcards):
            return f"expected {text} in {name}, found {other}"
    deeper = (difference(a, b, wildcards=wildcards, prefixes=prefixes) for a, b in zip(children, found, strict=True))
    return next(filter(None, deeper), "")


def _texts(node: etree._Element) -> list[str]:
    """Texts before, between and after the children, comments left out."""
    texts = [node.text or ""]
    for child in node:
        if isinstance(child.tag, str):
            texts.append(child.tail or "")
        else:
            texts[-1] += child.tail or ""
    return [text.strip() for text in texts]
