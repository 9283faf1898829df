"""The port on which partners are played, and when a target has no more to say to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from twisted.internet.error import CannotListenError

from gateway.soap.http import HttpFactory, HttpLimits
from stubs.kit.times import sleep
from stubs.replay.partners import Partners
from stubs.replay.renewing import Renewal
from stubs.replay.rules import Rule
from stubs.replay.tally import Outcome

_QUIET: Final = 5.0
"""Seconds without a call after which those that have not come are not waited for."""
_LOOK: Final = 0.1
_LIMITS: Final = HttpLimits(body_bytes=8 << 20, requests=1_000_000_000, connections_per_address=2000)


class PortTaken(Exception):
    """Somebody else listens there."""


class PartnerPort:
    """Listens on loopback while a replay runs."""

    def __init__(
        self, reactor: Any, port: int, files: Sequence[Path], renewal: Renewal, rules: tuple[Rule, ...], told: Callable[[Outcome], None]
    ) -> None:
        """Raises PortTaken. Port 0 takes any free one."""
        self._reactor = reactor
        self._partners = Partners(files, renewal, rules, told)
        try:
            listening = reactor.listenTCP(port, HttpFactory(self._partners, _LIMITS, clock=reactor), 256, "127.0.0.1")
        except CannotListenError:
            raise PortTaken(f"port {port} is in use by another process") from None
        self.port: int = listening.getHost().port

    async def settled(self, *, every: bool) -> None:
        """Wait until all calls of then have come, or none has for a while; with `every`, those that have not are told as differences."""
        partners, last, since = self._partners, self._partners.came, self._reactor.seconds()
        while partners.left and self._reactor.seconds() - since < _QUIET:
            await sleep(self._reactor, _LOOK)
            if partners.came != last:
                last, since = partners.came, self._reactor.seconds()
        if every:
            partners.missing()
