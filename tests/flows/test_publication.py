"""Seed 2.1, 2.2, 3.1, 2.2b and 2.3: what PPM does with an object of the catalogue, and its way to one target."""

from __future__ import annotations

import pytest
from playbook import NOON, X, brief, play, reply

from gateway.domain.catalogue import Offer, OfferType, Product, Scope, Status
from gateway.domain.catalogue_change import (
    CatalogueChange,
    CatalogueObject,
    Cell,
    ChangeKind,
    Delivery,
    DeliveryState,
    ObjectKind,
)
from gateway.domain.facts import CellWritten, FlowBegun, MasterKept, OrderEnded
from gateway.domain.order import OrderState
from gateway.domain.party import BILLING, CRM, OCS, Address, Party
from gateway.errors import NOT_APPROVED, NOT_IN_TEST, OUTDATED, PARTNER_NOT_OPEN, UNKNOWN_PARTNER
from gateway.flows.publication import delivery, publication
from gateway.steps import Ask, Keep, NotifyTest, SyncObject

VSOP = Address(Party.VSOP, "15")
PRODUCT = CatalogueObject(
    product=Product("P1", "甲", "P1", "SP1", "200", "303", Scope.PROVINCIAL, "15", Status.NORMAL, version=2)
)
OFFER = CatalogueObject(offer=Offer("O1", "甲", "O1", ("P1",), OfferType.VAS_BUNDLE, province="15", version=1))
ALL = (VSOP, X, OCS, CRM)


def change(
    section="2.1",
    *,
    object=PRODUCT,
    kind=ChangeKind.ADDED,
    state=False,
    held=False,
    testers=(VSOP, X),
    targets=ALL,
    **more,
):
    """Make a change that CRM filed."""
    return CatalogueChange(
        id="2001520261123120000000000001", trace_id="2001520261123120000000000001", section=section, change=kind, is_state_change=state,
        channel="201", channel_order_id="A1", streaming_no="20120261123120000000000001", entry="submitProductApplication",
        object=object, held=held, testers=testers, targets=targets, accepted_at=NOON, **more,
    )  # fmt: skip


def said(flow, replies):
    """Run a flow that is answered with success, but for some steps; gives all that it said."""
    steps, answer = [], None
    while True:
        try:
            step = flow.send(answer)
        except StopIteration:
            return steps
        steps.append(step)
        answer = replies.get(step.name, reply())


def facts(flow, kind, **replies):
    """Give the facts of a kind that a flow keeps."""
    return [f for step in said(flow, replies) if isinstance(step, Keep) for f in step.facts if isinstance(f, kind)]


ACCEPT, AUDIT = ("1 keep accept: OrderAccepted, MasterKept", reply()), ("2a keep audit: ", reply())
CONFIGURE = (" keep configure: MasterKept", reply())
TEST_VSOP, TEST_X = (
    ("2b ask test-vsop:15 vsop:15 SyncObject", reply()),
    ("2c ask test-xplatform:303 xplatform:303 SyncObject", reply()),
)
NOTIFY_VSOP = ("3a ask notify-vsop:15 vsop:15 NotifyTest", reply())
NOTIFY_X = ("3b ask notify-xplatform:303 xplatform:303 NotifyTest", reply())


def fan_out(targets):
    """The commit that publishes to so many targets."""
    words = ["MasterKept", *["CellWritten"] * targets, *["FlowBegun"] * targets, "OrderEnded", "ItemsFreed"]
    return f" keep fan-out: {', '.join(words)}", reply()


# ---- the seed's steps --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", ["2.1", "3.1"])
def test_application_is_tested_and_published(section):
    """2.1 and 3.1: accept, audit, test at VSOP and X, test notices, then one commit for all targets."""
    script = (ACCEPT, AUDIT, CONFIGURE, TEST_VSOP, TEST_X, NOTIFY_VSOP, NOTIFY_X, fan_out(4))
    assert play(publication(change(section)), *script) == 0


def test_bundle_has_no_test_phase():
    """2.2b: accept, audit, publication to CRM, VSOP and billing."""
    filed = change("2.2b", object=OFFER, testers=(), targets=(CRM, VSOP, BILLING))
    script = (("1a keep accept: OrderAccepted, MasterKept", reply()), ("1b keep audit: ", reply()), fan_out(3))
    assert play(publication(filed), *script) == 0


@pytest.mark.parametrize("section", ["2.2", "2.3"])
def test_what_ismp_manages_is_not_audited(section):
    """2.2 and 2.3: ISMP has configured it, PPM passes it on at once."""
    filed = change(section, testers=(), targets=(VSOP, CRM, BILLING))
    assert play(publication(filed), ("1b keep accept: OrderAccepted, MasterKept", reply()), fan_out(3)) == 0


@pytest.mark.parametrize(
    ("section", "accept", "audit"), [("2.1", "5a", "5b"), ("3.1", "5a", "5b"), ("2.2b", "2a", "2b")]
)
def test_change_of_state_is_audited_and_told(section, accept, audit):
    """The change of state has numbers of its own, and no test phase."""
    filed = change(section, kind=ChangeKind.MODIFIED, state=True, testers=())
    script = ((f"{accept} keep accept: OrderAccepted", reply()), (f"{audit} keep audit: ", reply()), fan_out(4))
    assert play(publication(filed), *script) == 0


NUMBERS = {
    ("2.1", False): (ALL, ["4a", "4b", "4c", "4d"]),
    ("2.1", True): (ALL, ["6a", "6b", "6c", "6d"]),
    ("3.1", False): (ALL, ["4a", "4b", "4c", "4d"]),
    ("3.1", True): (ALL, ["6a", "6b", "6c", "6d"]),
    ("2.2", False): ((VSOP, CRM, BILLING), ["2a", "2b", "2c"]),
    ("2.3", False): ((VSOP, CRM, BILLING), ["2a", "2b", "2c"]),
    ("2.2b", False): ((CRM, VSOP, BILLING), ["1c", "1d", "1e"]),
    ("2.2b", True): ((VSOP, CRM, BILLING), ["2c", "2d", "2e"]),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_each_delivery_has_the_seeds_number(case):
    """The message to each target stands under the number that the seed gives it."""
    section, state = case
    targets, expected = NUMBERS[case]
    filed = change(
        section, state=state, kind=ChangeKind.MODIFIED if state else ChangeKind.ADDED, testers=(), targets=targets
    )
    begun = [f.matter for f in facts(publication(filed), FlowBegun)]
    assert ([d.target for d in begun], [d.number_of_step for d in begun]) == (list(targets), expected)


def test_deliveries_are_ppms_own():
    """They belong to the change end to end, and are not found under CRM's number of the application."""
    begun = [f.matter for f in facts(publication(change()), FlowBegun)]
    assert [(d.id, d.trace_id, d.channel, d.channel_order_id) for d in begun] == [
        (f"{change().id}.{n}", change().id, "ppm", change().id) for n in (1, 2, 3, 4)
    ]


def test_testers_have_it_already():
    """For who had it in test the publication modifies; for the others it adds."""
    begun = [f.matter for f in facts(publication(change()), FlowBegun)]
    assert [d.change for d in begun] == [ChangeKind.MODIFIED, ChangeKind.MODIFIED, ChangeKind.ADDED, ChangeKind.ADDED]


def test_pending_cells_of_the_ledger():
    """Each target has its cell from the moment of publication."""
    written = [f.cell for f in facts(publication(change()), CellWritten)]
    assert written == [
        Cell(ObjectKind.PRODUCT, "P1", str(t), 2, Status.NORMAL, DeliveryState.PENDING, 0, NOON, f"{change().id}.{n}")
        for n, t in enumerate(ALL, 1)
    ]


def test_versions_and_states_of_a_new_product():
    """Applied in no version, in test in the first, published in the second: so PPM's own state goes."""
    kept = [(f.object.status, f.object.version) for f in facts(publication(change()), MasterKept)]
    assert kept == [(Status.APPLIED, 0), (Status.TEST, 1), (Status.NORMAL, 2)]


def test_what_the_testers_are_told():
    """The object in test state and version, to be added, and then that it is to be tried."""
    asked = [s.request for s in said(publication(change()), {}) if isinstance(s, Ask)]
    tested, filed = PRODUCT.at(Status.TEST, 1), change()
    assert asked == [SyncObject(filed, tested, ChangeKind.ADDED)] * 2 + [NotifyTest(filed, tested)] * 2


# ---- audit -------------------------------------------------------------------------------------------------------------


def test_held_application_waits_for_a_person():
    """The audit is then a wait; an approval lets it go on."""
    script = (
        ACCEPT,
        ("2a expect audit from ppm", reply()),
        CONFIGURE,
        TEST_VSOP,
        TEST_X,
        NOTIFY_VSOP,
        NOTIFY_X,
        fan_out(4),
    )
    assert play(publication(change(held=True)), *script) == 0


REJECTED = (" keep reject: MasterKept, OrderEnded, ItemsFreed", reply())


@pytest.mark.parametrize("answer", [reply(NOT_APPROVED.code), reply(timed_out=True)])
def test_person_rejects(answer):
    """A rejection ends the application, and so does a person who never comes."""
    script = (ACCEPT, ("2a expect audit from ppm", answer), REJECTED)
    assert play(publication(change(held=True)), *script) == NOT_APPROVED.code


def test_rule_rejects():
    """A rule that objected when the application was accepted rejects it in the audit, with its own code."""
    filed = change(objection=PARTNER_NOT_OPEN.code)
    assert play(publication(filed), ACCEPT, AUDIT, REJECTED) == PARTNER_NOT_OPEN.code


def test_person_stands_above_the_rules():
    """Where a person audits, the rule's objection is known to the person, who decides."""
    filed = change(held=True, objection=PARTNER_NOT_OPEN.code)
    script = (
        ACCEPT,
        ("2a expect audit from ppm", reply()),
        CONFIGURE,
        TEST_VSOP,
        TEST_X,
        NOTIFY_VSOP,
        NOTIFY_X,
        fan_out(4),
    )
    assert play(publication(filed), *script) == 0


def test_rejected_object_is_nobodys():
    """A new object that was rejected is cancelled in no version: nobody ever heard of it."""
    kept = facts(publication(change(objection=PARTNER_NOT_OPEN.code)), MasterKept)
    assert kept[-1] == MasterKept(PRODUCT.at(Status.CANCELLED, 0))


def test_rejected_change_of_state_changes_nothing():
    """The object stays in the state that it is in."""
    filed = change(kind=ChangeKind.MODIFIED, state=True, testers=(), objection=PARTNER_NOT_OPEN.code)
    script = (
        ("5a keep accept: OrderAccepted", reply()), ("5b keep audit: ", reply()), (" keep reject: OrderEnded, ItemsFreed", reply()),
    )  # fmt: skip
    assert play(publication(filed), *script) == PARTNER_NOT_OPEN.code


# ---- test phase --------------------------------------------------------------------------------------------------------

STAYS = (" keep stay-in-test: OrderEnded, ItemsFreed", reply())
REFUSALS = {
    "VSOP does not take it": (ACCEPT, AUDIT, CONFIGURE, (TEST_VSOP[0], reply(UNKNOWN_PARTNER.code)), STAYS),
    "X does not take it": (ACCEPT, AUDIT, CONFIGURE, TEST_VSOP, (TEST_X[0], reply(UNKNOWN_PARTNER.code)), STAYS),
    "VSOP does not try it": (
        ACCEPT,
        AUDIT,
        CONFIGURE,
        TEST_VSOP,
        TEST_X,
        (NOTIFY_VSOP[0], reply(UNKNOWN_PARTNER.code)),
        STAYS,
    ),
    "X does not try it": (
        ACCEPT,
        AUDIT,
        CONFIGURE,
        TEST_VSOP,
        TEST_X,
        NOTIFY_VSOP,
        (NOTIFY_X[0], reply(UNKNOWN_PARTNER.code)),
        STAYS,
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused_in_test(case):
    """What one tester refuses is not published to anybody; the application ends with that code."""
    assert play(publication(change()), *REFUSALS[case]) == UNKNOWN_PARTNER.code


def test_refused_object_stays_in_test():
    """PPM's own state says test, in the version that the testers have."""
    flow = publication(change())
    assert facts(flow, MasterKept, **{"notify-vsop:15": reply(NOT_IN_TEST.code)})[-1] == MasterKept(
        PRODUCT.at(Status.TEST, 1)
    )


# ---- one delivery ------------------------------------------------------------------------------------------------------


def one(**more):
    """Make the delivery of a publication to OCS."""
    fields = {
        "id": "C1.3", "trace_id": "C1", "section": "2.1", "number_of_step": "4c", "change": ChangeKind.ADDED, "channel": "ppm",
        "channel_order_id": "C1", "object": PRODUCT, "target": OCS, "accepted_at": NOON,
    }  # fmt: skip
    return Delivery(**{**fields, **more})


ENDS = {
    "delivered": (0, DeliveryState.DELIVERED, OrderState.COMPLETED),
    "refused": (UNKNOWN_PARTNER.code, DeliveryState.REFUSED, OrderState.FAILED),
    "superseded": (OUTDATED.code, DeliveryState.SUPERSEDED, OrderState.COMPLETED),
}


@pytest.mark.parametrize("case", ENDS)
def test_delivery(case):
    """One message under the seed's number; then the cell has its end, with the target's code."""
    code, state, ended = ENDS[case]
    flow = delivery(one())
    steps = said(flow, {"sync": reply(code)})
    end = Cell(ObjectKind.PRODUCT, "P1", "ocs", 2, Status.NORMAL, state, code, NOON, "C1.3")
    assert ([brief(s) for s in steps], steps[-1].facts) == (
        ["4c ask sync ocs SyncObject", " keep note: CellWritten, OrderEnded"],
        (CellWritten(end), OrderEnded("C1.3", ended, code, NOON)),
    )  # fmt: skip
