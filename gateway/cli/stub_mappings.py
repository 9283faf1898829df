"""`vsopgw stub mappings|scenarios|verify|near-misses`: StubMappings of a running set, and what it was asked held against a pattern."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gateway.cli.errors import CommandFailed, UsageFailed
from gateway.cli.stub_api import OUTPUT, URL, StubApi, show, table
from gateway.cli.stub_pattern import mapping_title, near_lines, pattern_of, pattern_options, request_title
from gateway.resources import contracts_dir


@click.group(invoke_without_command=True)
@URL
@OUTPUT
@click.pass_context
def mappings(context: click.Context, api: StubApi, output: str) -> None:
    """List the mappings of a set; add some from a file, take some away."""
    context.obj = api
    if context.invoked_subcommand is None:
        answer = api.call("GET", "mappings")
        show(output, answer, lambda: table([_row(one) for one in answer["mappings"]], "no mapping"))


@mappings.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@URL
def add(api: StubApi, files: tuple[Path, ...]) -> None:
    """Add the mappings of files or directories (TOML, JSON); one with the id of another takes its place."""
    from gateway.contract import Codec, load_contract  # noqa: PLC0415  these take time, which other commands need not spend
    from stubs.mapping.files import MappingFileError, read_files  # noqa: PLC0415
    from stubs.roles import ROLES  # noqa: PLC0415

    codecs = {name: Codec(load_contract(contracts_dir() / f"{role.contract}.wsdl")) for name, role in ROLES.items()}
    try:
        found = [mapping for file in files for mapping in read_files(file, codecs)]
    except MappingFileError as error:
        raise UsageFailed(str(error)) from None
    for mapping in found:
        api.call("POST", "mappings", {**mapping.written, "id": mapping.id})
    click.echo(f"added: {', '.join(mapping.id for mapping in found)}")


@mappings.command("show")
@click.argument("mapping_id", metavar="ID")
@URL
def show_mapping(api: StubApi, mapping_id: str) -> None:
    """Show one mapping as JSON."""
    show("json", api.call("GET", f"mappings/{mapping_id}"), list)


@mappings.command()
@click.argument("mapping_id", metavar="[ID]", required=False)
@click.option("--all", "every", is_flag=True, help="All of them, until a reset those of files too.")
@URL
def remove(api: StubApi, mapping_id: str | None, every: bool) -> None:
    """Take a mapping away, or all."""
    if every is (mapping_id is not None):
        raise UsageFailed("name a mapping, or give --all")
    answer = api.call("DELETE", "mappings" if mapping_id is None else f"mappings/{mapping_id}")
    click.echo(f"removed: {answer['removed']}")


@mappings.command("reset")
@URL
def reset_mappings(api: StubApi) -> None:
    """Go back to the mappings of files; all scenarios are Started."""
    api.call("POST", "mappings/reset", {})
    click.echo("reset")


@click.group(invoke_without_command=True)
@URL
@OUTPUT
@click.pass_context
def scenarios(context: click.Context, api: StubApi, output: str) -> None:
    """List scenarios and where each stands; set one, or reset all."""
    context.obj = api
    if context.invoked_subcommand is None:
        answer = api.call("GET", "scenarios")
        show(output, answer, lambda: table(answer["scenarios"], "no mapping names a scenario"))


@scenarios.command("set")
@click.argument("name")
@click.argument("state")
@URL
def set_state(api: StubApi, name: str, state: str) -> None:
    """Let a scenario be in a state."""
    api.call("PUT", f"scenarios/{name}/state", {"state": state})
    click.echo(f"{name}: {state}")


@scenarios.command("reset")
@URL
def reset_scenarios(api: StubApi) -> None:
    """Let all scenarios be in state Started."""
    api.call("POST", "scenarios/reset", {})
    click.echo("reset")


@click.command()
@pattern_options
@click.option("--count", type=click.IntRange(0), default=None, help="Exactly so many.")
@click.option("--at-least", type=click.IntRange(0), default=None, help="So many or more; 1 if nothing is said.")
@click.option("--at-most", type=click.IntRange(0), default=None, help="So many or fewer.")
@URL
@OUTPUT
def verify(
    api: StubApi, count: int | None, at_least: int | None, at_most: int | None, output: str, **asked: Any
) -> None:
    """Count the requests that are as the pattern says; exit 1, with the near misses, if there are not as many as expected."""
    if count is not None and (at_least is not None or at_most is not None):
        raise UsageFailed("--count stands alone, without --at-least and --at-most")
    if at_least is not None and at_most is not None and at_least > at_most:
        raise UsageFailed(f"--at-least {at_least} is more than --at-most {at_most}")
    least = count if count is not None else at_least if at_least is not None else 0 if at_most is not None else 1
    most = count if count is not None else at_most
    pattern = pattern_of(**asked)
    found = api.call("POST", "requests/count", pattern)["count"]
    good = found >= least and (most is None or found <= most)
    misses = api.call("POST", "near-misses/request-pattern", pattern)["nearMisses"] if found < least else []
    answer = {"verified": good, "count": found, "atLeast": least, "atMost": most, "nearMisses": misses}
    wanted = f"{least}" if least == most else f"at least {least}" if most is None else f"{least} to {most}"
    head = f"{'as expected' if good else 'NOT as expected'}: {found} request{'' if found == 1 else 's'}, expected {wanted}"
    if good:
        show(output, answer, lambda: [head])
        return
    near = near_lines(misses, request_title) if misses else ["nothing came near: the set was asked nothing else"] if not found else []
    show(output, answer, lambda: [head, *near])
    raise CommandFailed("" if output == "json" else "verification failed", 1)


@click.command("near-misses")
@pattern_options
@click.option("--seq", type=click.IntRange(1), default=None, help="The nearest mappings to this request of the journal.")
@URL
@OUTPUT
def near_misses(api: StubApi, seq: int | None, output: str, **asked: Any) -> None:
    """Show why nothing matched: the nearest mappings to requests, or, with a pattern, the nearest requests to it."""
    pattern = pattern_of(**asked)
    if pattern and seq is not None:
        raise UsageFailed("give --seq, or a pattern")
    if pattern:
        answer = api.call("POST", "near-misses/request-pattern", pattern)
        show(output, answer, lambda: near_lines(answer["nearMisses"], request_title) if answer["nearMisses"] else ["no near miss"])
        return
    if seq is not None:
        answer = api.call("POST", "near-misses/request", {"seq": seq})
        show(output, answer, lambda: near_lines(answer["nearMisses"], mapping_title) if answer["nearMisses"] else ["no near miss"])
        return
    answer = api.call("GET", "requests/unmatched/near-misses")
    show(output, answer, lambda: _unmatched(answer["nearMisses"]))


def _unmatched(found: list[dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    for one in found:
        lines.append(f"{request_title(one)} was answered by the role itself; nearest mappings:")
        lines += [f"  {line}" for line in near_lines(one["nearest"], mapping_title)] or ["  there is no mapping"]
    return lines or ["every request was answered by a mapping, or there was none"]


def _row(mapping: Mapping[str, Any]) -> dict[str, Any]:
    request, response = mapping.get("request", {}), mapping["response"]
    asked = [f"{path} {_short(wanted)}" for path, wanted in request.get("fields", {}).items()]
    asked += [f"xpath {_short(one['matchesXPath'])}" for one in request.get("bodyPatterns", [])]
    state = mapping.get("requiredScenarioState", "any")
    return {
        "id": mapping["id"], "name": mapping.get("name"), "priority": mapping.get("priority", 5),
        "operation": f"{mapping['role']}.{mapping['operation']}", "request": ", ".join(asked) or "any",
        "scenario": f"{mapping['scenarioName']}: {state}" if "scenarioName" in mapping else None,
        "answer": "body" if "body" in response else f"code {response.get('resultCode', response.get('fields', {}).get('ResultCode', 0))}",
        "served": mapping["served"], "from": mapping.get("source"),
    }  # fmt: skip


def _short(wanted: object) -> str:
    return ", ".join(f"{name} {value}" for name, value in wanted.items()) if isinstance(wanted, dict) else f"= {wanted}"


COMMANDS = (mappings, scenarios, verify, near_misses)
