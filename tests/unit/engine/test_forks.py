"""Flows that begin others and wait for them: side by side, each once, whatever ends in between."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import NOON, X, order
from rig import Killed, Pending, Rig, run

from gateway.domain.facts import RelationStarted
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.party import Address, Party
from gateway.domain.subscriber import PayType, Relation, RelationState, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserChange, UserTarget
from gateway.engine.ports import RunState
from gateway.errors import Temporary
from gateway.flows.registry import FLOWS
from gateway.flows.user_change import NOTICE, user_change, user_notice
from gateway.steps import Reply
from gateway.store.memory import MemoryStore

ANN = Number("18907910001")
FORKING = {**FLOWS, "user-change/1": user_change, NOTICE: user_notice}
TARGETS = tuple(UserTarget(Address(Party.XPLATFORM, code), (f"P{code}",)) for code in ("301", "302", "303"))
NOTICES = ["20015.1", "20015.2", "20015.3"]


def torn_down(*, passed_on=False, targets=TARGETS):
    """Make the end of Ann's contract; at the group tier, the part that a province passed on."""
    return UserChange(
        id="20015", trace_id="20015", section="3.1b", act=UserAct.TORN_DOWN, channel="200" if passed_on else "206",
        channel_order_id="W1", streaming_no="20620261123120000000000001",
        user=Subscriber(ANN, "003", PayType.PREPAID, UserState.INVALID), province="15", targets=targets, accepted_at=NOON,
    )  # fmt: skip


def rig_for(**wiring):
    """Give a rig whose user holds one product at each target."""
    rig = Rig(flows=FORKING, **wiring)
    for target in TARGETS:
        (product,) = target.product_ids
        item = order().items[0]
        held = Relation(ANN, product, item.offer_id, item.offer_type, "211", RelationState.ACTIVE, NOON, NOON)
        run(rig.store.commit([RelationStarted(held)]))
    return rig


def start(rig, change):
    run(rig.engine.start("user-change/1", run(rig.engine.next_serial()), change))


def states(rig):
    """Give the state of the change's run and of the runs that it began."""
    return [run(rig.store.run(run_id)).state for run_id in ("20015", *NOTICES)]


ALL_ENDED = [RunState.ENDED] * 4


def test_flow_waits_for_those_that_it_began():
    """The change is over when all notices are, and each platform heard of it once."""
    rig = rig_for()
    start(rig, torn_down())
    row = run(rig.store.order("20015"))
    assert (states(rig), row.state, sorted(rig.partners.names())) == (
        ALL_ENDED,
        OrderState.COMPLETED,
        ["receipt", *["tell"] * 3],
    )


def test_flow_whose_first_step_waits():
    """A flow that sends nothing before it waits is not driven twice when those that it began end at once."""
    rig = rig_for()
    start(rig, torn_down(passed_on=True))
    delayed = [event for event, _ in rig.events if event in ("run.delayed", "run.stuck")]
    assert (states(rig), delayed) == (ALL_ENDED, [])


def test_begun_flow_is_accepted_with_the_one_that_began_it():
    """What was begun stands in the store with the commit that began it, under a serial of its own."""
    rig = rig_for()
    rig.partners.answer("tell", *[Pending() for _ in TARGETS])
    start(rig, torn_down())
    rows = [run(rig.store.run(run_id)) for run_id in ("20015", *NOTICES)]
    assert [(row.flow, row.serial) for row in rows] == [("user-change/1", 1), (NOTICE, 2), (NOTICE, 3), (NOTICE, 4)]


def test_flow_waits_while_one_is_under_way():
    """One platform that is away holds up the end, and no other platform."""
    rig = rig_for()
    rig.partners.answer("tell", Temporary("x", "down"))
    start(rig, torn_down())
    relations = {r.product_id: r.state for r in run(rig.store.relations(ANN))}
    active, ended = RelationState.ACTIVE, RelationState.ENDED
    assert (states(rig), relations) == (
        [RunState.WAITING, RunState.WAITING, RunState.ENDED, RunState.ENDED], {"P301": active, "P302": ended, "P303": ended},
    )  # fmt: skip


def test_flow_goes_on_when_the_last_has_joined():
    """With the last platform's answer everything comes to its end."""
    rig = rig_for()
    rig.partners.answer("tell", Temporary("x", "down"))
    start(rig, torn_down())
    rig.clock.advance(2)
    assert (states(rig), run(rig.store.open_order_for(ANN, "user"))) == (ALL_ENDED, None)


def test_waiting_fork_leaves_memory():
    """A flow that waits for others holds no memory."""
    rig = rig_for()
    rig.partners.answer("tell", *[Temporary("x", "down")] * 3)
    start(rig, torn_down())
    assert rig.engine.active == 0


@pytest.mark.parametrize("room", [1, 2, 3])
def test_more_than_there_is_room_for_run_later(room):
    """Begun flows beyond the limit of runs in memory wait their turn; all of them get it."""
    rig = rig_for(max_active=room)
    calls = [Pending() for _ in TARGETS]
    rig.partners.answer("tell", *calls)
    start(rig, torn_down())
    most = rig.engine.active
    for call in calls:
        call.settle(Reply(NOON))
        most = max(most, rig.engine.active)
    assert (most <= room, states(rig), len(rig.partners.sent)) == (True, ALL_ENDED, 4)


def test_begun_flows_leave_room_for_new_ones():
    """However many flows one begins, and however long they take: new orders are not refused for it."""
    rig = rig_for(max_active=3)
    calls = [Pending() for _ in TARGETS]
    rig.partners.answer("tell", *calls)
    start(rig, torn_down())
    assert rig.engine.busy is False


def test_what_waited_for_room_is_taken_up_after_a_restart():
    """A begun flow that never had room is not forgotten by the next process."""
    rig = rig_for(max_active=1)
    rig.partners.answer("tell", Pending())
    start(rig, torn_down())
    rig.restart(max_active=9)
    assert states(rig) == ALL_ENDED


class SlowStore(MemoryStore):
    """A store that takes its time over the reads of the change's run that `reads` holds."""

    def __init__(self):
        super().__init__()
        self.reads = []

    async def run(self, run_id):
        if self.reads and run_id == "20015":
            await self.reads.pop(0)
        return await super().run(run_id)


def test_joined_while_it_is_read_for_another():
    """A flow is read because one platform has answered; the answer that it waits for comes meanwhile, and is not missed."""
    rig = rig_for()
    store = rig.store = SlowStore()
    rig.restart()
    calls = [Pending() for _ in TARGETS]
    rig.partners.answer("tell", *calls)
    start(rig, torn_down())
    read = Pending()
    store.reads.append(read)
    for call in reversed(calls):  # it waits for the first one, and is read when the last one has answered
        call.settle(Reply(NOON))
    read.settle(None)
    assert states(rig) == ALL_ENDED


class MortalStore(MemoryStore):
    """A store whose process ends right before or right after one of its commits; then nothing is written any more."""

    def __init__(self):
        super().__init__()
        self.commits = 0
        self.ends_at = None
        self.dead = False

    async def commit(self, writes):
        self.commits += 1
        if self.dead or (self.commits, "before") == self.ends_at:
            self.dead = True
            raise Killed
        await super().commit(writes)
        if (self.commits, "after") == self.ends_at:
            self.dead = True
            raise Killed


def mortal(ends_at=None, **wiring):
    rig = rig_for(**wiring)
    held = [RelationStarted(r) for r in run(rig.store.relations(ANN))]
    rig.store = MortalStore()
    run(rig.store.commit(held))
    rig.store.commits, rig.store.ends_at = 0, ends_at
    rig.engine = rig.build()
    rig.partners.answer("tell", Reply(NOON), Temporary("x", "down"))
    return rig


def lived(**wiring):
    """Count the commits of a change that nothing disturbs."""
    rig = mortal(**wiring)
    start(rig, torn_down())
    rig.clock.advance(5)
    return rig.store.commits


COMMITS = lived()


@pytest.mark.parametrize("passed_on", [False, True], ids=["province", "group"])
@pytest.mark.parametrize("room", [1, 2000])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("commit", range(1, COMMITS + 1))
def test_killed_at_any_commit_all_end_once(commit, when, room, passed_on):
    """Ended before or after any commit of the change or of what it began, a restart finishes all, each message under one number."""
    rig = mortal((commit, when), max_active=room)
    change = torn_down(passed_on=passed_on)
    try:
        start(rig, change)
        rig.clock.advance(5)
    except Killed:
        rig.engine.stop()
    rig.store.dead, rig.store.ends_at = False, None
    rig.restart()
    if run(rig.store.order(change.id)) is None:  # nothing was acknowledged: it is told again
        start(rig, change)
    rig.clock.advance(70)
    numbers = {number for _, number in rig.partners.sent}
    ended = {r.state for r in run(rig.store.relations(ANN))}
    assert (states(rig), len(numbers), ended) == (ALL_ENDED, 3 if passed_on else 4, {RelationState.ENDED})


def test_change_without_targets_waits_for_nobody():
    """A change of which no platform needs to hear ends by itself."""
    rig = rig_for()
    start(rig, replace(torn_down(), targets=()))
    assert run(rig.store.run("20015")).state is RunState.ENDED


def test_platform_and_its_step_are_named():
    """The wait for a notice is journalled under the name of its platform."""
    rig = rig_for()
    rig.partners.answer("tell", Temporary("x", "down"))
    start(rig, torn_down(targets=(UserTarget(X, ("P303",)),)))
    assert run(rig.store.run("20015")).steps[-1].name == "told-xplatform:303"
