"""Speaks to the admin APIs of the gateways without waiting for one at a time. Must not know pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from twisted.internet.defer import CancelledError, Deferred, TimeoutError, gatherResults
from twisted.internet.error import ConnectError, ConnectingCancelledError
from twisted.internet.interfaces import IReactorTime
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool, ResponseFailed, readBody
from twisted.web.http_headers import Headers

DEADLINE = 10.0
"""Seconds for a read; a page that waits longer for a gateway shows it as away."""
BULK_DEADLINE = 120.0
"""Seconds for an act on many orders, as the command line gives it."""
CONNECTIONS = 8
"""Kept open to each gateway: as many pages as people look at on one machine."""


class Away(Exception):
    """A gateway gave no answer, or none that is an admin API's; `reason` is for a person."""

    def __init__(self, gateway: str, reason: str) -> None:
        super().__init__(reason)
        self.gateway = gateway
        self.reason = reason


class Refused(Exception):
    """A gateway answered that it will not; `reason` is its own text."""

    def __init__(self, gateway: str, status: int, reason: str) -> None:
        super().__init__(reason)
        self.gateway = gateway
        self.status = status
        self.reason = reason


Exchange = Callable[[str, str, bytes | None, float], Awaitable[tuple[int, bytes]]]
"""Method, path with query, body and seconds to status and body; raises Away."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway, by the name of its configuration."""

    name: str
    exchange: Exchange

    async def get(self, path: str, **query: object) -> Any:
        """Read a resource; None if there is none. The path is given as it is read: quoting is done here. Raises Away, Refused."""
        return await self._call("GET", path, None, query, DEADLINE)

    async def post(self, path: str, body: object, *, seconds: float = DEADLINE) -> Any:
        """Send a resource, as JSON. Raises Away, Refused."""
        return await self._call("POST", path, msgspec.json.encode(body), {}, seconds)

    async def _call(self, method: str, path: str, body: bytes | None, query: dict[str, object], seconds: float) -> Any:
        where = f"/v1/{quote(path)}{f'?{urlencode(query)}' if query else ''}"
        status, answer = await self.exchange(method, where, body, seconds)
        try:
            value = msgspec.json.decode(answer)
        except msgspec.DecodeError:
            raise Away(self.name, "what answers there is no admin API") from None
        if status == 200:
            return value
        if status == 404 and method == "GET":
            return None
        reason = str(value.get("error", "")) if isinstance(value, dict) else ""
        if status in (401, 502, 503):
            raise Away(self.name, reason or f"HTTP {status}")
        raise Refused(self.name, status, reason or f"HTTP {status}")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the gateways answered, by name, and why others did not."""

    found: tuple[tuple[Gateway, Any], ...]
    away: tuple[Away, ...]


async def ask_all(gateways: Sequence[Gateway], path: str, **query: object) -> Answers:
    """Ask all at once; one that is away, or refuses, costs no other's answer. What it does not have is left out."""
    asked = [Deferred.fromCoroutine(_tried(gateway, path, query)) for gateway in gateways]
    answers: list[Any] = await gatherResults(asked)
    found = [(gateway, answer) for gateway, answer in zip(gateways, answers, strict=True) if not isinstance(answer, Away)]
    away = tuple(answer for answer in answers if isinstance(answer, Away))
    return Answers(tuple((gateway, answer) for gateway, answer in found if answer is not None), away)


async def _tried(gateway: Gateway, path: str, query: dict[str, object]) -> Any:
    try:
        return await gateway.get(path, **query)
    except Away as away:
        return away
    except Refused as refused:
        return Away(refused.gateway, refused.reason)


class HttpExchange:
    """The admin API over HTTP, on loopback or through a tunnel; its token is read at each call: a new state has a new one."""

    def __init__(self, reactor: IReactorTime, name: str, url: str, token_file: Path) -> None:
        pool = HTTPConnectionPool(reactor)
        pool.maxPersistentPerHost = CONNECTIONS
        self._agent = Agent(reactor, connectTimeout=DEADLINE, pool=pool)
        self._reactor = reactor
        self._name = name
        self._url = url
        self._token_file = token_file

    async def __call__(self, method: str, where: str, body: bytes | None, seconds: float) -> tuple[int, bytes]:
        """Exchange one request within a deadline."""
        try:
            token = self._token_file.read_text().strip()
        except OSError:
            raise Away(self._name, f"no token at {self._token_file}; is the gateway running?") from None
        exchange = Deferred.fromCoroutine(self._exchange(method, where, body, token))
        exchange.addTimeout(seconds, self._reactor)
        try:
            return await exchange
        except (TimeoutError, CancelledError):
            raise Away(self._name, f"no whole answer from {self._url} in {seconds:g} s") from None
        except (ConnectError, ConnectingCancelledError, ResponseFailed, OSError):
            raise Away(self._name, f"no answer from {self._url}") from None

    async def _exchange(self, method: str, where: str, body: bytes | None, token: str) -> tuple[int, bytes]:
        headers = Headers({"Authorization": [f"Bearer {token}"], "User-Agent": ["vsopgw-console"]})
        producer: Any = None if body is None else FileBodyProducer(BytesIO(body))
        response = await self._agent.request(method.encode(), f"{self._url}{where}".encode(), headers, producer)
        return response.code, await readBody(response)
