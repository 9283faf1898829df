"""Certificates and keys as files: who may read them, when they change, when they expire, and the contexts of TLS that are made of them.

A changed file that cannot be used never replaces what was in use. Must not know about sockets.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Generic, TypeVar

MODERN: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Cipher suites of TLS 1.2 with forward secrecy and authenticated encryption; those of TLS 1.3 are all of that kind."""
_OTHERS_READ: Final = 0o027  # bits of a mode by which the group writes, or anybody else does anything

T = TypeVar("T")


class TlsUnusable(Exception):
    """A certificate, key or CA that cannot be used; the text says which and why, in our words."""


@dataclass(frozen=True, slots=True)
class Own:
    """A certificate chain in PEM, the end first, and its key."""

    certificate: Path
    key: Path


class Followed(Generic[T]):
    """What is made of files, and made anew when they change."""

    def __init__(self, files: Iterable[Path], make: Callable[[], T]) -> None:
        """Make it; raises TlsUnusable."""
        self.files = tuple(files)
        self._make = make
        self._seen = self._stamps()
        self.current = make()

    def renew(self) -> bool:
        """Make it anew where a file has changed; raises TlsUnusable, once for each change, and stays what it was."""
        stamps = self._stamps()
        if stamps == self._seen:
            return False
        self._seen = stamps
        self.current = self._make()
        return True

    def _stamps(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_stamp(file) for file in self.files)


Context = Followed[ssl.SSLContext]


def serving(own: Own, client_ca: Path | None, *, minimum: str, ciphers: str, certificate_required: bool) -> Context:
    """Serve by a certificate; with a `client_ca`, clients are asked for one of that CA, and one of another ends the handshake."""

    def make() -> ssl.SSLContext:
        context = _context(ssl.PROTOCOL_TLS_SERVER, minimum, ciphers)
        # Each connection does its own handshake: a resumed session would carry the identity of a certificate that is taken back by now.
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_TICKET
        context.num_tickets = 0
        _load_own(context, own)
        if client_ca is not None:
            _load_ca(context, client_ca)
            context.verify_mode = ssl.CERT_REQUIRED if certificate_required else ssl.CERT_OPTIONAL
        return context

    return Followed([own.certificate, own.key, *([] if client_ca is None else [client_ca])], make)


def calling(ca: Path, own: Own | None, *, minimum: str = "1.2", ciphers: str = MODERN) -> Context:
    """Call servers whose certificate is of a CA and bears the name that is called; there is no other way to call."""

    def make() -> ssl.SSLContext:
        context = _context(ssl.PROTOCOL_TLS_CLIENT, minimum, ciphers)  # verifies certificate and name
        _load_ca(context, ca)
        if own is not None:
            _load_own(context, own)
        return context

    return Followed([ca, *([] if own is None else [own.certificate, own.key])], make)


def read_secret(file: Path) -> bytes:
    """Read a file that only its owner, and a group, may read; raises TlsUnusable."""
    check_secret(file)
    try:
        return file.read_bytes()
    except OSError as error:
        raise TlsUnusable(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None


def check_secret(file: Path) -> None:
    """Refuse a file with a secret that others may read or change; raises TlsUnusable."""
    try:
        mode = file.stat().st_mode
    except OSError as error:
        raise TlsUnusable(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None
    if mode & _OTHERS_READ:
        raise TlsUnusable(f"{file}: mode {mode & 0o777:04o} lets others in: chmod 600 (or 640, for a group that may read it)")


def expiry(certificate: Path) -> datetime:
    """When the first certificate of a file expires, UTC; raises TlsUnusable."""
    try:
        from cryptography import x509  # noqa: PLC0415  an extra: what is served or called without TLS does without it
    except ImportError as error:
        raise TlsUnusable("certificates need cryptography: pip install 'vsop-gateway[tls]'") from error
    try:
        return x509.load_pem_x509_certificates(certificate.read_bytes())[0].not_valid_after_utc
    except (OSError, ValueError):
        raise TlsUnusable(f"{certificate}: not a certificate in PEM") from None


def _context(protocol: int, minimum: str, ciphers: str) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[minimum]
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    try:
        context.set_ciphers(ciphers)
    except ssl.SSLError:
        raise TlsUnusable("the list of ciphers names none that there is") from None
    context.set_alpn_protocols(["http/1.1"])
    return context


def _load_own(context: ssl.SSLContext, own: Own) -> None:
    check_secret(own.key)
    try:
        # A key with a pass phrase would be asked for at the terminal; this refuses it instead.
        context.load_cert_chain(own.certificate, own.key, password=lambda: b"")
    except ssl.SSLError as error:
        problem = "do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "are not a certificate and an open key in PEM"
        raise TlsUnusable(f"{own.certificate} and {own.key} {problem}") from None
    except OSError as error:
        raise TlsUnusable(f"{own.certificate}: {(error.strerror or 'cannot be read').lower()}") from None


def _load_ca(context: ssl.SSLContext, ca: Path) -> None:
    try:
        context.load_verify_locations(ca)
    except (OSError, ssl.SSLError):  # the latter is one of the former; its text speaks of OpenSSL's insides
        raise TlsUnusable(f"{ca}: not a file of CA certificates in PEM") from None


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
