"""The matrix of tests: which cells there must be, what is wrong with a file of them, and the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner

from gateway.cli.flow_matrix import (
    MatrixCell,
    MatrixMistakes,
    kind_of,
    mistakes,
    page,
    read_matrix,
    required_cells,
    systems,
)
from gateway.cli.main import main
from gateway.flows.seed import SEED

CELLS = {
    "4.1.1": "success refused:2a refused:2b refused:2c away:ocs away:xplatform away:billing away:channel away:smshall",
    "4.1.2": "success refused:2a refused:2b refused:2c away:ismp away:billing away:channel",
    "4.1.3": "success refused:2a refused:2b refused:2c refused:2e away:ocs away:group away:xplatform away:billing away:channel "
    "away:smshall",
    "3.2.1": "success refused:2 refused:3b refused:4a away:xplatform away:ismp away:provisioning",
    "3.1b": "success refused:2b refused:3c away:provisioning away:group away:xplatform away:ismp",
    "2.2": "success refused:1b refused:2a refused:2b refused:2c away:vsop away:crm away:billing",
}  # fmt: skip


def ids(section):
    return " ".join(cell.id.removeprefix(f"{section}/") for cell in required_cells()[section])


def filled():
    """A matrix that has everything."""
    return tuple(
        MatrixCell(
            cell.section,
            cell.id.partition("/")[2],
            "somehow",
            "10F 0",
            dict.fromkeys(systems(cell.section), "as it was"),
        )
        for cells in required_cells().values()
        for cell in cells
    )


def wrong(*cells):
    return [problem for problems in mistakes(cells).values() for problem in problems]


# ---- what must be there ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", CELLS)
def test_cells_of_a_section(section):
    """Success, one refusal for each step that decides, one absence for each partner that the flows call."""
    assert ids(section) == CELLS[section]


def test_every_section_of_the_seed_has_cells():
    """In the seed's order."""
    assert list(required_cells()) == [section.id for section in SEED]


def test_what_happens_is_told_in_both_languages():
    """Who refuses what; who is away."""
    what = {cell.id: (cell.what.zh, cell.what.en) for cell in required_cells()["3.2.1"]}
    assert (what["3.2.1/refused:4a"], what["3.2.1/away:ismp"]) == (
        (
            "X平台或ISMP平台拒绝: serverAction, subActionFromVSOP",
            "X platform or ISMP refuses: serverAction, subActionFromVSOP",
        ),
        ("ISMP平台暂时没有应答", "ISMP gives no answer for a while"),
    )


SYSTEMS = {
    "4.1.1": ("channel", "vsop", "xplatform", "billing", "smshall"),
    "2.1": ("crm", "ppm", "vsop", "ocs", "xplatform"),
    "3.2.2": ("crm", "provisioning", "vsop", "group", "xplatform", "billing"),
}


@pytest.mark.parametrize("section", SYSTEMS)
def test_systems_that_take_part(section):
    """Those that can be left with something: a user is no system, and OCS keeps nothing of a fee check."""
    assert systems(section) == SYSTEMS[section]


@pytest.mark.parametrize(
    ("key", "kind"),
    [("vsop", "vsop"), ("vsop:15", "vsop"), ("other vsop", "vsop"), ("national xplatform", "xplatform")],
)
def test_kind_of_a_system(key, kind):
    """A cell may tell systems of one kind apart."""
    assert kind_of(key) == kind


# ---- what is wrong ---------------------------------------------------------------------------------------------------


def test_full_matrix():
    """Nothing is wrong with it."""
    assert wrong(*filled()) == []


def test_empty_matrix():
    """Every cell is missed."""
    assert len(wrong()) == sum(len(cells) for cells in required_cells().values())


FIRST = "2.1/success"
WRONG = {
    "missing": (lambda cells: cells[1:], f"the matrix has no cell {FIRST}: every step is done"),
    "twice": (lambda cells: (cells[0], *cells), f"the matrix has cell {FIRST} 2 times"),
    "unknown": (lambda cells: (*cells, replace(cells[0], cell="refused:9z")), "a cell 2.1/refused:9z, which nothing asks for"),
    "unknown section": (lambda cells: (*cells, replace(cells[0], section="9.9")), "a cell 9.9/success, which nothing asks for"),
    "no outcome": (lambda cells: (replace(cells[0], outcome="?"), *cells[1:]), f"cell {FIRST} has no outcome"),
    "no state of a system": (
        lambda cells: (replace(cells[0], state={k: v for k, v in cells[0].state.items() if k != "ocs"}), *cells[1:]),
        f"cell {FIRST} says nothing of ocs",
    ),
    "state of a stranger": (
        lambda cells: (replace(cells[0], state=cells[0].state | {"smshall": "1 SMS"}), *cells[1:]),
        f"cell {FIRST} speaks of smshall, which takes no part",
    ),
    "empty state": (
        lambda cells: (replace(cells[0], state=cells[0].state | {"crm": ""}), *cells[1:]),
        f"cell {FIRST}: the state of crm is empty",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_mistake_is_named(case):
    """Whatever is missing, doubled, unknown or left open."""
    change, expected = WRONG[case]
    assert expected in "\n".join(wrong(*change(filled())))


def test_group_may_be_told_of_the_catalogue():
    """What is published in the whole country is held by the group VSOP as well."""
    first, *rest = filled()
    assert wrong(replace(first, state=first.state | {"group": "normal"}), *rest) == []


# ---- the file --------------------------------------------------------------------------------------------------------

CELL = '[["4.1.1"]]\ncell = "refused:2b"\nprovoke = "no balance"\noutcome = "10E 6001"\nstate = { vsop = "none" }\nstubs = { x = 1 }\n'


def read(tmp_path, text):
    path = tmp_path / "matrix.toml"
    path.write_text(text, encoding="utf-8")
    return read_matrix(path)


def test_file_is_read(tmp_path):
    """A table of a section's array is a cell; further keys are the test's."""
    assert read(tmp_path, CELL) == (MatrixCell("4.1.1", "refused:2b", "no balance", "10E 6001", {"vsop": "none"}),)


BROKEN = {
    "no TOML": ("[[", "matrix.toml"),
    "field missing": (CELL.replace("outcome", "result"), "4.1.1/refused:2b: outcome missing"),
    "field of another kind": (CELL.replace("{ vsop = \"none\" }", "1"), "4.1.1/refused:2b: state missing"),
    "no array": ('title = "x"', "title: expected an array of tables"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_file(tmp_path, case):
    """What is not of the expected form is named with its place."""
    text, said = BROKEN[case]
    with pytest.raises(MatrixMistakes) as mistake:
        read(tmp_path, text)
    assert said in str(mistake.value)


def test_file_that_is_not_there(tmp_path):
    """That is said too."""
    with pytest.raises(MatrixMistakes):
        read_matrix(tmp_path / "matrix.toml")


# ---- the page --------------------------------------------------------------------------------------------------------


def test_page_of_a_full_matrix():
    """Each cell has its row, with what is left on every system."""
    lines = page(filled()).split("\n")
    row = next(line for line in lines if line.startswith("| [refused:2b](4.1.1.md)"))
    assert row == (
        "| [refused:2b](4.1.1.md) | OCS refuses: feeCheck | 计费OCS拒绝: feeCheck | somehow | 10F 0 | channel: as it was<br>"
        "vsop: as it was<br>xplatform: as it was<br>billing: as it was<br>smshall: as it was |"
    )


def test_page_shows_empty_cells():
    """What is not there is seen at once, in the row and in the overview."""
    text = page(filled()[1:])
    assert (
        "| [success](2.1.md) | every step is done | 每一步都完成 | **empty** | | |" in text,
        "| [2.1](#21) | 0/1 | 16/16 | 4/4 |" in text,
    ) == (
        True,
        True,
    )


# ---- the command -----------------------------------------------------------------------------------------------------


def test_command_lists_cells(tmp_path):
    """The cells of a section, and whether the file has them; exit 1 while one is empty."""
    (tmp_path / "matrix.toml").write_text(CELL, encoding="utf-8")
    ended = CliRunner().invoke(main, ["flows", "matrix", "4.1.1", "--matrix", str(tmp_path / "matrix.toml")])
    there = [line.split()[1] for line in ended.output.splitlines() if line.startswith("there")]
    assert (ended.exit_code, len(ended.output.splitlines()), there) == (1, 9, ["4.1.1/refused:2b"])


def test_command_without_a_file(tmp_path):
    """A file that cannot be read is a matter of usage."""
    assert CliRunner().invoke(main, ["flows", "matrix", "--matrix", str(tmp_path / "none.toml")]).exit_code == 2
