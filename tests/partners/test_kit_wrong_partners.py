"""The kit against partners that are wrong on purpose (tests/wrong_partners): each fails in its own cases and in no other."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import wrong
from partner import Partner, Served

from stubs.partnerkit.catalogue import ROLES, cases_of

JUDGE = Path(wrong.__file__).with_name("judge.py")
ALL = {ROLES["xplatform"].case_id(case) for case in cases_of(ROLES["xplatform"])}
GOOD_SAMPLES = {1, 10, 12, 32, 33, 45, 47, 52}
"""Cases that ask every operation: one operation that is broken shows in all of them."""


def cases(*numbers: int) -> set[str]:
    """Write case ids."""
    return {f"X-{number:03d}" for number in numbers}


EXPECTED: dict[type[Partner], set[str]] = {
    wrong.SuspendDeletes: cases(101),
    wrong.NoDuplicateCheck: cases(12, 105),
    wrong.UnescapedText: cases(30),
    wrong.ConstantStreamingNo: cases(2),
    wrong.OperationThrows: cases(*GOOD_SAMPLES, 113),
    wrong.WrongCharset: cases(*GOOD_SAMPLES, 30, 31, 36, 113, 150, 151, 152, 153),
    wrong.AcceptsBadInput: cases(20, 21, 22, 23, 24, 51),
    wrong.MismatchedRoot: cases(*GOOD_SAMPLES, 110, 111, 112),
    wrong.OtherNamespace: cases(*GOOD_SAMPLES, 30, 31, 152),
    wrong.LooksForSubstrings: cases(32, 33),
    wrong.IgnoresMustUnderstand: cases(44),
    wrong.SharesState: cases(52),
    wrong.TearDownForgotten: cases(110),
    wrong.TellsInsides: cases(28),
    wrong.WrongReference: cases(101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112),
    wrong.ReportsOnce: cases(108, 109),
    wrong.PlainHtml: ALL - cases(3, 4, 28, 53),  # they look at what is there, or at the time it takes
    wrong.Hangs: ALL,
    wrong.Endless: ALL,
}
GRADES = {wrong.TellsInsides: "B", wrong.IgnoresMustUnderstand: "C", wrong.ReportsOnce: "C"}
SILENT = (wrong.Hangs, wrong.Endless)
WAITED_FOR = (wrong.WrongReference, wrong.ReportsOnce)


def judge(deadline: str, *kinds: type[Partner]) -> dict[str, dict]:
    """Serve a partner of each kind, and run the kit against all of them."""
    with ExitStack() as stack:
        asked = []
        for kind in kinds:
            port = free_port()
            partner = kind(f"http://127.0.0.1:{port}") if issubclass(kind, wrong.CallsBack) else kind()
            asked.append(f"{kind.__name__}={stack.enter_context(Served(partner)).url}@{port}")
        done = subprocess.run(
            [sys.executable, str(JUDGE), deadline, *asked], capture_output=True, text=True, check=False, timeout=100
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def free_port() -> int:
    """Find a port that is free at present."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def judged() -> dict[str, dict]:
    """What the kit says of each; those that are silent cost their deadline, so theirs is short."""
    patient = [kind for kind in EXPECTED if kind not in (*SILENT, *WAITED_FOR)]
    groups = [("5", Partner, *patient), ("2", wrong.CallsBack, wrong.ReportsOnce), ("1", wrong.WrongReference), ("0.3", *SILENT)]
    with ThreadPoolExecutor() as pool:  # most of the time is waiting
        ran = pool.map(lambda asked: judge(*asked), groups)
        return {name: found for each in ran for name, found in each.items()}


@pytest.mark.parametrize("kind", [Partner, wrong.CallsBack], ids=lambda kind: kind.__name__)
def test_partner_of_other_make_is_good(judged, kind):
    """A partner that shares no line with this project, and keeps the rules, has grade A."""
    assert (judged[kind.__name__]["grade"], judged[kind.__name__]["failed"]) == ("A", {})


def test_partner_that_calls_back_is_tried_for_it(judged):
    """Nothing is left out where results come by callback."""
    assert judged["CallsBack"]["counts"] == {"passed": len(ALL)}


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.__name__)
def test_wrong_partner_fails_where_it_is_wrong(judged, kind):
    """Exactly the cases fail whose rule it breaks."""
    assert set(judged[kind.__name__]["failed"]) == EXPECTED[kind], judged[kind.__name__]["failed"]


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.__name__)
def test_wrong_partner_has_no_a(judged, kind):
    """The grade follows from what is broken: F for what is not there, E for what does harm."""
    usual = "F" if len(EXPECTED[kind]) > len(ALL) / 2 else "E"
    assert judged[kind.__name__]["grade"] == GRADES.get(kind, usual)


@pytest.mark.parametrize("kind", SILENT, ids=lambda kind: kind.__name__)
def test_silent_partner_is_given_up(judged, kind):
    """Four deadlines are enough; the rest is told as not run."""
    assert judged[kind.__name__]["seconds"] < 4 * 0.3 + 1
    assert judged[kind.__name__]["counts"]["not-run"] == len(ALL) - 1
