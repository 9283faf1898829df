"""The HTTP server over TLS: who is let in, who he is, and the ends of connections."""

import ssl

import pytest
from certificates import DAY, Authority, Pair, write
from cryptography.hazmat.primitives.hashes import SHA256
from tlswire import RawClient
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock

from gateway.soap.http import HttpFactory, HttpLimits, HttpRequest, HttpResponse
from gateway.soap.tls_files import MODERN, Context, Own, serving
from gateway.soap.tls_server import TlsFactory

REQUEST = b"POST /s HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 2\r\n\r\nhi"


class Echo:
    """Answers with the body of the request."""

    def __init__(self):
        self.requests: list[HttpRequest] = []

    def check_head(self, method, path, headers):
        return HttpResponse(413) if path == "/big" else None

    def handle(self, request):
        self.requests.append(request)
        return HttpResponse(200, request.body)


class Server:
    """A TLS server on a clock that is moved by hand, and the CA of its clients."""

    def __init__(self, directory, *, required=False, limits=None, minimum="1.2", client_ca=True):
        self.ca = Authority(directory)
        own = self.ca.issue("server", ["dns:localhost"])
        self.clock, self.echo = Clock(), Echo()
        self.http = HttpFactory(self.echo, limits, clock=self.clock)
        self.context: Context = serving(
            Own(own.pem, own.key_file), self.ca.pem if client_ca else None,
            minimum=minimum, ciphers=MODERN, certificate_required=required,
        )  # fmt: skip
        self.told: list[tuple[str, str]] = []
        self.factory = TlsFactory(
            self.http, self.context, clock=self.clock, handshake_seconds=5.0, told=lambda *what: self.told.append(what)
        )

    def connect(self, pair: Pair | None = None, **settings):
        protocol = self.factory.buildProtocol(IPv4Address("TCP", "10.0.0.9", 4711))
        assert protocol is not None
        return RawClient(protocol, self.client_context(pair, **settings))

    def client_context(self, pair=None, highest=None):
        context = ssl.create_default_context(cafile=str(self.ca.pem))
        if highest is not None:
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.set_ciphers("DEFAULT:@SECLEVEL=0")  # or it would not even try
            context.maximum_version = highest
        if pair is not None:
            context.load_cert_chain(pair.pem, pair.key_file)
        return context


@pytest.fixture
def server(tmp_path):
    """A server that asks for client certificates but does without."""
    return Server(tmp_path)


def test_a_request_is_answered(server):
    """A request that comes over TLS is the handler's as any other, and the connection stays."""
    client = server.connect()
    client.shake()
    client.send(REQUEST)
    client.send(REQUEST)
    assert client.received.count(b"200 OK") == 2
    assert not client.ended


@pytest.mark.parametrize("highest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_client_is_named_by_its_certificate(server, highest):
    """Alternative names, the common name left out beside them, and the fingerprint; under both versions."""
    pair = server.ca.issue("crm", ["uri:urn:vsop:crm", "dns:CRM.example"])
    client = server.connect(pair, highest=highest)
    client.shake()
    client.send(REQUEST)
    fingerprint = f"sha256:{pair.certificate.fingerprint(SHA256()).hex()}"
    assert server.echo.requests[0].certificate == (fingerprint, "uri:urn:vsop:crm", "dns:crm.example")


def test_common_name_stands_in(server):
    """A certificate without alternative names is named by its subject."""
    client = server.connect(server.ca.issue("crm"))
    client.shake()
    client.send(REQUEST)
    assert server.echo.requests[0].certificate[1:] == ("cn:crm",)


def test_no_certificate_no_name(server):
    """Where it is optional, a client without one is served, and nameless."""
    client = server.connect()
    client.shake()
    client.send(REQUEST)
    assert (server.echo.requests[0].certificate, server.echo.requests[0].secure) == ((), True)


def test_foreign_ca_ends_the_handshake(server, tmp_path):
    """A certificate of another CA is told so by an alert; the handler hears nothing."""
    (tmp_path / "other").mkdir()
    client = server.connect(Authority(tmp_path / "other", "other").issue("crm"))
    with pytest.raises(ssl.SSLError) as refused:
        client.shake()
    assert refused.value.reason == "TLSV1_ALERT_UNKNOWN_CA"
    assert server.told == [("10.0.0.9", "CERTIFICATE_VERIFY_FAILED")]
    assert (server.echo.requests, server.http.connections) == ([], 0)


def test_expired_certificate_ends_the_handshake(server):
    """So does one of our CA that is past its time."""
    client = server.connect(server.ca.issue("crm", begins=-3 * DAY, ends=-DAY))
    with pytest.raises(ssl.SSLError):
        client.shake()
    assert server.told == [("10.0.0.9", "CERTIFICATE_VERIFY_FAILED")]


def test_required_certificate(tmp_path):
    """Where it is required, a client without one is ended in the handshake."""
    server = Server(tmp_path, required=True)
    client = server.connect()
    with pytest.raises(ssl.SSLError):
        client.shake()
    assert server.told == [("10.0.0.9", "PEER_DID_NOT_RETURN_A_CERTIFICATE")]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_old_version_is_refused(server):
    """TLS 1.1 is not spoken."""
    client = server.connect(highest=ssl.TLSVersion.TLSv1_1)
    with pytest.raises(ssl.SSLError):
        client.shake()
    assert server.http.connections == 0


def test_minimum_can_be_raised(tmp_path):
    """Where 1.3 is asked for, 1.2 is refused."""
    server = Server(tmp_path, minimum="1.3")
    client = server.connect(highest=ssl.TLSVersion.TLSv1_2)
    with pytest.raises(ssl.SSLError):
        client.shake()
    assert server.told == [("10.0.0.9", "UNSUPPORTED_PROTOCOL")]


def test_plain_http_is_ended(server):
    """A client that speaks plain HTTP to this port is dropped; nothing of it is read."""
    client = server.connect()
    client.socket.protocol.dataReceived(REQUEST)
    assert (server.told, server.echo.requests, server.http.connections) == ([("10.0.0.9", "HTTP_REQUEST")], [], 0)


def test_garbage_is_ended(server):
    """So is one that speaks nothing known."""
    client = server.connect()
    client.socket.protocol.dataReceived(bytes(range(256)) * 4)
    assert (len(server.told), server.http.connections) == (1, 0)


def test_a_handshake_that_never_ends(server):
    """Whoever does not finish in time is dropped, and counted as a connection till then."""
    client = server.connect()
    counted = server.http.connections
    server.clock.advance(5.1)
    assert (counted, server.http.connections, client.socket.aborted) == (1, 0, True)
    assert server.told == [("10.0.0.9", "HANDSHAKE_TIMEOUT")]


def test_handshake_time_is_over_with_it(server):
    """After the handshake only the limits of the HTTP server hold."""
    client = server.connect()
    client.shake()
    server.clock.advance(5.1)
    client.send(REQUEST)
    assert b"200 OK" in client.received


def test_beyond_the_cap_a_client_is_told(tmp_path):
    """One connection too many gets its 503 over TLS, after its handshake."""
    server = Server(tmp_path, limits=HttpLimits(connections=1))
    server.connect()
    late = server.connect()
    late.shake()
    assert (late.received[:12], late.ended) == (b"HTTP/1.1 503", True)


def test_far_beyond_the_cap_nothing_is_done(tmp_path):
    """When those to be told are too many as well, no handshake is begun."""
    server = Server(tmp_path, limits=HttpLimits(connections=1))
    for _ in range(65):
        server.connect()
    assert server.factory.buildProtocol(IPv4Address("TCP", "10.0.0.9", 4711)) is None


def test_refusal_reaches_a_client_that_still_sends(server):
    """The refusal is sent and announced as the last word; what the client still sends is thrown away, not answered by a reset."""
    client = server.connect()
    client.shake()
    client.send(b"POST /big HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 90000\r\n\r\n" + bytes(100))
    assert (client.received[:12], client.ended, client.socket.shut) == (b"HTTP/1.1 413", True, True)
    client.socket.protocol.dataReceived(bytes(5000))
    assert client.socket.connected


def test_drain_says_goodbye(server):
    """An idle connection is closed by close_notify."""
    client = server.connect()
    client.shake()
    server.http.drain()
    client.pump()
    assert (client.ended, client.socket.connected) == (True, False)


def test_goodbye_of_the_client_ends_the_connection(server):
    """A client that says goodbye is let go."""
    client = server.connect()
    client.shake()
    with pytest.raises(ssl.SSLError):
        client.session.unwrap()
    client.pump()
    assert server.http.connections == 0


def test_slow_reader_stops_the_server(server):
    """When the kernel takes no more, the server stops reading requests until it does."""
    client = server.connect()
    client.shake()
    client.socket.room = 10
    client.session.write(REQUEST)
    client.socket.protocol.dataReceived(client._out.read())
    paused = client.socket.producerState
    client.socket.room = 1 << 30
    client.socket.producer.resumeProducing()
    assert (paused, client.socket.producerState) == ("paused", "producing")


def test_renewed_certificate_is_used(server):
    """A new pair is served from the next connection on."""
    before = server.connect()
    before.shake()
    fresh = server.ca.issue("server", ["dns:localhost"])
    write(fresh)
    assert server.context.renew()
    after = server.connect()
    after.shake()
    shown = [client.session.getpeercert(binary_form=True) for client in (before, after)]
    assert shown[0] != shown[1]
    before.send(REQUEST)
    assert b"200 OK" in before.received
