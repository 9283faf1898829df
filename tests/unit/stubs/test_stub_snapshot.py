"""A snapshot is all that a set holds: restored, here or in another set, it gives the same bytes again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stub_rig import Rig

from gateway.contract.document import operation_names
from stubs.kit.snapshot import STORES, snapshot
from stubs.roles import ROLES

ROOT = Path(__file__).parents[3]
WORLD = tuple(ROOT / "etc/lab" / name for name in ("subscribers.toml", "catalogue.toml", "parties.toml"))
CALLS = [
    (role.name, operation) for role in ROLES.values() for operation in operation_names(ROOT / "wsdl" / f"{role.contract}.wsdl")
]  # fmt: skip


def rig() -> Rig:
    return Rig(ROOT, {}, world=WORLD)


def send(one: Rig, role: str, operation: str, number: int) -> bytes:
    """Send an example under a StreamingNo of its own; the answer may be owed still."""
    example = (ROOT / "wsdl/examples" / ROLES[role].contract / f"{operation}.xml").read_bytes()
    body = re.sub(rb"(StreamingNo>)[0-9]+<", rb"\g<1>200202601011200%011d<" % number, example, count=1)
    line = one.line()
    line.send("POST", f"/services/{role}", body)
    return b"" if line.silent else line.answer()[1]


def document(one: Rig) -> dict[str, Any]:
    status, found = one.api("POST", "snapshot", {})
    assert status == 200
    return dict(found)


@pytest.mark.parametrize("at", [1e300, -1e12, float("nan"), float("inf")])
def test_time_that_cannot_be_written_is_refused(at: float) -> None:
    """A set that took it could not show its journal any more."""
    one = rig()
    send(one, "ocs", "feeCheck", 1)
    before = document(one)
    wrong = json.loads(json.dumps(before))
    wrong["state"]["journal"][0]["at"] = at
    status, told = one.api("POST", "restore", wrong)
    assert (status, "journal[0].at" in told["error"], document(one)) == (400, True, before)


@pytest.fixture(scope="module")
def pair() -> tuple[Rig, Rig]:
    return rig(), rig()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(st.tuples(st.sampled_from(CALLS), st.integers(1, 4)), max_size=8), later=st.sampled_from([0.0, 0.05, 0.3]))
def test_a_restored_set_gives_the_same_bytes(pair: tuple[Rig, Rig], calls: list[Any], later: float) -> None:
    """Whatever was asked before, and whatever the other set held."""
    one, other = pair
    one.host.stage.reset()
    for (role, operation), number in calls:
        send(one, role, operation, number)
    one.reactor.pump([later / 4] * 4)
    taken = json.dumps(document(one))
    assert other.api("POST", "restore", json.loads(taken)) == (200, {"restored": True})
    assert json.dumps(document(other)) == taken


def test_all_that_parties_keep_is_in_it(pair: tuple[Rig, Rig]) -> None:
    """No store is forgotten: every kind that any operation makes is one that travels."""
    one, _ = pair
    one.host.stage.reset()
    for count, (role, operation) in enumerate(CALLS):
        send(one, role, operation, count)
    one.reactor.pump([0.05] * 10)
    kept = {kind.__name__ for kind in one.host.stage.world._kept}
    assert kept <= STORES.keys()
    assert len(snapshot(one.host.stage)["state"]["journal"]) >= len(CALLS)


def test_a_restored_set_goes_on_where_the_other_stood(pair: tuple[Rig, Rig]) -> None:
    """A repeated number gets its old answer, a mode is as it was, a ledger has its rows, and numbers go on."""
    one, other = pair
    one.host.stage.reset()
    first = send(one, "xplatform", "serverAction", 1)
    one.api("POST", "settings", {"ocs.mode": "away"})
    other.api("POST", "restore", document(one))
    assert send(other, "xplatform", "serverAction", 1) == first
    assert other.api("GET", "settings")[1]["ocs.mode"] == "away"
    assert other.api("GET", "ledgers")[1] == one.api("GET", "ledgers")[1]
    assert other.host.stage.numbers.next == one.host.stage.numbers.next


def test_a_reset_goes_back_to_the_sets_own_start(pair: tuple[Rig, Rig]) -> None:
    """Not to what was restored."""
    one, other = pair
    for each in pair:
        each.host.stage.reset()
    start = document(other)["stores"]
    send(one, "xplatform", "serverAction", 1)
    other.api("POST", "restore", document(one))
    other.host.stage.reset()
    assert document(other)["stores"] == start


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.update(version=2), "format, version: expected vsopgw-stub-snapshot 1, as POST snapshot gives it"),
        (lambda d: d["stores"].pop("Services"), "stores: expected Services, Catalogue,"),
        (lambda d: d["state"].update(modes={"ocs": "asleep"}), "state.modes.ocs: expected one of final, refuse,"),
        (lambda d: d["state"].pop("goods"), "state.goods: missing"),
        (lambda d: d["state"].update(more=1), "state.more: unknown"),
        (lambda d: d["state"].update(next_number="1"), "state.next_number: expected a whole number"),
        (lambda d: d["state"].update(journal=[1]), "state.journal[0]: expected an object"),
        (lambda d: d["state"].update(ledgers=[["gold", ROW]]), "state.ledgers: there is no ledger gold; there are activation,"),
        (lambda d: d["stores"]["Services"].update(active=[[["a", "b"], {}]]), "stores.Services.active[0][0]: expected 3 values"),
        (lambda d: d["stores"].update(CrmOrders={"by_id": {"O": {"work": {"contract": "vsop", "type": "Crow", "fields": {}},
                                                                "completed": False}}}),
         "stores.CrmOrders.by_id.O.work: expected a message of one of the set's contracts: billing,"),
        (lambda d: d["stores"].update(CrmOrders={"by_id": {"O": {"work": {"contract": "vsop", "type": "WorkOrder", "fields": {"a": 1}},
                                                                "completed": False}}}),
         "stores.CrmOrders.by_id.O.work: "),
    ],
)  # fmt: skip
def test_a_document_of_another_form_changes_nothing(pair: tuple[Rig, Rig], change: Any, told: str) -> None:
    """400, with the place of the mistake."""
    one, _ = pair
    before = document(one)
    wrong = json.loads(json.dumps(before))
    change(wrong)
    status, answer = one.api("POST", "restore", wrong)
    assert (status, answer["error"].startswith(f"the snapshot cannot be restored: {told}"), document(one)) == (400, True, before), answer


ROW = {"at": "2026", "number": "1", "order": None, "streaming_no": "1", "details": {}}
