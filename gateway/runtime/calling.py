"""The calling side of a gateway: for each partner a pool of connections, its breakers, its dialect and its credentials."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gateway.access.door import Door
from gateway.admin.partners import Watched
from gateway.config import Config, DialectName
from gateway.config.partners import CONTRACTS_OF
from gateway.contract import Codec
from gateway.domain.party import Address
from gateway.domain.routing import Place
from gateway.engine.wiring import Events
from gateway.legacy.calling import DialectPeer
from gateway.legacy.profile import dialects
from gateway.partners.breaker import BreakerRules
from gateway.partners.directory import Directory, Partner
from gateway.partners.guarding import Breakers, Guarded, never
from gateway.runtime.tls import Tls
from gateway.soap.http_client import HttpPool
from gateway.soap.peer import Peer
from gateway.soap.tls_files import Context
from gateway.tally import Tally


class Calls:
    """All that this process calls."""

    def __init__(
        self, config: Config, reactor: Any, events: Events, codecs: dict[str, Codec], tls: Tls, counts: Tally | None = None
    ) -> None:
        """Read the dialects that are spoken; raises ContractError. `counts` has all calls."""
        self._config = config
        self._codecs = codecs
        self._tls = tls
        # A pool for each partner: a slow one can use up its own connections and nobody else's.
        self.pools = {address: _pool(config, reactor, tls.calling(partner)) for address, partner in config.partners.items()}
        self._breakers = Breakers(_breaker_rules(config), reactor.seconds, events, counts)
        old = any(partner.dialect is not DialectName.TYPED for partner in config.partners.values())
        self._spoken = dialects(config.gateway.contracts) if old else {}

    def directory(self, here: Place, door: Door | None) -> Directory:
        """Give the partners; one that `door` has isolated is not called."""
        return Directory(here, {
            address: self._partner(address, pool, never if door is None else partial(door.roster.isolates, str(address)))
            for address, pool in self.pools.items()
        })  # fmt: skip

    def watched(self) -> tuple[Watched, ...]:
        """Give what the admin API tells of the partners."""
        return tuple(
            Watched(str(a), self._config.partners[a].url, partial(_open_calls, pool), partial(self._breakers.of_party, str(a)))
            for a, pool in self.pools.items()
        )

    def _partner(self, address: Address, pool: HttpPool, isolated: Callable[[], bool]) -> Partner:
        described = self._config.partners[address]
        seal = self._tls.seal(str(address), described)
        deadlines = {operation: deadline.total_seconds() for operation, deadline in described.deadlines.items()}

        def line(contract: str, url: str) -> Guarded:
            how = str(address), url, self._codecs[contract], pool, described.deadline.total_seconds(), deadlines, seal
            dialect = self._spoken.get(described.dialect)
            return Guarded(Peer(*how) if dialect is None else DialectPeer(*how, dialect=dialect), str(address), self._breakers, isolated)

        own, *ports = CONTRACTS_OF[address.party]
        # A VSOP serves its ports beside its own contract: the same address but for the last word.
        base = described.url.removesuffix(f"/{own}")
        return Partner(
            {**{name: line(name, f"{base}/{name}") for name in ports}, own: line(own, described.url)}, own, described.trace
        )


def _pool(config: Config, reactor: Any, tls: Context | None) -> HttpPool:
    return HttpPool(
        reactor,
        connect_timeout=config.call.connect.total_seconds(),
        connections_per_peer=config.call.connections_per_partner,
        waiting_per_peer=config.call.waiting_per_partner,
        tls=tls,
    )


def _open_calls(pool: HttpPool) -> int:
    return pool.open_calls


def _breaker_rules(config: Config) -> BreakerRules:
    described = config.breaker
    return BreakerRules(
        described.window, described.minimum, described.share, described.open, described.open_cap, described.probes
    )
