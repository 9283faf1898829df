"""JSON admin API of a stub set, under /_stub/: finds the route of a request and answers it; no sockets, and no route of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from twisted.internet.defer import Deferred

from gateway.soap.http import HttpRequest, HttpResponse
from stubs.kit import admin_faults, admin_mappings, admin_requests, admin_settings, admin_state, admin_world
from stubs.kit.admin_openapi import openapi_route
from stubs.kit.admin_route import PREFIX, Answer, Route, Running
from stubs.kit.errors import ActError

__all__ = ["GROUPS", "PREFIX", "Admin", "Running"]

GROUPS: tuple[Callable[[Running], list[Route]], ...] = (
    admin_state.routes, admin_settings.routes, admin_world.routes, admin_faults.routes, admin_mappings.routes, admin_requests.routes,
)  # fmt: skip
"""All routes but that of the document about them, in the order in which they are shown."""
_JSON = "application/json; charset=utf-8"


class Admin:
    """Answers the API's requests; what is wrong with one is said in {"error": ...}."""

    def __init__(self, running: Running) -> None:
        routes = [route for group in GROUPS for route in group(running)]
        self.routes = [*routes, openapi_route(routes, running)]

    def handle(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        """Answer one request."""
        try:
            _check_origin(request)
            route, path = self._find(request)
            answer = route.call(request, path)
        except ActError as wrong:
            return _refusal(wrong)
        if isinstance(answer, dict):
            return _json(route.status, answer)
        return Deferred.fromCoroutine(_when_done(route, answer))

    def _find(self, request: HttpRequest) -> tuple[Route, dict[str, str]]:
        steps = [unquote(step) for step in request.path.removeprefix(PREFIX).split("/")]
        for route in self.routes:
            path = route.match(request.method, steps)
            if path is not None:
                return route, path
        raise ActError(404, f"unknown; there are {', '.join(route.shown for route in self.routes)} under {PREFIX}")


def _check_origin(request: HttpRequest) -> None:
    """Refuse what a page of some other site lets a browser send: it reaches a loopback port, and asks nobody for a form without JSON."""
    origin = request.headers.get("origin")
    if request.method != "GET" and origin is not None and origin.partition("://")[2] != request.headers.get("host", ""):
        raise ActError(403, "sent by a page of another site")


async def _when_done(route: Route, pending: Awaitable[Answer]) -> HttpResponse:
    try:
        return _json(route.status, await pending)
    except ActError as wrong:
        return _refusal(wrong)


def _refusal(wrong: ActError) -> HttpResponse:
    return _json(wrong.status, {"error": wrong.reason, **wrong.more})


def _json(status: int, answer: dict[str, Any]) -> HttpResponse:
    return HttpResponse(status, (json.dumps(answer, ensure_ascii=False, indent=1) + "\n").encode(), _JSON)
