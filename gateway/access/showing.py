"""What our own messages bear to show that they are ours: a UsernameToken, or a signature over Body and Timestamp. The calling side.

Password and key are read from files, and read again when these change. Must not know who is called.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lxml import etree

from gateway.soap.faults import WSSE, WSU
from gateway.soap.tls_files import Followed, Own, TlsUnusable, read_secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_TOKENS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_LIFE: Final = timedelta(seconds=300)
"""Of a Timestamp: what WSS4J and this gateway grant by default."""
_OPENING: Final = f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" s:mustUnderstand="1">'
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)

Now = Callable[[], datetime]


class TokenSeal:
    """Adds a UsernameToken with a digest of the password (UsernameToken Profile 1.1); nonce and time are fresh for each message."""

    def __init__(self, user: str, password: Followed[bytes], *, now: Now, random: Callable[[int], bytes]) -> None:
        """`user` must need no escaping in XML; `random` gives so many bytes that nobody can guess."""
        self._user = user
        self._password = password
        self._now = now
        self._random = random

    def __call__(self, opening: str, blocks: str, content: str) -> str:
        """Give the whole message."""
        nonce, created = self._random(16), _zulu(self._now())
        digest = sha1(nonce + created.encode() + self._password.current, usedforsecurity=False).digest()
        profile = f"{_TOKENS}-username-token-profile-1.0#PasswordDigest"
        token = (
            f"{_OPENING}<wsse:UsernameToken><wsse:Username>{self._user}</wsse:Username>"
            f'<wsse:Password Type="{profile}">{_base64(digest)}</wsse:Password>'
            f'<wsse:Nonce EncodingType="{_TOKENS}-soap-message-security-1.0#Base64Binary">{_base64(nonce)}</wsse:Nonce>'
            f"<wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>"
        )
        return f"{opening}<s:Header>{blocks}{token}</s:Header><s:Body>{content}</s:Body></s:Envelope>"


class SignatureSeal:
    """Signs Body, Timestamp and Routing block, and sends the certificate along (X.509 Certificate Token Profile 1.1)."""

    def __init__(self, signer: Followed[Signer], *, now: Now) -> None:
        self._signer = signer
        self._now = now

    def __call__(self, opening: str, blocks: str, content: str) -> str:
        """Give the whole message."""
        now, signer = self._now(), self._signer.current
        routed = bool(blocks) and "wsu:Id" not in blocks
        if routed:
            blocks = blocks.replace(">", f' xmlns:wsu="{WSU}" wsu:Id="Routing">', 1)
        before = (
            f"{opening}<s:Header>{blocks}{_OPENING}"
            f'<wsse:BinarySecurityToken EncodingType="{_TOKENS}-soap-message-security-1.0#Base64Binary" '
            f'ValueType="{_TOKENS}-x509-token-profile-1.0#X509v3" wsu:Id="X509">{signer.certificate}</wsse:BinarySecurityToken>'
            f'<wsu:Timestamp wsu:Id="TS"><wsu:Created>{_zulu(now)}</wsu:Created>'
            f"<wsu:Expires>{_zulu(now + _LIFE)}</wsu:Expires></wsu:Timestamp>"
        )
        after = (
            f'</wsse:Security></s:Header><s:Body xmlns:wsu="{WSU}" wsu:Id="Body">{content}</s:Body></s:Envelope>'
        )
        root = etree.fromstring((before + after).encode(), _PARSER)
        signed = {"#TS": root[0][-1][-1], "#Body": root[1], **({"#Routing": root[0][0]} if routed else {})}
        info = _signed_info(signer.method, signed)
        return f"{before}{_signature(info, signer.sign(info.encode()))}{after}"


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate in base64, and what signs by its key; `method` is the algorithm's name."""

    certificate: str
    method: str
    sign: Callable[[bytes], bytes]


def password_of(file: Path) -> Followed[bytes]:
    """Follow the file of a password, its first line; raises TlsUnusable."""

    def make() -> bytes:
        line = read_secret(file).split(b"\n", 1)[0].rstrip(b"\r")
        if not line:
            raise TlsUnusable(f"{file}: the first line, the password, is empty")
        return line

    return Followed([file], make)


def signer_of(own: Own) -> Followed[Signer]:
    """Follow a certificate and its key; raises TlsUnusable, also where the extra `tls` is not installed."""
    return Followed([own.certificate, own.key], lambda: _read_signer(own))


def _read_signer(own: Own) -> Signer:
    try:
        from cryptography import x509  # noqa: PLC0415  an extra: only who signs needs it
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415
    except ImportError as error:
        raise TlsUnusable("to sign messages needs cryptography: pip install 'vsop-gateway[tls]'") from error
    try:
        certificate = x509.load_pem_x509_certificates(own.certificate.read_bytes())[0]
        key = serialization.load_pem_private_key(read_secret(own.key), None)
    except (OSError, ValueError, TypeError):  # TypeError: there is a pass phrase
        raise TlsUnusable(f"{own.certificate} and {own.key} are not a certificate and an open key in PEM") from None
    if certificate.public_key() != key.public_key():
        raise TlsUnusable(f"{own.certificate} and {own.key} do not belong together")
    text = _base64(certificate.public_bytes(serialization.Encoding.DER))
    if isinstance(key, rsa.RSAPrivateKey):
        return Signer(text, f"{_MORE}rsa-sha256", lambda signed: _by_rsa(key, signed))
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return Signer(text, f"{_MORE}ecdsa-sha256", lambda signed: _by_ecdsa(key, signed))
    raise TlsUnusable(f"{own.key}: signs neither by RSA nor on the curve P-256")


def _by_rsa(key: rsa.RSAPrivateKey, signed: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

    return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def _by_ecdsa(key: ec.EllipticCurvePrivateKey, signed: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature  # noqa: PLC0415

    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)  # as XML Signature has it: not DER


def _signed_info(method: str, signed: dict[str, etree._Element]) -> str:
    """Write SignedInfo in its canonical form, so that its text is what is signed."""
    references = "".join(
        f'<ds:Reference URI="{uri}"><ds:Transforms><ds:Transform Algorithm="{_EXCLUSIVE}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
        f"<ds:DigestValue>{_base64(sha256(_canonical(element)).digest())}</ds:DigestValue></ds:Reference>"
        for uri, element in signed.items()
    )
    return (
        f'<ds:SignedInfo xmlns:ds="{_DS}"><ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>{references}</ds:SignedInfo>'
    )


def _signature(info: str, value: bytes) -> str:
    key = (
        f'<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI="#X509" '
        f'ValueType="{_TOKENS}-x509-token-profile-1.0#X509v3"/></wsse:SecurityTokenReference></ds:KeyInfo>'
    )
    return f'<ds:Signature xmlns:ds="{_DS}">{info}<ds:SignatureValue>{_base64(value)}</ds:SignatureValue>{key}</ds:Signature>'


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _zulu(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
