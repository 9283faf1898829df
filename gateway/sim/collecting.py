"""Collects the evidence of a run: the rows of its stores, the ledgers of its partners, and what people and partners were answered."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from gateway.domain.numbers import Number
from gateway.engine.ports import RunState
from gateway.sim.evidence import Answered, Evidence, PartnerRows, read_tier
from gateway.sim.people import Counter
from gateway.sim.setting import Setting
from gateway.store.memory import MemoryStore
from stubs.kit.host import StubHost
from stubs.kit.journal import Direction
from stubs.kit.world import LEDGERS, World

T = TypeVar("T")

_BRINGS = {
    "workListFKToVSOP": "OrderId", "submitProductApplication": "ApplicationId", "submitOfferApplication": "ApplicationId",
    "submitStateChange": "ApplicationId", "prodInfoSynFromISMP": "StreamingNo", "offerInfoSynFromISMP": "StreamingNo",
}  # fmt: skip
"""What brings a matter, and the field under which its sender knows it."""


def collect(
    setting: Setting, disks: Mapping[str, MemoryStore], partners: Mapping[str, StubHost], people: Mapping[str, Counter]
) -> Evidence:
    """Collect what is judged; all by the name of the gateway that it stands beside."""
    numbers: dict[Number, str] = {user.number: name for name in disks for user in setting.users_of(name)}
    answered = [
        Answered(t.gateway, t.operation, t.system, t.streaming_no, t.order_id, t.content, tuple(code for _, code in t.answers))
        for counter in people.values()
        for t in counter.told
    ]
    answered += [one for name, host in partners.items() for one in _partners_answers(name, host)]
    known_as = [(one.system, one.order_id) for one in answered if one.order_id]
    tiers = {
        name: at_once(read_tier(disk, name, setting.gateways[name].gateway.province, numbers, known_as))
        for name, disk in disks.items()
    }
    rows = {name: _rows(name, host.stage.world) for name, host in partners.items()}
    refusals = [f"{name}: {text}" for name, counter in people.items() for text in counter.refusals]
    of_numbers = {number.digits: name for number, name in numbers.items()}
    return Evidence(tiers, rows, answered, setting.national, of_numbers, refusals)


def open_runs(disk: MemoryStore) -> int:
    """Count the runs that have neither ended nor wait for a person."""
    counts = at_once(disk.counts())
    return counts[RunState.RUNNING] + counts[RunState.WAITING]


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Give what a coroutine brings that never waits."""
    try:
        work.send(None)
    except StopIteration as end:
        found: T = end.value
        return found
    raise RuntimeError("it waits")


def _rows(name: str, world: World) -> PartnerRows:
    services = world.services
    active = [
        {"number": one.number, "product": one.product, "role": one.role, "suspended": services.is_suspended(one)}
        for one in services.active.values()
    ]
    return PartnerRows(name, {ledger: [row.as_json() for row in world.ledger(ledger)] for ledger in LEDGERS}, active)


def _partners_answers(gateway: str, host: StubHost) -> list[Answered]:
    """Give what partners were answered to requests that bring an order or an application."""
    found: dict[str, Answered] = {}
    for entry in host.stage.journal.find():
        if entry.direction is Direction.OUT and entry.operation in _BRINGS:
            fields, answer = entry.fields, entry.answer or {}
            code = (int(answer["ResultCode"]),) if "ResultCode" in answer else ()
            before = found.get(fields["StreamingNo"])
            found[fields["StreamingNo"]] = Answered(
                gateway, entry.operation, fields["SystemId"], fields["StreamingNo"], fields[_BRINGS[entry.operation]],
                "", code if before is None else before.codes + code,
            )  # fmt: skip
    return list(found.values())
