"""Runs cases one after the other against a partner: each with a deadline and a clean inbox; stops asking one that is gone.

Must not know what the cases are about, or how results are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twisted.internet.defer import CancelledError, Deferred

from gateway.soap.http_client import Reason
from stubs.kit.times import iso, sleep
from stubs.partnerkit.case import Case, Role
from stubs.partnerkit.data import TestData
from stubs.partnerkit.exchange import Exchange, no_answer
from stubs.partnerkit.line import Line
from stubs.partnerkit.listener import Listener
from stubs.partnerkit.outcome import CaseResult, Run, Verdict
from stubs.partnerkit.probe import CaseEnded, Finding, NotApplicable, Probe
from stubs.partnerkit.samples import Samples
from stubs.partnerkit.texts import Text
from stubs.partnerkit.tongue import Tongue

CASE_DEADLINES = 4
"""A case may take so many times the deadline of one exchange: no case needs a silence more than once."""
GONE_AFTER = 3
"""Cases in a row in which the partner did not answer at all; the rest is not run, or a run against it would take minutes."""

UNREACHABLE = frozenset(
    {
        Reason.REFUSED, Reason.CONNECT_TIMEOUT, Reason.CONNECT_FAILED, Reason.NO_ADDRESS,
        Reason.UNTRUSTED, Reason.TLS_REFUSED, Reason.TLS_FAILED,
    }
)  # fmt: skip

Told = Callable[[CaseResult, int, int], None]
"""Is told of each result, its place and how many there will be."""


class NobodyThere(Exception):
    """Nobody answers at the address; the text says why."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass(frozen=True, slots=True)
class Kit:
    """One role's cases, and all that they need."""

    role: Role
    data: TestData
    samples: Samples
    tongue: Tongue
    line: Line
    listener: Listener | None
    service: str

    async def run(self, cases: Sequence[Case], told: Told = lambda *_: None) -> Run:
        """Play the cases in order; raises NobodyThere if the address does not answer at all."""
        await self._knock()
        clock = self.line.pool.reactor
        began, results, silent = clock.seconds(), [], 0
        for place, case in enumerate(cases, 1):
            result = await self._play(case) if silent < GONE_AFTER else self._not_run(case)
            results.append(result)
            silent = silent + 1 if _is_silent(result) else 0
            told(result, place, len(cases))
        seconds = clock.seconds() - began
        return Run(self.role, self.line.url, self.service, iso(began), seconds, tuple(results))

    async def _knock(self) -> None:
        seen = await self.line.get("?wsdl", "wsdl")
        if seen.trouble in UNREACHABLE:
            raise NobodyThere(no_answer(seen))

    async def _play(self, case: Case) -> CaseResult:
        clock = self.line.pool.reactor
        if self.listener is not None:
            self.listener.reset()
        probe = Probe(
            self.role, data=self.data, samples=self.samples, tongue=self.tongue, line=self.line, listener=self.listener
        )
        began, seconds, note = clock.seconds(), CASE_DEADLINES * self.line.deadline, None
        try:
            await self._in_time(case, probe, seconds)
        except CaseEnded:
            assert probe.findings
        except NotApplicable as reason:
            note = reason.why
        except CancelledError:
            zh, en = f"用例在{seconds:g}秒内没有结束", f"the case did not end within {seconds:g} s"
            probe.expect(False, zh, en, *probe.exchanges[-1:])
        verdict = Verdict.FAILED if probe.findings else Verdict.PASSED if note is None else Verdict.NOT_APPLICABLE
        heard = self.listener.exchanges if self.listener is not None else []
        exchanges = sorted([*probe.exchanges, *heard], key=lambda one: one.at)
        return self._result(case, verdict, probe.findings, exchanges, clock.seconds() - began, note)

    async def _in_time(self, case: Case, probe: Probe, seconds: float) -> None:
        """Play a case, or break it off: what waits then fails with CancelledError."""
        playing = Deferred.fromCoroutine(case.play(probe))
        alarm = sleep(self.line.pool.reactor, seconds)
        alarm.addCallbacks(lambda _: playing.cancel(), lambda _: None)
        try:
            await playing
        finally:
            alarm.cancel()

    def _not_run(self, case: Case) -> CaseResult:
        note = Text(
            f"未执行: 对端在之前连续{GONE_AFTER}个用例中没有应答",
            f"not run: the partner gave no answer in the {GONE_AFTER} cases before",
        )
        return self._result(case, Verdict.NOT_RUN, [], [], 0.0, note)

    def _result(
        self, case: Case, verdict: Verdict, findings: Sequence[Finding], exchanges: Sequence[Exchange],
        seconds: float, note: Text | None,
    ) -> CaseResult:  # fmt: skip
        return CaseResult(self.role.case_id(case), case, verdict, tuple(findings), tuple(exchanges), seconds, note)


def _is_silent(result: CaseResult) -> bool:
    """Whether the partner answered nothing in a case: neither well nor badly."""
    out = [one for one in result.exchanges if not one.incoming]
    return result.verdict is Verdict.NOT_RUN or (bool(out) and all(one.trouble is not None for one in out))
