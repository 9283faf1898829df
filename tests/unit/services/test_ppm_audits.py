"""The audit of applications, what CRM is told of it, the test phase, and the delivery ledger."""

from __future__ import annotations

import pytest
from ppm_office import CRM, OCS, OWN, X303, PpmOffice, offer, product
from rig import Pending, run

from gateway.domain.catalogue import OfferType, Status
from gateway.domain.catalogue_change import DeliveryState, ObjectKind
from gateway.domain.order import OrderState
from gateway.domain.party import OCS as OCS_PARTY
from gateway.engine.ports import SignalArrived, StoreFailed
from gateway.errors import NOT_APPROVED, NOT_IN_TEST, OUTDATED, RESULTS, UNKNOWN_PARTNER
from gateway.services.catalogue_work import CannotDo, decide, resend, waiting
from gateway.steps import Reply

NORMAL, APPLIED, SUSPENDED, PRE_CANCELLED, CANCELLED, TEST = Status
PRODUCT, OFFER = ObjectKind
WAITING, APPROVED, REJECTED = "0", "1", "2"


@pytest.fixture
def ppm() -> PpmOffice:
    """A PPM where the rules audit."""
    return PpmOffice()


@pytest.fixture
def held() -> PpmOffice:
    """A PPM where a person audits."""
    return PpmOffice(held=True)


def told(ppm, message):
    """Audit state and opinion that CRM is told of an application."""
    answer = ppm.audit(message[1])
    return answer.AuditState, answer.Opinion


# ---- the rules ---------------------------------------------------------------------------------------------------------


def test_approved_by_the_rules(ppm):
    """Nothing to object: approved, without an opinion."""
    message = ppm.application(product())
    ppm.taken(message)
    assert told(ppm, message) == (APPROVED, None)


OBJECTIONS = {
    "partner that does not sell": (product(sp="SP2"), PRODUCT, "4004", "SP2 (P9)"),
    "offer of such a partner's product": (offer("O9", "P1", "P5"), OFFER, "4004", "SP2 (P5)"),
    "bundle with a cancelled product": (offer("O9", "P1", "P4", type=OfferType.VAS_BUNDLE), OFFER, "4002", "P4"),
}


@pytest.mark.parametrize("case", OBJECTIONS)
def test_rejected_by_the_rules(ppm, case):
    """A rule that objects rejects an application that was taken; CRM is told which, and nobody hears of the object."""
    filed, kind, code, detail = OBJECTIONS[case]
    message = ppm.application(filed)
    row = ppm.taken(message)
    opinion = RESULTS[int(code)].describe(detail)
    assert (told(ppm, message), ppm.row_state(row), ppm.partners.sent, ppm.master(filed.id, kind)) == (
        (REJECTED, opinion), OrderState.FAILED, [], (CANCELLED, 0),
    )  # fmt: skip


@pytest.mark.parametrize("broken", ["orders_by_channel", "cells"])
def test_queries_while_the_store_fails(ppm, broken):
    """The caller may come again, and the operator is told."""

    async def fail(*_):
        raise StoreFailed("a read failed")

    setattr(ppm.store, broken, fail)
    answer = ppm.audit(ppm.application(product())[1]) if broken == "orders_by_channel" else ppm.ledger("P1")
    assert (answer.ResultCode, ppm.events[-1]) == ("9001", "store.failed")


def test_rejected_object_may_be_filed_again(ppm):
    """It never was anybody's: corrected, it begins anew."""
    ppm.taken(ppm.application(product(sp="SP2")))
    assert (ppm.code(ppm.application(product())), ppm.master("P9")) == ("0", (NORMAL, 2))


def test_rejected_object_can_be_part_of_nothing(ppm):
    """An offer of it names a product that is not there."""
    ppm.taken(ppm.application(product(sp="SP2")))
    assert ppm.code(ppm.application(offer("O9", "P9"))) == "4001"


def test_what_ends_is_not_objected_to(ppm):
    """A product whose partner has stopped selling can be suspended, but not put on sale."""
    ppm.taken(ppm.state("P5", SUSPENDED))
    message = ppm.state("P5", NORMAL)
    ppm.taken(message)
    assert (told(ppm, message)[0], ppm.master("P5")) == (REJECTED, (SUSPENDED, 1))


# ---- a person ----------------------------------------------------------------------------------------------------------


def test_held_application_waits(held):
    """Nobody is told before the person has decided, and nothing is in test."""
    message = held.application(product())
    row = held.taken(message)
    assert (told(held, message), held.row_state(row), held.partners.sent, held.master("P9")) == (
        (WAITING, None), OrderState.EXECUTING, [], (APPLIED, 0),
    )  # fmt: skip


def test_person_is_told_what_the_rules_say(held):
    """An objection is the opinion while the application waits."""
    message = held.application(product(sp="SP2"))
    held.taken(message)
    assert told(held, message) == (WAITING, RESULTS[4004].describe("SP2 (P9)"))


@pytest.mark.parametrize("by", ["our id", "CRM's id"])
def test_approval_lets_it_go_on(held, by):
    """Approved, it is tested and published."""
    message = held.application(product())
    row = held.taken(message)
    name = row.order.id if by == "our id" else message[1].ApplicationId
    run(decide(held.desk, name, approve=True, why=""))
    assert (told(held, message), held.master("P9"), held.row_state(row)) == (
        (APPROVED, None),
        (NORMAL, 2),
        OrderState.COMPLETED,
    )


def test_rejection_ends_it(held):
    """CRM is told the person's words."""
    message = held.application(product())
    row = held.taken(message)
    run(decide(held.desk, row.order.id, approve=False, why="no price"))
    assert (told(held, message), held.master("P9"), held.partners.sent) == (
        (REJECTED, NOT_APPROVED.describe("no price")), (CANCELLED, 0), [],
    )  # fmt: skip


def test_rejected_change_of_state(held):
    """The object stays as it is, and another change may be filed."""
    row = held.taken(held.state("P1", SUSPENDED))
    run(decide(held.desk, row.order.id, approve=False, why=""))
    assert (held.master("P1"), held.code(held.state("P1", SUSPENDED))) == (None, "0")


def test_ismp_is_not_audited(held):
    """What ISMP has configured is passed on at once, also where a person audits."""
    held.taken(held.notice(product("I9", owner="204", platform="204")))
    assert held.master("I9") == (NORMAL, 1)


def test_what_waits_is_listed(held):
    """The applications that a person can decide, and no others."""
    first = held.taken(held.application(product()))
    second = held.taken(held.application(product("P8")))
    run(decide(held.desk, first.order.id, approve=False, why=""))
    held.taken(held.notice(product("I9", owner="204", platform="204")))
    assert [row.order.id for row in run(waiting(held.desk, "2.1"))] == [second.order.id]


def test_what_is_in_test_does_not_wait_for_a_person(held):
    """An application that was approved is not listed, though it has not ended."""
    held.partners.answer("test-vsop:15", Pending())
    row = held.taken(held.application(product()))
    run(decide(held.desk, row.order.id, approve=True, why=""))
    assert (run(waiting(held.desk, "2.1")), held.row_state(row)) == ([], OrderState.EXECUTING)


@pytest.mark.parametrize("approve", [True, False])
def test_decision_stands(held, approve):
    """What is decided cannot be decided again."""
    row = held.taken(held.application(product()))
    run(decide(held.desk, row.order.id, approve=approve, why=""))
    with pytest.raises(CannotDo) as caught:
        run(decide(held.desk, row.order.id, approve=not approve, why=""))
    assert caught.value.unknown is False


def test_decision_that_is_not_carried_out_yet_stands(held):
    """Two persons at once: the one who was first decides."""
    row = held.taken(held.application(product()))
    run(held.store.commit([SignalArrived(row.order.id, "audit", Reply(held.rig.clock.now()))]))
    with pytest.raises(CannotDo):
        run(decide(held.desk, row.order.id, approve=False, why=""))


def test_decision_about_nothing(held):
    """An application that is not there is said to be so."""
    with pytest.raises(CannotDo) as caught:
        run(decide(held.desk, "gone", approve=True, why=""))
    assert caught.value.unknown is True


def test_decision_where_the_rules_audit(ppm):
    """There is nothing for a person to decide."""
    row = ppm.taken(ppm.application(product()))
    with pytest.raises(CannotDo):
        run(decide(ppm.desk, row.order.id, approve=False, why=""))


def test_held_application_survives_a_restart(held):
    """The decision may come to another process."""
    row = held.taken(held.application(product()))
    held.rig.restart()
    held.desk.engine = held.rig.engine
    run(decide(held.desk, row.order.id, approve=True, why=""))
    assert held.master("P9") == (NORMAL, 2)


# ---- what CRM may ask --------------------------------------------------------------------------------------------------

QUESTIONS = {
    "of the other CRM": ("101", "4014"),
    "by a channel": ("211", "2002"),
    "by nobody": ("999", "2001"),
}


@pytest.mark.parametrize("case", QUESTIONS)
def test_question_about_an_application(ppm, case):
    """Each CRM sees its own applications, and nobody else sees any."""
    system, code = QUESTIONS[case]
    _, request = ppm.application(product())
    ppm.call("submitProductApplication", request)
    answer = ppm.audit(request, system)
    assert (answer.ResultCode, answer.AuditState) == (code, None)


def test_question_about_no_application(ppm):
    """What was refused at once is no application."""
    _, request = ppm.application(product("P1"))
    ppm.call("submitProductApplication", request)
    assert ppm.audit(request).ResultCode == "4014"


# ---- test phase --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["test-vsop:15", "test-xplatform:303", "notify-vsop:15", "notify-xplatform:303"])
def test_refused_in_test_stays_there(ppm, step):
    """It is approved, but not published; CRM is told why, and nobody else hears of it."""
    ppm.partners.answer(step, Reply(ppm.rig.clock.now(), UNKNOWN_PARTNER.code))
    message = ppm.application(product())
    row = ppm.taken(message)
    assert (told(ppm, message), ppm.row_state(row), ppm.master("P9"), ppm.cells("P9")) == (
        (APPROVED, UNKNOWN_PARTNER.describe()), OrderState.FAILED, (TEST, 1), [],
    )  # fmt: skip


def test_opinion_where_a_person_approved_what_then_failed(held):
    """The person's approval and the tester's refusal are both told."""
    held.partners.answer("notify-vsop:15", Reply(held.rig.clock.now(), NOT_IN_TEST.code))
    message = held.application(product())
    run(decide(held.desk, held.taken(message).order.id, approve=True, why=""))
    assert told(held, message) == (APPROVED, NOT_IN_TEST.describe())


@pytest.mark.parametrize(("status", "version"), [(NORMAL, 2), (CANCELLED, 2)])
def test_ways_out_of_test(ppm, status, version):
    """What stays in test is published, or cancelled, by a change of state."""
    ppm.partners.answer("test-vsop:15", Reply(ppm.rig.clock.now(), UNKNOWN_PARTNER.code))
    ppm.taken(ppm.application(product()))
    ppm.taken(ppm.state("P9", status))
    assert (ppm.master("P9"), {t for t, *_ in ppm.cells("P9")}) == (
        (status, version),
        {str(a) for a in (OWN, X303, OCS, CRM)},
    )


def test_what_is_in_test_can_be_part_of_an_offer(ppm):
    """An offer may be filed before its product is published; the targets take it when the product is there."""
    ppm.partners.answer("test-vsop:15", Pending())
    ppm.taken(ppm.application(product()))
    assert ppm.code(ppm.application(offer("O9", "P9"))) == "0"


# ---- delivery ledger ---------------------------------------------------------------------------------------------------


def test_ledger_of_an_object(ppm):
    """Each target with version, status, state, code and time, as the contract writes them."""
    ppm.partners.answer(
        "sync", Reply(ppm.rig.clock.now(), UNKNOWN_PARTNER.code), Reply(ppm.rig.clock.now(), OUTDATED.code), Pending()
    )
    ppm.taken(ppm.application(product()))
    cells = [
        (i.TargetSystem, i.Version, i.Status, i.SyncState, i.OPResult, i.SyncTime) for i in ppm.ledger("P9").SyncInfo
    ]
    assert cells == [
        ("crm", 2, "0", "1", "0", "20261123120000"), ("ocs", 2, "0", "0", "0", "20261123120000"),
        ("vsop:15", 2, "0", "2", "4005", "20261123120000"), ("xplatform:303", 2, "0", "3", "4010", "20261123120000"),
    ]  # fmt: skip


def test_ledger_keeps_every_version(ppm):
    """The history of an object stays, the oldest version first."""
    ppm.taken(ppm.application(product()))
    ppm.taken(ppm.state("P9", SUSPENDED))
    assert [(i.Version, i.Status) for i in ppm.ledger("P9").SyncInfo] == [(2, "0")] * 4 + [(3, "2")] * 4


def test_newer_version_supersedes_what_is_on_its_way(ppm):
    """A cell whose delivery has not ended is superseded as soon as the next version is published."""
    ppm.partners.answer("sync", *[Pending() for _ in range(8)])
    ppm.taken(ppm.application(product()))
    ppm.taken(ppm.state("P9", SUSPENDED))
    assert [state for *_, state in ppm.cells("P9")] == [DeliveryState.SUPERSEDED] * 4 + [DeliveryState.PENDING] * 4


LEDGER_QUESTIONS = {
    "object without deliveries": ("P1", "201", "0"),
    "unknown object": ("gone", "201", "4008"),
    "by ISMP": ("P1", "204", "0"),
    "by a channel": ("P1", "211", "2002"),
    "by nobody": ("P1", "999", "2001"),
}


@pytest.mark.parametrize("case", LEDGER_QUESTIONS)
def test_question_about_the_ledger(ppm, case):
    """Systems that have to do with the catalogue may ask for any object of it."""
    object_id, system, code = LEDGER_QUESTIONS[case]
    answer = ppm.ledger(object_id, system=system)
    assert (answer.ResultCode, answer.SyncInfo) == (code, [])


# ---- resend ------------------------------------------------------------------------------------------------------------


def refused_by_ocs(ppm, filed):
    """Publish a product that OCS refuses."""
    ppm.partners.answer(
        "sync", Reply(ppm.rig.clock.now()), Reply(ppm.rig.clock.now()), Reply(ppm.rig.clock.now(), UNKNOWN_PARTNER.code)
    )
    return ppm.taken(ppm.application(filed))


def cell(ppm, target):
    """State and run of the newest cell of P9 at a target."""
    found = [c for c in run(ppm.store.cells(PRODUCT, "P9")) if c.target == target][-1]
    return found.state, found.run_id


def test_resend_of_one_cell(ppm):
    """The newest version goes to that target alone, in a run of its own; the cell has the new end."""
    row = refused_by_ocs(ppm, product())
    before, former = cell(ppm, "ocs")
    sent = run(resend(ppm.desk, PRODUCT, "P9", "ocs"))
    assert (before, cell(ppm, "ocs"), ppm.partners.steps[-1].to, ppm.partners.steps[-1].number, sent.trace_id) == (
        DeliveryState.REFUSED, (DeliveryState.DELIVERED, sent.id), OCS_PARTY, "4c", row.order.id,
    )  # fmt: skip
    assert sent.id != former


def test_resend_tells_the_newest_version(ppm):
    """A target that did not hear of the last change gets the object as it is now."""
    refused_by_ocs(ppm, product())
    ppm.desk.partners = tuple(a for a in ppm.desk.partners if a != OCS)
    ppm.taken(ppm.state("P9", SUSPENDED))
    sent = run(resend(ppm.desk, PRODUCT, "P9", "ocs"))
    assert (sent.object.status, sent.object.version, ppm.cells("P9")[-3]) == (
        SUSPENDED, 3, ("ocs", 3, SUSPENDED, DeliveryState.DELIVERED),
    )  # fmt: skip


def test_resend_is_pending_until_it_is_answered(ppm):
    """What is sent again is under way, and cannot be sent a third time meanwhile."""
    refused_by_ocs(ppm, product())
    ppm.partners.answer("sync", Pending())
    run(resend(ppm.desk, PRODUCT, "P9", "ocs"))
    with pytest.raises(CannotDo) as caught:
        run(resend(ppm.desk, PRODUCT, "P9", "ocs"))
    assert (caught.value.unknown, cell(ppm, "ocs")[0]) == (False, DeliveryState.PENDING)


@pytest.mark.parametrize(("object_id", "target"), [("gone", "ocs"), ("P9", "billing"), ("P9", "nobody"), ("P1", "ocs")])
def test_resend_of_what_never_went_there(ppm, object_id, target):
    """Only a cell that is in the ledger can be sent again."""
    ppm.taken(ppm.application(product()))
    with pytest.raises(CannotDo) as caught:
        run(resend(ppm.desk, PRODUCT, object_id, target))
    assert caught.value.unknown is True
