"""kill -9 of each tier at every edge of every section: what was accepted ends once, and leaves what it leaves when nothing happens.

KILL_SHARE says which part of all edges is swept: "all", or PART/OF. KILL_ONLY=CASE/EDGE repeats one.
"""

from __future__ import annotations

import os

import pytest
from killcases import CASES
from killsweep import Figures, Share, Sweep, SweepLab
from nursery import Nursery

from gateway.flows.sections import SECTIONS

pytestmark = pytest.mark.e2e

PARTS = {"sqlite": 3}
"""In how many parts a store's sweep is done, one each day: so that it costs what a push may cost."""
ONLY_CASE, _, ONLY_EDGE = os.environ.get("KILL_ONLY", "").partition("/")


@pytest.fixture(scope="module", params=PARTS)
def sweep(request, tmp_path_factory, figures):
    """A lab on one store, whose gateways are killed; the figures are printed at the end of the tests."""
    store = request.param
    directory = tmp_path_factory.mktemp(f"kill-{store}")
    share, counted = Share.asked(PARTS[store]), Figures()
    nursery = Nursery(directory)
    lab = SweepLab(directory, nursery)
    try:
        lab.start()
        yield Sweep(lab, share, counted)
    finally:
        lab.stop()
        nursery.close()
        figures.append(f"kill sweep, {store}, KILL_SHARE={share}: {counted}")


@pytest.mark.parametrize("case", [c for c in CASES if not ONLY_CASE or c.name == ONLY_CASE], ids=lambda case: case.name)
def test_nothing_is_lost_or_doubled(sweep, case):
    """After each kill the case ends as without it: the same rows in all ledgers, the same states at both tiers."""
    problems = sweep.case(case, ONLY_EDGE)
    assert not problems, "\n".join(problems)
