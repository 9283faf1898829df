"""What becomes of a user, as platforms are told of it by userInfoSync."""

from __future__ import annotations

from typing import Any

from stubs.kit.orders import Work
from stubs.partnerkit.probe import Probe

ACTIVE, STOPPED, TORN_DOWN = "0", "1", "3"  # PlatformUserState
CHANGES = {
    "install": (Work.INSTALL, ACTIVE),
    "stop": (Work.STATE_CHANGE, STOPPED),
    "resume": (Work.STATE_CHANGE, ACTIVE),
    "renumber": (Work.RENUMBER, ACTIVE),
    "tear-down": (Work.TEAR_DOWN, TORN_DOWN),
}


async def user_change(probe: Probe, change: str, **fields: Any) -> None:
    """Tell a change by its name; the case ends if it is not answered by 0."""
    work, state = CHANGES[change]
    await probe.do("userInfoSync", ActionType=str(work.value), UserState=state, **fields)
