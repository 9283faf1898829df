"""What ISMP tells PPM of the products and offers that it has configured (seed first 2.2, 2.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ppm_office import BILLING, CRM, GROUP, OWN, PpmOffice, national, offer, product
from rig import run

from gateway.domain.catalogue import OfferType, Status
from gateway.domain.catalogue_change import ChangeKind, ObjectKind

NORMAL, APPLIED, SUSPENDED, PRE_CANCELLED, CANCELLED, TEST = Status
PRODUCT, OFFER = ObjectKind
ADD, MODIFY, DELETE = "1", "2", "3"


@pytest.fixture
def ppm() -> PpmOffice:
    """Jiangxi's PPM."""
    return PpmOffice()


def ismps(id="I9", **more):
    """A product of the province's ISMP-M."""
    return product(id, **{"owner": "204", "platform": "204", **more})


@pytest.mark.parametrize(
    ("told", "section"),
    [(ismps(), "2.2"), (offer("O9", "I1"), "2.3"), (offer("O9", "I1", "I2", type=OfferType.VAS_BUNDLE), "2.3")],
)
def test_new_object_is_passed_on(ppm, told, section):
    """VSOP, CRM and billing hear of it, in its first version; no platform does."""
    change = ppm.taken(ppm.notice(told)).order
    assert (change.section, change.testers, change.targets, change.object.version, change.change) == (
        section, (), (OWN, CRM, BILLING), 1, ChangeKind.ADDED,
    )  # fmt: skip


def test_national_product_of_ismp():
    """The group's PPM passes it on to every VSOP."""
    group = PpmOffice(GROUP)
    change = group.taken(group.notice(national(owner="104", platform="104"), system="104")).order
    assert [str(t) for t in change.targets] == ["vsop:35", "vsop:15", "vsop:21", "crm", "billing"]


def test_modified_product(ppm):
    """The whole product is replaced, in the next version."""
    ppm.taken(ppm.notice(ismps("I1", name_en="renamed"), MODIFY))
    kept = run(ppm.store.master(PRODUCT, "I1"))
    assert kept.product == ismps("I1", name_en="renamed", version=1)


@pytest.mark.parametrize("status", [SUSPENDED, PRE_CANCELLED])
def test_modified_state(ppm, status):
    """A state that the life cycle allows comes with the modification."""
    ppm.taken(ppm.notice(ismps("I1", status=status), MODIFY))
    assert ppm.master("I1") == (status, 1)


def test_deleted_product(ppm):
    """It is cancelled; what else the message says of it changes nothing."""
    ppm.taken(ppm.notice(ismps("I1", status=PRE_CANCELLED), MODIFY))
    change = ppm.taken(ppm.notice(ismps("I1", name_en="renamed"), DELETE)).order
    kept = run(ppm.store.master(PRODUCT, "I1")).product
    assert (change.change, kept) == (ChangeKind.DELETED, ismps("I1", status=CANCELLED, version=2))


def test_notice_again(ppm):
    """The same message is the same notice."""
    message = ppm.notice(ismps("I1"), MODIFY)
    assert ([ppm.code(message), ppm.code(message)], ppm.master("I1")) == (["0", "0"], (NORMAL, 1))


REFUSED = {
    "CRM": (ismps(), ADD, "201", "2002"),
    "nobody": (ismps(), ADD, "999", "2001"),
    "product exists": (ismps("I1"), ADD, "204", "4007"),
    "offer exists": (offer("OI", "I1"), ADD, "204", "4007"),
    "modification of nothing": (ismps(), MODIFY, "204", "4008"),
    "deletion of nothing": (ismps(), DELETE, "204", "4008"),
    "product of the X platform": (product(), ADD, "204", "4015"),
    "product of another ISMP": (ismps(), ADD, "203", "4015"),
    "modification of another ISMP's product": (ismps("J1"), MODIFY, "204", "4015"),
    "product given to another ISMP": (ismps("I1", owner="203", platform="203"), MODIFY, "204", "4015"),
    "product of VSOP taken over": (ismps("P1"), MODIFY, "204", "4015"),
    "offer of the X platform's product": (offer("O9", "P1"), ADD, "204", "4015"),
    "offer of two managers": (offer("O9", "I1", "P1"), ADD, "204", "4015"),
    "traditional bundle": (offer("O9", "I1", type=OfferType.TRADITIONAL_BUNDLE), ADD, "204", "4015"),
    "unknown partner": (ismps(sp="SP9"), ADD, "204", "4005"),
    "missing product": (offer("O9", "gone"), ADD, "204", "4001"),
    "new product in test": (ismps(status=TEST), ADD, "204", "4009"),
    "state that cannot follow": (ismps("I1", status=TEST), MODIFY, "204", "4009"),
    "deletion of what is on sale": (ismps("I1"), DELETE, "204", "4009"),
    "national product": (national(owner="204", platform="204"), ADD, "204", "7002"),
    "product of another province": (ismps(province="21"), ADD, "204", "7002"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_notice(ppm, case):
    """Each reason has its code; nothing is stored, and nobody is told."""
    told, flag, system, code = REFUSED[case]
    operation, request = ppm.notice(told, flag, system=system)
    answer = ppm.call(operation, request)
    stored = run(ppm.store.inbox(request.SystemId, request.StreamingNo))
    assert (answer.ResultCode, ppm.row(request), stored, ppm.partners.sent) == (code, None, None, [])


@pytest.mark.parametrize("flag", [MODIFY, DELETE])
def test_cancelled_product_stays_cancelled(ppm, flag):
    """Nothing brings it back, and it is not cancelled twice."""
    for each in (ppm.notice(ismps("I1", status=PRE_CANCELLED), MODIFY), ppm.notice(ismps("I1"), DELETE)):
        ppm.taken(each)
    code = ppm.code(ppm.notice(ismps("I1", status=CANCELLED), flag))
    assert (code, ppm.master("I1")) == ("4009", (CANCELLED, 2))


def test_crm_cannot_change_what_ismp_manages(ppm):
    """The state of ISMP's objects is ISMP's to change."""
    ppm.taken(ppm.notice(ismps()))
    assert (ppm.code(ppm.state("I9", SUSPENDED)), ppm.master("I9")) == ("4015", (NORMAL, 1))


def test_ismp_cannot_change_a_bundle_that_crm_filed(ppm):
    """A bundle with products of several managers is PPM's."""
    bundle = offer("O9", "I1", "P1", type=OfferType.VAS_BUNDLE)
    ppm.taken(ppm.application(bundle))
    assert (ppm.code(ppm.notice(replace(bundle, status=SUSPENDED), MODIFY)), ppm.master("O9", OFFER)) == (
        "4015",
        (NORMAL, 1),
    )
