"""Routes of the admin API for StubMappings and Scenarios, in WireMock's words: list, add, change, take away, reset."""

from __future__ import annotations

from typing import Any

from stubs.kit.admin_route import (
    ANYTHING,
    TEXT,
    TRUTH,
    WHOLE,
    Answer,
    Asked,
    Route,
    Running,
    Schema,
    listed,
    record,
)
from stubs.kit.errors import ActError
from stubs.mapping.model import STARTED, StubMapping
from stubs.mapping.reading import MappingMistakes, read_mapping

FIELDS: Schema = {
    "type": "object",
    "description": "Operators by the path of a field, such as VProductInfo[0].VProductID; a plain value means equalTo.",
    "additionalProperties": True,
}
BODIES = listed({"type": "object", "description": "matchesXPath and xPathNamespaces.", "additionalProperties": True})
_OPTIONAL: dict[str, Schema] = {
    "id": TEXT, "name": TEXT, "priority": {"type": "integer", "minimum": 1, "maximum": 10, "default": 5},
    "scenarioName": TEXT, "requiredScenarioState": TEXT, "newScenarioState": TEXT,
    "request": record({}, {"fields": FIELDS, "bodyPatterns": BODIES}),
}  # fmt: skip
_RESPONSE = record(
    {},
    {
        "resultCode": {"type": ["integer", "string"]}, "fields": ANYTHING, "body": TEXT, "status": WHOLE, "contentType": TEXT,
        "fixedDelayMilliseconds": WHOLE,
    },
)  # fmt: skip
_MAPPING = record({"role": TEXT, "operation": TEXT, "response": _RESPONSE}, _OPTIONAL)
_TOLD = record(
    {"id": TEXT, "role": TEXT, "operation": TEXT, "response": _RESPONSE, "served": WHOLE},
    {**_OPTIONAL, "source": {**TEXT, "description": "File and line that it was read from."}},
)
_SCENARIOS = record({"scenarios": listed(record({"name": TEXT, "state": TEXT, "possibleStates": listed(TEXT)}))})
_ID = {"id": "Id of the mapping."}


def routes(running: Running) -> list[Route]:
    """Give the routes of a set."""
    does = _Does(running)
    return [
        Route(
            "GET", "mappings", "Mappings, in the order in which they were added; served counts the requests they answered.", does.all,
            record({"mappings": listed(_TOLD)}),
        ),
        Route("POST", "mappings", "Add a mapping; one with the id of another takes its place.", does.add, _TOLD, _MAPPING, status=201),
        Route("DELETE", "mappings", "Take all mappings away, until a reset those of files too.", does.clear, record({"removed": WHOLE})),
        Route(
            "POST", "mappings/reset", "Go back to the mappings of files; all scenarios are Started.", does.reset, record({"reset": TRUTH}),
        ),
        Route("GET", "mappings/{id}", "One mapping.", does.one, _TOLD, names=_ID),
        Route("PUT", "mappings/{id}", "Change a mapping.", does.change, _TOLD, _MAPPING, names=_ID),
        Route("DELETE", "mappings/{id}", "Take a mapping away.", does.remove, record({"removed": WHOLE}), names=_ID),
        Route("GET", "scenarios", "Scenarios that mappings name, and where each stands.", does.scenarios, _SCENARIOS),
        Route("POST", "scenarios/reset", "Let all scenarios be in state Started.", does.reset_scenarios, _SCENARIOS),
        Route(
            "PUT", "scenarios/{name}/state", "Let a scenario be in a state; without one, in state Started.", does.set_state, _SCENARIOS,
            record({}, {"state": TEXT}), names={"name": "Name of the scenario."},
        ),
    ]  # fmt: skip


class _Does:
    def __init__(self, running: Running) -> None:
        self._running = running
        self._mappings = running.stage.mappings

    def all(self, asked: Asked) -> Answer:
        return {"mappings": [self._told(mapping) for mapping in self._mappings.all]}

    def one(self, asked: Asked) -> Answer:
        return self._told(self._found(asked))

    def add(self, asked: Asked) -> Answer:
        return self._put(asked.body, self._mappings.next_id())

    def change(self, asked: Asked) -> Answer:
        own_id = self._found(asked).id
        if asked.body.get("id", own_id) != own_id:
            raise ActError(400, f"id: the address names {own_id}")
        return self._put(asked.body, own_id)

    def remove(self, asked: Asked) -> Answer:
        self._mappings.remove(self._found(asked).id)
        return {"removed": 1}

    def clear(self, asked: Asked) -> Answer:
        removed = len(self._mappings.all)
        self._mappings.clear()
        return {"removed": removed}

    def reset(self, asked: Asked) -> Answer:
        self._mappings.reset()
        return {"reset": True}

    def scenarios(self, asked: Asked) -> Answer:
        states = self._mappings.states
        possible = self._mappings.scenarios()
        return {"scenarios": [{"name": name, "state": state, "possibleStates": possible[name]} for name, state in states.items()]}

    def reset_scenarios(self, asked: Asked) -> Answer:
        self._mappings.reset_scenarios()
        return self.scenarios(asked)

    def set_state(self, asked: Asked) -> Answer:
        name, state = asked.path["name"], asked.body.get("state", STARTED)
        known = self._mappings.scenarios()
        if name not in known:
            raise ActError(404, f"no scenario {name}; there are {', '.join(known) or 'none'}")
        if state not in known[name]:
            raise ActError(400, f"state: expected one of {', '.join(known[name])}")
        self._mappings.set_state(name, state)
        return self.scenarios(asked)

    def _put(self, body: dict[str, Any], given_id: str) -> Answer:
        codecs = {name: role.codec for name, role in self._running.roles.items()}
        try:
            mapping = read_mapping(body, codecs, given_id)
        except MappingMistakes as wrong:
            raise ActError(400, str(wrong)) from None
        self._mappings.put(mapping)
        return self._told(mapping)

    def _found(self, asked: Asked) -> StubMapping:
        mapping = self._mappings.get(asked.path["id"])
        if mapping is None:
            known = ", ".join(one.id for one in self._mappings.all) or "none"
            raise ActError(404, f"no mapping {asked.path['id']}; there are {known}")
        return mapping

    def _told(self, mapping: StubMapping) -> Answer:
        source = {"source": mapping.source} if mapping.source else {}
        return {**mapping.written, "id": mapping.id, **source, "served": self._mappings.served(mapping)}
