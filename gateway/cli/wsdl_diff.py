"""`vsopgw wsdl diff OLD NEW`: what became of a contract, and whether who keeps the old one can go on."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from gateway.cli.errors import CommandFailed, UsageFailed
from gateway.contract import Contract, ContractError, load_contract
from gateway.contract.diff import Change, Direction, compare


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
def diff(old: Path, new: Path, form: str) -> None:
    """Compare two versions of a contract, or of all contracts of two directories, by operation and field.

    Breaking is what an old caller cannot go on with when the serving side has the new one: a request that is refused now, or an answer
    that the old schema does not know. Exit 0 when nothing is, 1 when something is, 2 for input that cannot be read.
    """
    for path in (old, new):
        if not path.exists():
            raise UsageFailed(f"{path}: there is no such file or directory")
    if old.is_dir() != new.is_dir():
        raise UsageFailed("compare two files or two directories")
    changes = _directories(old, new) if old.is_dir() and new.is_dir() else compare(_contract(old), _contract(new))
    breaking = sum(change.breaking for change in changes)
    if form == "json":
        click.echo(json.dumps({"breaking": breaking, "changes": [asdict(change) for change in changes]}, ensure_ascii=False, indent=2))
    else:
        lines = [_line(change) for change in sorted(changes, key=lambda change: not change.breaking)]
        click.echo("\n".join([*lines, f"{len(changes)} change{'' if len(changes) == 1 else 's'}, {breaking} breaking"]))
    if breaking:
        raise CommandFailed("callers of the old contract would break", 1)


def _directories(old: Path, new: Path) -> list[Change]:
    before, after = _names(old), _names(new)
    changes = [change for name in before if name in after for change in compare(_contract(before[name]), _contract(after[name]))]
    gone = [Change(name, "", Direction.NONE, "", "contract removed", breaking=True) for name in before if name not in after]
    return changes + gone + [Change(name, "", Direction.NONE, "", "contract added", breaking=False) for name in after if name not in before]


def _names(directory: Path) -> dict[str, Path]:
    found = {path.stem: path for path in sorted(directory.glob("*.wsdl")) if not path.stem.endswith(".soap12")}
    if not found:
        raise UsageFailed(f"{directory}: no WSDL file in it")
    return found


def _contract(path: Path) -> Contract:
    try:
        contract = load_contract(path)
        for operation in contract.operations.values():
            for element in (operation.request, operation.response, *operation.faults):
                contract.schemas.element_type(element)
    except ContractError as error:
        raise UsageFailed(str(error)) from None
    return contract


def _line(change: Change) -> str:
    place = " ".join(part for part in (change.contract, change.operation, change.direction, change.field) if part)
    return f"{'BREAKING' if change.breaking else 'additive'}  {place}: {change.what}"
