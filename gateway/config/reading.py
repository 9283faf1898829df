"""Reads one section after the other by its class and collects what is wrong with each.

Must not know what a section is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from gateway.config.derived import DERIVED, Derived
from gateway.config.forms import Form, Unfit, did_you_mean
from gateway.config.sections import PARTNERS, SECTIONS
from gateway.config.sources import FromText, Keys, Settings

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = ("province", "tier", "name")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a section: its field, how it is written, and its default if there is one."""

    field: str
    form: Form
    default: Any
    derived: Derived | None

    @property
    def written(self) -> str:
        """The key in the file: the field's name, and the unit of a duration."""
        return self.field + self.form.suffix


@cache
def keys_of(section: str, kind: type) -> tuple[Key, ...]:
    """List the keys of a section in the order of its fields."""
    return tuple(_keys(section, kind))


def _keys(section: str, kind: type) -> Iterator[Key]:
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        hint = hints[field.name]
        assert get_origin(hint) is Annotated
        form = get_args(hint)[1]
        default = field.default if form.entries is None else {}
        yield Key(field.name, form, default, DERIVED.get(f"{section}.{field.name}"))


class Unread(LookupError):
    """A value that is made of one that is wrong; that one has been blamed."""


class Values(dict[str, Any]):
    """Good values by section and field: "gateway.port". Raises Unread for any other."""

    def __missing__(self, key: str) -> Any:
        raise Unread(key)


class Reading:
    """What has been read so far."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.values = Values()

    def section(self, section: str, kind: type) -> None:
        """Read a section of its own name into `values`."""
        table = self.table((section,), self.settings.table.get(section, {}))
        if table is None:
            return
        for field, value in self.fields((section,), table, section, kind):  # a field may be made of the one before
            self.values[f"{section}.{field}"] = value

    def table(self, place: Keys, value: object) -> Mapping[str, Any] | None:
        """Take a value as a table; anything else is a mistake, and None."""
        if isinstance(value, dict):
            return value
        self.settings.blame(place, f"{'.'.join(place)} must be a section: [{'.'.join(place)}]")
        return None

    def fields(
        self, place: Keys, table: Mapping[str, Any], section: str, kind: type, **known: object
    ) -> Iterator[tuple[str, Any]]:
        """Give field and value of each key that is good; `known` is what derived defaults may need besides `values`."""
        keys = keys_of(section, kind)
        for key in keys:
            here = (*place, key.written)
            if key.form.entries is not None:
                yield key.field, self._entries(here, key.form.entries, table.get(key.written, {}))
                continue
            try:
                yield key.field, self._value(here, key, table, known)
            except Unfit as problem:
                self.settings.blame(here, f"{'.'.join(here)} {problem}")
            except Unread:
                continue
        self._unknown(place, table, [key.written for key in keys])

    def top(self) -> None:
        """Blame sections that do not exist."""
        self._unknown((), self.settings.table, [*SECTIONS, PARTNERS])

    def checked(self, place: str, check: Callable[[Mapping[str, Any]], None]) -> None:
        """Judge values against each other; a check that finds them at odds raises Unfit."""
        try:
            check(self.values)
        except Unfit as problem:
            self.settings.blame(tuple(place.split(".")), f"{place} {problem}")
        except Unread:
            return

    def _value(self, here: Keys, key: Key, table: Mapping[str, Any], known: Mapping[str, object]) -> Any:
        if key.written in table:
            given = table[key.written]
            if isinstance(given, FromText):
                given = key.form.from_text(given.text)
            if isinstance(given, list):
                given = [self._fill(each) if isinstance(each, str) else each for each in given]
            return key.form.read(self._fill(given) if isinstance(given, str) else given)
        if key.derived is not None:
            return key.derived.make(Values(self.values, **known))
        if key.default is not MISSING:
            return key.default
        raise Unfit(f"is missing: {key.form.expected}")

    def _entries(self, here: Keys, form: Form, value: object) -> Mapping[str, Any]:
        """Read a table with keys of the user's own; what is wrong in it is blamed and left out."""
        good = {}
        for name, given in (self.table(here, value) or {}).items():
            try:
                good[name] = form.read(form.from_text(given.text) if isinstance(given, FromText) else given)
            except Unfit as problem:
                self.settings.blame((*here, name), f"{'.'.join((*here, name))} {problem}")
        return MappingProxyType(good)

    def _fill(self, text: str) -> str:
        """Replace {province}, {tier} and {name}, so that one file serves every province."""

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name not in _PLACEHOLDERS:
                raise Unfit(f"has an unknown placeholder {found[0]}; there are {{province}}, {{tier}} and {{name}}")
            if f"gateway.{name}" not in self.values and not self.settings.mistakes:
                raise Unfit(f"cannot be made of {found[0]}, which is not known before it")
            return str(self.values[f"gateway.{name}"])

        return _PLACEHOLDER.sub(value, text)

    def _unknown(self, place: Keys, table: Mapping[str, Any], known: list[str]) -> None:
        kind = "key" if place else "section"
        for name in table:
            if name not in known:
                here = (*place, name)
                self.settings.blame(here, f"unknown {kind} {'.'.join(here)}{did_you_mean(name, known)}")
