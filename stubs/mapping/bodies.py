"""Expectations of a whole message: XPath over the request as it came. Knows XML, not what a message means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

from lxml import etree

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.contract.document import TYPES_NAMESPACE
from gateway.soap.faults import SOAP11, SOAP12
from stubs.mapping.operators import Difference, Operator, OperatorWrong, read_operators

Document = Any
"""An element tree: lxml's own type has no public name."""
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_PREFIX = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*):(?!:)")
_EMPTY = etree.ElementTree(etree.Element("none"))


@dataclass(frozen=True, slots=True)
class XPathMatcher:
    """matchesXPath: without operators something must be found, with them one of the texts found must be as asked."""

    expression: str
    find: etree.XPath
    operators: tuple[Operator, ...]

    def differ(self, document: Document) -> list[Difference]:
        """Give what is not as asked."""
        try:
            found = self.find(document)
        except etree.XPathError as error:  # within a condition this shows only when something is held against it
            return [Difference(self.expression, "matchesXPath", f"cannot be carried out: {error}", 1.0)]
        values = _texts(found)
        if not self.operators:
            holds = bool(found) and not (isinstance(found, float) and isnan(found))
            return [] if holds else [Difference(self.expression, "matchesXPath", None, 1.0)]
        return [one for one in (operator.differ(self.expression, values) for operator in self.operators) if one is not None]


def namespaces_of(codec: Codec | None) -> dict[str, str]:
    """Give the prefixes that need no declaration: s and s12 of the envelope, t of the common types, m of the contract."""
    own = {} if codec is None else {"m": codec.contract.namespace}
    return {"s": SOAP11, "s12": SOAP12, "t": TYPES_NAMESPACE, **own}


def read_xpath(written: Mapping[str, Any], known: Mapping[str, str]) -> XPathMatcher:
    """Read {"matchesXPath": EXPRESSION or {"expression": ..., OPERATOR: ...}, "xPathNamespaces": {...}}; raises OperatorWrong."""
    for name in written.keys() - {"matchesXPath", "xPathNamespaces"}:
        raise OperatorWrong(f"{name} is unknown; there are matchesXPath and xPathNamespaces")
    wanted, more = written.get("matchesXPath"), written.get("xPathNamespaces", {})
    operators: tuple[Operator, ...] = ()
    if isinstance(wanted, Mapping):
        rest = {name: value for name, value in wanted.items() if name != "expression"}
        operators, wanted = read_operators(rest) if rest else (), wanted.get("expression")
    if not isinstance(wanted, str) or not wanted.strip():
        raise OperatorWrong("matchesXPath: expected an XPath expression, or a table of expression and operators")
    if not isinstance(more, Mapping) or not all(isinstance(uri, str) and uri for uri in more.values()):
        raise OperatorWrong("xPathNamespaces: expected a table of prefixes and namespaces")
    return XPathMatcher(wanted, _compiled(wanted, {**known, **more}), operators)


def _compiled(expression: str, namespaces: dict[str, str]) -> etree.XPath:
    for prefix in _PREFIX.findall(_LITERAL.sub("''", expression)):
        if prefix not in namespaces:
            raise OperatorWrong(f"the prefix {prefix} of {expression} is not declared; there are {', '.join(namespaces)}")
    try:
        found = etree.XPath(expression, namespaces=namespaces, regexp=False)
        found(_EMPTY)  # functions and variables are looked up only when they are used
    except etree.XPathError as error:
        raise OperatorWrong(f"not an XPath expression: {error}") from None
    return found


def written_anew(codec: Codec, element: str, message: Message) -> Document:
    """Give a message that was not kept as it came, in an envelope of SOAP 1.1 without headers."""
    root = etree.Element(f"{{{SOAP11}}}Envelope")
    body = etree.SubElement(root, f"{{{SOAP11}}}Body")
    body.append(_element(codec, element, message))
    return etree.ElementTree(root)


def _element(codec: Codec, element: str, message: Message) -> etree._Element:
    made = etree.Element(element)
    _fill(made, codec.contract.schemas.element_type(element), message)
    return made


def _fill(into: etree._Element, made: Any, message: Message) -> None:
    for field in made.fields:
        value = getattr(message, field.name)
        for one in [] if value is None else value if field.repeated else [value]:
            child = etree.SubElement(into, f"{{{field.namespace}}}{field.name}")
            if isinstance(one, Message):
                _fill(child, field.complex_type, one)
            else:
                child.text = ("true" if one else "false") if isinstance(one, bool) else str(one)


def _texts(found: Any) -> list[str]:
    if isinstance(found, list):
        return [_text(one) for one in found]
    if isinstance(found, bool):
        return ["true" if found else "false"]
    if isinstance(found, float):
        return [str(int(found)) if found.is_integer() else str(found)]
    return [str(found)]


def _text(node: Any) -> str:
    return "".join(node.itertext()) if isinstance(node, etree._Element) else str(node)
