"""What a record says of its message beside the message: operation, numbers, sender. Read from the text, which may be no XML.

Must not know masking: it is given what is masked already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

_BODY = re.compile(r"<(?:[\w.-]+:)?Body\b[^<>]*>\s*<(?:[\w.-]+:)?([\w.-]+)")
_OPEN = r"(?:<|&(?:amp;)*lt;)(?:[\w.-]+:)?"
# No part of it can match what the next one does: a caller's message must not cost more than its length.
_CLOSE = r"(?:\s[^<>&]*)?(?:>|&(?:amp;)*gt;)([^<&]*)"


@dataclass(frozen=True, slots=True)
class Described:
    """What was found; empty where nothing was."""

    operation: str
    system: str
    streaming_no: str
    order: str
    trace: str
    number: str


def describe(text: str) -> Described:
    """Describe a request."""
    body = _BODY.search(text)
    return Described(
        body[1] if body else "", field(text, "SystemId"), field(text, "StreamingNo"), field(text, "OrderId"),
        field(text, "TraceId"), field(text, "ProductNo") or field(text, "UserID") or field(text, "DA"),
    )  # fmt: skip


def field(text: str, name: str) -> str:
    """Give the first value of a field by its local name, small or capital; also from a document in a string."""
    found = _pattern(name).search(text)
    return found[1].strip()[:80] if found else ""


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(f"{_OPEN}{re.escape(name)}{_CLOSE}", re.IGNORECASE)


def contract_of(path: str, names: Mapping[str, str]) -> str:
    """Name the contract that stands at a path: of the present ones, of an older version, or an old service by its own name."""
    parts = [part for part in path.split("/") if part]
    return next((names[part] for part in reversed(parts) if part in names), parts[-1] if parts else "")
