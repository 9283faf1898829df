"""Wrong answers of partners in the simulation: which there are, that they follow from the seed, and that the gateway lives with each."""

from __future__ import annotations

from random import Random

import pytest

from gateway.sim.misanswers import MISANSWERS, id_of, misanswers, rule_of
from gateway.sim.storm import Trouble
from stubs.faults.catalogue import FAULTS

ROLES = [("jiangxi", "ocs"), ("group", "xplatform")]
LEFT_OUT = {"handled-twice", "callback-never"}
"""What no gateway can make good."""


def test_every_fault_that_a_gateway_can_live_with_is_played():
    """The catalogue's, but for those that no gateway can make good."""
    assert {str(rule["fault"]) for rule in MISANSWERS.values()} == FAULTS.keys() - LEFT_OUT


def test_plan_follows_from_the_seed():
    """The same seed, the same troubles; among many seeds every word comes."""
    assert misanswers(Random("1"), 60, ROLES) == misanswers(Random("1"), 60, ROLES)
    planned = [one for seed in range(400) for one in misanswers(Random(f"{seed}"), 60, ROLES)]
    assert {one.detail.split()[0] for one in planned} == MISANSWERS.keys()
    assert {tuple(one.whom.split("/")) for one in planned} == set(ROLES)


@pytest.mark.parametrize("word", MISANSWERS)
def test_trouble_is_a_rule(word):
    """For its party, with its share and seed, under an id by which it is taken away again."""
    trouble = Trouble("answers", "jiangxi/ocs", 3.25, 1.0, f"{word} 0.5 7")
    rule = rule_of(trouble)
    assert (rule.role, rule.share, rule.seed, rule.id) == ("ocs", 0.5, 7, id_of(trouble))


def test_wrong_answers_break_no_promise(play, monkeypatch):
    """Nothing but wrong answers, from every party, all the time: what was promised holds, and some of them did happen."""
    words = iter(list(MISANSWERS) * 3)

    def all_the_time(chance, length, roles):
        return [Trouble("answers", f"{place}/{role}", 0.0, length, f"{next(words)} 0.5 {n}") for n, (place, role) in enumerate(roles)]

    monkeypatch.setattr("gateway.sim.world.misanswers", all_the_time)
    outcomes = [play(seed) for seed in range(2)]
    assert [str(one) for outcome in outcomes for one in outcome.violations] == []
    assert sum(outcome.faults[word] for outcome in outcomes for word in MISANSWERS) > len(MISANSWERS)
