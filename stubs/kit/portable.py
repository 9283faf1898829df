"""State as JSON and back, by the types it is declared with: what is written is what is read, and what is wrong is told by its place.

Classes whose values travel are dataclasses with full types. Must not know what any of them means.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

from gateway.contract import Codec
from gateway.contract.codec import Message
from stubs.kit.journal import as_dict
from stubs.mapping.building import NoMessage, assemble

_PLAIN = (str, int, float, bool)
_LATEST = 253_402_000_000
"""Seconds of the epoch in the year 9999: no later time can be written. All numbers with a fraction are times or spans."""


class NotReadable(Exception):
    """A document is not one of ours; `place` is where, as a path from its root."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")


class Portable:
    """Writes and reads values; messages are of the contracts that it is given."""

    def __init__(self, codecs: Mapping[str, Codec]) -> None:
        self._codecs = {codec.contract.name: codec for codec in codecs.values()}
        self._names = {
            made: (contract, name) for contract, codec in self._codecs.items() for name, made in codec.message_classes.items()
        }

    def write(self, value: Any, hint: Any) -> Any:
        """Give JSON for a value of a type."""
        kind, inner = _kind(hint)
        if hint is Any or hint in _PLAIN or hint is types.NoneType:
            return value
        if kind is types.UnionType:
            return None if value is None else self.write(value, _but_none(hint))
        if kind is list:
            return [self.write(one, inner[0]) for one in value]
        if kind is set:
            return sorted((self.write(one, inner[0]) for one in value), key=json.dumps)
        if kind is tuple:
            return [self.write(one, part) for one, part in zip(value, _parts(inner, len(value)), strict=True)]
        if kind is dict:
            pairs = [(self.write(key, inner[0]), self.write(one, inner[1])) for key, one in value.items()]
            return dict(pairs) if inner[0] is str else [list(pair) for pair in pairs]
        if hint is Message:
            contract, name = self._names[type(value)]
            return {"contract": contract, "type": name, "fields": as_dict(value)}
        if issubclass(hint, Enum):
            return value.value
        return {name: self.write(getattr(value, name), part) for name, part in _fields(hint).items()}

    def read(self, data: Any, hint: Any, place: str) -> Any:
        """Give the value of a type that JSON stands for; raises NotReadable."""
        kind, inner = _kind(hint)
        if hint is Any:
            return data
        if hint in _PLAIN:
            return _plain(data, hint, place)
        if kind is types.UnionType:
            return None if data is None else self.read(data, _but_none(hint), place)
        if kind in (list, set, tuple) or (kind is dict and inner[0] is not str):
            return self._read_list(_listed(data, place), kind, inner, place)
        if not isinstance(data, dict) and not (isinstance(hint, type) and issubclass(hint, Enum)):
            raise NotReadable(place, "expected an object")
        if kind is dict:
            return {key: self.read(one, inner[1], f"{place}.{key}") for key, one in data.items()}
        if hint is Message:
            return self._message(data, place)
        if issubclass(hint, Enum):
            return _enum(data, hint, place)
        return self._record(data, hint, place)

    def _read_list(self, data: list[Any], kind: Any, inner: tuple[Any, ...], place: str) -> Any:
        if kind is dict:
            pairs = [self._pair(one, inner, f"{place}[{count}]") for count, one in enumerate(data)]
            found = dict(pairs)
            if len(found) != len(pairs):
                raise NotReadable(place, "a key stands twice")
            return found
        parts = _parts(inner, len(data)) if kind is tuple else [inner[0]] * len(data)
        if len(parts) != len(data):
            raise NotReadable(place, f"expected {len(parts)} values")
        return kind(self.read(one, part, f"{place}[{count}]") for count, (one, part) in enumerate(zip(data, parts, strict=True)))

    def _pair(self, data: Any, inner: tuple[Any, ...], place: str) -> tuple[Any, Any]:
        if len(_listed(data, place)) != 2:
            raise NotReadable(place, "expected a pair of key and value")
        return self.read(data[0], inner[0], f"{place}[0]"), self.read(data[1], inner[1], f"{place}[1]")

    def _record(self, data: dict[str, Any], hint: Any, place: str) -> Any:
        fields = _fields(hint)
        for name in data.keys() ^ fields.keys():
            raise NotReadable(f"{place}.{name}", "missing" if name in fields else "unknown")
        return hint(**{name: self.read(data[name], part, f"{place}.{name}") for name, part in fields.items()})

    def _message(self, data: dict[str, Any], place: str) -> Message:
        codec, name, fields = self._codecs.get(str(data.get("contract"))), data.get("type"), data.get("fields")
        made = None if codec is None or not isinstance(name, str) else codec.complex_type(name)
        if codec is None or made is None or not isinstance(fields, dict):
            known = ", ".join(sorted(self._codecs))
            raise NotReadable(place, f"expected a message of one of the set's contracts: {known}")
        try:
            return assemble(codec, made, fields)
        except NoMessage as wrong:
            raise NotReadable(place, str(wrong)) from None


@functools.cache
def _fields(hint: Any) -> dict[str, Any]:
    """Give the fields of a dataclass with their types."""
    hints = typing.get_type_hints(hint)
    return {one.name: hints[one.name] for one in dataclasses.fields(hint)}


@functools.cache
def _kind(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    return (dict if origin is Mapping else types.UnionType if origin is typing.Union else origin), inner


def _but_none(hint: Any) -> Any:
    (other,) = (one for one in typing.get_args(hint) if one is not types.NoneType)
    return other


def _parts(inner: tuple[Any, ...], count: int) -> list[Any]:
    """Give the types of a tuple's values."""
    return [inner[0]] * count if len(inner) == 2 and inner[1] is Ellipsis else list(inner)


def _plain(data: Any, hint: Any, place: str) -> Any:
    if hint is float and type(data) in (int, float) and not 0 <= data < _LATEST:
        raise NotReadable(place, "expected a time or a span, in seconds")
    if type(data) is hint or (hint is float and type(data) is int):
        return data
    words = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
    raise NotReadable(place, f"expected {words[hint]}")


def _listed(data: Any, place: str) -> list[Any]:
    if not isinstance(data, list):
        raise NotReadable(place, "expected a list")
    return data


def _enum(data: Any, hint: Any, place: str) -> Any:
    try:
        return hint(data)
    except ValueError:
        raise NotReadable(place, f"expected one of {', '.join(str(one.value) for one in hint)}") from None
