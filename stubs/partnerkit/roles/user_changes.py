"""What becomes of a user, as platforms are told of it by userInfoSync."""

from __future__ import annotations

from typing import Any

from stubs.kit.orders import Work
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

ACTIVE, STOPPED, TORN_DOWN = "0", "1", "3"  # PlatformUserState
CHANGES = {
    "install": (Work.INSTALL, ACTIVE, "新装"),
    "stop": (Work.STATE_CHANGE, STOPPED, "停机"),
    "resume": (Work.STATE_CHANGE, ACTIVE, "复机"),
    "renumber": (Work.RENUMBER, ACTIVE, "改号"),
    "tear-down": (Work.TEAR_DOWN, TORN_DOWN, "拆机"),
}


async def user_change(probe: Probe, change: str, **fields: Any) -> None:
    """Tell a change by its name; the case ends if it is not answered by 0."""
    work, state, zh = CHANGES[change]
    probe.step = Text(f"{zh}({work.value})", f"{change} ({work.value})")
    await probe.do("userInfoSync", ActionType=str(work.value), UserState=state, **fields)
