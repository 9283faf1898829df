"""A message that comes as the only part of a multipart/related body (MTOM, SOAP with Attachments), from callers who may send such.

Some toolkits wrap every message so. No contract here has a binary field, hence there is nothing to attach: one part is all that is taken,
and an xop:Include within it breaks the contract as any other element would. Must not know about HTTP or SOAP.
"""

from __future__ import annotations

import re
from email.message import Message as Headers
from typing import Final

RELATED: Final = "multipart/related"
_XOP: Final = "application/xop+xml"
_HEAD_BYTES: Final = 2048
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]").fullmatch  # RFC 2046 5.1.1
_FIELD: Final = re.compile(rb"([A-Za-z-]{1,64}):[ \t]*([\x20-\x7e]*)").fullmatch
_AS_THEY_ARE: Final = ("7bit", "8bit", "binary")


class NotOnePart(Exception):
    """This is no multipart body with one part."""


def root_part(body: bytes, content_type: str) -> tuple[str, bytes]:
    """Give media type and bytes of the only part; raises NotOnePart. The bytes are those that came, nothing is decoded."""
    outer = _parameters(content_type)
    boundary = outer.get("boundary", "")
    if _BOUNDARY(boundary) is None:
        raise NotOnePart
    delimiter = b"--" + boundary.encode()
    if body.count(delimiter) != 2:
        raise NotOnePart
    before, _, rest = body.partition(delimiter)
    inner, _, after = rest.partition(b"\r\n" + delimiter)
    if before.strip(b"\r\n") or after not in (b"--", b"--\r\n") or not inner.startswith(b"\r\n"):
        raise NotOnePart
    head, parted, content = inner[2:].partition(b"\r\n\r\n")
    if not parted or len(head) > _HEAD_BYTES:
        raise NotOnePart
    fields = _fields(head)
    if fields.get("content-transfer-encoding", "binary").lower() not in _AS_THEY_ARE:
        raise NotOnePart
    if outer.get("start", fields.get("content-id")) != fields.get("content-id"):
        raise NotOnePart
    return _unwrapped(fields.get("content-type", "")), content


def _fields(head: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in head.split(b"\r\n"):
        field = _FIELD(line)
        if field is None or field[1].decode().lower() in found:
            raise NotOnePart
        found[field[1].decode().lower()] = field[2].decode().strip()
    return found


def _unwrapped(media_type: str) -> str:
    """Give the type of the message itself, which application/xop+xml names in a parameter."""
    if media_type.partition(";")[0].strip().lower() != _XOP:
        return media_type
    named = _parameters(media_type)
    charset = named.get("charset")
    return named.get("type", "") + (f"; charset={charset}" if charset else "")


def _parameters(media_type: str) -> dict[str, str]:
    """Read the parameters; raises NotOnePart where they do not parse."""
    parsed = Headers()
    try:
        parsed["content-type"] = media_type
        pairs = parsed.get_params() or []
    except (TypeError, ValueError):  # parameters in parts (RFC 2231) that do not fit together
        raise NotOnePart from None
    return {name.lower(): value for name, value in pairs if isinstance(value, str)}
