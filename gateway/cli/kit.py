"""`vsopgw kit run|list`: a partner's endpoint tried case by case, with a report; the cases and the rules they stand for."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from gateway.cli.errors import CommandFailed, Unreachable, UsageFailed
from gateway.cli.kit_progress import Progression
from gateway.cli.reports_dir import make_reports_dir
from gateway.resources import contracts_dir
from gateway.runtime import reactor as reactors
from stubs.partnerkit.case import Case, Role
from stubs.partnerkit.catalogue import ROLES, cases_of
from stubs.partnerkit.data import DataError, TestData, make_data, read_data

if TYPE_CHECKING:
    from stubs.partnerkit.assembly import Settings
    from stubs.partnerkit.outcome import Run

LISTEN = 7190
"""Where callbacks are awaited if nothing is said: behind the ports of gateways, stubs and admin APIs."""


_ID = 12  # width of its column
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def kit() -> None:
    """Partner kit: try an endpoint against the rules of its contract, case by case."""


@kit.command("list")
@click.option("--role", "name", default=None, help="One role; default: all.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table")
def list_cases(name: str | None, output: str) -> None:
    """List the cases: id, severity, title, rule and where it stands."""
    roles = list(ROLES.values()) if name is None else [_role(name)]
    listed = [(role, case) for role in roles for case in cases_of(role)]
    if output == "json":
        click.echo(json.dumps([_row(role, case) for role, case in listed], ensure_ascii=False, indent=1))
        return
    for role, case in listed:
        click.echo(f"{role.case_id(case):<{_ID}} {case.severity.value:8}  {case.title.zh} / {case.title.en}")
        click.echo(f"{'':{_ID}} {'':8}  {case.rule.en} ({case.source})")


def _row(role: Role, case: Case) -> dict[str, Any]:
    return {
        "id": role.case_id(case), "role": role.name, "severity": case.severity.value,
        "title": {"zh": case.title.zh, "en": case.title.en}, "rule": {"zh": case.rule.zh, "en": case.rule.en},
        "source": case.source, "hint": {"zh": case.hint.zh, "en": case.hint.en},
    }  # fmt: skip


def _data_options(command: Any) -> Any:
    """Give an option for each piece of test data."""
    for each in reversed(fields(TestData)):
        name = each.name.replace("_", "-")
        command = click.option(f"--{name}", default=None, help=f"Test data; default: {each.default or 'any'}.")(command)
    return command


@kit.command()
@click.option("--role", "name", required=True, help=f"What the endpoint is: {', '.join(ROLES)}.")
@click.option("--url", required=True, help="The endpoint, such as http://127.0.0.1:8080/services/xplatform.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Directory for the reports.")
@click.option("--only", multiple=True, help="Play only this case, such as X-101; may be given several times.")
@click.option(
    "--listen", type=click.IntRange(0, 65535), default=LISTEN, show_default=True,
    help="Port for the partner's callbacks; 0: any free one.",
)
@click.option("--interface", default="127.0.0.1", show_default=True, help="Address of that port.")
@click.option("--deadline", type=click.FloatRange(0.1, 300), default=5.0, show_default=True, help="Seconds for one answer.")
@click.option("--username", default=None, help="Of a WS-Security UsernameToken, if the endpoint asks for one.")
@click.option("--password-file", type=_FILE, default=None, help="File whose first line is its password.")
@click.option("--ca", type=_FILE, default=None, help="CA of the endpoint's certificate, for https.")
@click.option("--cert", type=_FILE, default=None, help="Our certificate, if the endpoint asks for one.")
@click.option("--key", type=_FILE, default=None, help="Its key.")
@click.option("--data", "file", type=_FILE, default=None, help="TOML file with test data: see docs/kit.md.")
@_data_options
def run(name: str, url: str, out: Path, only: tuple[str, ...], **given: Any) -> None:
    """Try an endpoint. Exit 0: grade A; 1: cases failed; 2: usage; 3: nobody answers there."""
    role = _role(name)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageFailed(f"--url: expected an http or https address such as http://127.0.0.1:8080/{role.contract}")
    cases = _chosen(role, only)
    data = _data(role, given.pop("file"), given)
    make_reports_dir(out)
    done = _run(role, url, cases, data, given)
    from stubs.partnerkit.report.writing import write_reports  # noqa: PLC0415  needs Jinja2, which only a report does

    try:
        written = write_reports(done, out)
    except OSError as error:
        raise UsageFailed(f"{out}: {(error.strerror or 'cannot be written').lower()}") from None
    _sum_up(done, written)


def _role(name: str) -> Role:
    if name not in ROLES:
        raise UsageFailed(f"--role: there is no {name}; there are {', '.join(ROLES)}")
    return ROLES[name]


def _chosen(role: Role, only: tuple[str, ...]) -> list[Case]:
    known = {role.case_id(case): case for case in cases_of(role)}
    for wanted in only:
        if wanted.upper() not in known:
            raise UsageFailed(f"--only: {role.name} has no case {wanted}; `vsopgw kit list --role {role.name}` lists them")
    wanted_ids = {each.upper() for each in only}
    return [case for id_, case in known.items() if not only or id_ in wanted_ids]


def _data(role: Role, file: Path | None, given: dict[str, Any]) -> TestData:
    try:
        values = {} if file is None else read_data(file)
        chosen = {each.name: given[each.name] for each in fields(TestData) if given[each.name] is not None}
        return make_data({**role.data, **values, **chosen})
    except DataError as error:
        raise UsageFailed(str(error)) from None


def _run(role: Role, url: str, cases: Sequence[Case], data: TestData, given: dict[str, Any]) -> Run:
    reactor = reactors.install()

    from twisted.internet.defer import Deferred  # noqa: PLC0415  after the reactor is chosen
    from twisted.internet.error import CannotListenError  # noqa: PLC0415
    from twisted.python.failure import Failure  # noqa: PLC0415

    from stubs.partnerkit.assembly import Assembly  # noqa: PLC0415
    from stubs.partnerkit.engine import NobodyThere  # noqa: PLC0415

    settings = _settings(role, url, cases, data, given)
    try:
        assembly = Assembly(settings, reactor)
    except CannotListenError as error:
        raise UsageFailed(f"--listen: port {error.port} on {error.interface} cannot be taken; name another, or 0 for any") from None
    if assembly.address is not None:
        click.echo(f"callbacks are awaited at {', '.join(f'{assembly.address}/{name}' for name in role.listens)}")
    ended: list[Any] = []

    def begin() -> None:
        Deferred.fromCoroutine(assembly.run(shown.tell)).addBoth(end)

    def end(result: Any) -> None:
        ended.append(result)
        reactor.stop()

    reactor.callWhenRunning(begin)
    with Progression(f"{role.name} {url}") as shown:
        reactor.run()
    if not ended:
        raise CommandFailed("interrupted", 1)
    result = ended[0]
    if isinstance(result, Failure):
        if isinstance(result.value, NobodyThere):
            raise Unreachable(f"{url}: {result.value.why.zh} / {result.value.why.en}")
        raise CommandFailed(f"the kit itself has failed:\n{result.getTraceback()}", 4)
    done: Run = result
    return done


def _settings(role: Role, url: str, cases: Sequence[Case], data: TestData, given: dict[str, Any]) -> Settings:
    from gateway.access.showing import TokenSeal, password_of  # noqa: PLC0415  only a run needs them
    from gateway.soap.tls_files import Own, TlsUnusable, calling  # noqa: PLC0415
    from stubs.partnerkit.assembly import Settings  # noqa: PLC0415

    if (given["username"] is None) != (given["password_file"] is None):
        raise UsageFailed("--username and --password-file go together")
    if (given["cert"] is None) != (given["key"] is None):
        raise UsageFailed("--cert and --key go together")
    if url.startswith("https://") and given["ca"] is None:
        raise UsageFailed("--url: an https address needs --ca, the CA of the endpoint's certificate")
    try:
        own = None if given["cert"] is None else Own(given["cert"], given["key"])
        tls = None if given["ca"] is None else calling(given["ca"], own)
        seal = None
        if given["username"] is not None:
            password = password_of(given["password_file"])
            seal = TokenSeal(given["username"], password, now=lambda: datetime.now(UTC), random=os.urandom)
    except TlsUnusable as error:
        raise UsageFailed(str(error)) from None
    return Settings(
        role, url, cases, contracts_dir(), data, given["deadline"], given["interface"], given["listen"],
        partial=len(cases) < len(cases_of(role)), tls=tls, seal=seal,
    )  # fmt: skip


def _sum_up(done: Run, written: Sequence[Path]) -> None:
    from stubs.partnerkit.outcome import MEANINGS, Grade  # noqa: PLC0415

    meaning = MEANINGS[done.grade]
    counts = ", ".join(f"{count} {verdict.value}" for verdict, count in done.counts.items())
    part = " (只执行了部分用例 / some cases only)" if done.partial else ""
    click.echo(f"grade {done.grade}{part}: {meaning.zh} / {meaning.en}")
    click.echo(f"{counts}; {done.seconds:.1f} s; {written[0]}")
    if done.grade is not Grade.A:
        raise CommandFailed(f"{len(done.failed)} cases failed: {', '.join(one.id for one in done.failed[:20])}", 1)
