"""Results for one part of an order, and for what is taken back: each is read for the products that were asked for, and no others."""

from __future__ import annotations

import pytest
from office import BUNDLE, CODEC, NATIONAL_X, X_BOX, X_PREMIUM, X, routing
from rig import run

from gateway.domain.order import OrderState
from gateway.domain.subscriber import RelationState

AT_X, AT_GROUP = "activate-subscribe-xplatform:303", "activate-subscribe-vsop:35"
END_AT_X, UNDO_AT_X = "activate-unsubscribe-xplatform:303", "undo-subscribe-xplatform:303"


def ends(office, row):
    """State and code of an order."""
    stored = run(office.store.order(row.order.id))
    return stored.state, stored.code


def read_for(office, row, step):
    """The products and codes that were read for a step; None while it has no reply."""
    reply = next(s.reply for s in run(office.store.run(row.order.id)).steps if s.name == step)
    return None if reply is None else [(item.product_id, item.code) for item in reply.items]


def told(office, row, step, *results, **more):
    """Let a platform tell the result of a step; gives the code of the answer."""
    request = office.result(office.sent_as(row, step), row.order.id, *results, **more)
    return office.call("serverActionResult", request).ResultCode


# ---- parts -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(office):
    """An order of an X and a national product whose X platform owes its result."""
    office.rig.partners.answer(AT_X, None)
    return office.place(X, NATIONAL_X)


def test_result_of_one_part(office, mixed):
    """A platform tells of its own product; that it is silent about the others' is no refusal."""
    code = told(office, mixed, AT_X, (X, "0"))
    assert (code, read_for(office, mixed, AT_X), ends(office, mixed)) == ("0", [(X, 0)], (OrderState.COMPLETED, 0))


def test_success_of_a_part_that_names_no_product(office, mixed):
    """ResultCode 0 alone is a success of what that platform was asked for."""
    told(office, mixed, AT_X)
    assert read_for(office, mixed, AT_X) == [(X, 0)]


def test_refusal_of_a_part(office, mixed):
    """The other platform is not asked any more, and the order fails for that reason."""
    told(office, mixed, AT_X, (X, "6001"))
    assert (ends(office, mixed), AT_GROUP in office.rig.partners.names()) == ((OrderState.FAILED, 6001), False)


def test_product_of_another_part_is_left_out(office, mixed):
    """A platform cannot speak for another one: what it was not asked for is not read."""
    told(office, mixed, AT_X, (X, "0"), (NATIONAL_X, "8001"))
    assert (read_for(office, mixed, AT_X), ends(office, mixed)[0]) == ([(X, 0)], OrderState.COMPLETED)


@pytest.mark.parametrize("system", ["100", "304", "211"])
def test_forged_result_of_a_part(office, mixed, system):
    """The result of a part comes from the platform of that part."""
    assert (told(office, mixed, AT_X, (X, "0"), system=system), read_for(office, mixed, AT_X)) == ("8003", None)


def test_result_of_the_groups_part(office):
    """The group's part is answered by the group."""
    office.rig.partners.answer(AT_GROUP, None)
    row = office.place(X, NATIONAL_X)
    told(office, row, AT_GROUP, (NATIONAL_X, "0"), system="100")
    assert (read_for(office, row, AT_GROUP), ends(office, row)[0]) == ([(NATIONAL_X, 0)], OrderState.COMPLETED)


@pytest.fixture
def replacing(office):
    """An office whose premium product takes the place of the plain one at the same platform."""
    office.change(X_PREMIUM, replaces=(X,))
    office.hold(X)
    return office


@pytest.mark.parametrize(("step", "product"), [(AT_X, X_PREMIUM), (END_AT_X, X)])
def test_two_parts_of_one_platform(replacing, step, product):
    """What begins and what ends are asked for by two requests, and each result is read for its own."""
    replacing.rig.partners.answer(step, None)
    row = replacing.place(X_PREMIUM)
    told(replacing, row, step, (product, "0"))
    assert (read_for(replacing, row, step), ends(replacing, row)) == ([(product, 0)], (OrderState.COMPLETED, 0))


def test_step_that_awaits_no_result(office, mixed):
    """A result that refers to another request of ours, such as the fee check, belongs to nothing."""
    assert told(office, mixed, "fee-check", (X, "0")) == "8003"


# ---- taking back -----------------------------------------------------------------------------------------------------


def test_result_of_taking_a_part_back(office):
    """The platform of an earlier part tells that it took its product back."""
    office.rig.partners.answer(AT_GROUP, office.refused(NATIONAL_X))
    office.rig.partners.answer(UNDO_AT_X, None)
    row = office.place(X, NATIONAL_X)
    told(office, row, UNDO_AT_X, (X, "0"))
    assert (read_for(office, row, UNDO_AT_X), ends(office, row), office.relation(X)) == (
        [(X, 0)], (OrderState.FAILED, 8001), None,
    )  # fmt: skip


def test_part_that_could_not_be_taken_back(office):
    """Then it stays done: the relation is held, though the order failed."""
    office.rig.partners.answer(AT_GROUP, office.refused(NATIONAL_X))
    office.rig.partners.answer(UNDO_AT_X, None)
    row = office.place(X, NATIONAL_X)
    told(office, row, UNDO_AT_X, (X, "8001"))
    assert (ends(office, row)[0], office.relation(X).state) == (OrderState.FAILED, RelationState.ACTIVE)


@pytest.mark.parametrize(("results", "code"), [([(X, "0")], 0), ([], 0), ([(X, "8001")], 8001)])
def test_taking_back_names_what_was_done(office, results, code):
    """Of a bundle half of which was refused, the done half alone is taken back: silence about the other half is no refusal."""
    office.rig.partners.answer("activate", office.half(X, refused=X_BOX))
    office.rig.partners.answer("undo", None)
    row = office.place(BUNDLE, kind="1")
    told(office, row, "undo", *results)
    assert read_for(office, row, "undo") == [(X, code)]


# ---- what the user confirmed -----------------------------------------------------------------------------------------


def test_result_of_what_the_user_confirmed(office):
    """Of two offers the user wanted one: its platform tells of that one, and the order is done."""
    office.desk.confirm_channels = frozenset({"212"})
    office.rig.partners.answer("activate", None)
    row = office.place(X, X_BOX, system="212")
    office.call(
        "recvRQMessage",
        CODEC["recvRQMessage"](
            StreamingNo="214000001", TimeStamp="20261123120000", SystemId="214", ProdSpecCode="003", ProductNo="18907910001",
            RQCode="482913", RQResult="1", ProductOfferID=[X],
        ),
    )  # fmt: skip
    told(office, row, "activate", (X, "0"))
    assert (read_for(office, row, "activate"), ends(office, row)) == ([(X, 0)], (OrderState.COMPLETED, 0))


# ---- at the group ----------------------------------------------------------------------------------------------------

SECTIONS = {
    "4.1.3": "4.1.3",
    "4.1": "4.1",
    "3.2.2": "3.2.2",
    "3.2.4": "3.2.4",
    "4.1.1": "4.1.3",
    "2.1": "4.1.3",
    "9.9": "4.1.3",
    None: "4.1.3",
}


@pytest.mark.parametrize("told_section", SECTIONS)
def test_section_is_what_the_province_says(group, told_section):
    """A bundle's activation looks like a channel's; a section in which the group has no part is not believed."""
    order = group.take_over(NATIONAL_X, routing=routing(section=told_section)).order
    assert order.section == SECTIONS[told_section]


@pytest.mark.parametrize("section", ["4.1.3", "4.1", "3.2.2", "3.2.4"])
def test_steps_of_the_group_bear_the_sections_numbers(group, section):
    """The journal of the leg has the numbers that the section gives to the group's steps."""
    row = group.take_over(NATIONAL_X, routing=routing(section=section))
    numbers = {s.name: s.number for s in run(group.store.run(row.order.id)).steps}
    expected = {
        "4.1.3": ("2d", "2e", "3b"),
        "4.1": ("2d", "2e", "3b"),
        "3.2.2": ("4b", "4c", "5b"),
        "3.2.4": ("2c", "2d", "3a"),
    }
    assert (numbers["accept"], numbers["activate"], numbers["return"]) == expected[section]


@pytest.mark.parametrize(("code", "state"), [("5", RelationState.SUSPENDED), ("6", RelationState.ACTIVE)])
def test_group_suspends_and_resumes(group, code, state):
    """5 suspends and 6 resumes what the group holds."""
    group.hold(NATIONAL_X, state=RelationState.ACTIVE if code == "5" else RelationState.SUSPENDED)
    group.take_over(NATIONAL_X, action=code)
    assert group.relation(NATIONAL_X).state is state
