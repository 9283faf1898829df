"""The fall-out desk: what is parked, grouped by cause; retry, skip and cancel, one or many, with a reason; all in the login's name."""

from __future__ import annotations

from collections import Counter
from typing import Any

from gateway.console.frame import Entry
from gateway.console.gateways import BULK_DEADLINE, Away, Gateway, Refused, ask_all
from gateway.console.login import is_local
from gateway.console.visit import Answer, Pages, Visit, moved
from gateway.errors import PLATFORM_REFUSED, RESULTS

ENTRIES = (Entry("/fallout", "f", "异常处理", "Fall-out"),)
MOST = 1000
"""Orders of each gateway on the page, as the admin API lists them."""
CODES = {code: result for code, result in RESULTS.items() if code and not result.retryable}
"""Those by which a step may be decided as refused."""


async def show(visit: Visit) -> Answer:
    """List what is parked, by gateway and cause; with a gateway and an order, show that one and what each act leads to."""
    if len(visit.rest) == 2:
        return await _one(visit, *visit.rest)
    answers = await ask_all(visit.gateways, "fallout", limit=MOST)
    rows = [row | {"gateway": gateway.name} for gateway, found in answers.found for row in found]
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["gateway"], row["cause"]), []).append(row)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    done = visit.query.get("done", "")
    told = Counter({what: int(visit.query.get(what, "0")) for what in ("done", "not") if visit.query.get(what, "").isdecimal()})
    return visit.page(
        "fallout.html", groups=ordered, count=len(rows), away=answers.away, told=told if done else None,
        full=[gateway.name for gateway, found in answers.found if len(found) >= MOST],
    )  # fmt: skip


async def _one(visit: Visit, name: str, order: str) -> Answer:
    shown = await _gateway(visit, name).get(f"fallout/{order}")
    if shown is None:
        return visit.gone(f"{order[:60]} 已不在异常处理中。", f"{order[:60]} is not parked any more.")
    return visit.page("parked.html", shown=shown, gateway=name, codes=CODES, usual=PLATFORM_REFUSED.code)


def _gateway(visit: Visit, name: str) -> Gateway:
    found = next((each for each in visit.gateways if each.name == name), None)
    if found is None:
        raise Away(name[:60], "no such gateway in this console")
    return found


async def act(visit: Visit) -> Answer:
    """Do one act on one order, or retry all that were ticked; then back to where it was asked for."""
    what, why = visit.field("act"), visit.field("why").strip()
    if visit.rest[:1] not in (("act",), ("many",)) or what not in ("retry", "skip", "cancel", "force"):
        return visit.problem("没有这个动作。", "There is no such act.")
    if not why:
        return visit.problem("请填写原因：审计日志会保留。", "Give a reason: the audit log keeps it.")
    if visit.rest == ("many",):
        return await _many(visit, what, why)
    body = _handling(visit, what, why)
    if body is None:
        return visit.problem("请选择结果码。", "Choose a result code.")
    await _gateway(visit, visit.field("gateway")).post(f"fallout/{visit.field('order')}", body)
    back = visit.field("back")
    return moved(back if is_local(back) else "/fallout?done=1")


def _handling(visit: Visit, what: str, why: str) -> dict[str, object] | None:
    body: dict[str, object] = {"act": "cancel" if what == "force" else what, "who": visit.who, "why": why}
    if what == "force":
        body["force"] = True
    if what == "skip":
        code = visit.field("code")
        if not code.isdecimal():
            return None
        body["code"] = int(code)
    return body


async def _many(visit: Visit, what: str, why: str) -> Answer:
    """Act on each that was ticked; one on which somebody else has acted meanwhile is counted, and stops no other."""
    body = _handling(visit, what, why)
    if body is None or what == "force":
        return visit.problem("不能批量执行。", "That is not done to many at once.")
    done = failed = 0
    for ticked in visit.form.get("order", ()):
        name, _, order = ticked.partition("/")
        try:
            await _gateway(visit, name).post(f"fallout/{order}", body, seconds=BULK_DEADLINE)
            done += 1
        except Refused:
            failed += 1
    return moved(f"/fallout?done={done}&not={failed}")


PAGES: Pages = {("GET", "fallout"): show, ("POST", "fallout"): act}
