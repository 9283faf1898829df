"""Paths to fields of a message, such as VProductInfo[0].VProductID: read, held against the contract, and followed through plain values.

Without an index a path into a list means each of its items.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from gateway.contract.schema import ComplexType

_STEP = re.compile(r"([A-Za-z_]\w*)(?:\[(\d{1,6}|\*)\])?")


class PathWrong(ValueError):
    """A path is none, or leads to nothing that the contract has; the text says why."""


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A path; each step is a name, and the place in a list, where one is named."""

    text: str
    steps: tuple[tuple[str, int | None], ...]

    def values(self, fields: Any) -> list[str]:
        """Give the texts that stand there; none where the field is absent."""
        found = [fields]
        for name, place in self.steps:
            inner = [one[name] for one in found if isinstance(one, dict) and name in one]
            found = [item for one in inner for item in _items(one, place)]
        return [text_of(value) for value in found]


def read_path(text: str) -> FieldPath:
    """Read a path; raises PathWrong."""
    steps: list[tuple[str, int | None]] = []
    for part in text.split("."):
        step = _STEP.fullmatch(part)
        if step is None:
            raise PathWrong("expected a path such as ProductNo or VProductInfo[0].VProductID")
        steps.append((step[1], None if step[2] in (None, "*") else int(step[2])))
    return FieldPath(text, tuple(steps))


def why_not(path: FieldPath, made: ComplexType) -> str | None:
    """Say why a path leads nowhere in messages of a type, and what there is; None if it leads somewhere."""
    inside: ComplexType | None = made
    for name, place in path.steps:
        if inside is None:
            return f"{name}: the field before it holds text, not fields"
        fields = {field.name: field for field in inside.fields}
        if name not in fields:
            return f"{inside.name} has no field {name}{nearest(name, fields)}"
        if place is not None and not fields[name].repeated:
            return f"{name} stands once: it takes no [{place}]"
        inside = fields[name].complex_type
    return None


def nearest(name: str, known: Collection[str]) -> str:
    """Say what was perhaps meant, or what there is."""
    close = get_close_matches(name, known, 1, 0.6)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known) or 'none'}"


def text_of(value: Any) -> str:
    """Give a plain value as it stands in a message; that of a group of fields is empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if isinstance(value, dict | list) else str(value)


def _items(value: Any, place: int | None) -> Iterator[Any]:
    if not isinstance(value, list):
        yield value
    elif place is None:
        yield from value
    elif place < len(value):
        yield value[place]
