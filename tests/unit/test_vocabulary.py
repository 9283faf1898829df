"""The wire's code sets: each table agrees with the enumeration of its contract, and what is read is what was written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import vocabulary
from gateway.contract import Codec, load_contract
from gateway.domain.catalogue import OfferType, Scope, Status
from gateway.domain.catalogue_change import ChangeKind, DeliveryState, ObjectKind
from gateway.domain.numbers import Number
from gateway.domain.order import Action, OrderState
from gateway.domain.party import BILLING, GROUP_VSOP, OCS, PROVINCES, SMSHALL, Address, Party
from gateway.domain.routing import MAX_HOPS, Place, Tier
from gateway.domain.subscriber import PayType, UserState
from gateway.domain.user_change import UserAct
from gateway.errors import NO_BALANCE, PLATFORM_REFUSED, RESULTS
from gateway.flows.sections import SECTIONS
from gateway.resources import contracts_dir
from gateway.services import relations
from gateway.steps import ItemReply
from gateway.vocabulary import CHINA, NEVER, read_items, read_time, system_of, write_expiry, write_time

XS = "{http://www.w3.org/2001/XMLSchema}"
quick = settings(max_examples=100, deadline=None, database=None, derandomize=True)


def facets(type_name: str, facet: str, file: str = "vas-types.xsd") -> list[str]:
    """Values of a facet of a simple type, as the schema file has them."""
    root = ElementTree.parse(contracts_dir() / "xsd" / file).getroot()
    (found,) = (node for node in root.iter(f"{XS}simpleType") if node.get("name") == type_name)
    return [node.get("value") for node in found.iter(f"{XS}{facet}")]


# ---- code tables -----------------------------------------------------------------------------------------------------

TABLES = {
    "SubscribeAction": (vocabulary.ACTIONS, Action),
    "ServiceAction": (vocabulary.SERVICE_ACTIONS, Action),
    "ProductOfferType": (vocabulary.OFFER_TYPES, OfferType),
    "UserPayType": (vocabulary.PAY_TYPES, PayType),
    "Scope": (vocabulary.SCOPES, Scope),
    "CatalogueStatus": (vocabulary.OBJECT_STATUS, Status),
    "ObjectType": (vocabulary.OBJECT_KINDS, ObjectKind),
    "OPFlag": (vocabulary.OP_FLAGS, ChangeKind),
    "UserState": (vocabulary.USER_STATES, UserState),
    "PlatformUserState": (vocabulary.PLATFORM_USER_STATES, UserState),
}


@pytest.mark.parametrize("name", TABLES)
def test_table_has_the_codes_of_the_contract(name):
    """Every code that the schema admits has a meaning, and no other has one."""
    assert sorted(TABLES[name][0]) == facets(name, "enumeration")


@pytest.mark.parametrize("name", TABLES)
def test_table_is_a_bijection(name):
    """Every meaning has exactly one code; unsubscribing all is unsubscribing, of what the user holds."""
    table, meanings = TABLES[name]
    single = {
        code: meaning
        for code, meaning in table.items()
        if (name, code) != ("SubscribeAction", vocabulary.UNSUBSCRIBE_ALL)
    }
    assert sorted(single.values()) == sorted(meanings)


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (vocabulary.SERVICE_ACTIONS, vocabulary.SERVICE_ACTION_CODE),
        (vocabulary.OFFER_TYPES, vocabulary.OFFER_TYPE_CODE),
        (vocabulary.PAY_TYPES, vocabulary.PAY_TYPE_CODE),
        (vocabulary.SCOPES, vocabulary.SCOPE_CODE),
        (vocabulary.OBJECT_STATUS, vocabulary.OBJECT_STATUS_CODE),
        (vocabulary.OBJECT_KINDS, vocabulary.OBJECT_KIND_CODE),
        (vocabulary.OP_FLAGS, vocabulary.OP_FLAG_CODE),
        (vocabulary.SYNC_STATES, vocabulary.SYNC_STATE_CODE),
        (vocabulary.PLATFORM_USER_STATES, vocabulary.PLATFORM_USER_STATE_CODE),
        (vocabulary.USER_ACTS, vocabulary.USER_ACT_CODE),
        (vocabulary.ACTIONS, vocabulary.ACTION_CODE),
    ],
)
def test_written_codes_are_read_back(table, codes):
    """Writing is the inverse of reading."""
    assert {code: table[code] for code in codes.values()} == {code: meaning for meaning, code in codes.items()}


def test_kinds_of_work_order():
    """Work orders are about users or about products, and those that the schema admits are all known."""
    known = [*vocabulary.USER_ACTS, vocabulary.PRODUCTS_ONLY, vocabulary.PRODUCTS_AND_CAPABILITIES]
    assert (sorted(known), sorted(vocabulary.USER_ACTS.values())) == (
        facets("WorkOrderAction", "enumeration"),
        sorted(UserAct),
    )


def test_products_of_a_work_order():
    """They begin or end."""
    assert sorted(vocabulary.ITEM_ACTIONS) == facets("ItemAction", "enumeration")


def test_states_of_a_delivery():
    """PPM tells of each delivery how it stands."""
    assert (sorted(vocabulary.SYNC_STATES), sorted(vocabulary.SYNC_STATES.values())) == (
        facets("SyncState", "enumeration", "ppm.xsd"), sorted(DeliveryState),
    )  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
def test_sections_can_be_told(section):
    """The header block between the tiers can name every section."""
    (pattern,) = facets("FlowSection", "pattern")
    assert re.fullmatch(pattern, section)


def test_relation_status():
    """Each state of a relation has the code that the schema has for it."""
    assert sorted(set(vocabulary.RELATION_STATUS_CODE.values())) == facets("RelationStatus", "enumeration")


def test_relation_changes():
    """ISMP's four changes of a relation are the four that the schema admits."""
    ours = [relations.SUBSCRIBE, relations.SUSPEND, relations.RESUME, relations.UNSUBSCRIBE]
    assert facets("RelationAction", "enumeration") == ours


def test_kinds_of_number():
    """We write mobile and fixed; PHS, the third of the schema, has no number form any more."""
    assert {vocabulary.MOBILE_ID, vocabulary.FIXED_ID} == set(facets("UserIDType", "enumeration")) - {"1"}


def test_balance_is_the_only_content_of_a_fee_check():
    """OCS is asked for the one thing that its contract offers."""
    assert facets("ContentType", "enumeration", "ocs.xsd") == [vocabulary.REAL_TIME_BALANCE]


def test_order_states_can_be_told():
    """Every state that an order can have is one of the schema's; "not started" never stands at VSOP."""
    assert {state.value for state in OrderState} == set(facets("OrderState", "enumeration")) - {"10I"}


def test_provinces_can_be_told():
    """The schema's province ids are the domain's."""
    (pattern,) = facets("ProvinceId", "pattern")
    assert [code for code in map("{:02d}".format, range(100)) if re.fullmatch(pattern, code)] == sorted(PROVINCES)


def test_result_codes_can_be_told():
    """Every row of the result table has the form of ResultCode."""
    (pattern,) = facets("ResultCode", "pattern")
    assert [code for code in RESULTS if not re.fullmatch(pattern, str(code))] == []


def test_hops_can_be_told():
    """A hop count that routing would still let through, and one more, fit the header block."""
    (most,) = facets("HopCount", "maxInclusive")
    assert int(most) > MAX_HOPS


@quick
@given(st.from_regex(facets("ProductNo", "pattern")[0], fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_every_number_of_the_contract_can_be_read(text):
    """What the schema admits as a number, the domain reads: no service meets a ValueError for it."""
    assert text.endswith(Number.parse(text).digits)


# ---- times -----------------------------------------------------------------------------------------------------------

FIRST, LAST = datetime(1900, 1, 1), datetime(2099, 12, 31, 23, 59, 59)  # noqa: DTZ001  Hypothesis wants them without zone
TIMES = st.datetimes(FIRST, LAST, timezones=st.just(CHINA)).map(lambda t: t.replace(microsecond=0))


@quick
@given(TIMES.filter(lambda t: write_time(t) != NEVER))
def test_time_is_read_as_it_was_written(at):
    """Writing and reading a time gives it back, to the second."""
    assert read_time(write_time(at)) == at


@quick
@given(TIMES)
def test_written_time_fits_the_contract(at):
    """Every time of two centuries has the form of TimeStamp14."""
    assert re.fullmatch(facets("TimeStamp14", "pattern")[0], write_time(at))


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5)), CHINA])
def test_time_is_written_in_china_time(zone):
    """Whatever its zone, a time leaves as China's wall clock has it."""
    assert write_time(datetime(2026, 11, 23, 20, 30, 1, tzinfo=CHINA).astimezone(zone)) == "20261123203001"


def test_time_is_read_as_china_time():
    """The wire has no zone; it is Asia/Shanghai."""
    assert read_time("20261123203001") == datetime(2026, 11, 23, 12, 30, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["20270230000000", "20260229000000", "20260431000000", "20261301000000", "2026112320300", "", "x"]
)
def test_day_that_does_not_exist(text):
    """30 February passes the schema and is refused here; so is all that is no time."""
    with pytest.raises(ValueError):
        read_time(text)


@pytest.mark.parametrize("text", [None, NEVER])
def test_never_and_nothing_are_no_time(text):
    """A field that is absent and the field's "never" are both None."""
    assert read_time(text) is None


@pytest.mark.parametrize(("at", "text"), [(None, NEVER), (datetime(2027, 1, 2, tzinfo=CHINA), "20270102000000")])
def test_expiry(at, text):
    """What does not expire is written as the field's "never"."""
    assert write_expiry(at) == text


# ---- parties ---------------------------------------------------------------------------------------------------------

SYSTEMS = {
    GROUP_VSOP: "100", Address(Party.VSOP, "15"): "200", Address(Party.VSOP, "21"): "200", OCS: "208", BILLING: "209", SMSHALL: "214",
    Address(Party.ISMP, "204"): "204", Address(Party.XPLATFORM, "303"): "303", Address(Party.CHANNEL, "211"): "211",
}  # fmt: skip


@pytest.mark.parametrize("address", SYSTEMS, ids=str)
def test_system_code_of_a_party(address):
    """The code under which a party speaks to us follows from its address."""
    assert system_of(address) == SYSTEMS[address]


@pytest.mark.parametrize("place", [Place(Tier.GROUP, "35"), Place(Tier.PROVINCE, "15")])
def test_we_speak_as_others_expect_us(place):
    """The code that a gateway writes is the one that the other tier takes it for."""
    assert place.system == system_of(Address(Party.VSOP, place.province))


# ---- a platform's results --------------------------------------------------------------------------------------------


def told(product, code="0", **more):
    """One ProductResult of a platform."""
    return SimpleNamespace(
        **{"ProductID": product, "OPResult": code, "OPDesc": None, "EffDate": None, "ExpDate": None, **more}
    )


def test_results_are_read_in_the_order_asked():
    """Results come back by product, in our order, whatever the platform's is."""
    assert read_items([told("B"), told("A")], ("A", "B")) == (ItemReply("A", 0), ItemReply("B", 0))


def test_product_that_is_not_named_counts_as_refused():
    """Half a list is no success."""
    assert [(i.product_id, i.code) for i in read_items([told("A")], ("A", "B"))] == [
        ("A", 0),
        ("B", PLATFORM_REFUSED.code),
    ]


def test_product_that_was_not_asked_for_is_left_out():
    """A platform adds nothing to what was asked."""
    assert [i.product_id for i in read_items([told("A"), told("Z")], ("A",))] == ["A"]


@pytest.mark.parametrize(
    ("code", "read"), [(str(NO_BALANCE.code), NO_BALANCE.code), ("136", 8001), ("-65", 8001), ("0", 0)]
)
def test_code_of_a_result(code, read):
    """A code of our table stays, the platform's own becomes 8001."""
    assert read_items([told("A", code)], ("A",))[0].code == read


def test_text_and_dates_of_a_result():
    """The platform's dates are read as China time; its "never" is no expiry."""
    (item,) = read_items([told("A", OPDesc="done", EffDate="20261123000000", ExpDate=NEVER)], ("A",))
    assert item == ItemReply("A", 0, "done", datetime(2026, 11, 23, tzinfo=CHINA), None)


def test_date_that_does_not_exist_is_not_used():
    """A platform's 30 February does not turn its success into a failure; the date is dropped."""
    assert read_items([told("A", EffDate="20270230000000")], ("A",)) == (ItemReply("A", 0),)


def test_results_of_the_contract_are_read():
    """The message class of the contract has the fields that are read here."""
    codec = Codec(load_contract(contracts_dir() / "xplatform.wsdl"))
    assert read_items([codec["ProductResult"](ProductID="A", OPResult="0")], ("A",)) == (ItemReply("A", 0),)
