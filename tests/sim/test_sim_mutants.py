"""Bugs made on purpose are found within few seeds, and a seed that has found one finds it again."""

from __future__ import annotations

import pytest
from mutants import MUTANTS

MOST = 60
"""Seeds within which each of them shows."""
SHOWS = {
    "commit_after_answer": {"INV-1"},
    "void_before_confirm": {"INV-9"},
    "retry_of_a_permanent_failure": {"INV-2"},
    "no_duplicate_check": {"INV-3"},
    "lease_without_fencing": {"INV-15"},
}
"""By which invariants."""
SEVERAL = {"lease_without_fencing": 2}
"""Processes that a mutant needs, where one is not enough."""


def violations(play, name, seed):
    """What a seed shows of what its mutant breaks."""
    found = play(seed, processes=SEVERAL.get(name, 0)).violations
    return [str(one) for one in found if one.invariant in SHOWS[name]]


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_found(play, monkeypatch, name):
    """Each bug breaks its invariant within a small range of seeds, again when that seed is replayed, and not where the bug is not."""
    with monkeypatch.context() as bug:
        MUTANTS[name](bug)
        found = ((seed, violations(play, name, seed)) for seed in range(MOST))
        seed, first = next((each for each in found if each[1]), (None, []))
        again = violations(play, name, seed)
    assert first
    assert (again, violations(play, name, seed)) == (first, [])


def test_five_of_them():
    """All that the guarantees name."""
    assert set(MUTANTS) == set(SHOWS)
