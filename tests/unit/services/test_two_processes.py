"""Two processes over one store: what one judged is told by its commit to hold no more, where an order came and went at the other one."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from office import GROUP, JIANGXI, NATIONAL_X, USER, X_BOX, Office, X
from rig import run

from gateway.domain.numbers import Number
from gateway.domain.order import Action
from gateway.domain.subscriber import RelationState, UserState
from gateway.engine.ports import RunStarted
from gateway.engine.wiring import Owner
from gateway.errors import IN_PROGRESS
from gateway.recon.holdings import Right
from gateway.recon.planning import Repair
from gateway.services.repairs import Ordered, begin
from gateway.store.memory import MemoryStore


class Between(MemoryStore):
    """A store at which something happens once, after the next run was judged and before it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.act = None

    async def commit(self, writes) -> None:
        act = self.act
        if act is not None and any(isinstance(row, RunStarted) for row in writes):
            self.act = None
            act()
        await super().commit(writes)


class Pair:
    """Two processes of one gateway: `late` judges, then all of `quick` happens, then `late` writes."""

    def __init__(self, place) -> None:
        self.store = Between()
        self.late, self.quick = (
            Office(place, store=self.store, owner=Owner(name, "1", timedelta(seconds=10))) for name in "AB"
        )
        self.quick._serials = itertools.count(5000)  # no StreamingNo of the other one's
        self.codes: list[str] = []

    def meet(self, operation: str, request, other: str, meanwhile) -> list[str]:
        """Have `meanwhile` answered while `request` is about to be written; gives the codes of both, that one's first."""

        def act() -> None:
            self.codes.append(self.quick.call(other, meanwhile).ResultCode)

        self.store.act = act
        self.codes.append(self.late.call(operation, request).ResultCode)
        return self.codes


@pytest.fixture
def pair() -> Pair:
    """Two processes of Jiangxi."""
    return Pair(JIANGXI)


@pytest.fixture
def groups() -> Pair:
    """Two processes of the group."""
    return Pair(GROUP)


def test_tear_down_and_a_whole_order(pair):
    """Nobody would tell the platform that the user is gone: the tear-down is to come again."""
    codes = pair.meet("workListFKToVSOP", pair.late.work("15"), "subscribeToVSOP", pair.quick.order(X))
    assert (codes, pair.late.user().state, pair.late.relation(X).state) == (["0", "5005"], UserState.ACTIVE, RelationState.ACTIVE)


def test_tear_down_that_comes_again(pair):
    """Then it is judged by what is held, and the platform hears of it."""
    pair.meet("workListFKToVSOP", pair.late.work("15"), "subscribeToVSOP", pair.quick.order(X))
    pair.late.do_work("15", UserState="00X")
    assert (pair.late.relation(X).state, "tell" in pair.late.rig.partners.names()) == (RelationState.ENDED, True)


def test_stop_and_a_whole_order(pair):
    """The platform of what was begun meanwhile must hear that its user is stopped."""
    codes = pair.meet("workListFKToVSOP", pair.late.work("11", UserState="00B"), "subscribeToVSOP", pair.quick.order(X))
    assert codes == ["0", "5005"]


def test_change_of_capabilities_and_a_whole_order(pair):
    """No platform hears of these: what is held is not judged."""
    request = pair.late.work("13", capabilities=["5"])
    assert pair.meet("workListFKToVSOP", request, "subscribeToVSOP", pair.quick.order(X)) == ["0", "0"]


def test_one_product_ordered_twice(pair):
    """The platform is asked once: the second order is to come again, and is then refused as a duplicate."""
    codes = pair.meet("subscribeToVSOP", pair.late.order(X), "subscribeToVSOP", pair.quick.order(X))
    assert (codes, pair.late.rig.partners.names()) == (["0", "5005"], [])


def test_end_of_everything_and_a_whole_order(pair):
    """What was begun meanwhile is of everything as well."""
    pair.late.hold(X_BOX)
    request = pair.late.order(action="2", ProductOfferInfo=[])
    assert pair.meet("subscribeToVSOP", request, "subscribeToVSOP", pair.quick.order(X)) == ["0", "5005"]


def test_product_of_a_bundle_ordered_meanwhile(pair):
    """If the bundle failed it would take back what the user ordered by himself."""
    codes = pair.meet("workListFKToVSOP", pair.late.work("14", X), "subscribeToVSOP", pair.quick.order(X))
    assert (codes, pair.late.rig.partners.names()) == (["0", "5005"], [])


def test_repair_and_a_whole_order(pair):
    """A line was planned by what was held: it is refused where an order changed that."""
    due = Repair(Number(USER), X, Action.SUBSCRIBE, asks=True, line=1)
    pair.store.act = lambda: pair.quick.place(X)
    found = run(begin(pair.late.desk, Ordered("R1", Right.XPLATFORM, "auditor", "nightly run"), due))
    assert (found.code, pair.late.rig.partners.names()) == (IN_PROGRESS.code, [])


def test_product_held_before_an_activation_of_the_group(groups):
    """The group, too, must know what the user had before: it is not taken back."""
    codes = groups.meet("serverAction", groups.late.activation(NATIONAL_X, "NX303"), "serverAction", groups.quick.activation(NATIONAL_X))
    assert (codes, groups.late.rig.partners.names()) == (["0", "5005"], [])


def test_change_of_a_user_and_a_whole_leg(groups):
    """The national platform of what was begun meanwhile must hear of the change."""
    codes = groups.meet("userInfoSync", groups.late.user_info("15", state="3"), "serverAction", groups.quick.activation(NATIONAL_X))
    assert codes == ["0", "5005"]


def test_activation_and_its_whole_undo(groups):
    """An activation is not carried out after it was taken back; when it comes again it is told so."""
    request = groups.late.activation(NATIONAL_X)
    undo = groups.quick.activation(NATIONAL_X, action="3", OrderId=request.OrderId)
    codes = groups.meet("serverAction", request, "serverAction", undo)
    codes.append(groups.late.call("serverAction", request).ResultCode)
    assert (codes, groups.late.rig.partners.names()) == (["0", "5005", "5016"], [])
