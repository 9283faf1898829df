"""`vsopgw docs write`: the documents that are made from the code; a test fails when one is stale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from gateway.config import config_reference
from gateway.errors import RESULTS
from gateway.legacy.reference import legacy_reference
from stubs.faults.reference import faults_reference


def errors_reference() -> str:
    """Give docs/errors.md: every result code, by kind."""
    lines = [
        "# Result codes",
        "",
        "Made by `vsopgw docs write` from `gateway/errors.py`. Business refusals stand in `ResultCode` of an answer; codes of kind",
        "`format` stand in the detail (`ContractFault/Code`) of a SOAP fault.",
        "",
        "`OPResult` of a refused order or authorisation holds the number of the rule that objects, and the result code where no rule is",
        "about it, such as an unknown product; in the result of an order that was taken it is the result code.",
        "",
        *_OPRESULTS,
        "",
        "*Retry* says whether the same request may succeed later, unchanged.",
        "",
        "| Code | Kind | Retry | 中文 | English |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {r.code} | {r.kind} | {'yes' if r.retryable else 'no'} | {r.zh} | {r.en} |" for r in RESULTS.values()]
    return "\n".join(lines) + "\n"


_OPRESULTS = (
    "| OPResult | Rule | Objects when |",
    "|---|---|---|",
    "| 1 | product | product or offer is not open for this act |",
    "| 2 | partner | the content partner is not in service |",
    "| 3 | user | the user is not active |",
    "| 4 | capability | the user lacks a capability that the product needs |",
    "| 5 | fee | a prepaid user's balance is not above zero |",
    "| 6 | exclusion | a product that the user will have excludes it, or is excluded by it |",
    "| 7 | dependency | a product that it requires is neither held nor in the order, or goes with the order |",
    "| 8 | replacement | it takes the place of a held product that may not go: the province refuses replacements, the product is part of a "
    "traditional bundle, or another one requires it |",
    "| 9 | depended on | another held product requires what is ended |",
    "| 10 | bundle | what is ended belongs to a traditional bundle, and it is not CRM who asks |",
    "| 11 | duplicate | the order names it twice; it is held already; or it is to be ended, suspended or resumed, and is not held or not "
    "in the state for that |",
    "| 12 | network | the product does not work on the user's network |",
    "| -1 | - | refuses nothing: left as it is by an order that ends everything |",
    "| -2 | - | refuses nothing: a held product is replaced if the user agrees (`AuthResult` 1) |",
)


DOCUMENTS: dict[str, Callable[[], str]] = {
    "errors.md": errors_reference, "configuration.md": config_reference, "legacy.md": legacy_reference,
    "stub-faults.md": faults_reference,
}  # fmt: skip


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
