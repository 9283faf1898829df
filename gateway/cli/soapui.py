"""`vsopgw soapui`: SoapUI projects run without Java, and our contract suites written as SoapUI projects."""

from __future__ import annotations

import os
import shutil
import ssl
import time
import uuid
from pathlib import Path

import click

from gateway.cli.errors import CommandFailed, Unreachable, UsageFailed
from gateway.cli.reports_dir import make_reports_dir
from gateway.contract import ContractError, load_contract
from gateway.resources import contracts_dir
from stubs.soapui.export import project_of
from stubs.soapui.model import Project, ProjectError
from stubs.soapui.reading import read_project
from stubs.soapui.reports import write_reports
from stubs.soapui.results import CaseResult, CaseStatus, RunResult, Verdict
from stubs.soapui.running import Runner
from stubs.soapui.scope import Outside, Properties
from stubs.soapui.sending import Sender
from stubs.soapui.setting import Options, Tools
from stubs.soapui.suites import SUITES, suite_of

_SHOWN = {
    CaseStatus.FINISHED: ("PASS", "green"), CaseStatus.FAILED: ("FAIL", "red"),
    CaseStatus.NOT_RUN: ("NOT RUN", "yellow"), CaseStatus.DISABLED: ("disabled", "white"),
}  # fmt: skip


@click.group()
def soapui() -> None:
    """SoapUI projects in and out, without Java."""


@soapui.command()
@click.argument("file", metavar="PROJECT.xml", type=click.Path(path_type=Path))
@click.option("-e", "--endpoint", default=None, help="Address instead of the project's; without a path, only host and port are replaced.")
@click.option("-s", "--suite", default=None, help="Only this test suite.")
@click.option("-c", "--case", default=None, help="Only this test case.")
@click.option("-P", "--project-property", "properties", multiple=True, metavar="NAME=VALUE", help="Set or replace a project property.")
@click.option("-G", "--global-property", "globals_", multiple=True, metavar="NAME=VALUE", help="Set a global property.")
@click.option("-D", "--system", "system", multiple=True, metavar="NAME=VALUE", help="As ${#System#x}.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None, help="Directory for JUnit XML, results.json.")
@click.option("--allow-skipped", is_flag=True, help="Do not fail for what cannot be run here, such as Groovy.")
@click.option("--deadline", type=click.FloatRange(0.1, 3600), default=30.0, show_default=True, help="Seconds a request.")
@click.option("--ca", type=click.Path(path_type=Path, dir_okay=False), default=None, help="CA of https endpoints, instead of the system's.")
def run(
    file: Path, endpoint: str | None, suite: str | None, case: str | None, *, properties: tuple[str, ...], globals_: tuple[str, ...],
    system: tuple[str, ...], out: Path | None, allow_skipped: bool, deadline: float, ca: Path | None,
) -> None:  # fmt: skip
    """Run the test cases of PROJECT.xml with the verdicts of SoapUI's testrunner.

    Exit code 0: all passed. 1: something failed, or was not run and --allow-skipped is not given. 2: the project is broken. 3: no
    endpoint gives a connection.
    """
    outside = Outside(Properties(_pairs("-G", globals_)), _pairs("-D", system), dict(os.environ))
    _check_endpoint(endpoint)
    options = Options(contracts_dir(), endpoint, deadline, _pairs("-P", properties), outside)
    sender = Sender(time.monotonic, _tls(ca))
    try:
        project = read_project(file)
        runner = Runner(project, options, Tools(time.monotonic, time.sleep, lambda: str(uuid.uuid4()), sender))
        chosen = runner.selected(suite, case)
        if out is not None:
            make_reports_dir(out)
        done: list[CaseResult] = []
        for result in runner.run(chosen):
            _tell(result)
            done.append(result)
    except ProjectError as error:
        raise UsageFailed(str(error)) from None
    except LookupError as error:
        raise UsageFailed(f"{file}: {error.args[0]}") from None
    finally:
        sender.close()
    _finish(project, runner.outcome(done), out, endpoint, allow_skipped)


def _finish(project: Project, outcome: RunResult, out: Path | None, endpoint: str | None, allow_skipped: bool) -> None:
    for note in project.notes:
        click.echo(f"note: {note}")
    click.echo(_summary(outcome))
    if out is not None:
        try:
            write_reports(outcome, out, endpoint=endpoint, allow_skipped=allow_skipped)
        except OSError as error:
            raise UsageFailed(f"{out}: cannot be written: {error.strerror}") from None
        click.echo(f"reports in {out}")
    code = outcome.exit_code(allow_skipped=allow_skipped)
    if code == 3:
        raise Unreachable("\n".join(str(said) for said in outcome.silent))
    if code:
        failed, not_run = outcome.count(CaseStatus.FAILED), outcome.count(CaseStatus.NOT_RUN)
        hint = "; --allow-skipped lets pass what cannot be run here" if not failed else ""
        raise CommandFailed(f"{failed} test cases failed, {not_run} not run in full{hint}", code)


def _tell(case: CaseResult) -> None:
    word, colour = _SHOWN[case.status]
    click.echo(f"{click.style(word, fg=colour)} {case.suite} / {case.name}  {round(case.seconds * 1000)} ms")
    for step in case.failed_steps:
        for said in step.messages:
            click.echo(f"    {step.name}: {said}")
    for said in case.not_run:
        click.echo(f"    not run: {said}")
    for step in case.steps:
        for said in step.notes:
            click.echo(f"    note: {step.name}: {said}")


def _summary(run: RunResult) -> str:
    suites = len({case.suite for case in run.cases})
    steps = sum(len(case.steps) for case in run.cases)
    failed, not_run = run.count(CaseStatus.FAILED), run.count(CaseStatus.NOT_RUN)
    asserted, wrong = run.assertions(*Verdict), run.assertions(Verdict.FAILED)
    cases = f"{len(run.cases)} test cases ({failed} failed, {not_run} not run in full)"
    return f"{suites} test suites, {cases}, {steps} steps, {asserted} assertions ({wrong} failed)"


def _pairs(option: str, given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given:
        name, mark, value = each.partition("=")
        if not mark or not name:
            raise UsageFailed(f"{option} {each}: expected NAME=VALUE")
        found[name] = value
    return found


def _check_endpoint(endpoint: str | None) -> None:
    if endpoint is not None and not endpoint.startswith(("http://", "https://")):
        raise UsageFailed(f"-e {endpoint}: expected an http or https address, such as http://127.0.0.1:7001")


def _tls(ca: Path | None) -> ssl.SSLContext | None:
    if ca is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(ca))
    except (OSError, ssl.SSLError):
        raise UsageFailed(f"--ca {ca}: is no file of CA certificates in PEM") from None


@soapui.command()
@click.argument("contracts", nargs=-1, metavar="[CONTRACT ...]")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Directory for the project files.")
@click.option("--definitions", default=None, metavar="DIR", help="Where the WSDL files are, relative to --out; else they are copied.")
def export(contracts: tuple[str, ...], out: Path, definitions: str | None) -> None:
    """Write the suites of CONTRACTs (all four that a gateway serves, if none is named) as SoapUI 5.7 projects.

    Each has a case for every operation with a good message, and one for every message that must be refused.
    """
    unknown = [name for name in contracts if name not in SUITES]
    if unknown:
        raise UsageFailed(f"no contract suite {unknown[0]}; there are: {', '.join(SUITES)}")
    if definitions is not None and Path(definitions).is_absolute():
        raise UsageFailed(f"--definitions {definitions}: must be relative to --out, so that the project works elsewhere too")
    root = contracts_dir()
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in contracts or SUITES:
            contract = load_contract(root / f"{name}.wsdl")
            if definitions is None:
                for published, source in contract.published().items():
                    copy = out / "wsdl" / published
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, copy)
            cases = suite_of(contract, root / "examples")
            where = f"${{projectDir}}/{(definitions or 'wsdl').rstrip('/')}/{name}.wsdl"
            file = out / f"{name}-soapui-project.xml"
            file.write_bytes(project_of(contract, cases, definition=where))
            click.echo(f"{file}: {len(cases)} test cases")
    except OSError as error:
        raise UsageFailed(f"{out}: cannot be written: {error.strerror}") from None
    except ContractError as error:
        raise UsageFailed(str(error)) from None
