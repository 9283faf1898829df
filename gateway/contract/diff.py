"""What became of a contract between two versions: additive, or breaking for who keeps the old one. Decision 0029 has the reasoning.

A change makes the set of valid messages narrower, wider, or both. The old caller writes requests: a narrower set refuses what it may
send. It reads answers and faults by the old schema: a wider set holds what it does not know. Everything else follows from this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Flag, StrEnum, auto

from lxml import etree

from gateway.contract.document import Contract, Operation
from gateway.contract.schema import ComplexType, Field, SchemaSet


class Effect(Flag):
    """On the set of valid messages."""

    NARROWER = auto()
    WIDER = auto()


BOTH = Effect.NARROWER | Effect.WIDER


class Direction(StrEnum):
    """Which message of an operation, if it is about one."""

    REQUEST = "request"
    ANSWER = "answer"
    FAULT = "fault"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `field` is a path below the message, empty where it is about the whole."""

    contract: str
    operation: str
    direction: Direction
    field: str
    what: str
    breaking: bool


_WHOLE = {"int": 0, "long": 1, "integer": 2}
"""Each holds those before it."""
_AT_MOST = ("maxLength", "maxInclusive")
_AT_LEAST = ("minLength", "minInclusive")


def compare(old: Contract, new: Contract) -> list[Change]:
    """Give all differences, in the order of the old contract's operations, new operations last.

    Where the namespace differs, that is one breaking change, and the rest is compared by local names.
    """
    return list(_Comparison(old, new).changes())


class _Comparison:
    def __init__(self, old: Contract, new: Contract) -> None:
        self._old, self._new = old, new

    def changes(self) -> Iterator[Change]:
        if self._old.namespace != self._new.namespace:
            yield self._plain("", f"namespace {self._old.namespace} became {self._new.namespace}", breaking=True)
        if self._old.address != self._new.address:
            yield self._plain("", f"address {self._old.address} became {self._new.address}", breaking=False)
        for name, operation in self._old.operations.items():
            if name in self._new.operations:
                yield from self._operation(operation, self._new.operations[name])
            else:
                yield self._plain(name, "removed", breaking=True)
        added = (name for name in self._new.operations if name not in self._old.operations)
        yield from (self._plain(name, "added", breaking=False) for name in added)

    def _plain(self, operation: str, what: str, *, breaking: bool) -> Change:
        return Change(self._new.name, operation, Direction.NONE, "", what, breaking)

    def _operation(self, old: Operation, new: Operation) -> Iterator[Change]:
        if old.action.removeprefix(self._old.namespace) != new.action.removeprefix(self._new.namespace):
            yield self._plain(old.name, f"soapAction {old.action} became {new.action}", breaking=True)
        pairs = [(Direction.REQUEST, old.request, new.request), (Direction.ANSWER, old.response, new.response)]
        pairs += [(Direction.FAULT, fault, fault) for fault in old.faults if fault in new.faults]
        for direction, before, after in pairs:
            types = self._old.schemas.element_type(before), self._new.schemas.element_type(after)
            for path, what, effect in self._types(*types, ""):
                hurts = Effect.NARROWER if direction is Direction.REQUEST else Effect.WIDER
                yield Change(self._new.name, old.name, direction, path, what, hurts in effect)
        for fault in sorted({*old.faults} ^ {*new.faults}):
            what = f"fault {etree.QName(fault).localname} {'added' if fault in new.faults else 'removed'}"
            yield self._plain(old.name, what, breaking=False)  # any caller must take any fault

    def _types(self, old: ComplexType, new: ComplexType, path: str) -> Iterator[tuple[str, str, Effect]]:
        before, after = {f.name: f for f in old.fields}, {f.name: f for f in new.fields}
        for name, field in before.items():
            if name in after:
                yield from self._field(field, after[name], f"{path}{name}")
            else:
                yield f"{path}{name}", "removed", BOTH if field.minimum else Effect.NARROWER
        for name, field in after.items():
            if name not in before:
                needed = "required" if field.minimum else "optional"
                yield f"{path}{name}", f"added, {needed}", BOTH if field.minimum else Effect.WIDER
        kept = [name for name in before if name in after]
        if kept != [name for name in after if name in before]:
            yield path.rstrip("/"), "fields stand in another order", BOTH

    def _field(self, old: Field, new: Field, path: str) -> Iterator[tuple[str, str, Effect]]:
        if self._renamed(old.namespace) != new.namespace:
            yield path, f"namespace {old.namespace} became {new.namespace}", BOTH
        if old.minimum != new.minimum:
            effect = Effect.NARROWER if new.minimum > old.minimum else Effect.WIDER
            yield path, f"minOccurs {old.minimum} became {new.minimum}", effect
        if old.maximum != new.maximum:
            wider = new.maximum is None or (old.maximum is not None and new.maximum > old.maximum)
            yield path, f"maxOccurs {_many(old)} became {_many(new)}", Effect.WIDER if wider else Effect.NARROWER
        if old.complex_type is not None and new.complex_type is not None:
            yield from self._types(old.complex_type, new.complex_type, f"{path}/")
        elif old.complex_type is not None or new.complex_type is not None:
            yield path, "a simple value became an element with children, or the reverse", BOTH
        else:
            for what, effect in _values(_facets(self._old.schemas, old), _facets(self._new.schemas, new)):
                yield path, what, effect

    def _renamed(self, namespace: str) -> str:
        return self._new.namespace if namespace == self._old.namespace else namespace


def _many(field: Field) -> str:
    return "unbounded" if field.maximum is None else str(field.maximum)


@dataclass(frozen=True, slots=True)
class _Facets:
    """What a simple value must keep; of bounds that are given twice the tighter one."""

    base: str
    values: frozenset[str] | None
    patterns: tuple[str, ...]
    bounds: dict[str, int]


def _facets(schemas: SchemaSet, field: Field) -> _Facets:
    found = schemas.facets(field.type_name)
    bounds: dict[str, int] = {}
    for name, value in found:
        for bound in ("minLength", "maxLength") if name == "length" else (name,):
            if bound in _AT_MOST:
                bounds[bound] = min(int(value), bounds.get(bound, int(value)))
            elif bound in _AT_LEAST:
                bounds[bound] = max(int(value), bounds.get(bound, int(value)))
    values = frozenset(value for name, value in found if name == "enumeration")
    return _Facets(found[-1][1], values or None, tuple(sorted(v for n, v in found if n == "pattern")), bounds)


def _values(old: _Facets, new: _Facets) -> Iterator[tuple[str, Effect]]:
    if old.base != new.base:
        known = old.base in _WHOLE and new.base in _WHOLE
        effect = BOTH if not known else Effect.WIDER if _WHOLE[new.base] > _WHOLE[old.base] else Effect.NARROWER
        yield f"xs:{old.base} became xs:{new.base}", effect
    if old.values is None or new.values is None:
        if old.values != new.values:
            listed = sorted(old.values or new.values or ())
            became = "any value became one of" if old.values is None else "any value is allowed, no longer only"
            yield f"{became} {', '.join(listed)}", Effect.NARROWER if old.values is None else Effect.WIDER
    else:
        yield from ((f"value {value} added", Effect.WIDER) for value in sorted(new.values - old.values))
        yield from ((f"value {value} removed", Effect.NARROWER) for value in sorted(old.values - new.values))
    if old.patterns != new.patterns:
        # One that is added or taken away is known; of two that differ nobody can say which takes more.
        effect = Effect.NARROWER if not old.patterns else Effect.WIDER if not new.patterns else BOTH
        yield f"pattern {' or '.join(old.patterns) or 'none'} became {' or '.join(new.patterns) or 'none'}", effect
    for name in (*_AT_LEAST, *_AT_MOST):
        before, after = old.bounds.get(name), new.bounds.get(name)
        if before != after:
            tighter = before is None or (after is not None and (after > before) is (name in _AT_LEAST))
            yield f"{name} {_said(before)} became {_said(after)}", Effect.NARROWER if tighter else Effect.WIDER


def _said(bound: int | None) -> str:
    return "none" if bound is None else str(bound)
