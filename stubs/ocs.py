"""OCS 在线计费: knows the balance of the lab's users, and the catalogue."""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.errors import OK, UNKNOWN_USER
from stubs.kit.catalogue import CatalogueTarget
from stubs.kit.magic import COMMON, Behaviour
from stubs.kit.recon import charged, file_act
from stubs.kit.role import Act, Call, receives


class Ocs(CatalogueTarget):
    """Answers fee checks; charges nothing."""

    name = "ocs"
    system = "208"
    behaviours = COMMON | {Behaviour.NO_BALANCE}

    @receives
    async def feeCheck(self, request: Message, call: Call) -> Message:
        """Tell the balance in fen."""
        subscriber = self.world.subscriber(request.ProductNo)
        if subscriber is None:
            return call.answer(UNKNOWN_USER)
        return call.answer(OK, Balance=0 if call.behaviour is Behaviour.NO_BALANCE else subscriber.balance)

    def acts(self) -> dict[str, Act]:
        """Give its file for a reconciliation: what billing has on record of prepaid users (the two are one system of the seed)."""
        return {"recon-file": file_act(self, "R7.2", lambda: charged(self, prepaid_only=True))}
