"""ISMP's word on what a user holds, as rows."""

from __future__ import annotations

import pytest
from office import FIXED, ISMP, USER
from playbook import NOON
from rig import run
from wires import Wire, dead

from gateway.contract import Codec, load_contract
from gateway.domain.numbers import Number
from gateway.domain.party import BILLING, OCS, Address, Party
from gateway.errors import BUSY, OK, PLATFORM_REFUSED, UNKNOWN_USER, Temporary
from gateway.recon.holdings import Holding, Standing
from gateway.resources import contracts_dir
from gateway.services.holdings import can_be_asked, held_at_partner

CODEC = Codec(load_contract(contracts_dir() / "ismp.wsdl"))
PARTY = Address(Party.ISMP, "204")


def asked(office, *infos, result=OK, number=USER):
    async def answer(operation, request, routing):
        return CODEC["getSubscriptionResponse"](
            StreamingNo=request.StreamingNo, ResultCode=str(result.code), ResultDesc=result.describe(), SubInfo=list(infos)
        )

    wire = office.lines[PARTY, "ismp"] = Wire(CODEC, answer)
    return run(held_at_partner(office.desk, PARTY, Number(number))), wire


def info(**changes):
    fields = {"ProductID": ISMP, "Status": "0", "SubscribeTime": "20261123120000", "EffDate": "20261123120000", "ExpDate": "20300101000000"}
    return CODEC["SubInfo"](**{**fields, **changes})


def test_holdings(office):
    """Product, state and times; never is no end."""
    found, _ = asked(office, info(), info(ProductID="P2", Status="2", EffDate=None))
    assert found == [
        Holding(Number(USER), ISMP, Standing.ACTIVE, subscribed_at=NOON, effective_at=NOON),
        Holding(Number(USER), "P2", Standing.SUSPENDED, subscribed_at=NOON),
    ]


@pytest.mark.parametrize(("number", "kind"), [(USER, "0"), (FIXED, "2")])
def test_question(office, number, kind):
    """Names the user and what kind of number he has, under a StreamingNo of ours."""
    _, wire = asked(office, number=number)
    ((operation, request, _),) = wire.carried
    assert (operation, request.UserID, request.UserIDType, request.SystemId, len(request.StreamingNo)) == (
        "getSubscription", number, kind, "200", 26,
    )  # fmt: skip


def test_user_whom_ismp_does_not_know(office):
    """Holds nothing there."""
    assert asked(office, result=UNKNOWN_USER)[0] == []


@pytest.mark.parametrize("result", [BUSY, PLATFORM_REFUSED])
def test_no_answer_is_no_empty_side(office, result):
    """A refusal says nothing about what is held."""
    with pytest.raises(Temporary):
        asked(office, result=result)


def test_day_that_does_not_exist(office):
    """Such an answer is none."""
    with pytest.raises(Temporary, match="does not exist"):
        asked(office, info(SubscribeTime="20260230120000"))


def test_ismp_that_is_away(office):
    """What its line says is passed on."""
    office.lines[PARTY, "ismp"] = dead(CODEC, Temporary("ismp:204", "away"))
    with pytest.raises(Temporary, match="away"):
        run(held_at_partner(office.desk, PARTY, Number(USER)))


def test_who_can_be_asked(office):
    """ISMP alone has such a query; where no address is configured it cannot be asked either."""
    assert [can_be_asked(a) for a in (PARTY, Address(Party.XPLATFORM, "303"), BILLING, OCS)] == [True, False, False, False]
    with pytest.raises(Temporary, match="configured"):
        run(held_at_partner(office.desk, PARTY, Number(USER)))
