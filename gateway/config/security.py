"""What the sections say of TLS and of our own credentials; part of sections.py, which says how they are read.

Files are relative to the configuration file; they are read, and their modes judged, when the gateway starts (soap/tls_files.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from gateway.config.forms import FLAG, OPTIONAL_PATH, choice, days, seconds, text


class TlsVersion(StrEnum):
    """Which versions of TLS are spoken."""

    V12 = "1.2"
    V13 = "1.3"


class Credential(StrEnum):
    """What a message of ours bears to show that it is ours."""

    NONE = "none"
    USERNAME_TOKEN = "username-token"  # noqa: S105  a word of the configuration
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsConfig:
    """TLS on the port of the SOAP services; off while no certificate is named. Files are read again when they change, and what cannot
    be used never replaces what is in use: see docs/tls.md."""

    certificate: Annotated[Path | None, OPTIONAL_PATH] = None
    """File of this gateway's certificate in PEM, those of its issuers after it. Relative to the configuration file, as all files here."""
    key: Annotated[Path | None, OPTIONAL_PATH] = None
    """File of its key in PEM, without a pass phrase; nobody but its owner, and a group for reading, may have access to it."""
    client_ca: Annotated[Path | None, OPTIONAL_PATH] = None
    """File of the CAs whose certificates callers may show. A caller with one of another CA is refused in the handshake; none is asked
    for while no file is named."""
    client_required: Annotated[bool, FLAG] = False
    """Whether a caller without a certificate is refused in the handshake. Leave it false while some partner shows a token instead."""
    minimum: Annotated[TlsVersion, choice(TlsVersion)] = TlsVersion.V12
    """Oldest version that is spoken."""
    ciphers: Annotated[str, text("a list of cipher suites in the form of OpenSSL", r"[A-Za-z0-9+!:@=_-]{1,400}")] = (
        "ECDHE+AESGCM:ECDHE+CHACHA20"
    )
    """Cipher suites of TLS 1.2, best first. Those of 1.3 are not configured: all are good."""
    handshake: Annotated[timedelta, seconds(0.1, 60)] = timedelta(seconds=5)
    """From the connection to the end of the handshake; then it is dropped."""
    warn: Annotated[timedelta, days(0, 365)] = timedelta(days=30)
    """So long before a certificate of ours expires the log warns of it, once a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom we trust when we call, and who we are; in [call] for all partners, in a partner's section for that one."""

    ca: Annotated[Path | None, OPTIONAL_PATH] = None
    """File of the CAs of which a partner's certificate must be; https addresses need one. The certificate must bear the name, or the
    address, that is called. There is no way to call without this check."""
    certificate: Annotated[Path | None, OPTIONAL_PATH] = None
    """File of the certificate in PEM that we show to partners who ask for one."""
    key: Annotated[Path | None, OPTIONAL_PATH] = None
    """File of its key, as in [tls]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing(Trust):
    """What messages to a partner bear in their WS-Security header, besides."""

    credential: Annotated[Credential, choice(Credential)] = Credential.NONE
    """`username-token`: a digest of the password, fresh for each message; `signature`: Body and Timestamp are signed. `none` adds
    nothing to the message."""
    user: Annotated[str, text('"" or a name of at most 64 characters', r"[^\0-\x1f<>&\"]{0,64}")] = ""
    """Name in the UsernameToken."""
    password_file: Annotated[Path | None, OPTIONAL_PATH] = None
    """File whose first line is the password; its mode is judged as that of a key. It is read again when it changes."""
    signing_certificate: Annotated[Path | None, OPTIONAL_PATH] = None
    """File of the certificate that goes with signed messages."""
    signing_key: Annotated[Path | None, OPTIONAL_PATH] = None
    """File of its key: RSA, or on the curve P-256."""
