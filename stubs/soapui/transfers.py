"""Property transfers: a value is read from a property, or a place in its XML, and written to another.

As SoapUI does it: with a path on both sides nodes are paired in order; else the first node's text. XQuery and JSON paths are not run.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from gateway.contract.codec import EncodeError, escape
from stubs.soapui.documents import NotXml, as_text, parse_text
from stubs.soapui.model import Transfer
from stubs.soapui.results import Broken, CannotRun, Said
from stubs.soapui.scope import Scope
from stubs.soapui.xpath import select, split


def transfer(scope: Scope, wanted: Transfer, previous: str | None) -> None:
    """Do one transfer; a step that it does not name is the request before, `previous`. Raises Broken and CannotRun."""
    if wanted.xquery or wanted.source_path.startswith("$") or wanted.target_path.startswith("$"):
        raise CannotRun(Said(f"传递{wanted.name}使用XQuery或JSONPath", f"transfer {wanted.name} uses XQuery or a JSON path"))
    source_step, target_step = wanted.source_step or previous or "", wanted.target_step or previous or ""
    value = scope.read(source_step, wanted.source_type)
    target = scope.holder(target_step)
    if wanted.target_type not in target and wanted.target_type.upper() in ("REQUEST", "RESPONSE"):
        raise Broken(Said(f"步骤{target_step}没有属性{wanted.target_type}", f"step {target_step} has no property {wanted.target_type}"))
    found = _read(wanted, value, scope)
    if not found:
        if wanted.ignore_empty:
            return
        if not wanted.null_on_missing:
            what = wanted.source_path or wanted.source_type
            raise Broken(Said(f"没有可传递的值: {what}", f"transfer {wanted.name}: nothing is there to transfer: {what}"))
        found = [""]
    if wanted.ignore_empty and not any(found):
        return
    if not wanted.target_path:
        target[wanted.target_type] = _text(wanted, found[0])
        return
    target[wanted.target_type] = _put(wanted, target.get(wanted.target_type, ""), found, scope)


def _read(wanted: Transfer, value: str | None, scope: Scope) -> list[str | etree._Element]:
    """Texts, or elements where elements are to be moved as such; empty where nothing is."""
    if value is None:
        return []
    if not wanted.source_path:
        return [value]
    try:
        found = select(parse_text(value), scope.expand(wanted.source_path))
    except NotXml as error:
        raise Broken(Said(f"传递{wanted.name}: 来源不是XML", f"transfer {wanted.name}: the source is not XML: {error.reason}")) from None
    return [_taken(wanted, item) for item in found]


def _taken(wanted: Transfer, item: str | etree._Element) -> str | etree._Element:
    if isinstance(item, str) or wanted.child_nodes or not wanted.text_content:
        return item
    return item.text or "" if len(item) == 0 else item


def _text(wanted: Transfer, found: str | etree._Element) -> str:
    text = found if isinstance(found, str) else as_text(found)
    if not wanted.entitize:
        return text
    try:
        return escape(text)
    except EncodeError:
        raise Broken(Said("值含有XML不允许的字符", "the value holds a character that XML cannot carry")) from None


def _put(wanted: Transfer, document: str, found: list[str | etree._Element], scope: Scope) -> str:
    """Write into the places that the target's path selects; gives the document anew."""
    path = scope.expand(wanted.target_path)
    try:
        root = parse_text(document)
    except NotXml as error:
        raise Broken(Said(f"传递{wanted.name}: 目标不是XML", f"transfer {wanted.name}: the target is not XML: {error.reason}")) from None
    places = _places(root, path)
    if not places:
        raise Broken(Said(f"目标中没有 {path}", f"transfer {wanted.name}: missing match for target XPath [{path}]"))
    paired = bool(wanted.source_path)
    most = len(places) if wanted.to_all else min(len(places), len(found) if paired else 1)
    for number, (node, attribute) in enumerate(places[:most]):
        _set(wanted, node, attribute, found[min(number, len(found) - 1)] if paired else found[0])
    return as_text(root)


def _places(root: etree._Element, path: str) -> list[tuple[etree._Element, str | None]]:
    """Elements, or elements with the name of one of their attributes; a text stands for its element."""
    bare, declared = split(path)
    try:
        found = etree.XPath(bare, namespaces=dict(declared))(root.getroottree())
    except etree.XPathError:
        raise Broken(Said(f"目标XPath无法使用: {path}", f"the target XPath cannot be used: {path}")) from None
    places: list[tuple[etree._Element, str | None]] = []
    for item in found if isinstance(found, list) else []:
        if isinstance(item, etree._Element):
            places.append((item, None))
        elif isinstance(item, etree._ElementUnicodeResult):
            parent = item.getparent()
            if parent is not None:
                places.append((parent, item.attrname if item.is_attribute else None))
    return places


def _set(wanted: Transfer, node: etree._Element, attribute: str | None, value: str | etree._Element) -> None:
    try:
        if attribute is not None:
            node.set(attribute, _text(wanted, value))
        elif isinstance(value, str):
            for child in list(node):
                node.remove(child)
            node.text = _text(wanted, value)
        elif wanted.child_nodes:
            node[:] = [deepcopy(child) for child in value]
            node.text = value.text
        else:
            parent = node.getparent()
            if parent is not None:
                other = deepcopy(value)
                other.tail = node.tail
                parent.replace(node, other)
    except ValueError:
        raise Broken(Said("值含有XML不允许的字符", "the value holds a character that XML cannot carry")) from None
