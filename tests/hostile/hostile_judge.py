"""Plays one case and says what is wrong with what came of it; figures are taken by whoever asks for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from hostile_case import OK, Answer, Case
from hostile_corpus import build
from hostile_lab import HostileLab
from hostile_targets import Target
from hostile_wire import Got, Talk, talk

PASSED_ON = frozenset({"ismp", "ocs"})
"""Contracts whose requests are passed on each time they come: the platform behind knows a number again, not the port."""


@dataclass(slots=True)
class Verdict:
    """What came of a case; no `wrong` is a pass."""

    case: Case
    talks: list[Talk] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def play(lab: HostileLab, target: Target, id: str) -> Verdict:
    """Send a case with fresh numbers, as often as it says, and judge answers, executions and the canary."""
    case = build(lab.builder(target), id[0])[id]
    verdict = Verdict(case)
    hits, before = lab.canary.hits, lab.executed(target)
    for turn in range(case.repeat):
        last = turn == case.repeat - 1 and case.accept_last
        came = talk(lab.address, case, case.wall + 3)
        verdict.talks.append(came)
        verdict.wrong += judged(case, came, case.accept_last if last else case.accept)
    verdict.wrong += _ran(case, lab.executed(target) - before, target)
    if lab.canary.hits != hits:
        verdict.wrong.append("the canary was called")
    return verdict


def alive(lab: HostileLab, target: Target) -> bool:
    """Whether a good request is served now."""
    case = build(lab.builder(target), "V")["V01"]
    return not judged(case, talk(lab.address, case, 5), OK)


def judged(case: Case, came: Talk, accept: tuple[Answer, ...]) -> list[str]:
    """Say what is wrong with the answers of one connection."""
    answers = came.answers
    wrong = [f"leaks {text!r}" for text in case.absent if text.encode() in came.received]
    if not answers:
        if not (came.closed and Answer(None) in accept):
            wrong.append("no answer" if came.closed else "no answer, and the connection stays")
        return wrong
    if len(answers) < case.answers:
        wrong.append(f"{len(answers)} answers of {case.answers}")
    wrong += [f"HTTP {a.status} with fault {a.fault}" for a in answers if Answer(a.status, a.fault) not in accept]
    return wrong + [text for a in answers for text in _form(a)]


def _form(answer: Got) -> list[str]:
    """What a fault must look like in HTTP (Basic Profile R1126; SOAP 1.2 part 2, 7.5.2.2)."""
    if answer.fault is None:
        return []
    kind = answer.headers.get("content-type", "")
    if b"faultcode" in answer.body:
        right = answer.status == 500 and kind.startswith("text/xml")
    else:
        right = answer.status in (400, 500) and kind.startswith("application/soap+xml")
    return [] if right else [f"a fault in HTTP {answer.status}, {kind}"]


def _ran(case: Case, times: int, target: Target) -> list[str]:
    most = case.answers if target.contract in PASSED_ON else case.runs
    if case.executed == "no":
        return [f"executed {times} times"] if times else []
    if case.executed == "yes" and not times:
        return ["not executed"]
    return [f"executed {times} times"] if times > most else []
