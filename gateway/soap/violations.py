"""libxml2's schema errors in our words: field, path, line and what was expected, without the sender's value."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from gateway.soap.faults import Violation

_STEP = re.compile(r"(?:(?P<prefix>[^:\[\]]+):)?(?P<name>[^:\[\]]+)(?:\[(?P<index>\d+)\])?$")
_NAMES = re.compile(r"\{[^}]*\}")
_XML_TYPES = {
    "xs:int": ("整数", "a whole number"),
    "xs:long": ("整数", "a whole number"),
    "xs:boolean": ("true或false", "true or false"),
}
MOST = 20
"""Places that are told; a message can break its contract in hundreds, and telling each costs more than reading it all."""


def violations(errors: Any, root: etree._Element) -> list[Violation]:
    """Translate an error log of XMLSchema; one entry for a place, in document order."""
    found: dict[str, Violation] = {}
    for error in errors:
        node = _find(root, error.path or "")
        path = _readable(root, node)
        if path in found:  # libxml2 adds "is not a valid value of type" after each facet error
            continue
        field = path.rsplit("/", 1)[-1]
        zh, en = _expected(error.message)
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


def _expected(message: str) -> tuple[str, str]:
    """Say what the contract wants there. Texts of libxml2 put the value first, so only what follows it is used."""
    head, _, pattern = message.rpartition("is not accepted by the pattern '")
    if head:
        rule = pattern.rpartition("'")[0]
        return f"应符合格式 {rule}", f"expected the form {rule}"
    head, _, values = message.rpartition("is not an element of the set ")
    if head:
        rule = values.rstrip(".")
        return f"应为其中之一 {rule}", f"expected one of {rule}"
    length = _LENGTH.search(message)
    if length is not None:
        bound = "最长" if "maximum" in message else "最短"
        most = "at most" if "maximum" in message else "at least"
        return f"{bound}{length[2]}个字符, 实际{length[1]}个", f"expected {most} {length[2]} characters, found {length[1]}"
    for word, zh, en in (("greater than the maximum", "不大于", "at most"), ("less than the minimum", "不小于", "at least")):
        head, _, bound = message.rpartition(word)
        if head:
            number = bound.rpartition("('")[2].rstrip("').")
            return f"应{zh}{number}", f"expected {en} {number}"
    return _structure(message)


def _structure(message: str) -> tuple[str, str]:
    for mark, zh, en in (
        ("This element is not expected. Expected is", "此处应为", "here the contract expects"),
        ("Missing child element(s). Expected is", "缺少", "missing"),
    ):
        head, _, names = message.rpartition(mark)
        if head:
            wanted = _NAMES.sub("", names.replace("one of", "")).strip(" ().").replace(" ", "")
            return f"{zh} {wanted}", f"{en} {wanted.replace(',', ' or ')}"
    if "This element is not expected" in message:
        return "契约在此处没有任何字段", "the contract has no field here"
    if "Character content" in message:
        return "此处应为字段, 不是文本", "expected fields here, not text"
    if "Element content is not allowed" in message:
        return "此处应为文本, 不是字段", "expected text here, not fields"
    if "The attribute" in message:
        return "契约没有此属性", "the contract has no attribute here"
    _, _, name = message.rpartition("atomic type '")
    zh, en = _XML_TYPES.get(name.rstrip("'."), ("契约规定的类型", "a value of the contract's type"))
    return f"应为{zh}", f"expected {en}"
