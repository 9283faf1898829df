"""Receipts, users and the catalogue as messages: field by field what the matter says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mail import (
    APPLICATION,
    CHANGE,
    DELIVERY,
    JIANGXI_VSOP,
    OFFER,
    PRODUCT,
    TEAR_DOWN,
    THE_OFFER,
    THE_PRODUCT,
    WORK,
    ask,
    tell,
    written,
)
from playbook import ISMP, X

from gateway.domain.catalogue_change import CatalogueObject, ChangeKind
from gateway.domain.party import BILLING, CRM, GROUP_VSOP, OCS, PROVISIONING
from gateway.domain.subscriber import UserState
from gateway.domain.user_change import UserAct
from gateway.errors import RESULTS
from gateway.steps import ItemReply, NotifyTest, ReturnWork, SyncObject, TellUser

# ---- receipts --------------------------------------------------------------------------------------------------------


def test_receipt_refers_to_the_work_order():
    """Provisioning finds its own OrderId."""
    assert written(tell(PROVISIONING, ReturnWork(WORK, 0))).OrigOrderId == "F1"


@pytest.mark.parametrize("code", [0, 8001])
def test_result_of_a_receipt(code):
    """How the whole ended, by code and in words."""
    m = written(tell(PROVISIONING, ReturnWork(WORK, code)))
    assert (m.OrderResultCode, m.OrderResultDesc, m.VProductInfo) == (str(code), RESULTS[code].describe(), [])


def test_products_of_a_receipt():
    """Each product has its own result; texts are our own, never the platform's."""
    m = written(
        tell(PROVISIONING, ReturnWork(WORK, 8001, (ItemReply("P1", 5013), ItemReply("P2", 8001, "their text"))))
    )
    assert [(i.ProductID, i.OPResult, i.OPDesc) for i in m.VProductInfo] == [
        ("P1", "5013", RESULTS[5013].describe()), ("P2", "8001", RESULTS[8001].describe()),
    ]  # fmt: skip


def test_receipt_of_a_change_of_a_user():
    """It is answered like a bundle, without products."""
    m = written(tell(PROVISIONING, ReturnWork(CHANGE, 0)))
    assert (m.OrigOrderId, m.OrderResultCode, m.VProductInfo) == ("F2", "0", [])


# ---- users -----------------------------------------------------------------------------------------------------------

USERS = {
    "renumbered": (CHANGE, ("12", "003", "18907910002", "18907910001", "2", "1")),
    "torn down": (TEAR_DOWN, ("15", "001", "18907910001", None, "3", "0")),
}


@pytest.mark.parametrize("to", [ISMP, X, GROUP_VSOP], ids=str)
@pytest.mark.parametrize("case", USERS)
def test_user(case, to):
    """What happened, to whom, and how the user stands now: the same to everybody."""
    change, expected = USERS[case]
    m = written(tell(to, TellUser(change)))
    assert (m.ActionType, m.ProdSpecCode, m.ProductNo, m.OldProductNo, m.UserState, m.UserPayType) == expected


def test_user_is_told_under_the_end_to_end_number():
    """Whatever part of a change a message belongs to, all bear the number with which it began."""
    notice = replace(CHANGE, id="10035N.1", trace_id="20015TRACE", channel_order_id="10035N")
    assert written(tell(X, TellUser(notice))).OrderId == "20015TRACE"


STATES = dict(zip(UserState, "0123", strict=True))


@pytest.mark.parametrize("state", STATES)
def test_state_of_a_user(state):
    """Platforms have codes of their own for the states of a user."""
    m = written(tell(X, TellUser(replace(CHANGE, user=replace(CHANGE.user, state=state)))))
    assert m.UserState == STATES[state]


ACTS = dict(zip(UserAct, ("10", "11", "12", "13", "15", "16"), strict=True))


@pytest.mark.parametrize("act", ACTS)
def test_act_of_a_change(act):
    """The kinds of change have the codes that work orders have."""
    assert written(tell(X, TellUser(replace(CHANGE, act=act)))).ActionType == ACTS[act]


# ---- the catalogue ---------------------------------------------------------------------------------------------------

FLAGS = dict(zip(ChangeKind, "123", strict=True))


@pytest.mark.parametrize("change", FLAGS)
def test_what_is_done_to_an_object(change):
    """OPFlag says whether it is new, changed or gone; the version is the object's."""
    product = written(ask(OCS, SyncObject(DELIVERY, THE_PRODUCT, change)))
    offer = written(ask(BILLING, SyncObject(DELIVERY, THE_OFFER, change)))
    assert (product.OPFlag, product.Version, offer.OPFlag, offer.Version) == (FLAGS[change], 7, FLAGS[change], 3)


@pytest.mark.parametrize("to", [JIANGXI_VSOP, X, OCS, CRM], ids=str)
def test_product(to):
    """The whole product: what it is, who owns it, where it is sold, in which state it is, and what it minds."""
    info = written(ask(to, SyncObject(DELIVERY, THE_PRODUCT, ChangeKind.MODIFIED))).ProductInfo
    assert (
        info.ProductID, info.SPID, info.PNameCN, info.PNameEN, info.ProductHost, info.PlatForm, info.Scope, info.ProvinceID, info.Status,
    ) == ("P1", "SP1", "铃音", "tone", "200", "303", "1", "15", "5")  # fmt: skip
    assert (list(info.ServiceCapabilityID), list(info.ProdSpecCode), [(r.RelationType, r.RProductID) for r in info.ProdRelation]) == (
        ["1", "2"], ["003"], [("0", "P2"), ("1", "P3"), ("1", "P4"), ("2", "P5")],
    )  # fmt: skip


@pytest.mark.parametrize("to", [JIANGXI_VSOP, X, OCS, CRM, BILLING], ids=str)
def test_offer(to):
    """The whole offer: what it is, where it is sold, in which state it is, and of what it is made."""
    info = written(ask(to, SyncObject(DELIVERY, THE_OFFER, ChangeKind.MODIFIED))).ProductOfferInfo
    assert (
        info.ProductOfferType, info.ProductOfferID, info.PNameCN, info.PNameEN, info.Scope, info.ProvinceID, info.Status,
        info.PartialAllowed, list(info.ProductID),
    ) == ("2", "B1", "套餐", "bundle", "0", "35", "2", True, ["P1", "P2"])  # fmt: skip


def test_small_product():
    """A product that minds nothing has no relations, capabilities or access products."""
    plain = CatalogueObject(product=replace(PRODUCT, excludes=(), requires=(), replaces=(), capabilities=(), specs=()))
    info = written(ask(OCS, SyncObject(DELIVERY, plain, ChangeKind.ADDED))).ProductInfo
    assert (list(info.ProdRelation), list(info.ServiceCapabilityID), list(info.ProdSpecCode)) == ([], [], [])


@pytest.mark.parametrize(
    ("thing", "kind", "id", "version"), [(THE_PRODUCT, "0", PRODUCT.id, 7), (THE_OFFER, "1", OFFER.id, 3)]
)
@pytest.mark.parametrize("to", [JIANGXI_VSOP, X], ids=str)
def test_notice_of_a_test(to, thing, kind, id, version):
    """What is to be tried, by kind, code and version."""
    m = written(ask(to, NotifyTest(APPLICATION, thing)))
    assert (m.ObjectType, m.ObjectID, m.Version) == (kind, id, version)
