"""The words of the documents that are drawn from the flows, in Chinese and English: parties, acts, states."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import CatalogueChange, DeliveryState, ObjectKind
from gateway.domain.facts import Matter
from gateway.domain.order import Action, Order
from gateway.domain.subscriber import RelationState, UserState


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str

    def both(self) -> str:
        """Give both, or one where they are the same."""
        return self.en if self.zh == self.en else f"{self.en} {self.zh}"

    def after(self, place: Words) -> Words:
        """Put a place before it."""
        return Words(f"{place.zh}: {self.zh}", f"{place.en}: {self.en}")


def same(text: str) -> Words:
    """Give a text that is the same in both languages, such as the name of an operation."""
    return Words(text, text)


PARTIES = {
    "user": Words("用户", "user"), "channel": Words("网厅", "portal"), "crm": same("CRM"),
    "provisioning": Words("服务开通", "provisioning"), "ppm": same("PPM"), "vsop": Words("省级VSOP", "provincial VSOP"),
    "ocs": Words("计费OCS", "OCS"), "group": Words("集团VSOP", "group VSOP"), "xplatform": Words("X平台", "X platform"),
    "ismp": Words("ISMP平台", "ISMP"), "billing": Words("计费系统", "billing"), "smshall": Words("短信营业厅", "SMS hall"),
}  # fmt: skip
"""By kind, in the order in which they stand side by side."""

PLACES = {**PARTIES, "vsop": Words("省级", "province"), "group": Words("集团", "group"), "xplatform": Words("X", "X")}
"""Shorter, for states."""

OF_CATALOGUE = {**PARTIES, "vsop": same("VSOP")}
"""In the sections about the catalogue VSOP is that of either tier."""


def parties(subject: str) -> dict[str, Words]:
    """Give the names of the parties in sections about this subject."""
    return OF_CATALOGUE if subject == "catalogue" else PARTIES


ACTS = {
    "accept": Words("受理", "takes it over"), "complete": Words("竣工", "completion"),
    "apply": Words("用户信息、订购关系处理", "user and relations"), "audit": Words("审核", "audit"),
}  # fmt: skip
"""Acts of our own, by the name of the step."""

STATUS = {
    Status.NORMAL: Words("正常", "normal"), Status.APPLIED: Words("申请", "applied"),
    Status.SUSPENDED: Words("暂停", "suspended"), Status.PRE_CANCELLED: Words("预注销", "pre-cancelled"),
    Status.CANCELLED: Words("注销", "cancelled"), Status.TEST: Words("测试", "in test"),
}  # fmt: skip
KINDS = {ObjectKind.PRODUCT: Words("产品", "product"), ObjectKind.OFFER: Words("销售品", "offer")}
RELATION = {
    RelationState.ACTIVE: Words("订购关系有效", "relation active"), RelationState.SUSPENDED: Words("订购关系暂停", "relation suspended"),
    RelationState.STOPPED: Words("订购关系停机", "relation stopped"), RelationState.ENDED: Words("订购关系终止", "relation ended"),
}  # fmt: skip
MOVED = Words("订购关系移至新号码", "relations under the new number")
ARCHIVED = Words("订购关系归档", "relation archived")
USER = {
    UserState.ACTIVE: Words("用户在用", "user active"), UserState.STOPPED: Words("用户停机", "user stopped"),
    UserState.ARREARS: Words("用户欠费", "user in arrears"), UserState.INVALID: Words("用户拆机", "user torn down"),
}  # fmt: skip
SERVICE = {
    Action.SUBSCRIBE: Words("业务开通", "service active"), Action.UNSUBSCRIBE: Words("业务关闭", "service ended"),
    Action.SUSPEND: Words("业务暂停", "service suspended"), Action.RESUME: Words("业务恢复", "service active"),
}  # fmt: skip
DELIVERY = {
    DeliveryState.DELIVERED: Words("投递: 已送达", "delivery: delivered"), DeliveryState.REFUSED: Words("投递: 被拒", "delivery: refused"),
    DeliveryState.SUPERSEDED: Words("投递: 已过时", "delivery: superseded"),
}  # fmt: skip


def matter_words(matter: Matter) -> Words:
    """Say what kind of case it is."""
    if isinstance(matter, Order):
        return Words("订单", "order")
    return Words("申请", "application") if isinstance(matter, CatalogueChange) else Words("变更", "change")


_BILINGUAL = re.compile(r"(?P<en>[^(]*[^( ]) ?\((?P<zh>[^)]*[\u4e00-\u9fff][^)]*)\)")


def told(text: str) -> Words:
    """Read a text of the ladders, which has its Chinese in brackets where it has any."""
    found = _BILINGUAL.fullmatch(text)
    return same(text) if found is None else Words(found["zh"], found["en"])
