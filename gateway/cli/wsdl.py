"""`vsopgw wsdl`: the contracts, as files and as code."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from gateway.cli.errors import UsageFailed
from gateway.contract import Codec, Contract, ContractError, load_contract
from gateway.resources import contracts_dir


@click.group()
def wsdl() -> None:
    """Contracts: WSDL and XSD files."""


def _load(name: str) -> Contract:
    try:
        return load_contract(contracts_dir() / f"{name}.wsdl")
    except ContractError as error:
        raise UsageFailed(str(error)) from None


@wsdl.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def export(directory: Path) -> None:
    """Copy every contract with its schemas into DIRECTORY, as they are served; the old forms stand in legacy."""
    for source in sorted(contracts_dir().glob("*.wsdl")):
        if source.name.endswith(".soap12.wsdl"):
            continue
        for name, path in _load(source.stem).published().items():
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    shutil.copytree(contracts_dir() / "legacy", directory / "legacy", dirs_exist_ok=True)
    count = len(list(directory.rglob("*.wsdl")))
    click.echo(f"{count} WSDL files and {len(list(directory.rglob('*.xsd')))} schemas in {directory}")


@wsdl.command()
@click.argument("contract")
def codec(contract: str) -> None:
    """Print the code that is compiled from CONTRACT at start-up, such as vsop."""
    click.echo(Codec(_load(contract)).source)
