"""Puts our UsernameToken into a message that was recorded without the sender's: what showed who he was is never in a capture."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from gateway.capture.record import Said
from gateway.soap.faults import Version

_HEADER: Final = re.compile(r"<((?:[\w.-]+:)?)Header(?:\s[^<>]*?)?(/?)>")
_BODY: Final = re.compile(r"<((?:[\w.-]+:)?)Body\b")
_BLOCK: Final = re.compile(r"<wsse:Security.*</wsse:Security>", re.DOTALL)


def sealed(body: bytes, said: Said, seal: Callable[[str, str, str], str]) -> bytes:
    """Give the message with a token; one that is no envelope, or no text, as it is."""
    if said.base64:
        return body
    text = body.decode(said.charset)
    block = _BLOCK.search(seal("", "", ""))
    at = _BODY.search(text)
    if block is None or at is None:
        return body
    namespace = next((v.namespace for v in Version if v.namespace in text), Version.V11.namespace)
    token = block[0].replace("<wsse:Security", f'<wsse:Security xmlns:s="{namespace}"', 1)
    header = _HEADER.search(text, 0, at.start())
    if header is None:
        made = f"<{at[1]}Header>{token}</{at[1]}Header>"
        return (text[: at.start()] + made + text[at.start() :]).encode(said.charset)
    if header[2]:
        made = f"<{header[1]}Header>{token}</{header[1]}Header>"
        return (text[: header.start()] + made + text[header.end() :]).encode(said.charset)
    return (text[: header.end()] + token + text[header.end() :]).encode(said.charset)
