"""`vsopgw wsdl lint`: judge contracts, or captured messages, by the profile and by the rules of the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from gateway.cli.errors import CommandFailed, UsageFailed
from gateway.contract import Contract, ContractError, load_contract
from gateway.contract.lint import Finding, Scope, Unusable, as_json, junit, lint_contracts, lint_messages, text


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--messages", is_flag=True, help="PATHS hold captured HTTP messages (*.http), not contracts.")
@click.option("--contract", "contracts", multiple=True, type=click.Path(path_type=Path),
              help="With --messages: a WSDL file that they must keep as well; may be repeated.")  # fmt: skip
@click.option("--scope", type=click.Choice([scope.value for scope in Scope]), default="all", show_default=True,
              help="wsi: the profile alone, for a partner's contract; all: the rules of wsdl/README.md too.")  # fmt: skip
@click.option("-f", "--format", "form", type=click.Choice(["text", "json", "junit"]), default="text", help="Form of the output.")
def lint(paths: tuple[Path, ...], messages: bool, contracts: tuple[Path, ...], scope: str, form: str) -> None:
    """Judge the WSDL and XSD files of PATHS, and the schemas that they import, by WS-I Basic Profile 1.1 and the rules of the house.

    Exit 0 when nothing is found, 1 when something is, 2 for input that cannot be judged. Rule ids are the profile's; H1 to H10 are
    those of wsdl/README.md.
    """
    if contracts and not messages:
        raise UsageFailed("--contract goes with --messages: contracts themselves are PATHS")
    try:
        if messages:
            count, findings = lint_messages(paths, [_contract(path) for path in contracts])
            judged: Sequence[Path] = [_shown(path) for path in paths]
        else:
            files, findings = lint_contracts(paths, Scope(scope))
            judged, count = [_shown(path) for path in files], len(files)
    except Unusable as error:
        raise UsageFailed(str(error)) from None
    findings = [replace(finding, path=_shown(finding.path)) for finding in findings]
    click.echo(_written(findings, judged, count, form, "message" if messages else "file"))
    if findings:
        raise CommandFailed("the rules are not kept", 1)


def _written(findings: list[Finding], judged: Sequence[Path], count: int, form: str, what: str) -> str:
    if form == "json":
        return as_json(findings, count)
    return junit(findings, judged) if form == "junit" else text(findings, count, what)


def _contract(path: Path) -> Contract:
    try:
        return load_contract(path)
    except ContractError as error:
        raise UsageFailed(str(error)) from None


def _shown(path: Path) -> Path:
    """Write a path as seen from here, where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
