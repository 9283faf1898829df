"""The numbers that the user's document gives to the steps of seed 4.1, one table per section; letters split the seed's long steps.

Steps that VSOP neither takes nor sees (the user at the portal, ISMP's own fee check) are listed too, so that a ladder is whole.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutsideStep:
    """A step of the seed that happens between others."""

    number: str
    sender: str
    receiver: str
    text: str
    prepaid_only: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its title and the number of each step; an empty number means that the section has no such step."""

    id: str
    title_zh: str
    title_en: str
    accept: str
    activate: str
    activated: str
    complete: str
    archive: str
    fee: str = ""
    group_accept: str = ""
    group_activate: str = ""
    group_activated: str = ""
    returned: str = ""
    report: str = ""
    to_group: str = ""
    tell_channel: str = ""
    tell_user: str = ""
    outside: tuple[OutsideStep, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every number of the section that a successful order of a prepaid user shows, in the seed's order."""
        own = (self.accept, self.activate, self.activated, self.complete, self.archive, self.fee, self.group_accept,
               self.group_activate, self.group_activated, self.returned, self.report, self.to_group, self.tell_channel,
               self.tell_user)  # fmt: skip
        return tuple(sorted({n for n in own if n and n[0].isdigit()} | {o.number for o in self.outside}))


OURS = "+"
"""Stands before the number of a step that the seed does not demand and we take all the same."""

_USER = OutsideStep("1", "user", "channel", "order, second confirmation (订购, 二次确认)")
_SMS = "SMS to the user (短信通知用户)"
_ISMP_FEE = OutsideStep("2c", "ismp", "ocs", "feeCheck", prepaid_only=True)
_ISMP_ACTS = OutsideStep("2d", "ismp", "ismp", "activation (订购激活)")

SECTIONS = {
    section.id: section
    for section in (
        Section(
            "4.1.1", "网厅发起的省级纯增值业务订购(X平台产品)", "portal order of a provincial product, X platform",
            accept="2a", fee="2b", activate="2c", activated="2d", complete="2e", archive="2f", tell_channel="2g", tell_user="2h",
            outside=(_USER, OutsideStep("2i", "smshall", "user", _SMS)),
        ),
        Section(
            "4.1.2", "网厅发起的省级纯增值业务订购(ISMP平台产品)", "portal order of a provincial product, ISMP",
            accept="2a", activate="2b", activated="3a", report="3b", complete="3c", archive="3d", tell_channel=f"{OURS}3e",
            outside=(_USER, _ISMP_FEE, _ISMP_ACTS),
        ),
        Section(
            "4.1.3", "网厅发起的全网纯增值业务订购(X平台产品)", "portal order of a national product, X platform",
            accept="2a", fee="2b", activate="2c", group_accept="2d", group_activate="2e", group_activated="3a", activated="",
            returned="3b", complete="3c", archive="3d", tell_channel="3e", tell_user="3f",
            outside=(_USER, OutsideStep("3g", "smshall", "user", _SMS)),
        ),
        Section(
            "4.1.4", "网厅发起的全网纯增值业务订购(ISMP平台产品)", "portal order of a national product, ISMP",
            accept="2a", activate="2b", activated="3a", report="3b", complete="3c", to_group="3d", archive="3e",
            tell_channel=f"{OURS}3f", outside=(_USER, _ISMP_FEE, _ISMP_ACTS),
        ),
    )
}  # fmt: skip
