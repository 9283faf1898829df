"""Captured HTTP messages: files that hold the bytes of requests or answers, one message after the other as on a connection.

The parser here is for our own captures: it takes what the gate for messages refuses, so that a rule can name it, but reads no DTD, no
entity and no network either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree

from gateway.contract.lint.running import Unusable

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
_START = re.compile(r"HTTP/[\d.]+ [1-5][0-9][0-9](?: [^\n]*)?|[!-~]+ [!-~]+ HTTP/[\d.]+", re.A)
_LENGTH = re.compile(r"[0-9]{1,10}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[^\r\n]*)?\r\n")


@dataclass(frozen=True, eq=False)
class Captured:
    """One message: its first line, its header lines with names in small letters, its body; and where it stands in the file."""

    path: Path
    line: int
    start: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    body_line: int

    def header(self, name: str) -> str | None:
        """Give the first header line of a name."""
        return next((value for other, value in self.headers if other == name), None)

    @property
    def is_answer(self) -> bool:
        """Whether it is an answer; else it is a request."""
        return self.start.startswith("HTTP/")

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.start.split(" ")[1])

    @property
    def method(self) -> str:
        """Of a request."""
        return self.start.split(" ")[0]

    @property
    def http_version(self) -> str:
        """Such as HTTP/1.1."""
        return self.start.split(" ")[0 if self.is_answer else 2]

    @property
    def media_type(self) -> str:
        """Without its parameters, in small letters."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def root(self) -> etree._Element | None:
        """Give the body as XML; None where it is none."""
        try:
            return etree.fromstring(self.body, _PARSER) if self.body else None
        except etree.XMLSyntaxError:
            return None

    @cached_property
    def namespace(self) -> str:
        """Give the namespace of the envelope; empty where the body is no envelope."""
        if self.root is None or etree.QName(self.root).localname != "Envelope":
            return ""
        return str(etree.QName(self.root).namespace or "none")

    @cached_property
    def content(self) -> etree._Element | None:
        """Give the first element in the Body."""
        body = None if self.root is None or not self.namespace else self.root.find(f"{{{self.namespace}}}Body")
        return None if body is None else next(body.iterchildren("*"), None)

    @property
    def fault(self) -> etree._Element | None:
        """Give the fault, if that is what the Body holds."""
        content = self.content
        return content if content is not None and content.tag == f"{{{self.namespace}}}Fault" else None

    def line_of(self, node: etree._Element) -> int:
        """Give the line of an element in the file."""
        return self.body_line + (node.sourceline or 1) - 1


def captured(path: Path) -> Iterator[Captured]:
    """Read a file of messages; raises Unusable where it cannot be cut into whole messages."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or 'cannot be read'}") from error
    at, line = 0, 1
    while at < len(data):
        message, end = _message(path, data, at, line)
        yield message
        line += data.count(b"\n", at, end)
        at = end


def _message(path: Path, data: bytes, at: int, line: int) -> tuple[Captured, int]:
    head_end = data.find(b"\r\n\r\n", at)
    if head_end < 0:
        raise Unusable(f"{path}:{line}: no whole HTTP head: it ends with an empty line, and lines end with CR LF")
    start, *lines = data[at:head_end].decode("latin-1").split("\r\n")
    if not _START.fullmatch(start):
        raise Unusable(f"{path}:{line}: neither a request line nor a status line of HTTP")
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in (text.partition(":") for text in lines))
    begin = head_end + 4
    body, end = _body(path, data, begin, dict(reversed(headers)), line)
    return Captured(path, line, start, headers, body, line + data.count(b"\n", at, begin)), end


def _body(path: Path, data: bytes, begin: int, headers: dict[str, str], line: int) -> tuple[bytes, int]:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _chunks(path, data, begin, line)
    length = headers.get("content-length", "0")
    if not _LENGTH.fullmatch(length) or begin + int(length) > len(data):
        raise Unusable(f"{path}:{line}: the message is cut off, or its Content-Length is none")
    return data[begin : begin + int(length)], begin + int(length)


def _chunks(path: Path, data: bytes, at: int, line: int) -> tuple[bytes, int]:
    body = b""
    while (size := _CHUNK.match(data, at)) is not None:
        at = size.end() + int(size[1], 16)
        body += data[size.end() : at]
        if data[at : at + 2] != b"\r\n":
            break
        at += 2
        if int(size[1], 16) == 0:
            return body, at
    raise Unusable(f"{path}:{line}: the message is cut off, or its chunks are none")
