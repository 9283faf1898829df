"""Other digits for a subscriber's number: the same ones each time, of the same form and segment, and not to be led back without the key.

Within a segment (the first seven digits of a mobile number, four of a fixed line) the rest is exchanged one to one: two numbers never
become one, and what decides the province stays. Must not know where numbers stand in a message.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

NUMBER: Final = re.compile(r"1[0-9]{10}|0[0-9]{9,11}")
"""A mobile number, or a fixed line with its area code; without country code."""
_MOBILE_KEPT: Final = 7
_FIXED_KEPT: Final = 4
_CARD_KEPT: Final = 5
"""Of an IMSI: country and network."""
_ROUNDS: Final = 10
"""Of a Feistel network over decimal digits, as in FF1 (NIST SP 800-38G)."""
_KNOWN: Final = 100_000
"""Pseudonyms kept ready; each costs 25 us to find."""


class Pseudonyms:
    """All pseudonyms of one key, of 16 bytes or more. Safe for use by one thread at a time."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("a key has 16 bytes or more")
        self._key = blake2b(key, digest_size=32, person=b"vsop-capture").digest()
        self._known: dict[str, str] = {}

    @property
    def mark(self) -> str:
        """Tell two keys apart, without telling either."""
        return blake2b(b"mark", key=self._key, digest_size=6).hexdigest()

    def number(self, digits: str) -> str:
        """Give the pseudonym of a number that has the form `NUMBER`."""
        return self._after(_MOBILE_KEPT if digits[0] == "1" else _FIXED_KEPT, digits)

    def card(self, digits: str) -> str:
        """Give that of an IMSI."""
        return self._after(_CARD_KEPT, digits)

    def digits(self, digits: str) -> str:
        """Give other digits for any run of them, such as a code that a user sends back."""
        return self._after(0, digits)

    def _after(self, kept: int, digits: str) -> str:
        known = self._known.get(digits)
        if known is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            known = self._known[digits] = digits[:kept] + self._exchanged(digits[kept:], digits[:kept].encode())
        return known

    def _exchanged(self, digits: str, tweak: bytes) -> str:
        if len(digits) < 2:
            return digits
        half = len(digits) // 2
        left, right = digits[:half], digits[half:]
        for turn in range(_ROUNDS):
            size = len(left)
            stirred = blake2b(b"%d|%d|%b|%b" % (turn, len(digits), tweak, right.encode()), key=self._key, digest_size=16)
            left, right = right, f"{(int(left) + int.from_bytes(stirred.digest())) % 10**size:0{size}d}"
        return left + right
