"""Answers of partners as replies: final, accepted, later, refused."""

from __future__ import annotations

import pytest
from mail import BOTH, CODECS, DELIVERY, PORTAL, SUBSCRIPTION, ask, codec_for, tell
from playbook import ISMP, NOON, X

from gateway.domain.party import BILLING, CRM, GROUP_VSOP, OCS, PROVISIONING, SMSHALL
from gateway.errors import RESULTS, Temporary
from gateway.partners.messages import read
from gateway.steps import (
    Activate,
    Archive,
    FeeCheck,
    ItemReply,
    Reply,
    ReportRelations,
    ReturnWork,
    SyncObject,
    TellResult,
)

FEE = ask(OCS, FeeCheck(SUBSCRIPTION))
ACTIVATION = ask(X, Activate(SUBSCRIPTION, BOTH))
AT_ISMP = ask(ISMP, Activate(SUBSCRIPTION, BOTH))
AT_GROUP = ask(GROUP_VSOP, Activate(SUBSCRIPTION, BOTH))
STEPS = [
    FEE, ACTIVATION, AT_ISMP, AT_GROUP, tell(BILLING, Archive(SUBSCRIPTION, NOON)), tell(GROUP_VSOP, ReportRelations(SUBSCRIPTION, NOON)),
    tell(PORTAL, TellResult(SUBSCRIPTION, 0)), tell(SMSHALL, TellResult(SUBSCRIPTION, 0)), tell(PROVISIONING, ReturnWork(SUBSCRIPTION, 0)),
    tell(CRM, SyncObject(DELIVERY, DELIVERY.object, DELIVERY.change)),
]  # fmt: skip
TELLS = STEPS[4:]
EVERY = pytest.mark.parametrize("step", STEPS, ids=lambda s: f"{type(s.request).__name__} {s.to}")


def answer(step, code="0", results=(), **more):
    """An answer of the partner, as its contract has it."""
    codec = codec_for(step)
    fields = {"StreamingNo": "200000001", "ResultCode": code, "ResultDesc": "their text", **more}
    if isinstance(step.request, FeeCheck):
        return codec["feeCheckResponse"](**fields)
    if isinstance(step.request, Activate):
        infos = [codec["ProductResult"](ProductID=p, OPResult=c) for p, c in results]
        return codec["ActionResponse"](**fields, ResultInfo=infos)
    return codec["Answer"](**fields)


@EVERY
@pytest.mark.parametrize("code", [r.code for r in RESULTS.values() if r.retryable])
def test_later_is_temporary(step, code):
    """A code that says "later" is no answer: the request is sent again, and the party is named."""
    with pytest.raises(Temporary) as raised:
        read(step, answer(step, str(code)), NOON)
    assert raised.value.party == str(step.to)


@EVERY
@pytest.mark.parametrize(
    ("code", "read_as"), [("6001", 6001), ("8001", 8001), ("136", 8001), ("-65", 8001), ("99999", 8001)]
)
def test_refusal(step, code, read_as):
    """A code of our table stays, one of the partner's own becomes 8001; its text is kept for the operator."""
    assert read(step, answer(step, code), NOON) == Reply(NOON, read_as, "their text")


@pytest.mark.parametrize("step", TELLS, ids=lambda s: str(s.to))
def test_received(step):
    """A message that was told is done when it is received."""
    assert read(step, answer(step), NOON) == Reply(NOON)


@pytest.mark.parametrize("balance", [5000, 0, -1])
def test_balance(balance):
    """The balance is told as it is; whether it suffices is the flow's matter."""
    assert read(FEE, answer(FEE, Balance=balance), NOON) == Reply(NOON, balance=balance)


def test_missing_balance_is_no_answer():
    """Success without a balance cannot decide anything: it is asked again."""
    with pytest.raises(Temporary):
        read(FEE, answer(FEE), NOON)


@pytest.mark.parametrize("step", [ACTIVATION, AT_ISMP, AT_GROUP], ids=lambda s: str(s.to))
def test_accepted(step):
    """Success without results is "accepted": the result follows."""
    assert read(step, answer(step), NOON) is None


@pytest.mark.parametrize("step", [ACTIVATION, AT_ISMP, AT_GROUP], ids=lambda s: str(s.to))
def test_final(step):
    """Success with results is final, product by product in our order."""
    given = read(step, answer(step, results=[("P2", "0"), ("P1", "0")]), NOON)
    assert given == Reply(NOON, items=(ItemReply("P1", 0), ItemReply("P2", 0)))


def test_half_a_list_leaves_the_outcome_open():
    """What became of a product that the list leaves out is not known: asked again under the same number."""
    with pytest.raises(Temporary, match="names not every product"):
        read(ACTIVATION, answer(ACTIVATION, results=[("P1", "0")]), NOON)


def test_results_of_an_undo_are_those_of_its_products():
    """Where only a part was asked for, only that part is read."""
    undo = ask(X, Activate(SUBSCRIPTION, ("P2",), undo=True))
    assert read(undo, answer(undo, results=[("P2", "0")]), NOON) == Reply(NOON, items=(ItemReply("P2", 0),))


def test_every_contract_is_served_by_a_step():
    """No partner's contract is left out of these tests."""
    assert {codec_for(step).contract.name for step in STEPS} == set(CODECS)
