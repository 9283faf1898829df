"""Older versions of a contract: their files, and how their messages become those of the version that is served, and back.

A directory holds `<contract>.<version>.wsdl` with its schemas, and beside it `<contract>.<version>.toml`, which says of every field that is
not the same in both what becomes of it. What it leaves out stops start-up: nothing is guessed, nothing that a caller said is lost by
oversight. Must not know who asks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.contract.codec import Codec, Message
from gateway.contract.document import load_contract
from gateway.contract.schema import ComplexType, ContractError, Field

Convert = Callable[[Message], Message]
_KEYS = {"from", "default", "dropped"}


@dataclass(frozen=True, slots=True)
class OlderVersion:
    """A version that is served beside the present one: its contract, its name such as v0, and how its messages are turned."""

    contract: str
    version: str
    codec: Codec
    requests: Mapping[str, Convert]
    """By operation: from the old request to the present one. What comes out may still break the present contract."""
    answers: Mapping[str, Convert]
    """By operation: from the present answer to the old one."""


def older_versions(directory: Path, present: Mapping[str, Codec]) -> list[OlderVersion]:
    """Read all older versions in a directory; raises ContractError, with the file, for what cannot be served."""
    if not directory.is_dir():
        raise ContractError(directory, 1, "the directory of older contracts does not exist")
    paths = [path for path in sorted(directory.glob("*.wsdl")) if not path.stem.endswith(".soap12")]
    return [_version(path, present) for path in paths]


def _version(path: Path, present: Mapping[str, Codec]) -> OlderVersion:
    name, _, version = path.stem.partition(".")
    if not version or name not in present:
        raise ContractError(path, 1, "an older contract is named <contract>.<version>.wsdl, after a contract that is served")
    new, old = present[name], Codec(load_contract(path))
    if old.contract.namespace == new.contract.namespace:
        raise ContractError(path, 1, "an older version has a namespace of its own: by that it is known on the wire")
    missing = old.contract.operations.keys() - new.contract.operations.keys()
    if missing:
        raise ContractError(path, old.contract.operations[min(missing)].line, f"operation {min(missing)} is served no more")
    mapping = _Mapping(path.with_suffix(".toml"))
    requests, answers = {}, {}
    for operation in old.contract.operations.values():
        now = new.contract.operations[operation.name]
        requests[operation.name] = mapping.record(f"{operation.name}.request", (old, operation.request), (new, now.request), strict=True)
        answers[operation.name] = mapping.record(f"{operation.name}.answer", (new, now.response), (old, operation.response), strict=False)
    mapping.finish()
    return OlderVersion(name, version, old, requests, answers)


class _Mapping:
    """One TOML file: tables `[operation.request]` and `[operation.answer]`, whose keys are paths of fields."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            read = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ContractError(path, 1, f"not TOML: {error}") from error
        self._rules: dict[str, dict[str, Any]] = {}
        for operation, sides in read.items():
            for side, fields in sides.items() if isinstance(sides, dict) else [("", None)]:
                for field, rule in fields.items() if isinstance(fields, dict) else [("", None)]:
                    if not isinstance(rule, dict) or not rule or not rule.keys() <= _KEYS:
                        raise self._wrong(f"{operation}.{side}/{field}", 'say {from = "field"}, {default = value} or {dropped = true}')
                    self._rules[f"{operation}.{side}/{field}"] = rule
        self._used: set[str] = set()

    def finish(self) -> None:
        """Refuse rules for fields that there are not."""
        for key in sorted(self._rules.keys() - self._used):
            raise self._wrong(key, "there is nothing of that name to map")

    def record(self, place: str, source: tuple[Codec, str], target: tuple[Codec, str], *, strict: bool) -> Convert:
        """Make the conversion of a message, given by its element; `strict` wants a word about every field that is not passed on."""
        (old, before), (new, after) = source, target
        types = old.contract.schemas.element_type(before), new.contract.schemas.element_type(after)
        return self._record(f"{place}/", types[0], (new, types[1]), strict=strict)

    def _record(self, place: str, source: ComplexType, target: tuple[Codec, ComplexType], *, strict: bool) -> Convert:
        new, new_type = target
        before = {field.name: field for field in source.fields}
        parts: list[tuple[str, Callable[[Message], Any]]] = []
        taken: set[str] = set()
        for field in new_type.fields:
            rule = self._rule(f"{place}{field.name}")
            name = str(rule.get("from", field.name))
            if name in before:
                taken.add(name)
                parts.append((field.name, self._value(f"{place}{field.name}", before[name], (new, field), rule, strict=strict)))
            elif "default" in rule:
                parts.append((field.name, _constant(rule["default"])))
            elif field.minimum:
                raise self._wrong(f"{place}{field.name}", f"it is required, and what it is made of has no {name}: give a default")
        for name in [name for name in before if name not in taken] if strict else []:
            if not self._rule(f"{place}{name}").get("dropped"):
                raise self._wrong(f"{place}{name}", "nothing takes it: map it, or say dropped = true")
        make = new.class_of(new_type)
        return lambda message: make(**{name: value(message) for name, value in parts})

    def _value(
        self, place: str, before: Field, target: tuple[Codec, Field], rule: dict[str, Any], *, strict: bool
    ) -> Callable[[Message], Any]:
        new, after = target
        if before.primitive is not after.primitive or before.repeated is not after.repeated:
            raise self._wrong(place, "it is of another kind in the other version")
        if after.minimum and not before.minimum and "default" not in rule:
            raise self._wrong(place, "it is required in one version and optional in the other: give a default")
        name, default = before.name, rule.get("default")
        if before.complex_type is None or after.complex_type is None:
            if default is None:
                return lambda message: getattr(message, name)
            return lambda message: default if getattr(message, name) in (None, []) else getattr(message, name)
        inner = self._record(f"{place}/", before.complex_type, (new, after.complex_type), strict=strict)
        if before.repeated:
            return lambda message: [inner(part) for part in getattr(message, name)]
        return lambda message: None if getattr(message, name) is None else inner(getattr(message, name))

    def _rule(self, key: str) -> dict[str, Any]:
        if key in self._rules:
            self._used.add(key)
        return self._rules.get(key, {})

    def _wrong(self, place: str, problem: str) -> ContractError:
        return ContractError(self._path, 1, f"{place}: {problem}")


def _constant(value: object) -> Callable[[Message], Any]:
    return lambda _: value
