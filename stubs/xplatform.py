"""X业务平台: a service platform outside ISMP; activates at once, or accepts and calls back; knows catalogue and users."""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.errors import OK, UNKNOWN_PRODUCT, Result
from stubs.ismp import ISMP_SYSTEMS
from stubs.kit.activation import Activating
from stubs.kit.goods import PRODUCT
from stubs.kit.recon import file_act, plant_service, served
from stubs.kit.role import Act, Call, receives
from stubs.kit.world import Subscription


class XPlatform(Activating):
    """Stands for every X platform, whatever code a product has for its own; what is ISMP's it does not know."""

    name = "xplatform"
    system = "303"

    @receives
    async def userInfoSync(self, request: Message, call: Call) -> Message:
        """Keep the user's state; services follow a new number, a stop and the end of the user (seed 3.1b step 4)."""
        self.world.change_user(self.name, request)
        return call.answer(OK)

    def start_with(self, held: Subscription, platform: str) -> None:
        """Serve what is no ISMP's."""
        if platform not in ISMP_SYSTEMS:
            self.hold(held)

    def acts(self) -> dict[str, Act]:
        """Give the acts: its file for a reconciliation, and a difference planted without an order."""
        return {"recon-file": file_act(self, "R7.2", lambda: served(self)), "plant": plant_service(self)}

    def why_not(self, product: str) -> Result | None:
        """Refuse also what ISMP activates."""
        held = self.holds(PRODUCT, product)
        if held is not None and held.content.get("PlatForm") in ISMP_SYSTEMS and self.world.goods.products:
            return UNKNOWN_PRODUCT
        return super().why_not(product)
