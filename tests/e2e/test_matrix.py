"""The matrix: every section, well, refused at each deciding step, and with each partner away; the state left on every system."""

from __future__ import annotations

from pathlib import Path

import pytest
from matrix_lab import Stage, left, outcome, read_cells

pytestmark = pytest.mark.e2e

CELLS = read_cells(Path(__file__).with_name("matrix.toml"))


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
def test_cell(lab, fresh_number, cell):
    """The case ends as the cell says, and every system that takes part is left as the cell says."""
    stage = Stage(lab, cell, fresh_number())
    played = stage.play()
    assert (outcome(stage, played), left(stage, played)) == (cell.outcome, cell.state)
