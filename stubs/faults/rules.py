"""Rules: which messages a fault meets, chosen by party, operation, number and count, and by a seed so that a run repeats itself.

Must not know what a fault does, what a message looks like, or any framework.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist

from stubs.faults.catalogue import Fault, Layer, On, Value


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule may know of a message: who is asked or sends, for what, about which number, and its ids."""

    role: str
    operation: str
    number: str = ""
    streaming_no: str = ""
    system: str = ""
    order: str = ""
    on: On = On.ANSWER


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault with its values, and whom it meets. What is None or empty does not choose.

    `share` is a part of 1. Of the messages that fit, counted from 1: only the `first` so many, only each `every`th.
    """

    fault: Fault
    values: Mapping[str, Value] = field(default_factory=dict)
    id: str = ""
    role: str | None = None
    operation: str | None = None
    number: str | None = None
    suffix: str | None = None
    share: float = 1.0
    first: int | None = None
    every: int | None = None
    acts: bool = True
    """Whether the party does what it is asked before the fault shows."""
    seed: int = 0
    on: On = On.ANSWER

    def fits(self, asked: Asked) -> bool:
        """Say whether a message is of those that may meet it."""
        return (
            self.on is asked.on
            and self.role in (None, asked.role)
            and (self.operation == asked.operation if self.operation is not None else _usual(asked))
            and self.number in (None, asked.number)
            and (self.suffix is None or asked.number.endswith(self.suffix))
        )

    def value(self, name: str) -> Value:
        """Give a parameter's value, as set or else its default."""
        parameter = self.fault.parameter(name)
        assert parameter is not None, name
        return self.values.get(name, parameter.default)


CALLBACKS = frozenset({"serverActionResult", "subsInstSynFromISMP", "orderReceipt", "recvRQMessage"})
"""What is a callback where a rule names no operation; a fee check or an order that a party begins is none."""


def _usual(asked: Asked) -> bool:
    return asked.on is On.ANSWER or asked.operation in CALLBACKS


@dataclass(frozen=True, slots=True)
class Met:
    """A fault that meets a message. `count` is how many messages its rule has fitted, which with the seed decides all chance."""

    rule: Rule
    count: int

    @property
    def name(self) -> str:
        """The fault's name."""
        return self.rule.fault.name

    def number(self, name: str) -> float:
        """Give the value of a parameter that is a number."""
        return float(self.rule.value(name))

    def text(self, name: str) -> str:
        """Give the value of a parameter that is a word or a text."""
        return str(self.rule.value(name))

    def seconds(self) -> float:
        """Give how long the wait is, drawn where the rule says so."""
        middle, drawn = self.number("seconds"), draw(self.rule, self.count, "seconds")
        how = self.text("distribution") if self.rule.fault.parameter("distribution") else "fixed"
        if how == "uniform":
            return middle + drawn * max(0.0, self.number("most") - middle)
        if how == "lognormal":
            normal = NormalDist().inv_cdf(min(max(drawn, 1e-9), 1 - 1e-9))
            return min(middle * math.exp(self.number("sigma") * normal), self.number("most"))
        return middle


def draw(rule: Rule, count: int, what: str) -> float:
    """Give a number from 0 up to 1 that follows from seed, rule and count alone: the order of other messages changes nothing."""
    text = f"{rule.seed}/{rule.id}/{rule.fault.name}/{what}/{count}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / (1 << 48)


@dataclass(slots=True)
class Standing:
    """A rule that is set, with how many messages have fitted it and how many it has met."""

    rule: Rule
    fitted: int = 0
    met: int = 0

    def strikes(self, asked: Asked) -> Met | None:
        """Count a message, and say whether it is met."""
        rule = self.rule
        if not rule.fits(asked):
            return None
        self.fitted += 1
        if rule.first is not None and self.fitted > rule.first:
            return None
        if rule.every is not None and self.fitted % rule.every:
            return None
        if rule.share < 1 and draw(rule, self.fitted, "share") >= rule.share:
            return None
        self.met += 1
        return Met(rule, self.fitted)


class UnknownRule(Exception):
    """No rule of this id is set."""


class FaultBook:
    """The rules of one party or set, in order. True if there are any."""

    def __init__(self) -> None:
        self._standing: list[Standing] = []
        self._given = 0

    def __bool__(self) -> bool:
        return bool(self._standing)

    def __iter__(self) -> Iterator[Standing]:
        return iter(self._standing)

    def add(self, rule: Rule) -> Rule:
        """Set a rule after all others, or in the place of the one that has its id; counts begin at 0. Gives it with its id."""
        if not rule.id:
            self._given += 1
            while any(one.rule.id == f"f{self._given}" for one in self._standing):
                self._given += 1
            rule = replace(rule, id=f"f{self._given}")
        standing = Standing(rule)
        for place, one in enumerate(self._standing):
            if one.rule.id == rule.id:
                self._standing[place] = standing
                return rule
        self._standing.append(standing)
        return rule

    def remove(self, rule_id: str) -> None:
        """Take a rule away; raises UnknownRule."""
        for one in self._standing:
            if one.rule.id == rule_id:
                self._standing.remove(one)
                return
        raise UnknownRule(rule_id)

    def clear(self) -> None:
        """Take all rules away; ids begin anew."""
        self._standing.clear()
        self._given = 0

    def wants(self, name: str) -> bool:
        """Say whether a fault is set for any message."""
        return any(one.rule.fault.name == name for one in self._standing)

    def meet(self, asked: Asked, layers: Collection[Layer] = tuple(Layer)) -> tuple[Met, ...]:
        """Give the faults that meet a message, in the order in which they act: the first rule of each layer that strikes.

        A rule behind one that strikes is not asked, so it does not count the message.
        """
        found: dict[Layer, Met] = {}
        for one in self._standing:
            layer = one.rule.fault.layer
            if layer in layers and layer not in found:
                met = one.strikes(asked)
                if met is not None:
                    found[layer] = met
        return tuple(found[layer] for layer in sorted(found))


def described(rule: Rule) -> dict[str, object]:
    """Write a rule as the admin API and a TOML file have it, without what is as if nothing was said."""
    usual = Rule(rule.fault, acts=rule.fault.acts is not False)
    keys = ("role", "operation", "number", "suffix", "share", "first", "every", "acts", "seed")
    said = {key: getattr(rule, key) for key in keys if getattr(rule, key) != getattr(usual, key)}
    on = {} if rule.on is rule.fault.on else {"on": rule.on.value}
    return {"id": rule.id, "fault": rule.fault.name, **said, **on, **rule.values}
