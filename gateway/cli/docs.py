"""`vsopgw docs write`: the documents that are made from the code; a test fails when one is stale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from gateway.config import config_reference
from gateway.errors import RESULTS


def errors_reference() -> str:
    """Give docs/errors.md: every result code, by kind."""
    lines = [
        "# Result codes",
        "",
        "Made by `vsopgw docs write` from `gateway/errors.py`. Business refusals stand in `ResultCode` of an answer; codes of kind",
        "`format` stand in the detail (`ContractFault/Code`) of a SOAP fault. `OPResult` of a refused order holds the number of the",
        "authorisation rule (1 product, 2 partner, 3 user, 6 exclusion, 9 depended on, 10 bundle, 11 held already, or not held) where a",
        "rule refused it, and the result code where something is unknown.",
        "*Retry* says whether the same request may succeed later, unchanged.",
        "",
        "| Code | Kind | Retry | 中文 | English |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {r.code} | {r.kind} | {'yes' if r.retryable else 'no'} | {r.zh} | {r.en} |" for r in RESULTS.values()]
    return "\n".join(lines) + "\n"


DOCUMENTS: dict[str, Callable[[], str]] = {"errors.md": errors_reference, "configuration.md": config_reference}


@click.group()
def docs() -> None:
    """Documents that are made from the code."""


@docs.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("docs"))
def write(directory: Path) -> None:
    """Write them into DIRECTORY."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, make in DOCUMENTS.items():
        (directory / name).write_text(make(), encoding="utf-8")
        click.echo(directory / name)
