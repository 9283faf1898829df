"""Run test cases of a project, one after the other, as SoapUI's testrunner does: same order, same verdicts, same names.

What cannot be run is never taken for passed: it is listed, and whatever needs it is listed too. Clock, sleep and identifiers come from
whoever runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from stubs.soapui.definitions import Definitions
from stubs.soapui.model import Case, Project, Suite
from stubs.soapui.results import CaseResult, CaseStatus, RunResult, Said, StepStatus
from stubs.soapui.scope import Scope, World
from stubs.soapui.setting import Options, Tools
from stubs.soapui.steps import Doer

MOST_STEPS = 10_000
"""Steps that one case may do in all: a goto can go round for ever."""


class Runner:
    """One project, and what lasts for the whole run."""

    def __init__(self, project: Project, options: Options, tools: Tools) -> None:
        self.project = project
        self._options = options
        self._tools = tools
        self._world = World(project, options.properties, options.outside)
        self._definitions = Definitions(project.directory, options.contracts)
        self._silent: dict[Said, None] = {}
        self._answered = False

    def selected(self, suite: str | None = None, case: str | None = None) -> list[tuple[Suite, Case]]:
        """Give the cases by names, all without; raises LookupError, whose text says what there is."""
        suites = [each for each in self.project.suites if suite in (None, each.name)]
        if not suites:
            there = ", ".join(each.name for each in self.project.suites) or "none"
            raise LookupError(f"no test suite {suite or 'at all'} in project {self.project.name}; there are: {there}")
        chosen = [(each, one) for each in suites for one in each.cases if case in (None, one.name)]
        if not chosen:  # to run nothing is not to pass
            there = ", ".join(one.name for each in suites for one in each.cases) or "none"
            raise LookupError(f"no test case {case or 'at all'}; there are: {there}")
        return chosen

    def run(self, chosen: list[tuple[Suite, Case]]) -> Iterator[CaseResult]:
        """Run cases in their order; each result as it comes."""
        for suite, case in chosen:
            yield self.run_case(suite, case)

    def outcome(self, cases: list[CaseResult]) -> RunResult:
        """Sum up."""
        return RunResult(self.project.name, cases, tuple(self._silent), self._answered)

    def run_case(self, suite: Suite, case: Case) -> CaseResult:
        """Run one case."""
        result = CaseResult(suite.name, case.name)
        if case.disabled or suite.disabled:
            result.status = CaseStatus.DISABLED
            return result
        scripts = [*self.project.scripts, *suite.scripts, *case.scripts]
        result.not_run = [Said(f"Groovy脚本 {name}", f"Groovy in {name}") for name in scripts]
        begun = self._tools.clock()
        self._steps(suite, case, result)
        result.seconds = self._tools.clock() - begun
        if result.failed_steps and case.stop_on_error:
            result.status, result.reason = CaseStatus.FAILED, "Cancelling due to failed test step"
        elif result.failed_steps and case.fail_on_errors:
            result.status, result.reason = CaseStatus.FAILED, "Failing due to failed test step"
        elif result.not_run:
            result.status, result.reason = CaseStatus.NOT_RUN, "Not run in full"
        return result

    def _steps(self, suite: Suite, case: Case, result: CaseResult) -> None:
        scope = Scope(self._world, suite, case)
        doer = Doer(self.project, scope, self._definitions, self._options, self._tools)
        places = {step.name: number for number, step in enumerate(case.steps)}
        at = 0
        while at < len(case.steps):
            if len(result.steps) >= MOST_STEPS:
                doer.too_many(result.steps[-1], MOST_STEPS)
                break
            step = case.steps[at]
            done, goto = doer.do(step)
            scope.passed(step.name, done.status)
            result.steps.append(done)
            result.not_run += [Said(f"步骤{step.name}: {why.zh}", f"step {step.name}: {why.en}") for why in doer.not_run(done)]
            if done.status is StepStatus.FAILED and case.stop_on_error:
                break
            at = at + 1 if goto is None else places.get(goto, len(case.steps))
        self._silent.update(dict.fromkeys(doer.silent))
        self._answered |= doer.answered
