"""What a rule is and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from lxml import etree

Subject = TypeVar("Subject")

Hit = tuple[etree._Element | int, str]
"""Where a rule is broken, as an element or a line, and by what: a name or a value of the file."""

PROFILE = "WS-I Basic Profile 1.1"
BINDING = "WS-I Simple SOAP Binding Profile 1.0"
HOUSE = "wsdl/README.md"


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """One demand: its id in its source, what it demands in both languages, and the function that finds where it is broken."""

    id: str
    source: str
    zh: str
    en: str
    check: Callable[[Subject], Iterator[Hit]]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One place where a rule is broken; `what` is the name or value that breaks it."""

    path: Path
    line: int
    rule: str
    what: str
    zh: str
    en: str
    source: str


class Rules(Generic[Subject]):
    """The rules over one kind of subject, in the order in which they are written."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.all: list[Rule[Subject]] = []

    def __call__(
        self, rule_id: str, zh: str, en: str, source: str = ""
    ) -> Callable[[Callable[[Subject], Iterator[Hit]]], Callable[[Subject], Iterator[Hit]]]:
        """Make the decorated function the check of a rule."""

        def note(check: Callable[[Subject], Iterator[Hit]]) -> Callable[[Subject], Iterator[Hit]]:
            self.all.append(Rule(rule_id, source or self._source, zh, en, check))
            return check

        return note


def found(rule: Rule[Subject], subject: Subject, path: Path) -> Iterator[Finding]:
    """Run one rule."""
    for place, what in rule.check(subject):
        line = place if isinstance(place, int) else place.sourceline or 1
        yield Finding(path, line, rule.id, what, rule.zh, rule.en, rule.source)
