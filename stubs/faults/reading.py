"""Rules as people write them: objects of the admin API, `name=value` words, tables of TOML; every mistake with its key or its line.

Must not know how a rule works.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Any

from stubs.faults.catalogue import FAULTS, Fault, Kind, On, Parameter, Value, spoils
from stubs.faults.rules import Rule

KEYS = ("fault", "id", "role", "operation", "number", "suffix", "share", "first", "every", "acts", "seed", "on")
"""Of every rule; beside them stand the parameters of its fault."""
LISTED = 20
"""Names that are all told beside the one that was probably meant."""
MOST_COUNT = 1_000_000_000
_TABLE = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?")

Parties = Mapping[str, Collection[str]]
"""The operations that each party answers."""


class RuleMistakes(Exception):
    """A rule is wrong; `mistakes` are (key, what is wrong) pairs."""

    def __init__(self, mistakes: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{key}: {text}" for key, text in mistakes))
        self.mistakes = mistakes


def read_rule(written: object, parties: Parties | None, operations: Collection[str] = ()) -> Rule:
    """Read one rule; `parties` are those that there are, None if nobody knows here; `operations` are more, that they send.

    Raises RuleMistakes with everything that is wrong.
    """
    if not isinstance(written, dict):
        raise RuleMistakes([("fault", "expected a table such as { fault = 'delay', seconds = 3 }")])
    fault = FAULTS.get(str(written.get("fault")))
    if fault is None:
        raise RuleMistakes([("fault", _unknown("fault", written.get("fault"), FAULTS))])
    reader = _Reader(written)
    rule = reader.rule(fault, parties, operations)
    if reader.mistakes:
        raise RuleMistakes(reader.mistakes)
    return rule


class _Reader:
    """Collects mistakes while it reads, so that all are told at once."""

    def __init__(self, written: Mapping[str, Any]) -> None:
        self._written = written
        self.mistakes: list[tuple[str, str]] = []

    def rule(self, fault: Fault, parties: Parties | None, operations: Collection[str]) -> Rule:
        names = [one.name for one in fault.parameters]
        for key in self._written:
            if key not in KEYS and key not in names:
                self.mistakes.append((key, _unknown("key", key, (*names, *KEYS))))
        on = self._on(fault)
        role = self._text("role")
        if role is not None and parties is not None and role not in parties:
            self.mistakes.append(("role", _unknown("party", role, parties)))
        operation = self._text("operation")
        if operation is not None and parties is not None:
            self._judge_operation(operation, parties.get(role or "") or [name for names in parties.values() for name in names], operations)
        return Rule(
            fault, {one.name: self._value(one) for one in fault.parameters if one.name in self._written},
            id=self._text("id") or "", role=role, operation=operation, number=self._digits("number"), suffix=self._digits("suffix"),
            share=self._number("share", 0, 1, 1.0), first=self._count("first"), every=self._count("every"), acts=self._acts(fault),
            seed=self._count("seed", 0) or 0, on=on,
        )  # fmt: skip

    def _on(self, fault: Fault) -> On:
        there = spoils(fault)
        said = self._written.get("on", there[0].value)
        if said in [one.value for one in there]:
            return On(said)
        self.mistakes.append(("on", f"{fault.name} spoils {' or '.join(one.value for one in there)}"))
        return there[0]

    def _judge_operation(self, operation: str, own: Collection[str], sent: Collection[str]) -> None:
        there = [*dict.fromkeys((*own, *sent))]
        if there and operation not in there:  # of a set that is not up yet they are not known
            self.mistakes.append(("operation", _unknown("operation", operation, there)))

    def _acts(self, fault: Fault) -> bool:
        if "acts" not in self._written:
            return fault.acts is not False
        said = self._written["acts"]
        if not isinstance(said, bool):
            self.mistakes.append(("acts", "expected true or false"))
        elif fault.acts is None and not said:
            self.mistakes.append(("acts", f"{fault.name} needs the party's answer, so it acts"))
        return said is True

    def _text(self, key: str) -> str | None:
        value = self._written.get(key)
        if value is not None and not (isinstance(value, str) and re.fullmatch(r"[\w.-]{1,40}", value)):
            self.mistakes.append((key, "expected a word of letters, digits, . and -"))
            return None
        return value

    def _digits(self, key: str) -> str | None:
        value = self._written.get(key)
        if value is not None and not (isinstance(value, str) and re.fullmatch(r"\w{1,32}", value, re.ASCII)):
            self.mistakes.append((key, 'expected the digits of a number (or a product\'s id) as a text, such as "18907910001"'))
            return None
        return value

    def _number(self, key: str, least: float, most: float, usual: float) -> float:
        value = self._written.get(key, usual)
        if type(value) not in (int, float) or not least <= value <= most:
            self.mistakes.append((key, f"expected a number from {least:g} to {most:g}"))
            return usual
        return float(value)

    def _count(self, key: str, least: int = 1) -> int | None:
        value = self._written.get(key)
        if value is not None and (type(value) is not int or not least <= value <= MOST_COUNT):
            self.mistakes.append((key, f"expected a whole number from {least} on"))
            return None
        return value

    def _value(self, parameter: Parameter) -> Value:
        value = self._written[parameter.name]
        if _is(parameter, value):
            return value  # type: ignore[no-any-return]  # what _is has looked at
        self.mistakes.append((parameter.name, f"expected {parameter.expected()}"))
        return parameter.default


def _is(parameter: Parameter, value: object) -> bool:
    if parameter.kind is Kind.CHOICE:
        return value in parameter.choices
    if parameter.kind is Kind.TEXT:
        fits = isinstance(value, str) and len(value) <= parameter.most and value.isprintable()
        return fits and re.fullmatch(parameter.pattern, str(value)) is not None
    if type(value) is int or (type(value) is float and parameter.kind is Kind.NUMBER):
        return parameter.least <= value <= parameter.most
    return False


def _unknown(what: str, name: object, there: Collection[str]) -> str:
    near = difflib.get_close_matches(str(name), there, 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    if near and len(there) > LISTED:
        return f"no {what} {name!r}{meant}"
    return f"no {what} {name!r}{meant}; there are {', '.join(there) or 'none'}"


def read_words(words: Collection[str]) -> dict[str, Any]:
    """Read `name=value` words of a command line into what `read_rule` takes; raises RuleMistakes for one that is none.

    What looks like a number is one, but for number, suffix, id and texts of faults.
    """
    found: dict[str, Any] = {}
    mistakes = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            mistakes.append((word, "expected name=value"))
        found[name] = _typed(name, value)
    if mistakes:
        raise RuleMistakes(mistakes)
    return found


_TEXTS = {"id", "number", "suffix"} | {
    one.name for fault in FAULTS.values() for one in fault.parameters if one.kind in (Kind.TEXT, Kind.CHOICE)
}  # fmt: skip


def _typed(name: str, value: str) -> Any:
    if name in _TEXTS:
        return value
    if value in ("true", "false"):
        return value == "true"
    if re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        return int(value)
    return float(value) if re.fullmatch(r"-?\d{0,18}\.\d{1,18}", value, re.ASCII) else value


def read_rules(
    written: object, text: str, table: str, parties: Parties | None, count: int = 0
) -> tuple[list[Rule], list[tuple[int, str]]]:
    """Read the rules under `faults` of the table [[`table`]] number `count` (from 0) of a TOML file whose text is given.

    `table` is `faults` where they stand at the file's top. Gives the rules, and the mistakes with their lines.
    """
    if not isinstance(written, list):
        return [], [(_line(text, table, count, 0, ""), "faults: expected a list of tables such as { fault = 'delay', seconds = 3 }")]
    rules, mistakes = [], []
    for place, one in enumerate(written):
        try:
            rules.append(read_rule(one, parties))
        except RuleMistakes as wrong:
            told = [(key, f"rule {place + 1} of faults: {key}: {said}") for key, said in wrong.mistakes]
            mistakes += [(_line(text, table, count, place, key), said) for key, said in told]
    return rules, mistakes


def _line(text: str, table: str, count: int, place: int, key: str) -> int:
    """Find the line of a rule's key, else of the rule, else of the list: rules stand in [[table.faults]] or in a list `faults`."""
    lines = _inside(text.splitlines(), table, count)
    starts = [number for number, line in lines if re.search(r"\bfault\s*=", line)]
    if place >= len(starts):
        return starts[-1] if starts else next((number for number, line in lines if re.match(r"\s*faults\s*=", line)), lines[0][0])
    end = starts[place + 1] if place + 1 < len(starts) else lines[-1][0] + 1
    own = [(number, line) for number, line in lines if starts[place] <= number < max(end, starts[place] + 1)]
    named = [number for number, line in own if re.search(rf"\b{re.escape(key)}\s*=", line)]
    return named[0] if key and named else starts[place]


def _inside(lines: list[str], table: str, count: int) -> list[tuple[int, str]]:
    """Give the lines of one of the tables of a name, those of its own tables included, numbered from 1."""
    found: list[tuple[int, str]] = []
    if table == "faults":
        return list(enumerate(lines, 1)) or [(1, "")]
    seen = -1
    for number, line in enumerate(lines, 1):
        header = _TABLE.match(line)
        if header is not None and not line.lstrip().startswith(f"[[{table}.") and not line.lstrip().startswith(f"[{table}."):
            seen += header[1] == table
            if header[1] != table and seen >= count:
                break
        if seen == count:
            found.append((number, line))
    return found or [(1, "")]
