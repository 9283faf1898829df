"""An answer as it goes onto the wire: what of it, in what manner, and what the faults of HTTP, bytes, connection and time make of it.

Values only: who writes them is told by `Manner`. Must not know XML, sockets or any framework.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from stubs.faults.rules import Met

TEXT_XML = "text/xml; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"
_PAGE = (
    "<!DOCTYPE html>\n<html lang=zh><head><meta charset=utf-8><title>系统维护</title></head>"
    "<body><h1>系统维护中<br>Service unavailable</h1><hr>nginx</body></html>\n"
)
_ENCODING = re.compile(rb'(<\?xml[^>]*?encoding=)(["\'])[\w.-]+\2')


class Manner(StrEnum):
    """How an answer is written."""

    WHOLE = "whole"
    SILENT = "silent"
    """Nothing of it; the line is dropped after `lasts` seconds."""
    RESET = "reset"
    """A part of it, then the connection is reset."""
    CUT = "cut"
    """A part of its body, then the connection is closed."""
    DRIP = "drip"
    """In pieces of `piece` bytes, `pause` seconds between them; then the connection is closed."""
    ENDLESS = "endless"
    """Its body again and again, in chunks of `piece` bytes, for `lasts` seconds."""
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer on its way. `wait` is in seconds before anything is written, `part` is of 1."""

    status: int
    body: bytes
    content_type: str = TEXT_XML
    headers: tuple[tuple[str, str], ...] = ()
    wait: float = 0.0
    manner: Manner = Manner.WHOLE
    part: float = 1.0
    piece: int = 0
    pause: float = 0.0
    lasts: float = 0.0

    def written(self) -> bytes:
        """Give the bytes of its body that go out, of one that is written in part."""
        return self.body[: int(len(self.body) * self.part)]


def _late(sent: Sent, met: Met) -> Sent:
    return replace(sent, wait=sent.wait + met.seconds())


def _silent(sent: Sent, met: Met) -> Sent:
    return replace(sent, manner=Manner.SILENT, lasts=met.number("seconds"))


def _reset(sent: Sent, met: Met) -> Sent:
    return replace(sent, manner=Manner.RESET, part=met.number("after") / 100)


def _truncate(sent: Sent, met: Met) -> Sent:
    return replace(sent, manner=Manner.CUT, part=met.number("after") / 100)


def _drip(sent: Sent, met: Met) -> Sent:
    return replace(sent, manner=Manner.DRIP, piece=int(met.number("bytes")), pause=met.number("pause"))


def _endless(sent: Sent, met: Met) -> Sent:
    piece, pause = int(met.number("bytes")), met.number("pause")
    return replace(sent, manner=Manner.ENDLESS, piece=piece, pause=pause, lasts=met.number("seconds"))


def _twice(sent: Sent, met: Met) -> Sent:
    return replace(sent, manner=Manner.TWICE)


def _plain_500(sent: Sent, met: Met) -> Sent:
    return replace(sent, status=500, body=b"Internal Server Error\n", content_type=_PLAIN)


def _503(sent: Sent, met: Met) -> Sent:
    after = int(met.number("retry_after"))
    headers = (("Retry-After", str(after)),) if after else ()
    return replace(sent, status=503, body=b"Service Unavailable\n", content_type=_PLAIN, headers=headers)


def _html(sent: Sent, met: Met) -> Sent:
    return replace(sent, status=_status(met), body=_PAGE.encode(), content_type=_HTML)


def _empty(sent: Sent, met: Met) -> Sent:
    return replace(sent, status=_status(met), body=b"")


def _status(met: Met) -> int:
    """Give a status that may have a body: 204 and 304 have none, which no caller of SOAP is served by."""
    status = int(met.number("status"))
    return 200 if status in (204, 304) else status


def _media_type(sent: Sent, met: Met) -> Sent:
    return replace(sent, content_type=met.text("media_type"))


def _charset(sent: Sent, met: Met) -> Sent:
    """Let one of the three disagree; the other two stay as they are."""
    charset = met.text("charset")
    match met.text("where"):
        case "header":
            media_type = sent.content_type.partition(";")[0]
            return replace(sent, content_type=f"{media_type}; charset={charset}")
        case "prolog":
            return replace(sent, body=_declared(sent.body, charset))
        case _:
            return replace(sent, body=_unlike(sent.body.decode(), charset))


def _declared(body: bytes, charset: str) -> bytes:
    declared, found = _ENCODING.subn(rb"\1\2" + charset.upper().encode() + rb"\2", body, count=1)
    return declared if found else f'<?xml version="1.0" encoding="{charset.upper()}"?>'.encode() + body


def _unlike(text: str, charset: str) -> bytes:
    """Write in another charset; a text that is the same in both gets a Chinese word in a comment, so that the bytes do disagree."""
    if text.isascii() and charset != "utf-16":
        text = text.rstrip() + "<!--编码-->" if charset != "iso-8859-1" else text.rstrip() + "<!--caf\xe9-->"
    return text.encode(charset, "xmlcharrefreplace")


def _mark(sent: Sent, met: Met) -> Sent:
    mark = codecs.BOM_UTF8 if met.text("mark") == "utf-8" else codecs.BOM_UTF16_LE
    return replace(sent, body=mark + sent.body)


Spoil = Callable[[Sent, Met], Sent]

SPOILS: Mapping[str, Spoil] = {
    "delay": _late, "late-answer": _late, "hang": _silent, "reset": _reset, "truncate": _truncate, "slow-drip": _drip,
    "endless-body": _endless, "duplicate-answer": _twice, "http-500-without-soap": _plain_500, "http-503": _503,
    "html-answer": _html, "empty-body": _empty, "wrong-media-type": _media_type, "wrong-charset": _charset, "bom": _mark,
}  # fmt: skip
"""What each fault of these layers does."""
