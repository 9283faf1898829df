"""The chain of the audit log: how a row is hashed, and the walk that finds the first row that was changed, moved or taken out.

Knows no database: rows come as tuples, in the order of their numbers. What the chain cannot show is told in decision 0030.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

GENESIS = ""
"""What the first row has for the hash of the row before it."""

SELECT_CHAIN = "SELECT seq, at, who, act, subject, why, outcome, prev, hash FROM audit ORDER BY seq"

Chained = tuple[int, int, str, str, str, str, str, str, str]
"""A row as SELECT_CHAIN gives it."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that does not hold."""

    seq: int
    at: int
    """Microseconds, as the row says."""
    problem: str


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk along the chain found; `head` is the hash of the last row that holds."""

    rows: int
    head: str
    broken: Broken | None
    kept: bool
    """Whether the head that was asked for stands in the chain; true where none was."""


def audit_hash(prev: str, seq: int, at: int, who: str, act: str, subject: str, why: str, outcome: str) -> str:
    """Hash a row: SHA-256 over the former hash, the number, the time in microseconds, and each text behind its length in bytes.

    The migrations of PostgreSQL hold the same as a function. The lengths keep a text from running over into the next.
    """
    texts = b"".join(b"%d:%s," % (len(text), text) for text in (t.encode() for t in (who, act, subject, why, outcome)))
    return hashlib.sha256(f"{prev}\n{seq}\n{at}\n".encode() + texts).hexdigest()


def walk(rows: Iterable[Chained], kept: str = "") -> Walked:
    """Follow the chain from its first row up to the first that does not hold; `kept` is a head that an earlier walk gave."""
    count, head, found = 0, GENESIS, not kept
    for seq, at, who, act, subject, why, outcome, prev, hashed in rows:
        if prev != head:
            return Walked(count, head, Broken(seq, at, "it does not follow the row before it: one was changed, moved or taken out"), found)
        if audit_hash(prev, seq, at, who, act, subject, why, outcome) != hashed:
            return Walked(count, head, Broken(seq, at, "its content is not what was hashed when it was written"), found)
        count, head, found = count + 1, hashed, found or hashed == kept
    return Walked(count, head, None, found)
