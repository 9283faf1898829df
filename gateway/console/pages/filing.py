"""The form by which CRM's clerk files a product, an offer or a change of state with a PPM (seed 2.1 steps 1 and 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gateway.console.pages.asking import ask_ppms
from gateway.console.visit import Answer, Pages, Visit, moved
from gateway.domain.catalogue import OfferType, Scope, Status
from gateway.domain.catalogue_change import ObjectKind
from gateway.domain.party import NATIONAL, PROVINCES

CODE, SYSTEM, PARTNER = r"[0-9A-Za-z._\-]{1,25}", r"[1-9][0-9]{2}", r"[0-9A-Za-z]{1,10}"
"""As the command line's data files have them."""
CODES = rf"\s*({CODE}([\s,]+{CODE})*)?\s*"
NAME, REASON = r"[^\x00-\x1f]{1,60}", r"(?s:.{1,500})"


@dataclass(frozen=True, slots=True)
class Input:
    """One field of the form; with `choices` it is one of them, else a text that fits `pattern`."""

    name: str
    zh: str
    en: str
    pattern: str = NAME
    choices: tuple[str, ...] = ()
    hint_zh: str = ""
    hint_en: str = ""
    required: bool = True


def _codes(name: str, zh: str, en: str, *, required: bool = False) -> Input:
    return Input(name, zh, en, CODES, hint_zh="多个用逗号分隔", hint_en="separate with commas", required=required)


_NAMES = (Input("id", "编码", "Code", CODE), Input("name_zh", "中文名", "Chinese name"), Input("name_en", "英文名", "English name"))
_PROVINCE = Input("province", "省份", "Province", choices=tuple(PROVINCES), hint_zh="全国为35", hint_en="35 is the whole country")
FORMS: Mapping[str, tuple[Input, ...]] = {
    "product": (
        *_NAMES, Input("sp", "合作伙伴 SP/CP", "Content partner", PARTNER),
        Input("owner", "属主", "Owner", SYSTEM, hint_zh="200为VSOP, 203至205为ISMP", hint_en="200 VSOP, 203 to 205 an ISMP"),
        Input("platform", "激活平台", "Platform", SYSTEM, hint_zh="如303", hint_en="such as 303"), _PROVINCE,
        _codes("excludes", "互斥产品", "Excludes"), _codes("requires", "依赖产品", "Requires"),
    ),
    "offer": (
        *_NAMES, _codes("products", "组成产品", "Products", required=True),
        Input("type", "类型", "Type", choices=tuple(map(str, OfferType)), hint_zh="捆绑类走2.2", hint_en="bundles go by 2.2"), _PROVINCE,
    ),
    "state": (
        Input("kind", "对象", "Object", choices=tuple(map(str, ObjectKind))), Input("id", "编码", "Code", CODE),
        Input("status", "新状态", "New state", choices=(Status.NORMAL, Status.SUSPENDED, Status.PRE_CANCELLED, Status.CANCELLED)),
    ),
}  # fmt: skip
_WHY = Input("why", "申请理由", "Reason", REASON)
_LISTS = frozenset({"excludes", "requires", "products"})


def application(kind: str, number: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Make the application of a form that fits."""
    values: dict[str, Any] = {
        each.name: re.split(r"[\s,]+", text) if each.name in _LISTS and text else [] if each.name in _LISTS else text
        for each in FORMS[kind]
        for text in (given[each.name],)
    }
    if "province" in values:
        values["scope"] = Scope.NATIONAL if values["province"] == NATIONAL else Scope.PROVINCIAL
    return {"application_id": number, kind: values}


def wrong(kind: str, given: Mapping[str, str]) -> list[Input]:
    """Name the fields that do not fit."""
    return [each for each in (*FORMS[kind], _WHY) if not _fits(each, given[each.name])]


def _fits(each: Input, text: str) -> bool:
    if each.choices:
        return text in each.choices
    return not each.required if not text else re.fullmatch(each.pattern, text) is not None


async def form(visit: Visit) -> Answer:
    """Show the form of a kind, empty or as a link filled it."""
    return await _form(visit, visit.query)


async def _form(
    visit: Visit, given: Mapping[str, str], *, bad: list[Input] | None = None, said: tuple[str, str] | None = None
) -> Answer:
    kind = visit.rest[0] if visit.rest else "product"
    if kind not in FORMS:
        return visit.gone("没有这种申请。", "There is no such application.")
    answers = await ask_ppms(visit.gateways, "deliveries")
    return visit.page(
        "file.html", status=400 if bad or said else 200, kind=kind, kinds=tuple(FORMS), inputs=FORMS[kind], given=given, bad=bad or [],
        said=said, ppms=[gateway.name for gateway, _ in answers.found], away=answers.away, provinces=PROVINCES,
    )  # fmt: skip


async def file(visit: Visit) -> Answer:
    """File what the form holds; what is wrong with it is said on the form, with all that was typed."""
    kind = visit.rest[0] if visit.rest else ""
    if kind not in FORMS:
        return visit.gone("没有这种申请。", "There is no such application.")
    given = {each.name: visit.field(each.name).strip() for each in (*FORMS[kind], _WHY)} | {"gateway": visit.field("gateway")}
    bad = wrong(kind, given)
    gateway = next((one for one in visit.gateways if one.name == given["gateway"]), None)
    if bad or gateway is None:
        return await _form(visit, given, bad=bad, said=None if bad else ("请选择PPM。", "Choose a PPM."))
    number = f"W{visit.now:%Y%m%d%H%M%S%f}"
    asked = {"applications": [application(kind, number, given)], "who": visit.who, "why": given["why"]}
    (answer,) = await gateway.post("applications", asked)
    if answer["code"]:
        return await _form(visit, given, said=(answer["text"], answer["text"]))
    return moved(f"/applications/{quote(gateway.name, safe='')}/{number}")


PAGES: Pages = {("GET", "file"): form, ("POST", "file"): file}
