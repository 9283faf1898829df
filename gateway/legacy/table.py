"""What a row of a mapping table can say; the tables themselves stand in strings.py and ismp.py.

A table is read in both directions: an old message becomes a typed one where we are asked, a typed one an old one where we ask. Must
not know how either is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Form(StrEnum):
    """How a value is written in old messages."""

    TEXT = "text"
    TIME = "time"
    """yyyyMMddHHmmss in typed ones; old ones also leave the seconds or the time of day out, or write yyyy-MM-dd HH:mm:ss."""
    DAY = "day"
    """yyyyMMdd; old ones may write a time."""


class Known(StrEnum):
    """What a typed message needs and an old one does not carry: it is known from elsewhere."""

    NOW = "the time of arrival"
    SYSTEM = "the system that is configured for the dialect"
    ORDER = "the order that the Routing header block names, else the number of the message"


@dataclass(frozen=True, slots=True)
class Row:
    """One field: `old` name, `new` name; inner rows where it holds fields. Without `new` it is read and left out."""

    old: str
    new: str = ""
    form: Form = Form.TEXT
    values: Mapping[str, str] = field(default_factory=dict)
    """Old to new, where the two differ."""
    inner: tuple[Row, ...] = ()
    known: Known | str | None = None
    """Where the value comes from when there is no old field; a text is always the same."""
    says: str = ""
    """What an old message of ours always has there."""
    otherwise: str = ""
    """The old field that stands in where this one is absent or says nothing."""


@dataclass(frozen=True, slots=True)
class Head:
    """What every answer of a dialect begins with; no `desc` where the dialect has none."""

    number: str
    code: str
    desc: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One old operation and the typed one that it stands for."""

    service: str
    """Last word of its address."""
    operation: str
    request: str
    response: str
    """The elements of its two messages."""
    contract: str
    typed: str
    ask: tuple[Row, ...]
    tell: tuple[Row, ...] = ()
    """The answer, but for its head."""
    failure: str = "1"
    """What a refusal is called in an answer."""
    also: tuple[str, ...] = ()
    """Other names of the operation or of its request that are seen."""
    each: str = ""
    """The typed field of which an old message holds one; several are several messages, and each has its result."""
    when: tuple[str, ...] = ()
    """ActionTypes of the typed request that it is for; none: all."""
    served: bool = True
    """Whether the old message says all that the typed one needs; otherwise it is only sent."""
    names: frozenset[str] = field(init=False)
    """All names by which it may be asked."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset({self.operation, self.request, *self.also}))


# ---- the words in which tables are written ---------------------------------------------------------------------------


def same(*names: str) -> tuple[Row, ...]:
    """Fields that are called and written alike."""
    return tuple(Row(name, name) for name in names)


def named(old: str, new: str) -> Row:
    """Give a field that has another name now."""
    return Row(old, new)


def either(old: str, otherwise: str, new: str) -> Row:
    """Give a field that old messages may leave out, as another of theirs says the same then."""
    return Row(old, new, otherwise=otherwise)


def times(*names: str) -> tuple[Row, ...]:
    """Points in time under the same name."""
    return tuple(Row(name, name, Form.TIME) for name in names)


def coded(old: str, new: str = "", **values: str) -> Row:
    """Give a field whose values differ, as _OLD="NEW"."""
    return Row(old, new or old, values={name.removeprefix("_"): value for name, value in values.items()})


def many(old: str, *inner: Row, new: str = "") -> Row:
    """Give a field that holds fields, once or more often."""
    return Row(old, new or old, inner=inner)


def within(new: str, *inner: Row) -> Row:
    """Give fields that stand side by side in an old message and inside one field in a typed one."""
    return Row("", new, inner=inner)


def unused(*names: str) -> tuple[Row, ...]:
    """Fields that old messages may carry and nothing is done with."""
    return tuple(Row(name) for name in names)


def known(new: str, source: Known | str) -> Row:
    """Give a typed field that no old field says."""
    return Row("", new, known=source)


def always(old: str, text: str) -> Row:
    """Give an old field that never says anything else."""
    return Row(old, says=text)
