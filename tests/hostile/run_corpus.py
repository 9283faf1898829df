"""`make hostile`: the whole corpus against the real gateway, with what each case costs its process; writes bench/hostile.json.

Judged besides the answers: CPU (25 ms, 40 ms for a megabyte, as each case says), growth of memory at its peak (8 MB), time on the wall,
and CPU against a harmless request of the same size (3 times). A cheap case is played three times and its best counts: other processes
share the machine. After each case a good request must be served.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests/hostile"), str(ROOT / "tests/e2e"), str(ROOT)]

from hostile_case import Case  # noqa: E402
from hostile_corpus import corpus  # noqa: E402
from hostile_judge import Verdict, alive, play  # noqa: E402
from hostile_lab import BODY_LIMIT, HostileLab  # noqa: E402
from hostile_targets import TARGETS, Target  # noqa: E402
from hostile_wire import talk  # noqa: E402

RATIO = 3.0
TIMES = 3
_LEAST_MS = 0.5
"""A harmless request that costs less counts as this: the clock of the kernel is no finer."""


@dataclass(slots=True)
class Figures:
    """What one case came to for one contract."""

    contract: str
    id: str
    name: str
    bytes: int
    answers: list[str]
    cpu_ms: float
    memory_kb: int
    wall_ms: float
    times_harmless: float | None
    wrong: list[str]


def measured(lab: HostileLab, target: Target, case: Case) -> Figures:
    """Play a case, and judge what it cost."""
    long = case.wall > 1 or case.repeat > 1  # played again only where it seems to cost too much: something else may have run meanwhile
    played = [_once(lab, target, case)]
    while len(played) < TIMES and (not long or min(cpu for _, cpu, _ in played) > case.cpu_ms):
        played.append(_once(lab, target, case))
    verdict, cpu, memory = min(played, key=lambda found: (len(found[0].wrong), _wall(found[0]) > case.wall, found[1]))
    size = sum(map(len, verdict.case.parts()))
    wall = _wall(verdict)
    wrong = list(verdict.wrong)
    ratio = None
    if cpu > case.cpu_ms:
        wrong.append(f"{cpu:.1f} ms of CPU, {case.cpu_ms:.0f} allowed")
    if memory > case.memory_kb:
        wrong.append(f"{memory} KB of memory, {case.memory_kb} allowed")
    if wall > case.wall:
        wrong.append(f"{wall:.2f} s, {case.wall} allowed")
    if case.twin and size <= BODY_LIMIT:
        ratio = cpu / max(_LEAST_MS, min(_harmless(lab, target, size) for _ in range(TIMES)))
        if ratio > RATIO:
            wrong.append(f"{ratio:.1f} times a harmless request of its size, {RATIO} allowed")
    if not alive(lab, target):
        wrong.append("a good request is not served afterwards")
    answers = [f"{a.status} {a.fault or ''}".strip() for came in verdict.talks for a in came.answers]
    return Figures(
        target.contract, case.id, case.name, size, answers, round(cpu, 2), memory, round(wall * 1000, 1),
        None if ratio is None else round(ratio, 2), wrong,
    )  # fmt: skip


def _wall(verdict: Verdict) -> float:
    return max(came.seconds for came in verdict.talks)


def _once(lab: HostileLab, target: Target, case: Case) -> tuple[Verdict, float, int]:
    lab.quiet()
    lab.forget_peak()
    memory, cpu = lab.memory_kb(), lab.cpu_ms()
    verdict = play(lab, target, case.id)
    return verdict, lab.cpu_ms() - cpu, lab.memory_kb("VmHWM") - memory


def _harmless(lab: HostileLab, target: Target, size: int) -> float:
    lab.quiet()
    case = lab.builder(target).harmless(size)
    before = lab.cpu_ms()
    talk(lab.address, case, 5)
    return lab.cpu_ms() - before


def main() -> int:
    """Run, print and write; 1 if any case is not met."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contract", action="append", choices=TARGETS, help="only this one; may be repeated")
    arguments.add_argument("--only", default="", help="only cases whose id begins so: C, or C14")
    arguments.add_argument("--out", type=Path, default=ROOT / "bench/hostile.json")
    given = arguments.parse_args()
    found: list[Figures] = []
    with tempfile.TemporaryDirectory() as directory:
        lab = HostileLab(Path(directory), log__level="warn")
        try:
            lab.start()
            for name in given.contract or TARGETS:
                _warm(lab, TARGETS[name])
                for case in corpus(lab.builder(TARGETS[name])).values():
                    if case.id.startswith(given.only):
                        found.append(measured(lab, TARGETS[name], case))
                        _tell(found[-1])
        finally:
            lab.stop()
    return _sum(found, given.out)


def _warm(lab: HostileLab, target: Target) -> None:
    """Let everything be made that is made once."""
    for _ in range(20):
        alive(lab, target)


def _tell(figures: Figures) -> None:
    if figures.wrong:
        print(f"FAIL {figures.contract} {figures.id} {figures.name}: {'; '.join(figures.wrong)}", flush=True)  # noqa: T201


def _sum(found: list[Figures], out: Path) -> int:
    passed = sum(not figures.wrong for figures in found)
    ratios = [figures.times_harmless for figures in found if figures.times_harmless is not None]
    summary = {
        "cases": len(found),
        "passes": passed,
        "worst_cpu_ms": max(figures.cpu_ms for figures in found),
        "worst_memory_kb": max(figures.memory_kb for figures in found),
        "worst_times_harmless": max(ratios, default=None),
        "median_cpu_ms": sorted(figures.cpu_ms for figures in found)[len(found) // 2],
    }
    _write(out, summary, found)
    print(" ".join(f"{key}={value}" for key, value in summary.items()))  # noqa: T201
    return 0 if passed == len(found) else 1


def _write(out: Path, summary: dict[str, float | None], found: list[Figures]) -> None:
    """One line for each case, so that two runs can be compared."""
    head = json.dumps(summary, indent=1).removesuffix("\n}")
    each = ",\n".join(f"  {json.dumps(asdict(figures))}" for figures in found)
    out.write_text(f'{head},\n "each": [\n{each}\n ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
