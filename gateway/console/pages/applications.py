"""Applications (seed 2.1 step 1): what waits for PPM's auditor, one with its object and steps, approved or rejected with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gateway.console.frame import Entry
from gateway.console.pages.asking import ask_ppms, named
from gateway.console.visit import Answer, Pages, Visit, moved
from gateway.flows.seed import SEED_SECTIONS

ENTRIES = (Entry("/applications", "a", "申请", "Applications"),)
LONGEST_REASON = 500
"""Characters; CRM is told them as the opinion."""
_ORDER_OF_STATES = ("stuck", "refused", "waiting", "under way", "done")
"""The state of a step that has several arrows is the first of these that one of them has."""


@dataclass(frozen=True, slots=True)
class StepView:
    """A numbered step of the document, and how far it is; without a state it has not come, or belongs to another act."""

    number: str
    zh: str
    en: str
    state: str
    arrows: Sequence[dict[str, Any]]


def steps(found: dict[str, Any]) -> list[StepView]:
    """Put the arrows of an application and of its deliveries under the document's steps."""
    section = found["row"]["section"]
    arrows = sorted((arrow for leg in found["legs"] for arrow in leg["arrows"]), key=lambda arrow: (arrow["number"], arrow["at"]))
    views = []
    for step in SEED_SECTIONS[section].steps:
        mine = [arrow for arrow in arrows if step.covers(arrow["number"])]
        states = {arrow["state"] for arrow in mine}
        views.append(StepView(step.number, step.zh, step.en, next((one for one in _ORDER_OF_STATES if one in states), ""), mine))
    return views


async def listed(visit: Visit) -> Answer:
    """List what has not ended: what waits for a person first."""
    answers = await ask_ppms(visit.gateways, "applications")
    rows = [row | {"gateway": gateway.name} for gateway, found in answers.found for row in found]
    rows.sort(key=lambda row: (not row["waits"], row["at"]))
    return visit.page("applications.html", rows=rows, away=answers.away, served=bool(answers.found))


async def shown(visit: Visit) -> Answer:
    """Show the list, or with a gateway and an id one application."""
    if not visit.rest:
        return await listed(visit)
    return await _one(visit)


async def _one(visit: Visit, *, why: str = "", said: tuple[str, str] | None = None) -> Answer:
    gateway = named(visit, visit.rest[0]) if len(visit.rest) == 2 else None
    found = None if gateway is None else await gateway.get(f"applications/{visit.rest[1]}")
    if gateway is None or found is None:
        return visit.gone("没有这个申请。", "There is no such application.")
    whole = found["product"] or found["offer"]
    return visit.page(
        "application.html", status=400 if said else 200, gateway=gateway.name, found=found, row=found["row"], whole=whole,
        steps=steps(found), fields=fields(whole), why=why, said=said,
    )  # fmt: skip


async def decide(visit: Visit) -> Answer:
    """Approve or reject, with a reason."""
    gateway = named(visit, visit.rest[0]) if len(visit.rest) == 2 else None
    if gateway is None:
        return visit.gone("没有这个申请。", "There is no such application.")
    act, why = visit.field("act"), visit.field("why").strip()
    if act not in ("approve", "reject"):
        return visit.problem("只能批准或驳回。", "It is approved or rejected.")
    if not 1 <= len(why) <= LONGEST_REASON:
        said = (f"请填写理由 (1 至 {LONGEST_REASON} 字)。", f"Give a reason, of 1 to {LONGEST_REASON} characters.")
        return await _one(visit, why=why, said=said)
    await gateway.post(f"audits/{visit.rest[1]}", {"approve": act == "approve", "why": why, "who": visit.who})
    return moved(f"/applications/{quote(gateway.name, safe='')}/{quote(visit.rest[1], safe='')}")


def fields(whole: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Give the fields of a product or an offer that say anything: Chinese and English name, value."""
    named_fields = [(zh, en, whole.get(key)) for key, zh, en in _FIELDS]
    return [(zh, en, _written(value)) for zh, en, value in named_fields if value not in (None, "", [])]


_FIELDS = (
    ("id", "编码", "Code"), ("name_zh", "中文名", "Chinese name"), ("name_en", "英文名", "English name"), ("type", "类型", "Type"),
    ("products", "组成产品", "Products"), ("sp", "合作伙伴 SP/CP", "Content partner"), ("owner", "属主", "Owner"),
    ("platform", "激活平台", "Platform"), ("scope", "范围", "Scope"), ("province", "省份", "Province"),
    ("status", "申请状态", "Asked state"), ("version", "版本", "Version"), ("excludes", "互斥", "Excludes"),
    ("requires", "依赖", "Requires"), ("replaces", "替换", "Replaces"),
    ("capabilities", "所需业务能力", "Capabilities"), ("specs", "接入产品", "Access products"), ("partial", "可部分订购", "In part"),
)  # fmt: skip


def _written(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


PAGES: Pages = {("GET", "applications"): shown, ("POST", "applications"): decide}
