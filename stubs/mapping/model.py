"""StubMapping: which requests it is for, in which state of a scenario, and how it answers; in WireMock's words. Reads no file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stubs.kit.journal import Direction
from stubs.mapping.bodies import Document, XPathMatcher
from stubs.mapping.operators import Difference, Operator
from stubs.mapping.paths import FieldPath
from stubs.mapping.templates import Text

STARTED = "Started"
"""State of every scenario at the beginning."""
USUAL_PRIORITY = 5
PRIORITIES = range(1, 11)
_WHAT = ("direction", "role", "operation")


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as matchers see it; `document` makes its XML when an XPath asks for it."""

    role: str
    operation: str
    fields: Mapping[str, Any]
    document: Callable[[], Document]
    direction: str = Direction.IN


@dataclass(frozen=True, slots=True)
class FieldMatcher:
    """Operators of one field; all must hold."""

    path: FieldPath
    operators: tuple[Operator, ...]

    def met(self, fields: Mapping[str, Any]) -> bool:
        """Whether the field is as asked."""
        values = self.path.values(fields)
        return all(operator.met(values) for operator in self.operators)

    def differ(self, fields: Mapping[str, Any]) -> list[Difference]:
        """Give what is not as asked."""
        values = self.path.values(fields)
        found = (operator.differ(self.path.text, values) for operator in self.operators)
        return [one for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class RequestPattern:
    """What a request must be; what is not named may be anything."""

    role: str | None
    operation: str | None
    fields: tuple[FieldMatcher, ...]
    bodies: tuple[XPathMatcher, ...]
    direction: str = Direction.IN

    @property
    def asks(self) -> int:
        """How many things are asked."""
        of_fields = sum(len(one.operators) for one in self.fields)
        return 1 + (self.role is not None) + (self.operation is not None) + of_fields + sum(max(1, len(b.operators)) for b in self.bodies)

    def distance(self, differences: Sequence[Difference], more: int = 0) -> float:
        """Say how far a request is, 0 to 1: the mean of all that is asked, and of `more` beside it; another operation is far."""
        if any(one.field in _WHAT for one in differences):
            return 1.0
        return sum(one.distance for one in differences) / (self.asks + more)

    def met(self, seen: Seen) -> bool:
        """Whether a request is as asked."""
        return (
            self.direction == seen.direction
            and self.role in (None, seen.role)
            and self.operation in (None, seen.operation)
            and all(one.met(seen.fields) for one in self.fields)
            and all(not one.differ(seen.document()) for one in self.bodies)
        )

    def differ(self, seen: Seen) -> list[Difference]:
        """Give all that is not as asked; of another operation the fields are not looked at, for they mean something else there."""
        found = [
            Difference(name, f"equalTo {wanted}", actual, 1.0)
            for name, wanted, actual in (
                ("direction", self.direction, seen.direction), ("role", self.role, seen.role),
                ("operation", self.operation, seen.operation),
            )
            if wanted not in (None, actual)
        ]  # fmt: skip
        if found:
            return found
        found += [one for field in self.fields for one in field.differ(seen.fields)]
        return found + [one for body in self.bodies for one in body.differ(seen.document())]


@dataclass(frozen=True, slots=True)
class Response:
    """How a mapping answers: by fields of a typed answer, or by a whole envelope."""

    values: Mapping[str, Any] | None
    """Literals, Text, Each, and lists and dicts of them; None where there is a body."""
    body: Text | None
    status: int
    content_type: str
    delay: float
    """Seconds before the answer goes."""


@dataclass(frozen=True, slots=True)
class StubMapping:
    """One mapping; `written` is what it was read from, and `source` where: file and line, or empty."""

    id: str
    name: str
    priority: int
    request: RequestPattern
    response: Response
    scenario: str | None
    required_state: str | None
    new_state: str | None
    written: Mapping[str, Any]
    source: str = ""

    @property
    def shown(self) -> str:
        """For a person: its name, or its id."""
        return self.name or self.id

    def in_state(self, states: Mapping[str, str]) -> bool:
        """Whether its scenario is where it must be."""
        return self.required_state is None or states.get(self.scenario or "", STARTED) == self.required_state

    def differ(self, seen: Seen, states: Mapping[str, str]) -> list[Difference]:
        """Give why it is not for a request."""
        found = self.request.differ(seen)
        if self.required_state is not None and not self.in_state(states):
            state = states.get(self.scenario or "", STARTED)
            found.append(Difference(f"scenario {self.scenario}", f"equalTo {self.required_state}", state, 1.0))
        return found

    def distance(self, differences: Sequence[Difference]) -> float:
        """Say how far a request is, 0 to 1; the state of a scenario counts as one thing that is asked."""
        return self.request.distance(differences, self.required_state is not None)
