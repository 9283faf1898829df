"""What our messages bear: a token and a signature that others can judge, and files that may change."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha1

import pytest
from certificates import Authority, rsa_key, write
from lxml import etree
from zeep.wsse.signature import verify_envelope

from gateway.access.showing import SignatureSeal, TokenSeal, password_of, signer_of
from gateway.access.token import username_token
from gateway.soap.faults import SOAP11
from gateway.soap.tls_files import Own, TlsUnusable

NOW = datetime(2026, 3, 1, 8, 0, 0, 123456, UTC)
OPENING = f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP11}" xmlns:v="urn:vsop">'


@pytest.fixture
def password_file(tmp_path):
    """A file with a password that is its owner's alone."""
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text("correct horse\n")
    return file


def sealed(password_file, nonce=b"n" * 16):
    """A message with a token."""
    seal = TokenSeal("vsop-15", password_of(password_file), now=lambda: NOW, random=lambda size: nonce[:size])
    return seal(OPENING, "<v:Routing/>", "<v:order/>")


def test_token_is_a_digest_of_nonce_time_and_password(password_file):
    """Username, digest, nonce and time as the profile has them; the reader of the serving side takes it."""
    root = etree.fromstring(sealed(password_file).encode())
    token = username_token(root[0][-1])
    digest = sha1(b"n" * 16 + b"2026-03-01T08:00:00.123Z" + b"correct horse").digest()
    assert (token.user, token.nonce, token.created_text, token.digest) == (
        "vsop-15", b"n" * 16, "2026-03-01T08:00:00.123Z", digest
    )  # fmt: skip


def test_password_does_not_travel(password_file):
    """Nor anything but its digest."""
    assert "correct horse" not in sealed(password_file)


def test_header_blocks_and_body_stay(password_file):
    """The token comes after the blocks that there are; the Body is what it was."""
    root = etree.fromstring(sealed(password_file).encode())
    assert root[0][0].tag == "{urn:vsop}Routing"
    assert root[1][0].tag == "{urn:vsop}order"


def test_token_must_be_understood(password_file):
    """A partner that does not know WS-Security refuses the message, instead of taking it unjudged."""
    root = etree.fromstring(sealed(password_file).encode())
    assert root[0][-1].get(f"{{{SOAP11}}}mustUnderstand") == "1"


def test_changed_password_is_used(password_file):
    """After its file has changed, the new one; a bad one leaves the old."""
    password = password_of(password_file)
    password_file.write_text("new one, longer\n")
    assert (password.renew(), password.current) == (True, b"new one, longer")
    password_file.write_text("\n")
    with pytest.raises(TlsUnusable):
        password.renew()
    assert password.current == b"new one, longer"


def test_password_of_all(password_file):
    """A password that others can read is refused."""
    password_file.chmod(0o644)
    with pytest.raises(TlsUnusable):
        password_of(password_file)


def test_password_is_missing(tmp_path):
    """So is a file that is not there."""
    with pytest.raises(TlsUnusable) as told:
        password_of(tmp_path / "none")
    assert str(told.value) == f"{tmp_path}/none: no such file or directory"


@pytest.mark.parametrize("key", [rsa_key, lambda: None], ids=["rsa", "p256"])
def test_xmlsec_takes_our_signature(tmp_path, key):
    """xmlsec, by way of Zeep, verifies what we sign, by both kinds of key."""
    pair = Authority(tmp_path).issue("vsop", key=key())
    seal = SignatureSeal(signer_of(Own(pair.pem, pair.key_file)), now=lambda: NOW)
    message = seal(OPENING, "", '<v:order xmlns:w="urn:w"><w:text>天翼 &amp; co</w:text></v:order>')
    assert verify_envelope(etree.fromstring(message.encode()), str(pair.pem)) is None


def test_body_and_timestamp_are_signed(tmp_path):
    """Those two, and nothing of the message is left out of them but its header."""
    pair = Authority(tmp_path).issue("vsop")
    message = SignatureSeal(signer_of(Own(pair.pem, pair.key_file)), now=lambda: NOW)(OPENING, "", "<v:order/>")
    assert re.findall('ds:Reference URI="([^"]+)"', message) == ["#TS", "#Body"]
    assert "<wsu:Created>2026-03-01T08:00:00.123Z</wsu:Created><wsu:Expires>2026-03-01T08:05:00.123Z</wsu:Expires>" in message


def test_signer_follows_its_files(tmp_path):
    """After both files have changed, messages bear the new certificate; a key of another leaves the old."""
    ca = Authority(tmp_path)
    pair = ca.issue("vsop")
    signer = signer_of(Own(pair.pem, pair.key_file))
    before = signer.current.certificate
    write(ca.issue("vsop"))
    assert signer.renew()
    renewed = signer.current.certificate
    assert renewed != before
    pair.key_file.write_bytes(ca.issue("other").key_file.read_bytes())
    with pytest.raises(TlsUnusable):
        signer.renew()
    assert signer.current.certificate == renewed


def test_certificate_travels_whole(tmp_path):
    """The token is the certificate in DER."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    pair = Authority(tmp_path).issue("vsop")
    assert b64decode(signer_of(Own(pair.pem, pair.key_file)).current.certificate) == pair.certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize("broken", ["pem", "key_file"])
def test_broken_files(tmp_path, broken):
    """What is no certificate or no key is told."""
    pair = Authority(tmp_path).issue("vsop")
    getattr(pair, broken).write_text("nothing")
    with pytest.raises(TlsUnusable):
        signer_of(Own(pair.pem, pair.key_file))
