"""TLS between two protocols of a test, in memory: what one writes is handed to the other until both are quiet."""

from __future__ import annotations

import ssl
from typing import Any

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.python.failure import Failure


class Socket(StringTransportWithDisconnection):
    """A TCP transport that sends at once, as much as `room` allows."""

    room = 1 << 30

    def __init__(self) -> None:
        super().__init__()
        self.aborted = self.shut = False

    def setTcpNoDelay(self, enabled: bool) -> None:
        assert enabled

    def writeSomeData(self, data: bytes) -> int:
        taken = data[: self.room]
        self.room -= len(taken)
        self.write(taken)
        return len(taken)

    def loseWriteConnection(self) -> None:
        self.shut = True

    def abortConnection(self) -> None:
        self.aborted = True
        self.lose(ConnectionLost())

    def loseConnection(self) -> None:
        self.lose(ConnectionDone())

    def lose(self, reason: Exception) -> None:
        if self.connected:
            self.connected = False
            self.protocol.connectionLost(Failure(reason))

    def taken(self) -> bytes:
        """What was written since."""
        data = self.value()
        self.clear()
        return data


class RawClient:
    """The other side of a connection that our server has: Python's ssl alone, as an independent judge."""

    def __init__(self, protocol: Any, context: ssl.SSLContext, host: str = "localhost") -> None:
        self.socket = Socket()
        self.socket.protocol = protocol
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self._in, self._out, server_hostname=host)
        self.received = b""
        self.ended = False
        protocol.makeConnection(self.socket)

    def pump(self) -> None:
        """Carry bytes to and fro until nothing moves."""
        for _ in range(20):
            moved = False
            if data := self._out.read():
                self.socket.protocol.dataReceived(data)
                moved = True
            if data := self.socket.taken():
                self._in.write(data)
                moved = True
            self._read()
            if not moved:
                return

    def shake(self) -> None:
        """Do the handshake."""
        for _ in range(4):
            try:
                self.session.do_handshake()
            except ssl.SSLWantReadError:
                self.socket.protocol.dataReceived(self._out.read())
                self._in.write(self.socket.taken())
            else:
                break
        self.pump()

    def send(self, data: bytes) -> None:
        """Send, and take what comes back."""
        self.session.write(data)
        self.pump()

    def _read(self) -> None:
        try:
            while data := self.session.read():
                self.received += data
            self.ended = True
        except ssl.SSLWantReadError:
            return
        except ssl.SSLZeroReturnError:
            self.ended = True
