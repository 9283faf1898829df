"""Bodies that come compressed with gzip, from callers who may send such: unpacked within two limits. Must not know about SOAP or HTTP."""

from __future__ import annotations

import zlib
from typing import Final

_GZIP: Final = 16 + zlib.MAX_WBITS
_HEAD: Final = 512
"""Bytes that may unpack to anything: the ratio of a short message says nothing."""


class TooLong(Exception):
    """More comes out than may."""


class NotPacked(Exception):
    """These bytes are no gzip, or are cut, or something follows."""


def unpacked(body: bytes, *, limit: int, ratio: int) -> bytes:
    """Unpack a whole body of gzip; raises TooLong above `limit` bytes or `ratio` times its own length, and NotPacked.

    No more than that is ever made. Several members one after the other are not taken: RFC 1952 allows them, no client sends them.
    """
    most = min(limit, ratio * max(len(body), _HEAD))
    reader = zlib.decompressobj(_GZIP)
    try:
        found = reader.decompress(body, most + 1)
    except zlib.error:
        raise NotPacked from None
    if len(found) > most:
        raise TooLong
    if not reader.eof or reader.unused_data:
        raise NotPacked
    return found
