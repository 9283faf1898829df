"""What the connections of one HTTP server share, and the place of one answer among those of its connection.

Must not know how either is used.
"""

from typing import Any, Protocol

from twisted.logger import Logger
from twisted.python.failure import Failure

from gateway.soap.http_heads import KnownHeads
from gateway.soap.http_message import AnswerWriter, HttpGate, HttpHandler, HttpLimits, HttpRequest, HttpResponse

_log = Logger()


class Server(Protocol):
    """What connections share."""

    handler: HttpHandler
    gate: HttpGate | None
    limits: HttpLimits
    writer: AnswerWriter
    known_heads: KnownHeads
    now: float
    """Present time in seconds, up to a TICK old."""
    draining: bool
    """Whether connections are to close after the answers they owe."""
    held: int
    """Bytes of bodies that are being received or that the handler has not answered."""

    @property
    def in_flight(self) -> int:
        """Return how many requests the handler has not answered yet."""

    def started(self) -> None:
        """Count a request that the handler will answer later."""

    def answered(self) -> None:
        """Count that answer."""

    def lost(self, connection: Any, /) -> None:
        """Forget a connection."""


class Turn:
    """The place of one answer in the order of a connection's answers; `request` is set while it is not begun."""

    __slots__ = ("link", "path", "request", "response", "size")

    def __init__(self, link: bytes, request: HttpRequest | None, response: HttpResponse | None = None) -> None:
        self.link = link
        self.path = "" if request is None else request.path
        self.size = 0
        """Bytes that the server holds for it."""
        self.request = request
        self.response = response


def broken(path: str) -> HttpResponse:
    """Log the exception that is being handled; the client learns nothing of it."""
    _log.failure("handler.failed", path=path)
    return HttpResponse(500)


def broken_later(failure: Failure, path: str) -> HttpResponse:
    """Log the failure of a handler that had not answered at once; the client learns nothing of it."""
    _log.failure("handler.failed", failure, path=path)
    return HttpResponse(500)
