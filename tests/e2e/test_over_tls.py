"""A gateway, its partners' stubs and a portal, all over TLS with certificates on both sides; and who is refused."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import requests
import xmlsec
import zeep
from certificates import Authority, rsa_key, write
from testlab import PROVINCES, TestLab, free_ports
from zeep.transports import Transport
from zeep.wsse import utils
from zeep.wsse.signature import BinarySignature

pytestmark = pytest.mark.e2e
NUMBERS = [f"18907914{i:03d}" for i in range(20)]
X = "115000000000000000101"
EVERY = json.dumps([f"{code:03d}" for code in range(1000)])
PARTNERS = f"""
[portal]
systems = ["211"]
authentication = ["mtls"]
operations = ["vsop/*"]
provinces = ["*"]
certificates = ["uri:urn:vsop:portal"]

[seat]
systems = ["212"]
authentication = ["signature"]
operations = ["vsop/*"]
provinces = ["*"]
certificate_file = "seat.pem"

[platforms]
systems = {EVERY}
authentication = ["mtls"]
operations = ["*"]
provinces = ["*"]
gateway = true
certificates = ["dns:localhost"]
"""


class TlsLab(TestLab):
    """Jiangxi serves and is served over TLS alone."""

    def __init__(self, directory, databases=None):
        self.ca = Authority(directory)
        self.pairs = {
            name: self.ca.issue(name, names)
            for name, names in {
                "gateway": ["dns:localhost", "ip:127.0.0.1"], "stub": ["dns:localhost", "ip:127.0.0.1"], "portal": ["uri:urn:vsop:portal"],
                "nobody": ["uri:urn:vsop:nobody"],
            }.items()
        }  # fmt: skip
        self.pairs |= {name: self.ca.issue(name, key=rsa_key()) for name in ("seat", "stranger")}
        (directory / "partners.toml").write_text(PARTNERS)
        (self.tls_port,) = free_ports(1)
        super().__init__(directory, ("group", "jiangxi"), NUMBERS, databases)

    def _write_lab(self):
        super()._write_lab()
        file = self.directory / "lab.toml"
        tables = file.read_text().split("\n\n")
        pair, ca = self.pairs["stub"], self.ca.pem
        tls = f'tls = {{ port = {self.tls_port}, certificate = "{pair.pem}", key = "{pair.key_file}", client_ca = "{ca}" }}'
        trust = f'trust = {{ ca = "{ca}", certificate = "{pair.pem}", key = "{pair.key_file}" }}'
        for count, table in enumerate(tables):
            if 'name = "jiangxi"' in table:
                tables[count] = f"{table.replace('http:', 'https:')}\n{tls}\n{trust}"
        file.write_text("\n\n".join(tables))

    def serve(self, name, *options, **settings):
        own, stub = self.pairs["gateway"], f"https://localhost:{self.tls_port}/services"
        here = f"https://127.0.0.1:{self.ports['jiangxi']}/services/vsop"
        if name == "jiangxi":
            settings |= {
                "tls__certificate": own.pem, "tls__key": own.key_file, "tls__client_ca": self.ca.pem, "call__ca": self.ca.pem,
                "call__certificate": own.pem, "call__key": own.key_file, "access__partners": self.directory / "partners.toml",
                "gateway__public_url": here.removesuffix("/services/vsop"), "partners__xplatform__303__url": f"{stub}/xplatform",
                **{f"partners__{role}__url": f"{stub}/{role}" for role in ("ocs", "billing", "smshall", "crm", "provisioning")},
                **{f"partners__ismp__{code}__url": f"{stub}/ismp" for code in ("203", "204", "205")},
                **{f"partners__channel__{code}__url": f"{stub}/portal" for code in ("211", "212", "213", "214", "215")},
            }  # fmt: skip
        settings |= {f"partners__vsop__{PROVINCES['jiangxi']}__url": here, "call__ca": self.ca.pem}
        super().serve(name, *options, **settings)

    def url(self, name):
        return super().url(name).replace("http:", "https:") if name == "jiangxi" else super().url(name)

    def client(self, name, pair="portal", wsse=None):
        session = requests.Session()
        session.trust_env = False  # a bundle of CAs that the environment names would go before
        session.verify = str(self.ca.pem)
        if pair is not None:
            session.cert = (str(self.pairs[pair].pem), str(self.pairs[pair].key_file))
        return zeep.Client(f"{self.url(name)}?wsdl", transport=Transport(session=session), settings=zeep.Settings(strict=True), wsse=wsse)

    def audited(self, act, code):
        """Wait until the audit log has a line of an act with a code: it is written behind the refusal."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            rows = self.admin("jiangxi").get("audit")
            if any(row["act"] == act and row["why"].startswith(code) for row in rows):
                return
            time.sleep(0.05)
        raise AssertionError(f"no {act} {code} in {rows}")

    def context(self, pair=None):
        context = ssl.create_default_context(cafile=str(self.ca.pem))
        if pair is not None:
            context.load_cert_chain(pair.pem, pair.key_file)
        return context

    def post(self, body, pair=None):
        """Status and text of a raw message."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.ports["jiangxi"], context=self.context(pair), timeout=10)
        with closing(connection):
            connection.request("POST", "/services/vsop", body, {"Content-Type": "text/xml; charset=utf-8"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """The lab; all its processes must drain with exit 0."""
    lab = TlsLab(tmp_path_factory.mktemp("tls"))
    try:
        lab.start()
        yield lab
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes


def test_an_order_over_tls(secure):
    """Portal, gateway and platforms show certificates to each other; the order runs to its end as over plain HTTP."""
    fields = secure.request(NUMBERS[0], X)
    answer = secure.client("jiangxi").service.subscribeToVSOP(**fields)
    legs = secure.settled("jiangxi", fields["OrderId"])
    assert (answer.ResultCode, legs[0]["run"]) == ("0", "ended")
    assert list(secure.relations("jiangxi", NUMBERS[0])) == [X]


def test_no_certificate(secure):
    """A caller without one may read the contract and nothing else: it is told that credentials are missing."""
    client = secure.client("jiangxi", None)
    with pytest.raises(zeep.exceptions.Fault) as refused:
        client.service.subscribeToVSOP(**secure.request(NUMBERS[1], X))
    assert "[2005]" in refused.value.message


def test_certificate_of_nobody(secure):
    """One of our CA that names no partner opens nothing."""
    client = secure.client("jiangxi", "nobody")
    with pytest.raises(zeep.exceptions.Fault) as refused:
        client.service.subscribeToVSOP(**secure.request(NUMBERS[1], X))
    assert refused.value.message.split("]")[0] in ("[2004", "[2005")


def test_foreign_certificate(secure, tmp_path):
    """One of another CA does not get through the handshake; the log says so, and the next caller is served."""
    foreign = Authority(tmp_path, "foreign").issue("portal", ["uri:urn:vsop:portal"])
    with pytest.raises(OSError):
        secure.post(b"<a/>", foreign)
    assert secure.post(b"<a/>", secure.pairs["portal"])[0] == 500
    assert "CERTIFICATE_VERIFY_FAILED" in (secure.directory / "jiangxi.log").read_text()
    secure.audited("connection.refused", "2004")


def test_spoofed_system(secure):
    """The portal's certificate does not speak for the seat."""
    with pytest.raises(zeep.exceptions.Fault) as refused:
        secure.client("jiangxi").service.subscribeToVSOP(**secure.request(NUMBERS[1], X, SystemId="212"))
    assert "[2009]" in refused.value.message


def test_plain_http(secure):
    """The port speaks nothing but TLS."""
    with socket.create_connection(("127.0.0.1", secure.ports["jiangxi"]), timeout=10) as raw:
        raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        told = raw.recv(100)
    assert b"HTTP" not in told


def test_old_tls(secure):
    """Nor TLS 1.1."""
    context = secure.context(secure.pairs["portal"])
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", secure.ports["jiangxi"]), timeout=10) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw, server_hostname="localhost")


def test_keep_alive(secure):
    """Many requests go over one connection, with one handshake."""
    connection = http.client.HTTPSConnection(
        "127.0.0.1", secure.ports["jiangxi"], context=secure.context(secure.pairs["portal"]), timeout=10
    )
    sockets = set()
    for _ in range(5):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() is not None
        sockets.add(id(connection.sock))
    connection.close()
    assert len(sockets) == 1


class Signed(BinarySignature):
    """Zeep's signature over Body and a Timestamp of a time; keeps what was sent."""

    def __init__(self, pair, ahead=0.0):
        super().__init__(
            str(pair.key_file), str(pair.pem), signature_method=xmlsec.Transform.RSA_SHA256, digest_method=xmlsec.Transform.SHA256
        )
        self.ahead = timedelta(seconds=ahead)
        self.sent = b""

    def apply(self, envelope, headers):
        created = datetime.now(UTC) + self.ahead
        stamp = utils.WSU.Timestamp()
        stamp.append(utils.WSU.Created(created.strftime("%Y-%m-%dT%H:%M:%SZ")))
        stamp.append(utils.WSU.Expires((created + timedelta(seconds=300)).strftime("%Y-%m-%dT%H:%M:%SZ")))
        utils.get_security_header(envelope).append(stamp)
        envelope, headers = super().apply(envelope, headers)
        self.sent = zeep.wsdl.utils.etree_to_string(envelope)
        return envelope, headers

    def verify(self, envelope):
        """Answers are not signed."""


def refusal(text):
    """The code of a fault."""
    return re.search(r"\[(\d{4})\]", text)[1]


def test_signed_order(secure):
    """A message that Zeep signs is taken; sent again it is a replay; wrapped, stale or by another it is refused; all is audited."""
    signed = Signed(secure.pairs["seat"])
    client = secure.client("jiangxi", None, signed)
    fields = secure.request(NUMBERS[2], X, SystemId="212")
    assert client.service.subscribeToVSOP(**fields).ResultCode == "0"
    message = signed.sent.decode()
    body = re.search(r"<(\S+:)Body.+</\1Body>", message, re.DOTALL)[0]
    forged = re.sub(r' \S+:Id="[^"]+"', "", body, count=1).replace(NUMBERS[2], NUMBERS[3])
    wrapped = message.replace(body, forged).replace("</soap-env:Header>", f"<w>{body}</w></soap-env:Header>")
    assert refusal(secure.post(message)[1]) == "2008"
    assert refusal(secure.post(wrapped.encode())[1]) == "2015"
    with pytest.raises(zeep.exceptions.Fault) as stale:
        secure.client("jiangxi", None, Signed(secure.pairs["seat"], -400)).service.subscribeToVSOP(
            **secure.request(NUMBERS[3], X, SystemId="212")
        )
    assert refusal(stale.value.message) == "2007"
    with pytest.raises(zeep.exceptions.Fault) as foreign:
        secure.client("jiangxi", None, Signed(secure.pairs["stranger"])).service.subscribeToVSOP(
            **secure.request(NUMBERS[3], X, SystemId="212")
        )
    assert refusal(foreign.value.message) == "2004"
    assert secure.relations("jiangxi", NUMBERS[3]) == {}
    for code in ("2008", "2015", "2007", "2004"):
        secure.audited("call.refused", code)
    secure.settled("jiangxi", fields["OrderId"])


def test_renewed_without_restart(secure):
    """A new certificate is served within seconds of its files, to new connections; orders go on."""

    def shown():
        context, place = secure.context(secure.pairs["portal"]), ("127.0.0.1", secure.ports["jiangxi"])
        with socket.create_connection(place, timeout=10) as raw, context.wrap_socket(raw, server_hostname="localhost") as wrapped:
            return wrapped.getpeercert(binary_form=True)

    before = shown()
    write(secure.ca.issue("gateway", ["dns:localhost", "ip:127.0.0.1"]))
    until = time.monotonic() + 30
    while shown() == before and time.monotonic() < until:
        time.sleep(0.5)
    assert shown() != before
    fields = secure.request(NUMBERS[4], X)
    assert secure.client("jiangxi").service.subscribeToVSOP(**fields).ResultCode == "0"
    secure.settled("jiangxi", fields["OrderId"])
    assert "certificate.renewed" in (secure.directory / "jiangxi.log").read_text()


def test_workers_over_tls(cluster, tmp_path):
    """Two processes share the port and the partners: an order runs over TLS, and what one has taken the other refuses to take again."""
    url = cluster.create()
    lab = TlsLab(tmp_path, {"jiangxi": url})
    try:
        lab.start()
        lab.serve("jiangxi", "--workers", "2", store__lease_s=2)
        signed = Signed(lab.pairs["seat"])
        fields = lab.request(NUMBERS[5], X, SystemId="212")
        assert lab.client("jiangxi", None, signed).service.subscribeToVSOP(**fields).ResultCode == "0"
        assert {refusal(lab.post(signed.sent)[1]) for _ in range(12)} == {"2008"}
        assert lab.settled("jiangxi", fields["OrderId"])[0]["run"] == "ended"
    finally:
        codes = lab.stop()
        cluster.drop(url)
    assert set(codes.values()) == {0}, codes
