"""Bundles that CRM sells and cancels (seed 3.2): authorisation, several platforms in one order, all of it or nothing."""

from __future__ import annotations

import pytest
from acts import (
    ISMP,
    NATIONAL_X,
    X_FIXED,
    X_FLAGSHIP,
    X_PICTURE,
    X_PREMIUM,
    X,
    active,
    behaving,
    everywhere,
    served,
    until,
)

pytestmark = pytest.mark.e2e

VOICE_X, MIXED, FLAGSHIP, SPECIAL, IN_PART = (f"31500000000000000090{n}" for n in (1, 2, 3, 4, 5))
EVERYTHING = {
    "province": {X, ISMP, NATIONAL_X},
    "platforms": {X, ISMP},
    "group": {NATIONAL_X},
    "national": {NATIONAL_X},
}
NOTHING = {"province": set(), "platforms": set(), "group": set(), "national": set()}


def ask(lab, *users, offer=None, place="jiangxi"):
    """CRM's question; a user is (number, products, capabilities)."""
    info = [
        {
            "ProdSpecCode": "003", "ProductNo": number,
            "VProductInfo": [{"ActionType": "0", "VProductID": product} for product in products],
            "AProductInfo": [{"ActionType": "0", "AProductID": one} for one in capabilities],
        }
        for number, products, *capabilities in users
    ]  # fmt: skip
    return lab.player.send(
        lab.player.doors[place].gateway, "vsop", "subscribeAuth", "201", ProductOfferID=offer, ProductInfo=info
    )


def reasons(decision):
    """(number, product, OPResult) of everything that was objected to."""
    return [(user.ProductNo, p.VProductID, p.OPResult) for user in decision.ProductInfo for p in user.VProductInfo]


def sold(lab, number, offer, *products, action="0"):
    """Sell or cancel a bundle and wait until VSOP has done its part."""
    return lab.play(lab.player.bundle("3.2.1", lab.player.doors["jiangxi"], number, offer, *products, action=action))


def holding(lab, number, *offers):
    """Let a user hold pure offers."""
    lab.play(lab.player.order("4.1.1", lab.player.doors["jiangxi"], number, *offers))
    return number


def receipts(lab, played, wanted=1):
    """(result code, codes of the products) of the receipts at CRM, once as many are there."""
    crm = lab.stubs("jiangxi")
    until(lambda: len(crm.ledger("receipt", order=played.ids[0])), wanted)
    rows = crm.ledger("receipt", order=played.ids[0])
    return [(row["result_code"], [item["OPResult"] for item in row["results"]]) for row in rows]


def archived(lab, played):
    """The archive records of an order."""
    return lab.stubs("jiangxi").ledger("archive", order=played.ids[0])


# ---- authorisation: pass, pass when the user confirms, refused -------------------------------------------------------


def test_bundle_passes(lab, fresh_number):
    """AuthResult 0 and no reason: nothing stands against it."""
    decision = ask(lab, (fresh_number(), [X]), offer=VOICE_X)
    assert (decision.ResultCode, decision.AuthResult, reasons(decision)) == ("0", "0", [])


def test_replacement_passes_when_the_user_confirms(lab, fresh_number):
    """AuthResult 1 where a product of the bundle takes the place of one that the user holds; OPResult -2 says so."""
    number = holding(lab, fresh_number(), X)
    decision = ask(lab, (number, [X_FLAGSHIP]), offer=FLAGSHIP)
    assert (decision.ResultCode, decision.AuthResult, reasons(decision)) == ("0", "1", [(number, X_FLAGSHIP, "-2")])


REFUSED = {
    "rule 1: suspended product": ("115000000000000000104", "4002", "1"),
    "rule 2: partner not in service": ("115000000000000000105", "4004", "2"),
    "rule 4: capability": (X_PICTURE, "3005", "4"),
    "rule 7: needs another product": ("115000000000000000103", "5007", "7"),
    "rule 12: other network": (X_FIXED, "3006", "12"),
    "unknown product": ("199000000000000000009", "4001", "4001"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_bundle_names_the_rule(lab, fresh_number, case):
    """AuthResult 2; the code is that of the first reason, OPResult the rule."""
    product, code, rule = REFUSED[case]
    decision = ask(lab, (number := fresh_number(), [product]))
    assert (decision.AuthResult, decision.ResultCode, reasons(decision)) == ("2", code, [(number, product, rule)])


USERS = {
    "rule 3: stopped user": ("18907910007", "3002", "3"),
    "rule 5: no balance": ("18907910006", "6001", "5"),
    "number of another province": ("18907710001", "7002", "7002"),
    "number of no known segment": ("13900000000", "7001", "7001"),
}


@pytest.mark.parametrize("case", USERS)
def test_refused_user_names_the_reason(lab, case):
    """The same where the user is the reason."""
    number, code, rule = USERS[case]
    decision = ask(lab, (number, [X]), offer=VOICE_X)
    assert (decision.AuthResult, decision.ResultCode, reasons(decision)) == ("2", code, [(number, X, rule)])


def test_all_reasons_are_told(lab, fresh_number):
    """A bundle with two mistakes names both."""
    decision = ask(lab, (number := fresh_number(), [X_PICTURE, X_FIXED]), offer=SPECIAL)
    assert reasons(decision) == [(number, X_PICTURE, "4"), (number, X_FIXED, "12")]


def test_capability_that_comes_with_the_bundle_counts(lab, fresh_number):
    """What the bundle itself brings is there for its products."""
    assert ask(lab, (fresh_number(), [X_PICTURE], "2")).AuthResult == "0"


def test_held_product_excludes_another(lab, fresh_number):
    """Rule 6 looks at what the user holds."""
    number = holding(lab, fresh_number(), X)
    assert reasons(ask(lab, (number, [X_PREMIUM]))) == [(number, X_PREMIUM, "6")]


def test_unknown_bundle(lab, fresh_number):
    """A bundle that no catalogue knows is refused as a whole."""
    decision = ask(lab, (fresh_number(), [X]), offer="315000000000000000999")
    assert (decision.AuthResult, decision.ResultCode) == ("2", "4501")


def test_ocs_away_decides_nothing(lab, fresh_number):
    """Without the balance there is no AuthResult, and the code says that CRM may ask again."""
    with behaving(lab.stubs("jiangxi"), {"ocs": "away"}):
        decision = ask(lab, (fresh_number(), [X]), offer=VOICE_X)
    assert (decision.AuthResult, decision.ResultCode) == (None, "8005")


def test_refusal_is_told_in_both_languages(lab, fresh_number):
    """The text of a reason is for a person, Chinese and English, and names what is missing."""
    decision = ask(lab, (fresh_number(), [X_PICTURE]))
    told = decision.ProductInfo[0].VProductInfo[0]
    assert (told.VProductName, told.OPDesc) == (
        "彩信铃音",
        "用户缺少所需业务能力 / the user lacks a capability that the product needs: 2",
    )


# ---- family bundles --------------------------------------------------------------------------------------------------


def test_family_bundle_passes_as_a_whole(lab, fresh_number):
    """Several numbers in one question: one AuthResult for all of them."""
    assert ask(lab, *((fresh_number(), [X]) for _ in range(3)), offer=VOICE_X).AuthResult == "0"


def test_family_bundle_is_refused_for_one_of_them(lab, fresh_number):
    """One who may not have it refuses it for all; only that one is named."""
    decision = ask(lab, (fresh_number(), [X]), ("18907910007", [X]), (fresh_number(), [X]), offer=VOICE_X)
    assert (decision.AuthResult, reasons(decision)) == ("2", [("18907910007", X, "3")])


def test_family_bundle_asks_for_one_of_them(lab, fresh_number):
    """One who has to confirm makes it a question for all."""
    number = holding(lab, fresh_number(), X)
    decision = ask(lab, (fresh_number(), [X_FLAGSHIP]), (number, [X_FLAGSHIP]), offer=FLAGSHIP)
    assert (decision.AuthResult, reasons(decision)) == ("1", [(number, X_FLAGSHIP, "-2")])


# ---- what a bundle does ----------------------------------------------------------------------------------------------


def test_replaced_product_ends_with_the_order(lab, fresh_number):
    """The new product stands, the old one's relation has ended."""
    number = holding(lab, fresh_number(), X)
    sold(lab, number, FLAGSHIP, X_FLAGSHIP)
    assert lab.relations("jiangxi", number) == {X: "ended", X_FLAGSHIP: "active"}


def test_replaced_product_is_ended_at_its_platform(lab, fresh_number):
    """The platform has the new one and no longer the old one."""
    number = holding(lab, fresh_number(), X)
    sold(lab, number, FLAGSHIP, X_FLAGSHIP)
    assert served(lab, "jiangxi", number) == {X_FLAGSHIP}


def test_mixed_bundle_stands_everywhere(lab, fresh_number):
    """Products of X, ISMP and the national X platform in one bundle: each has its relation where it belongs."""
    number = fresh_number()
    sold(lab, number, MIXED, X, ISMP, NATIONAL_X)
    assert until(lambda: everywhere(lab, number), EVERYTHING) == EVERYTHING


def test_mixed_bundle_has_one_receipt(lab, fresh_number):
    """However many platforms take part, CRM gets one receipt, with a result for each product."""
    assert receipts(lab, sold(lab, fresh_number(), MIXED, X, ISMP, NATIONAL_X)) == [("0", ["0", "0", "0"])]


def test_mixed_bundle_is_archived_once_by_crm(lab, fresh_number):
    """The one archive record is CRM's, of the whole order."""
    played = sold(lab, fresh_number(), MIXED, X, ISMP, NATIONAL_X)
    until(lambda: len(archived(lab, played)), 1)
    rows = archived(lab, played)
    assert [(r["kind"], [p["VProductID"] for p in r["products"]]) for r in rows] == [("order", [X, ISMP, NATIONAL_X])]


def test_cancelled_bundle_stands_nowhere(lab, fresh_number):
    """The mixed bundle is ended at every tier and platform."""
    number = fresh_number()
    sold(lab, number, MIXED, X, ISMP, NATIONAL_X)
    sold(lab, number, MIXED, X, ISMP, NATIONAL_X, action="1")
    assert until(lambda: everywhere(lab, number), NOTHING) == NOTHING


# ---- all of it or nothing --------------------------------------------------------------------------------------------

REFUSING = {
    "X platform": ("jiangxi", "xplatform"),
    "ISMP": ("jiangxi", "ismp"),
    "national X platform": ("group", "xplatform"),
}


@pytest.mark.parametrize("who", REFUSING)
def test_what_was_done_is_taken_back(lab, fresh_number, who):
    """One platform refuses: the others are undone, nothing stands anywhere."""
    place, role = REFUSING[who]
    number = fresh_number()
    with behaving(
        lab.stubs(place), {f"{role}.serverAction" if role == "xplatform" else "ismp.subActionFromVSOP": "refuse"}
    ):
        sold(lab, number, MIXED, X, ISMP, NATIONAL_X)
    assert until(lambda: everywhere(lab, number), NOTHING) == NOTHING


@pytest.mark.parametrize("who", REFUSING)
def test_receipt_says_who_refused(lab, fresh_number, who):
    """The receipt carries the code of the refusal; what was taken back has a code of its own."""
    place, role = REFUSING[who]
    with behaving(
        lab.stubs(place), {f"{role}.serverAction" if role == "xplatform" else "ismp.subActionFromVSOP": "refuse"}
    ):
        played = sold(lab, fresh_number(), MIXED, X, ISMP, NATIONAL_X)
    codes = ["8001" if who == other else "5013" for other in REFUSING]
    assert receipts(lab, played) == [("8001", codes)]


def test_what_was_taken_back_is_not_archived(lab, fresh_number):
    """A bundle that failed is no case for billing."""
    with behaving(lab.stubs("jiangxi"), {"ismp.subActionFromVSOP": "refuse"}):
        played = sold(lab, fresh_number(), MIXED, X, ISMP, NATIONAL_X)
    assert (len(receipts(lab, played)), archived(lab, played)) == (1, [])


def test_offer_sold_in_part_keeps_what_was_done(lab, fresh_number):
    """Where the bundle allows it, a refusal of one platform leaves the others' products as they are."""
    number = fresh_number()
    with behaving(lab.stubs("jiangxi"), {"ismp.subActionFromVSOP": "refuse"}):
        sold(lab, number, IN_PART, X, ISMP, NATIONAL_X)
    wanted = {**EVERYTHING, "province": {X, NATIONAL_X}, "platforms": {X}}
    assert until(lambda: everywhere(lab, number), wanted) == wanted


def test_offer_sold_in_part_is_archived_in_part(lab, fresh_number):
    """The receipt is a success that names what was refused; CRM archives the rest."""
    with behaving(lab.stubs("jiangxi"), {"ismp.subActionFromVSOP": "refuse"}):
        played = sold(lab, fresh_number(), IN_PART, X, ISMP, NATIONAL_X)
    told = receipts(lab, played)
    until(lambda: len(archived(lab, played)), 1)
    products = [[p["VProductID"] for p in row["products"]] for row in archived(lab, played)]
    assert (told, products) == ([("0", ["0", "8001", "0"])], [[X, NATIONAL_X]])


# ---- work orders -----------------------------------------------------------------------------------------------------


def work(lab, number, order, *products, streaming_no, **more):
    """A work order as provisioning sends it."""
    fields = {
        "ActionType": "14", "ProdSpecCode": "003", "ProductNo": number, "ProductOfferID": MIXED, "UserState": "00A",
        "UserPayType": "1", "VProductInfo": [{"ActionType": "0", "VProductID": product} for product in products], **more,
    }  # fmt: skip
    base = lab.player.doors["jiangxi"].gateway
    return lab.player.send(base, "vsop", "workListFKToVSOP", "206", StreamingNo=streaming_no, OrderId=order, **fields)


def test_work_order_under_another_number_does_nothing_twice(lab, fresh_number):
    """Provisioning may send a work order again under another StreamingNo: one activation, one receipt."""
    number, order = fresh_number(), "FK-TWICE-1"
    first = work(lab, number, order, X, streaming_no="206TWICE1")
    lab.settled("jiangxi", order)
    second = work(lab, number, order, X, streaming_no="206TWICE2")
    lab.settled("jiangxi", order)
    stubs = lab.stubs("jiangxi")
    done = [len(stubs.ledger("activation", number=number)), len(stubs.ledger("work-receipt", order=order))]
    assert ([first.ResultCode, second.ResultCode], done) == (["0", "0"], [1, 1])


def test_work_order_with_other_content_is_refused(lab, fresh_number):
    """The same OrderId for something else: the first work order stands."""
    number, order = fresh_number(), "FK-TWICE-2"
    work(lab, number, order, X, streaming_no="206OTHER1")
    second = work(lab, number, order, X, NATIONAL_X, streaming_no="206OTHER2")
    lab.settled("jiangxi", order)
    assert (second.ResultCode, active(lab, "jiangxi", number)) == ("2003", {X})


def test_work_order_begins_and_ends(lab, fresh_number):
    """One work order may add a product and cancel another one: each is done at its own platform."""
    number, order = holding(lab, fresh_number(), X), "FK-BOTH-1"
    items = [{"ActionType": "0", "VProductID": NATIONAL_X}, {"ActionType": "1", "VProductID": X}]
    work(lab, number, order, streaming_no="206BOTH1", ProductOfferID=None, VProductInfo=items)
    lab.settled("jiangxi", order)
    wanted = {**NOTHING, "province": {NATIONAL_X}, "group": {NATIONAL_X}, "national": {NATIONAL_X}}
    assert until(lambda: everywhere(lab, number), wanted) == wanted


def test_capability_that_comes_with_products_stays(lab, fresh_number):
    """ActionType 20: the user has the capability from then on, for orders of channels as well."""
    number, order = fresh_number(), "FK-CAPABLE-1"
    gained = [{"ActionType": "0", "AProductID": "2"}]
    work(lab, number, order, X, streaming_no="206CAPABLE1", ActionType="20", AProductInfo=gained)
    lab.settled("jiangxi", order)
    assert portal(lab, number, X_PICTURE).ResultCode == "0"


WORK_REFUSALS = {
    "unknown user": ("18907918888", X, "3001"),
    "number of another province": ("18907710001", X, "7002"),
    "number of no known segment": ("13900000000", X, "7001"),
    "unknown product": (None, "199000000000000000009", "4001"),
    "product not of the bundle": (None, X_FLAGSHIP, "4503"),
}


@pytest.mark.parametrize("case", WORK_REFUSALS)
def test_refused_work_order_reaches_crm_as_a_receipt(lab, fresh_number, case):
    """Provisioning passes VSOP's refusal on: the receipt has its code, nothing is archived."""
    number, product, code = WORK_REFUSALS[case]
    accepted = lab.stubs("jiangxi").act(
        "crm", "accept", {"number": number or fresh_number(), "offer": MIXED, "products": [product], "send": False}
    )
    lab.player.send(
        lab.player.doors["jiangxi"].partners, "provisioning", "submitCustomerOrder", "201", OrderId=accepted["order_id"],
        StreamingNo=accepted["order_streaming_no"], ActionType="14", ProdSpecCode="003", ProductNo=number or fresh_number(),
        ProductOfferID=MIXED, UserState="00A", UserPayType="1", VProductInfo=[{"ActionType": "0", "VProductID": product}],
    )  # fmt: skip
    crm = lab.stubs("jiangxi")
    until(lambda: len(crm.ledger("receipt", order=accepted["order_id"])), 1)
    told = [row["result_code"] for row in crm.ledger("receipt", order=accepted["order_id"])]
    assert (told, crm.ledger("archive", order=accepted["order_id"])) == ([code], [])


def test_bundle_without_vas_product_is_none_of_vsops_business(lab, fresh_number):
    """Provisioning tells CRM by itself, CRM archives; VSOP hears nothing of it."""
    crm, door = lab.stubs("jiangxi"), lab.player.doors["jiangxi"]
    number = fresh_number()
    accepted = crm.act("crm", "accept", {"number": number, "offer": "315000000000000000990", "send": False})
    lab.player.send(
        door.partners, "provisioning", "submitCustomerOrder", "201", OrderId=accepted["order_id"],
        StreamingNo=accepted["order_streaming_no"], ActionType="14", ProdSpecCode="003", ProductNo=number,
        ProductOfferID="315000000000000000990", UserState="00A", UserPayType="1",
    )  # fmt: skip
    archives = until(lambda: len(crm.ledger("archive", order=accepted["order_id"])), 1)
    at_vsop = lab.admin("jiangxi").get(f"numbers/{number}")["orders"]
    assert (accepted["auth_streaming_no"], archives, at_vsop) == (None, 1, [])


# ---- traditional bundles belong to CRM -------------------------------------------------------------------------------


def portal(lab, number, *offers, **more):
    """An order of the portal for a traditional bundle's user."""
    return lab.client("jiangxi").service.subscribeToVSOP(**lab.request(number, *offers, **more))


@pytest.mark.parametrize(("action", "offer", "offer_type"), [("0", VOICE_X, "2"), ("1", VOICE_X, "2"), ("1", X, "0")])
def test_portal_cannot_touch_a_traditional_bundle(lab, fresh_number, action, offer, offer_type):
    """It is ordered and cancelled at CRM's counter only, as a whole or by its products."""
    number = fresh_number()
    if action == "1":
        sold(lab, number, VOICE_X, X)
    assert portal(lab, number, offer, action=action, offer_type=offer_type).ResultCode == "4504"


def test_unsubscribe_all_leaves_the_bundle(lab, fresh_number):
    """The portal's unsubscribe-all says of the bundle -1 (left as it is), and ends the rest."""
    number = fresh_number()
    sold(lab, number, VOICE_X, X)
    holding(lab, number, NATIONAL_X)
    answer = portal(lab, number, action="2")
    told = [(info.ProductOfferID, info.OPResult) for info in answer.ResultInfo]
    rest = until(lambda: active(lab, "jiangxi", number), {X})
    assert (answer.ResultCode, told, rest) == ("0", [(VOICE_X, "-1")], {X})


def test_unsubscribe_all_of_a_bundle_alone_is_refused(lab, fresh_number):
    """Where nothing else is held, there is no order, and the answer says why."""
    number = fresh_number()
    sold(lab, number, VOICE_X, X)
    answer = portal(lab, number, action="2")
    assert (answer.ResultCode, [info.OPResult for info in answer.ResultInfo]) == ("5009", ["-1"])
