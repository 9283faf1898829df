"""The composition root: configuration in, a gateway ready to start out. The only file that sees every room."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from gateway.access.door import Door
from gateway.access.kinds import Freshness, kinds, nobody_signs
from gateway.admin.api import AdminApi, site
from gateway.admin.partners import Watched
from gateway.admin.token import make_token
from gateway.config import ArchiveConfig, Audit, Config
from gateway.config.partners import CONTRACTS_OF
from gateway.contract import Codec
from gateway.domain.authorisation import Policy
from gateway.domain.party import Address
from gateway.domain.routing import Place
from gateway.engine.engine import Engine
from gateway.engine.housekeeping import Ageing, Housekeeping
from gateway.engine.ports import Store
from gateway.engine.wiring import Backoff, Events, Owner, Patience, Wiring
from gateway.errors import NOT_AUTHENTICATED
from gateway.flows.registry import FLOWS
from gateway.partners.breaker import BreakerRules
from gateway.partners.directory import Directory, Partner
from gateway.partners.guarding import Breakers, Guarded, never
from gateway.runtime.clock import ReactorClock, streaming_numbers
from gateway.runtime.failpoints import edged
from gateway.runtime.means import Means, OpenStore
from gateway.runtime.node import Listener, Node
from gateway.runtime.reactor import from_threads
from gateway.runtime.spawning import DeferredPromise, spawn
from gateway.runtime.tls import Tls, signature_proof
from gateway.services.desk import Desk
from gateway.services.ports import RoutedPort
from gateway.services.ppm import PpmService
from gateway.services.vsop import VsopService
from gateway.soap.front import Front
from gateway.soap.http import HttpFactory, HttpLimits
from gateway.soap.http_admission import Admission, AdmissionLimits
from gateway.soap.http_client import HttpPool
from gateway.soap.peer import Peer
from gateway.soap.tls_files import Context
from gateway.store.errors import StoreUnusable
from gateway.store.memory import MemoryStore
from gateway.store.sqlite import SqliteStore

SERVED: dict[str, type[VsopService | RoutedPort | PpmService]] = {"vsop": VsopService, "ismp": RoutedPort, "ocs": RoutedPort}
"""The contracts that both tiers serve, and who answers; PPM joins them where the configuration says so."""

SOON_BACK = 32
"""Calls of orders that count as work under way: a quick partner's answer is here at once. More are out where a partner is slow, and
those orders cost this process nothing meanwhile."""


def compose(config: Config, reactor: Any, events: Events, means: Means | None = None) -> Node:
    """Build a gateway; raises ContractError, StoreUnusable, TlsUnusable or OSError before anything listens.

    Time, chance and store are real ones unless other means are given.
    """
    here, means = Place(config.gateway.tier, config.gateway.province), means or Means()
    clock = ReactorClock(reactor, means.now)
    spoken = {*(name for names in CONTRACTS_OF.values() for name in names), *SERVED, "ppm"}
    codecs = {name: means.codec(config.gateway.contracts / f"{name}.wsdl") for name in spoken}
    # A pool for each partner: a slow one can use up its own connections and nobody else's.
    tls = Tls(config, now=clock.now, events=events, secret=means.secret)
    pools = {address: _pool(config, reactor, tls.calling(partner)) for address, partner in config.partners.items()}
    breakers = Breakers(_breaker_rules(config), reactor.seconds, events)
    store, close_store, working = (means.store or _store)(config, reactor)
    door = _door(config, store, clock, events, reactor.seconds)
    directory = Directory(here, {a: _partner(config, a, codecs, pool, breakers, door, tls) for a, pool in pools.items()})
    reached = means.boundary(config.failpoint.kill, config.failpoint.dir)
    if config.failpoint.kill or config.failpoint.dir:
        store = edged(store, reached)
    node_ready: list[Node] = []
    lease = config.store.lease if config.store.kind == "postgres" else means.lease
    name = config.gateway.name
    engine = Engine(
        Wiring(
            store=store, caller=directory, clock=clock, spawn=spawn, random=means.random, flows=FLOWS,
            streaming_no=streaming_numbers(here), events=events, boundary=reached, **_patience(config),
            owner=Owner(name, means.reference(), lease, lambda: node_ready[0].give_up(_name_taken(name))),
        )
    )  # fmt: skip
    desk = _desk(config, here, store, engine, clock, events, directory, means)
    served = {**SERVED, "ppm": PpmService} if config.ppm.serve else SERVED
    guard = None if door is None else door.guard
    endpoints = [means.endpoint(codecs[name], make(desk, codecs[name]), means.reference).guarded(guard) for name, make in served.items()]
    front = Front(
        endpoints, public_url=config.gateway.public_url, ready=lambda: bool(node_ready and node_ready[0].ready and working()),
        new_work={f"{name}/{operation}" for name, handler in served.items() for operation in handler.NEW_WORK},
    )  # fmt: skip
    gate = _admission(config, front, lambda: engine.active - max(0, directory.calling - SOON_BACK), reactor, events)
    factory = HttpFactory(front, _limits(config), clock=reactor, gate=gate)
    token, status = (means.token or make_token)(config.admin.token_file), partial(_status, config, here, engine, gate)
    node = Node(
        name=name, reactor=reactor, events=events, engine=engine, desk=desk,
        housekeeping=Housekeeping(store, clock, spawn, events, _ageing(config.archive), quiet=lambda: engine.quiet),
        soap=Listener(config.gateway.host, config.gateway.port, tls.served(factory, reactor, partial(_refused_by_tls, door))),
        admin=Listener(config.admin.host, config.admin.port, site(AdminApi(desk, token, status, _watched(config, pools, breakers), door))),
        front=factory, pools=list(pools.values()), close_store=close_store, door=door,
        certificates=tls.watched(reactor),
    )  # fmt: skip
    node_ready.append(node)
    return node


def _door(config: Config, store: Store, clock: ReactorClock, events: Events, passed: Callable[[], float]) -> Door | None:
    """Who judges callers; raises ConfigMistakes for what is wrong in the file of partners."""
    access, gateway = config.access, config.gateway
    if not access.partners:
        return None
    fresh = Freshness(int(access.ttl.total_seconds()), int(access.skew.total_seconds()))
    names = {"province": gateway.province, "tier": str(gateway.tier), "name": gateway.name}
    proof = signature_proof(fresh)
    return Door(
        Path(access.partners), names, kinds=kinds(proof), signers=nobody_signs if proof is None else proof.signers, fresh=fresh,
        share=access.share, shared=config.store.kind == "postgres", plan=config.numbers, store=store, clock=clock, spawn=spawn,
        events=events, passed=passed,
    )  # fmt: skip


def _refused_by_tls(door: Door | None, address: str, reason: str) -> None:
    """Tell the audit log of a caller whom TLS ended for his certificate."""
    if door is not None and "CERTIFICATE" in reason:
        door.refusals.note("connection.refused", "", f"TLS: {reason}", address, NOT_AUTHENTICATED)


def _patience(config: Config) -> dict[str, Any]:
    """How long the engine waits, and how much it works on at once."""
    return {
        "backoff": Backoff(config.retry.base, config.retry.cap),
        "patience": Patience(config.retry.attempts, config.retry.give_up_after),
        "result_within": config.retry.result_within,
        "max_active": config.limits.max_active_orders,
    }


def _watched(config: Config, pools: dict[Address, HttpPool], breakers: Breakers) -> tuple[Watched, ...]:
    """What the admin API tells of the partners."""
    return tuple(
        Watched(str(a), config.partners[a].url, partial(_open_calls, pool), partial(breakers.of_party, str(a))) for a, pool in pools.items()
    )


def _name_taken(name: str) -> StoreUnusable:
    return StoreUnusable(f"another gateway runs as {name} on this store: give each process a gateway.name of its own")


def _ageing(archive: ArchiveConfig) -> Ageing:
    """Zero is for ever."""
    return Ageing(archive.after or None, archive.requests or None, archive.keep or None)


def _desk(
    config: Config, here: Place, store: Store, engine: Engine, clock: ReactorClock, events: Events, directory: Directory,
    means: Means,
) -> Desk:
    policy = config.policy
    return Desk(
        here=here, plan=config.numbers, store=store, engine=engine, clock=clock, events=events, knows=directory.knows,
        channels=config.channels, line=directory.line, partners=tuple(config.partners), random_code=means.confirmation_code,
        policy=Policy(
            policy.subscribe_rules, policy.unsubscribe_rules, policy.counter_rules, policy.counter_unsubscribe_rules,
            policy.replacement,
        ),
        confirm_channels=config.confirmation.channels, confirm_within=config.confirmation.within,
        hear_of_users=frozenset(a for a, partner in config.partners.items() if partner.user_state),
        max_open=config.limits.max_open_orders,
        audit_held=config.ppm.audit is Audit.HELD, ppm_served=config.ppm.serve, settle=config.recon.settle,
    )  # fmt: skip


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


def _partner(
    config: Config, address: Address, codecs: dict[str, Codec], pool: HttpPool, breakers: Breakers, door: Door | None,
    tls: Tls,
) -> Partner:
    described = config.partners[address]
    seal = tls.seal(str(address), described)
    deadlines = {operation: deadline.total_seconds() for operation, deadline in described.deadlines.items()}

    def line(contract: str, url: str) -> Guarded:
        peer = Peer(str(address), url, codecs[contract], pool, described.deadline.total_seconds(), deadlines, seal)
        isolated = never if door is None else partial(door.roster.isolates, str(address))
        return Guarded(peer, str(address), breakers, isolated)

    own, *ports = CONTRACTS_OF[address.party]
    # A VSOP serves its ports beside its own contract: the same address but for the last word.
    base = described.url.removesuffix(f"/{own}")
    return Partner(
        {**{name: line(name, f"{base}/{name}") for name in ports}, own: line(own, described.url)}, own, described.trace
    )


def _store(config: Config, reactor: Any) -> OpenStore:
    """Open the store that is configured."""
    config.gateway.state_dir.mkdir(parents=True, exist_ok=True)
    if config.store.kind == "memory":
        return MemoryStore(), lambda: None, lambda: True
    if config.store.kind == "postgres":
        return _postgres(config, reactor)
    store = SqliteStore(
        config.store.path, promise=DeferredPromise, on_thread_result=from_threads(), gather=reactor.callFromThread
    )
    return store, store.close, lambda: store.working


def _postgres(config: Config, reactor: Any) -> tuple[Store, Callable[[], None], Callable[[], bool]]:
    try:
        from gateway.store.postgres import PostgresStore  # noqa: PLC0415  its driver is an extra
    except ImportError as error:
        raise StoreUnusable("store.kind postgres needs psycopg: pip install 'vsop-gateway[postgres]'") from error
    store = PostgresStore(
        config.store.url, promise=DeferredPromise, on_thread_result=from_threads(), gather=reactor.callFromThread
    )
    return store, store.close, lambda: store.working


def _limits(config: Config) -> HttpLimits:
    limits = config.limits
    return HttpLimits(
        body_bytes=limits.body_bytes, head_bytes=limits.head_bytes, receive_seconds=limits.receive.total_seconds(),
        idle_seconds=limits.idle.total_seconds(), connections=limits.connections, held_bytes=limits.in_flight_bytes,
    )  # fmt: skip


def _admission(
    config: Config, front: Front, working: Callable[[], int], reactor: Any, events: Events
) -> Admission:
    limits = AdmissionLimits(config.limits.in_flight, config.limits.lag.total_seconds())

    def told(refused: int | None) -> None:
        if refused is None:
            events("overload.began", places=gate.places)
        else:
            events("overload.ended", refused=refused)

    gate = Admission(
        limits, urgent=front.is_urgent, under_way=lambda: working() + front.beginning, clock=reactor, told=told
    )
    return gate


def _status(config: Config, here: Place, engine: Engine, gate: Admission) -> dict[str, object]:
    return {
        "name": config.gateway.name,
        "tier": here.tier,
        "province": here.province,
        "active": engine.active,
        "busy": engine.busy,
        "places": gate.places,
        "refused_now": gate.refused,
    }
