"""What a route of the admin API is: method, path, parameters, schemas and handler; knows no single route.

A group of routes is a module `admin_NAME.py` with `routes(running) -> list[Route]`, listed in GROUPS of `admin.py`. From the same table
requests are dispatched and `GET /_stub/openapi.json` is made: what stands in no route is neither served nor described.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from gateway.soap.http import HttpRequest
from stubs.kit.errors import ActError
from stubs.kit.role import Role, Stage
from stubs.kit.settings import StubSettings

PREFIX = "/_stub/"

Schema = Mapping[str, Any]
"""JSON Schema, in the dialect of OpenAPI 3.1."""
Answer = dict[str, Any]

TEXT: Schema = {"type": "string"}
TRUTH: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
ANYTHING: Schema = {"type": "object", "additionalProperties": True}


def record(needed: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, *, more: Schema | bool = False) -> Schema:
    """Give the schema of a JSON object; `more` is that of the fields beyond those named, False if there are none."""
    return {
        "type": "object",
        "properties": {**needed, **(optional or {})},
        "required": list(needed),
        "additionalProperties": more,
    }


def listed(of: Schema) -> Schema:
    """Give the schema of a list."""
    return {"type": "array", "items": of}


class Running(Protocol):
    """The set as the API sees it."""

    settings: StubSettings
    stage: Stage
    roles: Mapping[str, Role]
    gateway: str | None
    port: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the values of the path's {names}, the query, and the body of a route that has one."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One request that can be made; `path` is relative to PREFIX, its variable steps are {name}.

    The handler raises ActError for what it cannot do; the caller gets {"error": ...} with its status.
    """

    method: str
    path: str
    summary: str
    handler: Callable[[Asked], Answer | Awaitable[Answer]]
    answer: Schema
    body: Schema | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    """What may be asked for, each with its description."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Descriptions of the path's variable steps."""
    status: int = 200

    @property
    def steps(self) -> list[str]:
        """The path, taken apart."""
        return self.path.split("/")

    @property
    def shown(self) -> str:
        """The route as a person reads it: GET ledger/NAME."""
        steps = [step[1:-1].upper() if step.startswith("{") else step for step in self.steps]
        return f"{self.method} {'/'.join(steps)}"

    def match(self, method: str, steps: list[str]) -> dict[str, str] | None:
        """Give the values of the variable steps, None if the request is another one."""
        own = self.steps
        if method != self.method or len(steps) != len(own):
            return None
        pairs = list(zip(own, steps, strict=True))
        if any(not mine.startswith("{") and mine != theirs for mine, theirs in pairs):
            return None
        return {mine[1:-1]: theirs for mine, theirs in pairs if mine.startswith("{")}

    def call(self, request: HttpRequest, path: Mapping[str, str]) -> Answer | Awaitable[Answer]:
        """Answer a request; raises ActError."""
        return self.handler(Asked(path, self._query(request), {} if self.body is None else _body(request)))

    def _query(self, request: HttpRequest) -> dict[str, str]:
        asked = dict(parse_qsl(request.query))
        for name in asked.keys() - set(self.query):
            raise ActError(400, f"unknown parameter {name}; there are: {', '.join(self.query) or 'none'}")
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
