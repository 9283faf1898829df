"""Routes of the admin API for Verification, in WireMock's words: requests counted and found by a pattern, and near misses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.contract import Codec
from stubs.kit.admin_mappings import BODIES, FIELDS
from stubs.kit.admin_route import (
    ANYTHING,
    MAYBE_TEXT,
    NUMBER,
    TEXT,
    WHOLE,
    Answer,
    Asked,
    Route,
    Running,
    listed,
    record,
)
from stubs.kit.admin_state import ENTRY
from stubs.kit.errors import ActError
from stubs.kit.journal import Direction, Entry
from stubs.mapping.building import NoMessage, assemble
from stubs.mapping.model import RequestPattern, Seen
from stubs.mapping.nearness import NearMiss, find, nearest_mappings, nearest_requests, seen
from stubs.mapping.reading import MappingMistakes, read_pattern

MOST_UNMATCHED = 20
"""Requests whose near misses are told at once: the newest."""
_PATTERN = record({}, {"role": TEXT, "operation": TEXT, "direction": {"enum": ["in", "out"]}, "fields": FIELDS, "bodyPatterns": BODIES})
_DIFFERENCE = record({"field": TEXT, "expected": TEXT, "actual": MAYBE_TEXT, "distance": NUMBER})
_NEAR = {"distance": NUMBER, "differences": listed(_DIFFERENCE)}
_NEAR_REQUESTS = record({"nearMisses": listed(record({**_NEAR, "request": ENTRY}))})
_NEAR_MAPPINGS = listed(record({**_NEAR, "mapping": record({"id": TEXT, "name": TEXT})}))
_REQUEST = record(
    {},
    {"seq": {**WHOLE, "description": "Number of the request in the journal."}, "role": TEXT, "operation": TEXT, "fields": ANYTHING},
)


def routes(running: Running) -> list[Route]:
    """Give the routes of a set."""
    does = _Does(running)
    return [
        Route("POST", "requests/count", "Count the requests that are as the pattern says.", does.count, record({"count": WHOLE}), _PATTERN),
        Route(
            "POST", "requests/find", "Give the requests that are as the pattern says, oldest first.", does.find,
            record({"requests": listed(ENTRY)}), _PATTERN,
        ),
        Route(
            "GET", "requests/unmatched", "Requests that no mapping answered: the roles answered them by themselves.", does.unmatched,
            record({"requests": listed(ENTRY)}),
        ),
        Route(
            "GET", "requests/unmatched/near-misses", f"The nearest mappings to each of the last {MOST_UNMATCHED} of these.",
            does.unmatched_near,
            record({"nearMisses": listed(record({"request": ENTRY, "nearest": _NEAR_MAPPINGS}))}),
        ),
        Route(
            "POST", "near-misses/request-pattern", "The requests that come nearest to a pattern, with what differs.", does.near_requests,
            _NEAR_REQUESTS, _PATTERN,
        ),
        Route(
            "POST", "near-misses/request", "The mappings that come nearest to a request: one of the journal, or one written down.",
            does.near_mappings, record({"nearMisses": _NEAR_MAPPINGS}), _REQUEST,
        ),
    ]  # fmt: skip


class _Does:
    def __init__(self, running: Running) -> None:
        self._running = running
        self._stage = running.stage

    @property
    def _codecs(self) -> Mapping[str, Codec]:
        return {name: role.codec for name, role in self._running.roles.items()}

    @property
    def _contracts(self) -> Mapping[str, Codec]:
        """Those of the roles, and what the roles call."""
        return {**self._stage.codecs, **self._codecs}

    def count(self, asked: Asked) -> Answer:
        return {"count": len(self._find(asked))}

    def find(self, asked: Asked) -> Answer:
        return {"requests": [entry.as_json() for entry in self._find(asked)]}

    def unmatched(self, asked: Asked) -> Answer:
        return {"requests": [entry.as_json() for entry in self._unmatched()]}

    def unmatched_near(self, asked: Asked) -> Answer:
        codecs = self._codecs
        told = [
            {"request": entry.as_json(), "nearest": self._near(seen(entry.role, entry.operation, entry.fields, codecs[entry.role]))}
            for entry in self._unmatched()[-MOST_UNMATCHED:]
        ]
        return {"nearMisses": told}

    def near_requests(self, asked: Asked) -> Answer:
        pattern, entries = self._pattern(asked), self._stage.journal.find()
        return {"nearMisses": _told(nearest_requests(pattern, entries, self._contracts))}

    def near_mappings(self, asked: Asked) -> Answer:
        return {"nearMisses": self._near(self._request(asked.body))}

    def _near(self, shown: Seen) -> list[Answer]:
        return _told(nearest_mappings(self._stage.mappings, shown))

    def _find(self, asked: Asked) -> list[Entry]:
        return find(self._pattern(asked), self._stage.journal.find(), self._contracts)

    def _unmatched(self) -> list[Entry]:
        return [entry for entry in self._stage.journal.find() if entry.direction is Direction.IN and entry.mapping is None]

    def _pattern(self, asked: Asked) -> RequestPattern:
        try:
            return read_pattern(asked.body, self._contracts)
        except MappingMistakes as wrong:
            raise ActError(400, str(wrong)) from None

    def _request(self, body: dict[str, Any]) -> Seen:
        codecs = self._codecs
        if "seq" in body:
            entries = [entry for entry in self._stage.journal.find() if entry.seq == body["seq"] and entry.direction is Direction.IN]
            if not entries:
                raise ActError(404, f"the journal has no request {body['seq']}")
            return seen(entries[0].role, entries[0].operation, entries[0].fields, codecs[entries[0].role])
        role, operation, fields = body.get("role"), body.get("operation"), body.get("fields")
        if not isinstance(role, str) or role not in codecs:
            raise ActError(400, f"role: expected one of {', '.join(codecs)}, or seq of a request in the journal")
        contract = codecs[role].contract
        if not isinstance(operation, str) or operation not in contract.operations:
            raise ActError(400, f"operation: expected one of {', '.join(contract.operations)}")
        if not isinstance(fields, dict):
            raise ActError(400, "fields: expected an object")
        try:
            assemble(codecs[role], contract.schemas.element_type(contract.operations[operation].request), fields)
        except NoMessage as wrong:
            raise ActError(400, f"fields: {wrong}") from None
        return seen(role, operation, fields, codecs[role])


def _told(misses: list[NearMiss]) -> list[Answer]:
    return [miss.as_json() for miss in misses]
