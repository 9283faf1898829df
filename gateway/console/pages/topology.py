"""Both tiers and all their partners with their health now, as a drawing of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.console.frame import Entry
from gateway.console.gateways import ask_all
from gateway.console.pages.partners import called
from gateway.console.visit import Answer, Pages, Visit

ENTRIES = (Entry("/topology", "t", "拓扑", "Topology"),)
LEFT, TOP, BOX, HIGH = 30, 16, 190, 58
"""Of the drawing, in its own units: where the gateways stand, and how large a box is."""
ACROSS, WIDE, STEP, LOW = 4, 160, 172, 40
"""Partners in a row, width and distance of their boxes, height."""
RIGHT = 330
GAP = 26
_HEALTH = {"open": "down", "probing": "slow", "closed": "up", "": "idle"}


@dataclass(frozen=True, slots=True)
class Box:
    """A gateway or a partner; `health` is up, slow, down or idle: not called yet."""

    x: int
    y: int
    wide: int
    high: int
    party: str
    name: str
    health: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Between two boxes; the points are those of an SVG polyline."""

    points: str
    health: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template writes as SVG."""

    wide: int
    high: int
    boxes: Sequence[Box]
    lines: Sequence[Line]


def drawing(names: Sequence[str], status: Mapping[str, Any], partners: Mapping[str, Sequence[Any]]) -> Drawing:
    """Lay the tiers out: gateways one below the other, the group's first; partners beside each; tiers joined on the left."""
    order = sorted(names, key=lambda name: (status.get(name, {}).get("tier", "") != "group", name))
    boxes: list[Box] = []
    lines: list[Line] = []
    middles: dict[str, int] = {}
    tiers: list[tuple[str, str, str]] = []
    y = TOP
    for name in order:
        rows = [called(row) for row in partners.get(name, ())]
        tiers += [(name, row.party, _HEALTH[row.worst]) for row in rows if row.party.startswith("vsop:")]
        beside = [row for row in rows if not row.party.startswith("vsop:")]
        high = max(HIGH, -(-len(beside) // ACROSS) * (LOW + 14))
        middle = y + high // 2
        known = status.get(name)
        party = f"vsop:{known['province']}" if known else ""
        middles[party or name] = middle
        health = "down" if known is None else "slow" if known["busy"] else "up"
        boxes.append(Box(LEFT + 20, middle - HIGH // 2, BOX, HIGH, party, name, health, "" if known is None else str(known["active"])))
        for count, row in enumerate(beside):
            x, top = RIGHT + count % ACROSS * STEP, y + count // ACROSS * (LOW + 14)
            boxes.append(Box(x, top, WIDE, LOW, row.party, "", _HEALTH[row.worst], str(row.open_calls)))
            bus, below = RIGHT - 30, top + LOW + 5
            way = f"{LEFT + 20 + BOX},{middle} {bus},{middle} {bus},{below} {x + 20},{below} {x + 20},{top + LOW}"
            lines.append(Line(way, _HEALTH[row.worst]))
        y += high + GAP
    for name, party, health in tiers:
        known = status.get(name)
        begin, end = middles.get(f"vsop:{known['province']}" if known else name), middles.get(party)
        if begin is not None and end is not None and begin > end:
            lines.append(Line(f"{LEFT + 20},{begin} {LEFT},{begin} {LEFT},{end} {LEFT + 20},{end}", health))
    return Drawing(RIGHT + ACROSS * STEP, y, boxes, lines)


async def shown(visit: Visit) -> Answer:
    """Draw it."""
    told = await ask_all(visit.gateways, "status")
    outward = await ask_all([gateway for gateway, _ in told.found], "partners")
    status = {gateway.name: answer for gateway, answer in told.found}
    partners = {gateway.name: answer for gateway, answer in outward.found}
    made = drawing([gateway.name for gateway in visit.gateways], status, partners)
    return visit.page("topology.html", drawing=made, away=told.away)


PAGES: Pages = {("GET", "topology"): shown}
