"""XPath as SoapUI's users write it: namespaces declared in the expression, `*:name`, and the functions of XPath 2.0 that are in daily use.

XPath 1.0 of libxml2 below. What is left of XPath 2.0 is not guessed at: it cannot be run, and is said so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from stubs.soapui.results import Broken, CannotRun, Said

_DECLARE = re.compile(r"""\s*declare\s+namespace\s+([\w.-]+)\s*=\s*(?:'([^']*)'|"([^"]*)")\s*;?""")
_QUOTED = re.compile(r"""('[^']*'|"[^"]*")""")
_ANY_NAMESPACE = re.compile(r"\*:([\w.-]+)")
Item = etree._Element | str
"""An element, or the text of anything else: an attribute, a text, a number, a truth."""


def select(root: etree._Element, expression: str, *, lend: bool = False) -> list[Item]:
    """Evaluate an expression on a document; gives what it selects, in document order.

    With `lend` the document's own prefixes may be used without a declaration, as SoapUI allows in property expansions. Raises Broken
    for an undeclared prefix, CannotRun for what is not XPath 1.0.
    """
    bare, declared = split(expression)
    names = {**(_prefixes(root) if lend else {}), **declared}
    compiled = _compiled(bare, tuple(sorted(names.items())))
    try:
        found = compiled(root.getroottree())
    except etree.XPathError as error:
        raise _refusal(expression, error) from None
    if isinstance(found, list):
        return [each if isinstance(each, etree._Element) else str(each) for each in found]
    return [_written(found)]


def split(expression: str) -> tuple[str, Mapping[str, str]]:
    """Take the namespace declarations off the front of an expression."""
    declared: dict[str, str] = {}
    at = 0
    while (match := _DECLARE.match(expression, at)) is not None:
        declared[match[1]] = match[2] if match[2] is not None else match[3]
        at = match.end()
    return expression[at:].strip(), declared


def text_of(item: Item) -> str:
    """Give the text of an item: of an element, what stands before its first child."""
    return item if isinstance(item, str) else item.text or ""


@lru_cache(1024)
def _compiled(expression: str, names: tuple[tuple[str, str], ...]) -> etree.XPath:
    parts = _QUOTED.split(expression)  # at odd places stand literals, which are left alone
    parts[::2] = [_ANY_NAMESPACE.sub(r"*[local-name()='\1']", part) for part in parts[::2]]
    try:
        return etree.XPath("".join(parts), namespaces=dict(names), extensions=_FUNCTIONS)
    except etree.XPathError as error:
        raise _refusal(expression, error) from None


def _refusal(expression: str, error: etree.XPathError) -> Broken | CannotRun:
    shown = expression if len(expression) <= 120 else f"{expression[:120]}..."
    if "prefix" in str(error):
        return Broken(Said(f"XPath使用了未声明的命名空间前缀: {shown}", f"the XPath uses a prefix that is not declared: {shown}"))
    return CannotRun(Said(f"不是XPath 1.0: {shown}", f"not XPath 1.0: {shown}"))


def _prefixes(root: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in root.iter(etree.Element):
        for prefix, namespace in node.nsmap.items():
            if prefix is not None:
                found.setdefault(prefix, namespace)
    return found


def _written(value: float | bool | str | Any) -> str:
    """Write a result as XPath 2.0 would: count() is a whole number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _string(value: Any) -> str:
    """The string value of an argument."""
    if isinstance(value, list):
        if not value:
            return ""
        first = value[0]
        return "".join(map(str, first.itertext())) if isinstance(first, etree._Element) else str(first)
    return _written(value)


def _matches(_: Any, value: Any, pattern: Any) -> bool:
    try:
        return re.search(_string(pattern), _string(value)) is not None
    except re.error:
        return False


_FUNCTIONS: dict[tuple[None, str], Callable[..., Any]] = {
    (None, "exists"): lambda _, nodes: bool(nodes),
    (None, "empty"): lambda _, nodes: not nodes,
    (None, "matches"): _matches,
    (None, "lower-case"): lambda _, value: _string(value).lower(),
    (None, "upper-case"): lambda _, value: _string(value).upper(),
    (None, "ends-with"): lambda _, value, end: _string(value).endswith(_string(end)),
    (None, "abs"): lambda _, value: abs(float(_string(value) or "nan")),
}
