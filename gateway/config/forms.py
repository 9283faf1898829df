"""How a setting is written in TOML and in the environment, what it becomes, and what is refused.

Must not know which settings exist.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
"""Addresses that share their first bits."""


class Unfit(ValueError):
    """A value that a form refuses; the text says what was expected and reads on from the key's name."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of value. `suffix` is the unit that the key in the file bears after the field's name."""

    expected: str
    read: Callable[[Any], Any]
    """From the TOML value; raises Unfit."""
    from_text: Callable[[str], Any] = str
    """From the text of a variable to a TOML value, which `read` then judges."""
    show: Callable[[Any], str] = lambda value: json.dumps(str(value))
    """As it would be written in TOML."""
    suffix: str = ""
    entries: Form | None = None
    """The form of each value, where this is that of a table with keys of the user's own."""


def text(expected: str, pattern: str) -> Form:
    """Take text that matches a pattern as a whole."""
    form = re.compile(pattern)

    def read(value: object) -> str:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise Unfit(f"must be {expected}")
        return value

    return Form(expected, read)


def texts(expected: str, pattern: str) -> Form:
    """Take a list of texts that each match a pattern as a whole; in a variable they are separated by commas."""
    form = re.compile(pattern)

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(each, str) and form.fullmatch(each) for each in value):
            raise Unfit(f"must be {expected}")
        return tuple(value)

    def from_text(value: str) -> list[str]:
        return [each.strip() for each in value.split(",") if each.strip()]

    return Form(expected, read, from_text, lambda value: json.dumps(list(value)))


def known(expected: str, values: Collection[str]) -> Form:
    """Take one of many codes."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in values:
            raise Unfit(f"must be {expected}")
        return value

    return Form(expected, read)


def whole(low: int, high: int) -> Form:
    """Take a whole number within a range."""
    expected = f"a whole number from {low} to {_shown(high)}"

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Unfit(f"must be {expected}")
        return value

    return Form(expected, read, _number, str)


def seconds(low: float, high: float, *, suffix: str = "_s") -> Form:
    """Take a duration written as a number of seconds, perhaps with a fraction."""
    return _duration("seconds", timedelta(seconds=1), low, high, suffix)


def milliseconds(low: float, high: float) -> Form:
    """Take a duration written as a number of milliseconds."""
    return _duration("milliseconds", timedelta(milliseconds=1), low, high, "_ms")


def days(low: float, high: float) -> Form:
    """Take a duration written as a number of days."""
    return _duration("days", timedelta(days=1), low, high, "_days")


def fraction(low: float, high: float) -> Form:
    """Take a part of a whole, such as 0.5."""
    return number(low, high)


def number(low: float, high: float) -> Form:
    """Take a number, perhaps with a fraction."""
    expected = f"a number from {low:g} to {high:g}"

    def read(value: Any) -> float:
        counts = isinstance(value, int | float) and not isinstance(value, bool)
        if not counts or not low <= value <= high:
            raise Unfit(f"must be {expected}")
        return float(value)

    return Form(expected, read, _number, lambda value: f"{value:g}")


def table(expected: str, entries: Form) -> Form:
    """Take a section whose keys are the user's own; each of its values is read, and blamed, by itself."""

    def read(value: object) -> object:
        raise Unfit(f"must be {expected}")  # what is no section

    return Form(expected, read, show=lambda value: "none", entries=entries)


def choice(kind: type[StrEnum]) -> Form:
    """Take one of a few words."""
    words = [str(word) for word in kind]
    expected = " or ".join(f'"{word}"' for word in words)

    def read(value: object) -> StrEnum:
        if isinstance(value, str) and value in words:
            return kind(value)
        raise Unfit(f"must be {expected}{did_you_mean(value, words)}")

    return Form(expected, read)


def codes(expected: str, values: Collection[str]) -> Form:
    """Take a list of codes, each at most once; in a variable they are separated by commas."""

    def read(value: object) -> frozenset[str]:
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            raise Unfit(f"must be {expected}")
        strange = sorted(set(value) - set(values))
        if strange:
            raise Unfit(f"must be {expected}; unknown: {', '.join(strange)}")
        return frozenset(value)

    def from_text(value: str) -> list[str]:
        return [code.strip() for code in value.split(",") if code.strip()]

    return Form(expected, read, from_text, lambda value: json.dumps(sorted(value)))


def networks(expected: str) -> Form:
    """Take a list of networks as first address/bits, or single addresses; in a variable they are separated by commas."""

    def read(value: object) -> tuple[Network, ...]:
        if not isinstance(value, list) or not all(isinstance(network, str) for network in value):
            raise Unfit(f"must be {expected}")
        return tuple(map(network, value))

    def network(value: str) -> Network:
        try:
            return ip_network(value)
        except ValueError:
            raise Unfit(f"must be {expected}; not one: {value}") from None

    def from_text(value: str) -> list[str]:
        return [part.strip() for part in value.split(",") if part.strip()]

    return Form(expected, read, from_text, lambda value: json.dumps([str(network) for network in value]))


def numbers(expected: str, values: Collection[int]) -> Form:
    """Take a list of whole numbers, each at most once, in the order given; in a variable they are separated by commas."""

    def read(value: object) -> tuple[int, ...]:
        good = isinstance(value, list) and all(type(number) is int and number in values for number in value)
        if not good or len(set(value)) != len(value):  # type: ignore[arg-type,call-overload]  # it is a list
            raise Unfit(f"must be {expected}")
        return tuple(value)  # type: ignore[arg-type]

    def from_text(value: str) -> list[object]:
        return [_number(part.strip()) for part in value.split(",") if part.strip()]

    return Form(expected, read, from_text, lambda value: json.dumps(list(value)))


def url(*schemes: str, base: bool = False) -> Form:
    """Take an address of one of these schemes; a base address ends before the path of a service and has no query."""
    starts = " or ".join(f"{scheme}://" for scheme in schemes)
    expected = f"an address that starts with {starts}"

    def read(value: object) -> str:
        if not isinstance(value, str) or not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise Unfit(f"must be {expected}")
        problem = _problem_of(value, base)
        if problem:
            raise Unfit(f"must be {expected}: {problem}")
        return value.rstrip("/") if base else value

    return Form(expected, read)


def _read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unfit("must be true or false")
    return value


def _read_path(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise Unfit("must be a path in quotes")
    return Path(value)


def did_you_mean(word: object, words: Collection[str]) -> str:
    """Give "; did you mean X?" for the nearest word, or nothing."""
    near = get_close_matches(str(word), words, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _flag(value: str) -> bool | str:
    return {"true": True, "false": False}.get(value, value)


def _number(value: str) -> int | float | str:
    """Read a number as TOML would; what is none stays text, for `read` to refuse."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def _duration(unit_name: str, unit: timedelta, low: float, high: float, suffix: str) -> Form:
    expected = f"a number of {unit_name} from {low:g} to {_shown(high)}"

    def read(value: Any) -> timedelta:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:  # nan and inf are in no range
            raise Unfit(f"must be {expected}")
        duration: timedelta = unit * value
        return duration

    return Form(expected, read, _number, lambda value: f"{value / unit:g}", suffix)


def _shown(number: float) -> str:
    """Write a large number with its thousands apart."""
    return f"{number:,.0f}".replace(",", " ")


def _problem_of(address: str, base: bool) -> str:
    """Say what is wrong with an address, or nothing."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "host or port is not valid"
    judged = {
        "only visible ASCII characters": re.fullmatch(r"[\x21-\x7e]+", address),
        "no user or password here": "@" not in parts.netloc,
        "the host is missing": parts.hostname,
        "port 0 cannot be called": port != 0,
        "# cannot be sent": "#" not in address,
        "it ends before ?": not base or "?" not in address,
    }
    return next((problem for problem, good in judged.items() if not good), "")


FLAG = Form("true or false", _read_flag, _flag, lambda value: str(value).lower())
PATH = Form("a path", _read_path)
OPTIONAL_PATH = Form('"" or a path', lambda value: _read_path(value) if value else None, show=lambda value: json.dumps(str(value or "")))
PORT = whole(0, 65535)
HOST = text("a host name or address, such as 127.0.0.1", r"[A-Za-z0-9._:-]{1,253}")
