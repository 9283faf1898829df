"""Samples of messages as plain JSON values: the same for the client that sends and the server that is asked.

A sample is thin (required elements alone), single (every element once) or double (what repeats stands twice).
"""

from __future__ import annotations

from typing import Any

from message_model import Complex, Member, Simple

Value = str | int | bool | dict[str, Any] | list[Any]
CHINESE = '七彩铃音"龘"𠮷 & <Ring> '
"""Text of three, four and one bytes a character, with all that has to be escaped; it ends with a blank."""

# Each pattern of the schemas with two values; a new pattern must be given here.
_BY_PATTERN = {
    "[0-9A-Za-z]{6,60}": ("21120261123093000000000001", "abcDEF"),
    "(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]": ("20261123093000", "20300101000000"),
    "(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])": ("20261123", "20240229"),
    "[1-9][0-9]{2}": ("211", "100"),
    "[0-9A-Za-z._-]{1,60}": ("P20261123.093_000-001", "-"),
    "[0-9A-Za-z]{1,25}": ("003", "GSM"),
    r"(\+?86)?(1[0-9]{10}|0[0-9]{9,11})": ("18907910001", "+8607916660001"),
    "[0-9A-Za-z._-]{1,25}": ("115000000000000000101", "0"),
    "[0-9A-Za-z]{1,10}": ("15000001", "0000000002"),
    "[0-9]{4,8}": ("0042", "48291300"),
    "-?[0-9]{1,5}": ("0", "-2"),
    "[0-9]{1,3}": ("8", "012"),
    "0[1-9]|[12][0-9]|3[0-6]": ("15", "01"),
    r"[0-9](\.[0-9]){1,2}[a-z]?": ("3.2.2", "2.2b"),
    "[a-z]{2,20}(:[0-9]{2,3})?": ("xplatform:303", "crm"),
}


def thin(kind: Complex) -> dict[str, Any]:
    """The least that the contract takes."""
    return _message(kind, 0)


def single(kind: Complex) -> dict[str, Any]:
    """Every element once."""
    return _message(kind, 1)


def double(kind: Complex) -> dict[str, Any]:
    """Every element, those that repeat twice."""
    return _message(kind, 2)


FORMS = {"thin": thin, "single": single, "double": double}


def _message(kind: Complex, count: int) -> dict[str, Any]:
    return {member.name: _field(member, count) for member in kind.members if member.minimum or count}


def _field(member: Member, count: int) -> Value:
    if member.maximum == 1:
        return _value(member.kind, count, 0)
    return [_value(member.kind, count, turn) for turn in range(max(member.minimum, count))]


def _value(kind: Simple | Complex, count: int, turn: int) -> Value:
    return _message(kind, count) if isinstance(kind, Complex) else plain(kind, turn)


def plain(kind: Simple, turn: int = 0) -> str | int | bool:
    """The first or second sample of a simple type."""
    if kind.values:
        return kind.values[turn % len(kind.values)]
    if kind.pattern is not None:
        return _BY_PATTERN[kind.pattern][turn]
    if kind.base == "boolean":
        return not turn
    if kind.base != "string":
        bound = kind.most if turn else kind.least
        return 0 if bound is None else bound
    return (CHINESE * 40)[turn : (kind.max_length or 600) - turn]
