"""Ladders: the legs of one case at all tiers, joined and drawn as text, with the seed's step numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gateway.domain.party import CHANNEL_SYSTEMS, NATIONAL, PROVINCES
from gateway.engine.fallout import BY_HAND
from gateway.errors import RESULTS
from gateway.flows.sections import OURS, SECTIONS, OutsideStep, Section

Witness = Callable[[OutsideStep, dict[str, Any]], str | None]
"""Finds when a step outside VSOP happened (ISO time), by asking those who saw it; None: nobody did."""

_MARK = {"done": "ok", "refused": "refused", "waiting": "waiting", "under way": "under way", "stuck": "STUCK"}
_NAMES = {
    "channel:211": "portal 网厅", "channel:212": "seat 10000", "channel:213": "IVR 10000", "channel:214": "SMS hall 短厅",
    "channel:215": "WAP hall", "ocs": "OCS", "billing": "billing 计费", "smshall": "SMS hall 短厅", "user": "user 用户",
    "crm": "CRM", "provisioning": "provisioning 开通", "ppm": "PPM",
}  # fmt: skip
_SUBJECTS = {"order": "order", "user": "change", "catalogue": "change"}
_STATES = {"00B": "unconfirmed 待确认", "10A": "executing 执行中", "10F": "completed 竣工", "10E": "failed 异常"}
_MIRRORED = {
    "unsubscribe": (("订购", "退订"), ("order", "unsubscription"), ("activation", "deactivation")),
    "suspend": (("订购", "暂停"), ("order", "suspension"), ("activation", "suspension")),
    "resume": (("订购", "恢复"), ("order", "resumption"), ("activation", "resumption")),
}
"""The seed tells the subscriptions of channels alone; what mirrors them is told in other words."""


def first_leg(legs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The leg at the tier where the case began."""
    return next((leg for leg in legs if leg["order_id"] == leg["trace_id"]), legs[0])


def rows(legs: Sequence[dict[str, Any]], witness: Witness | None = None) -> list[dict[str, Any]]:
    """All arrows of a case, in the seed's order; steps outside VSOP stand where the seed has them."""
    own = [dict(arrow, tier=leg["place"]) for leg in legs for arrow in leg["arrows"]]
    begun = first_leg(legs) | {"arrows": own}
    section = SECTIONS[begun["section"]]
    found = list(own)
    for step in section.outside:
        row = _outside(step, begun, witness)
        if row is not None and (row["at"] or _reached(step.number, own)):
            found.append(row)
    return sorted(found, key=lambda row: (_order(row), row["at"] or "9"))


def _reached(number: str, own: list[dict[str, Any]]) -> bool:
    """Whether a step that nobody reports must have happened: what follows it was done, or, if it is the last one, what precedes it."""
    if number == "1":
        return True
    later = [row for row in own if _order(row) > number]
    neighbour = min(later, key=_order) if later else max(own, key=_order, default=None)
    return neighbour is not None and bool(neighbour["state"] == "done")


def _order(row: dict[str, Any]) -> str:
    return str(row["number"]).removeprefix(OURS)


def _outside(step: OutsideStep, begun: dict[str, Any], witness: Witness | None) -> dict[str, Any] | None:
    if step.prepaid_only and not (begun["prepaid"] and begun["action"] == "subscribe"):
        return None
    at = witness(step, begun) if witness is not None else None
    if witness is not None and at is None:
        return None
    sender, receiver = (begun_name(party, begun) for party in (step.sender, step.receiver))
    return {
        "number": step.number,
        "sender": sender,
        "receiver": receiver,
        "text": _worded(step.text, begun),
        "at": at,
        "state": "done" if at else "outside",
        "code": 0,
        "attempts": 1,
        "note": "",
        "streaming_no": "",
        "tier": "",
    }


def begun_name(party: str, begun: dict[str, Any]) -> str:
    """Name a party of an outside step as this case knows it."""
    if party == "channel":
        return f"channel:{begun['channel']}"
    if party == "vsop":
        return str(begun["place"])
    if party in ("ismp", "platform"):
        kinds = ("ismp:",) if party == "ismp" else ("xplatform:", "ismp:")
        met = [name for arrow in begun["arrows"] for name in (arrow["receiver"], arrow["sender"])]
        return next((name for name in met if name.startswith(kinds)), party)
    return party


def name(party: str) -> str:
    """Name a party for people."""
    kind, _, code = party.partition(":")
    if kind == "vsop":
        return "VSOP group 集团" if code == NATIONAL else f"VSOP {PROVINCES[code][1]}"
    return _NAMES.get(party, {"xplatform": f"X platform {code}", "ismp": f"ISMP {code}"}.get(kind, party))


def _worded(text: str, begun: dict[str, Any]) -> str:
    if begun["channel"] not in CHANNEL_SYSTEMS:
        return text
    for word, mirrored in _MIRRORED.get(begun["action"], ()):
        text = text.replace(word, mirrored)
    return text


def draw(legs: Sequence[dict[str, Any]], witness: Witness | None = None) -> str:
    """Draw the ladder of a case as text."""
    begun = first_leg(legs)
    section = SECTIONS[begun["section"]]
    lines = [
        f"{section.id} {_worded(section.title_en, begun)} / {_worded(section.title_zh, begun)}",
        f"{_SUBJECTS[section.subject]} {begun['order_id']}  {begun['action']}  {begun['number']}  {_state(begun)}",
    ]
    for row in rows(legs, witness):
        sender, receiver = name(row["sender"]), name(row["receiver"])
        arrow = f"{_pad(sender, 17)} → {_pad(receiver, 17)}" if sender != receiver else _pad(f"{sender} (own act)", 37)
        time = row["at"][11:23] if row["at"] else " " * 12
        lines.append(
            f"  {_pad('(' + row['number'] + ')', 6)} {arrow}  {_pad(row['text'], 43)} {time}  {_outcome(row)}".rstrip()
        )
    return "\n".join(lines)


def _state(leg: dict[str, Any]) -> str:
    words = _STATES[leg["state"]]
    return words if not leg["code"] else f"{words}: [{leg['code']}] {RESULTS[leg['code']].en}"


def _outcome(row: dict[str, Any]) -> str:
    if row["state"] == "outside":
        return "outside VSOP"
    parts = [_MARK[row["state"]]]
    if row["code"]:
        known = RESULTS.get(row["code"])
        parts.append(f"[{row['code']}] {known.en if known else ''}".strip())
    if row["attempts"] > 1 and row["state"] in ("done", "refused"):
        parts.append(f"attempt {row['attempts']}")
    if row["note"] and (row["state"] in ("waiting", "under way", "stuck") or row["note"].startswith(BY_HAND)):
        parts.append(row["note"])
    return ", ".join(parts)


def _pad(text: str, width: int) -> str:
    """Pad to a width in terminal columns: a Chinese character takes two."""
    columns = sum(2 if "\u2e80" <= c <= "\uffef" else 1 for c in text)
    return text + " " * max(0, width - columns)


def missing(legs: Sequence[dict[str, Any]], witness: Witness) -> list[str]:
    """Compare a successful case with its section: every step of the seed once and in order; gives what is wrong.

    Steps that a section may have several times are judged by the first of them. What only some cases have, is not missed.
    """
    begun = first_leg(legs)
    section: Section = SECTIONS[begun["section"]]
    shown = rows(legs, witness)
    seen = [row["number"] for row in shown if not row["number"].startswith(OURS)]
    known = [n for n in section.numbers if begun["prepaid"] or n not in _of_prepaid(section)]
    problems = [f"step {n} is missing" for n in known if n not in seen and n not in section.optional]
    problems += [
        f"step {n} stands {seen.count(n)} times"
        for n in dict.fromkeys(seen)
        if n not in known or (seen.count(n) > 1 and n not in section.several)
    ]
    # To the millisecond: stubs tell no more, and a message may arrive in the millisecond in which it was sent.
    times = [row["at"][:23] for row in _once_each(shown, section) if row["at"]]
    if times != sorted(times):
        problems.append("the steps' times are not in the seed's order")
    return problems + [f"step {row['number']} is {row['state']}" for row in shown if row["state"] != "done"]


def _once_each(shown: Sequence[dict[str, Any]], section: Section) -> list[dict[str, Any]]:
    """Of steps that may repeat, the first one alone; what follows for one party may come before another party's turn."""
    firsts = {n: next((row for row in shown if row["number"] == n), None) for n in section.several}
    return [row for row in shown if _order(row) not in section.several or row is firsts[_order(row)]]


def _of_prepaid(section: Section) -> set[str]:
    return {section["fee"], *(step.number for step in section.outside if step.prepaid_only)}
