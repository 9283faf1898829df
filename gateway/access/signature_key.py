"""Which certificate a signature says it was made with, in each form of the X.509 Token Profile that is taken, and the pinned ones.

Certificates in a message are only compared with pinned ones, never trusted, so no chain is built. Needs the extra `tls`.
"""

from __future__ import annotations

from binascii import Error as NotBase64
from binascii import a2b_base64
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gateway.access.token import BINARY_TOKEN, bad_token
from gateway.soap.faults import WSSE

if TYPE_CHECKING:
    from lxml import etree

_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_ID: Final = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id"
_X509: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#"
_THUMBPRINT: Final = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1"
_HASHES: Final = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
_SHORTEST_RSA: Final = 2048
_LONGEST: Final = 16_384
"""Characters of a certificate in base64."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A certificate of a partner's section, and what a message may name it by."""

    der: bytes
    serial: int
    thumbprint: bytes
    key_id: bytes
    """Subject key identifier; empty where it has none."""
    begins: datetime
    ends: datetime
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None
    """None: of a kind or size by which nothing is proved."""

    def verifies(self, method: str, value: bytes, signed: bytes) -> bool:
        """Whether `value` is the signature of `signed`; `method` such as rsa-sha256."""
        kind, _, digest = method.partition("-")
        try:
            if kind == "rsa" and isinstance(self.key, rsa.RSAPublicKey):
                self.key.verify(value, signed, padding.PKCS1v15(), _HASHES[digest])
                return True
            if kind == "ecdsa" and isinstance(self.key, ec.EllipticCurvePublicKey) and len(value) == 64:
                halves = int.from_bytes(value[:32]), int.from_bytes(value[32:])  # RFC 4050: r and s, not DER
                self.key.verify(encode_dss_signature(*halves), signed, ec.ECDSA(_HASHES[digest]))
                return True
        except InvalidSignature:
            return False
        return False


@dataclass(frozen=True, slots=True)
class Claim:
    """What a KeyInfo names; what is None it does not say."""

    der: bytes | None = None
    serial: int | None = None
    thumbprint: bytes | None = None
    key_id: bytes | None = None

    def fits(self, pinned: Pinned) -> bool:
        """Whether all that is said is so of a certificate; something must be."""
        said = [
            (getattr(self, name), getattr(pinned, name))
            for name in ("der", "serial", "thumbprint", "key_id")
            if getattr(self, name) is not None
        ]
        return bool(said) and all(claimed == so for claimed, so in said)


@lru_cache(maxsize=1024)
def pinned(der: bytes) -> Pinned:
    """Read a certificate of the configuration; raises ValueError for what is none."""
    certificate = x509.load_der_x509_certificate(der)
    key = certificate.public_key()
    good = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SHORTEST_RSA) or (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    )
    try:
        key_id = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        key_id = b""
    return Pinned(
        der, certificate.serial_number, certificate.fingerprint(hashes.SHA1()),  # noqa: S303  the profile's name for a certificate
        key_id, certificate.not_valid_before_utc, certificate.not_valid_after_utc, key if good else None,  # type: ignore[arg-type]
    )  # fmt: skip


def claim_of(signature: etree._Element) -> Claim:
    """Read the KeyInfo of a Signature in a Security block; raises SoapFault."""
    info = signature.find(f"{{{_DS}}}KeyInfo")
    if info is None or len(info) != 1:
        raise bad_token()
    told = info[0]
    if told.tag == f"{{{WSSE}}}SecurityTokenReference" and len(told) == 1:
        told = told[0]
    if told.tag == f"{{{WSSE}}}Reference":
        return Claim(der=_token(signature, told.get("URI", "")))
    if told.tag == f"{{{WSSE}}}KeyIdentifier":
        return _identified(told)
    if told.tag == f"{{{_DS}}}X509Data":
        return _described(told)
    raise bad_token()  # also KeyValue: a key that the message brings itself proves nothing


def _token(signature: etree._Element, uri: str) -> bytes:
    security = signature.getparent()
    tokens = [] if security is None else [child for child in security if child.tag == BINARY_TOKEN and f"#{child.get(_ID)}" == uri]
    if len(tokens) != 1 or tokens[0].get("ValueType") != f"{_X509}X509v3":
        raise bad_token()
    return _decoded(tokens[0].text)


def _identified(told: etree._Element) -> Claim:
    value, kind = _decoded(told.text), told.get("ValueType")
    if kind == _THUMBPRINT:
        return Claim(thumbprint=value)
    if kind == f"{_X509}X509SubjectKeyIdentifier" and value:
        return Claim(key_id=value)
    if kind == f"{_X509}X509v3":
        return Claim(der=value)
    raise bad_token()


def _described(told: etree._Element) -> Claim:
    """Read X509Data. The issuer's name is not compared: the certificate is one of a few pinned ones, and the key decides."""
    der = serial = None
    for child in told:
        if child.tag == f"{{{_DS}}}X509Certificate" and der is None:
            der = _decoded(child.text)
        elif child.tag == f"{{{_DS}}}X509IssuerSerial" and serial is None:
            text = child.findtext(f"{{{_DS}}}X509SerialNumber") or ""
            if not text.isascii() or not text.isdecimal() or len(text) > 50:
                raise bad_token()
            serial = int(text)
        elif child.tag not in (f"{{{_DS}}}X509SubjectName", f"{{{_DS}}}X509SKI"):
            raise bad_token()
    return Claim(der=der, serial=serial)


def _decoded(text: str | None) -> bytes:
    squeezed = "".join((text or "").split())
    if len(squeezed) > _LONGEST:
        raise bad_token()
    try:
        return a2b_base64(squeezed, strict_mode=True)
    except (NotBase64, ValueError):
        raise bad_token() from None
