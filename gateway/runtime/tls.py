"""The contexts of TLS of one gateway, made of its configuration: the one that serves, and those by which partners are called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from twisted.internet.protocol import Factory

from gateway.config import Config, PartnerConfig
from gateway.engine.wiring import Events
from gateway.runtime.certificates import Certificates, Refusals
from gateway.soap.http import HttpFactory
from gateway.soap.tls_files import Context, Own, calling, serving
from gateway.soap.tls_server import TlsFactory


class Tls:
    """Makes each context once; raises TlsUnusable where a file cannot be used."""

    def __init__(self, config: Config) -> None:
        self._config = config.tls
        self._serving = _serving(config)
        self._calling: dict[tuple[Path, Own | None], Context] = {}

    def calling(self, partner: PartnerConfig) -> Context | None:
        """Give the context for a partner, None where it is called without TLS."""
        if partner.ca is None or not partner.url.startswith("https://"):
            return None
        own = None if partner.certificate is None or partner.key is None else Own(partner.certificate, partner.key)
        place = (partner.ca, own)
        if place not in self._calling:
            self._calling[place] = calling(partner.ca, own)
        return self._calling[place]

    def served(self, http: HttpFactory, reactor: Any, told: Callable[[str, str], None]) -> Factory:
        """Put TLS before a server, where it is configured."""
        if self._serving is None:
            return http
        seconds = self._config.handshake.total_seconds()
        return TlsFactory(http, self._serving, clock=reactor, handshake_seconds=seconds, told=told)

    def watched(
        self, reactor: Any, now: Callable[[], datetime], events: Events, refusals: Refusals
    ) -> Certificates | None:
        """Give the watch over all that were made so far, None where there is none."""
        contexts = {f"call {ca.name}{f' {own.certificate.name}' if own else ''}": c for (ca, own), c in self._calling.items()}
        if self._serving is not None:
            contexts["serve"] = self._serving
        if not contexts:
            return None
        own = {pair.certificate for _, pair in self._calling if pair is not None}
        if self._config.certificate is not None:
            own.add(self._config.certificate)
        return Certificates(
            reactor=reactor, now=now, events=events, contexts=contexts, own=sorted(own), warn=self._config.warn, refusals=refusals
        )


def _serving(config: Config) -> Context | None:
    tls = config.tls
    if tls.certificate is None or tls.key is None:
        return None
    return serving(
        Own(tls.certificate, tls.key), tls.client_ca,
        minimum=tls.minimum, ciphers=tls.ciphers, certificate_required=tls.client_required,
    )  # fmt: skip
