"""The file that [numbers] names: which province each number belongs to. Must not know how the plan is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gateway.config.forms import did_you_mean
from gateway.config.sources import ConfigMistakes, Document, Mistake
from gateway.domain.numbers import NumberPlan
from gateway.domain.party import NATIONAL, PROVINCES

_KEYS = {
    "mobile": (re.compile(r"1[0-9]{6}"), "the first 7 digits of a mobile number"),
    "fixed": (re.compile(r"0[0-9]{2,3}"), "an area code: 0 and 2 or 3 digits"),
    "ported": (re.compile(r"1[0-9]{10}|0[0-9]{9,11}"), "a whole number: 11 digits, or a fixed line with area code"),
}


def read_number_plan(path: Path) -> NumberPlan:
    """Read a plan; raises ConfigMistakes with all that is wrong. No mistake's text repeats a ported number."""
    document = Document(path)
    mistakes = [
        Mistake(document.name, document.line((name,)), f"unknown table {name}{did_you_mean(name, _KEYS)}")
        for name in document.table
        if name not in _KEYS
    ]
    tables = {name: _table(document, name, mistakes) for name in _KEYS}
    if mistakes:
        raise ConfigMistakes(mistakes)
    return NumberPlan(**tables)


def _table(document: Document, name: str, mistakes: list[Mistake]) -> Mapping[str, str]:
    form, expected = _KEYS[name]
    table = document.table.get(name, {})
    if not isinstance(table, dict):
        mistakes.append(Mistake(document.name, document.line((name,)), f"{name} must be a table: [{name}]"))
        return {}
    for key, province in table.items():
        if not form.fullmatch(key):
            mistakes.append(Mistake(document.name, document.line((name, key)), f"a key of [{name}] must be {expected}"))
        if not isinstance(province, str) or province not in PROVINCES or province == NATIONAL:
            problem = 'a number belongs to a province id of two digits in quotes, such as "15"'
            mistakes.append(Mistake(document.name, document.line((name, key)), problem))
    return table
