"""Applications and changes of state that CRM files with PPM: who hears of them, in which version, and each refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ppm_office import (
    BILLING,
    CRM,
    GROUP,
    GROUP_VSOP,
    GUANGXI,
    OCS,
    OFFERS,
    OWN,
    X303,
    X304,
    PpmOffice,
    national,
    offer,
    product,
)
from rig import Pending, run, spawn

from gateway.domain.catalogue import OfferType, Scope, Status
from gateway.domain.catalogue_change import ChangeKind, DeliveryState, ObjectKind
from gateway.domain.order import OrderState
from gateway.engine.ports import CatalogueLoaded
from gateway.errors import NOT_IN_TEST
from gateway.steps import Reply
from gateway.store.memory import MemoryStore

NORMAL, APPLIED, SUSPENDED, PRE_CANCELLED, CANCELLED, TEST = Status
OFFER = ObjectKind.OFFER
DELIVERED = DeliveryState.DELIVERED


@pytest.fixture
def ppm() -> PpmOffice:
    """Jiangxi's PPM."""
    return PpmOffice()


@pytest.fixture
def group_ppm() -> PpmOffice:
    """The group's PPM."""
    return PpmOffice(GROUP)


# ---- sections, testers, targets ----------------------------------------------------------------------------------------

BUNDLE = offer("O9", "P1", "P6", type=OfferType.VAS_BUNDLE)
TRADITIONAL = offer("O9", "P1", type=OfferType.TRADITIONAL_BUNDLE)
CASES = {
    "product": (product(), "2.1", (OWN, X303), (OWN, X303, OCS, CRM)),
    "product of another platform": (product(platform="304"), "2.1", (OWN, X304), (OWN, X304, OCS, CRM)),
    "product of a platform that is not configured": (product(platform="305"), "2.1", (OWN,), (OWN, OCS, CRM)),
    "pure offer": (offer("O9", "P1"), "3.1", (OWN, X303), (OWN, X303, OCS, CRM)),
    "pure offer of several platforms": (offer("O9", "P1", "P6"), "3.1", (OWN, X303, X304), (OWN, X303, X304, OCS, CRM)),
    "offer with products of ISMP": (offer("O9", "P1", "I1"), "3.1", (OWN, X303), (OWN, X303, OCS, CRM)),
    "VAS bundle": (BUNDLE, "2.2b", (), (CRM, OWN, BILLING)),
    "traditional bundle": (TRADITIONAL, "2.2b", (), (CRM, OWN, BILLING)),
    "traditional bundle of ISMP's products": (replace(TRADITIONAL, products=("I1",)), "2.2b", (), (CRM, OWN, BILLING)),
    "bundle with a national product": (replace(BUNDLE, products=("P1", "N1")), "2.2b", (), (CRM, OWN, BILLING)),
}


@pytest.mark.parametrize("case", CASES)
def test_who_hears_of_an_application(ppm, case):
    """The object's kind decides the section; the section, the platforms and the configuration decide testers and targets."""
    filed, section, testers, targets = CASES[case]
    change = ppm.taken(ppm.application(filed)).order
    assert (change.section, change.testers, change.targets) == (section, testers, targets)


def test_national_product_goes_to_every_vsop(group_ppm):
    """The group's own VSOP first, then those of the provinces; they test it as well."""
    change = group_ppm.taken(group_ppm.application(national(), system="101")).order
    vsops = (GROUP_VSOP, OWN, GUANGXI)
    assert (change.testers, change.targets) == ((*vsops, X303), (*vsops, X303, OCS, CRM))


def test_test_phase_comes_before_the_publication(ppm):
    """Both testers hear of it and try it; only then do all four targets get it."""
    ppm.taken(ppm.application(product()))
    assert ppm.partners.names() == [
        "test-vsop:15", "test-xplatform:303", "notify-vsop:15", "notify-xplatform:303", *["sync"] * 4,
    ]  # fmt: skip


def test_everybody_holds_the_published_version(ppm):
    """The ledger has a cell for each target; the application is completed."""
    row = ppm.taken(ppm.application(product()))
    cells = [(str(t), 2, NORMAL, DELIVERED) for t in (CRM, OCS, OWN, X303)]
    assert (ppm.cells("P9"), ppm.row_state(row)) == (cells, OrderState.COMPLETED)


def test_target_that_refuses_holds_up_no_other(ppm):
    """Its cell says so with its code; the application is completed all the same."""
    ppm.partners.answer("sync", Reply(ppm.rig.clock.now(), NOT_IN_TEST.code))
    row = ppm.taken(ppm.application(product()))
    states = [state for _, _, _, state in ppm.cells("P9")]
    assert (sorted(states), ppm.row_state(row)) == ([DELIVERED] * 3 + [DeliveryState.REFUSED], OrderState.COMPLETED)


def test_target_that_is_away_holds_up_no_other(ppm):
    """Its cell stays pending, the others are delivered."""
    ppm.partners.answer("sync", Pending())
    ppm.taken(ppm.application(product()))
    assert sorted(state for _, _, _, state in ppm.cells("P9")) == [DELIVERED] * 3 + [DeliveryState.PENDING]


# ---- versions ----------------------------------------------------------------------------------------------------------


def test_new_product_is_published_in_its_second_version(ppm):
    """The first version was the test."""
    ppm.taken(ppm.application(product()))
    assert ppm.master("P9") == (NORMAL, 2)


def test_new_bundle_is_published_in_its_first_version(ppm):
    """It has no test phase."""
    ppm.taken(ppm.application(BUNDLE))
    assert ppm.master("O9", OFFER) == (NORMAL, 1)


def test_each_change_of_state_is_a_version(ppm):
    """Counted on from PPM's own state."""
    ppm.taken(ppm.application(product()))
    ppm.taken(ppm.state("P9", SUSPENDED))
    ppm.taken(ppm.state("P9", NORMAL))
    assert ppm.master("P9") == (NORMAL, 4)


def test_change_of_what_was_loaded_before_ppm(ppm):
    """Where PPM has no state of its own, what VSOP holds is where it begins."""
    change = ppm.taken(ppm.state("P1", SUSPENDED)).order
    assert (ppm.master("P1"), change.section, change.change, change.object.product) == (
        (SUSPENDED, 1), "2.1", ChangeKind.MODIFIED, product("P1", status=SUSPENDED, version=1),
    )  # fmt: skip


def test_offer_loaded_without_a_place_gets_the_place_of_its_products(ppm):
    """The wire wants a province: an offer with a product of the province is the province's."""
    ppm.taken(ppm.state("O2", SUSPENDED, kind=OFFER))
    kept = run(ppm.store.master(OFFER, "O2")).offer
    assert kept == replace(OFFERS[1], status=SUSPENDED, version=1, province="15")


def test_offer_of_national_products_alone_is_the_groups(ppm, group_ppm):
    """The same offer is nothing to a province."""
    message = {"kind": OFFER, "status": SUSPENDED}
    assert [p.code(p.state("O3", **message)) for p in (ppm, group_ppm)] == ["7002", "0"]


STATE_CASES = {
    "product": ("P1", ObjectKind.PRODUCT, "2.1", (OWN, X303, OCS, CRM)),
    "pure offer": ("O1", OFFER, "3.1", (OWN, X303, OCS, CRM)),
    "bundle": ("O2", OFFER, "2.2b", (OWN, CRM, BILLING)),
}


@pytest.mark.parametrize("case", STATE_CASES)
def test_who_hears_of_a_change_of_state(ppm, case):
    """All who hear of a publication, without a test."""
    object_id, kind, section, targets = STATE_CASES[case]
    change = ppm.taken(ppm.state(object_id, SUSPENDED, kind=kind)).order
    assert (change.section, change.testers, change.targets) == (section, (), targets)


def test_cancellation_deletes(ppm):
    """The last state is told as a deletion; the object is kept."""
    change = ppm.taken(ppm.state("P3", CANCELLED)).order
    assert (change.change, ppm.master("P3")) == (ChangeKind.DELETED, (CANCELLED, 1))


# ---- life cycle --------------------------------------------------------------------------------------------------------

HELD_IN = {NORMAL: "P1", SUSPENDED: "P2", PRE_CANCELLED: "P3", CANCELLED: "P4", TEST: "PT"}
LEGAL = {
    (NORMAL, SUSPENDED), (NORMAL, PRE_CANCELLED), (SUSPENDED, NORMAL), (SUSPENDED, PRE_CANCELLED), (PRE_CANCELLED, CANCELLED),
    (TEST, NORMAL), (TEST, CANCELLED),
}  # fmt: skip


@pytest.mark.parametrize("wanted", Status)
@pytest.mark.parametrize("held", HELD_IN)
def test_life_cycle(ppm, held, wanted):
    """Every step that the life cycle does not have is refused, and nothing is kept of it."""
    run(ppm.store.commit([CatalogueLoaded((product("PT", status=TEST),), ())]))
    run(ppm.desk.load())
    code = ppm.code(ppm.state(HELD_IN[held], wanted))
    legal = (held, wanted) in LEGAL
    assert (code, ppm.master(HELD_IN[held])) == (("0", (wanted, 1)) if legal else ("4009", None))


@pytest.mark.parametrize(("status", "code"), [(s, "0" if s in (APPLIED, NORMAL) else "4009") for s in Status])
def test_state_of_a_new_object(ppm, status, code):
    """It is applied for, or shall be normal; it cannot begin in any other state."""
    assert ppm.code(ppm.application(product(), status=status)) == code


# ---- refusals ----------------------------------------------------------------------------------------------------------

REFUSED = {
    "not CRM": (product(), {"system": "211"}, "2002"),
    "ISMP": (product(), {"system": "204"}, "2002"),
    "platform of the catalogue": (product(), {"system": "303"}, "2002"),
    "nobody": (product(), {"system": "999"}, "2001"),
    "product exists": (product("P1"), {}, "4007"),
    "cancelled product exists": (product("P4"), {}, "4007"),
    "offer exists": (offer("O1", "P1"), {}, "4007"),
    "unknown content partner": (product(sp="SP9"), {}, "4005"),
    "bundle of a missing product": (offer("O9", "P1", "gone", type=OfferType.VAS_BUNDLE), {}, "4001"),
    "offer of a missing product": (offer("O9", "gone"), {}, "4001"),
    "exclusion of a missing product": (product(excludes=("gone",)), {}, "4001"),
    "requirement of a missing product": (product(requires=("gone",)), {}, "4001"),
    "replacement of a missing product": (product(replaces=("gone",)), {}, "4001"),
    "relation to itself": (product("P9", excludes=("P9",)), {}, "4001"),
    "product of another province": (product(province="21"), {}, "7002"),
    "national product": (national(), {}, "7002"),
    "national offer": (offer("O9", "N1", scope=Scope.NATIONAL, province="35"), {}, "7002"),
    "scope and province at odds": (product(scope=Scope.NATIONAL), {}, "7002"),
    "offer with another province's product": (offer("O9", "G1"), {}, "7002"),
    "product of ISMP": (product(owner="204", platform="204"), {}, "4015"),
    "product of nobody we know": (product(owner="777"), {}, "4015"),
    "offer of ISMP": (offer("O9", "I1", "I2"), {}, "4015"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_application(ppm, case):
    """Each reason has its code; nothing is stored, and nobody is told."""
    filed, more, code = REFUSED[case]
    operation, request = ppm.application(filed, **more)
    answer = ppm.call(operation, request)
    kind = OFFER if operation == "submitOfferApplication" else ObjectKind.PRODUCT
    stored = run(ppm.store.inbox(request.SystemId, request.StreamingNo))
    assert (answer.ResultCode, ppm.row(request), stored, ppm.master(filed.id, kind), ppm.partners.sent) == (
        code,
        None,
        None,
        None,
        [],
    )


GROUP_REFUSED = {
    "product of a province": (product(), "7002"),
    "provincial product with the group's number": (product(province="35"), "7002"),
    "offer of a provincial product": (offer("O9", "P1", scope=Scope.NATIONAL, province="35"), "7002"),
}


@pytest.mark.parametrize("case", GROUP_REFUSED)
def test_group_looks_after_national_objects_alone(group_ppm, case):
    """What belongs to a province is refused with the province that it belongs to."""
    filed, code = GROUP_REFUSED[case]
    assert group_ppm.code(group_ppm.application(filed)) == code


REFUSED_STATES = {
    "not CRM": ("P1", {"system": "211"}, "2002"),
    "unknown product": ("gone", {}, "4008"),
    "unknown offer": ("P1", {"kind": OFFER}, "4008"),
    "product of ISMP": ("I1", {}, "4015"),
    "offer of ISMP": ("OI", {"kind": OFFER}, "4015"),
    "product of another province": ("G1", {}, "7002"),
    "national product": ("N1", {}, "7002"),
}


@pytest.mark.parametrize("case", REFUSED_STATES)
def test_refused_change_of_state(ppm, case):
    """Each reason has its code, and nothing is stored."""
    object_id, more, code = REFUSED_STATES[case]
    operation, request = ppm.state(object_id, SUSPENDED, **more)
    assert (ppm.call(operation, request).ResultCode, ppm.row(request)) == (code, None)


def test_nobody_to_tell():
    """A PPM without any target cannot publish."""
    ppm = PpmOffice(configured=())
    assert ppm.code(ppm.application(product())) == "7003"


def test_object_with_an_application_under_way():
    """While one is under way another one is refused for now, whatever it asks for."""
    ppm = PpmOffice(held=True)
    ppm.taken(ppm.application(product()))
    codes = [ppm.code(ppm.application(product())), ppm.code(ppm.state("P9", CANCELLED))]
    assert (codes, ppm.code(ppm.application(product("P8")))) == (["4013", "4013"], "0")


def test_busy_gateway():
    """An application is new work: a gateway that is busy takes none."""
    ppm = PpmOffice(max_active=0)
    assert ppm.code(ppm.application(product())) == "9001"


# ---- the same again ----------------------------------------------------------------------------------------------------


def test_same_request_again(ppm):
    """The same number and content: the same answer, and one publication."""
    message = ppm.application(product())
    assert ([ppm.code(message), ppm.code(message)], ppm.master("P9")) == (["0", "0"], (NORMAL, 2))


def test_same_application_under_another_number(ppm):
    """The application's number is CRM's own: the same application again is answered as before, also in another status."""
    ppm.taken(ppm.application(product(), ApplicationId="A-1"))
    code = ppm.code(ppm.application(product(), ApplicationId="A-1", status=NORMAL))
    assert (code, ppm.master("P9"), len(run(ppm.store.orders_by_channel("201", "A-1")))) == ("0", (NORMAL, 2), 1)


def test_same_change_of_state_under_another_number(ppm):
    """It changes nothing a second time."""
    ppm.taken(ppm.state("P1", SUSPENDED, ApplicationId="A-1"))
    assert (ppm.code(ppm.state("P1", SUSPENDED, ApplicationId="A-1")), ppm.master("P1")) == ("0", (SUSPENDED, 1))


OTHERS = {
    "other content": lambda ppm: ppm.application(product(platform="304"), ApplicationId="A-1"),
    "other object": lambda ppm: ppm.application(product("P8"), ApplicationId="A-1"),
    "other kind": lambda ppm: ppm.application(offer("O9", "P1"), ApplicationId="A-1"),
    "change of state": lambda ppm: ppm.state("P1", SUSPENDED, ApplicationId="A-1"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_number_of_an_application_used_again(ppm, case):
    """Another application under the same number is refused; the first stands."""
    ppm.taken(ppm.application(product(), ApplicationId="A-1"))
    assert (ppm.code(OTHERS[case](ppm)), ppm.master("P8"), ppm.master("P1")) == ("2003", None, None)


def test_number_of_another_crm(ppm):
    """Each system numbers its own applications."""
    ppm.taken(ppm.application(product(), ApplicationId="A-1"))
    assert ppm.code(ppm.application(product("P8"), ApplicationId="A-1", system="101")) == "0"


class SlowCommits(MemoryStore):
    """A store whose commits wait, so that two requests can be under way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: list[Pending] | None = None

    async def commit(self, writes) -> None:
        if self.gates is not None:
            gate = Pending()
            self.gates.append(gate)
            await gate
        await super().commit(writes)


def test_two_changes_of_one_object_at_once():
    """Both would be legal alone; the one that comes second must wait, so that no version is given twice."""
    store = SlowCommits()
    ppm = PpmOffice(store=store)
    store.gates = []
    codes = []

    async def ask(message):
        codes.append((await ppm.answer(*message)).ResultCode)

    spawn(ask(ppm.state("P1", SUSPENDED)))
    spawn(ask(ppm.state("P1", PRE_CANCELLED)))
    gates, store.gates = store.gates, None
    for gate in gates:
        gate.settle(None)
    assert (codes, ppm.master("P1")) == (["0", "4013"], (SUSPENDED, 1))
