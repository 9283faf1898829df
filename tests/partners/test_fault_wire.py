"""Every fault of the catalogue over real sockets: its bytes, whether the party acted, and what the gateway's own client makes of it."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stubs.faults.catalogue import FAULTS, Layer, On
from stubs.faults.verdicts import VERDICTS, Verdict

SLOW_FIRST = {Layer.TIME: 0, Layer.CONNECTION: 0, Layer.SEQUENCE: 0}
WANTED = sorted(VERDICTS, key=lambda one: SLOW_FIRST.get(FAULTS[one.fault].layer, 1))
NOT_DONE = [Verdict("soap-fault", "", {"side": "client"}), Verdict("hang", ""), Verdict("reset", ""), Verdict("html-answer", "")]
"""Also asked for without the party doing anything."""


@pytest.fixture(scope="module")
def shown():
    """Show all of them once, in a process of their own: (fault with values, acts) -> what came of it."""
    written = [({"fault": one.fault, **one.values}, True) for one in WANTED]
    written += [({"fault": one.fault, **one.values, "acts": False}, False) for one in NOT_DONE]
    program = [sys.executable, str(Path(__file__).parent / "fault_probe.py")]
    asked = json.dumps([fault for fault, _ in written])
    done = subprocess.run(program, input=asked, capture_output=True, text=True, timeout=60, check=True)
    found = zip([*WANTED, *NOT_DONE], [acts for _, acts in written], json.loads(done.stdout), strict=True)
    return {(one.name, acts): {**came, "bytes": base64.b64decode(came["bytes"])} for one, acts, came in found}


def ids(verdict):
    """Name a case."""
    return verdict.name


def test_every_fault_of_answers_is_shown():
    """The table leaves none out, nor a choice of one."""
    there = {name for name, fault in FAULTS.items() if fault.on is On.ANSWER}
    assert {one.fault for one in VERDICTS} == there
    shown = {(one.fault, name, str(value)) for one in VERDICTS for name, value in one.values.items()}
    choices = {
        (name, parameter.name, choice)
        for name in there for parameter in FAULTS[name].parameters for choice in parameter.choices[1:]
        if parameter.name != "distribution"
    }  # fmt: skip
    assert choices <= shown


@pytest.mark.parametrize("verdict", VERDICTS, ids=ids)
def test_what_the_gateway_makes_of_it(shown, verdict):
    """Answer, Temporary or Permanent, in the client's words, as the document has it."""
    assert shown[verdict.name, True]["verdict"] == verdict.verdict


@pytest.mark.parametrize("verdict", VERDICTS, ids=ids)
def test_whether_the_party_acted(shown, verdict):
    """Two products, asked for twice; nothing under http-503, and twice as much by one that keeps no StreamingNo. The journal names it."""
    came = shown[verdict.name, True]
    assert came["rows"] == {"http-503": 0, "handled-twice": 8}.get(verdict.fault, 4)
    assert [names for names in came["faults"] if names] == [[verdict.fault]] * 2


@pytest.mark.parametrize("verdict", NOT_DONE, ids=ids)
def test_fault_of_a_party_that_does_nothing(shown, verdict):
    """The same fault, and not one row."""
    acted, not_acted = shown[verdict.name, True], shown[verdict.name, False]
    assert (not_acted["verdict"], not_acted["bytes"], not_acted["rows"]) == (acted["verdict"], acted["bytes"], 0)


SOAP = b"</s:Envelope>"
BYTES: dict[str, Callable[[bytes, bytes], bool]] = {
    "delay": lambda head, body: body.endswith(SOAP),
    "late-answer": lambda head, body: head == b"",
    "hang": lambda head, body: head == b"",
    "reset": lambda head, body: head == b"",
    "reset after=50": lambda head, body: 0 < len(body) < length(head),
    "truncate": lambda head, body: abs(len(body) - length(head) / 2) < 2,
    "slow-drip": lambda head, body: head.startswith(b"HTTP/1.1 200") and 0 < len(body) < length(head),
    "endless-body": lambda head, body: b"Transfer-Encoding: chunked" in head and len(body) > 90_000,
    "duplicate-answer": lambda head, body: body.count(SOAP) == 2 and body.count(b"HTTP/1.1 200 OK") == 1,
    "http-500-without-soap": lambda head, body: head.startswith(b"HTTP/1.1 500") and body == b"Internal Server Error\n",
    "http-503": lambda head, body: head.startswith(b"HTTP/1.1 503") and b"\r\nRetry-After: 2\r\n" in head,
    "html-answer": lambda head, body: head.startswith(b"HTTP/1.1 200") and b"text/html" in head and body.startswith(b"<!DOCTYPE html"),
    "html-answer status=503": lambda head, body: head.startswith(b"HTTP/1.1 503"),
    "empty-body": lambda head, body: head.startswith(b"HTTP/1.1 200") and body == b"" and length(head) == 0,
    "wrong-media-type": lambda head, body: b"Content-Type: text/plain" in head and body.endswith(SOAP),
    "wrong-charset": lambda head, body: b"charset=utf-8" in head and b'encoding="UTF-8"' in body and not_utf8(body),
    "wrong-charset where=header": lambda head, body: b"charset=gbk" in head and b'encoding="UTF-8"' in body and not not_utf8(body),
    "wrong-charset where=prolog": lambda head, body: b"charset=utf-8" in head and b'encoding="GBK"' in body and not not_utf8(body),
    "wrong-charset charset=utf-16": lambda head, body: body.startswith(b"\xff\xfe"),
    "bom": lambda head, body: body.startswith(b"\xef\xbb\xbf<?xml"),
    "bom mark=utf-16": lambda head, body: body.startswith(b"\xff\xfe<?xml"),
    "malformed-xml": lambda head, body: body.endswith(b"</s:Body>"),
    "malformed-xml how=ampersand": lambda head, body: b"R&D" in body,
    "malformed-xml how=crossed": lambda head, body: body.endswith(b"</s:Envelope></s:Body>"),
    "malformed-xml how=control-character": lambda head, body: b"\x01" in body,
    "doctype": lambda head, body: b"<!DOCTYPE Envelope [<!ENTITY" in body,
    "wrong-namespace": lambda head, body: b"http://tempuri.org/" in body,
    "wrong-root": lambda head, body: b"serverActionResponse" not in body and b":Response>" in body,
    "extra-element": lambda head, body: b":Reserved>0<" in body,
    "missing-field": lambda head, body: b"ResultCode" not in body,
    "missing-field field=ResultInfo": lambda head, body: body.count(b"<t:ProductID>") == 1,
    "wrong-soap-version": lambda head, body: b"http://www.w3.org/2003/05/soap-envelope" in body,
    "wrong-streaming-no": lambda head, body: b"StreamingNo>20020260101120000" in body,
    "wrong-code": lambda head, body: b"ResultCode>7777<" in body,
    "wrong-code code=OK": lambda head, body: b"ResultCode>OK<" in body,
    "half-a-list": lambda head, body: body.count(b"<t:ProductID>") == 1,
    "half-a-list keep=0": lambda head, body: b"ProductID" not in body and b"ResultCode>0<" in body,
    "soap-fault": lambda head, body: head.startswith(b"HTTP/1.1 500") and b"<faultcode>s:Server<" in body and b"NullPointer" in body,
    "soap-fault side=client": lambda head, body: b"<faultcode>s:Client<" in body,
    "ok-with-fault": lambda head, body: head.startswith(b"HTTP/1.1 200") and b"<faultcode>s:Server<" in body,
    "handled-twice": lambda head, body: body.count(SOAP) == 1,
    "answer-of-another": lambda head, body: body.endswith(SOAP),
}


def length(head: bytes) -> int:
    """Read what a head promises."""
    found = re.search(rb"Content-Length: (\d+)", head)
    assert found is not None
    return int(found[1])


def not_utf8(body: bytes) -> bool:
    """Say whether bytes are no UTF-8."""
    return body.decode("utf-8", "replace").encode() != body


@pytest.mark.parametrize("name", BYTES)
def test_what_the_bytes_look_like(shown, name):
    """As the catalogue says."""
    head, _, body = shown[name, True]["bytes"].partition(b"\r\n\r\n")
    assert BYTES[name](head, body), (head, body[:300], body[-100:])


ENDS = [("reset", "ConnectionLost"), ("reset after=50", "ConnectionLost"), ("truncate", "ConnectionDone")]


@pytest.mark.parametrize(("name", "ended"), ENDS)
def test_how_the_line_ends(shown, name, ended):
    """A reset is a reset; a truncated answer is closed as if it were whole."""
    assert shown[name, True]["ended"] == ended
