"""The matrix of tests: section x {success, a refusal at each step that decides, each partner away}.

Which cells there must be follows from the flows. How each of them is provoked, how it ends and what it leaves on every system stands in
a TOML file (tests/e2e/matrix.toml), a table of a section's array for each: the test reads its values from there, and
docs/flows/matrix.md is made from it.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gateway.cli.flow_walk import Row, party_names, walk
from gateway.cli.flow_words import Words, same
from gateway.flows.registry import SECTION_FLOW
from gateway.flows.sections import OURS, SECTIONS
from gateway.flows.seed import SEED


class CellKind(StrEnum):
    """What a cell tells: how a case ends as the seed says, or otherwise."""

    SUCCESS = "success"
    REFUSED = "refused"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Required:
    """A cell that there must be."""

    id: str
    section: str
    kind: CellKind
    what: Words
    """What happens, in words."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A cell as the file has it."""

    section: str
    cell: str
    provoke: str
    """How it is made to happen."""
    outcome: str
    """How the case ends: refused and a code for what is not taken at all, else state and code, such as 10E 6001."""
    state: Mapping[str, str]
    """What is left, by system."""

    @property
    def id(self) -> str:
        """Name it."""
        return f"{self.section}/{self.cell}"


class MatrixMistakes(Exception):
    """The file is not of the expected form; each mistake is a line."""


def systems(section: str) -> tuple[str, ...]:
    """List the kinds of systems that a section may change; who is only asked, such as OCS by an order, keeps nothing of it."""
    walked = walk(section)
    changed = {party for row in walked.rows if row.text != _QUESTION for party in (row.sender, row.receiver)}
    return tuple(party for party in walked.parties if party in changed and party not in _PERSONS)


def required_cells() -> dict[str, list[Required]]:
    """List, by section in the seed's order, every cell that there must be."""
    return {section.id: _of_section(section.id) for section in SEED if section.id in SECTION_FLOW}


_QUESTION = same("feeCheck")
_PERSONS = ("user",)


def _of_section(section: str) -> list[Required]:
    walked = walk(section)
    names = party_names(walked.section)

    def cell(kind: CellKind, at: str, what: Words) -> Required:
        return Required(f"{section}/{kind}{':' if at else ''}{at}", section, kind, what)

    cells = [cell(CellKind.SUCCESS, "", Words("每一步都完成", "every step is done"))]
    deciding = [row for row in walked.rows if row.decides]
    for number in dict.fromkeys(row.number.removeprefix(OURS) for row in deciding):
        rows = [row for row in deciding if row.number.removeprefix(OURS) == number]
        cells.append(cell(CellKind.REFUSED, number, _refusal(rows, names)))
    home = walked.said[0].receiver  # where the case begins: it is nobody's partner there
    for party in dict.fromkeys(row.receiver for row in walked.rows if row.calls and row.receiver != home):
        what = Words(f"{names[party].zh}暂时没有应答", f"{names[party].en} gives no answer for a while")
        cells.append(cell(CellKind.AWAY, party, what))
    return cells


def _refusal(rows: list[Row], names: Mapping[str, Words]) -> Words:
    """Say who refuses what; whoever does of those who decide in one step."""
    who = [names[row.sender if row.result else row.receiver] for row in rows]
    zh, en = (dict.fromkeys(texts) for texts in zip(*((words.zh, words.en) for words in who), strict=True))
    acts = dict.fromkeys(row.text.zh if row.own else row.text.en.removesuffix(" result") for row in rows)
    acts_en = dict.fromkeys(row.text.en.removesuffix(" result") for row in rows)
    return Words(f"{'或'.join(zh)}拒绝: {', '.join(acts)}", f"{' or '.join(en)} refuses: {', '.join(acts_en)}")


# ---- the file --------------------------------------------------------------------------------------------------------

UNKNOWN = "?"
"""Stands for an outcome that nobody has looked at yet."""


def read_matrix(path: Path) -> tuple[MatrixCell, ...]:
    """Read the file; raises MatrixMistakes that names every cell that is not of the expected form. More fields are the test's."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MatrixMistakes(f"{path}: {error}") from None
    wrong = [
        f"{path.name}: {key}: expected an array of tables" for key, rows in tables.items() if not isinstance(rows, list)
    ]
    cells = []
    for section, table in (
        (section, table) for section, rows in tables.items() if isinstance(rows, list) for table in rows
    ):
        unfit = [name for name, kind in _FIELDS.items() if not isinstance(table.get(name), kind)]
        if unfit:
            wrong.append(f"{path.name}: {section}/{table.get('cell')}: {', '.join(unfit)} missing or of the wrong kind")
        else:
            state = {system: str(left) for system, left in table["state"].items()}
            cells.append(MatrixCell(section, table["cell"], table["provoke"], table["outcome"], state))
    if wrong:
        raise MatrixMistakes("\n".join(wrong))
    return tuple(cells)


_FIELDS = {"cell": str, "provoke": str, "outcome": str, "state": dict}


def mistakes(cells: tuple[MatrixCell, ...]) -> dict[str, list[str]]:
    """Name, by section, what is missing or too much; an empty cell is a mistake."""
    wanted = {cell.id: cell for cells_of in required_cells().values() for cell in cells_of}
    found: dict[str, list[str]] = {cell.section: [] for cell in wanted.values()}
    times = Counter(cell.id for cell in cells)
    for cell in wanted.values():
        if cell.id not in times:
            found[cell.section].append(f"the matrix has no cell {cell.id}: {cell.what.en}")
    for given in cells:
        wrong = found.setdefault(given.section, [])
        if given.id not in wanted:
            wrong.append(f"the matrix has a cell {given.id}, which nothing asks for")
            continue
        if times[given.id] > 1:
            wrong.append(f"the matrix has cell {given.id} {times[given.id]} times")
        wrong += _empty(given)
    return found


def _empty(cell: MatrixCell) -> list[str]:
    """Say what a cell leaves open, and of whom it speaks that takes no part."""
    told = {kind_of(system) for system in cell.state}
    wanted = systems(cell.section)
    # What is published in the whole country goes to VSOPs of both tiers.
    others = {"group"} if SECTIONS[cell.section].subject == "catalogue" else set()
    wrong = [f"cell {cell.id} has no outcome"] if cell.outcome in ("", UNKNOWN) else []
    wrong += [f"cell {cell.id} says nothing of {system}" for system in wanted if system not in told]
    wrong += [f"cell {cell.id} speaks of {system}, which takes no part" for system in sorted(told - {*wanted} - others)]
    return wrong + [
        f"cell {cell.id}: the state of {system} is empty" for system, left in cell.state.items() if not left
    ]


def kind_of(system: str) -> str:
    """Give the kind of a system that a cell tells apart from others of its kind: vsop:15 and other vsop are both a vsop."""
    return system.partition(":")[0].rpartition(" ")[2]


# ---- the page --------------------------------------------------------------------------------------------------------


def page(cells: tuple[MatrixCell, ...]) -> str:
    """Make docs/flows/matrix.md."""
    given = {cell.id: cell for cell in cells}
    sections = required_cells()
    lines = [
        "# What is proved of refusals and failures",
        "",
        "Made by `vsopgw flows render`: which cells there are follows from the flows, what is in them from",
        "[`matrix.toml`](../../tests/e2e/matrix.toml). Each is one case of [`test_matrix.py`](../../tests/e2e/test_matrix.py) between real",
        "processes, such as `pytest 'tests/e2e/test_matrix.py::test_cell[4.1.1/refused:2b]'`; it reads the state that is left on every",
        "system that takes part. *Refused* is a business refusal at a step that decides; *away* is a partner that gives no answer for a",
        "while, which may lose no case.",
        "",
        *_overview(sections, given),
    ]
    for section, wanted_cells in sections.items():
        lines += [
            "",
            f"## {section}",
            "",
            "| cell | what happens | 发生什么 | how | outcome | left |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_line(wanted, given.get(wanted.id)) for wanted in wanted_cells]
    return "\n".join(lines) + "\n"


def _overview(sections: Mapping[str, list[Required]], given: Mapping[str, MatrixCell]) -> list[str]:
    lines = ["| section | success | refused | away |", "|---|---|---|---|"]
    for section, wanted in sections.items():
        shown = []
        for kind in CellKind:
            ids = [cell.id for cell in wanted if cell.kind is kind]
            shown.append(f"{sum(cell_id in given for cell_id in ids)}/{len(ids)}")
        lines.append(f"| [{section}](#{section.replace('.', '')}) | {' | '.join(shown)} |")
    return lines


def _line(wanted: Required, cell: MatrixCell | None) -> str:
    name = f"[{wanted.id.partition('/')[2]}]({wanted.section}.md)"
    if cell is None:
        return f"| {name} | {wanted.what.en} | {wanted.what.zh} | **empty** | | |"
    left = "<br>".join(f"{system}: {state}" for system, state in cell.state.items())
    return f"| {name} | {wanted.what.en} | {wanted.what.zh} | {cell.provoke} | {cell.outcome} | {left} |"
