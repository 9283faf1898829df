"""Reads a written StubMapping or request pattern, as JSON and TOML give it; tells every mistake with the keys that lead to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gateway.contract import Codec
from gateway.contract.schema import ComplexType
from stubs.kit.journal import Direction
from stubs.mapping.bodies import XPathMatcher, namespaces_of, read_xpath
from stubs.mapping.model import PRIORITIES, USUAL_PRIORITY, FieldMatcher, RequestPattern, Response, StubMapping
from stubs.mapping.operators import OperatorWrong, read_operators
from stubs.mapping.paths import PathWrong, nearest, read_path, why_not
from stubs.mapping.responses import ResponseWrong, read_response

Keys = tuple[str | int, ...]
Codecs = Mapping[str, Codec]
"""The contract of each role that can be named."""
_KEYS = (
    "id", "name", "priority", "role", "operation", "scenarioName", "requiredScenarioState", "newScenarioState", "request", "response",
)  # fmt: skip
_PATTERN = ("role", "operation", "direction", "fields", "bodyPatterns")
_ID = re.compile(r"[\w.-]{1,100}")


class MappingMistakes(ValueError):
    """A written mapping or pattern is wrong: pairs of the keys that lead to the place, and what is wrong there."""

    def __init__(self, mistakes: list[tuple[Keys, str]]) -> None:
        super().__init__("; ".join(f"{shown(keys)}: {reason}" if keys else reason for keys, reason in mistakes))
        self.mistakes = mistakes


def shown(keys: Keys) -> str:
    """Write the keys as a person reads them: request.fields.ProductNo."""
    return ".".join(str(key) for key in keys)


def read_mapping(written: object, codecs: Codecs, given_id: str, source: str = "") -> StubMapping:
    """Read a mapping for one of the roles; `given_id` is its id if it names none. Raises MappingMistakes."""
    return _Reader(codecs).mapping(written, given_id, source)


def read_pattern(written: object, codecs: Codecs) -> RequestPattern:
    """Read a pattern of requests; role and operation may be left out. Raises MappingMistakes."""
    reader = _Reader(codecs)
    if not isinstance(written, Mapping):
        raise MappingMistakes([((), "expected a table")])
    reader.names(written, _PATTERN, ())
    role, operation = reader.party(written, needed=False)
    pattern = reader.pattern(written, role, operation, ())
    reader.done()
    return pattern


class _Reader:
    """Collects mistakes while it reads, so that all are told at once."""

    def __init__(self, codecs: Codecs) -> None:
        self._codecs = codecs
        self._mistakes: list[tuple[Keys, str]] = []

    def done(self) -> None:
        if self._mistakes:
            raise MappingMistakes(self._mistakes)

    def mapping(self, written: object, given_id: str, source: str) -> StubMapping:
        if not isinstance(written, Mapping):
            raise MappingMistakes([((), "expected a table")])
        self.names(written, _KEYS, ())
        role, operation = self.party(written, needed=True)
        own_id = self._text(written, "id") or given_id
        if _ID.fullmatch(own_id) is None:
            self._wrong(("id",), "expected letters, digits, dot, hyphen and underscore, at most 100")
        priority = written.get("priority", USUAL_PRIORITY)
        if type(priority) is not int or priority not in PRIORITIES:
            self._wrong(("priority",), f"expected a number from {PRIORITIES[0]} to {PRIORITIES[-1]}; 1 goes first")
        scenario, required, new = (self._text(written, key) for key in ("scenarioName", "requiredScenarioState", "newScenarioState"))
        if scenario is None and (required is not None or new is not None):
            key = "requiredScenarioState" if required is not None else "newScenarioState"
            self._wrong((key,), "a state needs scenarioName")
        request = self._table(written, "request")
        self.names(request, ("fields", "bodyPatterns"), ("request",))
        pattern = self.pattern(request, role, operation, ("request",))
        response = self._response(written, role, operation)
        self.done()
        assert response is not None  # else there were mistakes
        name = self._text(written, "name") or ""
        return StubMapping(own_id, name, priority, pattern, response, scenario, required, new, dict(written), source)

    def party(self, written: Mapping[str, Any], *, needed: bool) -> tuple[str | None, str | None]:
        """Read role and operation; a mistake in one leaves it None."""
        role, operation = self._text(written, "role"), self._text(written, "operation")
        if role is not None and role not in self._codecs:
            self._wrong(("role",), f"no role {role}{nearest(role, self._codecs)}")
            return None, None
        if role is None and needed:
            self._wrong((), f"role is missing; there are {', '.join(self._codecs)}")
        if operation is None:
            if needed:
                self._wrong((), "operation is missing" + ("" if role is None else f"; there are {', '.join(self._operations(role))}"))
        elif operation not in (known := self._operations(None if written.get("direction") == Direction.OUT else role)):
            self._wrong(("operation",), f"{role or 'no role'} has no operation {operation}{nearest(operation, known)}")
            return role, None
        return role, operation

    def pattern(self, written: Mapping[str, Any], role: str | None, operation: str | None, at: Keys) -> RequestPattern:
        direction = written.get("direction", Direction.IN.value)
        if direction not in (Direction.IN, Direction.OUT):
            self._wrong((*at, "direction"), "expected in or out")
        types = self._request_types(role, operation) if direction == Direction.IN else []
        fields: list[FieldMatcher] = []
        for path, asked in self._table(written, "fields", at).items():
            with self._telling((*at, "fields", path)):
                fields.append(_field(path, asked, types))
        bodies: list[XPathMatcher] = []
        listed = written.get("bodyPatterns", [])
        if not isinstance(listed, list):
            self._wrong((*at, "bodyPatterns"), "expected a list of tables with matchesXPath")
            listed = []
        known = namespaces_of(self._codecs.get(role or ""))
        for place, one in enumerate(listed):
            with self._telling((*at, "bodyPatterns", place)):
                bodies.append(_body(one, known))
        return RequestPattern(role, operation, tuple(fields), tuple(bodies), str(direction))

    def names(self, written: Mapping[str, Any], known: Collection[str], at: Keys) -> None:
        for name in written:
            if name not in known:
                self._wrong((*at, name), f"unknown{nearest(name, known)}")

    def _response(self, written: Mapping[str, Any], role: str | None, operation: str | None) -> Response | None:
        table = self._table(written, "response")
        if "response" not in written:
            self._wrong((), "response is missing")
        if role is None or operation is None:
            return None  # told already
        try:
            return read_response(table, self._codecs[role], operation)
        except ResponseWrong as wrong:
            self._mistakes += [(("response", *keys), reason) for keys, reason in wrong.mistakes]
            return None

    def _operations(self, role: str | None) -> list[str]:
        codecs = self._codecs.values() if role is None else [self._codecs[role]]
        return list(dict.fromkeys(name for codec in codecs for name in codec.contract.operations))

    def _request_types(self, role: str | None, operation: str | None) -> list[ComplexType]:
        """Give the messages that a pattern can be for; none if that is not known."""
        if role is None:
            return []
        contract = self._codecs[role].contract
        return [contract.schemas.element_type(one.request) for one in contract.operations.values() if operation in (None, one.name)]

    def _table(self, written: Mapping[str, Any], name: str, at: Keys = ()) -> Mapping[str, Any]:
        value = written.get(name, {})
        if not isinstance(value, Mapping):
            self._wrong((*at, name), "expected a table")
            return {}
        return value

    def _text(self, written: Mapping[str, Any], name: str) -> str | None:
        value = written.get(name)
        if value is not None and (not isinstance(value, str) or not value):
            self._wrong((name,), "expected a text")
            return None
        return value

    @contextmanager
    def _telling(self, keys: Keys) -> Iterator[None]:
        try:
            yield
        except (PathWrong, OperatorWrong) as wrong:
            self._wrong(keys, str(wrong))

    def _wrong(self, keys: Keys, reason: str) -> None:
        self._mistakes.append((keys, reason))


def _field(path: str, asked: object, types: list[ComplexType]) -> FieldMatcher:
    """Read a field that one of the types has."""
    read = read_path(path)
    wrong = [reason for reason in (why_not(read, made) for made in types) if reason is not None]
    if wrong and len(wrong) == len(types):
        raise PathWrong(wrong[0])
    return FieldMatcher(read, read_operators(asked))


def _body(written: object, known: Mapping[str, str]) -> XPathMatcher:
    if not isinstance(written, Mapping):
        raise OperatorWrong("expected a table with matchesXPath")
    return read_xpath(written, known)
