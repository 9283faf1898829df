"""The directory: who is known, what is sent to whom under which numbers, and what comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mail import APPLICATION, CODECS, DELIVERY, NUMBER_OF_OURS, SUBSCRIPTION, THE_PRODUCT, ask, tell
from playbook import ISMP, NOON, X, order
from rig import run

from gateway.domain.catalogue_change import ChangeKind
from gateway.domain.party import GROUP_VSOP, OCS, SMSHALL, Address, Party
from gateway.domain.routing import Place, Tier
from gateway.engine.ports import Sent
from gateway.errors import Permanent, Temporary
from gateway.partners.directory import Directory, Partner
from gateway.steps import Activate, FeeCheck, ItemReply, NotifyTest, Reply, SyncObject, TellResult

JIANGXI = Place(Tier.PROVINCE, "15")
ACTIVATE = Activate(SUBSCRIPTION, ("P1",))


class Line:
    """A peer without wire: keeps what it is given, answers with success, or fails as told."""

    def __init__(self, contract, failure=None) -> None:
        self.codec = CODECS[contract]
        self.failure = failure
        self.calls = []

    async def call(self, operation, request, routing=None):
        self.calls.append((operation, request, routing))
        if self.failure is not None:
            raise self.failure
        fields = {"StreamingNo": request.StreamingNo, "ResultCode": "0", "ResultDesc": ""}
        if operation == "feeCheck":
            return self.codec["feeCheckResponse"](**fields, Balance=5000)
        if operation == "subResultToUser":
            return self.codec["Answer"](**fields)
        return self.codec["ActionResponse"](
            **fields, ResultInfo=[self.codec["ProductResult"](ProductID="P1", OPResult="0")]
        )


def partner(line, *, trace=False):
    """A partner that serves its own contract alone."""
    own = line.codec.contract.name
    return Partner({own: line}, own, trace)


@pytest.fixture
def lines():
    """One line to each kind of partner."""
    return {
        X: Line("xplatform"),
        GROUP_VSOP: Line("vsop"),
        ISMP: Line("ismp"),
        OCS: Line("ocs"),
        SMSHALL: Line("smshall"),
    }


@pytest.fixture
def directory(lines):
    """Jiangxi's directory; the group and ISMP take the Routing block."""
    return Directory(JIANGXI, {a: partner(line, trace=a in (GROUP_VSOP, ISMP)) for a, line in lines.items()})


@pytest.mark.parametrize(
    ("address", "known"),
    [(X, True), (GROUP_VSOP, True), (Address(Party.XPLATFORM, "304"), False), (Address(Party.CHANNEL, "211"), False)],
)
def test_who_is_known(directory, address, known):
    """An address is known when it is configured, code and all."""
    assert directory.knows(address) is known


def test_unknown_partner_is_permanent(directory):
    """Nobody to send to: the step is final, with the party named."""
    with pytest.raises(Permanent) as raised:
        run(directory.send(ask(Address(Party.XPLATFORM, "304"), ACTIVATE), NUMBER_OF_OURS, NOON))
    assert raised.value.party == "xplatform:304"


@pytest.mark.parametrize(
    ("step", "operation"),
    [
        (ask(X, ACTIVATE), "serverAction"),
        (ask(ISMP, ACTIVATE), "subActionFromVSOP"),
        (ask(OCS, FeeCheck(SUBSCRIPTION)), "feeCheck"),
    ],
)
def test_operation_that_is_journalled_is_the_one_that_is_sent(directory, lines, step, operation):
    """The engine writes down what will be called, before it is."""
    run(directory.send(step, NUMBER_OF_OURS, NOON))
    assert (directory.operation(step), lines[step.to].calls[0][0]) == (operation, operation)


def test_message_bears_number_time_and_system(directory, lines):
    """Number and time are the engine's, the system code is our tier's."""
    run(directory.send(ask(X, ACTIVATE), NUMBER_OF_OURS, NOON))
    ((_, message, _),) = lines[X].calls
    assert (message.StreamingNo, message.TimeStamp, message.SystemId) == (NUMBER_OF_OURS, "20261123120000", "200")


@pytest.mark.parametrize(("to", "traced"), [(GROUP_VSOP, True), (ISMP, True), (X, False)])
def test_routing_block_goes_where_trace_is_on(directory, lines, to, traced):
    """A partner whose configuration does not want the header block gets none."""
    run(directory.send(ask(to, ACTIVATE), NUMBER_OF_OURS, NOON))
    assert (lines[to].calls[0][2] is not None) is traced


def test_routing_block(directory, lines):
    """It names the end-to-end order and us, and counts one hop more than the order has behind it."""
    passed_on = replace(order(), trace_id="20015TRACE", hops=1)
    run(directory.send(ask(GROUP_VSOP, Activate(passed_on, ("P1",))), NUMBER_OF_OURS, NOON))
    block = lines[GROUP_VSOP].calls[0][2]
    assert (block.TraceId, block.OriginSystem, block.OriginProvince, block.HopCount) == ("20015TRACE", "200", "15", 2)


def test_routing_block_names_the_section(directory, lines):
    """The group numbers its steps as the section of the province's order has them."""
    run(directory.send(ask(GROUP_VSOP, Activate(order("3.2.2"), ("P1",))), NUMBER_OF_OURS, NOON))
    assert lines[GROUP_VSOP].calls[0][2].Section == "3.2.2"


PPM_SYSTEMS = {"202": JIANGXI, "102": Place(Tier.GROUP, "35")}


@pytest.mark.parametrize("system", PPM_SYSTEMS)
@pytest.mark.parametrize(
    "request_", [SyncObject(DELIVERY, THE_PRODUCT, ChangeKind.ADDED), NotifyTest(APPLICATION, THE_PRODUCT)]
)
def test_ppm_speaks_under_its_own_code(system, request_):
    """What the catalogue tells others comes from PPM, which has a system code of its own at each tier."""
    line = Line("xplatform")
    directory = Directory(PPM_SYSTEMS[system], {X: partner(line)})
    run(directory.send(ask(X, request_), NUMBER_OF_OURS, NOON))
    assert line.calls[0][1].SystemId == system


# ---- questions outside flows -----------------------------------------------------------------------------------------


def test_endpoint_of_each_contract():
    """A VSOP serves several contracts, each at its own endpoint."""
    vsop, ocs = Line("vsop"), Line("ocs")
    directory = Directory(JIANGXI, {GROUP_VSOP: Partner({"vsop": vsop, "ocs": ocs}, "vsop", trace=True)})
    assert [directory.line(GROUP_VSOP, name) for name in ("vsop", "ocs", "ismp")] == [vsop, ocs, None]


def test_endpoint_of_nobody(directory):
    """Who is not configured has none."""
    assert directory.line(Address(Party.XPLATFORM, "304"), "xplatform") is None


@pytest.mark.parametrize(("to", "contract", "traced"), [(GROUP_VSOP, "vsop", True), (X, "xplatform", False)])
def test_block_that_is_passed_on(directory, lines, to, contract, traced):
    """A block goes along to who takes it, and is left out for who does not."""
    line, block = directory.line(to, contract), object()
    request = line.codec["ServerActionRequest"](
        StreamingNo="1", TimeStamp="20261123120000", SystemId="200", OrderId="1", ProdSpecCode="003", ProductNo="18907910001",
        UserPayType="0", VProductInfo=[],
    )  # fmt: skip
    run(line.call("serverAction", request, block))
    assert lines[to].calls[0][2] is (block if traced else None)


REPLIES = {
    "activation": (ask(X, ACTIVATE), Reply(NOON, items=(ItemReply("P1", 0),))),
    "fee check": (ask(OCS, FeeCheck(SUBSCRIPTION)), Reply(NOON, balance=5000)),
    "notice": (tell(SMSHALL, TellResult(SUBSCRIPTION, 0)), Reply(NOON)),
}


@pytest.mark.parametrize("case", REPLIES)
def test_reply(directory, case):
    """The answer comes back in the domain's words."""
    step, expected = REPLIES[case]
    assert run(directory.send(step, NUMBER_OF_OURS, NOON)) == Sent(expected)


@pytest.mark.parametrize("failure", [Temporary("x", "deadline passed"), Permanent("x", "fault Client")])
def test_failure_of_a_call_is_passed_on(failure):
    """What the wire says, temporary or permanent, reaches the engine as it is."""
    directory = Directory(JIANGXI, {X: partner(Line("xplatform", failure))})
    with pytest.raises(type(failure)) as raised:
        run(directory.send(ask(X, ACTIVATE), NUMBER_OF_OURS, NOON))
    assert raised.value is failure
