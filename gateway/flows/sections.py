"""The numbers that the user's document gives to the steps of each section; letters split the seed's long steps.

Steps that VSOP neither takes nor sees (the user at the portal, ISMP's own fee check) are listed too, so that a ladder is whole. The
seed has two chapters 2.2 and two 3.1: the second ones are called 2.2b and 3.1b here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OURS = "+"
"""Stands before the number of a step that the seed does not demand and we take all the same."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Who saw a step outside VSOP: an entry in a stub's journal, or, with `ledger`, a row of one of its ledgers."""

    role: str
    operation: str = ""
    ledger: str = ""
    key: str = "order"
    """By what the entry is found: order (the caller's OrderId), trace (our end-to-end id), streaming_no, or number."""


@dataclass(frozen=True, slots=True)
class OutsideStep:
    """A step of the seed that happens between others."""

    number: str
    sender: str
    receiver: str
    text: str
    seen: Seen
    prepaid_only: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its title, the number of each step of ours by the step's part in the flow, and the steps of others."""

    id: str
    title_zh: str
    title_en: str
    own: Mapping[str, str]
    outside: tuple[OutsideStep, ...] = ()
    subject: str = "order"
    """What runs through it: an order, a user, or an object of the catalogue."""
    several: frozenset[str] = field(default_factory=frozenset)
    """Steps that happen once for each party that is concerned."""
    in_seed: bool = True

    def __getitem__(self, part: str) -> str:
        """Give the number of a step; empty where the section has no such step."""
        return self.own.get(part, "")

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every number of the section that a successful case shows, in the seed's order."""
        own = {n for n in self.own.values() if n and n[0].isdigit()}
        return tuple(sorted(own | {o.number for o in self.outside}))

    @property
    def optional(self) -> frozenset[str]:
        """Numbers that a successful case may lack: a section that is not the seed's has the steps of a case's own products."""
        if self.in_seed:
            return frozenset()
        return self.several | {self[part] for part in ("fee", "to_group")}


_USER = OutsideStep(
    "1", "user", "channel", "order, second confirmation (订购, 二次确认)", Seen("portal", "confirm", key="streaming_no")
)
_SMS_TEXT = "SMS to the user (短信通知用户)"
_ISMP_FEE = OutsideStep("2c", "ismp", "ocs", "feeCheck", Seen("ocs", "feeCheck", key="trace"), prepaid_only=True)
_ISMP_ACTS = OutsideStep("2d", "ismp", "ismp", "activation (订购激活)", Seen("ismp", ledger="activation", key="trace"))


def _sms(number: str) -> OutsideStep:
    return OutsideStep(number, "smshall", "user", _SMS_TEXT, Seen("smshall", ledger="sms", key="number"))


def _customer_order(number: str) -> OutsideStep:
    return OutsideStep(number, "crm", "provisioning", "submitCustomerOrder", Seen("provisioning", "submitCustomerOrder"))


def _receipt(number: str) -> OutsideStep:
    return OutsideStep(number, "provisioning", "crm", "orderReceipt", Seen("crm", "orderReceipt"))


def _archive(number: str) -> OutsideStep:
    return OutsideStep(number, "crm", "billing", "archiveOrder", Seen("billing", "archiveOrder"))


_AUTHORISED = (
    OutsideStep("1", "crm", "vsop", "subscribeAuth", Seen("crm", "accept")),
    OutsideStep("2", "vsop", "crm", "subscribeAuth result", Seen("crm", "decided")),
    _customer_order("3a"),
)

_PURE = (
    Section(
        "4.1.1", "网厅发起的省级纯增值业务订购(X平台产品)", "portal order of a provincial product, X platform",
        {"accept": "2a", "fee": "2b", "activate": "2c", "activated": "2d", "complete": "2e", "archive": "2f", "tell_channel": "2g",
         "tell_user": "2h"},
        outside=(_USER, _sms("2i")),
    ),
    Section(
        "4.1.2", "网厅发起的省级纯增值业务订购(ISMP平台产品)", "portal order of a provincial product, ISMP",
        {"accept": "2a", "activate": "2b", "activated": "3a", "report": "3b", "complete": "3c", "archive": "3d",
         "tell_channel": f"{OURS}3e"},
        outside=(_USER, _ISMP_FEE, _ISMP_ACTS),
    ),
    Section(
        "4.1.3", "网厅发起的全网纯增值业务订购(X平台产品)", "portal order of a national product, X platform",
        {"accept": "2a", "fee": "2b", "activate": "2c", "group_accept": "2d", "group_activate": "2e", "group_activated": "3a",
         "returned": "3b", "complete": "3c", "archive": "3d", "tell_channel": "3e", "tell_user": "3f"},
        outside=(_USER, _sms("3g")),
    ),
    Section(
        "4.1.4", "网厅发起的全网纯增值业务订购(ISMP平台产品)", "portal order of a national product, ISMP",
        {"accept": "2a", "activate": "2b", "activated": "3a", "report": "3b", "complete": "3c", "to_group": "3d", "archive": "3e",
         "tell_channel": f"{OURS}3f"},
        outside=(_USER, _ISMP_FEE, _ISMP_ACTS),
    ),
    Section(
        "4.1", "多平台混合订购", "order of products of several platforms",
        {"accept": "2a", "fee": "2b", "activate": "2c", "group_accept": "2d", "group_activate": "2e", "group_activated": "3a",
         "returned": "3b", "activated": "3c", "report": "3d", "complete": "3e", "to_group": "3f", "archive": "3g", "tell_channel": "3h",
         "tell_user": "3i"},
        outside=(_USER,), several=frozenset({"2c", "2d", "2e", "3a", "3b", "3c", "3d"}), in_seed=False,
    ),
)  # fmt: skip

_BUNDLES = (
    Section(
        "3.2.1", "捆绑类套餐订购鉴权通过流程(省级业务)", "bundle order, provincial",
        {"accept": "3b", "activate": "4a", "activated": "4b", "report": f"{OURS}4b", "complete": "5a", "receipt": "5b",
         "to_group": f"{OURS}5b"},
        outside=(*_AUTHORISED, _receipt("5c"), _archive("6")), several=frozenset({"4a", "4b"}),
    ),
    Section(
        "3.2.2", "捆绑类套餐订购鉴权(通过/需用户确认)流程(全网业务)", "bundle order, national",
        {"accept": "3b", "activate": "4a", "group_accept": "4b", "group_activate": "4c", "group_activated": "5a", "returned": "5b",
         "activated": "", "report": f"{OURS}5b", "complete": "5c", "receipt": "5d", "to_group": f"{OURS}5d"},
        outside=(*_AUTHORISED, _receipt("5e"), _archive("6")), several=frozenset({"4a", "4b", "4c", "5a", "5b"}),
    ),
    Section(
        "3.2.3", "捆绑类套餐退订流程(省级业务)", "bundle cancellation, provincial",
        {"accept": "2a", "activate": "2b", "activated": "2c", "report": f"{OURS}2c", "complete": "3a", "receipt": "3b",
         "to_group": f"{OURS}3b"},
        outside=(_customer_order("1"), _receipt("4a"), _archive("4b")), several=frozenset({"2b", "2c"}),
    ),
    Section(
        "3.2.4", "捆绑类套餐退订流程(全网业务)", "bundle cancellation, national",
        {"accept": "2a", "activate": "2b", "group_accept": "2c", "group_activate": "2d", "group_activated": "2e", "returned": "3a",
         "activated": "", "report": f"{OURS}3a", "complete": "3b", "receipt": "3c", "to_group": f"{OURS}3c"},
        outside=(_customer_order("1"), _receipt("4a"), _archive("4b")), several=frozenset({"2b", "2c", "2d", "2e", "3a"}),
    ),
)  # fmt: skip

_USERS = (
    Section(
        "3.1b", "CRM发起的用户状态信息同步(新装、拆停复等)", "user state synchronisation from CRM",
        {"accept": "2b", "apply": "3a", "receipt": "3b", "tell": "3c", "group_accept": f"{OURS}3c", "group_tell": f"{OURS}3c"},
        outside=(
            _customer_order("1"), _receipt("2a"),
            OutsideStep("4", "platform", "platform", "user and relations (用户信息及订购关系处理)",
                        Seen("xplatform", ledger="user-change", key="trace")),
        ),
        subject="user", several=frozenset({"3c", "4"}),
    ),
)  # fmt: skip


def _managed_by_ppm(section: str, zh: str, en: str) -> Section:
    return Section(
        section, zh, en,
        {"accept": "1", "audit": "2a", "test-vsop": "2b", "test-xplatform": "2c", "notify-vsop": "3a", "notify-xplatform": "3b",
         "publish-vsop": "4a", "publish-xplatform": "4b", "publish-ocs": "4c", "publish-crm": "4d",
         "change-accept": "5a", "change-audit": "5b", "change-vsop": "6a", "change-xplatform": "6b", "change-ocs": "6c",
         "change-crm": "6d"},
        subject="catalogue", several=frozenset({"2b", "3a", "4a", "6a"}),
    )  # fmt: skip


def _managed_by_ismp(section: str, zh: str, en: str, act: str) -> Section:
    return Section(
        section, zh, en,
        {"accept": "1b", "publish-vsop": "2a", "publish-crm": "2b", "publish-billing": "2c"},
        outside=(OutsideStep("1a", "ismp", "ismp", "configures (产品配置)", Seen("ismp", act, key="streaming_no")),),
        subject="catalogue", several=frozenset({"2a"}),
    )  # fmt: skip


_CATALOGUE = (
    _managed_by_ppm("2.1", "PPM管理的增值产品同步", "product managed by PPM"),
    _managed_by_ismp("2.2", "ISMP管理的增值产品同步", "product managed by ISMP", "configure-product"),
    _managed_by_ppm("3.1", "PPM管理的纯增值销售品同步", "pure VAS offer managed by PPM"),
    Section(
        "2.2b", "PPM管理捆绑销售品同步", "bundle offer managed by PPM",
        {"accept": "1a", "audit": "1b", "publish-crm": "1c", "publish-vsop": "1d", "publish-billing": "1e",
         "change-accept": "2a", "change-audit": "2b", "change-vsop": "2c", "change-crm": "2d", "change-billing": "2e"},
        subject="catalogue", several=frozenset({"1d", "2c"}),
    ),
    _managed_by_ismp("2.3", "ISMP管理增值销售品同步", "offer managed by ISMP", "configure-offer"),
)  # fmt: skip

_OURS = (
    Section(
        "5.1", "对账修复", "repair of a reconciliation",
        {"accept": "1", "activate": "2a", "activated": "2b", "complete": "3", "to_group": "4a", "archive": "4b"},
        several=frozenset({"2a", "2b", "4b"}), in_seed=False,
    ),
)  # fmt: skip

SECTIONS: Mapping[str, Section] = {section.id: section for section in (*_CATALOGUE, *_USERS, *_BUNDLES, *_PURE, *_OURS)}
