"""Reads the JSON body of an act: known fields of the right kind, what is needed, and words for the contract's codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from stubs.kit.errors import ActError


class Kind(StrEnum):
    """What a field may hold; the value is for the person who wrote something else."""

    TEXT = "text"
    TEXTS = "a list of texts"
    FLAG = "true or false"
    COUNT = "a number from 1"


Body = Mapping[str, Any]


def check(body: Body, known: Mapping[str, Kind], needed: Iterable[str]) -> None:
    """Raise ActError for a field that is unknown, of another kind, or missing."""
    for name, value in body.items():
        if name not in known:
            raise ActError(400, f"unknown field {name}; there are {', '.join(known)}")
        if not _is(known[name], value):
            raise ActError(400, f"{name}: expected {known[name]}")
    for name in needed:
        if body.get(name) in (None, "", []):
            raise ActError(400, f"{name} is missing")


def code_of(body: Body, name: str, words: Mapping[str, str], default: str | None = None) -> str:
    """Give the contract's code for a word, or for the code itself; `default` is a code, without it the field is needed."""
    value = body.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, str) and value in words:
        return words[value]
    if value in words.values():
        return str(value)
    raise ActError(400, f"{name}: expected {', '.join(words)}")


def _is(kind: Kind, value: object) -> bool:
    if kind is Kind.TEXTS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind is Kind.COUNT:
        return type(value) is int and value > 0
    return isinstance(value, bool if kind is Kind.FLAG else str)
