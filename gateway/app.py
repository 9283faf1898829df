"""The composition root: configuration in, a gateway ready to start out. The only file that sees every room."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from gateway.access.door import Door
from gateway.access.kinds import Freshness, kinds, nobody_signs
from gateway.admin import capture as captures
from gateway.admin.api import AdminApi, site
from gateway.admin.metrics import MetricsPage, needed
from gateway.admin.token import make_token
from gateway.config import ArchiveConfig, Audit, Config
from gateway.config.partners import CONTRACTS_OF
from gateway.domain.authorisation import Policy
from gateway.domain.routing import Place
from gateway.engine.engine import Engine
from gateway.engine.housekeeping import Ageing, Housekeeping
from gateway.engine.ports import Store
from gateway.engine.wiring import Backoff, Events, Owner, Patience, Wiring
from gateway.errors import NOT_AUTHENTICATED
from gateway.flows.registry import FLOWS
from gateway.metrics.gathering import Counts, Sources, known_callers
from gateway.metrics.lag import Lag
from gateway.metrics.page import page
from gateway.partners.directory import Directory
from gateway.runtime import limits
from gateway.runtime.calling import Calls
from gateway.runtime.capturing import chosen, make_capture, watch
from gateway.runtime.clock import ReactorClock, streaming_numbers
from gateway.runtime.failpoints import edged
from gateway.runtime.means import Means
from gateway.runtime.node import Listener, Node
from gateway.runtime.serving import admission, endpoints_of, old_services
from gateway.runtime.spawning import spawn
from gateway.runtime.stores import open_store
from gateway.runtime.tls import Tls, signature_proof
from gateway.services.desk import Desk
from gateway.services.ports import RoutedPort
from gateway.services.ppm import PpmService
from gateway.services.vsop import VsopService
from gateway.soap.front import Front
from gateway.soap.http import HttpFactory
from gateway.soap.http_admission import Admission
from gateway.soap.older import OlderCallers
from gateway.store.errors import StoreUnusable

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
    counts = Counts.beginning(means.seconds, events)
    events, clock = counts.events, ReactorClock(reactor, means.now)
    spoken = {*(name for names in CONTRACTS_OF.values() for name in names), *SERVED, "ppm"}
    codecs = {name: means.codec(config.gateway.contracts / f"{name}.wsdl") for name in spoken}
    tls = Tls(config, now=clock.now, events=events, secret=means.secret)
    calls = Calls(config, reactor, events, codecs, tls, counts.said)
    store, close_store, working = (means.store or partial(open_store, journal=counts.journal))(config, reactor)
    door, heard = _door(config, store, clock, events, reactor.seconds), counts.heard
    directory = calls.directory(here, door)
    reached = means.boundary(config.failpoint.kill, config.failpoint.dir)
    store = edged(store, reached) if config.failpoint.kill or config.failpoint.dir else store
    node_ready, name = list[Node](), config.gateway.name
    engine = Engine(Wiring(
        store=store, caller=directory, clock=clock, spawn=spawn, random=means.random, flows=FLOWS,
        streaming_no=streaming_numbers(here), events=events, boundary=reached, **_patience(config),
        owner=_owner(config, means, lambda: node_ready[0].give_up(_name_taken(name))),
    ))  # fmt: skip
    desk = _desk(config, here, store, engine, clock, events, directory, means)
    served = {**SERVED, "ppm": PpmService} if config.ppm.serve else SERVED
    callers = OlderCallers(clock.now, events)
    new_work = frozenset(f"{name}/{operation}" for name, handler in served.items() for operation in handler.NEW_WORK)
    endpoints = endpoints_of(config, {name: make(desk, codecs[name]) for name, make in served.items()}, codecs, callers, means, door, heard)
    front = Front(
        endpoints, public_url=config.gateway.public_url, ready=lambda: bool(node_ready and node_ready[0].ready and working()),
        new_work=new_work, packing=limits.of_packing(config), services=old_services(config, here, endpoints, clock, means, new_work),
    )  # fmt: skip
    gate = admission(config, front, lambda: engine.active - max(0, directory.calling - SOON_BACK), reactor, events)
    factory = HttpFactory(front, limits.of_http(config), clock=reactor, gate=gate)
    token, status = (means.token or make_token)(config.admin.token_file), partial(_status, config, here, engine, gate)
    capture = watch(make_capture(config, codecs, clock, reactor, events, means), config, front, calls.pools, events)
    api = AdminApi(desk, token, status, calls.watched(), door, callers.all, captures.resources(capture, chosen(config), desk))
    heard.callers = known_callers(config, door)
    measured = partial(Sources, name, here, counts, Lag(clock.call_later, means.seconds), factory, gate, lambda: engine.active)
    metrics = MetricsPage(page(measured(calls.watched(), door, capture), store, clock, reactor.seconds), needed(config.admin.host, token))
    node = Node(
        name=name, reactor=reactor, events=events, engine=engine, desk=desk,
        housekeeping=Housekeeping(store, clock, spawn, events, _ageing(config.archive), quiet=lambda: engine.quiet),
        soap=Listener(config.gateway.host, config.gateway.port, tls.served(factory, reactor, partial(_refused_by_tls, door))),
        admin=Listener(config.admin.host, config.admin.port, site(api, {"metrics": metrics})),
        front=factory, pools=list(calls.pools.values()), close_store=close_store, door=door,
        certificates=tls.watched(reactor), capture=capture,
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


def _owner(config: Config, means: Means, lost: Callable[[], None]) -> Owner:
    lease = config.store.lease if config.store.kind == "postgres" else means.lease
    return Owner(config.gateway.name, means.reference(), lease, lost)


def _patience(config: Config) -> dict[str, Any]:
    """How long the engine waits, and how much it works on at once."""
    return {
        "backoff": Backoff(config.retry.base, config.retry.cap),
        "patience": Patience(config.retry.attempts, config.retry.give_up_after),
        "result_within": config.retry.result_within,
        "max_active": config.limits.max_active_orders,
    }


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
