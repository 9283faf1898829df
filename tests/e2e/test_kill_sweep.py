"""kill -9 of each tier at every edge of every section: what was accepted ends once, and leaves what it leaves when nothing happens.

KILL_SHARE says which part of all edges is swept: "all", or PART/OF. KILL_ONLY=CASE/EDGE repeats one.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from killcases import CASES
from killlab import GATEWAYS, SweepLab
from killsweep import Figures, Share, Sweep
from nursery import Nursery

from gateway.flows.sections import SECTIONS

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.e2e

PARTS = {"sqlite": 12, "postgres": 20}
"""In how many parts a store's sweep is done, one each day: so that it costs what a push may cost."""
ONLY_CASE, _, ONLY_EDGE = os.environ.get("KILL_ONLY", "").partition("/")


@pytest.fixture(scope="module", params=PARTS)
def sweep(request, tmp_path_factory, figures):
    """A lab on one store, whose gateways are killed; the figures are printed at the end of the tests."""
    store = request.param
    directory = tmp_path_factory.mktemp(f"kill-{store}")
    share, counted = Share.asked(PARTS[store]), Figures()
    databases = {}
    if store == "postgres":
        cluster = request.getfixturevalue("cluster")
        databases = {name: cluster.create() for name in GATEWAYS}
    nursery = Nursery(directory)
    lab = SweepLab(directory, nursery, databases)
    try:
        lab.start()
        yield Sweep(lab, share, counted)
    finally:
        lab.stop()
        nursery.close()
        for url in databases.values():
            cluster.drop(url)
        figures.append(f"kill sweep, {store}, KILL_SHARE={share}: {counted}")


@pytest.mark.parametrize("case", [c for c in CASES if not ONLY_CASE or c.name == ONLY_CASE], ids=lambda case: case.name)
def test_nothing_is_lost_or_doubled(sweep, case):
    """After each kill the case ends as without it: the same rows in all ledgers, the same states at both tiers."""
    problems = sweep.case(case, ONLY_EDGE)
    assert not problems, "\n".join(problems)


# ---- the sweep leaves nothing out --------------------------------------------------------------------------------------


def test_every_section_is_swept():
    """The operator's document has no section that no case plays."""
    assert {case.section for case in CASES} == set(SECTIONS)


@pytest.fixture
def all_cases(sweep):
    """The sweep, once every case of it was played."""
    if sweep.figures.cases != {case.name for case in CASES}:
        pytest.skip("not every case was played in this run")
    return sweep.figures


def test_every_moment_is_reached(all_cases):
    """The engine and the failpoints tell no edge that no case comes to."""
    sources = [ROOT / "gateway/engine/engine.py", ROOT / "gateway/runtime/failpoints.py"]
    told = {moment for file in sources for moment in re.findall(r'(?:boundary|_reached)\("([a-z-]+)"', file.read_text())}
    assert all_cases.moments == told


def test_every_step_is_reached(all_cases):
    """The flows have no step that leaves, or waits for a message, to which no case comes."""
    names = {name for file in (ROOT / "gateway/flows").glob("*.py") for name in _step_names(ast.parse(file.read_text()))}
    missed = {name for name in names if not any(re.fullmatch(name, step) for step in all_cases.steps)}
    assert (len(names) > 10, missed) == (True, set())


def _step_names(tree: ast.Module) -> Iterator[str]:
    """Give the names of the steps of one module as patterns; a constant or a function of this module names some of them."""
    known = {target.id: node.value for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
             if isinstance(target, ast.Name)}  # fmt: skip
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
            known |= dict.fromkeys([node.name], returned[-1]) if returned else {}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("ask", "tell", "expect"):
            name = call.args[1]
            called = name.func if isinstance(name, ast.Call) else name
            if isinstance(called, ast.Name):
                name = known.get(called.id)  # what another module names is found there
            if isinstance(name, ast.Constant):
                yield re.escape(str(name.value))
            elif isinstance(name, ast.JoinedStr):
                yield "".join(re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+" for v in name.values)
