"""Asks ISMP what it holds for a user (getSubscription): the one query by which another system tells its side of a reconciliation."""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.domain.numbers import Number
from gateway.domain.party import Address, Party
from gateway.errors import PARTNER_FAULT, RESULTS, UNKNOWN_USER, Temporary
from gateway.recon.holdings import Holding, Standing
from gateway.services.desk import Desk
from gateway.vocabulary import FIXED_ID, MOBILE_ID, read_time, write_time


def can_be_asked(party: Address) -> bool:
    """Whether a system's contract has a query for what a user holds there."""
    return party.party is Party.ISMP


async def held_at_partner(desk: Desk, party: Address, number: Number) -> list[Holding]:
    """Give what a partner holds for a user; raises Temporary or Permanent where it gives no answer that can be used."""
    line = desk.line(party, "ismp")
    if line is None:
        raise Temporary(str(party), "no address is configured")
    at, serial = desk.clock.now(), await desk.engine.next_serial()
    request = line.codec["getSubscription"](
        StreamingNo=f"{desk.here.system}{write_time(at)}{serial % 10**9:09d}", TimeStamp=write_time(at), SystemId=desk.here.system,
        UserID=number.digits, UserIDType=MOBILE_ID if number.mobile else FIXED_ID,
    )  # fmt: skip
    answer = await line.call("getSubscription", request)
    code = int(answer.ResultCode)
    if code == UNKNOWN_USER.code:
        return []
    if code != 0:
        known = RESULTS.get(code, PARTNER_FAULT)
        raise Temporary(str(party), f"{known.code} {known.en}")
    try:
        return [_holding(number, info) for info in answer.SubInfo]
    except ValueError:
        raise Temporary(str(party), "the answer holds a day that does not exist") from None


def _holding(number: Number, info: Message) -> Holding:
    return Holding(
        number, info.ProductID, Standing(info.Status), subscribed_at=read_time(info.SubscribeTime), effective_at=read_time(info.EffDate),
        expires_at=read_time(info.ExpDate),
    )  # fmt: skip
