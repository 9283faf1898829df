"""What TLS costs a request of a connection that is kept, with certificates on both sides and without, beside the same over plain TCP.

One process has the server's side on transports in memory, so that neither the kernel nor other work on the machine is measured: the
processor time is that of the whole endpoint, and of TLS. Prints one line of JSON: microseconds for a request.
"""

import argparse
import json
import ssl
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from twisted.internet.task import Clock

from bench.ours_server import Handler
from bench.refusals import SOAP_ACTION, SUBSCRIBE_FILE
from gateway.contract import Codec, load_contract
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint
from gateway.soap.front import Front
from gateway.soap.http import HttpFactory, HttpLimits
from gateway.soap.tls_files import MODERN, Own, serving
from gateway.soap.tls_server import TlsFactory

Issuer = tuple[x509.Name, ec.EllipticCurvePrivateKey]

ENDLESS = HttpLimits(requests=10**9)
"""The connections are kept for all of the bench."""


class Transport:
    """A socket that takes all at once; keeps what came last."""

    def __init__(self) -> None:
        self.sent = b""

    def writeSomeData(self, data: bytes) -> int:  # noqa: N802 -- Twisted's
        """Take it all."""
        self.sent = data
        return len(data)

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: N802 -- Twisted's
        """Do nothing."""


class Line:
    """One connection of a client to a server; `context` None: without TLS."""

    def __init__(self, factory: Any, context: ssl.SSLContext | None) -> None:
        self._transport = Transport()
        self._connection = factory.buildProtocol(None)
        self._connection.makeConnection(self._transport)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = None
        if context is not None:
            self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname="localhost")
            self._shake(self._session)

    def turn(self, message: bytes, requests: int) -> float:
        """Have a message answered so many times; gives the server's microseconds for one."""
        parts = [message] * requests
        if self._session is not None:
            for index in range(requests):
                self._session.write(message)
                parts[index] = self._outgoing.read()
        receive = self._connection.dataReceived
        began = time.process_time()
        for part in parts:
            receive(part)
        spent = time.process_time() - began
        if self._session is None and b"200 OK" not in self._transport.sent[:20]:
            raise SystemExit(f"bench: {self._transport.sent[:60]!r}")
        return spent / requests * 1e6

    def _shake(self, session: ssl.SSLObject) -> None:
        while True:
            try:
                session.do_handshake()
            except ssl.SSLWantReadError:
                self._connection.dataReceived(self._outgoing.read())
                self._incoming.write(self._transport.sent)
            else:
                self._connection.dataReceived(self._outgoing.read())
                return


def _certify(directory: Path, name: str, issuer: Issuer | None) -> Issuer:
    """Make a certificate: a CA of itself, or by an issuer."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by, signing = issuer or (subject, key)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(by).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )  # fmt: skip
    (directory / f"{name}.pem").write_bytes(builder.sign(signing, hashes.SHA256()).public_bytes(Encoding.PEM))
    (directory / f"{name}.key").touch(mode=0o600)
    (directory / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return subject, key


def _message() -> bytes:
    body = SUBSCRIBE_FILE.read_bytes()
    head = (
        "POST /services/vsop HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml; charset=utf-8\r\n"
        f'SOAPAction: "{SOAP_ACTION}"\r\nContent-Length: {len(body)}\r\n\r\n'
    )
    return head.encode() + body


def _lines(directory: Path) -> dict[str, Line]:
    ca = _certify(directory, "ca", None)
    for name in ("server", "client"):
        _certify(directory, name, ca)
    codec, clock = Codec(load_contract(contracts_dir() / "vsop.wsdl")), Clock()
    front = Front([Endpoint(codec, Handler(codec), reference=lambda: "R")], public_url="http://127.0.0.1")
    own = Own(directory / "server.pem", directory / "server.key")

    def secure(client_ca: Path | None) -> TlsFactory:
        context = serving(own, client_ca, minimum="1.2", ciphers=MODERN, certificate_required=client_ca is not None)
        http = HttpFactory(front, ENDLESS, clock=clock)
        return TlsFactory(http, context, clock=clock, handshake_seconds=5.0, told=lambda *_: None)

    anonymous, known = (ssl.create_default_context(cafile=str(directory / "ca.pem")) for _ in range(2))
    known.load_cert_chain(directory / "client.pem", directory / "client.key")
    return {
        "plain": Line(HttpFactory(front, ENDLESS, clock=clock), None),
        "tls": Line(secure(None), anonymous),
        "mtls": Line(secure(directory / "ca.pem"), known),
    }


def main() -> None:
    """Measure in turns, and print the least of each: other work on the machine only ever adds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=20)
    options = parser.parse_args()
    message = _message()
    with tempfile.TemporaryDirectory() as place:
        lines = _lines(Path(place))
        turns = [{name: line.turn(message, options.requests) for name, line in lines.items()} for _ in range(options.turns)]
    print(json.dumps({name: min(turn[name] for turn in turns) for name in lines}))


if __name__ == "__main__":
    main()
