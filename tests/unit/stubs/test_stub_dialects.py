"""A stub set in old forms: which message goes which way, and what it serves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.errors import PartnerError
from gateway.soap.http_client import HttpPool, HttpReply
from gateway.soap.peer import Peer
from stubs.kit.dialects import OldForms

WSDL = Path(__file__).parents[3] / "wsdl"
CODEC = Codec(load_contract(WSDL / "vsop.wsdl"))
HEAD = {"StreamingNo": "20420260101120000000000001", "TimeStamp": "20260101120000", "SystemId": "204"}
REPORT = CODEC["subsInstSynFromISMP"](**HEAD, UserID="18907910001", UserIDType="0", ProductID="P1", OPType="0")
QUERY = CODEC["subInstQryFromVSOP"](**HEAD, ProdSpecCode="003", ProductNo="18907910001")
STATE = CODEC["orderStateQry"](**HEAD, OrderId="W1")


class Pool:
    """Keeps what was posted, and answers nothing that can be used."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, bytes]] = []

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float) -> Deferred[HttpReply]:
        self.posted.append((url, body))
        return succeed(HttpReply(503, {}, b""))


def sent(operation: str, message: Message) -> tuple[str, str]:
    """Give the address and the element in the Body of what a set sends."""
    pool = Pool()
    typed = Peer("vsop", "http://gw/services/vsop", CODEC, cast(HttpPool, pool), 1.0)
    caller = OldForms(WSDL, cast(Any, Clock())).caller(typed, "http://gw/")

    async def call() -> None:
        with pytest.raises(PartnerError):
            await caller.call(operation, message)

    Deferred.fromCoroutine(call())
    ((url, body),) = pool.posted
    return url, etree.QName(etree.fromstring(body)[-1][0]).localname


CASES = {
    "subsInstSynFromISMP": (REPORT, "http://gw/VsopWeb/services/IsmpSpEngine", "orderRelationUpdateNotifyReq"),
    "subInstQryFromVSOP": (QUERY, "http://gw/VsopWeb/services/SubsInstQrySV", "SubInstQryFromVSOPReq"),
    "orderStateQry": (STATE, "http://gw/services/vsop", "orderStateQry"),
}


@pytest.mark.parametrize("operation", CASES)
def test_message_goes_in_the_form_that_has_words_for_it(operation: str) -> None:
    """ISMP's report by its engine, what the string profile knows by that, and all else by the contract."""
    message, url, element = CASES[operation]
    assert sent(operation, message) == (url, element)
