"""Text of others as it may be shown: what steers a terminal or turns the reading direction becomes visible. Knows no page."""

from __future__ import annotations

import unicodedata

_KEPT = "\n\t"
_TURNING = frozenset("\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


def plain(text: str) -> str:
    """Write each control character, each mark that turns the direction and each half of a pair as its number, such as ‹202E›."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"‹{ord(c):04X}›" if _hidden(c) else c for c in text)


def _hidden(char: str) -> bool:
    return char in _TURNING or (char not in _KEPT and unicodedata.category(char) in ("Cc", "Cs"))
