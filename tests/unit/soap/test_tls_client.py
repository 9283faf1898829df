"""Calls over TLS: who is called, what is shown to him, and how failures are told."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from certificates import DAY, Authority
from tlswire import Socket
from twisted.internet.testing import MemoryReactorClock

from gateway.soap.http_client import HttpCallFailed, HttpPool, HttpReply
from gateway.soap.tls_files import Own, calling

URL = "https://ocs.example:7443/services/ocs"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 2\r\n\r\nok"


class Partner:
    """The partner's side of one connection: Python's ssl alone."""

    def __init__(self, connection: Any, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self._in, self._out, server_side=True)
        self.socket = Socket()
        self.socket.protocol = connection
        self.requests = b""
        self.reason = ""
        self.secured = False
        connection.makeConnection(self.socket)

    def pump(self) -> None:
        """Carry bytes to and fro until nothing moves."""
        for _ in range(12):
            self._in.write(self.socket.taken())
            try:
                if not self.secured:
                    self.session.do_handshake()
                    self.secured = True
                self.requests += self.session.read()
            except ssl.SSLWantReadError:
                pass_on = self._out.read()
            except ssl.SSLError as error:
                self.reason = self.reason or error.reason or ""
                pass_on = self._out.read()
            else:
                pass_on = self._out.read()
            if pass_on and self.socket.connected:
                self.socket.protocol.dataReceived(pass_on)

    def answer(self, data: bytes = ANSWER) -> None:
        self.session.write(data)
        self.socket.protocol.dataReceived(self._out.read())


class Net:
    """A pool that calls over TLS, and the CA of its partners."""

    def __init__(self, directory, *, shown=False, names=("dns:ocs.example",), **validity):
        self.directory = directory
        self.ca = Authority(directory)
        self.pair = self.ca.issue("ocs", names, **validity)
        own = self.ca.issue("vsop", ["uri:urn:vsop:15"])
        self.reactor = MemoryReactorClock()
        self.pool = HttpPool(self.reactor, tls=calling(self.ca.pem, Own(own.pem, own.key_file) if shown else None))
        self.accepted = 0

    def context(self, pair=None, client_ca=None):
        pair = pair or self.pair
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.pem, pair.key_file)
        if client_ca is not None:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def post(self, url=URL, body=b"<a/>"):
        fate: list[object] = []
        answer = self.pool.post(url, body, {"SOAPAction": '"a"'}, deadline=5.0)
        answer.addCallbacks(fate.append, lambda failure: fate.append(words(failure.value)))
        return fate

    def accept(self, context=None):
        *_, factory, _, _ = self.reactor.tcpClients[self.accepted]
        self.accepted += 1
        partner = Partner(factory.buildProtocol(None), context or self.context())
        partner.pump()
        return partner


def words(failed: HttpCallFailed) -> tuple[str, str]:
    """Outcome and reason of a failed call."""
    return str(failed.outcome), str(failed.reason)


@pytest.fixture
def net(tmp_path):
    """A pool without a certificate of its own."""
    return Net(tmp_path)


def test_a_call_is_answered(net):
    """The request goes out after the handshake, its answer comes back, and the connection is used again."""
    first = net.post()
    partner = net.accept()
    partner.answer()
    second = net.post()
    partner.pump()
    partner.answer()
    assert [reply.body for reply in (*first, *second)] == [b"ok", b"ok"]
    assert (partner.requests.count(b"POST /services/ocs HTTP/1.1\r\nHost: ocs.example:7443\r\n"), net.accepted) == (2, 1)


def test_default_port(net):
    """443, which Host then leaves out."""
    net.post("https://ocs.example/s")
    assert net.reactor.tcpClients[0][:2] == ("ocs.example", 443)
    assert b"Host: ocs.example\r\n" in net.accept().requests


def test_name_is_sent(net):
    """The partner learns which of its names is called, before it shows a certificate (SNI)."""
    context, asked = net.context(), []
    context.sni_callback = lambda session, name, _: asked.append(name)
    net.post()
    net.accept(context)
    assert asked == ["ocs.example"]


def test_certificate_is_shown(tmp_path):
    """A partner that asks for ours gets it."""
    net = Net(tmp_path, shown=True)
    net.post()
    partner = net.accept(net.context(client_ca=net.ca.pem))
    assert partner.session.getpeercert()["subjectAltName"] == (("URI", "urn:vsop:15"),)


def test_certificate_is_missing(net):
    """A partner that demands one and gets none ends the connection: why is told, and no answer was had."""
    fate = net.post()
    net.accept(net.context(client_ca=net.ca.pem))
    assert fate == [("unknown", "partner refused our TLS or certificate")]


UNTRUSTED = [("not-sent", "certificate of the partner not trusted")]


def test_foreign_ca(net, tmp_path):
    """A partner whose certificate is of another CA gets no request."""
    (tmp_path / "x").mkdir()
    fate = net.post()
    partner = net.accept(net.context(Authority(tmp_path / "x", "x").issue("ocs", ["dns:ocs.example"])))
    assert (fate, partner.requests, partner.reason) == (UNTRUSTED, b"", "TLSV1_ALERT_UNKNOWN_CA")


@pytest.mark.parametrize("names", [("dns:other.example",), (), ("ip:127.0.0.1",)])
def test_other_name(tmp_path, names):
    """Nor does one whose certificate bears another name, or the name as its subject alone."""
    net = Net(tmp_path, names=names)
    fate = net.post()
    assert (net.accept().requests, fate) == (b"", UNTRUSTED)


def test_address_in_place_of_a_name(tmp_path):
    """An address is called by a certificate that bears it."""
    net = Net(tmp_path, names=("ip:127.0.0.1",))
    fate = net.post("https://127.0.0.1:7443/s")
    net.accept().answer()
    assert isinstance(fate[0], HttpReply)


def test_expired(tmp_path):
    """Nor one whose certificate has expired."""
    net = Net(tmp_path, begins=-3 * DAY, ends=-DAY)
    fate = net.post()
    assert (net.accept().requests, fate) == (b"", UNTRUSTED)


def test_a_handshake_that_never_ends(net):
    """It is given up after the time for connecting, and the request was not sent."""
    fate = net.post()
    *_, factory, _, _ = net.reactor.tcpClients[0]
    silent = Partner(factory.buildProtocol(None), net.context())
    net.reactor.advance(3.1)
    assert (fate, silent.socket.aborted) == ([("not-sent", "connect time-out")], True)


def test_plain_partner(net):
    """A partner that speaks no TLS gets nothing."""
    fate = net.post()
    *_, factory, _, _ = net.reactor.tcpClients[0]
    partner = Partner(factory.buildProtocol(None), net.context())
    partner.socket.protocol.dataReceived(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert fate == [("not-sent", "TLS failed")]


def test_partner_goes_in_the_handshake(net):
    """So it is when the connection is lost before the handshake is over."""
    fate = net.post()
    *_, factory, _, _ = net.reactor.tcpClients[0]
    Partner(factory.buildProtocol(None), net.context()).socket.loseConnection()
    assert fate == [("not-sent", "connect failed")]


def test_answer_that_is_cut_off(net):
    """An answer that ends with the connection counts only if TLS says that it has ended: anybody can cut a line."""
    cut, whole = net.post(), net.post()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\nhalf"
    partner = net.accept()
    partner.answer(answer)
    partner.socket.loseConnection()
    other = net.accept()
    other.answer(answer)
    with pytest.raises(ssl.SSLWantReadError):
        other.session.unwrap()
    other.socket.protocol.dataReceived(other._out.read())
    assert cut == [("unknown", "connection lost")]
    assert whole[0].body == b"half"


def test_close_in_the_handshake(net):
    """A pool that closes ends what is being made."""
    fate = net.post()
    *_, factory, _, _ = net.reactor.tcpClients[0]
    partner = Partner(factory.buildProtocol(None), net.context())
    closed = net.pool.close()
    assert (fate, partner.socket.connected, closed.called) == ([("not-sent", "client closed")], False, True)


def test_https_without_a_ca():
    """A pool without a CA cannot call https: there is no call without verification."""
    with pytest.raises(ValueError, match="needs a CA"):
        HttpPool(MemoryReactorClock()).post(URL, b"", {}, deadline=1.0)
