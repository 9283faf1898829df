"""Endpoints that are asked at once: which contract is spoken to whom, and who gets the Routing header block."""

from __future__ import annotations

import pytest
from rig import run

from gateway.contract import Codec, load_contract
from gateway.domain.party import GROUP_VSOP, OCS, Address, Party
from gateway.domain.routing import Place, Tier
from gateway.partners.directory import Directory, Partner
from gateway.resources import contracts_dir

CODEC = Codec(load_contract(contracts_dir() / "ocs.wsdl"))
BLOCK = CODEC["RoutingType"](TraceId="T", OriginSystem="200", OriginProvince="15", HopCount=1)
REQUEST = CODEC["feeCheck"](
    StreamingNo="204000001", TimeStamp="20261123120000", SystemId="204", ProdSpecCode="003", ProductNo="18907910001", ContentType="2"
)  # fmt: skip


class ListeningPeer:
    """An endpoint that keeps what it is asked."""

    codec = CODEC

    def __init__(self) -> None:
        self.calls = []

    async def call(self, operation, request, routing=None):
        self.calls.append((operation, request, routing))
        return "the answer"


@pytest.fixture
def peers():
    return {"vsop": ListeningPeer(), "ocs": ListeningPeer(), "own": ListeningPeer()}


@pytest.fixture
def directory(peers):
    """The group's VSOP serves two contracts and takes the block, OCS does not."""
    group = Partner({"vsop": peers["vsop"], "ocs": peers["ocs"]}, "vsop", trace=True)
    return Directory(
        Place(Tier.PROVINCE, "15"), {GROUP_VSOP: group, OCS: Partner({"ocs": peers["own"]}, "ocs", trace=False)}
    )


@pytest.mark.parametrize(
    ("address", "contract", "name"), [(GROUP_VSOP, "vsop", "vsop"), (GROUP_VSOP, "ocs", "ocs"), (OCS, "ocs", "own")]
)
def test_line_to_a_contract(directory, peers, address, contract, name):
    """Each contract of a party has an endpoint of its own."""
    answer = run(directory.line(address, contract).call("feeCheck", REQUEST))
    assert (answer, [(o, r) for o, r, _ in peers[name].calls]) == ("the answer", [("feeCheck", REQUEST)])


@pytest.mark.parametrize(
    ("address", "contract"), [(OCS, "ismp"), (Address(Party.ISMP, "204"), "ismp"), (GROUP_VSOP, "ismp")]
)
def test_no_line(directory, address, contract):
    """Who is not configured, or does not serve the contract, has none."""
    assert directory.line(address, contract) is None


@pytest.mark.parametrize(("address", "name", "block"), [(GROUP_VSOP, "ocs", BLOCK), (OCS, "own", None)])
def test_block_goes_where_trace_is_on(directory, peers, address, name, block):
    """A partner whose configuration does not want the header block gets none here either."""
    run(directory.line(address, "ocs").call("feeCheck", REQUEST, BLOCK))
    assert peers[name].calls[0][2] == block


def test_block_goes_to_a_vsop_in_any_case(peers):
    """Without the hop count a message could circle between two gateways for ever."""
    untraced = Partner({"vsop": peers["vsop"], "ocs": peers["ocs"]}, "vsop", trace=False)
    directory = Directory(Place(Tier.PROVINCE, "15"), {GROUP_VSOP: untraced})
    run(directory.line(GROUP_VSOP, "ocs").call("feeCheck", REQUEST, BLOCK))
    assert peers["ocs"].calls[0][2] == BLOCK


def test_codec_of_a_line(directory):
    """Messages are made with the codec of the line, whether the block goes along or not."""
    assert [directory.line(address, "ocs").codec for address in (GROUP_VSOP, OCS)] == [CODEC, CODEC]
