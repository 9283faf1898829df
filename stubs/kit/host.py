"""A running stub set: its roles bound to their contracts, served on one loopback port, and who they call."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred

from gateway.contract import Codec, load_contract
from gateway.soap.endpoint import Endpoint
from gateway.soap.http import HttpFactory, HttpLimits, HttpRequest, HttpResponse
from gateway.soap.http_client import ClientReactor, HttpPool
from gateway.soap.peer import Peer
from gateway.soap.tls_files import MODERN, Context, Own, calling, serving
from gateway.soap.tls_server import TlsFactory
from stubs.kit.admin import PREFIX, Admin
from stubs.kit.admin_world import MOST_BYTES, RESTORE_PATH
from stubs.kit.dialects import OldForms
from stubs.kit.directory import Directory
from stubs.kit.front import SERVER_NAME, StubEndpoint, StubFront
from stubs.kit.lines import Lines, Said
from stubs.kit.outbound import DELIVERY_ATTEMPTS, Caller
from stubs.kit.role import Role, Stage
from stubs.kit.settings import StubSettings, StubTls, StubTrust
from stubs.kit.world import Seed, World
from stubs.kit.world_file import read_world
from stubs.roles import ROLES

LOOPBACK = "127.0.0.1"
CALL_SECONDS = 5.0
_LIMITS = HttpLimits(body_bytes_of={f"{PREFIX}{RESTORE_PATH}": MOST_BYTES})
# Contracts that roles call at the gateway, also where the set plays them: the way through it is what is to be tried.
AT_GATEWAY = ("vsop", "ppm", "ocs", "ismp")
# Contracts that roles call at each other, with no gateway between; the last two are called by a VSOP that the set plays.
IN_SET = ("provisioning", "crm", "billing", "portal", "smshall")


class StubReactor(ClientReactor, Protocol):
    """The part of the reactor that is used here."""

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Any:  # Twisted's name
        """Serve a port."""


def read_codec(wsdl: Path) -> Codec:
    """Read a contract and compile it; raises ContractError."""
    return Codec(load_contract(wsdl))


def make_endpoint(codec: Codec, handler: object, make_reference: Callable[[], str]) -> Endpoint:
    """Serve a contract by a role."""
    return StubEndpoint(codec, handler, reference=make_reference, check_answers=True)


@dataclass(frozen=True, slots=True)
class Fittings:
    """What costs time to make, and how long a set goes on: the simulation makes the first once for thousands of sets."""

    codec: Callable[[Path], Codec] = read_codec
    endpoint: Callable[[Codec, object, Callable[[], str]], Endpoint] = make_endpoint
    world: Callable[[tuple[Path, ...]], Seed] = read_world
    attempts: int = DELIVERY_ATTEMPTS
    """How often a report or callback of a set is sent before it is given up."""
    limits: HttpLimits = _LIMITS
    """What one client may ask of a set."""


class StubHost:
    """One stub set; `clock` and calls come from the reactor.

    Raises ContractError if a contract is broken or a role lacks one of its operations, FileMistakes for a broken file of the
    world, ValueError for an unknown role, TlsUnusable for certificates that cannot be used.
    """

    def __init__(self, settings: StubSettings, reactor: StubReactor, fittings: Fittings | None = None) -> None:
        fittings = fittings or Fittings()
        unknown = set(settings.roles) - ROLES.keys()
        if unknown:
            raise ValueError(f"unknown roles: {', '.join(sorted(unknown))}; there are {', '.join(ROLES)}")
        self._limits = fittings.limits
        self.settings = settings
        self.gateway = settings.gateway
        self.port = settings.port
        self._reactor = reactor
        # a stub calls back as many orders as a test had
        self._pool = HttpPool(reactor, waiting_per_peer=10_000, tls=_trusted(settings.trust))
        names = dict.fromkeys((*(ROLES[role].contract for role in settings.roles), *AT_GATEWAY, *IN_SET))
        self._codecs = {name: fittings.codec(settings.wsdl / f"{name}.wsdl") for name in names}
        self._codecs |= {role: self._codecs[ROLES[role].contract] for role in settings.roles}
        world = World(fittings.world(settings.world), reactor)
        self.stage = Stage(
            clock=reactor, world=world, callers=self, codecs=self._codecs, attempts=fittings.attempts, journal=settings.journal
        )
        self.stage.faults.stand(settings.faults, {name for codec in self._codecs.values() for name in codec.contract.operations})
        self.roles: Mapping[str, Role] = {name: ROLES[name](self.stage) for name in settings.roles}
        references = (f"{settings.name}-{count:06d}" for count in itertools.count(1))
        made = {name: fittings.endpoint(role.codec, role, references.__next__) for name, role in self.roles.items()}
        self._endpoints = [made[name] for name, role in self.roles.items() if name == role.contract]
        self._named = {name: made[name] for name, role in self.roles.items() if name != role.contract}
        world.begin(partial(_start, world, self.roles))
        self._old = OldForms(settings.wsdl, reactor) if settings.legacy else None
        self._services = {} if self._old is None else self._old.services(self._endpoints, references.__next__)
        self._http: HttpFactory | None = None
        self._listening: list[Any] = []
        self.tls_port: int | None = None
        """Of the further port over TLS, once it is served."""

    def to(self, contract: str) -> Caller | None:
        """Give the address that was set for a contract, else the gateway for contracts AT_GATEWAY, this set itself for others.

        None: there is nobody to call.
        """
        if contract in self.settings.calls:
            return Peer(contract, self.settings.calls[contract], self._codecs[contract], self._pool, CALL_SECONDS)
        own = f"http://{LOOPBACK}:{self.port}" if contract in self.roles else None
        base = self.gateway if contract in AT_GATEWAY and self.gateway is not None else own
        if base is None:
            return None
        url = f"{base.rstrip('/')}/services/{contract}"
        peer = Peer(contract, url, self._codecs[contract], self._pool, CALL_SECONDS)
        return peer if self._old is None or contract not in AT_GATEWAY else self._old.caller(peer, base)

    def listen(self) -> int:
        """Begin to serve; gives the port, which matters if it was 0."""
        door = _Door()
        self._http = HttpFactory(door, clock=self._reactor, server_name=SERVER_NAME, limits=self._limits)
        lines = Lines(self._http)
        plain = self._reactor.listenTCP(self.settings.port, lines, 50, LOOPBACK)
        self._listening.append(plain)
        self.port = plain.getHost().port
        if self.settings.tls is not None:
            self._listen_over_tls(self.settings.tls, self._http, lines.said)
        base = f"http://{LOOPBACK}:{self.port}"
        door.front = StubFront(
            self._endpoints,
            Admin(self),
            public_url=base,
            clock=self._reactor,
            stage=self.stage,
            speaking=lines.speaking,
            services=self._services,
            named=self._named,
            directory=Directory({name: role.codec.contract for name, role in self.roles.items()}, base),
        )
        return self.port

    def close(self) -> Deferred[None]:
        """Stop serving and calling; what is under way is broken off. Fires when all connections are closed."""
        self.stage.stop()
        ends: list[Deferred[Any]] = [self._pool.close()]
        if self._http is not None:
            ends += [*(maybeDeferred(port.stopListening) for port in self._listening), self._http.drain()]
        return gatherResults(ends).addCallback(lambda _: None)

    def _listen_over_tls(self, tls: StubTls, http: HttpFactory, said: Said) -> None:
        context = serving(
            Own(tls.certificate, tls.key), tls.client_ca,
            minimum="1.2", ciphers=MODERN, certificate_required=tls.client_ca is not None,
        )  # fmt: skip
        secure = TlsFactory(http, context, clock=self._reactor, handshake_seconds=CALL_SECONDS, told=_untold)
        port = self._reactor.listenTCP(tls.port, Lines(secure, said), 50, LOOPBACK)
        self._listening.append(port)
        self.tls_port = port.getHost().port


def _start(world: World, roles: Mapping[str, Role]) -> None:
    """Let each party have what users hold from the start."""
    for held in world.seed.subscriptions:
        platform = str(world.goods.products[held.product].content["PlatForm"])
        for role in roles.values():
            role.start_with(held, platform)


def _trusted(trust: StubTrust | None) -> Context | None:
    if trust is None:
        return None
    own = None if trust.certificate is None or trust.key is None else Own(trust.certificate, trust.key)
    return calling(trust.ca, own)


def _untold(address: str, reason: str) -> None:
    """Whom TLS refused learns it himself; a stub's journal is of messages."""


class _Door:
    """Stands before the front, which can be made only when the port is known: published contracts name it."""

    front: StubFront

    def check_head(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        return self.front.check_head(method, path, headers)

    def handle(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        return self.front.handle(request)
