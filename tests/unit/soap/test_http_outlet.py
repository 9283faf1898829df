"""Sending at once, and what happens when the peer does not keep up."""

from twisted.internet.testing import StringTransport

from gateway.soap.http_outlet import Outlet


class PlainTransport(StringTransport):
    """Takes `room` bytes at once (None: the connection is dead), as a TCP transport does, and buffers the rest."""

    def __init__(self, room: int | None) -> None:
        super().__init__()
        self.room = room
        self.at_once = b""

    def writeSomeData(self, data: bytes) -> int | Exception:
        if self.room is None:
            return ConnectionError()
        taken = data[: self.room]
        self.room -= len(taken)
        self.at_once += taken
        return len(taken)

    def registerProducer(self, producer: Outlet, streaming: bool) -> None:
        super().registerProducer(producer, streaming)
        if not streaming:
            producer.resumeProducing()


def outlet_of(transport: StringTransport) -> tuple[Outlet, list[str]]:
    told: list[str] = []
    return Outlet(transport, lambda: told.append("drained")), told


def test_sends_at_once() -> None:
    """What the kernel takes does not go through the buffer."""
    transport = PlainTransport(10)
    outlet, _ = outlet_of(transport)
    outlet.send(b"abc")
    assert (transport.at_once, transport.value(), outlet.backed_up) == (b"abc", b"", False)


def test_rest_is_buffered() -> None:
    """What the kernel does not take is left to the transport."""
    transport = PlainTransport(2)
    outlet, told = outlet_of(transport)
    outlet.send(b"abc")
    assert (transport.at_once, transport.value(), outlet.backed_up, told) == (b"ab", b"c", True, [])


def test_order_is_kept() -> None:
    """While something is buffered, nothing overtakes it."""
    transport = PlainTransport(2)
    outlet, _ = outlet_of(transport)
    outlet.send(b"abc")
    transport.room = 10
    outlet.send(b"def")
    assert (transport.at_once, transport.value()) == (b"ab", b"cdef")


def test_tells_when_drained() -> None:
    """When the buffer is empty that is told, and sending at once begins again."""
    transport = PlainTransport(2)
    outlet, told = outlet_of(transport)
    outlet.send(b"abc")
    transport.producer.resumeProducing()
    transport.room = 10
    outlet.send(b"def")
    assert (told, transport.at_once, transport.producer) == (["drained"], b"abdef", None)


def test_dead_connection() -> None:
    """A send that fails says that nothing went out, and closes."""
    transport = PlainTransport(None)
    outlet, _ = outlet_of(transport)
    assert (outlet.send(b"abc"), transport.disconnected) == (False, True)


def test_transport_without_sending_at_once() -> None:
    """Over TLS all goes through the transport, which tells when it is too full."""
    transport = StringTransport()
    outlet, told = outlet_of(transport)
    outlet.send(b"abc")
    transport.producer.pauseProducing()
    full = outlet.backed_up
    transport.producer.resumeProducing()
    assert (transport.value(), full, outlet.backed_up, told) == (b"abc", True, False, ["drained"])


def test_release_before_closing() -> None:
    """A transport that is to close must not wait for us to produce more."""
    transport = PlainTransport(2)
    outlet, _ = outlet_of(transport)
    outlet.send(b"abc")
    outlet.release()
    assert transport.producer is None
