"""The connections to a stub set: which is being read now, and what the HTTP layer rightly cannot do with one, such as drop it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure


class Line(ProtocolWrapper):
    """One connection, which tells the factory when it is being read."""

    factory: Lines

    def __init__(self, factory: Any, served: Any) -> None:
        super().__init__(factory, served)
        self.gone = False
        """Closed by either side."""
        self._watched: list[Deferred[None]] = []

    def dataReceived(self, data: bytes) -> None:  # Twisted's name
        """Note that requests handled from here on came over this line."""
        self.factory.said.line = self
        super().dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted's

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # Twisted's name
        """End the waits that are for this line."""
        self.gone = True
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Twisted's
        for waiting in self._watched[:]:
            waiting.cancel()

    def put(self, data: bytes) -> None:
        """Write beside the HTTP layer, below TLS where there is TLS."""
        self._way().write(data)

    def close(self) -> None:
        """Close after what was written."""
        if not self.gone:
            self._way().loseConnection()

    def drop(self) -> None:
        """Close without sending what waits."""
        if self.transport is not None and not self.gone:
            self.transport.abortConnection()

    def watch(self, waiting: Deferred[None]) -> None:
        """Cancel a wait when the line is gone."""
        self._watched.append(waiting)

    def unwatch(self, waiting: Deferred[None]) -> None:
        """Do so no more."""
        self._watched.remove(waiting)

    def _way(self) -> Any:
        """Give what takes plain text: the TLS stream that is served on this line, or the line's own transport."""
        return self.wrappedProtocol if hasattr(self.wrappedProtocol, "inner") else self.transport


class Said:
    """Which line is being read now."""

    line: Line | None = None


class Lines(WrappingFactory):
    """Keeps count of which line is speaking: the HTTP layer has no way to drop a connection, rightly.

    A further port of the same handler shares `said` with the first.
    """

    noisy = False
    protocol = Line

    def __init__(self, served: Factory, said: Said | None = None) -> None:
        super().__init__(served)  # type: ignore[no-untyped-call]  # Twisted's
        self.said = said or Said()

    def speaking(self) -> Line:
        """Give the line that is being read now."""
        assert self.said.line is not None
        return self.said.line
