"""Routes of the admin API about faults: the catalogue, and which rules are set; how often each has met a message."""

from __future__ import annotations

from typing import Any

from stubs.faults.catalogue import FAULTS, Fault, Parameter, spoils
from stubs.faults.reading import RuleMistakes, read_rule
from stubs.faults.rules import Standing, UnknownRule, described
from stubs.kit.admin_route import (
    ANYTHING,
    NUMBER,
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
)  # fmt: skip
from stubs.kit.errors import ActError

_RULE_KEYS: dict[str, Schema] = {
    "id": {**TEXT, "description": "Of a rule that this one takes the place of, or any new word."},
    "role": {**TEXT, "description": "Party; left out: all of the set."},
    "operation": TEXT,
    "number": {**TEXT, "description": "The whole number of the user, or id of the product or offer."},
    "suffix": {**TEXT, "description": "Its last digits."},
    "share": {**NUMBER, "minimum": 0, "maximum": 1, "description": "Part of the messages that fit."},
    "first": {**WHOLE, "minimum": 1, "description": "Only the first so many that fit."},
    "every": {**WHOLE, "minimum": 1, "description": "Only each so many-th that fits."},
    "acts": {**TRUTH, "description": "Whether the party does what it is asked before the fault shows."},
    "seed": {**WHOLE, "minimum": 0, "description": "Of share and drawn delays: the same seed, the same messages."},
    "on": {"enum": ["answer", "callback"]},
}
_RULE = record({"fault": {"enum": list(FAULTS)}}, _RULE_KEYS, more=True)
_SET = record({"fitted": WHOLE, "met": WHOLE, "rule": _RULE})
_ALL = record({"rules": listed(_SET)})


def routes(running: Running) -> list[Route]:
    """Give the routes of a set."""
    does = _Does(running)
    return [
        Route("GET", "faults/catalogue", "Every fault, with its parameters.", does.catalogue, record({"faults": listed(ANYTHING)})),
        Route("GET", "faults", "The rules that are set, in their order, and how often each has met a message.", does.told, _ALL),
        Route("POST", "faults", "Set a rule: a fault with its parameters, and whom it meets.", does.add, _SET, _RULE, status=201),
        Route("POST", "faults/clear", "Take all rules away.", does.clear, _ALL, record({}, more=True)),
        Route(
            "POST", "faults/clear/{id}", "Take one rule away.", does.remove, _ALL, record({}, more=True), names={"id": "Id of the rule."},
        ),
    ]  # fmt: skip


class _Does:
    def __init__(self, running: Running) -> None:
        self._running = running

    def catalogue(self, asked: Asked) -> Answer:
        return {"faults": [fault_as_json(fault) for fault in FAULTS.values()]}

    def told(self, asked: Asked) -> Answer:
        return {"rules": [_standing(one) for one in self._running.stage.faults.book]}

    def add(self, asked: Asked) -> Answer:
        roles = self._running.roles
        parties = {name: tuple(role.codec.contract.operations) for name, role in roles.items()}
        sent = [operation for codec in self._running.stage.codecs.values() for operation in codec.contract.operations]
        try:
            rule = read_rule(asked.body, parties, sent)
        except RuleMistakes as wrong:
            raise ActError(400, str(wrong)) from None
        rule = self._running.stage.faults.book.add(rule)
        return {"fitted": 0, "met": 0, "rule": described(rule)}

    def clear(self, asked: Asked) -> Answer:
        self._running.stage.faults.book.clear()
        return self.told(asked)

    def remove(self, asked: Asked) -> Answer:
        book = self._running.stage.faults.book
        try:
            book.remove(asked.path["id"])
        except UnknownRule:
            there = ", ".join(one.rule.id for one in book) or "none"
            raise ActError(404, f"no rule {asked.path['id']!r} is set; there are: {there}") from None
        return self.told(asked)


def _standing(one: Standing) -> dict[str, Any]:
    return {"fitted": one.fitted, "met": one.met, "rule": described(one.rule)}


def fault_as_json(fault: Fault) -> dict[str, Any]:
    """Give a fault as the admin API and the command line show it."""
    return {
        "name": fault.name, "layer": fault.layer.name.lower(), "zh": fault.zh, "en": fault.en,
        "on": [one.value for one in spoils(fault)], "acts": fault.acts is not False,
        "parameters": [_parameter(one) for one in fault.parameters],
    }  # fmt: skip


def _parameter(one: Parameter) -> dict[str, Any]:
    return {"name": one.name, "default": one.default, "expected": one.expected(), "unit": one.unit, "zh": one.zh, "en": one.en}
