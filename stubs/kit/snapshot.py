"""Snapshot and restore: all that a set holds as one JSON document, and back. The same state gives the same bytes.

Work under way is not in it: an answer that is not given yet, a report that is being sent. Restoring breaks it off, as a reset does.
Mappings and faults are how a set is set up, not what it holds: they stay as they are, and so do its addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.contract.codec import Message
from stubs.crm_counter import CrmOrders
from stubs.ismp_acts import Configured
from stubs.kit.catalogue import Catalogue
from stubs.kit.goods import Goods
from stubs.kit.journal import Direction, Entry
from stubs.kit.magic import Behaviour
from stubs.kit.portable import NotReadable, Portable
from stubs.kit.recon import Billed
from stubs.kit.role import Stage
from stubs.kit.services import Services
from stubs.kit.world import LEDGERS, Row, Subscriber
from stubs.ppm_publisher import PpmState
from stubs.provisioning import ProvisioningOrders
from stubs.vsop_book import VsopOrders

FORMAT = "vsopgw-stub-snapshot"
VERSION = 1
STORES: dict[str, type[Any]] = {
    one.__name__: one for one in (Services, Catalogue, Billed, Configured, PpmState, CrmOrders, ProvisioningOrders, VsopOrders)
}
"""All that World.keep is asked for, by name."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One StreamingNo that was answered."""

    system: str
    number: str
    fingerprint: str
    answer: Message


@dataclass(frozen=True, slots=True)
class Numbers:
    """The answered and the noticed numbers of one role."""

    answered: list[Answered]
    seen: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Journalled:
    """One entry of the journal; `at` in seconds of the epoch."""

    seq: int
    at: float
    role: str
    operation: str
    direction: Direction
    fields: dict[str, Any]
    trace: str | None
    answer: dict[str, Any] | None
    mapping: str | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """All that a set holds."""

    modes: dict[str, Behaviour]
    next_number: int
    subscribers: dict[str, Subscriber]
    goods: Goods
    ledgers: list[tuple[str, Row]]
    numbers: dict[str, Numbers]
    journal_count: int
    journal: list[Journalled]


def snapshot(stage: Stage) -> dict[str, Any]:
    """Give the document."""
    portable, world = Portable(stage.codecs), stage.world
    numbers = {role: Numbers([Answered(*one) for one in table.answers()], table.seen()) for role, table in sorted(world.answered.items())}
    entries = [
        Journalled(
            one.seq, one.seconds, one.role, one.operation, one.direction, one.fields, one.trace, one.answer, one.mapping, one.faults
        )
        for one in stage.journal.find()
    ]  # fmt: skip
    state = State(
        dict(sorted(stage.modes.items())), stage.numbers.next, world.subscribers, world.goods, world.ledgers(), numbers,
        stage.journal.count, entries,
    )  # fmt: skip
    stores = {name: portable.write(world.keep(kind), kind) for name, kind in STORES.items()}
    return {"format": FORMAT, "version": VERSION, "state": portable.write(state, State), "stores": stores}


def restore(stage: Stage, document: dict[str, Any]) -> None:
    """Put what a document says in place of all that the set holds; raises NotReadable and changes nothing if it cannot."""
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        raise NotReadable("format, version", f"expected {FORMAT} {VERSION}, as POST snapshot gives it")
    stores = document.get("stores")
    if not isinstance(stores, dict) or stores.keys() != STORES.keys() or document.keys() != {"format", "version", "state", "stores"}:
        raise NotReadable("stores", f"expected {', '.join(STORES)}, and beside them format, version and state")
    portable = Portable(stage.codecs)
    state: State = portable.read(document.get("state"), State, "state")
    kept = {kind: portable.read(stores[name], kind, f"stores.{name}") for name, kind in STORES.items()}
    for ledger, _ in state.ledgers:
        if ledger not in LEDGERS:
            raise NotReadable("state.ledgers", f"there is no ledger {ledger}; there are {', '.join(LEDGERS)}")
    stage.stop()
    world = stage.world
    world.replace(subscribers=state.subscribers, goods=state.goods, kept=kept, rows=state.ledgers)
    for role, numbers in state.numbers.items():
        world.answered[role].restore([(one.system, one.number, one.fingerprint, one.answer) for one in numbers.answered], numbers.seen)
    stage.modes.clear()
    stage.modes |= state.modes
    stage.numbers.next = state.next_number
    stage.journal.restore([_entry(one) for one in state.journal], state.journal_count)


def _entry(one: Journalled) -> Entry:
    entry = Entry(one.seq, one.at, one.role, one.operation, one.direction, one.fields, one.trace)
    entry.answer, entry.mapping, entry.faults = one.answer, one.mapping, one.faults
    return entry
