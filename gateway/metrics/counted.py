"""Counts events as they pass to the log: each kind, and of orders the section with them. Must not know what is logged."""

from __future__ import annotations

from gateway.engine.wiring import Events
from gateway.flows.sections import SECTIONS
from gateway.tally import OTHER, kind_of

_BEGUN, _ENDED, _PARKED = "order.accepted", "run.ended", "run.parked"
_OF_ORDERS = frozenset({_BEGUN, _ENDED, _PARKED})


class Counted:
    """Hands events on, and remembers how many there were; implements the Events that rooms tell."""

    __slots__ = ("_events", "accepted", "ended", "kinds", "parked")

    def __init__(self, events: Events) -> None:
        self._events = events
        self.kinds: dict[str, int] = {}
        """Events by name."""
        self.accepted: dict[str, int] = {}
        """Orders by section; also applications of the catalogue, changes of users, repairs: all that has a run."""
        self.ended: dict[tuple[str, str], int] = {}
        """The same by section and kind of result."""
        self.parked: dict[str, int] = {}
        """The same, that wait for a person since their partner was away for too long."""

    def __call__(self, event: str, /, **fields: object) -> None:
        """Count an event and tell it."""
        self.kinds[event] = self.kinds.get(event, 0) + 1
        if event in _OF_ORDERS:
            self._count(event, fields)
        self._events(event, **fields)

    def _count(self, event: str, fields: dict[str, object]) -> None:
        section = str(fields.get("section"))
        if section not in SECTIONS:
            section = OTHER
        if event == _ENDED:
            key = section, kind_of(fields.get("code"))
            self.ended[key] = self.ended.get(key, 0) + 1
            return
        counts = self.accepted if event == _BEGUN else self.parked
        counts[section] = counts.get(section, 0) + 1
