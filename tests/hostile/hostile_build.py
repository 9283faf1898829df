"""Writes messages and requests of one target, good ones and such with something wrong in one place; values are fresh each time."""

from __future__ import annotations

import gzip
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from hostile_case import Answer, Case, Source
from hostile_targets import Target, fresh_name, fresh_number, fresh_serial
from hostile_token import Caller

S11 = "http://schemas.xmlsoap.org/soap/envelope/"
S12 = "http://www.w3.org/2003/05/soap-envelope"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
HOLE = "@@HOLE@@"
"""Where a run of bytes goes that is too long to be kept."""
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
TEXT_XML = "text/xml; charset=utf-8"


NOBODY = Caller("nobody", "nothing")


class Builder:
    """Messages of one target, from a caller who may send them; `other` may not."""

    def __init__(
        self, target: Target, *, canary: str, body_limit: int, patience: float, caller: Caller | None = None, other: Caller = NOBODY
    ) -> None:
        """`body_limit` is that of the server in bytes, `patience` its time for a whole request in seconds; no caller, no credentials."""
        self.target = target
        self.canary = canary
        self.body_limit = body_limit
        self.patience = patience
        self.caller = caller or NOBODY
        self.other = other
        self.security = (lambda: "") if caller is None else caller.header

    # Messages

    def payload(
        self, *, operation: str = "", namespace: str = "", inject: str = "", items: str = "", attributes: str = "",
        drop: str = "", **values: str,
    ) -> str:  # fmt: skip
        """Write the element in the Body; `values` are XML of single fields, `inject` stands at its end, `items` at the end of its list."""
        target = self.target
        name, number = fresh_name(), fresh_number()
        inner = ""
        for field, usual in target.fields:
            if field == drop:
                continue
            value = usual.replace("@name@", name).replace("@number@", number)
            if field == target.key:
                value = fresh_serial(target.system)
            if "@items@" in value:
                value, items = value.replace("@items@", items), ""
            inner += self.element(field, values.get(field, value))
        operation = operation or target.operation
        wrapper, own = ("v", "") if target.inner == target.namespace else ("w", f' xmlns:w="{namespace or target.namespace}"')
        used = (namespace or target.namespace) if wrapper == "v" else target.inner
        return f'<{wrapper}:{operation} xmlns:v="{used}"{own}{attributes}>{inner}{items}{inject}</{wrapper}:{operation}>'

    def element(self, name: str, value: str) -> str:
        """Write one field."""
        return f"<v:{name}>{value}</v:{name}>"

    def loose(self, value: str) -> str:
        """Write a payload with a value, as XML, in the field that takes a word."""
        return self.payload(**{self.target.loose: value})

    def text(
        self, payload: str | None = None, *, header: str | None = None, namespace: str = S11, prolog: str = "", before: str = "",
        after_body: str = "", declaration: str = DECLARATION,
    ) -> str:  # fmt: skip
        """Write a message; `prolog` stands after its declaration, `before` before its Header."""
        payload = self.payload() if payload is None else payload
        header = self.security() if header is None else header
        head = f"<s:Header>{header}</s:Header>" if header else ""
        return (
            f'{declaration}{prolog}<s:Envelope xmlns:s="{namespace}">{before}{head}<s:Body>{payload}</s:Body>{after_body}</s:Envelope>'
        )

    def message(self, payload: str | None = None, **parts: Any) -> bytes:
        """Write a message in UTF-8."""
        return self.text(payload, **parts).encode()

    def around(self, payload: str | None = None, **parts: Any) -> tuple[bytes, bytes]:
        """Give what stands before and after the hole of a message that has one."""
        before, after = self.text(payload, **parts).split(HOLE)
        return before.encode(), after.encode()

    # HTTP

    def headers(
        self, kind: str | None = TEXT_XML, action: str | None = "", *more: tuple[str, str], host: str | None = "127.0.0.1"
    ) -> tuple[tuple[str, str], ...]:
        """Give the headers of a request; None leaves one out, an empty action is the right one, and is quoted."""
        found = [] if host is None else [("Host", host)]
        if kind is not None:
            found.append(("Content-Type", kind))
        if action is not None:
            found.append(("SOAPAction", f'"{action or self.target.action}"'))
        return (*found, *more)

    def request(
        self, body: bytes, *more: tuple[str, str], line: str = "", headers: tuple[tuple[str, str], ...] | None = None, length: bool = True
    ) -> bytes:
        """Write a whole request."""
        lines = [line or f"POST {self.target.path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in (*(self.headers() if headers is None else headers), *more)]
        if length:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

    # Cases

    def case(self, id: str, name: str, about: str, accept: tuple[Answer, ...], body: Source = b"", **others: Any) -> Case:
        """Make a case with the usual head."""
        values = {"path": self.target.path, "headers": self.headers(), **others}
        return Case(id=id, name=name, about=about, accept=accept, body=body, **values)

    def harmless(self, size: int) -> Case:
        """A good request of so many bytes, blanks before its Body."""
        before, after = self.around(before=HOLE)
        body = before + b" " * max(0, size - len(before) - len(after)) + after
        return self.case("T", "twin", "A harmless request of the same size.", (Answer(200),), body, executed="yes")


@cache
def compressed(blanks: int) -> bytes:
    """So many blanks, in gzip."""
    return gzip.compress(b" " * blanks, 9)


def doctype(inside: str) -> str:
    """A document type with an internal subset."""
    return f"<!DOCTYPE s:Envelope [{inside}]>"


def laughs(levels: int = 10) -> str:
    """Entities that grow tenfold with each level; the last is a<levels>."""
    return '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels + 1))


__all__ = [
    "DECLARATION", "ENCODING", "HOLE", "S11", "S12", "TEXT_XML", "XSD", "XSI", "Builder", "compressed", "doctype", "escape", "laughs",
]  # fmt: skip
