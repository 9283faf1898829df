"""A pytest plugin: SoapUI project files are collected, each test case is an item.

    pytest -p stubs.soapui.plugin --soapui-endpoint URL FILE

Collected are files whose names end in soapui-project.xml, as SoapUI names them, and any XML file that is named on the command line.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.resources import contracts_dir
from stubs.soapui.model import Case, ProjectError, Suite
from stubs.soapui.reading import read_project
from stubs.soapui.results import CaseResult, CaseStatus
from stubs.soapui.running import Runner
from stubs.soapui.sending import Sender
from stubs.soapui.setting import Options, Tools


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where cases are sent, and what is held against them."""
    group = parser.getgroup("soapui", "SoapUI projects")
    group.addoption("--soapui-endpoint", default=None, help="Address instead of the project's; without a path, only its host.")
    group.addoption("--soapui-allow-skipped", action="store_true", help="Skip what cannot be run, such as Groovy; else it fails.")
    group.addoption("--soapui-deadline", type=float, default=30.0, help="Seconds for one request.")
    group.addoption("--soapui-property", action="append", default=[], metavar="NAME=VALUE", help="Set or replace a project property.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take project files."""
    named = file_path.suffix == ".xml" and parent.session.isinitpath(file_path)
    return ProjectFile.from_parent(parent, path=file_path) if named or file_path.name.endswith("soapui-project.xml") else None


class ProjectFile(pytest.File):
    """One project; its runner lasts for all of its cases, as their properties do."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Give the suites; a project that cannot be read is an error of collecting, with file, line and reason."""
        config = self.config
        try:
            project = read_project(self.path)
        except ProjectError as error:
            raise self.CollectError(str(error)) from None
        properties = dict(each.partition("=")[::2] for each in config.getoption("--soapui-property"))
        options = Options(contracts_dir(), config.getoption("--soapui-endpoint"), config.getoption("--soapui-deadline"), properties)
        sender = Sender(time.monotonic)
        config.add_cleanup(sender.close)
        runner = Runner(project, options, Tools(time.monotonic, time.sleep, lambda: str(uuid.uuid4()), sender))
        for suite in project.suites:
            yield SuiteNode.from_parent(self, name=suite.name, suite=suite, runner=runner)


class SuiteNode(pytest.Collector):
    """One test suite."""

    def __init__(self, *, suite: Suite, runner: Runner, **more: Any) -> None:
        super().__init__(**more)
        self._suite = suite
        self._runner = runner

    def collect(self) -> Iterator[pytest.Item]:
        """Give the cases."""
        for case in self._suite.cases:
            yield CaseItem.from_parent(self, name=case.name, suite=self._suite, case=case, runner=self._runner)


class CaseFailed(Exception):
    """A case that failed, or was not run in full."""

    def __init__(self, result: CaseResult) -> None:
        super().__init__(result.reason)
        self.result = result


class CaseItem(pytest.Item):
    """One test case."""

    def __init__(self, *, suite: Suite, case: Case, runner: Runner, **more: Any) -> None:
        super().__init__(**more)
        self._suite = suite
        self._case = case
        self._runner = runner

    def runtest(self) -> None:
        """Run it; raises CaseFailed."""
        result = self._runner.run_case(self._suite, self._case)
        if result.status is CaseStatus.DISABLED:
            pytest.skip("disabled in the project")
        if result.status is CaseStatus.NOT_RUN and self.config.getoption("--soapui-allow-skipped"):
            pytest.skip("; ".join(said.en for said in result.not_run))
        if result.status is not CaseStatus.FINISHED:
            raise CaseFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show which step failed and why, not our stack."""
        if not isinstance(excinfo.value, CaseFailed):
            return super().repr_failure(excinfo, style)
        result = excinfo.value.result
        lines = [f"{result.suite} / {result.name}: {result.reason}"]
        for step in result.failed_steps:
            lines += [f"  {step.name}: {said}" for said in step.messages]
            if step.answer:
                lines += ["  answer:", *(f"    {line}" for line in step.answer.splitlines()[:40])]
        return "\n".join([*lines, *(f"  not run: {said}" for said in result.not_run)])

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name file and case."""
        return self.path, None, f"{self._suite.name} / {self.name}"
