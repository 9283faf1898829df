"""The section [limits]: what callers may ask of this gateway. Must not know who keeps a limit, nor where a value came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from gateway.config.forms import Network, milliseconds, networks, seconds, table, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsConfig:
    """What callers may ask of this gateway; more is refused."""

    body_bytes: Annotated[int, whole(1024, 64 << 20)] = 256 << 10
    """Longest message, in bytes; more is HTTP 413."""
    body_bytes_of: Annotated[
        Mapping[str, int], table("a section of contracts with bytes each", whole(1024, 64 << 20))
    ] = field(default_factory=dict)
    """The same for single contracts: `ppm = 4194304` in `[limits.body_bytes_of]`."""
    head_bytes: Annotated[int, whole(1024, 1 << 20)] = 16 << 10
    """Longest sum of header lines, in bytes; more is HTTP 431."""
    head_lines: Annotated[int, whole(8, 10_000)] = 64
    """Most header lines; more is HTTP 431."""
    first_byte: Annotated[timedelta, seconds(0.1, 3600, suffix="_seconds")] = timedelta(seconds=10)
    """How long a new connection may wait with the first byte of its first request; then it is closed."""
    receive: Annotated[timedelta, seconds(0.1, 3600, suffix="_seconds")] = timedelta(seconds=10)
    """From the first to the last byte of a request; then HTTP 408. Raise it for callers on slow lines."""
    idle: Annotated[timedelta, seconds(0.1, 3600, suffix="_seconds")] = timedelta(seconds=75)
    """How long a connection may wait for its next request; then it is closed."""
    connections: Annotated[int, whole(1, 60_000)] = 2000
    """Most connections at a time; beyond them the longest idle one is closed, or the new one gets HTTP 503."""
    connections_per_address: Annotated[int, whole(1, 60_000)] = 256
    """Most of them from one address, or from one IPv6 network of 64 bits; beyond them HTTP 503. Loopback is not counted, for a proxy may
    be there; one on another machine needs more."""
    requests_per_connection: Annotated[int, whole(1, 1_000_000_000)] = 10_000
    """Most requests of one connection; the answer to the last of them says that it is closed."""
    in_flight: Annotated[int, whole(1, 100_000)] = 256
    """Most requests without an answer at a time; beyond them those that bring new work get HTTP 503, and beyond twice as many all do."""
    in_flight_bytes: Annotated[int, whole(1 << 20, 64 << 30)] = 64 << 20
    """Most bytes of messages that are being received or answered; beyond them HTTP 503."""
    lag: Annotated[timedelta, milliseconds(0.1, 60_000)] = timedelta(milliseconds=1.5)
    """How late this process may be, on average, with all that it does, before it has less new work under way at once; what is beyond
    gets HTTP 503. More makes orders wait longer under load, and gains little."""
    max_active_orders: Annotated[int, whole(1, 1_000_000)] = 2000
    """Most orders worked on at once; beyond them new ones get the result code for busy. Waiting ones do not count."""
    max_open_orders: Annotated[int, whole(1, 1_000_000_000)] = 100_000
    """Most orders that have not ended, waiting ones included; beyond them new ones get the result code for busy."""
    xml_tags: Annotated[int, whole(100, 10_000_000)] = 4000
    """Most `<` of a message: tags, comments, CDATA; also most attributes in all. This and the following ones: more is a SOAP fault."""
    xml_references: Annotated[int, whole(0, 10_000_000)] = 4000
    """Most `&` of a message."""
    xml_depth: Annotated[int, whole(8, 250)] = 40
    """Most elements in each other, the envelope counted."""
    xml_attributes: Annotated[int, whole(8, 1000)] = 32
    """Most attributes of one element."""
    xml_namespaces: Annotated[int, whole(8, 1000)] = 32
    """Most namespace declarations in force at one element."""
    xml_text_bytes: Annotated[int, whole(1024, 8 << 20)] = 64 << 10
    """Longest text or attribute, in bytes; blanks alone are not counted."""
    xml_name: Annotated[int, whole(32, 10_000)] = 128
    """Longest name of an element or attribute, its prefix included."""
    xml_header_blocks: Annotated[int, whole(1, 1000)] = 20
    """Most blocks of a SOAP header."""
    gzip_from: Annotated[tuple[Network, ...], networks("a list of networks such as 10.20.0.0/16")] = ()
    """From which addresses requests in gzip are taken; from all others they are HTTP 415. Those of partners who cannot do without."""
    multipart_from: Annotated[tuple[Network, ...], networks("a list of networks such as 10.20.0.0/16")] = ()
    """From which addresses a message is taken as the only part of multipart/related (MTOM, SOAP with Attachments), as some toolkits wrap
    every message; from all others it is HTTP 415. No contract has a field for an attachment: a second part is HTTP 400."""
    gzip_ratio: Annotated[int, whole(2, 1000)] = 50
    """How many times its length a message in gzip may grow; more, or more than body_bytes, is HTTP 413."""
