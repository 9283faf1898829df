"""Holds the flows against the seed, the documents against the flows, and the matrix of tests against both."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from gateway.cli.flow_matrix import MatrixCell, MatrixMistakes, mistakes, page, read_matrix, required_cells
from gateway.cli.flow_pages import MATRIX, pages, seed_step
from gateway.cli.flow_walk import Walk, walk
from gateway.flows.registry import FLOWS, SECTION_FLOW
from gateway.flows.sections import OURS, SECTIONS
from gateway.flows.seed import SEED, SeedSection


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one section, or of what belongs to none: a line of figures, and what is wrong."""

    line: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the documents and the matrix are; its test stands beside it. None: outside a checkout there is no matrix."""

    documents: Path
    matrix: Path | None


def findings(places: Places) -> list[Finding]:
    """Check everything: a finding for each section of the seed, in its order, and one for the rest."""
    stale = _stale(places)
    cells, rest = _matrix(places)
    of_matrix = mistakes(cells) if places.matrix is not None else {}
    found = []
    for seed in SEED:
        problems = [*of_flow(seed), *stale.pop(seed.id, []), *of_matrix.pop(seed.id, [])]
        found.append(Finding(_figures(seed, cells), tuple(problems)))
    rest += [problem for others in (stale, of_matrix) for problems in others.values() for problem in problems]
    line = (
        "documents and matrix"
        if places.matrix is not None
        else "documents; the matrix of tests is left out: this is no checkout"
    )
    return [*found, Finding(line, tuple(rest))]


def made(places: Places) -> dict[str, str]:
    """Give every page as it should be; a matrix that cannot be read counts as empty."""
    wanted = pages()
    if places.matrix is not None:
        wanted[MATRIX] = page(_matrix(places)[0])
    return wanted


def _matrix(places: Places) -> tuple[tuple[MatrixCell, ...], list[str]]:
    """Give the cells, and what keeps them from being read or proved."""
    if places.matrix is None:
        return (), []
    test = places.matrix.with_name(TEST)
    wrong = [] if test.is_file() else [f"{test} is missing: nothing proves the cells of the matrix"]
    try:
        return read_matrix(places.matrix), wrong
    except MatrixMistakes as mistakes:
        return (), [*str(mistakes).split("\n"), *wrong]


TEST = "test_matrix.py"
"""The test module that proves the cells."""


def _figures(seed: SeedSection, cells: tuple[MatrixCell, ...]) -> str:
    wanted = {cell.id for cell in required_cells().get(seed.id, ())}
    there = len({cell.id for cell in cells} & wanted)
    flow = SECTION_FLOW.get(seed.id, "no flow")
    numbers = len(SECTIONS[seed.id].numbers)
    return f"{seed.id:6} {flow.ljust(15)} {len(seed.steps)} steps of the seed, {numbers:2} numbers, {there}/{len(wanted)} cells"


# ---- flows -----------------------------------------------------------------------------------------------------------


def of_flow(seed: SeedSection) -> list[str]:
    """Compare a section's flow with the seed: every step has its counterpart, in the seed's order, and nothing stands beside."""
    if SECTION_FLOW.get(seed.id) not in FLOWS:
        return ["there is no flow"]
    walked = walk(seed.id)
    steps = {row.number: seed_step(walked.section, row.number) for row in walked.rows}
    problems = [
        f"step {step.number} of the seed has no counterpart" for step in seed.steps if step not in steps.values()
    ]
    problems += [
        f"step {number} stands under no step of the seed"
        for number, step in steps.items()
        if step is None and not number.startswith(OURS)
    ]
    silent = [number for number in walked.section.numbers if number not in steps]
    problems += [f"number {number} of the section's table is in no flow" for number in silent]
    return problems + _out_of_order(walked)


def _out_of_order(walked: Walk) -> list[str]:
    """Compare the order in which the flows say their steps; of a step that repeats, the first one counts."""
    numbers = list(dict.fromkeys(row.number for row in walked.said if not row.number.startswith(OURS)))
    return [f"step {sooner} comes before step {later}" for sooner, later in pairwise(numbers) if sooner > later]


# ---- documents -------------------------------------------------------------------------------------------------------


def _stale(places: Places) -> dict[str, list[str]]:
    """Name, by section, the documents that are not as they should be."""
    wanted = made(places)
    there = {path.name for path in places.documents.iterdir()} if places.documents.is_dir() else set()
    if places.matrix is None:
        there.discard(MATRIX)
    found: dict[str, list[str]] = {}
    for name in sorted({*wanted, *there}):
        path = places.documents / name
        if name not in there:
            problem = "is missing"
        elif name not in wanted:
            problem = "is made by nothing any more"
        elif path.read_text(encoding="utf-8") != wanted[name]:
            problem = "is stale"
        else:
            continue
        found.setdefault(_section_of(name), []).append(f"{path} {problem}: run `vsopgw flows render`")
    return found


def _section_of(name: str) -> str:
    stem = name.removesuffix(".md").removesuffix(".zh.svg").removesuffix(".en.svg")
    return stem if stem in SECTIONS else ""
