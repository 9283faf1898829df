"""The form of a case: a rule of the interface with its source, and a small coroutine that tries whether a partner keeps it.

Must not know how messages travel, or what becomes of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.contract import Codec
from gateway.soap.peer import Seal
from stubs.partnerkit.texts import Text
from stubs.partnerkit.tongue import Tongue, Typed

if TYPE_CHECKING:
    from stubs.partnerkit.probe import Probe

Play = Callable[["Probe"], Coroutine[Any, Any, None]]


class Severity(StrEnum):
    """What it means if the rule is not kept."""

    CRITICAL = "critical"
    """Users, money or orders come to harm, or the gateway cannot work with the partner at all."""
    MAJOR = "major"
    """Some messages or situations go wrong."""
    MINOR = "minor"
    """Works, but costs somebody time."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case. Its id is the role's prefix and `number`; below 100 they are the same for all roles."""

    number: int
    title: Text
    rule: Text
    source: str
    """Where the rule stands: step of the operator's document, contract, RFC, WS-I."""
    severity: Severity
    hint: Text
    """How to mend what is usually wrong."""
    play: Play


class CaseList(list[Case]):
    """Cases in the order in which they are run; `case` makes the coroutine below it one of them."""

    def case(
        self, number: int, zh: str, en: str, *, rule: Text, source: str, hint: Text, severity: Severity = Severity.MAJOR
    ) -> Callable[[Play], Play]:
        """Add a case. Its coroutine gets a Probe, sends what it needs, and says what it expects."""

        def add(play: Play) -> Play:
            self.append(Case(number, Text(zh, en), rule, source, severity, hint, play))
            return play

        return add


Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of partner: the contract that it serves, and the cases that it must pass."""

    name: str
    prefix: str
    """Of its case ids, such as X or ISMP-SP."""
    title: Text
    contract: str
    cases: tuple[Case, ...]
    caller: str = "200"
    """SystemId of who calls: the provincial VSOP, if nothing else is said."""
    listens: tuple[str, ...] = ()
    """Contracts of what the partner calls by itself: the kit serves them at /services/CONTRACT."""
    samples: Mapping[str, Fields] = field(default_factory=dict)
    """By operation: what a good request holds beyond what the contract and the test data say. See Samples.request."""
    unsure: frozenset[str] = frozenset()
    """Operations whose good sample may be refused by a ResultCode, as it depends on what was before."""
    queries: frozenset[str] = frozenset()
    """Operations that change nothing: the partner need not remember under which number he was asked."""
    data: Mapping[str, str] = field(default_factory=dict)
    """Test data of the lab for this role, where it is not that of all: see TestData."""
    common: tuple[Case, ...] | None = None
    """The common cases that it must pass; None: all of them."""
    speaks: Callable[[Codec, Seal | None, Path], Tongue] = Typed
    """Makes the form of its messages, of the contract's codec, the credentials, and the directory of contracts."""
    replies: Mapping[str, Fields] = field(default_factory=dict)
    """By operation of `listens`: what the kit's answer holds beyond StreamingNo and ResultCode 0."""

    def case_id(self, case: Case) -> str:
        """Give the id under which a case is reported, such as X-007."""
        return f"{self.prefix}-{case.number:03d}"
