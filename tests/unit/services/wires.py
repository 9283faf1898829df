"""Lines between offices: two provinces and the group in one process, each question answered by the other side's own service."""

from __future__ import annotations

from office import CODEC, GROUP, JIANGXI, Office
from rig import run

from gateway.domain.numbers import Number
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.routing import Place, Tier
from gateway.domain.subscriber import PayType, Subscriber
from gateway.engine.ports import SubscribersLoaded
from gateway.store.memory import MemoryStore

GUANGXI = Place(Tier.PROVINCE, "21")
JIANGXI_VSOP, GUANGXI_VSOP = Address(Party.VSOP, "15"), Address(Party.VSOP, "21")


class Wire:
    """A line to somebody's coroutine (operation, request, routing); keeps what it carried."""

    def __init__(self, codec, answer) -> None:
        self.codec = codec
        self._answer = answer
        self.carried = []

    async def call(self, operation, request, routing=None):
        self.carried.append((operation, request, routing))
        return await self._answer(operation, request, routing)

    @property
    def hops(self) -> list[int]:
        """The hop count of each message."""
        return [routing.HopCount for _, _, routing in self.carried]


def dead(codec, failure) -> Wire:
    """A line on which every call fails."""

    async def fail(operation, request, routing):
        raise failure

    return Wire(codec, fail)


class Country:
    """Jiangxi, Guangxi and the group, which know each other."""

    def __init__(self) -> None:
        self.jiangxi, self.guangxi, self.group = Office(JIANGXI), Office(GUANGXI, partners=set()), Office(GROUP)
        self.to_jiangxi, self.to_guangxi, self.to_group = (
            Wire(CODEC, office.answer) for office in (self.jiangxi, self.guangxi, self.group)
        )
        self.jiangxi.lines[GROUP_VSOP, "vsop"] = self.guangxi.lines[GROUP_VSOP, "vsop"] = self.to_group
        self.group.lines[JIANGXI_VSOP, "vsop"] = self.to_jiangxi
        self.group.lines[GUANGXI_VSOP, "vsop"] = self.to_guangxi

    def settle(self, office: Office, digits: str) -> None:
        """Let a province have a user."""
        user = Subscriber(Number(digits), "003", PayType.POSTPAID)
        run(MemoryStore.commit(office.store, [SubscribersLoaded((user,))]))
