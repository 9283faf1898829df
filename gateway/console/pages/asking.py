"""Asks what only some gateways have: those that serve PPM. Must not know how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred, gatherResults

from gateway.console.gateways import Answers, Away, Gateway, Refused
from gateway.console.visit import Visit

NOT_SERVED = 409
"""What a gateway answers that is asked for PPM's and serves none."""


async def ask_ppms(gateways: Sequence[Gateway], path: str, **query: object) -> Answers:
    """Ask every PPM at once; gateways that serve none, and what one does not have, are left out."""
    asked = [Deferred.fromCoroutine(_tried(gateway, path, query)) for gateway in gateways]
    answers: list[Any] = await gatherResults(asked)
    pairs = list(zip(gateways, answers, strict=True))
    found = tuple((gateway, answer) for gateway, answer in pairs if answer is not None and not isinstance(answer, Away))
    return Answers(found, tuple(answer for _, answer in pairs if isinstance(answer, Away)))


async def _tried(gateway: Gateway, path: str, query: dict[str, object]) -> Any:
    try:
        return await gateway.get(path, **query)
    except Away as away:
        return away
    except Refused as refused:
        return None if refused.status == NOT_SERVED else Away(refused.gateway, refused.reason)


def named(visit: Visit, name: str) -> Gateway | None:
    """Find a gateway by the name in a path."""
    return next((gateway for gateway in visit.gateways if gateway.name == name), None)
