"""One case of each section of the user's document, in the lab's own names: what `vsopgw demo` plays.

Each begins with nothing but the lab's catalogue and subscribers; what a case needs beforehand, such as a bundle to cancel, it makes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.cli.play import Played, Player, offer, product
from gateway.domain.user_change import UserAct
from gateway.vocabulary import USER_ACT_CODE

RINGTONE, PAPER, WEATHER, NATIONAL_PAPER = (
    "115000000000000000101", "115000000000000000201", "135000000000000000301", "135000000000000000401",
)  # fmt: skip
BUNDLE, NATIONAL_BUNDLE = "315000000000000000901", "335000000000000000901"
HOME, AWAY = "jiangxi", "guangxi"
"""The two provinces of the lab."""


def _product(player: Player) -> Played:
    """2.1: CRM files a product, PPM has it tested and publishes it; then CRM has it suspended."""
    thing = product(
        "115000000000000000701", sp="15000001", owner="200", platform="303", province=province(player), zh="赣韵铃音", en="Gan tones",
    )  # fmt: skip
    return _published(player, "2.1", thing)


def _ismp_product(player: Player) -> Played:
    """2.2: ISMP configures a product and tells PPM."""
    thing = product(
        "115000000000000000702", sp="15000002", owner="204", platform="204", province=province(player), zh="赣江晚报", en="Gan evening",
    )  # fmt: skip
    return player.configure("2.2", player.doors[HOME], thing)


def _offer(player: Player) -> Played:
    """First 3.1: a pure offer goes the way of a product."""
    thing = offer(
        "115000000000000000703", RINGTONE, kind="0", province=province(player), zh="七彩铃音体验", en="Ring-back tone, trial"
    )
    return _published(player, "3.1", thing)


def _bundle_offer(player: Player) -> Played:
    """Second 2.2: a bundle has no test phase."""
    thing = offer(
        "315000000000000000704", RINGTONE, PAPER, kind="2", province=province(player), zh="语音加双业务套餐", en="Voice and two"
    )
    return _published(player, "2.2b", thing)


def _published(player: Player, section: str, thing: dict[str, Any]) -> Played:
    """Have an object published, then suspended."""
    played = player.apply(section, player.doors[HOME], thing)
    if played.refused is None:
        player.settled(played)
        kind = "product" if "ProductHost" in thing else "offer"
        player.change_state(played, kind, thing["ProductID" if kind == "product" else "ProductOfferID"], "suspended")
    return played


def _ismp_offer(player: Player) -> Played:
    """2.3: ISMP configures an offer and tells PPM."""
    thing = offer(
        "115000000000000000705", PAPER, kind="0", province=province(player), zh="手机报体验", en="Paper, trial"
    )
    return player.configure("2.3", player.doors[HOME], thing)


def _user(player: Player) -> Played:
    """Second 3.1: a user who holds a product is stopped."""
    door, number = player.doors[HOME], "18907910008"
    held = player.order("4.1.1", door, number, RINGTONE)
    player.settled(held)
    return player.user(door, number, USER_ACT_CODE[UserAct.STATE_CHANGED], state="00B")


def _bundle(player: Player) -> Played:
    """3.2.1: a bundle of a provincial X product."""
    return player.bundle("3.2.1", player.doors[HOME], "18907910009", BUNDLE, RINGTONE)


def _national_bundle(player: Player) -> Played:
    """3.2.2: a bundle of a national X product."""
    return player.bundle("3.2.2", player.doors[AWAY], "18907710003", NATIONAL_BUNDLE, WEATHER)


def _cancelled(player: Player) -> Played:
    """3.2.3: a bundle is cancelled."""
    door, number = player.doors[HOME], "18907910010"
    player.settled(player.bundle("3.2.1", door, number, BUNDLE, RINGTONE))
    return player.bundle("3.2.3", door, number, BUNDLE, RINGTONE, action="1")


def _national_cancelled(player: Player) -> Played:
    """3.2.4: a national bundle is cancelled."""
    door, number = player.doors[AWAY], "18907710004"
    player.settled(player.bundle("3.2.2", door, number, NATIONAL_BUNDLE, WEATHER))
    return player.bundle("3.2.4", door, number, NATIONAL_BUNDLE, WEATHER, action="1")


def _portal(section: str, place: str, number: str, offer_id: str) -> Callable[[Player], Played]:
    return lambda player: player.order(section, player.doors[place], number, offer_id)


def province(player: Player, place: str = HOME) -> str:
    """Give the province id of a gateway."""
    return str(player.doors[place].admin.get("status")["province"])


CASES: dict[str, Callable[[Player], Played]] = {
    "2.1": _product,
    "2.2": _ismp_product,
    "3.1": _offer,
    "2.2b": _bundle_offer,
    "2.3": _ismp_offer,
    "3.1b": _user,
    "3.2.1": _bundle,
    "3.2.2": _national_bundle,
    "3.2.3": _cancelled,
    "3.2.4": _national_cancelled,
    "4.1.1": _portal("4.1.1", HOME, "18907910001", RINGTONE),
    "4.1.2": _portal("4.1.2", HOME, "18907910002", PAPER),
    "4.1.3": _portal("4.1.3", AWAY, "18907710001", WEATHER),
    "4.1.4": _portal("4.1.4", HOME, "18907910004", NATIONAL_PAPER),
}
"""By section, in the order of the document."""

PORTAL = ["4.1.1", "4.1.2", "4.1.3", "4.1.4"]
"""What is played where nothing else is asked for."""
