"""Reconciliation's part of the admin API: pages, histories, ISMP's word, and repairs."""

from __future__ import annotations

import pytest
from office import ISMP, NATIONAL_X, STOPPED, USER, X
from recon_office import group, province
from rig import run

from gateway.admin import recon
from gateway.admin.recon import MOST_ASKED, MOST_KEYS, MOST_REPAIRS
from gateway.domain.numbers import Number
from gateway.domain.order import Action
from gateway.engine.ports import StoreFailed
from gateway.errors import Temporary
from gateway.recon.holdings import Right
from gateway.recon.planning import Repair

AWAY = Temporary("ismp:204", "away")


@pytest.fixture
def jiangxi():
    return province()


def test_about(jiangxi):
    """Who it is, who carries its products out, what is national, and how long an order stays young."""
    about = jiangxi.client.get("recon")
    assert (about["name"], about["system"], about["settle_seconds"], about["archives"]) == ("vsop:15", "200", 900, True)
    assert {"xplatform:303", "xplatform:304", "ismp:204", "vsop:35"} == set(about["carriers"])
    assert NATIONAL_X in about["national"]


def test_group_does_not_archive():
    """And carries national products of X platforms out itself."""
    about = group().client.get("recon")
    assert (about["archives"], "vsop:35" in about["carriers"], "xplatform:303" in about["carriers"]) == (False, False, True)


def test_relations_say_who_carries_them_out(jiangxi):
    """Platform, scope, how the user pays, and the province of his number."""
    jiangxi.hold(X, NATIONAL_X, "gone")
    rows = jiangxi.client.get("recon/relations")["rows"]
    assert [(r["relation"]["product_id"], r["carrier"], r["national"], r["pay"], r["province"]) for r in rows] == [
        (X, "xplatform:303", False, "prepaid", "15"), (NATIONAL_X, "vsop:35", True, "prepaid", "15"), ("gone", "", False, "prepaid", "15"),
    ]  # fmt: skip


def test_pages_go_on_where_the_last_one_ended(jiangxi, monkeypatch):
    """Each answer says where the next begins, until there is none."""
    monkeypatch.setattr(recon, "PAGE", 1)
    jiangxi.hold(X, ISMP)
    first = jiangxi.client.get("recon/relations")
    second = jiangxi.client.get("recon/relations/" + "/".join(first["next"]))
    third = jiangxi.client.get("recon/relations/" + "/".join(second["next"]))
    assert ([len(page["rows"]) for page in (first, second, third)], third["next"]) == ([1, 1, 0], None)


def test_users(jiangxi):
    """All numbers, and those after one."""
    assert USER in jiangxi.client.get("recon/users")["rows"]
    assert USER not in jiangxi.client.get(f"recon/users/{USER}")["rows"]


def test_changes_of_a_day(jiangxi):
    """Orders that ended, by product; a change of a user concerns all that he holds; a failed order changed nothing."""
    jiangxi.place(X)
    jiangxi.rig.partners.answer("activate", jiangxi.refused(ISMP))
    jiangxi.place(ISMP, number=USER)
    jiangxi.do_work("11", number=STOPPED, UserState="00A")
    rows = jiangxi.client.get("recon/changes/20261123000000/20261124000000")["rows"]
    told = {(row["number"], tuple(row["products"]), row["done"]) for row in rows}
    assert told == {(USER, (X,), True), (USER, (ISMP,), False), (STOPPED, (), True)}
    assert jiangxi.client.get("recon/changes/20261124000000/20261125000000")["rows"] == []


@pytest.mark.parametrize(
    ("path", "status"), [("recon/changes/x/y", 400), ("recon/changes", 400), ("recon/changes/20260230000000/2", 400), ("recon/no", 404)]
)
def test_what_there_is_not(jiangxi, path, status):
    """A path that means nothing is refused."""
    assert jiangxi.client.ask("GET", path)[0] == status


def test_history(jiangxi):
    """What VSOP did, whether it knows user and product, and whether the party that is compared is the right one."""
    jiangxi.place(X)
    asked = [[USER, X, "xplatform:303"], [USER, X, "xplatform:304"], ["18907918888", "nothing", "xplatform:303"]]
    body = {"right": "xplatform", "asked": [dict(zip(("number", "product", "carrier"), one, strict=True)) for one in asked]}
    status, answer = jiangxi.post("recon/history", body)
    assert status == 200
    assert [(h["user"], h["known"], h["ours"], len(h["orders"])) for h in answer] == [
        ("active", True, True, 1), ("active", True, False, 1), ("", False, False, 0),
    ]  # fmt: skip


def test_whose_a_product_is_for_the_group(jiangxi):
    """The group is to hold what is national."""
    asked = [{"number": USER, "product": product, "carrier": ""} for product in (X, NATIONAL_X)]
    told = [[h["ours"] for h in jiangxi.post("recon/history", {"right": r, "asked": asked})[1]] for r in ("group", "billing", "ocs")]
    assert told == [[False, True], [True, True], [True, True]]


def test_word_of_ismp(jiangxi):
    """What it holds for each user; of whom it gave no answer is said."""
    jiangxi.at_ismp = {USER: [(ISMP, "0")], STOPPED: AWAY}
    status, answer = jiangxi.post("recon/holdings/ismp:204", [USER, STOPPED])
    rows = [(row["number"]["digits"], row["product_id"]) for row in answer["rows"]]
    assert (status, rows, answer["untold"]) == (200, [(USER, ISMP)], [STOPPED])


def test_ismp_that_is_away(jiangxi):
    """Where more than half of the answers do not come, it is the partner that is away, and nothing is told."""
    jiangxi.at_ismp = {USER: AWAY}
    assert jiangxi.post("recon/holdings/ismp:204", [USER])[0] == 502


@pytest.mark.parametrize("party", ["xplatform:303", "billing", "nothing:1", ""])
def test_partner_without_a_query(jiangxi, party):
    """Its contract has none: it is told that a file is needed."""
    status, answer = jiangxi.post(f"recon/holdings/{party}", [USER])
    assert (status, "give its file" in answer["error"]) == (409, True)


def test_number_that_is_none(jiangxi):
    """Is refused, and not repeated."""
    status, answer = jiangxi.post("recon/holdings/ismp:204", ["12"])
    assert (status, "12" in answer["error"]) == (400, False)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("recon/holdings/ismp:204", [USER] * (MOST_ASKED + 1)),
        ("recon/history", {"right": "ismp", "asked": [{"number": USER, "product": X, "carrier": ""}] * (MOST_KEYS + 1)}),
        ("recon/repairs", {"plan": "R1", "right": "ismp", "by": "a", "why": "b",
                           "repairs": [Repair(Number(USER), X, Action.SUBSCRIBE)] * (MOST_REPAIRS + 1)}),
    ],
)  # fmt: skip
def test_too_much_at_once(jiangxi, path, body):
    """An answer comes within its caller's patience."""
    status, answer = jiangxi.post(path, body)
    assert (status, "at most" in answer["error"]) == (400, True)


def ordered(jiangxi, **changes):
    repair = Repair(Number(USER), X, Action.SUBSCRIBE, asks=True, line=1)
    body = {"plan": "R1", "right": Right.XPLATFORM, "by": "auditor", "why": "nightly", "repairs": [repair], **changes}
    return jiangxi.post("recon/repairs", body)


def test_repairs_are_begun(jiangxi):
    """Each line's order is named."""
    status, (begun,) = ordered(jiangxi)
    assert (status, begun["code"], run(jiangxi.store.order(begun["order_id"])).order.repair.by) == (200, 0, "auditor")


@pytest.mark.parametrize("missing", [{"by": " "}, {"why": ""}])
def test_repair_needs_who_and_why(jiangxi, missing):
    """Without them nothing is begun."""
    assert (ordered(jiangxi, **missing)[0], jiangxi.rig.partners.sent) == (400, [])


def test_store_that_fails_under_repairs(jiangxi):
    """The caller is to apply the same plan again."""

    async def fails(writes):
        raise StoreFailed("full")

    jiangxi.store.commit = fails
    assert ordered(jiangxi)[0] == 503


def test_what_cannot_be_posted(jiangxi):
    """There is no other resource."""
    assert jiangxi.post("recon/nothing", {})[0] == 404
