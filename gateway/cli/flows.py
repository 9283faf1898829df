"""`vsopgw flows render|check|coverage|matrix`: documents drawn from the flows, and whether all of the seed is done and tested."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.errors import UsageFailed
from gateway.cli.flow_check import Places, findings, made
from gateway.cli.flow_coverage import Coverage, shares, strangers
from gateway.cli.flow_matrix import MatrixMistakes, read_matrix, required_cells
from gateway.resources import data_root

DOCUMENTS = Path("docs/flows")
COVERAGE = Path("build/flows-coverage.json")

_PATH = click.Path(path_type=Path)
_DIRECTORY = click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=DOCUMENTS)
_MATRIX = click.option(
    "--matrix",
    "matrix_file",
    type=_PATH,
    default=None,
    help="The matrix of tests; default: tests/e2e/matrix.toml of the checkout.",
)


def _matrix(given: Path | None) -> Path | None:
    """Give the file of the matrix; None outside a checkout, which has no tests."""
    tests = data_root() / "tests" / "e2e"
    return given or (tests / "matrix.toml" if tests.is_dir() else None)


@click.group()
def flows() -> None:
    """The flows of the user's document: drawn, checked, covered by tests."""


@flows.command()
@_DIRECTORY
@_MATRIX
def render(directory: Path, matrix_file: Path | None) -> None:
    """Write the documents into DIRECTORY (docs/flows): step tables, sequence diagrams in zh and en, the matrix of tests."""
    wanted = made(Places(directory, _matrix(matrix_file)))
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in wanted.items():
        (directory / name).write_text(text, encoding="utf-8")
        click.echo(directory / name)


@flows.command()
@_DIRECTORY
@_MATRIX
def check(directory: Path, matrix_file: Path | None) -> None:
    """Compare the flows with the seed, and DIRECTORY (docs/flows) and the matrix with the flows; exit 1 if anything is wrong."""
    found = findings(Places(directory, _matrix(matrix_file)))
    for finding in found:
        click.echo(f"{finding.line}: {'good' if not finding.problems else f'{len(finding.problems)} wrong'}")
        for problem in finding.problems:
            click.echo(f"    {problem}")
    if any(finding.problems for finding in found):
        raise click.exceptions.Exit(1)


@flows.command()
@click.option(
    "--file", type=_PATH, default=COVERAGE, show_default=True, help="What the last run of the end-to-end tests wrote."
)
@click.option(
    "--min",
    "least",
    type=click.FloatRange(0, 100),
    default=100.0,
    show_default=True,
    help="Percent of each section's steps.",
)
def coverage(file: Path, least: float) -> None:
    """Tell which steps of the seed's sections were seen done between real endpoints; exit 1 if a section has too few."""
    if not file.is_file():
        raise UsageFailed(f"{file}: there is no such file; the end-to-end tests write it")
    try:
        seen = Coverage(file).read()
    except ValueError as error:
        raise UsageFailed(f"{file}: {error}") from None
    found = shares(seen)
    for share in found:
        missing = f"; not seen: {', '.join(share.missing)}" if share.missing else ""
        click.echo(f"{share.section.id:6} {share.covered}/{share.total}{missing}")
    for stranger in strangers(seen):
        click.echo(f"unknown: {stranger}", err=True)
    if any(share.percent < least for share in found):
        raise click.exceptions.Exit(1)


@flows.command()
@click.argument("sections", nargs=-1)
@_MATRIX
def matrix(sections: tuple[str, ...], matrix_file: Path | None) -> None:
    """List the cells that there must be (of SECTIONS), and whether the matrix has them; exit 1 if one is empty."""
    file = _matrix(matrix_file)
    if file is None:
        raise UsageFailed("this is no checkout: name the matrix with --matrix")
    try:
        there = {cell.id for cell in read_matrix(file)}
    except MatrixMistakes as mistakes:
        raise UsageFailed(str(mistakes)) from None
    strange = [section for section in sections if section not in required_cells()]
    if strange:
        raise UsageFailed(f"no section {', '.join(strange)}; there are {', '.join(required_cells())}")
    wanted = [
        cell for section, cells in required_cells().items() if not sections or section in sections for cell in cells
    ]
    for cell in wanted:
        click.echo(f"{'there' if cell.id in there else 'EMPTY'}  {cell.id.ljust(24)} {cell.what.en}")
    if any(cell.id not in there for cell in wanted):
        raise click.exceptions.Exit(1)
