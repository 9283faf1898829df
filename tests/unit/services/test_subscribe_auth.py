"""subscribeAuth: the three outcomes of seed 3.2.1 step 2, what is named in them, and when nothing is decided."""

from __future__ import annotations

from dataclasses import replace

import pytest
from counter import (
    CLOSED,
    GUANGXIS,
    NEW,
    NOBODYS,
    PHS,
    POSTPAID,
    PREPAID,
    STOPPED,
    VAS,
    Counter,
    auth_user,
    told,
    without,
)

from gateway.domain.authorisation import Policy, Replacement
from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.routing import Tier
from gateway.domain.subscriber import UserState
from gateway.errors import BUSY, PARTNER_AWAY, PARTNER_FAULT, Permanent, Temporary


@pytest.fixture
def counter() -> Counter:
    """CRM before Jiangxi's VSOP."""
    return Counter()


def said(answer):
    """ResultCode, AuthResult, and what is said of products."""
    return answer.ResultCode, answer.AuthResult, told(answer)


# ---- three outcomes ----------------------------------------------------------------------------------------------------


def test_pass(counter):
    """Nothing stands against it: 0, and no product is named."""
    assert said(counter.ask(auth_user(POSTPAID, "A", "D"))) == ("0", "0", [])


def test_pass_when_confirmed(counter):
    """A held product would be replaced: CRM asks the user first; the result code is that of success."""
    counter.hold(POSTPAID, "A")
    assert said(counter.ask(auth_user(POSTPAID, "A2"))) == ("0", "1", [(POSTPAID, "A2", "-2")])


def test_refused(counter):
    """The code is that of the first reason that refuses; the product bears the number of the rule."""
    counter.hold(POSTPAID, "D", OfferType.VAS_BUNDLE)
    assert said(counter.ask(auth_user(POSTPAID, "D"))) == ("5001", "2", [(POSTPAID, "D", "11")])


def test_refused_tells_warnings_too(counter):
    """All reasons are told; a warning does not decide the code."""
    counter.hold(POSTPAID, "A")
    answer = counter.ask(auth_user(POSTPAID, "A2", "S"))
    assert said(answer) == ("4002", "2", [(POSTPAID, "A2", "-2"), (POSTPAID, "S", "1")])


def test_reason_names_its_product(counter):
    """Name and words for CRM's clerk, in both languages, with what it is about."""
    counter.hold(POSTPAID, "A")
    (user,) = counter.ask(auth_user(POSTPAID, "A2")).ProductInfo
    (reason,) = user.VProductInfo
    expected = ("003", "A2号", "将替换已订购的产品 / takes the place of a product that the user holds: A")
    assert (user.ProdSpecCode, reason.VProductName, reason.OPDesc) == expected


def test_province_that_refuses_replacements():
    """There the same order is refused."""
    counter = Counter(policy=Policy(replacement=Replacement.REFUSE))
    counter.hold(POSTPAID, "A")
    assert said(counter.ask(auth_user(POSTPAID, "A2"))) == ("5003", "2", [(POSTPAID, "A2", "6"), (POSTPAID, "A2", "8")])


def test_bundle_without_products(counter):
    """A number that gets no VAS product has nothing to be refused for."""
    assert said(counter.ask(auth_user(POSTPAID))) == ("0", "0", [])


# ---- several numbers ---------------------------------------------------------------------------------------------------


def test_each_number_is_judged(counter):
    """A family bundle passes only for all of them; who has nothing against him is not named."""
    users = [auth_user(POSTPAID, "A"), auth_user(STOPPED, "A"), auth_user(PHS, "W", spec="002")]
    assert said(counter.ask(*users)) == ("3002", "2", [(STOPPED, "A", "3"), (PHS, "W", "12")])


def test_one_confirmation_is_enough(counter):
    """If one of the users has to be asked, the bundle waits for that."""
    counter.hold(PREPAID, "A")
    answer = counter.ask(auth_user(POSTPAID, "A"), auth_user(PREPAID, "A2"))
    assert said(answer) == ("0", "1", [(PREPAID, "A2", "-2")])


WRONG_NUMBERS = {"of another province": (GUANGXIS, "7002", "广西 Guangxi"), "of none": (NOBODYS, "7001", "139****0000")}


@pytest.mark.parametrize("name", WRONG_NUMBERS)
def test_number_that_is_not_at_home_here(counter, name):
    """It is refused with all its products, and the answer says where it belongs; the others are judged as usual."""
    number, code, place = WRONG_NUMBERS[name]
    answer = counter.ask(auth_user(POSTPAID, "S"), auth_user(number, "A", "D"))
    assert said(answer)[1:] == ("2", [(POSTPAID, "S", "1"), (number, "A", code), (number, "D", code)])
    assert answer.ProductInfo[1].VProductInfo[0].OPDesc.endswith(f": {place}")


def test_number_that_is_not_at_home_here_without_products(counter):
    """The code of the answer says so."""
    assert said(counter.ask(auth_user(GUANGXIS)))[:2] == ("7002", "2")


def test_group_has_no_users():
    """Every number is at home in a province."""
    assert Counter(tier=Tier.GROUP, province="35").ask(auth_user(POSTPAID, "A")).ResultCode == "7002"


# ---- bundle and products -----------------------------------------------------------------------------------------------


def test_unknown_bundle(counter):
    """It is named, and nothing is judged of its products."""
    answer = counter.ask(auth_user(POSTPAID, "A"), offer="NONE")
    assert (*said(answer), answer.ResultDesc[-6:]) == ("4501", "2", [], ": NONE")


def test_bundle_that_is_not_open(counter):
    """Each product that begins is refused; one that ends is not."""
    answer = counter.ask(auth_user(POSTPAID, "A", ended=["D"]), offer=CLOSED)
    assert said(answer) == ("4502", "2", [(POSTPAID, "A", "1")])


def test_bundle_that_is_not_open_and_has_no_products(counter):
    """It is refused all the same."""
    assert said(counter.ask(auth_user(POSTPAID), offer=CLOSED)) == ("4502", "2", [])


def test_unknown_product_and_one_of_another_bundle(counter):
    """Each is named with its own code; the rest is judged by the rules."""
    answer = counter.ask(auth_user(POSTPAID, "S", "gone", "OTHER"))
    expected = [(POSTPAID, "gone", "4001"), (POSTPAID, "OTHER", "4503"), (POSTPAID, "S", "1")]
    assert said(answer) == ("4001", "2", expected)


def test_unknown_product_has_no_name(counter):
    """There is none to tell."""
    (user,) = counter.ask(auth_user(POSTPAID, "gone")).ProductInfo
    assert user.VProductInfo[0].VProductName is None


def test_product_without_a_bundle(counter):
    """It is sold as the offer of its own code, where there is one: D's is not open, OTHER has none."""
    answer = counter.ask(auth_user(POSTPAID, "D", "OTHER"), offer=None)
    assert said(answer) == ("4502", "2", [(POSTPAID, "D", "1")])


def test_held_alone_joins_a_traditional_bundle(counter):
    """Rule 11: what the user has already becomes part of the bundle."""
    counter.hold(POSTPAID, "D")
    assert said(counter.ask(auth_user(POSTPAID, "D"))) == ("0", "0", [])


def test_held_alone_joins_no_other_bundle(counter):
    """Rule 11: a VAS bundle refuses it."""
    counter.hold(POSTPAID, "D")
    assert counter.ask(auth_user(POSTPAID, "D"), offer=VAS).ResultCode == "5001"


def test_bundle_may_be_ended_at_the_counter(counter):
    """ActionType 1: CRM may end what belongs to a traditional bundle; what goes is no hindrance for what comes."""
    counter.hold(POSTPAID, "A", OfferType.TRADITIONAL_BUNDLE, "B")
    assert said(counter.ask(auth_user(POSTPAID, "A2", ended=["A"]))) == ("0", "0", [])


# ---- users -------------------------------------------------------------------------------------------------------------


def test_new_user(counter):
    """A new install is authorised before it exists: active, postpaid, on the access product that CRM names."""
    answer = counter.ask(auth_user(NEW, "A"), auth_user(NEW, "W", spec="002"))
    assert (*said(answer), counter.ocs.asked) == ("3006", "2", [(NEW, "W", "12")], [])


def test_new_user_has_the_capabilities_that_come_along(counter):
    """And no others."""
    answer = counter.ask(auth_user(NEW, "K", gains=["8"]), auth_user(NEW, "K", gains=["1"]))
    assert told(answer) == [(NEW, "K", "4")]


CAPABILITIES = {
    "lacks it": ({}, "3005"),
    "gains it": ({"gains": ["8"]}, "0"),
    "gains another": ({"gains": ["2"]}, "3005"),
}


@pytest.mark.parametrize("name", CAPABILITIES)
def test_capabilities_that_come_along(counter, name):
    """AProductInfo counts as if it were done already."""
    changes, code = CAPABILITIES[name]
    assert counter.ask(auth_user(POSTPAID, "K", **changes)).ResultCode == code


@pytest.mark.parametrize(("lost", "code"), [("8", "3005"), ("1", "0")])
def test_capability_that_goes(counter, lost, code):
    """What the user loses with the bundle is not there for its products; what is not named stays."""
    assert counter.ask(auth_user(PREPAID, "K", loses=[lost])).ResultCode == code


# ---- balance -----------------------------------------------------------------------------------------------------------


def test_prepaid_user_with_balance(counter):
    """OCS is asked at once, under a number of its own, for the real-time balance."""
    answer = counter.ask(auth_user(PREPAID, "A"))
    (asked,) = counter.ocs.asked
    fields = (asked.SystemId, asked.TimeStamp, asked.ProdSpecCode, asked.ProductNo, asked.ContentType)
    assert (answer.AuthResult, fields) == ("0", ("200", "20261123120000", "003", PREPAID, "2"))


@pytest.mark.parametrize("balance", [0, -1])
def test_prepaid_user_without_balance(counter, balance):
    """Rule 5 refuses each product that begins."""
    counter.ocs.balances[PREPAID] = balance
    answer = counter.ask(auth_user(PREPAID, "A", "D"))
    assert said(answer) == ("6001", "2", [(PREPAID, "A", "5"), (PREPAID, "D", "5")])


NOT_ASKED = {
    "postpaid": (Policy(), auth_user(POSTPAID, "A")),
    "nothing begins": (Policy(), auth_user(PREPAID, ended=["A"])),
    "no products": (Policy(), auth_user(PREPAID)),
    "unknown products": (Policy(), auth_user(PREPAID, "gone")),
    "the province does not apply rule 5": (without(Policy(), 5), auth_user(PREPAID, "A")),
}


@pytest.mark.parametrize("name", NOT_ASKED)
def test_ocs_is_not_asked(name):
    """Only where the balance can decide."""
    policy, user = NOT_ASKED[name]
    counter = Counter(policy=policy)
    counter.ask(user)
    assert counter.ocs.asked == []


def test_fee_checks_have_numbers_of_their_own(counter):
    """Two users of one question, and two questions, never share a StreamingNo at OCS."""
    for _ in range(2):
        counter.ask(auth_user(PREPAID, "A"), auth_user(PREPAID, "D"))
    assert len({asked.StreamingNo for asked in counter.ocs.asked}) == 4


def test_repeated_question_asks_ocs_under_the_same_number(counter):
    """So that OCS knows the repetition."""
    for _ in range(2):
        counter.ask(auth_user(PREPAID, "A"), StreamingNo="2" * 60)
    assert len({asked.StreamingNo for asked in counter.ocs.asked}) == 1


def test_provinces_do_not_share_numbers_at_ocs():
    """All of them are system 200, and their CRMs 201."""
    home, other = Counter(), Counter()
    other.desk.here, other.desk.plan = (
        type(home.desk.here)(Tier.PROVINCE, "21"),
        type(home.desk.plan)({"1890791": "21"}),
    )
    for each in (home, other):
        each.ask(auth_user(PREPAID, "A"))
    assert home.ocs.asked[0].StreamingNo != other.ocs.asked[0].StreamingNo


def test_ocs_refuses(counter):
    """OCS does not know the user: rule 5 refuses with the code that OCS gave."""
    counter.ocs.balances[PREPAID] = "3001"
    assert said(counter.ask(auth_user(PREPAID, "A", "S")))[:2] == ("3001", "2")


def test_ocs_refuses_with_a_code_of_its_own(counter):
    """A code that our table does not have becomes that of a platform's refusal."""
    counter.ocs.balances[PREPAID] = "77"
    assert said(counter.ask(auth_user(PREPAID, "A"))) == ("8001", "2", [(PREPAID, "A", "5")])


# ---- nothing is decided ------------------------------------------------------------------------------------------------

AWAY = {
    "no answer": (Temporary("ocs", "timed out"), PARTNER_AWAY),
    "busy": ("9001", PARTNER_AWAY),
    "success without a balance": (None, PARTNER_AWAY),
    "our message refused": (Permanent("ocs", "fault Client"), PARTNER_FAULT),
}


@pytest.mark.parametrize("name", AWAY)
def test_ocs_gives_no_answer(counter, name):
    """Nothing is decided for anybody, and CRM may ask again where that can help."""
    outcome, result = AWAY[name]
    counter.ocs.balances[PREPAID] = outcome
    assert said(counter.ask(auth_user(POSTPAID, "S"), auth_user(PREPAID, "A"))) == (str(result.code), None, [])


def test_ocs_is_not_configured():
    """To ask again does not help, and the operator is told why."""
    counter = Counter(ocs=False)
    answer = counter.ask(auth_user(PREPAID, "A"))
    assert (said(answer), counter.events) == ((str(PARTNER_FAULT.code), None, []), ["partner.failed", "order.refused"])


def test_store_fails(counter):
    """CRM is told to come again."""
    counter.store.broken = True
    answer = counter.ask(auth_user(POSTPAID, "A"))
    assert (said(answer), counter.events) == ((str(BUSY.code), None, []), ["store.failed", "order.refused"])


SYSTEMS = {"201": "0", "101": "0", "211": "2002", "206": "2002", "303": "2002", "999": "2001"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_who_may_ask(counter, system):
    """CRM alone; others are told whether they are known, and nothing is judged for them."""
    answer = counter.ask(auth_user(POSTPAID, "A"), system=system)
    assert (answer.ResultCode, answer.AuthResult) == (SYSTEMS[system], "0" if SYSTEMS[system] == "0" else None)


def test_many_reasons_fit(counter):
    """The answer names a hundred at most, as the contract allows; ninety products can have more."""
    counter.ocs.balances[PREPAID] = 0
    answer = counter.ask(auth_user(PREPAID, *["S"] * 90))
    assert len(told(answer)) == 100


def test_number_of_a_user_who_was_torn_down(counter):
    """A new install under the number of a former user is judged like any other one."""
    former = counter.store.users[Number(POSTPAID)]
    counter.store.users[Number(POSTPAID)] = replace(former, state=UserState.INVALID)
    assert said(counter.ask(auth_user(POSTPAID, "D"))) == ("0", "0", [])


def test_long_name_of_a_product(counter):
    """A name that is longer than the contract allows is cut, and the answer travels."""
    shop = counter.store.shop
    counter.store.shop = replace(shop, products={**shop.products, "S": replace(shop.products["S"], name_zh="长" * 65)})
    (user,) = counter.ask(auth_user(POSTPAID, "S")).ProductInfo
    assert user.VProductInfo[0].VProductName == "长" * 64
