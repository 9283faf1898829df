"""TLS and credentials of a gateway as its configuration says."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from click.testing import CliRunner
from twisted.internet.task import Clock

from gateway.access.kinds import Freshness
from gateway.access.showing import SignatureSeal, TokenSeal
from gateway.cli.configuration import config
from gateway.config import Config, load_config
from gateway.domain.party import Address, Party
from gateway.runtime.tls import Tls, signature_proof
from gateway.soap.tls_files import TlsUnusable
from gateway.soap.tls_server import TlsFactory

OCS, CRM, BILLING = (Address(party) for party in (Party.OCS, Party.CRM, Party.BILLING))
HTTP: Any = object()


class Made:
    """A configuration with its files, and the events that were told."""

    def __init__(self, directory: Path, text: str) -> None:
        ca = Authority(directory)
        ca.issue("me", ["dns:localhost"])
        (directory / "password").touch(mode=0o600)
        (directory / "password").write_text("correct horse\n")
        (directory / "numbers.toml").write_text('[mobile]\n1890791 = "15"\n')
        (directory / "gateway.toml").write_text('[gateway]\ntier = "province"\nprovince = "15"\n' + text)
        self.config: Config = load_config(directory / "gateway.toml", {})
        self.told: list[tuple[str, dict[str, object]]] = []
        self.tls = Tls(self.config, now=lambda: datetime.now(UTC), events=self.events, secret=bytes)

    def events(self, event: str, **fields: object) -> None:
        self.told.append((event, fields))

    def partner(self, address: Address) -> Any:
        return self.config.partners[address]


CALL = '[call]\nca = "ca.pem"\ncertificate = "me.pem"\nkey = "me.key"\n'
TLS = '[tls]\ncertificate = "me.pem"\nkey = "me.key"\n'
PARTNERS = """
[partners.ocs]
url = "https://localhost/services/ocs"
[partners.crm]
url = "https://localhost/services/crm"
credential = "signature"
signing_certificate = "me.pem"
signing_key = "me.key"
[partners.billing]
url = "http://127.0.0.1:1/services/billing"
credential = "username-token"
user = "vsop"
password_file = "password"
"""


def test_nothing_without_configuration(tmp_path):
    """A plain gateway has no context, no credentials and no watch: TLS that is off costs nothing."""
    made = Made(tmp_path, '[partners.ocs]\nurl = "http://127.0.0.1:1/"\n')
    partner = made.partner(OCS)
    assert (made.tls.calling(partner), made.tls.seal("ocs", partner)) == (None, None)
    assert (made.tls.served(HTTP, Clock(), lambda *_: None), made.tls.watched(Clock())) == (HTTP, None)


def test_partners_of_one_ca_share_a_context(tmp_path):
    """What is the same is made once; a partner that is called without TLS has none."""
    made = Made(tmp_path, CALL + PARTNERS)
    ocs, crm = (made.tls.calling(made.partner(address)) for address in (OCS, CRM))
    assert ocs is crm
    assert made.tls.calling(made.partner(BILLING)) is None


def test_credentials_of_partners(tmp_path):
    """Each partner gets what its section says."""
    made = Made(tmp_path, CALL + PARTNERS)
    kinds = [type(made.tls.seal(str(address), made.partner(address))) for address in (OCS, CRM, BILLING)]
    assert kinds == [type(None), SignatureSeal, TokenSeal]


def test_server_is_behind_tls(tmp_path):
    """With a certificate the listener's factory does the handshake; whom it ends is told to the log and to who asked."""
    made, heard = Made(tmp_path, TLS), []
    factory = made.tls.served(HTTP, Clock(), lambda *what: heard.append(what))
    assert isinstance(factory, TlsFactory)
    factory.failed(type("Stream", (), {"peer": "192.0.2.7"})(), "HTTP_REQUEST")
    assert heard == [("192.0.2.7", "HTTP_REQUEST")]
    assert made.told == [("tls.refused", {"address": "192.0.2.7", "reason": "HTTP_REQUEST", "clients": 1})]


def test_all_that_was_made_is_watched(tmp_path):
    """Contexts, passwords and signing keys follow their files: a bad password is told within ten seconds."""
    made = Made(tmp_path, TLS + CALL + PARTNERS)
    for address in (OCS, CRM, BILLING):
        made.tls.calling(made.partner(address))
        made.tls.seal(str(address), made.partner(address))
    clock = Clock()
    watch = made.tls.watched(clock)
    watch.start()
    for file in ("password", "me.pem", "ca.pem"):
        (tmp_path / file).write_text("\n")
    clock.advance(10)
    uses = {fields["use"] for event, fields in made.told if event == "certificate.refused"}
    assert uses == {"serve", "call ca.pem me.pem", "sign crm", "password billing"}


def test_a_bad_file_stops_the_start(tmp_path):
    """A key that cannot be used is told before anything listens."""
    with pytest.raises(TlsUnusable):
        Made(tmp_path, TLS.replace("me.key", "ca.pem"))


def test_signatures_need_an_extra(monkeypatch):
    """Without cryptography nobody can be asked to sign; with it, signatures are judged."""
    assert signature_proof(Freshness()) is not None
    monkeypatch.setitem(sys.modules, "gateway.access.signature", None)
    assert signature_proof(Freshness()) is None


def test_config_check_tells_when_certificates_expire(tmp_path):
    """`vsopgw config check` opens every file, and names the day."""
    Made(tmp_path, TLS + CALL + PARTNERS)
    told = CliRunner().invoke(config, ["check", str(tmp_path / "gateway.toml")])
    assert (told.exit_code, told.output.splitlines()[1].split(": expires on ")[0]) == (0, str(tmp_path / "me.pem"))
    assert told.output.endswith("in 89 days\n")


def test_config_check_tells_of_bad_files(tmp_path):
    """A password that is empty is told, with exit 2."""
    Made(tmp_path, TLS + CALL + PARTNERS)
    (tmp_path / "password").write_text("\n")
    told = CliRunner().invoke(config, ["check", str(tmp_path / "gateway.toml")])
    assert (told.exit_code, "the first line, the password, is empty" in told.output) == (2, True)
