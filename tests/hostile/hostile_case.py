"""One case of the corpus: what is sent, what must come back, and what it may cost. Must not know how it is sent or judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

Source = bytes | Callable[[], Iterable[bytes]]
"""Bytes, or a function that gives them in parts: what is large is made when it is sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that will do: an HTTP status with the code of its SOAP fault, or no answer but the end of the connection."""

    status: int | None
    fault: str | None = None


def fault(*codes: str) -> tuple[Answer, ...]:
    """A SOAP fault, in HTTP 500 (Basic Profile R1126)."""
    return tuple(Answer(500, code) for code in codes)


def plain(*statuses: int) -> tuple[Answer, ...]:
    """A refusal of HTTP, without a SOAP fault."""
    return tuple(Answer(status) for status in statuses)


OK = plain(200)
CLOSED = (Answer(None),)
BAD = fault("Client") + plain(400)
UNKNOWN_CALLER = fault("FailedAuthentication", "InvalidSecurity", "SecurityTokenUnavailable") + plain(401, 403)
LEAKS = (
    "Traceback (most recent", 'File "/', "lxml.etree", "site-packages", "root:x:0:0", "sqlalchemy", "psycopg", "0x7f",
)  # fmt: skip
"""What no answer ever holds."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How slowly something is sent: `part` bytes each `seconds`; with `shut` the sending side is closed at the end."""

    part: int = 0
    seconds: float = 0.0
    head_at_once: bool = False
    shut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One input and the answers that will do. `raw` is a whole request; else head and framing are made around `body`."""

    id: str
    name: str
    about: str
    accept: tuple[Answer, ...]
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: Source = b""
    raw: Source | None = None
    method: str = "POST"
    chunked: bool = False
    pace: Pace = field(default_factory=Pace)
    executed: str = "no"
    """Whether the operation runs: no, yes (exactly `runs` times) or maybe."""
    runs: int = 1
    answers: int = 1
    repeat: int = 1
    """How often the same bytes are sent."""
    accept_last: tuple[Answer, ...] = ()
    """What will do for the last of them, where that is something else."""
    closes: bool = False
    """Whether the server must end the connection: the rest of a slow request is then not sent."""
    absent: tuple[str, ...] = LEAKS
    wall: float = 0.5
    cpu_ms: float = 25.0
    memory_kb: int = 8192
    twin: bool = False
    """Whether its CPU is compared with that of a harmless request of its size."""
    refs: tuple[str, ...] = ()

    def parts(self) -> Iterator[bytes]:
        """Give what is sent, without head and framing unless it is a whole request."""
        source = self.body if self.raw is None else self.raw
        if isinstance(source, bytes):
            yield source
        else:
            yield from source()

    def but(self, **changed: object) -> Case:
        """Give the case with other fields."""
        return replace(self, **changed)  # type: ignore[arg-type]


def repeated(before: bytes, unit: bytes, count: int, after: bytes, tail: bytes = b"") -> Source:
    """`unit` so many times between two parts; made in blocks of 64 KiB."""

    def parts() -> Iterator[bytes]:
        yield before
        many = max(1, 65536 // max(1, len(unit)))
        full, rest = divmod(count, many)
        block = unit * many
        for _ in range(full):
            yield block
        yield unit * rest
        yield tail
        yield after

    return parts


def numbered(before: bytes, form: str, count: int, after: bytes) -> Source:
    """`form` with each number below `count`, between two parts."""

    def parts() -> Iterator[bytes]:
        yield before
        for start in range(0, count, 512):
            yield "".join(form % number for number in range(start, min(start + 512, count))).encode()
        yield after

    return parts
