"""Verification and near misses: which requests of the journal are as asked, and which come nearest to what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.contract import Codec
from stubs.kit.journal import Direction, Entry
from stubs.mapping.bodies import Document, written_anew
from stubs.mapping.building import assemble
from stubs.mapping.mappings import Mappings
from stubs.mapping.model import RequestPattern, Seen, StubMapping
from stubs.mapping.operators import Difference

MOST = 3
"""Near misses that are told."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A request or a mapping that is not as asked, and why; `distance` is 0 to 1."""

    distance: float
    differences: Sequence[Difference]
    request: Entry | None = None
    mapping: StubMapping | None = None

    def as_json(self) -> dict[str, Any]:
        """Give it as the admin API shows it."""
        told: dict[str, Any] = {"distance": round(self.distance, 3), "differences": [one.as_json() for one in self.differences]}
        if self.request is not None:
            told["request"] = self.request.as_json()
        if self.mapping is not None:
            told["mapping"] = {"id": self.mapping.id, "name": self.mapping.name}
        return told


@dataclass(slots=True)
class _Written:
    """The XML of a journal's entry, which keeps fields only: written once, when an XPath asks for it."""

    codec: Codec
    operation: str
    fields: Mapping[str, Any]
    made: Document = field(default=None)

    def __call__(self) -> Document:
        if self.made is None:
            element = self.codec.contract.operations[self.operation].request
            made = assemble(self.codec, self.codec.contract.schemas.element_type(element), self.fields)
            self.made = written_anew(self.codec, element, made)
        return self.made


def seen(role: str, operation: str, fields: Mapping[str, Any], codec: Codec, direction: str = Direction.IN) -> Seen:
    """Show fields to matchers; XPath sees them as the contract writes them, without headers."""
    return Seen(role, operation, fields, _Written(codec, operation, fields), direction)


def find(pattern: RequestPattern, entries: Iterable[Entry], codecs: Mapping[str, Codec]) -> list[Entry]:
    """Give the requests that are as asked, oldest first."""
    return [entry for entry, shown in _shown(entries, codecs) if pattern.met(shown)]


def nearest_requests(pattern: RequestPattern, entries: Iterable[Entry], codecs: Mapping[str, Codec]) -> list[NearMiss]:
    """Give the requests that come nearest to a pattern without being as asked, the nearest first, of equals the newest."""
    found = []
    for entry, shown in _shown(entries, codecs):
        differences = pattern.differ(shown)
        if differences:
            found.append(NearMiss(pattern.distance(differences), differences, request=entry))
    found.reverse()
    return sorted(found, key=lambda miss: miss.distance)[:MOST]


def nearest_mappings(mappings: Mappings, shown: Seen) -> list[NearMiss]:
    """Give the mappings that come nearest to a request without being for it, the nearest first, of equals the newest."""
    found = []
    for mapping in reversed(mappings.all):
        differences = mapping.differ(shown, mappings.states)
        if differences:
            found.append(NearMiss(mapping.distance(differences), differences, mapping=mapping))
    return sorted(found, key=lambda miss: miss.distance)[:MOST]


def _shown(entries: Iterable[Entry], codecs: Mapping[str, Codec]) -> Iterable[tuple[Entry, Seen]]:
    """Leave out what is no message of a contract, such as what a user did; what a role sends is of the contract that has the operation."""
    for entry in entries:
        own = [codecs[entry.role]] if entry.direction is Direction.IN else codecs.values()
        codec = next((one for one in own if entry.operation in one.contract.operations), None)
        if codec is not None and entry.direction is not Direction.USER:
            yield entry, seen(entry.role, entry.operation, entry.fields, codec, entry.direction)
