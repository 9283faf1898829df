"""Heads that were read before, byte for byte: clients repeat themselves, and a look-up costs a sixth of parsing.

Only what llhttp and the limits have passed once gets in, so a look-up never lets through what parsing would refuse.
Must not know about connections.
"""

from dataclasses import dataclass
from typing import Final

# Enough for the lengths and operations of the partners of one process, at most 2 MB.
_HEADS_KEPT: Final = 512
_HEAD_BYTES: Final = 2048


@dataclass(frozen=True, slots=True)
class KnownHead:
    """What a head says; `length` is that of the body."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    length: int
    link: bytes


class KnownHeads:
    """The heads seen by one server."""

    __slots__ = ("_heads",)

    def __init__(self) -> None:
        self._heads: dict[bytes, KnownHead] = {}

    def find(self, data: bytes) -> tuple[KnownHead, bytes] | None:
        """Return head and body if `data` is exactly one request with a known head."""
        end = data.find(b"\r\n\r\n") + 4
        known = self._heads.get(data[:end])
        if known is None or len(data) - end != known.length:
            return None
        return known, data[end:]

    def learn(self, data: bytes, head: KnownHead) -> None:
        """Keep the head of a request that was read; does nothing unless `data` is exactly that request."""
        end = data.find(b"\r\n\r\n") + 4
        if end > _HEAD_BYTES or len(data) - end != head.length:
            return
        if len(self._heads) >= _HEADS_KEPT:
            self._heads.clear()
        self._heads[data[:end]] = head
