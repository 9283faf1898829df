"""The catalogue as PPM tells it to VSOP: versions, what is missing, who may tell, and the notice that an object is to be tried."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ppm_office import GROUP, USER, PpmOffice, national, offer, product
from rig import run

from gateway.domain.catalogue import OfferType, Scope, Status
from gateway.domain.catalogue_change import ObjectKind
from gateway.domain.facts import RelationStarted
from gateway.domain.subscriber import Relation, RelationState
from gateway.errors import PRODUCT_MISSING

NORMAL, APPLIED, SUSPENDED, PRE_CANCELLED, CANCELLED, TEST = Status
OFFER = ObjectKind.OFFER


@pytest.fixture
def vsop() -> PpmOffice:
    """Jiangxi's VSOP."""
    return PpmOffice()


def stored(vsop):
    """The catalogue as another process would read it."""
    return run(vsop.store.catalogue())


# ---- objects -----------------------------------------------------------------------------------------------------------


def test_product_is_kept(vsop):
    """All of it, in its version; orders are judged by it from then on, and another process reads the same."""
    told = product(excludes=("P1",), requires=("P2",), replaces=("P3",), capabilities=("1",), specs=("003",))
    code = vsop.code(vsop.sync(told, 2))
    kept = replace(told, version=2)
    assert (code, vsop.catalogue.products["P9"], stored(vsop).products["P9"]) == ("0", kept, kept)


def test_offer_is_kept(vsop):
    """All of it, in its version."""
    told = offer("O9", "P1", "N1", type=OfferType.TRADITIONAL_BUNDLE, partial=True)
    code = vsop.code(vsop.sync(told, 3))
    kept = replace(told, version=3)
    assert (code, vsop.catalogue.offers["O9"], stored(vsop).offers["O9"]) == ("0", kept, kept)


def test_rest_of_the_catalogue_stays(vsop):
    """One object is put in; nothing else changes."""
    before = vsop.catalogue
    vsop.code(vsop.sync(product()))
    after = vsop.catalogue
    assert (dict(after.products).keys() - before.products.keys(), after.offers, after.partners) == (
        {"P9"}, before.offers, before.partners,
    )  # fmt: skip


def test_newer_version_replaces(vsop):
    """What was loaded from a file has no version: the first that PPM tells is newer."""
    vsop.code(vsop.sync(product("P1", name_en="renamed")))
    assert vsop.catalogue.products["P1"] == product("P1", name_en="renamed", version=1)


@pytest.mark.parametrize("told", [product(), offer("O9", "P1")], ids=["product", "offer"])
def test_late_older_version_changes_nothing(vsop, told):
    """A sync that was long on its way does not undo what came after it."""
    vsop.code(vsop.sync(replace(told, status=SUSPENDED), 3))
    code = vsop.code(vsop.sync(told, 2))
    kept = vsop.catalogue.products.get("P9") or vsop.catalogue.offers["O9"]
    assert (code, kept.status, kept.version) == ("4010", SUSPENDED, 3)


def test_same_version_again(vsop):
    """Another message with the version that is held changes nothing and is no mistake."""
    codes = [vsop.code(vsop.sync(product(), 2)) for _ in range(2)]
    assert (codes, vsop.catalogue.products["P9"].version) == (["0", "0"], 2)


def test_same_message_again(vsop):
    """It gets its answer again, also after a newer version."""
    first = vsop.sync(product(), 2)
    vsop.code(first)
    vsop.code(vsop.sync(product(status=SUSPENDED), 3))
    assert (vsop.code(first), vsop.catalogue.products["P9"].version) == ("0", 3)


@pytest.mark.parametrize("status", Status)
def test_receiver_follows_ppm(vsop, status):
    """Whatever state a newer version is in, it is kept: the life cycle is PPM's to guard."""
    assert (vsop.code(vsop.sync(product("P4", status=status))), vsop.catalogue.products["P4"].status) == ("0", status)


MISSING = {
    "offer": offer("O9", "P1", "gone"),
    "exclusion": product(excludes=("gone",)),
    "requirement": product(requires=("gone",)),
    "replacement": product(replaces=("gone",)),
}


@pytest.mark.parametrize("case", MISSING)
def test_product_that_is_not_here_yet(vsop, case):
    """The sender is to try again: the product may be on its way."""
    message = vsop.sync(MISSING[case])
    first = vsop.code(message)
    vsop.code(vsop.sync(product("gone")))
    assert (first, vsop.code(message), PRODUCT_MISSING.retryable) == ("4006", "0", True)


REFUSED = {
    "CRM": (product(), {"system": "201"}, "2002"),
    "X platform of the catalogue": (product(), {"system": "303"}, "2002"),
    "platform of no product": (product(), {"system": "399"}, "2001"),
    "ISMP": (product("I9", owner="204", platform="204"), {"system": "204"}, "2002"),
    "group's PPM about a provincial product": (product(), {"system": "102"}, "2002"),
    "province's PPM about a national product": (national(), {}, "2002"),
    "province's PPM about a national offer": (offer("O9", "N1", scope=Scope.NATIONAL, province="35"), {}, "2002"),
    "product of another province": (product(province="21"), {}, "7002"),
    "unknown content partner": (product(sp="SP9"), {}, "4005"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_sync(vsop, case):
    """Each reason has its code, and nothing is kept."""
    told, more, code = REFUSED[case]
    message = vsop.sync(told, **more)
    before = vsop.catalogue
    answer = vsop.call(*message)
    kept = run(vsop.store.inbox(message[1].SystemId, message[1].StreamingNo))
    assert (answer.ResultCode, vsop.catalogue, kept) == (code, before, None)


def test_national_product_at_a_province(vsop):
    """The group's PPM tells it to every VSOP."""
    assert vsop.code(vsop.sync(national(), system="102")) == "0"


def test_provincial_product_at_the_group():
    """The group keeps what is national."""
    group = PpmOffice(GROUP)
    assert [group.code(group.sync(told, system=s)) for told, s in ((product(), "202"), (national(), "102"))] == [
        "7002",
        "0",
    ]


def test_sync_is_told_to_the_operator(vsop):
    """Each object that is kept is an event."""
    vsop.code(vsop.sync(product()))
    assert vsop.events == ["object.synced"]


# ---- what follows for users --------------------------------------------------------------------------------------------


def held(vsop):
    """The state of the user's relation to P1."""
    return run(vsop.store.relations(USER))[0].state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (SUSPENDED, RelationState.ACTIVE), (PRE_CANCELLED, RelationState.ACTIVE), (NORMAL, RelationState.ACTIVE),
        (CANCELLED, RelationState.ENDED),
    ],
)  # fmt: skip
def test_relations_of_a_product(vsop, status, state):
    """They survive its suspension, and end with its cancellation."""
    now = vsop.rig.clock.now()
    relation = Relation(USER, "P1", "O1", OfferType.PURE, "211", RelationState.ACTIVE, now, now)
    run(vsop.store.commit([RelationStarted(relation)]))
    vsop.code(vsop.sync(product("P1", status=status)))
    assert held(vsop) is state


@pytest.mark.parametrize("status", Status)
def test_only_what_is_published_can_be_ordered(vsop, status):
    """In test state, as in all others but normal, nothing can be ordered."""
    vsop.code(vsop.sync(product("P1", status=status)))
    assert vsop.catalogue.products["P1"].status.can_subscribe is (status is NORMAL)


# ---- test notice -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "kind"), [(product(status=TEST), ObjectKind.PRODUCT), (offer("O9", "P1", status=TEST), OFFER)]
)
def test_notice_that_an_object_is_to_be_tried(vsop, told, kind):
    """It is here, in test state and in that version: noted."""
    vsop.code(vsop.sync(told))
    message = vsop.test_notice(told.id, kind=kind)
    code = vsop.code(message)
    noted = run(vsop.store.inbox("202", message[1].StreamingNo))
    assert (code, vsop.events, noted is not None) == ("0", ["object.synced", "test.noticed"], True)


NOTICES = {
    "unknown product": (("P9", 1), {}, "4008"),
    "unknown offer": (("PT", 1), {"kind": OFFER}, "4008"),
    "on sale": (("P1", 1), {}, "4012"),
    "older version": (("PT", 1), {}, "4010"),
    "version that is not here": (("PT", 3), {}, "4010"),
    "CRM": (("PT", 2), {"system": "201"}, "2002"),
    "nobody": (("PT", 2), {"system": "999"}, "2001"),
}


@pytest.mark.parametrize("case", NOTICES)
def test_refused_test_notice(vsop, case):
    """Each reason has its code, and nothing is noted."""
    (object_id, version), more, code = NOTICES[case]
    vsop.code(vsop.sync(product("PT", status=TEST), 2))
    vsop.code(vsop.sync(product("P1"), 1))
    assert (vsop.code(vsop.test_notice(object_id, version, **more)), "test.noticed" in vsop.events) == (code, False)
