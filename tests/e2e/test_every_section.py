"""Each section of the user's document between separate processes: begun with Zeep, every step of the seed seen, once and in order.

What was done and seen is written to build/flows-coverage.json; `vsopgw flows coverage` reads it.
"""

from __future__ import annotations

import pytest

from gateway.cli.cases import CASES
from gateway.flows.sections import SECTIONS
from gateway.ladders.cases import rows

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def played(lab):
    """Plays the case of a section when it is first asked for."""
    cases = {}

    def play(section):
        if section not in cases:
            case = CASES[section](lab.player)
            assert case.refused is None, case.refused
            lab.player.settled(case)
            cases[section] = case
        return cases[section]

    return play


@pytest.mark.parametrize("section", CASES)
def test_every_step_of_the_seed_is_seen(lab, played, covered, section):
    """The ladder over both tiers and all partners has each numbered step of its section, once, in order, done."""
    case = played(section)
    problems = lab.player.missing(case)
    done = {row["number"] for row in rows(case.legs, lab.player.witness(case)) if row["state"] == "done" and row["at"]}
    covered(section, done & set(SECTIONS[section].numbers))
    assert problems == []


@pytest.mark.parametrize("section", CASES)
def test_every_leg_ends_well(played, section):
    """Each tier and each delivery of a case ended with success."""
    assert {(leg["state"], leg["code"]) for leg in played(section).legs} == {("10F", 0)}


def test_every_section_of_the_seed_is_played():
    """None is left out."""
    assert list(CASES) == [section.id for section in SECTIONS.values() if section.in_seed]
