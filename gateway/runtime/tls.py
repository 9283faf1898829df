"""TLS and credentials of one gateway, made of its configuration: how it serves, and how it shows its partners who it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import Factory

from gateway.access.kinds import Freshness
from gateway.access.showing import Now, SignatureSeal, TokenSeal, password_of, signer_of
from gateway.config import Config, Credential, PartnerConfig
from gateway.engine.wiring import Events
from gateway.runtime.certificates import Certificates, Refusals
from gateway.soap.http import HttpFactory
from gateway.soap.peer import Seal
from gateway.soap.tls_files import Context, Followed, Own, calling, expiry, serving
from gateway.soap.tls_server import TlsFactory

if TYPE_CHECKING:
    from gateway.access.signature import SignatureProof


class Tls:
    """Makes each context once; raises TlsUnusable where a file cannot be used."""

    def __init__(self, config: Config, *, now: Now, events: Events, secret: Callable[[int], bytes]) -> None:
        """`secret` gives so many bytes that nobody can guess."""
        self._config = config.tls
        self._now = now
        self._events = events
        self._secret = secret
        self._refusals = Refusals(events)
        self._serving = _serving(config)
        self._calling: dict[tuple[Path, Own | None], Context] = {}
        self._shown: dict[str, Followed[Any]] = {}
        self._signing: set[Path] = set()

    def calling(self, partner: PartnerConfig) -> Context | None:
        """Give the context for a partner, None where it is called without TLS."""
        if partner.ca is None or not partner.url.startswith("https://"):
            return None
        own = None if partner.certificate is None or partner.key is None else Own(partner.certificate, partner.key)
        place = (partner.ca, own)
        if place not in self._calling:
            self._calling[place] = calling(partner.ca, own)
        return self._calling[place]

    def seal(self, name: str, partner: PartnerConfig) -> Seal | None:
        """Give what messages to a partner bear to show that they are ours, None for nothing."""
        if partner.credential is Credential.USERNAME_TOKEN and partner.password_file is not None:
            password = self._shown[f"password {name}"] = password_of(partner.password_file)
            return TokenSeal(partner.user, password, now=self._now, random=self._secret)
        if partner.credential is Credential.SIGNATURE and partner.signing_certificate is not None and partner.signing_key is not None:
            signer = self._shown[f"sign {name}"] = signer_of(Own(partner.signing_certificate, partner.signing_key))
            self._signing.add(partner.signing_certificate)
            return SignatureSeal(signer, now=self._now)
        return None

    def served(self, http: HttpFactory, reactor: Any, told: Callable[[str, str], None]) -> Factory:
        """Put TLS before a server, where it is configured; `told` hears of callers whom it ends, as does the log."""
        if self._serving is None:
            return http

        def refused(address: str, reason: str) -> None:
            self._refusals.note(address, reason)
            told(address, reason)

        seconds = self._config.handshake.total_seconds()
        return TlsFactory(http, self._serving, clock=reactor, handshake_seconds=seconds, told=refused)

    def own_certificates(self) -> dict[Path, datetime]:
        """Give the certificates of ours that were read so far, and when they expire, UTC; raises TlsUnusable."""
        own = {pair.certificate for _, pair in self._calling if pair is not None} | self._signing
        if self._config.certificate is not None:
            own.add(self._config.certificate)
        return {file: expiry(file) for file in sorted(own)}

    def watched(self, reactor: Any) -> Certificates | None:
        """Give the watch over all that were made so far, None where there is none."""
        followed: dict[str, Followed[Any]] = {
            f"call {ca.name}{f' {own.certificate.name}' if own else ''}": context for (ca, own), context in self._calling.items()
        }
        followed |= self._shown
        if self._serving is not None:
            followed["serve"] = self._serving
        if not followed:
            return None
        return Certificates(
            reactor=reactor, now=self._now, events=self._events, followed=followed, own=self.own_certificates(), warn=self._config.warn,
            refusals=self._refusals,
        )  # fmt: skip


def signature_proof(fresh: Freshness) -> SignatureProof | None:
    """Give what proves signatures, None where the extra that it needs is not installed."""
    try:
        from gateway.access.signature import SignatureProof  # noqa: PLC0415  its cryptography is an extra
    except ImportError:
        return None
    return SignatureProof(fresh)


def _serving(config: Config) -> Context | None:
    tls = config.tls
    if tls.certificate is None or tls.key is None:
        return None
    return serving(
        Own(tls.certificate, tls.key), tls.client_ca,
        minimum=tls.minimum, ciphers=tls.ciphers, certificate_required=tls.client_required,
    )  # fmt: skip
