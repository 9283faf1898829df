"""Subscriber numbers and the plan that says which province a number belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_FORM = re.compile(r"(?:\+?86)?(1[0-9]{10}|0[0-9]{9,11})")


@dataclass(frozen=True, slots=True)
class Number:
    """A subscriber number without country code: 11 digits mobile, or fixed line with area code.

    `str()` and `repr()` mask it; only `digits` shows it whole.
    """

    digits: str

    @classmethod
    def parse(cls, text: str) -> Number:
        """Read a number as callers write it, with or without 86; raises ValueError for any other form."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError("not a subscriber number")
        return cls(match[1])

    @property
    def mobile(self) -> bool:
        """Whether it is a mobile number; otherwise it is a fixed line."""
        return self.digits.startswith("1")

    def __str__(self) -> str:
        return f"{self.digits[:3]}****{self.digits[-4:]}"

    def __repr__(self) -> str:
        return f"Number({self})"


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """Tables from number to province id; a number that no table knows has no province, never a default one."""

    mobile: Mapping[str, str] = field(default_factory=dict)
    """First 7 digits to province id."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Area code with its leading 0 to province id; the longest match decides."""
    ported: Mapping[str, str] = field(default_factory=dict)
    """Whole number to province id; overrides both."""

    def province(self, number: Number) -> str | None:
        """Give the two-digit province id, or None."""
        if number.digits in self.ported:
            return self.ported[number.digits]
        if number.mobile:
            return self.mobile.get(number.digits[:7])
        return next((self.fixed[number.digits[:n]] for n in (4, 3) if number.digits[:n] in self.fixed), None)
