"""Result codes of the dialects against our own table: the string profile knows five, the ISMP ones some fifteen.

What they cannot say stands in the text: the string profile's begins with our number in brackets, and is read so where another gateway
answers. Must not know where a code stands in a message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from gateway.errors import (
    ALREADY_SUBSCRIBED,
    INTERNAL,
    NO_BALANCE,
    NOT_SUBSCRIBED,
    OK,
    PARTNER_FAULT,
    PLATFORM_REFUSED,
    PRODUCT_NOT_OPEN,
    RESULTS,
    UNKNOWN_PRODUCT,
    UNKNOWN_USER,
    USER_NOT_ACTIVE,
    WRONG_RELATION_STATE,
    Kind,
)

MALFORMED, BROKEN = "-98", "-99"
"""The field's two codes of an engine: the request could not be read; something unexpected happened, so ask again."""

LONGEST = 512
"""maxLength of a text."""
_NUMBER = re.compile(r"\[(\d{4})\] ").match


class Codes(Protocol):
    """How a dialect tells a result."""

    def write(self, code: int, desc: str, failure: str) -> tuple[str, str]:
        """Give code and text for an answer; `failure` is what the operation calls a refusal."""

    def read(self, code: str, desc: str) -> int:
        """Give our code for a partner's."""


def _general(code: int, failure: str) -> str:
    if code == OK.code:
        return str(OK.code)
    result = RESULTS.get(code)
    if result is not None and result.kind is Kind.FORMAT:
        return MALFORMED
    return BROKEN if result is not None and result.retryable else failure


class StringCodes:
    """Of the string profile (domain of the field, section 4)."""

    def write(self, code: int, desc: str, failure: str) -> tuple[str, str]:
        """Give the field's code, and a text that begins with ours."""
        mark = f"[{code}] "
        text = desc if code == OK.code or desc.startswith(mark) else mark + desc
        return _general(code, failure), text[:LONGEST]

    def read(self, code: str, desc: str) -> int:
        """Believe our own number, where the text has one; else the field's few codes say little."""
        if code == "0":
            return OK.code
        told = _NUMBER(desc)
        if told is not None and int(told[1]) in RESULTS:
            return int(told[1])
        return {MALFORMED: PARTNER_FAULT.code, BROKEN: INTERNAL.code}.get(code, PLATFORM_REFUSED.code)


@dataclass(frozen=True, slots=True)
class IsmpCodes:
    """Of the ISMP engines: the result codes of its portal interface, as partners' clients list them."""

    def write(self, code: int, desc: str, failure: str) -> tuple[str, str]:
        """Give ISMP's code; there is no text."""
        return _ISMP_CODE.get(code, _general(code, failure)), ""

    def read(self, code: str, desc: str) -> int:
        """Give our code; what ISMP alone knows is a refusal of the platform."""
        return _ISMP_MEANS.get(code, {MALFORMED: PARTNER_FAULT.code, BROKEN: INTERNAL.code}.get(code, PLATFORM_REFUSED.code))


OTHER = "999"
"""ISMP's code for what has no other."""

_ISMP_CODE = {
    OK.code: "0", UNKNOWN_USER.code: "108", UNKNOWN_PRODUCT.code: "116", USER_NOT_ACTIVE.code: "125", NO_BALANCE.code: "126",
    PRODUCT_NOT_OPEN.code: "128", NOT_SUBSCRIBED.code: "130", ALREADY_SUBSCRIBED.code: "131", WRONG_RELATION_STATE.code: "132",
}  # fmt: skip
_ISMP_MEANS = {
    **{code: number for number, code in _ISMP_CODE.items()},
    "103": UNKNOWN_USER.code, "115": UNKNOWN_USER.code, "127": PRODUCT_NOT_OPEN.code,
}  # fmt: skip
