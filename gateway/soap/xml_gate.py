"""Limits on XML from outside: what bounds the work of the parser before it runs, and what is looked at in its tree afterwards.

Counts over the raw bytes decide first. They are so cheap that nearly every message pays some 3 us; only one that counts cannot clear
is looked at in the tree. Must not know about SOAP.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from gateway.errors import FORBIDDEN_XML, MALFORMED, TOO_LARGE
from gateway.soap.faults import SoapFault, Violation

_BLANKS = b" \t\r\n"
# Whatever may stand in a name becomes one letter: a name that is too long is then a run of it. So does text without blanks, which
# the tree clears.
_NAMES = bytes(0x20 if byte in b" \t\r\n<>=\"'/&;" else 0x61 for byte in range(256))


@dataclass(frozen=True, slots=True)
class XmlLimits:
    """What one message may hold; each is a most, and one more is refused."""

    tags: int = 4000
    """`<` in all: start and end tags, comments, CDATA. Also `=`, and `xmlns`: attributes and declarations in all."""
    references: int = 4000
    """`&` in all."""
    depth: int = 40
    """Elements in each other, the envelope counted."""
    attributes: int = 32
    """Attributes of one element."""
    namespaces: int = 32
    """Namespace declarations in force at one element."""
    run: int = 64 << 10
    """Bytes of one text or attribute value, and of a tag without its blanks."""
    name: int = 128
    """Characters of one name, its prefix included."""
    header_blocks: int = 20
    """Blocks of a SOAP Header."""


DEFAULT = XmlLimits()


def before_parsing(data: bytes, limits: XmlLimits = DEFAULT) -> bytes:
    """Refuse what may stand only in a prolog of bad intent, and what would be dear to parse; gives the bytes without leading blanks.

    `data` is UTF-8 without mark and declaration. Raises SoapFault.
    """
    start = data.lstrip(_BLANKS)
    while start.startswith(b"<!--"):
        end = start.find(b"-->")
        if end < 0:
            raise SoapFault(MALFORMED)
        start = start[end + 3 :].lstrip(_BLANKS)
    if start[:1] != b"<":
        raise SoapFault(MALFORMED)
    if start[1:2] in (b"!", b"?"):
        raise SoapFault(FORBIDDEN_XML)
    most = limits.tags
    if data.count(b"<") > most:
        raise _above("标签", "tags", most)
    if data.count(b"&") > limits.references:
        raise _above("引用", "references", limits.references)
    if data.count(b"=") > most:
        raise _above("属性", "attributes", most)
    if len(data) > limits.run:
        if data.count(b">") > 10 * most:  # more than tags have: it stands in texts, to hide a run
            raise _above("大于号", "times >", 10 * most)
        if max(map(len, data.translate(None, _BLANKS).split(b">"))) > limits.run:
            raise _above("单个文本或标签的字节", "bytes of one text or tag", limits.run)
    return data.lstrip(b" \t\r") if data[:1] in (b" ", b"\t", b"\r") else data


def after_parsing(root: etree._Element, data: bytes, limits: XmlLimits = DEFAULT) -> None:
    """Look into the tree for what the counts of `data`, from which it was made, cannot rule out; raises SoapFault.

    So many elements in each other need two tags each; so many attributes need as many `=`.
    """
    if data.count(b"<") >= 2 * limits.depth and _deeper(limits.depth)(root):
        raise _above("嵌套层数", "elements in each other", limits.depth)
    if data.count(b"=") > min(limits.attributes, limits.namespaces):
        if _wider(limits.attributes)(root):
            raise _above("单个元素的属性", "attributes of one element", limits.attributes)
        if data.count(b"xmlns") > limits.namespaces and _scope(root, limits.namespaces) > limits.namespaces:
            raise _above("命名空间声明", "namespace declarations in force", limits.namespaces)
    if b"a" * (limits.name + 1) in data.translate(_NAMES) and _longer_names(limits.name)(root):
        raise _above("名称字符", "characters of a name", limits.name)
    if len(data) > limits.run and _longer_text(limits.run)(root):
        raise _above("单个文本的字符", "characters of one text", limits.run)


def _above(zh: str, en: str, most: int) -> SoapFault:
    return SoapFault(TOO_LARGE, violations=[Violation("XML", "XML", 1, f"{zh}最多{most}", f"at most {most} {en}")])


def header_blocks_above(most: int) -> SoapFault:
    """Give the refusal of a Header with more blocks."""
    return _above("头部块", "header blocks", most)


# Expressions over the whole tree, each in one pass. Their number is that of the limits that are configured.


@lru_cache(8)
def _deeper(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


@lru_cache(8)
def _wider(attributes: int) -> etree.XPath:
    return etree.XPath(f"boolean(//*[count(@*) > {attributes}])")


@lru_cache(8)
def _longer_names(most: int) -> etree.XPath:
    return etree.XPath(f"boolean(//*[string-length(name()) > {most}] | //@*[string-length(name()) > {most}])")


@lru_cache(8)
def _longer_text(most: int) -> etree.XPath:
    return etree.XPath(f"boolean(//text()[string-length(normalize-space()) > {most}] | //@*[string-length() > {most}])")


def _scope(root: etree._Element, most: int) -> int:
    """Most declarations that are in force at once; a prefix that is declared anew counts again."""
    held = highest = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        held += 1 if event == "start-ns" else -1
        if held > highest:
            highest = held
            if highest > most:
                break
    return highest
