"""The admin API's document: it has every route, and what the API answers is as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from json_schema import breaks, referred
from stub_rig import Rig

from gateway.contract import Codec
from stubs.kit.admin import Admin


@pytest.fixture
def rig(root: Path, codecs: dict[str, Codec]) -> Rig:
    return Rig(root, codecs, roles=("ocs", "xplatform", "portal"))


@pytest.fixture
def document(rig: Rig) -> dict[str, Any]:
    status, told = rig.api("GET", "openapi.json")
    assert status == 200
    return dict(told)


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, told) for path, of in document["paths"].items() for method, told in of.items()]


def test_every_route_is_described(rig: Rig, document: dict[str, Any]) -> None:
    """And nothing else is: the document and the dispatch come from one table."""
    described = {(method.upper(), path.removeprefix("/")) for method, path, _ in operations(document)}
    assert described == {(route.method, route.path) for route in Admin(rig.host).routes}


def test_the_document_is_as_openapi_wants_it(document: dict[str, Any]) -> None:
    """Version 3.1, a server, an answer and an error for each operation, ids that are there once, every variable step described."""
    told = operations(document)
    ids = [operation["operationId"] for _, _, operation in told]
    assert (document["openapi"], document["servers"][0]["url"].endswith("/_stub")) == ("3.1.0", True)
    assert (len(ids), all("default" in one["responses"] for _, _, one in told)) == (len(set(ids)), True)
    for _, path, operation in told:
        steps = {step[1:-1] for step in path.split("/") if step.startswith("{")}
        assert steps == {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert all(one["description"] for one in operation.get("parameters", []))


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    """Each $ref of the document."""

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [value["$ref"]] if "$ref" in value else [one for item in value.values() for one in references(item)]
        return [one for item in value for one in references(item)] if isinstance(value, list) else []

    assert [type(referred(one, document)) for one in set(references(document))] != []


MAPPING = {
    "id": "M-1", "role": "xplatform", "operation": "serverAction", "scenarioName": "S", "request": {"fields": {"OrderId": "O-9"}},
    "response": {"resultCode": 9001},
}  # fmt: skip
EMPTY = {
    "format": "vsopgw-stub-snapshot", "version": 1,
    "state": {
        "modes": {}, "next_number": 1, "subscribers": {}, "goods": {"products": {}, "offers": {}, "partners": {}}, "ledgers": [],
        "numbers": {}, "journal_count": 0, "journal": [],
    },
    "stores": {
        "Services": {"active": [], "users": [], "ended_by": []}, "Catalogue": {"objects": []}, "Billed": {"rows": []},
        "Configured": {"content": []}, "PpmState": {"applications": [], "published": []}, "CrmOrders": {"by_id": {}},
        "ProvisioningOrders": {"by_id": {}}, "VsopOrders": {"by_id": []},
    },
}  # fmt: skip
ASKED: list[tuple[str, str, Any]] = [
    ("GET", "journal", None),
    ("GET", "ledger/activation", None),
    ("GET", "ledgers", None),
    ("GET", "world", None),
    ("GET", "catalogue", None),
    ("GET", "settings", None),
    ("POST", "settings", {"xplatform.mode": "callback", "xplatform.serverAction.mode": "final"}),
    ("POST", "snapshot", {}),
    ("POST", "restore", EMPTY),
    ("POST", "act/portal/order", {"number": "18907910001", "offer": "F1", "confirm": False}),
    ("GET", "faults/catalogue", None),
    ("POST", "faults", {"fault": "half-a-list", "role": "xplatform", "keep": 25}),
    ("GET", "faults", None),
    ("POST", "faults/clear/f1", {}),
    ("POST", "faults/clear", {}),
    ("GET", "mappings", None),
    ("POST", "mappings", {**MAPPING, "name": "more", "priority": 1, "newScenarioState": "seen"}),
    ("GET", "mappings/M-1", None),
    ("PUT", "mappings/M-1", {**MAPPING, "response": {"body": "<a/>", "status": 500, "fixedDelayMilliseconds": 5}}),
    ("DELETE", "mappings/M-1", None),
    ("DELETE", "mappings", None),
    ("POST", "mappings/reset", None),
    ("GET", "scenarios", None),
    ("PUT", "scenarios/S/state", {"state": "Started"}),
    ("POST", "scenarios/reset", None),
    ("POST", "requests/count", {"role": "xplatform", "fields": {"ProductNo": "18907910001"}}),
    ("POST", "requests/find", {"bodyPatterns": [{"matchesXPath": "//m:serverAction", "xPathNamespaces": {"m": "urn:vas:xplatform:v1"}}]}),
    ("GET", "requests/unmatched", None),
    ("GET", "requests/unmatched/near-misses", None),
    ("POST", "near-misses/request-pattern", {"operation": "serverAction", "fields": {"OrderId": {"equalTo": "O-2"}}}),
    ("POST", "near-misses/request", {"seq": 1}),
    ("POST", "reset", {}),
    ("GET", "openapi.json", None),
]
"""A good request for routes of the API, in an order in which each finds something to tell."""


@pytest.mark.parametrize(("method", "path", "body"), ASKED, ids=[f"{method} {path}" for method, path, _ in ASKED])
def test_answers_are_as_described(rig: Rig, scene: Any, document: dict[str, Any], method: str, path: str, body: Any) -> None:
    """What was done shows in the answer, and its form is the schema's; so is the body that asks."""
    line = rig.line()
    rig.api("POST", "faults", {"fault": "wrong-code", "role": "portal"})
    for operation in ("xplatform.serverAction", "xplatform.userInfoSync", "xplatform.productInfoSync"):
        line.send("POST", "/services/xplatform", rig.envelope(*operation.split("."), scene.request(operation)))
        assert line.answer()[0] == 200
    assert rig.api("POST", "mappings", MAPPING)[0] == 201
    status, answer = rig.api(method, path, body)
    operation = document["paths"][f"/{described(document, method, path)}"][method.lower()]
    schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
    asked = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    wrong = [*breaks(answer, schema, document), *([] if asked is None else breaks(body, asked, document))]
    assert (wrong, bool(answer)) == ([], True)


def described(document: dict[str, Any], method: str, path: str) -> str:
    """Find the template that a path belongs to."""
    steps = path.partition("?")[0].split("/")
    for template in (one.removeprefix("/").split("/") for one in document["paths"]):
        if len(template) == len(steps) and all(t.startswith("{") or t == s for t, s in zip(template, steps, strict=True)):
            return "/".join(template)
    raise AssertionError(f"{method} {path} is in no path of the document")


def test_every_route_is_asked(document: dict[str, Any]) -> None:
    """The table above leaves none out."""
    asked = {(method.lower(), f"/{described(document, method, path)}") for method, path, _ in ASKED}
    assert {(method, path) for method, path, _ in operations(document)} - asked == set()


def test_an_error_is_as_described(rig: Rig, document: dict[str, Any]) -> None:
    """One form for all."""
    _, told = rig.api("GET", "ledger/gold")
    assert list(breaks(told, {"$ref": "#/components/schemas/Error"}, document)) == []
