"""The OpenAPI 3.1 document of the admin API, made from its routes; knows no single route but its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from stubs.kit.admin_route import ANYTHING, PREFIX, TEXT, Asked, Route, Running, record

_ERROR = record({"error": {**TEXT, "description": "What is wrong, and what there is instead."}}, more=True)


def openapi_route(others: list[Route], running: Running) -> Route:
    """Give the route of the document, which describes itself too."""

    def told(asked: Asked) -> dict[str, Any]:
        return document([*others, own], running.settings.name, running.port)

    own = Route("GET", "openapi.json", "This API as an OpenAPI 3.1 document.", told, ANYTHING)
    return own


def document(routes: Iterable[Route], name: str, port: int) -> dict[str, Any]:
    """Write the document of a set."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(f"/{route.path}", {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Admin API of the stub set {name}", "version": "1",
            "description": "What partners' stubs saw and did, what they hold, and how they are to answer.",
        },
        "servers": [{"url": f"http://127.0.0.1:{port}{PREFIX.rstrip('/')}"}],
        "paths": paths,
        "components": {"schemas": {"Error": _ERROR}},
    }  # fmt: skip


def _operation(route: Route) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [route.steps[0].removesuffix(".json")],
        "responses": {
            str(route.status): {"description": "Done.", "content": _json(route.answer)},
            "default": {"description": "Not done.", "content": _json({"$ref": "#/components/schemas/Error"})},
        },
    }
    parameters = [
        *({"name": name, "in": "path", "required": True, "schema": TEXT, "description": route.names[name]} for name in _variables(route)),
        *({"name": name, "in": "query", "schema": TEXT, "description": text} for name, text in route.query.items()),
    ]
    if parameters:
        described["parameters"] = parameters
    if route.body is not None:
        described["requestBody"] = {"content": _json(route.body)}
    return described


def operation_id(route: Route) -> str:
    """Give the name of a route for generated clients: its method and path in one word."""
    words = [route.method.lower(), *re.findall("[A-Za-z0-9]+", route.path)]
    return "".join(word if count == 0 else word[:1].upper() + word[1:] for count, word in enumerate(words))


def _variables(route: Route) -> list[str]:
    return [step[1:-1] for step in route.steps if step.startswith("{")]


def _json(schema: object) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
