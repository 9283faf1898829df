"""JSON admin API of a stub set, under /_stub/: what happened, what users do, how the stubs behave; no sockets."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

from twisted.internet.defer import Deferred

from gateway.soap.http import HttpRequest, HttpResponse
from stubs.kit.catalogue import Catalogue
from stubs.kit.errors import ActError
from stubs.kit.magic import Behaviour
from stubs.kit.role import Role, Stage
from stubs.kit.services import Services
from stubs.kit.settings import StubSettings, is_base_url
from stubs.kit.times import iso
from stubs.kit.world import LEDGERS

PREFIX = "/_stub/"
_JSON = "application/json; charset=utf-8"
_PATHS = (
    "GET journal", "GET ledger/NAME", "GET ledgers", "GET world", "GET catalogue", "GET settings", "POST settings",
    "POST act/ROLE/ACT", "POST reset",
)  # fmt: skip


class Running(Protocol):
    """The set as the API sees it."""

    settings: StubSettings
    stage: Stage
    roles: Mapping[str, Role]
    gateway: str | None
    port: int


class Admin:
    """Answers the API's requests; what is wrong with one is said in {"error": ...}."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def handle(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        """Answer one request."""
        try:
            answer = self._route(request)
        except ActError as wrong:
            return _refusal(wrong)
        if isinstance(answer, dict):
            return _json(200, answer)
        return Deferred.fromCoroutine(_when_done(answer))

    def _route(self, request: HttpRequest) -> dict[str, Any] | Awaitable[dict[str, Any]]:
        steps = request.path.removeprefix(PREFIX).split("/")
        do = {"GET": self._get, "POST": self._post}.get(request.method)
        answer = None if do is None else do(request, steps)
        if answer is None:
            raise ActError(404, f"unknown; there are {', '.join(_PATHS)} under {PREFIX}")
        return answer

    def _get(self, request: HttpRequest, steps: list[str]) -> dict[str, Any] | None:
        stage = self._running.stage
        match steps:
            case ["journal"]:
                asked = _query(request, "role", "operation", "trace", "streaming_no", "order")
                return {"entries": [entry.as_json() for entry in stage.journal.find(**asked)]}
            case ["ledger", name]:
                return self._ledger(name, _query(request, "number", "order"))
            case ["ledgers"]:
                return self._ledgers(_query(request, "after"))
            case ["world"]:
                return _world(stage.world.services)
            case ["catalogue"]:
                asked = _query(request, "role", "object")
                found = stage.world.keep(Catalogue).find(asked.get("role"), asked.get("object"))
                return {"objects": found}
            case ["settings"]:
                return self._settings()
        return None

    def _post(self, request: HttpRequest, steps: list[str]) -> dict[str, Any] | Awaitable[dict[str, Any]] | None:
        match steps:
            case ["settings"]:
                return self._set(_body(request))
            case ["reset"]:
                self._running.stage.reset()
                return {"reset": True}
            case ["act", role, act]:
                return self._act(role, act, _body(request))
        return None

    def _ledger(self, name: str, asked: dict[str, str]) -> dict[str, Any]:
        if name not in LEDGERS:
            raise ActError(404, f"no such ledger; there are {', '.join(LEDGERS)}")
        return {"rows": [row.as_json() for row in self._running.stage.world.ledger(name, **asked)]}

    def _ledgers(self, asked: dict[str, str]) -> dict[str, Any]:
        after = asked.get("after", "0")
        if not (after.isascii() and after.isdigit()):
            raise ActError(400, "after: expected how many rows are known already")
        rows = self._running.stage.world.ledgers(int(after))
        return {"rows": [{"ledger": name, **row.as_json()} for name, row in rows]}

    def _act(self, role: str, act: str, body: dict[str, Any]) -> Awaitable[dict[str, Any]]:
        played = self._running.roles.values()
        acts = {(one.name, name): do for one in played for name, do in one.acts().items()}
        if (role, act) not in acts:
            known = ", ".join(f"{r}/{a}" for r, a in acts) or "none"
            raise ActError(404, f"no such act in this set; there are: {known}")
        return acts[role, act](body)

    def _settings(self) -> dict[str, Any]:
        running = self._running
        set_modes = {f"{name}.mode": mode for name, mode in running.stage.modes.items()}
        modes = {f"{name}.mode": Behaviour.FINAL for name in running.roles} | set_modes
        return {
            "name": running.settings.name,
            "province": running.settings.province,
            "port": running.port,
            "roles": list(running.roles),
            "gateway": running.gateway,
            **modes,
        }

    def _set(self, body: dict[str, Any]) -> dict[str, Any]:
        """Change everything that the body names, or nothing if any of it is wrong."""
        running = self._running
        modes = {f"{name}.mode": role for name, role in running.roles.items()}
        of_operations = {f"{r.name}.{op}.mode": r for r in modes.values() for op in r.codec.contract.operations}
        for name, value in body.items():
            if name == "gateway":
                if value is not None and not is_base_url(value):
                    raise ActError(400, "gateway: expected an address such as http://127.0.0.1:7001, or null")
                continue
            role = modes.get(name) or of_operations.get(name)
            if role is None:
                there = f"gateway, {', '.join(modes)}, and the like of {next(iter(of_operations))}"
                raise ActError(400, f"{name} cannot be set; there are {there}")
            if value is None and name in of_operations:
                continue
            if not isinstance(value, str) or value not in role.behaviours:
                raise ActError(400, f"{name}: expected one of {', '.join(sorted(role.behaviours))}")
        for name, value in body.items():
            self._change(name, value)
        return self._settings()

    def _change(self, name: str, value: Any) -> None:
        modes, of_what = self._running.stage.modes, name.removesuffix(".mode")
        if name == "gateway":
            self._running.gateway = value
        elif value is None:  # the operation is answered in the mode of its role again
            modes.pop(of_what, None)
        else:
            modes[of_what] = Behaviour(value)


def _world(services: Services) -> dict[str, Any]:
    active = [
        {
            "number": service.number,
            "product": service.product,
            "since": iso(service.since),
            "role": service.role,
            "suspended": services.is_suspended(service),
        }
        for _, service in sorted(services.active.items())
    ]
    users = [
        {"role": role, "number": number, "state": user.state, "pay": user.pay}
        for (role, number), user in sorted(services.users.items())
    ]
    return {"active": active, "users": users}


async def _when_done(pending: Awaitable[dict[str, Any]]) -> HttpResponse:
    try:
        return _json(200, await pending)
    except ActError as wrong:
        return _refusal(wrong)


def _query(request: HttpRequest, *known: str) -> dict[str, str]:
    asked = dict(parse_qsl(request.query))
    for name in asked.keys() - set(known):
        raise ActError(400, f"unknown parameter {name}; there are: {', '.join(known) or 'none'}")
    return asked


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ActError(400, f"the body is not JSON{where}") from None
    if not isinstance(body, dict):
        raise ActError(400, "the body must be a JSON object")
    return body


def _refusal(wrong: ActError) -> HttpResponse:
    return _json(wrong.status, {"error": wrong.reason, **wrong.more})


def _json(status: int, answer: dict[str, Any]) -> HttpResponse:
    return HttpResponse(status, (json.dumps(answer, ensure_ascii=False, indent=1) + "\n").encode(), _JSON)
