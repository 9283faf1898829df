"""Messages made from the schemas: good ones, and good ones broken in one or more known ways.

An independent judge, lxml's XMLSchema over the files, says whether a broken one is still a message of the contract.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

from hypothesis import strategies as st
from lxml import etree
from message_model import SERVED, SERVED_OPERATIONS, WSDL, Complex, Member, Operation, Simple

SOAP = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
KINDS = {"1.1": "text/xml; charset=utf-8", "1.2": "application/soap+xml; charset=utf-8"}
# What XML can carry, without what it would change on the way: CR becomes LF.
_TEXT = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff\r")
XS = "http://www.w3.org/2001/XMLSchema"


@cache
def judge(contract: str) -> etree.XMLSchema:
    """The schemas of a contract, as libxml2 reads them."""
    files = [WSDL / "xsd" / f"{contract}.xsd", WSDL / "xsd/vas-types.xsd"]
    imports = "".join(
        f'<xs:import namespace="{etree.parse(file).getroot().get("targetNamespace")}" schemaLocation="{file.as_uri()}"/>' for file in files
    )
    return etree.XMLSchema(etree.fromstring(f'<xs:schema xmlns:xs="{XS}">{imports}</xs:schema>'))


def good(operation: Operation) -> st.SearchStrategy[etree._Element]:
    """Requests of an operation that keep their contract."""
    return _fields(operation.request).map(lambda fields: _element(operation.tag, operation.request, fields))


def good_answers(operation: Operation) -> st.SearchStrategy[etree._Element]:
    """Answers of an operation that keep their contract."""
    tag = f"{operation.tag}Response"
    return _fields(operation.response).map(lambda fields: _element(tag, operation.response, fields))


any_operation = st.sampled_from(SERVED_OPERATIONS)
any_message = any_operation.flatmap(lambda operation: st.tuples(st.just(operation), good(operation)))
assert {operation.contract for operation in SERVED_OPERATIONS} == set(SERVED)


@cache
def _fields(kind: Complex) -> st.SearchStrategy[tuple]:
    return st.tuples(*(_occurrences(member) for member in kind.members))


def _occurrences(member: Member) -> st.SearchStrategy[list]:
    one = _fields(member.kind) if isinstance(member.kind, Complex) else values(member.kind)
    # Three at most: what is long is another test's matter.
    return st.lists(one, min_size=member.minimum, max_size=min(member.maximum, max(member.minimum, 3)))


@cache
def values(kind: Simple) -> st.SearchStrategy[str]:
    """The lexical space of a simple type."""
    if kind.values:
        return st.sampled_from(kind.values)
    if kind.pattern is not None:
        return st.from_regex(re.compile(kind.pattern, re.ASCII), fullmatch=True)
    if kind.base == "boolean":
        return st.sampled_from(["true", "false", "1", "0"])
    if kind.base != "string":
        return st.integers(kind.least, kind.most).map(str)
    most = 60 if kind.max_length is None else kind.max_length
    return st.text(_TEXT, min_size=kind.min_length, max_size=most)


def _element(tag: str, kind: Complex, fields: tuple) -> etree._Element:
    made = etree.Element(tag, nsmap={"q": etree.QName(tag).namespace})
    _fill(made, kind, fields)
    return made


def _fill(parent: etree._Element, kind: Complex, fields: tuple) -> None:
    for member, occurrences in zip(kind.members, fields, strict=True):
        for value in occurrences:
            child = etree.SubElement(parent, member.tag)
            if isinstance(member.kind, Complex):
                _fill(child, member.kind, value)
            else:
                child.text = value


def envelope(body: etree._Element, soap: str) -> bytes:
    """A whole message."""
    root = etree.Element(f"{{{SOAP[soap]}}}Envelope", nsmap={"s": SOAP[soap]})
    etree.SubElement(root, f"{{{SOAP[soap]}}}Body").append(body)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


# ---- breaking --------------------------------------------------------------------------------------------------------

Change = Callable[[etree._Element, random.Random], None]


def _pick(root: etree._Element, dice: random.Random) -> etree._Element:
    return dice.choice(list(root.iterdescendants()) or [root])


def _drop(root: etree._Element, dice: random.Random) -> None:
    node = _pick(root, dice)
    if node is not root:
        node.getparent().remove(node)


def _double(root: etree._Element, dice: random.Random) -> None:
    node = _pick(root, dice)
    if node is not root:
        for _ in range(dice.choice([1, 1, 25, 120])):
            node.addnext(etree.fromstring(etree.tostring(node, with_tail=False)))


def _reorder(root: etree._Element, dice: random.Random) -> None:
    parent = dice.choice([node for node in root.iter() if len(node) > 1] or [root])
    children = list(parent)
    dice.shuffle(children)
    parent[:] = children


def _wrong_value(root: etree._Element, dice: random.Random) -> None:
    wrong = ["", " ", "-1", "0", "9" * 20, "true", "中文", "\U0001f600", "2026-11-24", "20261399000000", "a" * 70, "' or 1=1", "%s", "</a>"]
    leaves = [node for node in root.iter() if not len(node)]
    dice.choice(leaves).text = dice.choice(wrong)


def _too_long(root: etree._Element, dice: random.Random) -> None:
    leaves = [node for node in root.iter() if not len(node)]
    dice.choice(leaves).text = dice.choice("9中a") * dice.choice([600, 5000, 70000])


def _foreign(root: etree._Element, dice: random.Random) -> None:
    node = _pick(root, dice)
    local = etree.QName(node).localname
    node.tag = dice.choice([local, f"{{urn:other}}{local}", f"{{urn:vas:vsop:v2}}{local}", f"{{urn:vas:types:v1}}{local}"])


def _rename(root: etree._Element, dice: random.Random) -> None:
    node = _pick(root, dice)
    node.tag = f"{{{etree.QName(node).namespace or 'urn:x'}}}{dice.choice(['Remark', 'streamingNo', 'ProductNO', '产品'])}"


def _attribute(root: etree._Element, dice: random.Random) -> None:
    name = dice.choice(["a", "{urn:other}a", "id", "{http://www.w3.org/2001/XMLSchema-instance}nil"])
    _pick(root, dice).set(name, dice.choice(["true", "1", "x", ""]))


def _nest(root: etree._Element, dice: random.Random) -> None:
    node = _pick(root, dice)
    for _ in range(dice.choice([1, 3, 40])):
        node = etree.SubElement(node, dice.choice(["a", "{urn:other}b", str(node.tag)]))


def _text_between(root: etree._Element, dice: random.Random) -> None:
    _pick(root, dice).tail = dice.choice([" ", "\n", "x", "&", "\u3000"])


CHANGES: tuple[Change, ...] = (
    _drop, _double, _reorder, _wrong_value, _too_long, _foreign, _rename, _attribute, _nest, _text_between,
)  # fmt: skip


def broken(body: etree._Element, dice: random.Random) -> etree._Element:
    """The message after one to three changes; it may be good still."""
    root = etree.fromstring(etree.tostring(body))
    for _ in range(dice.randrange(1, 4)):
        dice.choice(CHANGES)(root, dice)
    return root
