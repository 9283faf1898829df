"""Serves an older version of a contract by the handler of the present one, and remembers who still calls it.

Its messages are translated by what its mapping says, then judged by the present contract: what breaks that goes no further.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.contract.codec import Message
from gateway.contract.versions import OlderVersion
from gateway.soap.endpoint import Endpoint, Exchange, Handler
from gateway.soap.protocol import judge_written

MOST_CALLERS = 1000
"""Callers that are remembered; beyond them the one that was silent longest makes room."""


@dataclass(slots=True)
class OlderCaller:
    """Who calls an older version: by its SystemId and address, how often since this process began, and when last."""

    contract: str
    version: str
    system: str
    peer: str
    calls: int
    first: datetime
    last: datetime
    operation: str
    """The one that it called last."""


class OlderCallers:
    """Counts calls of older versions; tells each caller once a day as an event."""

    def __init__(self, now: Callable[[], datetime], events: Callable[..., None]) -> None:
        self._now = now
        self._events = events
        self._known: dict[tuple[str, str, str, str], OlderCaller] = {}

    def note(self, version: OlderVersion, operation: str, system: str, peer: str) -> None:
        """Count a call."""
        now, key = self._now(), (version.contract, version.version, system, peer)
        found = self._known.pop(key, None)
        if found is None or found.last.date() != now.date():
            self._events("contract.old", contract=version.contract, version=version.version, operation=operation, system=system, peer=peer)
        if found is None:
            found = OlderCaller(*key, calls=0, first=now, last=now, operation=operation)
            if len(self._known) >= MOST_CALLERS:
                del self._known[next(iter(self._known))]
        found.calls, found.last, found.operation = found.calls + 1, now, operation
        self._known[key] = found  # at the end: the order is that of the last calls

    def all(self) -> list[OlderCaller]:
        """Give the callers, the most recent one first."""
        return list(reversed(self._known.values()))


def older_endpoint(
    version: OlderVersion, present: Endpoint, handler: object, callers: OlderCallers, reference: Callable[[], str]
) -> Endpoint:
    """Make the endpoint of an older version, which `present` then serves beside its own."""
    endpoint = Endpoint(version.codec, _Translating(version, present, handler, callers), reference=reference, check_answers=True)
    endpoint.presented = lambda name, message: version.requests[name](message)
    return endpoint


class _Translating:
    """The handler of an older version: one coroutine for each operation."""

    def __init__(self, version: OlderVersion, present: Endpoint, handler: object, callers: OlderCallers) -> None:
        for name in version.codec.contract.operations:
            setattr(self, name, _translated(version, present, name, getattr(handler, name), callers))


def _translated(version: OlderVersion, present: Endpoint, name: str, handle: Handler, callers: OlderCallers) -> Handler:
    request, answer = version.requests[name], version.answers[name]
    element = present.contract.operations[name].request

    async def call(message: Message, exchange: Exchange) -> Message:
        callers.note(version, name, str(getattr(message, "SystemId", "")), exchange.peer)
        translated = request(message)
        judge_written(present.codec, element, translated)
        return answer(await handle(translated, exchange))

    return call
