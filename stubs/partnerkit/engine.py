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
from stubs.partnerkit.line import SILENCES, Line
from stubs.partnerkit.listener import Listener
from stubs.partnerkit.outcome import CaseResult, Run, Verdict
from stubs.partnerkit.probe import CaseEnded, Finding, NotApplicable, Patience, Probe
from stubs.partnerkit.samples import Samples
from stubs.partnerkit.texts import Text
from stubs.partnerkit.tongue import Tongue

CASE_DEADLINES = 6
"""A case may take so many times the deadline of one exchange: it ends itself before so many exchanges in a row have failed."""

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
    patience: Patience
    partial: bool = False

    async def run(self, cases: Sequence[Case], told: Told = lambda *_: None) -> Run:
        """Play the cases in order; raises NobodyThere if the address does not answer at all."""
        await self._knock()
        clock = self.line.pool.reactor
        began, results, gone = clock.seconds(), [], False
        for place, case in enumerate(cases, 1):
            gone = gone or (self.line.seems_gone and await self._is_gone())
            result = self._not_run(case) if gone else await self._play(case)
            results.append(result)
            told(result, place, len(cases))
        seconds = clock.seconds() - began
        return Run(self.role, self.line.url, self.service, iso(began), seconds, tuple(results), self.partial)

    async def _knock(self) -> None:
        seen = await self.line.get("?wsdl", "wsdl")
        if seen.trouble in UNREACHABLE:
            raise NobodyThere(no_answer(seen))

    async def _is_gone(self) -> bool:
        """Ask a partner that was silent too often once more, in the plainest way."""
        operation = next(iter(self.samples.codec.contract.operations))
        text = self.tongue.write(operation, self.samples.request(operation))
        seen = await self.line.post(operation, text.encode(), self.tongue.headers(operation))
        return seen.trouble is not None

    async def _play(self, case: Case) -> CaseResult:
        clock = self.line.pool.reactor
        if self.listener is not None:
            self.listener.reset()
        probe = Probe(
            self.role, data=self.data, samples=self.samples, tongue=self.tongue, line=self.line, listener=self.listener,
            patience=self.patience,
        )  # fmt: skip
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
            f"未执行: 对端之前连续{SILENCES}次没有应答, 再问一次也没有",
            f"not run: before, the partner gave no answer {SILENCES} times in a row, nor when it was asked once more",
        )
        return self._result(case, Verdict.NOT_RUN, [], [], 0.0, note)

    def _result(
        self, case: Case, verdict: Verdict, findings: Sequence[Finding], exchanges: Sequence[Exchange],
        seconds: float, note: Text | None,
    ) -> CaseResult:  # fmt: skip
        return CaseResult(self.role.case_id(case), case, verdict, tuple(findings), tuple(exchanges), seconds, note)
