"""Work orders: one by its OrderId as well as by its StreamingNo, one user at a time, and what joins a bundle that the user held before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from office import FIXED, ISMP, NATIONAL_X, USER, X_PREMIUM, Office, SlowStore, X
from rig import spawn

from gateway.domain.subscriber import RelationState, UserState


def both(office, first, second):
    """Send two requests of which neither has its answer when the other one comes; gives the answers' codes."""
    codes = []

    async def send(request):
        operation = "workListFKToVSOP" if hasattr(request, "VProductInfo") else "subscribeToVSOP"
        codes.append((await office.answer(operation, request)).ResultCode)

    spawn(send(first))
    spawn(send(second))
    while office.store.gates:
        office.store.gates.pop(0).settle(None)
    return codes


def test_order_id_repeated_under_another_number(office):
    """The same work order under a new StreamingNo is taken as known, and that number is used up by it."""
    office.call("workListFKToVSOP", office.work("14", X, OrderId="F"))
    again = office.work("14", X, OrderId="F")
    answer = office.call("workListFKToVSOP", again)
    assert (answer.ResultCode, office.kept(again)) == ("0", True)


def test_number_of_a_repeated_work_order_is_used_up(office):
    """Another work order under the number of a repetition is refused: a number stands for one request."""
    office.call("workListFKToVSOP", office.work("14", X, OrderId="F"))
    again = office.work("14", X, OrderId="F")
    office.call("workListFKToVSOP", again)
    other = office.work("11", UserState="00B", StreamingNo=again.StreamingNo)
    assert office.call("workListFKToVSOP", other).ResultCode == "2003"


def test_order_id_twice_at_once():
    """Two with one OrderId at the same time: one is done, the other one gets its answer."""
    office = Office(store=SlowStore())
    request = office.work("11", OrderId="F", UserState="00B")
    codes = both(office, request, office.work("11", OrderId="F", UserState="00B"))
    assert codes == ["0", "0"]


def test_order_id_of_two_users_at_once():
    """Two users' work orders with one OrderId at the same time: the first one stands, the other one is refused."""
    office = Office(store=SlowStore())
    first, second = (office.work("11", OrderId="F", UserState="00B", number=number) for number in (USER, FIXED))
    assert both(office, first, second) == ["0", "2003"]


def test_work_orders_of_one_user_at_once():
    """Two that both rewrite the user: the later one is to come again, so that neither takes the other's change back."""
    office = Office(store=SlowStore())
    codes = both(office, office.work("15", UserState="00X"), office.work("20", capabilities=["5"]))
    assert (codes, office.user().state) == (["0", "5005"], UserState.INVALID)


def test_order_while_its_user_ends():
    """An order that comes while a tear-down is being written is to come again: it was judged by the user as he was."""
    office = Office(store=SlowStore())
    codes = both(office, office.work("15", UserState="00X"), office.order(X))
    assert codes == ["0", "5005"]


def test_user_ends_while_his_order_is_written():
    """A tear-down that comes while an order is being written is to come again."""
    office = Office(store=SlowStore())
    codes = both(office, office.order(X), office.work("15", UserState="00X"))
    assert (sorted(codes), office.user().state) == (["0", "5005"], UserState.ACTIVE)


def test_work_order_after_another_one_of_the_user(office):
    """The user is free again when the work order before has its answer."""
    office.do_work("20", capabilities=["5"])
    office.do_work("20", capabilities=["6"])
    assert office.user().capabilities == ("5", "6")


def test_bundle_of_a_user_who_was_torn_down(office):
    """Who was torn down is no user any more: nothing is begun for the number."""
    office.do_work("15", UserState="00X")
    assert office.call("workListFKToVSOP", office.work("14", X)).ResultCode == "3001"


def test_more_products_than_an_order_may_hold(office):
    """What the new products replace counts as well: more than the messages to platforms hold is refused, and nothing is begun."""
    product = office.desk.catalogue.products[X]
    for n in range(46):
        for made in (replace(product, id=f"NEW{n}", replaces=(f"OLD{n}",)), replace(product, id=f"OLD{n}")):
            office.sell(made)
    office.hold(*[f"OLD{n}" for n in range(46)])
    request = office.work("14", *[f"NEW{n}" for n in range(46)])
    assert (office.call("workListFKToVSOP", request).ResultCode, office.kept(request)) == ("4507", False)


@pytest.mark.parametrize(("product", "held"), [(X, True), (X_PREMIUM, False), (f"-{X}", False)])
def test_what_joins_a_bundle_is_marked(office, product, held):
    """What the user holds already is not taken back if the bundle fails; what is ended is another matter."""
    office.hold(X)
    (item,) = office.do_work("14", product).order.items
    assert item.held is held


@pytest.mark.parametrize(("action", "held"), [("0", [True, False]), ("3", [False, False])])
def test_what_joins_a_bundle_is_marked_at_the_group(group, action, held):
    """The group, which takes back what its platform half did, knows what the user had before."""
    group.hold(NATIONAL_X)
    row = group.take_over(NATIONAL_X, "NX303", action=action)
    assert [item.held for item in row.order.items] == held


def test_failed_bundle_leaves_what_was_held(office):
    """The platform of the second product refuses: the first one, which the user held alone, is neither ended nor moved."""
    office.hold(X)
    office.rig.partners.answer("activate-subscribe-ismp:204", office.refused(ISMP))
    office.do_work("14", X, ISMP)
    relation = office.relation(X)
    undone = [name for name in office.rig.partners.names() if name.startswith("undo")]
    assert (relation.state, relation.channel, undone) == (RelationState.ACTIVE, "211", [])


@pytest.mark.parametrize(
    ("action", "more", "code"),
    [
        ("15", {"UserState": "00X"}, "5005"),
        ("12", {"OldProductNo": USER, "number": "18907910002"}, "5005"),
        ("11", {"UserState": "00B"}, "0"),
        ("16", {}, "0"),
    ],
    ids=["torn down", "renumbered", "stopped", "pays otherwise"],
)
def test_user_change_while_an_order_is_under_way(office, action, more, code):
    """What an order brings must stand under a number that somebody has: its end waits, other changes do not."""
    office.rig.partners.answer("activate", None)
    office.place(X)
    request = office.work(action, **more)
    assert (office.call("workListFKToVSOP", request).ResultCode, office.kept(request)) == (code, code == "0")


def test_user_change_after_the_order(office):
    """When the order has ended, the same work order is taken."""
    office.place(X)
    office.do_work("15", UserState="00X")
    assert office.relation(X).state is RelationState.ENDED
