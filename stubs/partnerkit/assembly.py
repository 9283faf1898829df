"""Puts a run together: contract, samples, the way to the partner, and the port for what he calls; closes it all afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twisted.internet.defer import maybeDeferred

from gateway.contract import Codec, load_contract
from gateway.contract.document import WSDL
from gateway.contract.schema import parse_file
from gateway.soap.http import HttpFactory
from gateway.soap.http_client import HttpPool
from gateway.soap.peer import Seal
from gateway.soap.tls_files import Context
from stubs.kit.host import StubReactor
from stubs.kit.times import Numbers
from stubs.partnerkit.case import Case, Role
from stubs.partnerkit.data import TestData
from stubs.partnerkit.engine import Kit, Told
from stubs.partnerkit.line import Line
from stubs.partnerkit.listener import Listener
from stubs.partnerkit.outcome import Run
from stubs.partnerkit.probe import Patience
from stubs.partnerkit.samples import Samples

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is about. `deadline` is that of one exchange, in seconds; `listen` the port for callbacks, 0 takes any free one."""

    role: Role
    url: str
    cases: Sequence[Case]
    wsdl: Path
    data: TestData = field(default_factory=TestData)
    deadline: float = 5.0
    interface: str = LOOPBACK
    listen: int = 0
    partial: bool = False
    """Whether these are not all cases of the role."""
    tls: Context | None = None
    seal: Seal | None = None


class Assembly:
    """One run, ready to begin. Raises ContractError for a broken contract, CannotListenError if the port is taken."""

    def __init__(self, settings: Settings, reactor: StubReactor) -> None:
        self._settings = settings
        self._pool = HttpPool(reactor, tls=settings.tls)
        self._port: Any = None
        self._http: HttpFactory | None = None
        role = settings.role
        codec = Codec(load_contract(settings.wsdl / f"{role.contract}.wsdl"))
        self._listener = self._listen(reactor) if role.listens else None
        samples = Samples(codec, role, settings.data, Numbers(reactor), reactor.seconds)
        tongue = role.speaks(codec, settings.seal, settings.wsdl)
        line = Line(self._pool, settings.url, settings.deadline)
        patience = Patience(settings.deadline)
        self.kit = Kit(role, settings.data, samples, tongue, line, self._listener, _service_name(codec), patience, settings.partial)

    @property
    def address(self) -> str | None:
        """Where the partner's callbacks are awaited; None if the role makes none."""
        return None if self._port is None else f"http://{self._settings.interface}:{self._port.getHost().port}/services"

    async def run(self, told: Told) -> Run:
        """Play the cases, then close everything; raises NobodyThere."""
        try:
            return await self.kit.run(self._settings.cases, told)
        finally:
            await self._close()

    def _listen(self, reactor: StubReactor) -> Listener:
        codecs = {name: Codec(load_contract(self._settings.wsdl / f"{name}.wsdl")) for name in self._settings.role.listens}
        listener = Listener(codecs, self._settings.role.replies, reactor.seconds)
        self._http = HttpFactory(listener, clock=reactor, server_name="vsopgw-kit")
        self._port = reactor.listenTCP(self._settings.listen, self._http, 50, self._settings.interface)
        listener.at(f"http://{self._settings.interface}:{self._port.getHost().port}")
        return listener

    async def _close(self) -> None:
        self._pool.give_up()
        await self._pool.close()
        if self._port is not None:
            await maybeDeferred(self._port.stopListening)
        if self._http is not None:
            await self._http.drain()


def _service_name(codec: Codec) -> str:
    service = parse_file(codec.contract.path).find(f"{{{WSDL}}}service")
    return codec.contract.name if service is None else str(service.get("name"))
