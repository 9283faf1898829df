"""`/metrics` on the admin port, in Prometheus' text format. Open on loopback, else the admin token is asked for.

Must not know what is counted.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

_log = Logger("gateway.admin")
TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class MetricsPage(Resource):
    """One page; `write` makes it, `token` must be shown where there is one."""

    isLeaf = True

    def __init__(self, write: Callable[[], Awaitable[bytes]], token: str | None) -> None:
        super().__init__()
        self._write = write
        self._token = token

    def render(self, request: Request) -> int:
        """Answer a request when it is written; a caller that went away is no error."""
        request.notifyFinish().addErrback(lambda _: None)
        Deferred.fromCoroutine(self._respond(request)).addErrback(self._failed, request)
        return NOT_DONE_YET

    async def _respond(self, request: Request) -> None:
        given = (request.getHeader(b"authorization") or b"").removeprefix(b"Bearer ")
        if self._token is not None and not hmac.compare_digest(given, self._token.encode()):
            _answer(request, 401, b"the token is wrong: it stands in the gateway's token file\n")
        elif request.method not in (b"GET", b"HEAD"):
            _answer(request, 405, b"use GET\n")
        else:
            _answer(request, 200, await self._write())

    def _failed(self, failure: Any, request: Request) -> None:
        _log.failure("admin.failed", failure)
        _answer(request, 500, b"internal error, see the gateway's log\n")


def _answer(request: Request, status: int, body: bytes) -> None:
    if request._disconnected:
        return
    request.setResponseCode(status)
    request.setHeader("content-type", TYPE if status == 200 else "text/plain; charset=utf-8")
    request.responseHeaders.removeHeader(b"server")
    if request.method != b"HEAD":
        request.write(body)
    request.finish()


def needed(host: str, token: str) -> str | None:
    """Give the token where one is asked for: an admin port on loopback is open to who has an account on this machine."""
    try:
        return None if ip_address(host).is_loopback else token
    except ValueError:  # a name
        return None if host == "localhost" else token
