"""`vsopgw flows check`: flows against the seed, documents against the flows, the matrix against both."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from gateway.cli import flow_check
from gateway.cli.flow_check import Places, findings, made, of_flow
from gateway.cli.flow_matrix import required_cells, systems
from gateway.cli.flow_walk import Walk, walk
from gateway.cli.main import main
from gateway.flows.sections import SECTIONS
from gateway.flows.seed import SEED, SEED_SECTIONS, SeedStep


@pytest.fixture
def places(tmp_path):
    """Documents and a matrix as they should be."""
    tables = []
    for section, cells in required_cells().items():
        state = ", ".join(f'{system} = "as it was"' for system in systems(section))
        for cell in cells:
            fields = {"cell": cell.id.partition("/")[2], "provoke": "somehow", "outcome": "10F 0"}
            lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
            tables.append("\n".join([f'[["{section}"]]', *lines, f"state = {{ {state} }}"]))
    (tmp_path / "matrix.toml").write_text("\n".join(tables), encoding="utf-8")
    (tmp_path / "test_matrix.py").touch()
    found = Places(tmp_path / "flows", tmp_path / "matrix.toml")
    found.documents.mkdir()
    for name, text in made(found).items():
        (found.documents / name).write_text(text, encoding="utf-8")
    return found


def problems(places):
    return {finding.line.split()[0]: list(finding.problems) for finding in findings(places) if finding.problems}


# ---- flows against the seed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", SEED, ids=lambda s: s.id)
def test_flow_does_what_the_seed_says(section):
    """Every numbered step of the seed has its counterpart in what the flow says, in the seed's order, and none stands beside."""
    assert of_flow(section) == []


def test_step_without_a_counterpart():
    """A step that no flow takes is named."""
    seed = SEED_SECTIONS["2.2"]
    longer = replace(seed, steps=(*seed.steps, SeedStep("3", "更多", "more")))
    assert of_flow(longer) == ["step 3 of the seed has no counterpart"]


def test_step_beside_the_seed(monkeypatch):
    """A number that stands under no step of the seed is named, unless it is marked as ours."""
    seed = SEED_SECTIONS["2.3"]
    shorter = replace(seed, steps=seed.steps[:1])
    monkeypatch.setitem(SEED_SECTIONS, "2.3", shorter)
    assert of_flow(shorter) == [f"step {number} stands under no step of the seed" for number in ("2a", "2b", "2c")]


def test_section_without_a_flow():
    """It is said."""
    assert of_flow(replace(SEED_SECTIONS["2.3"], id="9.9")) == ["there is no flow"]


def test_number_that_no_flow_says(monkeypatch):
    """A number of the table that nothing takes is named."""
    walked = walk("4.1.1")
    silent = Walk(walked.section, walked.flow, walked.said, tuple(row for row in walked.rows if row.number != "2g"))
    monkeypatch.setattr(flow_check, "walk", lambda section: silent)
    assert of_flow(SEED_SECTIONS["4.1.1"]) == ["number 2g of the section's table is in no flow"]


def test_steps_out_of_order(monkeypatch):
    """A flow that says its steps otherwise than the seed orders them is named."""
    walked = walk("4.1.1")
    first, second, *rest = walked.said
    monkeypatch.setattr(flow_check, "walk", lambda section: replace(walked, said=(second, first, *rest)))
    assert of_flow(SEED_SECTIONS["4.1.1"]) == ["step 2b comes before step 2a"]


# ---- everything ------------------------------------------------------------------------------------------------------


def test_all_is_well(places):
    """A line for each section and one for the rest, without a problem; exit 0."""
    ended = CliRunner().invoke(main, ["flows", "check", str(places.documents), "--matrix", str(places.matrix)])
    lines = ended.output.splitlines()
    assert (ended.exit_code, len(lines), lines[0]) == (
        0, len(SEED) + 1, "2.1    publication/1   6 steps of the seed, 16 numbers, 21/21 cells: good",
    )  # fmt: skip


SPOILT = {
    "stale page": (lambda p: (p.documents / "4.1.1.md").write_text("old"), "4.1.1", "4.1.1.md is stale"),
    "stale diagram": (lambda p: (p.documents / "2.2b.zh.svg").write_text("old"), "2.2b", "2.2b.zh.svg is stale"),
    "missing page": (lambda p: (p.documents / "4.1.1.md").unlink(), "4.1.1", "4.1.1.md is missing"),
    "page of nothing": (lambda p: (p.documents / "9.9.md").write_text("old"), "documents", "9.9.md is made by nothing any more"),
    "stale matrix": (lambda p: (p.documents / "matrix.md").write_text("old"), "documents", "matrix.md is stale"),
    "no test": (lambda p: p.matrix.with_name("test_matrix.py").unlink(), "documents", "nothing proves the cells"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILT)
def test_what_is_wrong_is_told(places, case):
    """Each mistake stands with the section that it belongs to, and the command says 1."""
    spoil, section, said = SPOILT[case]
    spoil(places)
    ended = CliRunner().invoke(main, ["flows", "check", str(places.documents), "--matrix", str(places.matrix)])
    assert (list(problems(places)), said in ended.output, ended.exit_code) == ([section], True, 1)


def test_empty_cell_is_told(places):
    """A cell that is not there stands with its section."""
    text = places.matrix.read_text(encoding="utf-8")
    places.matrix.write_text(text.replace('"refused:3a"', '"refused:3z"', 1), encoding="utf-8")
    assert "the matrix has no cell 2.1/refused:3a: VSOP refuses: notifyProductTest" in problems(places)["2.1"]


def test_matrix_that_cannot_be_read(places):
    """Its mistakes are told, and every cell counts as empty."""
    places.matrix.write_text("[[")
    found = problems(places)
    assert (set(found) - {"documents"}, len(found)) == (set(SEED_SECTIONS), len(SEED) + 1)


def test_outside_a_checkout(places):
    """There are no tests: the matrix is left out, and that is said."""
    found = findings(Places(places.documents, None))
    assert ([finding.problems for finding in found if finding.problems], "left out" in found[-1].line) == ([], True)


def test_numbers_of_the_section_are_counted(places):
    """The line of a section says how many numbers it has."""
    assert f"{len(SECTIONS['4.1.3'].numbers)} numbers" in next(
        f.line for f in findings(places) if f.line.startswith("4.1.3")
    )


def test_matrix_of_a_section_that_is_not_there(places):
    """It is told, with those that are; an empty list would look as if nothing were missing."""
    ended = CliRunner().invoke(main, ["flows", "matrix", "9.9", "--matrix", str(places.matrix)])
    assert (ended.exit_code, ended.output.startswith("no section 9.9; there are 2.1, ")) == (2, True)
