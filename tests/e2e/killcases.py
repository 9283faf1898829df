"""The cases that the kill sweep plays: each section, well and in the ways in which it fails and goes back.

Who acts is patient: whatever was not answered is sent again, the same. A case is played on a number or an object that nobody has
used. Here stands what is done; what is killed, and what must be left, is not known here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from acts import until

from gateway.cli.errors import CommandFailed
from gateway.cli.play import Played, Player, offer, product
from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import Action
from gateway.domain.user_change import UserAct
from gateway.recon.planning import Repair
from gateway.vocabulary import USER_ACT_CODE

X, X_BOX, PAPER, WEATHER, NATIONAL_PAPER = (
    "115000000000000000101", "115000000000000000103", "115000000000000000201", "135000000000000000301", "135000000000000000401",
)  # fmt: skip
BUNDLE, NATIONAL_BUNDLE, MIXED_BUNDLE = "315000000000000000901", "335000000000000000901", "315000000000000000902"
HOME, GROUP = "jiangxi", "group"
_SERIALS = itertools.count(1)


@dataclass(frozen=True)
class Stage:
    """Who plays, and on what."""

    player: Player
    number: str
    serial: int

    @property
    def home(self) -> Any:
        """The province."""
        return self.player.doors[HOME]

    def order(self, section: str, *offers: str, **more: Any) -> Played:
        """Let the user order at the portal."""
        return self.player.order(section, self.home, self.number, *offers, **more)

    def ended(self, played: Played) -> Played:
        """Wait for the end of what a case needs beforehand."""
        assert played.refused is None, played.refused
        self.player.settled(played)
        return played


@dataclass(frozen=True)
class Case:
    """One row of the sweep."""

    name: str
    section: str
    play: Callable[[Stage], Played]
    before: Callable[[Stage], object] = lambda stage: None
    """What the case needs beforehand: no process is killed in it."""
    modes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By stub set, how partners behave from the beginning of the case."""
    thing: Callable[[int], dict[str, Any]] | None = None
    """The object that it is about, by a serial number."""


def _thing(case: str, serial: int) -> dict[str, Any]:
    province = {"province": "15", "zh": f"断电{serial}", "en": f"Power cut {serial}"}
    nation = {"province": "35", "scope": "0", "zh": f"断电{serial}", "en": f"Power cut {serial}"}
    return {
        "2.1": lambda: product(f"1150000000000011{serial:05d}", sp="15000001", owner="200", platform="303", **province),
        "2.2": lambda: product(f"1150000000000012{serial:05d}", sp="15000002", owner="204", platform="204", **province),
        "3.1": lambda: offer(f"1150000000000013{serial:05d}", X, kind="0", **province),
        "2.2b": lambda: offer(f"3150000000000014{serial:05d}", X, PAPER, kind="2", **province),
        "2.3": lambda: offer(f"1150000000000015{serial:05d}", PAPER, kind="0", **province),
        "national": lambda: product(f"1350000000000016{serial:05d}", sp="35000001", owner="100", platform="303", **nation),
    }[case]()


def named(thing: Mapping[str, Any]) -> tuple[str, str]:
    """Give kind and id of an object."""
    return ("product", thing["ProductID"]) if "ProductHost" in thing else ("offer", thing["ProductOfferID"])


def _published(section: str) -> Case:
    """Have an object published, then suspended."""

    def play(stage: Stage) -> Played:
        thing = _thing(section, stage.serial)
        played = stage.player.apply(section, stage.home, thing)
        if played.refused is None:
            stage.player.settled(played)
            kind, object_id = named(thing)
            stage.player.change_state(played, kind, object_id, "suspended")
        return played

    return Case(f"{section} published, suspended", section, play, thing=lambda serial: _thing(section, serial))


def _configured(section: str) -> Case:
    def play(stage: Stage) -> Played:
        return stage.player.configure(section, stage.home, _thing(section, stage.serial))

    return Case(f"{section} configured by ISMP", section, play, thing=lambda serial: _thing(section, serial))


def _ordered(section: str, *offers: str, name: str = "", **modes: Mapping[str, str]) -> Case:
    return Case(f"{section} {name or 'subscribe'}", section, lambda stage: stage.order(section, *offers), modes=modes)


def _afterwards(section: str, action: str, name: str, *offers: str, **modes: Mapping[str, str]) -> Case:
    """Order, and then do something else to what was ordered."""
    return Case(
        f"{section} {name}",
        section,
        lambda stage: stage.order(section, *offers, action=action),
        before=lambda stage: stage.ended(stage.order(section, *offers)),
        modes=modes,
    )


def _bundle(section: str, sold: str, *products: str, name: str = "", **modes: Mapping[str, str]) -> Case:
    def play(stage: Stage) -> Played:
        return stage.player.bundle(section, stage.home, stage.number, sold, *products)

    return Case(f"{section} {name or 'subscribe'}", section, play, modes=modes)


def _bundle_ended(section: str, begun: str, sold: str, *products: str) -> Case:
    def act(stage: Stage, its: str, action: str) -> Played:
        return stage.player.bundle(its, stage.home, stage.number, sold, *products, action=action)

    return Case(f"{section} cancel", section, lambda s: act(s, section, "1"), before=lambda s: s.ended(act(s, begun, "0")))


def _user(name: str, act: UserAct, *held: str, **more: str) -> Case:
    def before(stage: Stage) -> None:
        for each in held:
            stage.ended(stage.order("4.1.1", each))

    def play(stage: Stage) -> Played:
        return stage.player.user(stage.home, stage.number, USER_ACT_CODE[act], **more)

    return Case(f"3.1b {name}", "3.1b", play, before=before)


def _confirmed(*offers: str) -> Case:
    """Order through the SMS hall, which has the user asked; he says yes."""

    def play(stage: Stage) -> Played:
        stubs, number = stage.home.stubs, stage.number
        played = stage.order("4.1.1", *offers, SystemId="214")
        asked = until(lambda: len(stubs.ledger("reconfirm", number=number)), 1, 20)
        assert asked == 1, "the user was not asked"
        said = stubs.act("smshall", "reply", {"number": number, "yes": True, "send": False})
        answer = stage.player.send(
            stage.home.gateway, "vsop", "recvRQMessage", "214", StreamingNo=said["streaming_no"], ProdSpecCode="003",
            ProductNo=number, RQCode=said["code"], RQResult="1",
        )  # fmt: skip
        played.answers.append(answer)
        return played

    return Case("4.1.1 confirmed by SMS", "4.1.1", play)


def _audited() -> Case:
    """A person of the national PPM approves a product."""

    def play(stage: Stage) -> Played:
        door = stage.player.doors[GROUP]
        played = stage.player.apply("2.1", door, _thing("national", stage.serial))
        while waiting := [a["id"] for a in door.admin.get("audits") if a["application"] == played.ids[0]]:
            with suppress(CommandFailed):  # decided already, by the one whose answer was lost
                door.admin.post(f"audits/{waiting[0]}", b'{"approve": true}')
        return played

    return Case("2.1 approved by a person", "2.1", play, thing=lambda serial: _thing("national", serial))


def _repaired() -> Case:
    """A reconciliation found that nobody has what the user pays for; its repair tells them all."""

    def play(stage: Stage) -> Played:
        plan = f"kill-{stage.serial}"
        due = Repair(
            Number.parse(stage.number), NATIONAL_PAPER, Action.SUBSCRIBE, asks=True, keeps=True, reports=True, archives=True,
            offer_id=NATIONAL_PAPER, offer_type=OfferType.PURE, line=1,
        )  # fmt: skip
        wanted = {"plan": plan, "right": "ismp", "by": "tester", "why": "power cut", "repairs": [due]}
        told = stage.home.admin.post("recon/repairs", msgspec.json.encode(wanted))
        assert told[0]["code"] == 0, told
        return Played("5.1", stage.home, stage.number, [told[0]["order_id"]])

    return Case("5.1 repair", "5.1", play)


_REFUSING_ISMP = {"ismp.subActionFromVSOP.mode": "refuse"}
_REFUSING_X = {"xplatform.serverAction.mode": "refuse"}

CASES = (
    _published("2.1"),
    _audited(),
    _configured("2.2"),
    _published("3.1"),
    _published("2.2b"),
    _configured("2.3"),
    _user("stopped", UserAct.STATE_CHANGED, X, state="00B"),
    _user("torn down", UserAct.TORN_DOWN, X, PAPER, WEATHER),
    _bundle("3.2.1", BUNDLE, X),
    _bundle("3.2.2", NATIONAL_BUNDLE, WEATHER),
    _bundle_ended("3.2.3", "3.2.1", BUNDLE, X),
    _bundle_ended("3.2.4", "3.2.2", NATIONAL_BUNDLE, WEATHER),
    _ordered("4.1.1", X),
    _ordered("4.1.2", PAPER),
    _ordered("4.1.3", WEATHER),
    _ordered("4.1.4", NATIONAL_PAPER),
    _ordered("4.1", X, PAPER, WEATHER, name="mixed"),
    _afterwards("4.1.1", "1", "unsubscribe", X),
    _afterwards("4.1.2", "1", "unsubscribe", PAPER),
    _afterwards("4.1.3", "1", "unsubscribe", WEATHER),
    _afterwards("4.1.4", "1", "unsubscribe", NATIONAL_PAPER),
    _afterwards("4.1.3", "3", "suspend", WEATHER),
    _ordered("4.1.1", X, name="result by callback", jiangxi={"xplatform.mode": "callback"}),
    _ordered("4.1.3", WEATHER, name="result by callback", group={"xplatform.mode": "callback"}),
    _ordered("4.1.2", PAPER, name="report before answer", jiangxi={"ismp.mode": "report-first"}),
    _ordered("4.1.1", X, name="no balance", jiangxi={"ocs.feeCheck.mode": "no-balance"}),
    _ordered("4.1.1", X, X_BOX, name="refused in part", jiangxi={"xplatform.serverAction.mode": "in-part"}),
    _confirmed(X),
    _ordered("4.1.2", PAPER, name="refused", jiangxi=_REFUSING_ISMP),
    _ordered("4.1.3", WEATHER, name="refused", group=_REFUSING_X),
    _repaired(),
    _ordered("4.1", X, PAPER, WEATHER, name="mixed, the last one refuses", group=_REFUSING_X),
    _ordered("4.1", X, PAPER, WEATHER, name="mixed, ISMP refuses", jiangxi=_REFUSING_ISMP),
    _bundle("3.2.1", MIXED_BUNDLE, X, PAPER, WEATHER, name="mixed, ISMP refuses", jiangxi=_REFUSING_ISMP),
)


def stage(player: Player, number: str) -> Stage:
    """Set a stage that nobody has been on."""
    return Stage(player, number, next(_SERIALS))

