"""libxml2's schema errors in our words: field, path, line and what was expected, without the sender's value."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from gateway.soap.faults import Violation

_STEP = re.compile(r"(?:(?P<prefix>[^:\[\]]+):)?(?P<name>[^:\[\]]+)(?:\[(?P<index>\d+)\])?$")
_LOCAL = re.compile(r"\{[^}]*\}")
_XML_TYPES = {
    "xs:int": ("整数", "a whole number"),
    "xs:long": ("整数", "a whole number"),
    "xs:boolean": ("true或false", "true or false"),
}
# Texts of libxml2, each from its end: the sender's value stands before what is matched, whatever it holds.
_RULES = tuple(
    (re.compile(text + "$").search, zh, en)
    for text, zh, en in (
        (r"is not accepted by the pattern '([^']*)'\.", "应符合格式 {0}", "expected the form {0}"),
        (r"is not an element of the set \{([^{}]*)\}\.", "应为其中之一 {0}", "expected one of {0}"),
        (r"length of '(\d+)'; this exceeds the allowed maximum length of '(\d+)'\.",
         "最长{1}个字符, 实际{0}个", "expected at most {1} characters, found {0}"),
        (r"length of '(\d+)'; this underruns the allowed minimum length of '(\d+)'\.",
         "最短{1}个字符, 实际{0}个", "expected at least {1} characters, found {0}"),
        (r"is greater than the maximum value allowed \('([^']*)'\)\.", "应不大于{0}", "expected at most {0}"),
        (r"is less than the minimum value allowed \('([^']*)'\)\.", "应不小于{0}", "expected at least {0}"),
        (r"This element is not expected\.", "契约在此处没有更多字段", "the contract has no further field here"),
        (r"Character content[^']*'element-only'\.", "此处应为字段, 不是文本", "expected fields here, not text"),
        (r"Element content is not allowed[^']*\.", "此处应为文本, 不是字段", "expected text here, not fields"),
        (r"The element is not 'nillable'\.", "不可为xsi:nil", "xsi:nil is not taken here"),
        (r"The attribute '[^']*' is not allowed\.", "契约没有此属性", "the contract has no attribute here"),
    )
)  # fmt: skip
_NAMES = re.compile(r"(not expected|Missing child element\(s\))\. Expected is (?:one of )?\(([^()]*)\)\.$").search
_ATOMIC = re.compile(r"atomic type '([^']*)'\.$").search
MOST = 20
"""Places that are told. A message can break its contract in hundreds, and telling one costs as much as reading ten."""


def violations(errors: Any, root: etree._Element) -> list[Violation]:
    """Translate an error log of XMLSchema; one entry for a place, in document order."""
    found: dict[str, Violation] = {}
    for error in errors:
        node = _find(root, error.path or "")
        path = _readable(root, node)
        if path in found:  # libxml2 adds "is not a valid value of type" after each facet error
            continue
        field = path.rsplit("/", 1)[-1].partition("[")[0]
        zh, en = _expected(error.message, field)
        found[path] = Violation(field=field, path=path, line=int(error.line), zh=zh, en=en)
        if len(found) == MOST:
            break
    return list(found.values())


def _find(root: etree._Element, path: str) -> etree._Element:
    """Walk libxml2's path, which begins at `root`; where the sender uses a default namespace its steps read `*[n]`."""
    node = root
    for text in path.strip("/").split("/")[1:]:
        step = _STEP.match(text)
        if step is None:
            return node
        index = int(step["index"] or 1)
        named = [c for c in node if isinstance(c.tag, str) and _matches(c, step["prefix"], step["name"])]
        if len(named) < index:
            return node
        node = named[index - 1]
    return node


def _matches(node: etree._Element, prefix: str | None, name: str) -> bool:
    return name == "*" or (node.prefix == prefix and etree.QName(node).localname == name)


def _readable(root: etree._Element, node: etree._Element) -> str:
    """Local names from the operation down, with [n] where a field stands more than once."""
    steps: list[str] = []
    current: etree._Element | None = node
    while current is not None:
        name = etree.QName(current).localname
        parent = current.getparent()
        if parent is not None and current is not root:
            same = [c for c in parent if c.tag == current.tag]
            if len(same) > 1:
                name += f"[{same.index(current) + 1}]"
        steps.append(name[:80])
        if current is root:
            break
        current = parent
    return "/".join(reversed(steps))


def _expected(message: str, field: str) -> tuple[str, str]:
    """Say what the contract wants there."""
    names = _NAMES(message)
    if names is not None:
        wanted = _wanted(names[2], field)
        if names[1] == "not expected":
            return f"此处应为 {wanted}", f"here the contract expects {wanted}"
        return f"缺少 {wanted}", f"missing {wanted}"
    for search, zh, en in _RULES:
        match = search(message)
        if match is not None:
            return zh.format(*match.groups()), en.format(*match.groups())
    atomic = _ATOMIC(message)
    zh, en = _XML_TYPES.get(atomic[1] if atomic else "", ("契约规定的类型", "a value of the contract's type"))
    return f"应为{zh}", f"expected {en}"


def _wanted(names: str, field: str) -> str:
    """Give the names that may stand there, with the namespace where only that is wrong."""
    whole = [name.strip() for name in names.split(",")]
    local = [_LOCAL.sub("", name) for name in whole]
    return " or ".join(whole if field in local else local)
