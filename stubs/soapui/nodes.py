"""Small looks into the elements of a project file: children by local name, texts, flags, properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from stubs.soapui.documents import local
from stubs.soapui.model import ProjectError


def children(node: etree._Element, name: str) -> Iterator[etree._Element]:
    """Children of a local name: what SoapUI writes by hand stands in no namespace."""
    return (child for child in node.iterchildren(etree.Element) if local(child) == name)


def text_of(node: etree._Element, name: str) -> str:
    """Text of the first child of a name; empty where there is none."""
    child = next(children(node, name), None)
    return "" if child is None else child.text or ""


def properties_of(node: etree._Element, path: Path) -> Mapping[str, str]:
    """Read con:properties below a node; raises ProjectError for one without a name."""
    found: dict[str, str] = {}
    for group in children(node, "properties"):
        for entry in children(group, "property"):
            name = text_of(entry, "name")
            if not name:
                raise ProjectError(path, entry.sourceline, "a property has no name")
            found[name] = text_of(entry, "value")
    return found


def flag(node: etree._Element, name: str, default: bool = False) -> bool:
    """Read a truth attribute."""
    value = node.get(name)
    return default if value is None else value.strip().lower() in ("true", "1")
