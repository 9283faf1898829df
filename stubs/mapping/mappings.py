"""The mappings of one set: which one answers a request, and where its scenarios stand; in WireMock's order. Makes no answer.

The lowest priority goes first, among equals the newest. Scenarios begin in state Started.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from stubs.mapping.model import STARTED, Seen, StubMapping


class Mappings:
    """All mappings of a set, and where its scenarios stand; empty, it is false."""

    def __init__(self) -> None:
        self._all: dict[str, StubMapping] = {}
        self._first: list[StubMapping] = []
        self._in_turn: dict[tuple[str, str], list[StubMapping]] = {}
        self._states: dict[str, str] = {}
        self._served: defaultdict[str, int] = defaultdict(int)
        self._given = 0

    def __bool__(self) -> bool:
        return bool(self._all)

    @property
    def all(self) -> list[StubMapping]:
        """In the order in which they were added."""
        return list(self._all.values())

    @property
    def states(self) -> dict[str, str]:
        """The state of each scenario that a mapping names."""
        return {name: self._states.get(name, STARTED) for name in self.scenarios()}

    def load(self, mappings: Iterable[StubMapping]) -> None:
        """Take mappings of files, which come back with a reset."""
        self._first += mappings
        for mapping in self._first:
            self._all[mapping.id] = mapping
        self._sort()

    def next_id(self) -> str:
        """Give an id that no mapping has."""
        self._given += 1
        while f"mapping-{self._given}" in self._all:
            self._given += 1
        return f"mapping-{self._given}"

    def get(self, mapping_id: str) -> StubMapping | None:
        """Find a mapping."""
        return self._all.get(mapping_id)

    def put(self, mapping: StubMapping) -> None:
        """Add a mapping, or take it in place of the one with its id: it is the newest now."""
        self._all.pop(mapping.id, None)
        self._all[mapping.id] = mapping
        self._sort()

    def remove(self, mapping_id: str) -> bool:
        """Take a mapping away; says whether there was one."""
        gone = self._all.pop(mapping_id, None) is not None
        self._sort()
        return gone

    def clear(self) -> None:
        """Take all mappings away, also those of files, until a reset."""
        self._all.clear()
        self._sort()

    def reset(self) -> None:
        """Go back to the mappings of files; all scenarios are Started, nothing was served."""
        self._all = {mapping.id: mapping for mapping in self._first}
        self._states.clear()
        self._served.clear()
        self._sort()

    def served(self, mapping: StubMapping) -> int:
        """How many requests a mapping has answered."""
        return self._served[mapping.id]

    def scenarios(self) -> dict[str, list[str]]:
        """Give each scenario's possible states, Started first."""
        found: dict[str, list[str]] = {}
        for mapping in self._all.values():
            if mapping.scenario is not None:
                states = found.setdefault(mapping.scenario, [STARTED])
                states += [s for s in (mapping.required_state, mapping.new_state) if s is not None and s not in states]
        return found

    def set_state(self, scenario: str, state: str) -> None:
        """Let a scenario be in a state."""
        self._states[scenario] = state

    def reset_scenarios(self) -> None:
        """Let all scenarios be in state Started."""
        self._states.clear()

    def find(self, seen: Seen) -> tuple[StubMapping, str] | None:
        """Give the mapping for a request, with the state of its scenario, which then moves on."""
        for mapping in self._in_turn.get((seen.role, seen.operation), ()):
            if mapping.in_state(self._states) and mapping.request.met(seen):
                state = self._states.get(mapping.scenario or "", STARTED)
                if mapping.new_state is not None and mapping.scenario is not None:
                    self._states[mapping.scenario] = mapping.new_state
                self._served[mapping.id] += 1
                return mapping, state
        return None

    def _sort(self) -> None:
        turn: dict[tuple[str, str], list[StubMapping]] = {}
        for mapping in reversed(self._all.values()):
            turn.setdefault((mapping.request.role or "", mapping.request.operation or ""), []).append(mapping)
        for mappings in turn.values():
            mappings.sort(key=lambda mapping: mapping.priority)  # the sort is stable: the newest stay first
        self._in_turn = turn
