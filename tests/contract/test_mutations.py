"""Good messages, damaged at random: the answer is a valid answer or a whole fault, and nothing escapes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from examples import REQUESTS, Script, ask, decode, fault_of
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

FRAGMENTS = [
    b"<", b">", b"&", b"</", b"/>", b"<!--", b"-->", b"]]>", b"<![CDATA[", b"<?x y?>", b"<!DOCTYPE a>", b"&amp;", b"&#0;", b"&#x1F600;",
    b"&order;", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xd6\xd0", "中".encode(), "\U0001f600".encode(), b" ", b"\r\n", b'"',
    b"xmlns:q='urn:q'", b"xmlns=''", b"xsi:nil='true'", b"soapenv:mustUnderstand='1'", b"<a/>", b"'", b"%s", b"{0}", b"{", b"}",
    b"is not accepted by the pattern '", b"Expected is ( ", b"0" * 70, b"-1", b"99999999999999999999",
]  # fmt: skip
TEXTS = [
    "",
    " ",
    "0",
    "-1",
    "abc",
    "中文",
    "\U0001f600",
    "a" * 600,
    "{0}",
    "%d",
    "' is an element of the set {'x'}.",
    "\t1\n",
]


def cut(data: bytes, dice: random.Random) -> bytes:
    start, end = sorted(dice.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + data[min(end, start + 200) :]


def repeat(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data) + 1)
    return data[:start] + data[start : start + dice.randrange(200)] * dice.randrange(1, 4) + data[start:]


def insert(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice(FRAGMENTS) + data[at:]


def flip(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]


def recode(data: bytes, dice: random.Random) -> bytes:
    return data.decode("utf-8", "replace").encode(
        dice.choice(["utf-16", "utf-16-le", "utf-32", "gb18030", "utf-8-sig"])
    )


def restructure(data: bytes, dice: random.Random) -> bytes:
    """Drop, double, move, rename, refill or decorate an element; the message stays well-formed."""
    try:
        root = etree.fromstring(data)
    except (etree.XMLSyntaxError, ValueError):
        return data
    node = dice.choice(list(root.iter(etree.Element)))
    parent = node.getparent()
    act = dice.choice(["drop", "double", "move", "rename", "refill", "decorate", "nest"])
    if act == "rename":
        node.tag = dice.choice(
            [f"{{urn:other}}{etree.QName(node).localname}", etree.QName(node).localname, "{urn:vas:types:v1}X"]
        )
    elif act == "refill":
        node.text = dice.choice(TEXTS)
    elif act == "decorate":
        node.set(dice.choice(["a", "{http://www.w3.org/2001/XMLSchema-instance}type"]), dice.choice(TEXTS))
    elif act == "nest":
        etree.SubElement(node, dice.choice(["x", "{urn:vas:types:v1}Y"])).text = dice.choice(TEXTS)
    elif parent is not None:
        parent.remove(node)
        copies = {"drop": 0, "move": 1, "double": 2}[act]
        for _ in range(copies):
            parent.insert(dice.randrange(len(parent) + 1), etree.fromstring(etree.tostring(node, with_tail=False)))
    return etree.tostring(root, encoding="utf-8")


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [
    restructure,
    restructure,
    restructure,
    cut,
    repeat,
    insert,
    flip,
    recode,
]


def check(contract: str, data: bytes) -> None:
    """Either the handler ran once and its answer is valid, or it did not and the fault is valid."""
    script = Script(contract)
    answer = ask(contract, data, script)
    if answer.status == 200:
        decode(contract, answer.body)
        assert len(script.asked) == 1
    else:
        fault_of(contract, answer)
        assert script.asked == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(REQUESTS), st.integers(0, 2**32), st.integers(1, 4))
def test_damage_never_escapes(path: Path, seed: int, times: int) -> None:
    """Damaged messages are answered by the rules of the contract."""
    dice, data = random.Random(seed), path.read_bytes()
    for _ in range(times):
        data = dice.choice(MUTATIONS)(data, dice) or b"<"
    check(path.parent.name, data)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@example(b"")
@example(b"<a/>")
@example(b"<!-- " * 100)
def test_noise_is_refused(data: bytes) -> None:
    """What was never a message gets a fault."""
    answer = ask("vsop", data)
    assert fault_of("vsop", answer).Code in ("1001", "1002", "1003", "1008", "1010")


HEAD = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><o:feeCheck xmlns:o="urn:vas:ocs:v1">'
FEE = ("StreamingNo", "TimeStamp", "SystemId", "ProdSpecCode", "ProductNo", "ContentType")


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(FEE), st.text(max_size=80), min_size=1))
def test_any_text_in_a_field_is_answered(values: dict[str, str]) -> None:
    """Whatever stands in a field, the fault names fields of the message, or XML itself, and its text is XML."""
    kept = {**dict.fromkeys(FEE, "1"), **values}
    body = "".join(f"<o:{name}>{_text(value)}</o:{name}>" for name, value in kept.items())
    answer = ask("ocs", f"{HEAD}{body}</o:feeCheck></s:Body></s:Envelope>".encode("utf-8", "replace"))
    fault = fault_of("ocs", answer)
    assert {violation.Field for violation in fault.Violation} <= {*FEE, "XML"}


def _text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")
