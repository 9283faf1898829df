"""The catalogue as PPM told it: objects and targets as a matrix, one object with its whole ledger, a cell sent again with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gateway.console.frame import Entry
from gateway.console.gateways import Answers, ask_all
from gateway.console.pages.applications import LONGEST_REASON, fields
from gateway.console.pages.asking import ask_ppms, named
from gateway.console.visit import Answer, Pages, Visit, moved
from gateway.domain.catalogue_change import ObjectKind

ENTRIES = (Entry("/catalogue", "c", "目录", "Catalogue"),)
PAGE = 50
"""Objects of each PPM on one page."""
LONGEST = 100
"""Characters of what is looked for, as the admin API takes them."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The objects of one PPM; `targets` are its columns; `more` begins the next page."""

    gateway: str
    targets: Sequence[str]
    rows: Sequence[dict[str, Any]]
    more: str


def matrices(answers: Answers) -> list[Matrix]:
    """Lay what each PPM told out as a table; a PPM that has nothing has no table."""
    return [
        Matrix(
            gateway.name, sorted({cell["target"] for row in rows for cell in row["cells"]}),
            [row | {"by_target": {cell["target"]: cell for cell in row["cells"]}} for row in rows],
            f"{rows[-1]['kind']}:{rows[-1]['id']}" if len(rows) == PAGE else "",
        )
        for gateway, rows in answers.found
        if rows
    ]  # fmt: skip


async def shown(visit: Visit) -> Answer:
    """Show the matrix, or with a kind and an id one object."""
    if visit.rest:
        return await _one(visit)
    find = visit.query.get("find", "").strip()[:LONGEST]
    is_open, after = "open" in visit.query, visit.query.get("after", "")[:LONGEST]
    query: dict[str, object] = {"open": "true"} if is_open else {"find": find} if find else {"after": after} if after else {}
    ppms = [gateway for gateway in visit.gateways if visit.query.get("at", gateway.name) == gateway.name]
    answers = await ask_ppms(ppms, "matrix", limit=PAGE, **query)
    return visit.page(
        "catalogue.html", matrices=matrices(answers), away=answers.away, find=find, is_open=is_open, paged=not find and not is_open
    )


async def _one(visit: Visit, *, why: str = "", said: tuple[str, str] | None = None) -> Answer:
    kind, object_id = visit.rest if len(visit.rest) == 2 else ("", "")
    if kind not in list(ObjectKind):
        return visit.gone("没有这个产品或销售品。", "There is no such product or offer.")
    held = await ask_all(visit.gateways, f"objects/{kind}:{object_id}")
    ledgers = await ask_ppms(visit.gateways, f"deliveries/{kind}:{object_id}")
    newest = await ask_ppms([gateway for gateway, _ in ledgers.found], "matrix", find=object_id)
    lines = [(gateway.name, row) for gateway, rows in newest.found for row in rows if (row["kind"], row["id"]) == (kind, object_id)]
    now = {(name, cell["target"]): cell for name, row in lines for cell in row["cells"]}
    if not held.found and not ledgers.found and not held.away:
        return visit.gone("没有这个产品或销售品。", "There is no such product or offer.")
    found = [
        (gateway.name, ledger["master"], [cell for (name, _), cell in sorted(now.items()) if name == gateway.name], ledger["cells"][::-1])
        for gateway, ledger in ledgers.found
    ]
    whole = held.found[0][1] if held.found else None
    return visit.page(
        "object.html", status=400 if said else 200, kind=kind, id=object_id, whole=whole, fields=fields(whole) if whole else [],
        holders=[(gateway.name, one) for gateway, one in held.found], ledgers=found, away=held.away, why=why, said=said,
    )  # fmt: skip


async def resend(visit: Visit) -> Answer:
    """Have the newest version of an object sent to a target again; one that waits for its next attempt is sent at once."""
    gateway, why = named(visit, visit.field("gateway")), visit.field("why").strip()
    if gateway is None or len(visit.rest) != 2:
        return visit.gone("没有这个PPM。", "There is no such PPM.")
    if not 1 <= len(why) <= LONGEST_REASON:
        said = (f"请填写理由 (1 至 {LONGEST_REASON} 字)。", f"Give a reason, of 1 to {LONGEST_REASON} characters.")
        return await _one(visit, why=why, said=said)
    (kind, object_id), target = visit.rest, visit.field("target")
    ledger = await gateway.get(f"deliveries/{kind}:{object_id}")
    cells = [cell for cell in (ledger or {"cells": []})["cells"] if cell["target"] == target]
    if cells and cells[-1]["state"] == "pending":  # it is sent until its target answers: it does not wait for its time
        await gateway.post(f"fallout/{cells[-1]['run_id']}", {"act": "retry", "who": visit.who, "why": why})
    else:
        await gateway.post("deliveries", {"kind": kind, "id": object_id, "target": target, "who": visit.who, "why": why})
    return moved(f"/catalogue/{quote(kind, safe='')}/{quote(object_id, safe='')}")


PAGES: Pages = {("GET", "catalogue"): shown, ("POST", "catalogue"): resend}
