"""The shape of a ladder for a drawing: who stands in which column, what each arrow says, where idle time is folded. Draws nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.domain.party import NATIONAL
from gateway.engine.fallout import BY_HAND
from gateway.errors import RESULTS
from gateway.ladders.cases import first_leg, name, rows

IDLE = timedelta(seconds=30)
"""A pause that is longer is folded into one line that tells its length."""
_BILINGUAL = re.compile(r"(?P<en>[^()]*[^() ]) ?\((?P<zh>[^()]*[\u4e00-\u9fff][^()]*)\)")
_RANKS = ("user", "channel", "crm", "provisioning", "ppm", "vsop", "ocs", "group", "xplatform", "ismp", "billing", "smshall")
_WORDS = {
    "done": ("成功", "ok"), "refused": ("被拒", "refused"), "waiting": ("等待", "waiting"), "under way": ("进行中", "under way"),
    "stuck": ("已停", "STUCK"), "outside": ("系统外", "outside VSOP"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow, or an own act where both ends are one; `result` is for people, `idle` the pause before it, empty for a short one."""

    place: int
    number: str
    sender: str
    receiver: str
    text: str
    time: str
    state: str
    result: str
    idle: str
    tier: str


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a ladder; `columns` are keys of parties with their names, from left to right."""

    columns: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    state: str
    code: int


def shape(legs: Sequence[dict[str, Any]], language: str) -> Shape:
    """Give the shape of a case, told in zh or en."""
    shown, first = rows(legs), first_leg(legs)
    met = dict.fromkeys(party for row in shown for party in (row["sender"], row["receiver"]))
    columns = tuple((party, name(party)) for party in sorted(met, key=_rank))
    steps, last = [], None
    for place, row in enumerate(shown, 1):
        at = datetime.fromisoformat(row["at"]) if row["at"] else None
        idle = at - last if at is not None and last is not None else timedelta()
        last = at or last
        steps.append(
            Step(
                place, str(row["number"]), row["sender"], row["receiver"], _told(row["text"], language),
                row["at"][11:23] if row["at"] else "", row["state"], _result(row, language),
                _length(idle, language) if idle >= IDLE else "", row["tier"],
            )
        )  # fmt: skip
    return Shape(columns, tuple(steps), first["state"], first["code"])


def _told(text: str, language: str) -> str:
    """Choose the language of a text that has its Chinese in brackets behind it."""
    found = _BILINGUAL.fullmatch(text)
    return text if found is None else found["zh" if language == "zh" else "en"]


def _rank(party: str) -> int:
    kind = "group" if party == f"vsop:{NATIONAL}" else party.partition(":")[0]
    return _RANKS.index(kind) if kind in _RANKS else len(_RANKS)


def _result(row: dict[str, Any], language: str) -> str:
    """Say how a step went: its state, its code with its text, which attempt, and what it waits for."""
    zh = language == "zh"
    parts = [_WORDS[row["state"]][0 if zh else 1]]
    known = RESULTS.get(row["code"])
    if row["code"]:
        parts.append(f"[{row['code']}] {(known.zh if zh else known.en) if known else ''}".strip())
    open_ = row["state"] in ("waiting", "under way", "stuck")
    if row["attempts"] > 1 and not open_:
        parts.append(f"第{row['attempts']}次" if zh else f"attempt {row['attempts']}")
    if row["note"] and (open_ or row["note"].startswith(BY_HAND)):
        parts.append(row["note"])
    return ", ".join(parts)


def _length(time: timedelta, language: str) -> str:
    seconds = int(time.total_seconds())
    units = (("d", "天", 86400), ("h", "小时", 3600), ("min", "分", 60), ("s", "秒", 1))
    parts = []
    for en, zh, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{zh}" if language == "zh" else f"{count} {en}")
    return " ".join(parts[:2])
