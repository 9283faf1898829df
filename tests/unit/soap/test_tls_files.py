"""Files of TLS: which are refused, and when changed ones are taken."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from certificates import Authority, write

from gateway.soap.tls_files import MODERN, Own, TlsUnusable, calling, expiry, serving


@pytest.fixture
def ca(tmp_path):
    """A CA."""
    return Authority(tmp_path)


def served(pair, client_ca=None, ciphers=MODERN, minimum="1.2"):
    return serving(Own(pair.pem, pair.key_file), client_ca, minimum=minimum, ciphers=ciphers, certificate_required=False)


def test_versions_and_ciphers(ca):
    """1.2 at least; suites with forward secrecy and authenticated encryption, nothing else."""
    context = served(ca.issue("a")).current
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert [c["name"] for c in context.get_ciphers() if not c["aead"] or c["kea"] not in ("kx-ecdhe", "kx-any")] == []


def test_no_renegotiation_no_tickets(ca):
    """A client can neither begin again within a connection nor come back without its certificate."""
    context = served(ca.issue("a")).current
    wanted = ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION
    assert (context.options & wanted, context.num_tickets) == (wanted, 0)


def test_calls_verify(ca):
    """Certificate and name of a partner are always verified."""
    context = calling(ca.pem, None).current
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("mode", [0o604, 0o640 | 0o020, 0o666])
def test_key_that_others_have(ca, mode):
    """A key that others can read, or its group can write, is refused."""
    pair = ca.issue("a")
    pair.key_file.chmod(mode)
    with pytest.raises(TlsUnusable) as told:
        served(pair)
    assert f"mode {mode:04o} lets others in" in str(told.value)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_key_that_is_ours(ca, mode):
    """Its owner alone, or a group that reads it, may."""
    pair = ca.issue("a")
    pair.key_file.chmod(mode)
    assert served(pair).current


def test_key_of_another_certificate(ca):
    """A pair must be one."""
    pair = ca.issue("a")
    pair.key_file.write_bytes(ca.issue("b").key_file.read_bytes())
    with pytest.raises(TlsUnusable) as told:
        served(pair)
    assert str(told.value).endswith("do not belong together")


def test_key_with_a_pass_phrase(ca):
    """It is refused, and nobody is asked at a terminal."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    pair = ca.issue("a")
    pair.key_file.write_bytes(pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    with pytest.raises(TlsUnusable):
        served(pair)


@pytest.mark.parametrize("missing", ["pem", "key_file"])
def test_missing_file(ca, missing):
    """A file that is not there is told by its name."""
    pair = ca.issue("a")
    getattr(pair, missing).unlink()
    with pytest.raises(TlsUnusable) as told:
        served(pair)
    assert str(getattr(pair, missing)) in str(told.value)


def test_ca_that_is_none(ca, tmp_path):
    """A file without certificates is no CA."""
    (tmp_path / "bad.pem").write_text("nothing")
    with pytest.raises(TlsUnusable):
        served(ca.issue("a"), tmp_path / "bad.pem")
    with pytest.raises(TlsUnusable):
        calling(tmp_path / "none.pem", None)


def test_ciphers_that_do_not_exist(ca):
    """A list of which nothing is known is a mistake."""
    with pytest.raises(TlsUnusable):
        served(ca.issue("a"), ciphers="NOTHING")


def test_unchanged_files_are_left(ca):
    """Nothing is read again without reason."""
    context = served(ca.issue("a"))
    before = context.current
    assert (context.renew(), context.current is before) == (False, True)


def test_a_bad_pair_never_replaces_a_good_one(ca):
    """It is told once; what was in use stays, until a good pair comes."""
    pair = ca.issue("a")
    context = served(pair)
    before = context.current
    pair.pem.write_text("half a cert")
    with pytest.raises(TlsUnusable):
        context.renew()
    assert (context.renew(), context.current is before) == (False, True)
    write(ca.issue("a"))
    assert (context.renew(), context.current is before) == (True, False)


def test_end_of_a_certificate(ca):
    """The first of the file."""
    pair = ca.issue("a", ends=timedelta(days=10))
    assert timedelta(days=9) < expiry(pair.pem) - datetime.now(UTC) < timedelta(days=10)
    pair.pem.write_text("x")
    with pytest.raises(TlsUnusable):
        expiry(pair.pem)
