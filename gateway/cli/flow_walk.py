"""Walks through the flows of a section with a sample case and replies of success, and writes down each step that they say.

What the documents, the check against the seed and the matrix of tests know of a section, they know from here: nothing is told twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache

from gateway.admin.legs import awaited_operation, caller_of
from gateway.cli.flow_facts import effect_of, reported, state_of
from gateway.cli.flow_samples import NOON, Sample, passed_on, samples
from gateway.cli.flow_words import ACTS, PARTIES, Words, parties, same, told
from gateway.domain.catalogue_change import CatalogueChange
from gateway.domain.facts import FlowBegun, Matter
from gateway.domain.order import Order
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.user_change import UserChange
from gateway.flows.publication import AUDIT
from gateway.flows.registry import FLOWS, NATIONAL_LEG, SECTION_FLOW, USER_CHANGE
from gateway.flows.sections import SECTIONS, OutsideStep, Section
from gateway.partners.messages import operation_of
from gateway.steps import Activate, Ask, Expect, FeeCheck, ItemReply, Keep, Reply, Step, Tell, TellUser


class Mode(StrEnum):
    """How a message is answered."""

    SYNC = "S"
    """The answer is the result."""
    ASYNC = "A"
    """The answer says accepted; the result follows, as a step of its own where it has a number."""
    NOTICE = "N"
    """Sent until it is received; no result follows."""
    OWN = "own"
    """An act, no message."""
    OUTSIDE = "-"
    """Between others: neither tier takes part."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step, in the terms of a document."""

    number: str
    sender: str
    receiver: str
    text: Words
    """The wire operation, or what is done in words."""
    mode: Mode
    state: tuple[Words, ...] = ()
    result: bool = False
    """It is the answer to an earlier step."""
    calls: bool = False
    """A tier calls somebody."""
    decides: bool = False
    """Whoever is asked may refuse, and the case then ends otherwise."""

    @property
    def outside(self) -> bool:
        """Whether it is a step between others."""
        return self.mode is Mode.OUTSIDE

    @property
    def own(self) -> bool:
        """Whether it is an act and no message."""
        return self.sender == self.receiver


@dataclass(frozen=True, slots=True)
class Walk:
    """A section as its flows run it; `said` are their steps in the order in which they say them, `rows` all steps in the seed's."""

    section: Section
    flow: str
    said: tuple[Row, ...]
    rows: tuple[Row, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of the rows, each once."""
        return tuple(dict.fromkeys(row.number for row in self.rows))

    @property
    def parties(self) -> tuple[str, ...]:
        """Who takes part, in the order in which they stand side by side."""
        met = {party for row in self.rows for party in (row.sender, row.receiver)}
        return tuple(party for party in PARTIES if party in met)


@cache
def walk(section_id: str) -> Walk:
    """Walk through a section; raises KeyError where it has no flow."""
    section = SECTIONS[section_id]
    flow = SECTION_FLOW[section_id]
    said = _joined([(sample.label, _walked(flow, sample)) for sample in samples(section_id)])
    said = [_followed(row, said) for row in said]
    outside = [row for step in section.outside for row in _outside(step, said)]
    rows = sorted([*outside, *said], key=lambda row: row.number.lstrip("+"))
    return Walk(section, flow, tuple(said), tuple(rows))


def _walked(flow: str, sample: Sample) -> list[Row]:
    walker = _Walker()
    for matter in sample.matters:
        walker.run(flow, matter, "ppm" if isinstance(matter, CatalogueChange) else "vsop")
    return walker.rows


def _joined(walks: list[tuple[Words, list[Row]]]) -> list[Row]:
    """Make one list of rows of several samples: what is not the same in all of them is told with the sample's label."""
    first = walks[0][1]
    for _, others in walks:
        assert [(row.number, row.receiver, row.text) for row in others] == [
            (r.number, r.receiver, r.text) for r in first
        ]
    rows = []
    for place, row in enumerate(first):
        states = [(label, rows_of[place].state) for label, rows_of in walks]
        every = dict.fromkeys(state for _, found in states for state in found)
        holders = {state: [label for label, found in states if state in found] for state in every}
        texts = [s if len(labels) == len(walks) else s.after(_listed(labels)) for s, labels in holders.items()]
        rows.append(replace(row, state=tuple(texts)))
    return rows


def _listed(labels: list[Words]) -> Words:
    return Words("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))


def _followed(row: Row, said: list[Row]) -> Row:
    """Say of the message that brings a case whether its caller hears more than the answer."""
    brings = row.mode is Mode.SYNC and not row.calls
    hears_more = any(other.calls and other.receiver == row.sender for other in said)
    return replace(row, mode=Mode.ASYNC) if brings and hears_more else row


@dataclass(slots=True)
class _Case:
    """A flow on its way."""

    matter: Matter
    me: str
    begun: deque[FlowBegun] = field(default_factory=deque)
    """What it began and has not run yet."""
    latest: int = -1
    """The row that it has come to: what it keeps without a number, stands there."""


class _Walker:
    """Performs the steps of flows on paper."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._to_come: list[Words] = []
        """States that hold from the next row on."""

    def run(self, flow: str, matter: Matter, me: str) -> None:
        """Run a flow to its end, and then those that it began."""
        case = _Case(matter, me)
        steps = FLOWS[flow](matter)
        step, first = next(steps), True
        while True:
            reply = self._take(step, case, first=first)
            try:
                step, first = steps.send(reply), False
            except StopIteration:
                break
        self._run_begun(case)

    def _run_begun(self, case: _Case) -> None:
        while case.begun:
            begun = case.begun.popleft()
            self.run(begun.flow, begun.matter, case.me)

    def _take(self, step: Step, case: _Case, *, first: bool) -> Reply:
        match step:
            case Keep():
                self._keep(step, case, first=first)
            case Expect(number=""):  # what this case began must end before it goes on
                self._run_begun(case)
                case.latest = len(self.rows) - 1
            case Expect():
                sender, operation = key_of(step.sender), same(awaited_operation(step.name))
                self._add(
                    case, Row(step.number, sender, case.me, operation, Mode.NOTICE, (reported(case.matter, case.me),))
                )
            case Ask():
                return self._ask(step, case)
            case Tell():
                receiver, operation = key_of(step.to), same(operation_of(step))
                state = effect_of(step.request, receiver)
                decides = isinstance(step.request, TellUser)  # what a platform refuses to hear of, it does not do
                row = Row(step.number, case.me, receiver, operation, Mode.NOTICE, state, calls=True, decides=decides)
                self._add(case, row)
                if step.to == GROUP_VSOP and isinstance(case.matter, UserChange):
                    self.run(USER_CHANGE, passed_on(case.matter), "group")
        return Reply(NOON)

    def _keep(self, step: Keep, case: _Case, *, first: bool) -> None:
        state = [words for fact in step.facts for words in state_of(fact, case.matter, case.me)]
        begun = [fact for fact in step.facts if isinstance(fact, FlowBegun)]
        case.begun.extend(begun)
        if step.number and step.name == "accept" and case.matter.entry:
            sender, operation = key_of(caller_of(case.matter)), same(case.matter.entry)
            self._add(case, Row(step.number, sender, case.me, operation, Mode.SYNC, tuple(state), decides=True))
        elif step.number:
            row = Row(
                step.number, case.me, case.me, ACTS[step.name], Mode.OWN, tuple(state), decides=step.name == AUDIT
            )
            self._add(case, row)
        elif first or begun:
            self._to_come += state
        else:
            self.rows[case.latest] = _with(self.rows[case.latest], state)

    def _ask(self, step: Ask, case: _Case) -> Reply:
        receiver, operation = key_of(step.to), operation_of(step)
        mode = Mode.ASYNC if isinstance(step.request, Activate) else Mode.SYNC
        effect = effect_of(step.request, receiver)
        at_once, later = ((), effect) if step.returns else (effect, ())
        self._add(case, Row(step.number, case.me, receiver, same(operation), mode, at_once, calls=True, decides=True))
        if step.to == GROUP_VSOP and isinstance(case.matter, Order):
            self.run(NATIONAL_LEG, passed_on(case.matter), "group")
        if step.returns:
            text = Words(f"{operation} 结果", f"{operation} result")
            self._add(case, Row(step.returns, receiver, case.me, text, Mode.ASYNC, later, result=True))
        if isinstance(step.request, FeeCheck):
            return Reply(NOON, balance=1)
        products = step.request.product_ids if isinstance(step.request, Activate) else ()
        return Reply(NOON, items=tuple(ItemReply(product, 0) for product in products))

    def _add(self, case: _Case, row: Row) -> None:
        case.latest = len(self.rows)
        self.rows.append(_with(row, self._to_come, before=True))
        self._to_come = []


def key_of(address: Address) -> str:
    """Name the kind of a party; the two tiers of VSOP are two."""
    return "group" if address == GROUP_VSOP else str(address.party)


def _with(row: Row, state: Iterable[Words], *, before: bool = False) -> Row:
    states = (*state, *row.state) if before else (*row.state, *state)
    return replace(row, state=tuple(dict.fromkeys(states)))


_PLATFORMS = (str(Party.XPLATFORM), str(Party.ISMP))
_RESULT = " result"


def _outside(step: OutsideStep, said: list[Row]) -> Generator[Row, None, None]:
    """Give the rows of a step that others take; what all platforms do is a row for each that was told."""
    met = {row.receiver for row in said}
    text = told(step.text)
    if text.en.endswith(_RESULT):
        text = Words(f"{text.en.removesuffix(_RESULT)} 结果", text.en)
    with_us = "vsop" in (step.sender, step.receiver)
    mode = Mode.SYNC if with_us else Mode.OUTSIDE
    decides = step.sender == "vsop" or step.prepaid_only
    for own in [p for p in _PLATFORMS if p in met] if step.sender == "platform" else [""]:
        sender, receiver = own or step.sender, own or step.receiver
        yield Row(step.number, sender, receiver, text, mode, result=text.en.endswith(_RESULT), decides=decides)


def party_names(section: Section) -> dict[str, Words]:
    """Give the names that the parties have in this section."""
    return parties(section.subject)
