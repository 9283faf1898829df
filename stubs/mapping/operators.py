"""What a value of a request can be asked: WireMock's operators, and how far a value is from what was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_STAMP = re.compile(r"\d{14}")


class OperatorWrong(ValueError):
    """An operator is unknown, or cannot take its value; the text says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a request was asked and did not hold; `distance` is 0 to 1, `actual` is None where nothing stands."""

    field: str
    expected: str
    actual: str | None
    distance: float

    def as_json(self) -> dict[str, Any]:
        """Give it as the admin API shows it."""
        return {"field": self.field, "expected": self.expected, "actual": self.actual, "distance": round(self.distance, 3)}


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator with its value; `holds` is asked for one text."""

    name: str
    value: Any
    holds: Callable[[str], bool]

    @property
    def shown(self) -> str:
        """For a person: equalTo 0."""
        return self.name if self.name == "absent" else f"{self.name} {self.value}"

    def met(self, values: Sequence[str]) -> bool:
        """Whether one of the values is as asked; those that deny want it of all, and of none where nothing stands."""
        if self.name == "absent":
            return (not values) is self.value
        if self.name in _DENY:
            return all(self.holds(value) for value in values)
        return any(self.holds(value) for value in values)

    def differ(self, field: str, values: Sequence[str]) -> Difference | None:
        """Give what is not as asked, with the value that comes nearest."""
        if self.met(values):
            return None
        if self.name == "absent":
            return Difference(field, "absent" if self.value else "present", values[0] if values else None, 1.0)
        if not values:
            return Difference(field, self.shown, None, 1.0)
        distance, actual = min((self._distance(value), value) for value in values)
        return Difference(field, self.shown, actual, distance)

    def _distance(self, actual: str) -> float:
        if self.name not in ("equalTo", "contains"):
            return 1.0
        # never 0: what is not equal may be as near as rounding shows
        return max(0.001, 1.0 - SequenceMatcher(None, actual, str(self.value), autojunk=False).ratio())


def read_operators(written: object) -> tuple[Operator, ...]:
    """Read {"equalTo": "0", ...}, or a plain value, which means equalTo; all must hold. Raises OperatorWrong."""
    if isinstance(written, str | bool | int):
        written = {"equalTo": written}
    if not isinstance(written, Mapping) or not written:
        raise OperatorWrong(f"expected a text, or a table of {', '.join(_MAKERS)}")
    return tuple(_operator(str(name), value) for name, value in written.items())


def _operator(name: str, value: object) -> Operator:
    if name not in _MAKERS:
        raise OperatorWrong(f"{name} is no operator; there are {', '.join(_MAKERS)}")
    if name == "absent":
        if not isinstance(value, bool):
            raise OperatorWrong("absent: expected true or false")
        return Operator(name, value, lambda _: False)
    if isinstance(value, bool):
        value = "true" if value else "false"
    if not isinstance(value, str | int):
        raise OperatorWrong(f"{name}: expected a text")
    text = str(value)
    return Operator(name, text, _MAKERS[name](text))


def _expression(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise OperatorWrong(f"not a regular expression: {error.msg} at character {(error.pos or 0) + 1}") from None


def _matches(text: str) -> Callable[[str], bool]:
    whole = _expression(text).fullmatch
    return lambda actual: whole(actual) is not None


def _does_not_match(text: str) -> Callable[[str], bool]:
    whole = _expression(text).fullmatch
    return lambda actual: whole(actual) is None


def _time(text: str) -> str:
    if _STAMP.fullmatch(text) is None:
        raise OperatorWrong("expected a time as yyyyMMddHHmmss")
    return text


def _before(text: str) -> Callable[[str], bool]:
    time = _time(text)
    return lambda actual: _STAMP.fullmatch(actual) is not None and actual < time


def _after(text: str) -> Callable[[str], bool]:
    time = _time(text)
    return lambda actual: _STAMP.fullmatch(actual) is not None and actual > time


_MAKERS: dict[str, Callable[[str], Callable[[str], bool]]] = {
    "equalTo": lambda text: lambda actual: actual == text,
    "contains": lambda text: lambda actual: text in actual,
    "doesNotContain": lambda text: lambda actual: text not in actual,
    "matches": _matches,
    "doesNotMatch": _does_not_match,
    "before": _before,
    "after": _after,
    "absent": lambda text: lambda actual: False,
}
_DENY = ("doesNotContain", "doesNotMatch")
